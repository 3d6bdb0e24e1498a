//! How long threads spin while they wait for each other.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::this_program;

/// Iterations of libgomp's waiting loop before a thread sleeps.
const SPIN_COUNT: &str = "5000";

/// Starts the program again with bounded spinning. Returns if the user has set how threads wait, or if the program cannot be started
/// again, which only makes it slower beside other programs.
///
/// libgomp's threads spin for milliseconds at the end of every operation. Beside another program that wants the processor, a thread
/// then spins away the time that the thread it waits for needs, and training takes up to fifteen times as long. libgomp reads the bound
/// when it is loaded, which is before `main`.
pub(crate) fn bound_spinning() {
    let is_set = |name: &&str| env::var_os(name).is_some();
    if ["GOMP_SPINCOUNT", "OMP_WAIT_POLICY"].iter().any(is_set) {
        return;
    }
    let mut arguments = env::args_os();
    let mut again = Command::new(this_program());
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // Returns only if it fails.
    let _ = again
        .args(arguments)
        .env("GOMP_SPINCOUNT", SPIN_COUNT)
        .exec();
}

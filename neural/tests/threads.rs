//! The number of threads, in a process of its own: it is a setting of the whole process.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use neural::ComputeConfig;

#[test]
fn the_default_stays_the_same_after_another_number_was_set() {
    let own = usize::try_from(tch::get_num_threads()).unwrap();
    let one = ComputeConfig {
        threads: 1,
        ..ComputeConfig::default()
    };
    one.apply().unwrap();
    assert_eq!(tch::get_num_threads(), 1);
    let default = ComputeConfig::default().resolve().threads;
    assert_eq!(default, own.min(harness::usable_cores()));
}

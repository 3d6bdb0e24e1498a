//! Ends the program if its working folder no longer exists, with a message that names the folder.
//!
//! The mathematical library inside libtorch asks for the working folder while it is loaded, which is before `main`. Without one it
//! ends the program, and says that a library cannot be loaded. Functions in the section `.preinit_array` run before that.

#![allow(
    unsafe_code,
    reason = "system calls before `main`, and a function that the loader calls"
)]

/// The longest path that Linux reports.
const MAX_PATH: usize = 4096;

// SAFETY: the loader calls each function of this section once. It passes arguments, which a C function may ignore.
#[used]
#[unsafe(link_section = ".preinit_array")]
static CHECK: extern "C" fn() = check;

/// Uses only system calls and the stack: neither Rust's standard library nor memory is ready.
extern "C" fn check() {
    let mut path = [0_u8; MAX_PATH];
    // SAFETY: the system writes at most MAX_PATH bytes.
    let is_there = unsafe { !libc::getcwd(path.as_mut_ptr().cast(), MAX_PATH).is_null() };
    if is_there {
        return;
    }
    let link = c"/proc/self/cwd".as_ptr();
    // SAFETY: as above. The kernel remembers the path and adds that it is deleted.
    let length = unsafe { libc::readlink(link, path.as_mut_ptr().cast(), MAX_PATH) };
    let length = usize::try_from(length).unwrap_or(0);
    complain(b"error: the working folder cannot be used: ");
    complain(&path[..length]);
    complain(b"; change to a folder that exists\n");
    // SAFETY: it may be called at any time.
    unsafe { libc::_exit(1) }
}

/// Writes to standard error; a failure is ignored.
fn complain(text: &[u8]) {
    // SAFETY: the text is as long as it says.
    let _ = unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
}

//! Notes that a test is skipped. The test framework of Rust knows no skipped tests: a test that returns early counts as passed,
//! and its output is hidden. So each skipped test appends a line to the file that `ERAS_SKIPPED` names; `scripts/test` sets that
//! variable, lists the lines, and compares them with `scripts/allowed-skips.txt`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::thread;

/// Notes that the running test is skipped, and why; the test returns afterwards.
///
/// # Panics
/// If the file that `ERAS_SKIPPED` names cannot be written: a skip must not be lost.
pub fn skip(reason: &str) {
    let name = test_name();
    #[allow(clippy::print_stdout, reason = "shown by `cargo test -- --nocapture`")]
    {
        println!("skipped: {name}: {reason}");
    }
    if let Some(file) = std::env::var_os("ERAS_SKIPPED") {
        let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
        if let Err(error) = append(&file, &line(&package, &name, reason)) {
            panic!("cannot write {}: {error}", file.display());
        }
    }
}

/// The name of the test that runs on this thread. The framework names its threads by their tests; with a single test thread it
/// uses the main thread instead.
fn test_name() -> String {
    thread::current().name().unwrap_or("main").to_owned()
}

/// Crate, test and reason, separated by tabs.
fn line(package: &str, test: &str, reason: &str) -> String {
    let words: Vec<&str> = reason.split_whitespace().collect();
    format!("{package}\t{test}\t{}\n", words.join(" "))
}

/// Appends a line. It is written with one call, so lines of several threads and processes do not mix.
fn append(file: &OsStr, line: &str) -> io::Result<()> {
    let mut file = File::options().append(true).create(true).open(file)?;
    file.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_that_of_this_test() {
        // One test thread is the main thread; scripts/test uses at least two.
        let names = ["tests::the_name_is_that_of_this_test", "main"];
        assert!(names.contains(&&*test_name()), "{}", test_name());
    }

    #[test]
    fn lines_are_appended_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("skipped");
        for reason in ["no GPU", "two\nlines\tand a tab"] {
            append(file.as_os_str(), &line("cli", "a_test", reason)).unwrap();
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let expected = "cli\ta_test\tno GPU\ncli\ta_test\ttwo lines and a tab\n";
        assert_eq!(text, expected);
        assert!(append(folder.path().as_os_str(), "x").is_err());
    }
}

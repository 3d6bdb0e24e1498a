//! Memory grows with the number of types, not with the text. In a file of its own, because it measures the whole process.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use corpus::{Corpus, Error, OnExisting, Result, Settings, Source, SplitRule, Watch, prepare};

/// Tokens of the short text: enough to nearly fill all read-ahead buffers, a dozen megabytes.
const SHORT: usize = 1_500_000;
/// Length of the long text relative to the short one.
const TIMES: usize = 16;

/// Peak resident memory of this process so far in megabytes; Linux only.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes >> 10)
}

/// Writes lines of twenty tokens of 50,000 types. Buffered, because memory that the test itself uses would count, too.
fn write_text(path: &Path, tokens: usize) {
    let mut file = BufWriter::new(File::create(path).unwrap());
    for first in (0..tokens).step_by(20) {
        for token in first..first + 20 {
            write!(file, "{:x} ", token % 50_000).unwrap();
        }
        writeln!(file).unwrap();
    }
    file.flush().unwrap();
}

/// Prepares on one thread, so that memory does not depend on the number of processors.
fn prepare_on_one_thread(path: &Path, target: &Path) -> Result<Corpus> {
    let source = Source::find(path.to_str().unwrap()).unwrap();
    let settings = Settings {
        split: SplitRule::None,
        ..Settings::default()
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let watch = || Watch::silent();
    pool.install(|| prepare(&source, target, &settings, OnExisting::Refuse, &mut watch()))
}

#[test]
fn memory_does_not_grow_with_the_text() {
    let Some(start) = peak() else {
        test_skips::skip("this system does not report the memory in use");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_text(&at("short.txt"), SHORT);
    write_text(&at("long.txt"), TIMES * SHORT);
    prepare_on_one_thread(&at("short.txt"), &at("short")).unwrap();
    let short = peak().unwrap();
    prepare_on_one_thread(&at("long.txt"), &at("long")).unwrap();
    let long = peak().unwrap();
    // Half of the memory that the ids of the long text would take, at four bytes each; buffers still to be filled take a
    // third of this bound.
    let bound = (2 * (TIMES - 1) * SHORT) as u64 >> 20;
    assert!(long < short + bound, "{start}, {short}, {long} MB");

    // A line that is too long is rejected without being read completely.
    let mut file = File::create(at("line.txt")).unwrap();
    for _ in 0..200 {
        file.write_all(&[b'a'; 1_000_000]).unwrap();
    }
    let error = prepare_on_one_thread(&at("line.txt"), &at("line")).unwrap_err();
    assert!(
        matches!(error, Error::LineTooLong { line: 1, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("longer than"), "{error}");
    let line = peak().unwrap();
    // At most 64 MiB of the line are read; it is three times as long.
    assert!(line < long + 100, "{long}, {line} MB");
    assert!(!at("line").exists());
}

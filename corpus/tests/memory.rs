//! Memory grows with the number of types, not with the text. Alone in its file, since it measures the whole process.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use corpus::{Corpus, Error, OnExisting, Result, Settings, Source, SplitRule, Watch, prepare};

/// Largest resident memory of this process so far in megabytes, where Linux tells it.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes >> 10)
}

/// Prepares on one thread, so that the number of processors does not matter.
fn prepare_alone(path: &Path, target: &Path) -> Result<Corpus> {
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
        println!("skipped: this system does not tell the memory in use");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let words: String = (0..50_000).map(|n| format!("word{n} ")).collect();
    let text = words.replace("9 ", "9\n") + "\n";
    let copies = (16 << 20) / text.len();
    fs::write(at("short.txt"), text.repeat(copies)).unwrap();
    fs::write(at("long.txt"), text.repeat(4 * copies)).unwrap();
    // The strings above count too; what is compared comes after them.
    drop((words, text));
    prepare_alone(&at("short.txt"), &at("short")).unwrap();
    let short = peak().unwrap();
    prepare_alone(&at("long.txt"), &at("long")).unwrap();
    let long = peak().unwrap();
    // The text is 48 MB longer.
    assert!(long < short + 24, "{start}, {short}, {long} MB");

    // A line that is too long is refused without being read whole.
    let mut file = File::create(at("line.txt")).unwrap();
    for _ in 0..200 {
        file.write_all(&[b'a'; 1_000_000]).unwrap();
    }
    let error = prepare_alone(&at("line.txt"), &at("line")).unwrap_err();
    assert!(
        matches!(error, Error::LineTooLong { line: 1, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("fold -s"), "{error}");
    let line = peak().unwrap();
    assert!(line < long + 150, "{long}, {line} MB");
    assert!(!at("line").exists());
}

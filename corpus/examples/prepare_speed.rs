//! Speed of preparing a corpus: the command behind `bench/corpus/README.md`.
//!
//! ```text
//! cargo run --release -p corpus --example prepare_speed -- SOURCE TOKENS [lower] [RUNS]
//! ```
//!
//! Prepares `SOURCE` `RUNS` times in a temporary folder (in `TMPDIR`), with a random split and no limit on the vocabulary.
//! For each run, prints the megabytes (10^6 bytes) of unpacked text per second of the whole [`corpus::prepare`], the
//! seconds of its phases, and the peak resident memory so far.
#![allow(clippy::print_stdout, reason = "the purpose of this program")]

use std::error::Error;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use corpus::{Case, OnExisting, Settings, Source, SplitRule, Step, Watch, prepare};

const USAGE: &str = "usage: prepare_speed SOURCE TOKENS [lower] [RUNS]";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let runs = match arguments.last().and_then(|last| last.parse::<usize>().ok()) {
        Some(runs) => {
            arguments.pop();
            runs
        }
        None => 1,
    };
    let (source, tokens, case) = match arguments.as_slice() {
        [source, tokens] => (source, tokens, Case::Keep),
        [source, tokens, lower] if lower == "lower" => (source, tokens, Case::Lower),
        _ => return Err(USAGE.into()),
    };
    let source = Source::find(source)?;
    let settings = Settings {
        tokens: tokens.parse()?,
        case,
        split: SplitRule::Random,
        ..Settings::default()
    };
    let folder = tempfile::tempdir()?;
    for _ in 0..runs {
        measure(&source, &settings, &folder.path().join("corpus"))?;
    }
    Ok(())
}

/// Prepares once and prints a line.
fn measure(source: &Source, settings: &Settings, folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut phases: Vec<(&'static str, Instant)> = Vec::new();
    let mut observe = |step: Step| {
        if phases.last().is_none_or(|&(what, _)| what != step.what) {
            phases.push((step.what, Instant::now()));
        }
        ControlFlow::Continue(())
    };
    let watch = &mut Watch::new(&mut observe);
    let start = Instant::now();
    let corpus = prepare(source, folder, settings, OnExisting::Replace, watch)?;
    let end = Instant::now();
    let bytes: u64 = corpus.record.splits.values().map(|split| split.bytes).sum();
    let tokens: u64 = corpus
        .record
        .splits
        .values()
        .map(|split| split.tokens)
        .sum();
    let seconds = (end - start).as_secs_f64();
    print!(
        "{:.1} MB/s: {:.1} MB, {tokens} tokens, {} types in {seconds:.2} s",
        bytes as f64 / 1e6 / seconds,
        bytes as f64 / 1e6,
        corpus.record.vocabulary.types_in_train,
    );
    let ends = phases.iter().skip(1).map(|&(_, begin)| begin).chain([end]);
    for (&(what, begin), end) in phases.iter().zip(ends) {
        print!(", {what} {:.2}", (end - begin).as_secs_f64());
    }
    println!("; peak {} MB", peak_memory().unwrap_or(0) / 1_000_000);
    Ok(())
}

/// Peak resident memory of this process in bytes; Linux only.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

//! Begins a run: its corpus, entries and tests, and what it leaves out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use corpus::{Corpus, Split};
use harness::{
    Budget, CorpusRecord, Entry, Machine, RECORD_FORMAT, Run, RunRecord, Tests, Track,
    estimate_seconds, evaluators, share_time,
};

use eras_list::ERAS;

use super::side_by_side::{Jobs, is_network};
use crate::args::RunOptions;
use crate::networks::require_device;
use crate::output::usage;
use crate::test_evaluations::now;
use crate::tests::{minimal_pairs, word_tests};
use crate::{choice, corpora, recorded, runs, settings};

pub(super) fn begin(workspace: &Path, options: &RunOptions) -> anyhow::Result<Run> {
    let mut entries = choice::entries_of_run(&options.eras)?;
    // Read before anything is written, so that mistakes show at once.
    let device = options.device.as_deref().unwrap_or("cpu");
    if options.deterministic && device != "cpu" {
        return Err(usage(format!(
            "--deterministic and --device {device} exclude each other: the order of sums on a GPU is not reproducible"
        )));
    }
    require_device(device)?;
    minimal_pairs(options.minimal_pairs.as_deref())?;
    word_tests(&options.word_tests)?;
    let name = options.name.as_deref();
    let named = name
        .map(|name| runs::new_run(workspace, name))
        .transpose()?;
    let corpus = corpora::open(workspace, options.corpus.as_deref())?;
    let minimal_pairs = pairs_for(workspace, &corpus, options.minimal_pairs.as_deref())?;
    let word_tests = words_for(workspace, &corpus, &options.word_tests)?;
    entries.retain(|entry| match entry.id().track {
        Track::Words => !word_tests.is_empty(),
        _ => entry.unsuited(&corpus).is_none(),
    });
    if entries.is_empty() {
        return Err(usage(format!(
            "{}: none of these entries can be evaluated on it: the oracle needs the village, word vectors need \
             --word-tests, translators need sentence pairs, and dialogue models need dialogues",
            corpus.name()
        )));
    }
    corpus
        .split(Split::Test)
        .with_context(|| format!("{} cannot be used to compare models", corpus.name()))?;
    let budget = match options.time {
        Some(total) => shared(total, options, &entries, &corpus),
        None => options.budget,
    };
    corpora::warn_of_small_splits(&corpus);
    let now = now();
    let stamp: String = now.chars().filter(char::is_ascii_alphanumeric).collect();
    let folder = options.out.clone().or(named);
    let folder = folder.unwrap_or_else(|| {
        free(
            &runs::folder(workspace),
            &format!("{}-{stamp}", corpus.name()),
        )
    });
    let record = RunRecord {
        format: RECORD_FORMAT,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: now,
        budget,
        preset: options.preset.clone(),
        settings: options.settings.clone(),
        seed: options.seed,
        device: device.to_owned(),
        deterministic: options.deterministic,
        scaling: options.scaling,
        jobs: options.jobs,
        skipped: skipped(&Tests {
            corpus: &corpus,
            minimal_pairs: minimal_pairs.is_some(),
            word_tests: !word_tests.is_empty(),
        }),
        minimal_pairs,
        word_tests,
        corpus: describe(workspace, &corpus)?,
        machine: Machine::this(),
        eras: ERAS.records(),
        entries: entries.iter().map(|entry| entry.id()).collect(),
    };
    settings::check_run(&record, &entries)?;
    Ok(Run::create(&folder, record)?)
}

/// The budget of each entry in a run of a total time.
fn shared(
    total: Duration,
    options: &RunOptions,
    entries: &[&dyn Entry],
    corpus: &Corpus,
) -> Budget {
    let record = &corpus.record;
    let train = record.splits.get(&Split::Train);
    let tokens = train.map_or(0, |train| train.tokens);
    let (mut others, mut networks, mut alone) = (0.0, 0, 0);
    for entry in entries {
        if is_network(*entry) {
            networks += 1;
        } else if entry.fills_time_budget() {
            alone += 1;
        } else {
            others += estimate_seconds(*entry, tokens, record.vocabulary.size);
        }
    }
    let device = options.device.as_deref().unwrap_or("cpu");
    let jobs = Jobs::of(device, &options.settings, networks, options.jobs);
    share_time(total, others, alone + networks.div_ceil(jobs.count))
}

/// Continues a run, on the device where it began or on another.
pub(super) fn resume(folder: &Path, device: Option<&str>) -> anyhow::Result<Run> {
    let mut run = Run::resume(folder)?;
    let device = device.unwrap_or(&run.record.device).to_owned();
    let is_elsewhere = device != run.record.device;
    require_device(&device).map_err(|error| match is_elsewhere {
        true => error,
        false => usage(format!(
            "{error}; the run began on this device; continue it on the CPU with --device cpu"
        )),
    })?;
    if is_elsewhere {
        run.compute_on(device)?;
    }
    Ok(run)
}

/// The minimal pairs that were asked for, or else those of the corpus, as the record has them.
fn pairs_for(
    workspace: &Path,
    corpus: &Corpus,
    given: Option<&Path>,
) -> anyhow::Result<Option<String>> {
    let own = || corpus.test_file(village::MINIMAL_PAIRS);
    let path = given.map(Path::to_path_buf).or_else(own);
    path.map(|path| recorded::record(workspace, &path))
        .transpose()
}

/// The tests of word vectors that were asked for, or else those of the corpus, as the record has them.
fn words_for(workspace: &Path, corpus: &Corpus, given: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let own = [village::ANALOGIES, village::SIMILARITIES].into_iter();
    let paths: Vec<PathBuf> = match given.is_empty() {
        true => own.filter_map(|name| corpus.test_file(name)).collect(),
        false => given.to_vec(),
    };
    let recorded = paths.iter().map(|path| recorded::record(workspace, path));
    recorded.collect()
}

/// A folder that does not exist yet: two runs may begin in the same second.
fn free(runs: &Path, name: &str) -> PathBuf {
    let numbered = (2..).map(|number| runs.join(format!("{name}-{number}")));
    let mut candidates = std::iter::once(runs.join(name)).chain(numbered);
    candidates
        .find(|path| !path.exists())
        .unwrap_or_else(|| runs.join(name))
}

fn describe(workspace: &Path, corpus: &Corpus) -> anyhow::Result<CorpusRecord> {
    let record = &corpus.record;
    let lossless = record
        .splits
        .get(&Split::Test)
        .is_some_and(|test| test.lossless);
    Ok(CorpusRecord {
        name: record.name.clone(),
        folder: recorded::record(workspace, corpus.folder())?,
        tokenizer: record.settings.tokenizer_name(),
        vocabulary: record.vocabulary.size,
        vocab_checksum: corpus.vocab_checksum(),
        content_checksum: corpus.content_checksum(),
        tokens: record
            .splits
            .iter()
            .map(|(split, record)| (split.name().to_owned(), record.tokens))
            .collect(),
        bits_per_byte: match lossless {
            true => "comparable".to_owned(),
            false => "not comparable: the tokenizer is not lossless".to_owned(),
        },
    })
}

/// Why parts of the report are missing.
fn skipped(tests: &Tests<'_>) -> Vec<String> {
    let reasons = evaluators().into_iter();
    reasons.filter_map(|track| track.missing(tests)).collect()
}

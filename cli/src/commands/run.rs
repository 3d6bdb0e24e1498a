//! `eras run`: every entry trained, judged and written down, one after the other.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use corpus::{Codec, Corpus, MinimalPair, Split};
use harness::{
    Breakdown, BreakdownRow, Comparison, CorpusRecord, Cost, CurvePoint, EntryFolder, EntryRecord,
    Machine, ModelCard, RECORD_FORMAT, Run, RunRecord, Sample, Sampling, State, TestSet, Track,
    Training, breakdowns, cells, compare, peak_memory, read_entry_records, reset_peak_memory,
};

use serde_json::{Value, json};

use crate::args::RunOptions;
use crate::commands::train::validation_sample;
use crate::corpora;
use crate::eras::{self, Config, Entry, Model, Place};
use crate::evaluation::{HEADER, fault, grammar, judge, minimal_pairs, row, subject};
use crate::output::{complain, say, say_json, table, usage};
use crate::progress::{Bar, check};
use crate::settings::Overrides;

pub(crate) fn run(workspace: &Path, options: RunOptions) -> anyhow::Result<()> {
    let run = match &options.resume {
        Some(folder) => Run::resume(folder)?,
        None => begin(workspace, &options)?,
    };
    let stage = Stage::open(run)?;
    let failures = stage.run_entries()?;
    let page = stage.conclude()?;
    stage.summarise(&page, options.json)?;
    match failures.as_slice() {
        [] => Ok(()),
        failures => anyhow::bail!(
            "{} of {} entries failed: {}",
            failures.len(),
            stage.entries().len(),
            failures.join("; ")
        ),
    }
}

fn begin(workspace: &Path, options: &RunOptions) -> anyhow::Result<Run> {
    let mut entries = Entry::chosen(&options.eras)?;
    // Read before anything is made, so that a mistake costs nothing.
    minimal_pairs(options.minimal_pairs.as_deref())?;
    let corpus = corpora::open(workspace, options.corpus.as_deref())?;
    entries.retain(|entry| entry.predicts() && entry.fits(&corpus));
    if entries.is_empty() {
        return Err(usage(format!(
            "{}: none of these predicts its text: no oracle knows this corpus, and word vectors are asked by `eras words`",
            corpus.name()
        )));
    }
    let minimal_pairs = pairs_for(&corpus, options.minimal_pairs.as_deref());
    corpus
        .split(Split::Test)
        .with_context(|| format!("{} cannot be used to compare models", corpus.name()))?;
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let stamp: String = now.chars().filter(char::is_ascii_alphanumeric).collect();
    let folder = options.out.clone();
    let folder = folder.unwrap_or_else(|| {
        free(
            &workspace.join("runs"),
            &format!("{}-{stamp}", corpus.name()),
        )
    });
    let record = RunRecord {
        format: RECORD_FORMAT,
        eras: env!("CARGO_PKG_VERSION").to_owned(),
        started: now,
        budget: options.budget,
        seed: options.seed,
        skipped: skipped(&corpus, minimal_pairs.is_some()),
        minimal_pairs,
        corpus: describe(&corpus)?,
        machine: Machine::this(),
        entries: entries.into_iter().map(Entry::id).collect(),
    };
    Ok(Run::create(&folder, record)?)
}

/// The minimal pairs that were asked for, or else those of the corpus, as a path.
fn pairs_for(corpus: &Corpus, given: Option<&str>) -> Option<String> {
    let own = || {
        let path = corpus.test_file(village::MINIMAL_PAIRS)?;
        Some(path.to_string_lossy().into_owned())
    };
    given
        .map(str::to_owned)
        .or_else(own)
        .as_deref()
        .map(absolute)
}

/// A path that holds from any folder; a pattern stays as it is.
fn absolute(source: &str) -> String {
    fs::canonicalize(source).map_or_else(
        |_| source.to_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

/// A name that is not taken: two runs may begin in the same second.
fn free(runs: &Path, name: &str) -> PathBuf {
    let numbered = (2..).map(|number| runs.join(format!("{name}-{number}")));
    let mut candidates = std::iter::once(runs.join(name)).chain(numbered);
    candidates
        .find(|path| !path.exists())
        .unwrap_or_else(|| runs.join(name))
}

fn describe(corpus: &Corpus) -> anyhow::Result<CorpusRecord> {
    let record = &corpus.record;
    let lossless = record
        .splits
        .get(&Split::Test)
        .is_some_and(|test| test.lossless);
    let folder = fs::canonicalize(corpus.folder()).context("cannot find the corpus again")?;
    Ok(CorpusRecord {
        name: record.name.clone(),
        folder: folder.to_string_lossy().into_owned(),
        tokenizer: record.settings.tokens.to_string(),
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
            false => {
                "not comparable: the tokens do not give back the text byte for byte".to_owned()
            }
        },
    })
}

/// Why parts of the report are missing.
fn skipped(corpus: &Corpus, minimal_pairs: bool) -> Vec<String> {
    let track = |track: Track, has: bool, data: &str| match has {
        true => format!("The {track} track: no era of this version takes part in it."),
        false => format!("The {track} track: the corpus has no {data}."),
    };
    let mut all = vec![
        track(Track::Translation, corpus.has_pairs(), "sentence pairs"),
        track(Track::Conversation, corpus.has_dialogues(), "conversations"),
    ];
    if !minimal_pairs {
        all.push("Minimal pairs: none were given (--minimal-pairs).".to_owned());
    }
    all
}

/// A finished entry with the ln p of each token.
type Judged<'a> = (&'a EntryRecord, Vec<f32>);

/// A run with all that its entries share.
struct Stage {
    run: Run,
    corpus: Corpus,
    set: TestSet,
    validation: Vec<u32>,
    pairs: Option<Vec<MinimalPair>>,
}

impl Stage {
    fn open(run: Run) -> anyhow::Result<Stage> {
        let record = &run.record.corpus;
        let corpus = Corpus::open(Path::new(&record.folder))?;
        if corpus.content_checksum() != record.content_checksum {
            anyhow::bail!(
                "{}: the corpus has changed since the run began; begin a new run",
                record.folder
            );
        }
        Ok(Stage {
            set: TestSet::of(&corpus, Split::Test)?,
            validation: validation_sample(&corpus)?,
            pairs: minimal_pairs(run.record.minimal_pairs.as_deref())?,
            corpus,
            run,
        })
    }

    fn entries(&self) -> &[harness::EntryId] {
        &self.run.record.entries
    }

    /// Runs what is not done yet; returns what failed.
    fn run_entries(&self) -> anyhow::Result<Vec<String>> {
        let mut failures = Vec::new();
        for id in self.entries() {
            let entry = Entry::of(id)?;
            let folder = self.run.entry(id)?;
            if self.is_done(&folder) {
                continue;
            }
            let outcome = guarded(|| self.run_entry(entry, &folder));
            match outcome {
                Ok(()) => folder.finish()?,
                Err(error) if crate::is_interruption(&error) => {
                    folder.set_state(&State::Interrupted)?;
                    self.conclude()?;
                    complain(&format!(
                        "continue with: eras run --resume {}",
                        self.run.folder().display()
                    ));
                    return Err(error);
                }
                Err(error) => {
                    folder.set_state(&State::Failed(format!("{error:#}")))?;
                    complain(&format!("{id} failed: {error:#}"));
                    failures.push(id.label());
                }
            }
        }
        Ok(failures)
    }

    /// Whether an entry is finished and its records can be read; if they cannot, it is run again.
    fn is_done(&self, folder: &EntryFolder) -> bool {
        if folder.state() != State::Done {
            return false;
        }
        let readable = folder
            .read_record()
            .and(folder.read_log_probs(self.set.tokens.len()).map(drop));
        if let Err(error) = &readable {
            complain(&format!("{error}; the entry is run again"));
        }
        readable.is_ok()
    }

    fn run_entry(&self, entry: Entry, folder: &EntryFolder) -> anyhow::Result<()> {
        let id = entry.id();
        let mut bar = Bar::new(&id.label());
        let mut config = entry.configure(&Overrides::default())?;
        if let Config::Ngram(config) = &mut config {
            // A run compares whatever text it is given, and a tiny one has nothing to estimate discounts from.
            config.discount_fallback = true;
        }
        check()?;
        folder.write_config(&config.to_table()?)?;
        reset_peak_memory();
        let curve = self.train(entry, &config, folder, &mut bar)?;
        // Judged is what lies on disk, not what training left in memory.
        let opened = eras::open(&folder.model())?;
        bar.show("evaluating");
        let seed = self.run.record.seed;
        let judgement = judge(
            &*opened.model,
            &self.set,
            &opened.codec,
            self.pairs.as_deref(),
            seed,
        )?;
        check()?;
        let samples = self.samples(&opened.model)?;
        check()?;
        let record = EntryRecord {
            format: RECORD_FORMAT,
            entry: id,
            evaluation: judgement.evaluated.evaluation,
            minimal_pairs: judgement.minimal_pairs,
            cost: Cost {
                evaluation_seconds: judgement.seconds,
                scoring_seconds: judgement.scoring_seconds,
                ..cost(&opened.card, curve.last(), folder)
            },
        };
        Ok(folder.write_evaluation(&record, &judgement.evaluated.log_probs, &samples)?)
    }

    /// Trains, unless a model that was trained in the same way lies there already; returns the learning curve.
    fn train(
        &self,
        entry: Entry,
        config: &Config,
        folder: &EntryFolder,
        bar: &mut Bar,
    ) -> anyhow::Result<Vec<CurvePoint>> {
        let is_same =
            |card: ModelCard| Ok::<bool, anyhow::Error>(card.config == config.to_table()?);
        let finished = ModelCard::open(&folder.model())
            .map_err(anyhow::Error::from)
            .and_then(is_same);
        let curve = folder.path().join("curve.csv");
        if curve.exists() && finished.unwrap_or(false) {
            return Ok(folder.read_curve()?);
        }
        for left in [folder.model(), curve] {
            // Left by a run that was stopped: what it lacks cannot be known.
            let removed = if left.is_dir() {
                fs::remove_dir_all(&left)
            } else {
                fs::remove_file(&left)
            };
            if left.exists() {
                removed.with_context(|| format!("cannot remove {}", left.display()))?;
            }
        }
        let mut training = Training {
            budget: self.run.record.budget,
            seed: self.run.record.seed,
            validation: self.validation.clone(),
            checkpoints: Some(folder.checkpoints()),
            progress: bar,
        };
        let place = Place {
            folder: &folder.model(),
            memory: None,
        };
        entry.train(config, &self.corpus, &mut training, place)?;
        folder.write_curve(&bar.curve)?;
        Ok(std::mem::take(&mut bar.curve))
    }

    /// The beginnings of three lines of the test split, continued.
    fn samples(&self, model: &Model) -> anyhow::Result<Vec<Sample>> {
        const LENGTH: usize = 40;
        let codec = self.corpus.codec();
        let text = |ids: &[u32]| Ok::<String, anyhow::Error>(codec.decode(ids)?.trim().to_owned());
        // A seed for each prompt: models that do not look at it would write the same three times.
        let seeds = (0..).map(|index: u64| self.run.record.seed.wrapping_add(index));
        let continued = prompts(&self.set, codec)
            .into_iter()
            .zip(seeds)
            .map(|(prompt, seed)| {
                let how = Sampling {
                    top_p: 0.9,
                    seed,
                    ..Sampling::default()
                };
                let written = model.generate(&prompt, LENGTH, None, how)?;
                Ok(Sample {
                    prompt: text(&prompt)?,
                    continuation: text(&written)?,
                })
            });
        continued.collect()
    }

    /// Tables, comparisons and the report, from what is done so far.
    fn conclude(&self) -> anyhow::Result<PathBuf> {
        let folder = self.run.folder();
        let records = read_entry_records(folder, &self.run.record)?;
        let mut judged = Vec::new();
        for record in records
            .iter()
            .filter(|record| record.evaluation.audit.passed())
        {
            let log_probs = self
                .run
                .entry(&record.entry)?
                .read_log_probs(self.set.tokens.len())?;
            judged.push((record, log_probs));
        }
        let by_quality = |a: &Judged<'_>, b: &Judged<'_>| {
            let perplexity =
                |entry: &EntryRecord| entry.evaluation.perplexity.unwrap_or(f64::INFINITY);
            // The generator itself is the floor; without one, the best model is.
            let is_model = |entry: &EntryRecord| entry.entry.era != eras::ORACLE;
            is_model(a.0)
                .cmp(&is_model(b.0))
                .then(perplexity(a.0).total_cmp(&perplexity(b.0)))
        };
        judged.sort_by(by_quality);
        let Some((reference, others)) = judged.split_first() else {
            self.run.write_tables(&[], &[])?;
            return Ok(reports::write_report(folder)?.page);
        };
        let rows: Vec<BreakdownRow> = others
            .iter()
            .flat_map(|other| self.breakdown_rows(reference, other))
            .collect();
        self.run.write_tables(&rows, &self.comparisons(&judged))?;
        Ok(reports::write_report(folder)?.page)
    }

    /// The best against each other one, and each against the next best.
    fn comparisons(&self, judged: &[Judged<'_>]) -> Vec<Comparison> {
        let with_best = (1..judged.len()).map(|other| (0, other));
        let neighbours = (2..judged.len()).map(|other| (other - 1, other));
        let compared = with_best.chain(neighbours).map(|(model, other)| {
            let (model, other) = (&judged[model], &judged[other]);
            let names = (model.0.entry.label(), other.0.entry.label());
            compare(
                &self.set,
                (&names.0, &model.1),
                (&names.1, &other.1),
                self.run.record.seed,
            )
        });
        compared.collect()
    }

    fn breakdown_rows(&self, reference: &Judged<'_>, other: &Judged<'_>) -> Vec<BreakdownRow> {
        let of = |breakdown: Breakdown| cells(&self.set, &breakdown, &other.1, &reference.1);
        let (entry, reference) = (other.0.entry.label(), reference.0.entry.label());
        breakdowns(&self.set)
            .into_iter()
            .flat_map(of)
            .map(|cell| BreakdownRow::of(&entry, &reference, cell))
            .collect()
    }

    fn summarise(&self, page: &Path, json: bool) -> anyhow::Result<()> {
        let records = read_entry_records(self.run.folder(), &self.run.record)?;
        if json {
            let states: Vec<Value> = self
                .entries()
                .iter()
                .map(|id| {
                    let state = format!(
                        "{:?}",
                        EntryFolder::open(&id.folder(self.run.folder())).state()
                    )
                    .to_lowercase();
                    json!({ "entry": id, "state": state })
                })
                .collect();
            return say_json(
                &json!({ "run": self.run.folder(), "report": page, "states": states, "results": records }),
            );
        }
        say(&subject(&self.set, self.corpus.name(), Split::Test))?;
        let rows: Vec<Vec<String>> = records
            .iter()
            .map(|record| row(&record.entry.label(), &record.evaluation))
            .collect();
        say(&table(&HEADER, &rows))?;
        let grammars = records
            .iter()
            .filter_map(|record| grammar(&record.entry.label(), record.minimal_pairs.as_ref()));
        grammars.into_iter().try_for_each(|grammar| say(&grammar))?;
        let faults = records
            .iter()
            .filter_map(|record| fault(&record.entry.label(), &record.evaluation));
        faults.into_iter().try_for_each(|fault| say(&fault))?;
        say(&format!("report: {}", page.display()))
    }
}

/// What training took; what evaluation took is filled in later. A model without a learning curve was not trained.
fn cost(card: &ModelCard, last: Option<&CurvePoint>, folder: &EntryFolder) -> Cost {
    let files = card.files.iter().map(|file| file.bytes).sum::<u64>();
    let card_bytes = fs::metadata(folder.model().join("model.toml")).map_or(0, |about| about.len());
    Cost {
        training_seconds: last.map_or(0.0, |point| point.seconds),
        evaluation_seconds: 0.0,
        scoring_seconds: 0.0,
        peak_memory_bytes: peak_memory(),
        model_bytes: files + card_bytes,
        parameters: card.parameters,
        training_tokens: last.map_or(0, |point| point.tokens),
        training_flops: last.map_or(0.0, |point| point.flops),
    }
}

/// A panic in one era must not take the others with it.
fn guarded(work: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text
            .or(payload.downcast_ref::<&str>().copied())
            .unwrap_or("without a message");
        Err(anyhow::anyhow!("panicked: {text}"))
    })
}

/// Three prompts: the first words of long lines, from the first, a middle and a late third of the split.
fn prompts(set: &TestSet, codec: &Codec) -> Vec<Vec<u32>> {
    const LONG: usize = 20;
    const WORDS: usize = 8;
    let eos = codec.vocab().eos();
    let third = |index: usize| {
        &set.tokens[index * set.tokens.len() / 3..(index + 1) * set.tokens.len() / 3]
    };
    let prompt = |index: usize| {
        // The first line of a third may be the end of one.
        let lines: Vec<&[u32]> = third(index)
            .split(|&token| token == eos)
            .skip(usize::from(index > 0))
            .collect();
        let longest = lines.iter().max_by_key(|line| line.len());
        let line = lines.iter().find(|line| line.len() >= LONG).or(longest)?;
        Some(line[..line.len().min(WORDS)].to_vec())
    };
    (0..3)
        .filter_map(prompt)
        .filter(|prompt| !prompt.is_empty())
        .collect()
}

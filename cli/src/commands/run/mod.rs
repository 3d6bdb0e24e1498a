//! `eras run`: every entry trained, judged and written down, one after the other.
//!
//! | module | holds |
//! |---|---|
//! | `begin` | what is compared, on what, and what is left out |
//! | `entry` | one entry: trained, judged, written down |
//! | `scaling` | language models that learn from parts of the text |
//! | `tell` | what is told while it is under way |
//! | `conclude` | tables, comparisons, the report |

mod begin;
mod conclude;
mod entry;
mod scaling;
mod tell;

use std::path::{Path, PathBuf};
use std::time::Duration;

use corpus::{Corpus, MinimalPair, Split};
use harness::{
    BleuSettings, CHECKPOINT_EVERY, ConversationEvaluation, EntryFolder, EntryId, Evaluation, Run,
    SentencePair, State, TestSet, Track, TranslationEvaluation, WordTest, WordsEvaluation,
};

use crate::args::RunOptions;
use crate::commands::reproduce::reproductions;
use crate::commands::train::validation_sample;
use crate::eras::Entry;
use crate::eras::responders::Talks;
use crate::evaluation::{minimal_pairs, word_tests};
use crate::output::complain;
use tell::Live;

pub(crate) fn run(workspace: &Path, options: RunOptions) -> anyhow::Result<()> {
    let run = match &options.resume {
        Some(folder) => begin::resume(folder, options.device.as_deref())?,
        None => begin::begin(workspace, &options)?,
    };
    let stage = Stage {
        checkpoint_every: options.checkpoint_every,
        ..Stage::open(run, workspace)?
    };
    let mut failures = stage.run_entries()?;
    failures.extend(stage.run_parts()?);
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

/// A run with all that its entries share.
struct Stage {
    run: Run,
    corpus: Corpus,
    set: TestSet,
    validation: Vec<u32>,
    pairs: Option<Vec<MinimalPair>>,
    word_tests: Vec<WordTest>,
    sentences: Sentences,
    /// What those who reply are judged by, where the corpus has conversations.
    talks: Option<Talks>,
    /// Where `eras reproduce` leaves its findings.
    reproductions: PathBuf,
    /// Time between checkpoints of a training.
    checkpoint_every: Duration,
}

/// What translators are judged by; nothing where the corpus has no pairs.
#[derive(Default)]
struct Sentences {
    pairs: Vec<SentencePair>,
    bleu: BleuSettings,
}

impl Sentences {
    fn of(corpus: &Corpus) -> anyhow::Result<Sentences> {
        if !corpus.has_pairs() {
            return Ok(Sentences::default());
        }
        let (source, target) = corpus.pairs()?;
        Ok(Sentences {
            pairs: SentencePair::of(&source, &target, Split::Test)?,
            bleu: BleuSettings::of(&target),
        })
    }
}

impl Stage {
    fn open(run: Run, workspace: &Path) -> anyhow::Result<Stage> {
        let record = &run.record.corpus;
        let corpus = Corpus::open(Path::new(&record.folder))?;
        if corpus.content_checksum() != record.content_checksum {
            anyhow::bail!(
                "{}: the corpus has changed since the run began; begin a new run",
                record.folder
            );
        }
        let talks = |id: &EntryId| id.track == Track::Conversation;
        Ok(Stage {
            set: TestSet::of(&corpus, Split::Test)?,
            validation: validation_sample(&corpus)?,
            pairs: minimal_pairs(run.record.minimal_pairs.as_deref())?,
            word_tests: word_tests(&run.record.word_tests)?,
            sentences: Sentences::of(&corpus)?,
            talks: match run.record.entries.iter().any(talks) {
                true => Some(Talks::of(&corpus, Split::Test)?),
                false => None,
            },
            reproductions: reproductions(workspace),
            checkpoint_every: CHECKPOINT_EVERY,
            corpus,
            run,
        })
    }

    fn entries(&self) -> &[EntryId] {
        &self.run.record.entries
    }

    /// Runs what is not done yet; returns what failed.
    fn run_entries(&self) -> anyhow::Result<Vec<String>> {
        let mut to_do = Vec::new();
        for id in self.entries() {
            let (entry, folder) = (Entry::of(id)?, self.run.entry(id)?);
            if !self.is_done(entry, &folder)? {
                to_do.push((id, entry, folder));
            }
        }
        let announced: Vec<_> = to_do.iter().map(|&(id, entry, _)| (id, entry)).collect();
        let live = Live::announce(self.run.folder(), &self.run.record, &announced);
        let mut failures = Vec::new();
        for (number, (id, entry, folder)) in (1..).zip(to_do) {
            live.begin(number);
            let outcome = guarded(|| self.run_entry(entry, &folder, &live));
            match outcome {
                Ok(()) => {
                    folder.finish()?;
                    live.finished(number, id, &folder);
                }
                Err(error) if crate::is_interruption(&error) => {
                    folder.set_state(&State::Interrupted)?;
                    self.conclude()?;
                    drop(live);
                    complain(&format!(
                        "continue with: eras run --resume {}",
                        self.run.folder().display()
                    ));
                    return Err(error);
                }
                Err(error) => {
                    folder.set_state(&State::Failed(format!("{error:#}")))?;
                    live.foot.row(&format!("{id} failed: {error:#}"));
                    failures.push(id.label());
                }
            }
        }
        Ok(failures)
    }

    /// Whether an entry is finished and its records can be read; if they cannot, it is run again.
    fn is_done(&self, entry: Entry, folder: &EntryFolder) -> anyhow::Result<bool> {
        if folder.state() != State::Done {
            return Ok(false);
        }
        let readable = match entry.id().track {
            Track::Words => folder.read_record::<WordsEvaluation>().map(drop),
            Track::Translation => folder.read_record::<TranslationEvaluation>().map(drop),
            Track::Conversation => folder.read_record::<ConversationEvaluation>().map(drop),
            Track::LanguageModelling => folder
                .read_record::<Evaluation>()
                .and(folder.read_log_probs(self.set.tokens.len()).map(drop)),
        };
        let Err(error) = readable else {
            return Ok(true);
        };
        complain(&format!("{error}; the entry is run again"));
        // Until that is done, nothing vouches for what lies there.
        folder.set_state(&State::Open)?;
        Ok(false)
    }
}

/// A panic in one era must not take the others with it.
fn guarded<T>(work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text
            .or(payload.downcast_ref::<&str>().copied())
            .unwrap_or("without a message");
        Err(anyhow::anyhow!("panicked: {text}"))
    })
}

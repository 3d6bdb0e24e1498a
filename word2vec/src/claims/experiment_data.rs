//! Text, analogy questions and trained results of the experiments.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

use corpus::{Split, TokenId, TokenStream, Vocab};
use harness::{
    AnalogiesResult, AnalogySection, CurvePoint, ExperimentContext, MOST_FREQUENT, Progress,
    Repetition, Result, Scale, Tally, Training, Vectors, judge_analogies, read_analogies,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::{Architecture, Config};
use crate::error::Error;
use crate::phrases::Phrases;
use crate::word_vocab::{LINE_END, WordVocab};

/// Minimum number of epochs; most tables of 2013a use 3.
const EPOCHS: f64 = 3.0;
/// Minimum number of words read in all epochs: of shorter texts more epochs are needed for vectors that answer questions at all.
/// The texts of tests are made to need fewer.
const WORDS: f64 = if cfg!(test) { 0.0 } else { 3e6 };

/// Maximum number of tokens of a repetition at the small scale.
const SMALL: usize = 4_000_000;

/// Why a claim is not tested.
pub(super) const NO_QUESTIONS: &str =
    "The text of a repetition is too small: a part of it has the words of no question.";

/// The outcomes of trainings, by everything they depend on, so that experiments share them.
pub(super) type TrainingCache = Rc<RefCell<FxHashMap<String, Outcome>>>;

/// Training text and analogy questions of a repetition.
pub(super) struct ExperimentData<'a> {
    pub(super) repetition: Repetition,
    stream: TokenStream,
    length: usize,
    questions: Option<Vec<AnalogySection>>,
    cache: &'a TrainingCache,
    /// What outcomes depend on besides settings and seed; part of the cache key.
    conditions: String,
}

/// Trained vectors and their training time.
pub(super) struct Trained {
    pub(super) vectors: Vectors,
    /// Length of the training text.
    pub(super) tokens: usize,
    /// Number of words read in all epochs, with line ends.
    pub(super) words: u64,
    /// Training time, without counting words.
    pub(super) seconds: f64,
}

/// The result of training on the whole text; accuracies are in percent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    pub(super) total: f64,
    /// `None` without semantic questions.
    pub(super) semantic: Option<f64>,
    /// `None` without syntactic questions.
    pub(super) syntactic: Option<f64>,
    /// Percentage of questions whose words are all in the vocabulary.
    pub(super) coverage: f64,
    /// Training time.
    pub(super) seconds: f64,
    /// Length of the training text.
    pub(super) tokens: f64,
}

impl<'a> ExperimentData<'a> {
    /// The data of all repetitions. Each has its own questions: every n-th of each section. Questions of two repetitions may share
    /// words, because sections combine a few pairs of words in all ways.
    pub(super) fn all(
        context: &ExperimentContext<'_>,
        cache: &'a TrainingCache,
    ) -> Result<Vec<ExperimentData<'a>>> {
        let questions = context.analogies.map(read_analogies).transpose()?;
        let open = |repetition: Repetition| {
            let stream = repetition.corpus.split(Split::Train)?;
            let length = match context.scale {
                Scale::Full => stream.len(),
                Scale::Small => SMALL.min(stream.len()),
            };
            let own = |section: &AnalogySection| AnalogySection {
                name: section.name.clone(),
                questions: repetition.part_of(&section.questions),
            };
            Ok(ExperimentData {
                questions: questions
                    .as_ref()
                    .map(|sections| sections.iter().map(own).collect()),
                conditions: format!(
                    "{} {:?} {length} {} {}",
                    context.corpus.content_checksum(),
                    context.analogies,
                    repetition.index,
                    repetition.of,
                ),
                repetition,
                stream,
                length,
                cache,
            })
        };
        context.repetitions()?.into_iter().map(open).collect()
    }

    fn vocab(&self) -> &Vocab {
        self.repetition.corpus.vocab()
    }

    /// The settings of all experiments for an architecture.
    pub(super) fn settings(&self, architecture: Architecture) -> Config {
        let preset = match architecture {
            Architecture::SkipGram => "skip-gram",
            Architecture::Cbow => "cbow",
        };
        Config {
            epochs: (WORDS / self.length.max(1) as f64).max(EPOCHS),
            ..Config::preset(preset).expect("both architectures have a preset")
        }
    }

    /// The analogy questions.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if none were given.
    pub(super) fn questions(&self) -> Result<&[AnalogySection]> {
        self.questions
            .as_deref()
            .ok_or_else(|| harness::Error::Setting {
                field: "analogies",
                value: "none".to_owned(),
                bound: "this claim is tested with analogies: give a file in the format of questions-words.txt \
                    (--analogies FILE), or use a corpus of the village, which has its own"
                    .to_owned(),
            })
    }

    /// The questions whose words are all in the vocabulary of `text`, so that trainings on this and on longer texts answer the same
    /// questions.
    pub(super) fn questions_within(&self, text: &[TokenId]) -> Result<Vec<AnalogySection>> {
        let (vocab, min_count) = (self.vocab(), Config::default().min_count);
        let words =
            WordVocab::count(text, vocab, Phrases::default(), min_count).map_err(into_harness)?;
        let most_frequent = words.tokens.iter().skip(LINE_END as usize + 1);
        let known: FxHashSet<String> = most_frequent
            .take(MOST_FREQUENT)
            .map(|&token| vocab.token(token).to_uppercase())
            .collect();
        let is_known = |question: &&[String; 4]| {
            let mut words = question.iter();
            words.all(|word| known.contains(&word.to_uppercase()))
        };
        let within = |section: &AnalogySection| AnalogySection {
            name: section.name.clone(),
            questions: section.questions.iter().filter(is_known).cloned().collect(),
        };
        Ok(self.questions()?.iter().map(within).collect())
    }

    /// Number of tokens after `halvings`.
    pub(super) fn length(&self, halvings: u32) -> usize {
        self.length >> halvings
    }

    /// The first 1 / 2^halvings of the text: larger texts contain the smaller ones.
    pub(super) fn text(&self, halvings: u32) -> Vec<TokenId> {
        self.stream.read(0..self.length(halvings))
    }

    /// Trains on any text.
    pub(super) fn train(
        &self,
        config: &Config,
        text: &[TokenId],
        progress: &mut dyn Progress,
    ) -> Result<Trained> {
        let mut last = LastPoint {
            progress,
            words: 0,
            seconds: 0.0,
        };
        let mut training = Training {
            seed: self.repetition.seed,
            ..Training::new(&mut last)
        };
        let model = config.train(text, self.vocab(), &mut training);
        Ok(Trained {
            vectors: model.map_err(into_harness)?.into_vectors(),
            tokens: text.len(),
            words: last.words,
            seconds: last.seconds,
        })
    }

    /// Trains on the whole text and answers all questions, or returns the cached outcome.
    pub(super) fn outcome(&self, config: &Config, progress: &mut dyn Progress) -> Result<Outcome> {
        let cached = self.cache.borrow().get(&self.key(config)).copied();
        match cached {
            Some(outcome) => Ok(outcome),
            None => Ok(self.train_and_evaluate(config, progress)?.0),
        }
    }

    /// Trains on the whole text and answers all questions; also returns the vectors.
    pub(super) fn train_and_evaluate(
        &self,
        config: &Config,
        progress: &mut dyn Progress,
    ) -> Result<(Outcome, Vectors)> {
        let questions = self.questions()?;
        let trained = self.train(config, &self.text(0), progress)?;
        let result = judge_analogies(&trained.vectors, questions, MOST_FREQUENT);
        let outcome = Outcome::new(&result, &trained)?;
        let key = self.key(config);
        self.cache.borrow_mut().insert(key, outcome);
        Ok((outcome, trained.vectors))
    }

    fn key(&self, config: &Config) -> String {
        format!("{} {} {config:?}", self.conditions, self.repetition.seed)
    }

    /// Words per second of two configurations on the whole text, each the fastest of three runs.
    pub(super) fn speeds(
        &self,
        configs: &[Config; 2],
        progress: &mut dyn Progress,
    ) -> Result<[f64; 2]> {
        let text = self.text(0);
        let mut speeds = [0.0_f64; 2];
        // Alternating, so that other load on the machine slows both.
        for _ in 0..3 {
            for (speed, config) in speeds.iter_mut().zip(configs) {
                let trained = self.train(config, &text, progress)?;
                *speed = speed.max(trained.words as f64 / trained.seconds);
            }
        }
        Ok(speeds)
    }
}

impl Outcome {
    pub(super) fn new(result: &AnalogiesResult, trained: &Trained) -> Result<Outcome> {
        let group = |tally: &Tally| match tally.total {
            0 => Ok(None),
            _ => accuracy(tally).map(Some),
        };
        Ok(Outcome {
            total: accuracy(&result.total)?,
            semantic: group(&result.semantic)?,
            syntactic: group(&result.syntactic)?,
            coverage: 100.0 * result.total.coverage().unwrap_or(0.0),
            seconds: trained.seconds,
            tokens: trained.tokens as f64,
        })
    }
}

/// The accuracy in percent.
///
/// # Errors
/// [`harness::Error::Model`] if no question can be answered.
pub(super) fn accuracy(tally: &Tally) -> Result<f64> {
    let accuracy = tally.accuracy().map(|share| 100.0 * share);
    accuracy.ok_or_else(|| harness::Error::Model {
        model: crate::ERA.to_owned(),
        what: format!(
            "none of {} questions can be asked: each has a word that is not among the {MOST_FREQUENT} most frequent words of \
             the training text; use more text or other questions",
            tally.total
        ),
    })
}

/// Forwards ticks, but not the points of learning curves; keeps the values of the last point.
struct LastPoint<'a> {
    progress: &'a mut dyn Progress,
    words: u64,
    seconds: f64,
}

impl Progress for LastPoint<'_> {
    fn point(&mut self, point: &CurvePoint) {
        (self.words, self.seconds) = (point.tokens, point.seconds);
    }

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.progress.tick(what, done, total)
    }
}

/// Converts errors of this crate to those of the harness.
pub(super) fn into_harness(error: Error) -> harness::Error {
    match error {
        Error::Harness(error) => error,
        error => harness::Error::Model {
            model: crate::ERA.to_owned(),
            what: error.to_string(),
        },
    }
}

//! Text, analogy questions and trained results of the experiments.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;

use corpus::{Split, TokenId, TokenStream, Vocab};
use harness::{
    AnalogiesResult, AnalogySection, CurvePoint, ExperimentContext, MOST_FREQUENT, Progress,
    Result, Scale, Tally, Training, Vectors, judge_analogies, read_analogies,
};
use rand::{RngExt, SeedableRng};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::{Architecture, Config};
use crate::error::Error;
use crate::phrases::Phrases;
use crate::word_vocab::{LINE_END, WordVocab};

/// Number of epochs unless a claim says otherwise; most tables of 2013a use 3.
pub(super) const EPOCHS: f64 = 3.0;

/// Tokens used at the small scale.
const SMALL: usize = 8_000_000;

/// The outcomes of trainings, by everything they depend on, so that experiments share them.
pub(super) type TrainingCache = Rc<RefCell<FxHashMap<String, Outcome>>>;

/// Training text and analogy questions.
pub(super) struct ExperimentData<'a> {
    stream: TokenStream,
    vocab: &'a Vocab,
    length: usize,
    questions: Option<Vec<AnalogySection>>,
    cache: &'a TrainingCache,
    /// What outcomes depend on besides settings and seed; part of the cache key.
    conditions: String,
}

/// Trained vectors and their training time.
pub(super) struct Trained {
    pub(super) vectors: Vectors,
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
    pub(super) seconds: f64,
}

impl<'a> ExperimentData<'a> {
    pub(super) fn open(
        context: &ExperimentContext<'a>,
        cache: &'a TrainingCache,
    ) -> Result<ExperimentData<'a>> {
        let stream = context.corpus.split(Split::Train)?;
        let length = match context.scale {
            Scale::Full => stream.len(),
            Scale::Small => SMALL.min(stream.len()),
        };
        let conditions = format!(
            "{} {:?} {length}",
            context.corpus.content_checksum(),
            context.analogies
        );
        Ok(ExperimentData {
            stream,
            vocab: context.corpus.vocab(),
            length,
            questions: context.analogies.map(read_analogies).transpose()?,
            cache,
            conditions,
        })
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
        let (vocab, min_count) = (self.vocab, Config::default().min_count);
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

    /// 1 / 2^halvings of the text, from a random position of the corpus. For one seed, smaller texts are prefixes of larger ones.
    pub(super) fn text(&self, seed: u64, halvings: u32) -> Vec<TokenId> {
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let tokens = self.stream.len();
        let start = rng.random_range(0..tokens.max(1));
        let end = start + self.length(halvings);
        let mut text = self.stream.read(start.min(tokens)..end.min(tokens));
        text.extend(self.stream.read(0..end.saturating_sub(tokens)));
        text
    }

    /// Trains on any text.
    pub(super) fn train(
        &self,
        config: &Config,
        text: &[TokenId],
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<Trained> {
        let mut last = LastPoint {
            progress,
            words: 0,
            seconds: 0.0,
        };
        let mut training = Training {
            seed,
            ..Training::new(&mut last)
        };
        let model = config.train(text, self.vocab, &mut training);
        Ok(Trained {
            vectors: model.map_err(into_harness)?.into_vectors(),
            words: last.words,
            seconds: last.seconds,
        })
    }

    /// Trains on the whole text and answers all questions, or returns the cached outcome.
    pub(super) fn outcome(
        &self,
        config: &Config,
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<Outcome> {
        let cached = self.cache.borrow().get(&self.key(config, seed)).copied();
        match cached {
            Some(outcome) => Ok(outcome),
            None => Ok(self.train_and_evaluate(config, seed, progress)?.0),
        }
    }

    /// Trains on the whole text and answers all questions; also returns the vectors.
    pub(super) fn train_and_evaluate(
        &self,
        config: &Config,
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<(Outcome, Vectors)> {
        let questions = self.questions()?;
        let trained = self.train(config, &self.text(seed, 0), seed, progress)?;
        let result = judge_analogies(&trained.vectors, questions, MOST_FREQUENT);
        let outcome = Outcome::new(&result, trained.seconds)?;
        let key = self.key(config, seed);
        self.cache.borrow_mut().insert(key, outcome);
        Ok((outcome, trained.vectors))
    }

    fn key(&self, config: &Config, seed: u64) -> String {
        format!("{} {seed} {config:?}", self.conditions)
    }

    /// Words per second of two configurations on the whole text, each the fastest of three runs.
    pub(super) fn speeds(
        &self,
        configs: &[Config; 2],
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<[f64; 2]> {
        let text = self.text(seed, 0);
        let mut speeds = [0.0_f64; 2];
        // Alternating, so that other load on the machine slows both.
        for _ in 0..3 {
            for (speed, config) in speeds.iter_mut().zip(configs) {
                let trained = self.train(config, &text, seed, progress)?;
                *speed = speed.max(trained.words as f64 / trained.seconds);
            }
        }
        Ok(speeds)
    }
}

impl Outcome {
    pub(super) fn new(result: &AnalogiesResult, seconds: f64) -> Result<Outcome> {
        let group = |tally: &Tally| match tally.total {
            0 => Ok(None),
            _ => accuracy(tally).map(Some),
        };
        Ok(Outcome {
            total: accuracy(&result.total)?,
            semantic: group(&result.semantic)?,
            syntactic: group(&result.syntactic)?,
            coverage: 100.0 * result.total.coverage().unwrap_or(0.0),
            seconds,
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

/// The settings of all experiments for an architecture.
pub(super) fn settings(architecture: Architecture) -> Config {
    let preset = match architecture {
        Architecture::SkipGram => "skip-gram",
        Architecture::Cbow => "cbow",
    };
    Config {
        epochs: EPOCHS,
        ..Config::preset(preset).expect("both architectures have a preset")
    }
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

/// The arithmetic mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean over seeds of a value of the outcomes.
pub(super) fn mean_of(outcomes: &[Outcome], of: impl Fn(&Outcome) -> f64) -> f64 {
    mean(&outcomes.iter().map(of).collect::<Vec<f64>>())
}

/// Numbers separated by commas, for a sentence.
pub(super) fn comma_separated(values: &[f64], decimals: usize) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| format!("{value:.decimals$}"))
        .collect();
    texts.join(", ")
}

/// The mean accuracies over seeds, for a sentence.
pub(super) fn accuracies(outcomes: &[Outcome]) -> String {
    let group = |name: &str, of: fn(&Outcome) -> Option<f64>| {
        let values: Option<Vec<f64>> = outcomes.iter().map(of).collect();
        values.map(|values| format!("{name} {:.2}", mean(&values)))
    };
    let groups = [
        group("semantic", |outcome| outcome.semantic),
        group("syntactic", |outcome| outcome.syntactic),
    ];
    let groups: Vec<String> = groups.into_iter().flatten().collect();
    format!(
        "{:.2} % ({})",
        mean_of(outcomes, |outcome| outcome.total),
        groups.join(", ")
    )
}

//! What the experiments work with.

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
use crate::words::{LINE_END, Words};

/// Passes over the text where a claim says nothing else, as most tables of 2013a have them.
pub(super) const EPOCHS: f64 = 3.0;

/// Tokens that the small scale works with.
const SMALL: usize = 8_000_000;

/// Outcomes by all that they depend on: what several experiments train is trained once.
pub(super) type Notebook = Rc<RefCell<FxHashMap<String, Outcome>>>;

/// Text to train on, and questions.
pub(super) struct Bench<'a> {
    stream: TokenStream,
    vocab: &'a Vocab,
    length: usize,
    questions: Option<Vec<AnalogySection>>,
    notebook: &'a Notebook,
    /// What outcomes depend on beside settings and seed.
    conditions: String,
}

/// Vectors, and the time that they took.
pub(super) struct Trained {
    pub(super) vectors: Vectors,
    /// Words read, again in each pass; ends of lines count.
    pub(super) words: u64,
    /// Without the counting of words.
    pub(super) seconds: f64,
}

/// What came of training on all of the text; accuracies in per cent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outcome {
    pub(super) total: f64,
    /// None where the test has no such questions.
    pub(super) semantic: Option<f64>,
    /// None where the test has no such questions.
    pub(super) syntactic: Option<f64>,
    /// Per cent of the questions that could be asked.
    pub(super) coverage: f64,
    pub(super) seconds: f64,
}

impl<'a> Bench<'a> {
    pub(super) fn open(
        context: &ExperimentContext<'a>,
        notebook: &'a Notebook,
    ) -> Result<Bench<'a>> {
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
        Ok(Bench {
            stream,
            vocab: context.corpus.vocab(),
            length,
            questions: context.analogies.map(read_analogies).transpose()?,
            notebook,
            conditions,
        })
    }

    /// The questions.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] where none were given.
    pub(super) fn questions(&self) -> Result<&[AnalogySection]> {
        self.questions
            .as_deref()
            .ok_or_else(|| harness::Error::Setting {
                field: "analogies",
                value: "none".to_owned(),
                bound: "this claim is tested by questions of words: give a file in the format of questions-words.txt \
                    (--analogies FILE), or take a corpus of the village, which has its own"
                    .to_owned(),
            })
    }

    /// The questions whose words are all among those that training on this text knows, so that it and training on more
    /// are asked the same.
    pub(super) fn questions_within(&self, text: &[TokenId]) -> Result<Vec<AnalogySection>> {
        let (vocab, min_count) = (self.vocab, Config::default().min_count);
        let words =
            Words::count(text, vocab, Phrases::default(), min_count).map_err(into_harness)?;
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

    /// Tokens that are left after so many halvings.
    pub(super) fn length(&self, halvings: u32) -> usize {
        self.length >> halvings
    }

    /// 1 / 2^halvings of the text, begun at a place of the corpus that the seed draws. A smaller text is the beginning of
    /// a larger.
    pub(super) fn text(&self, seed: u64, halvings: u32) -> Vec<TokenId> {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        let tokens = self.stream.len();
        let start = random.random_range(0..tokens.max(1));
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
        let mut last = Last {
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

    /// Trains on all of the text and asks all questions, unless that was done before.
    pub(super) fn outcome(
        &self,
        config: &Config,
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<Outcome> {
        let known = self.notebook.borrow().get(&self.key(config, seed)).copied();
        match known {
            Some(outcome) => Ok(outcome),
            None => Ok(self.examine(config, seed, progress)?.0),
        }
    }

    /// Trains on all of the text and asks all questions; the vectors, too.
    pub(super) fn examine(
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
        self.notebook.borrow_mut().insert(key, outcome);
        Ok((outcome, trained.vectors))
    }

    fn key(&self, config: &Config, seed: u64) -> String {
        format!("{} {seed} {config:?}", self.conditions)
    }

    /// Words per second of two ways to train on all of the text, in the fastest of three runs each.
    pub(super) fn speeds(
        &self,
        configs: &[Config; 2],
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<[f64; 2]> {
        let text = self.text(seed, 0);
        let mut speeds = [0.0_f64; 2];
        // By turns, so that a machine that is busy for a while slows both.
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
        let half = |tally: &Tally| match tally.total {
            0 => Ok(None),
            _ => accuracy(tally).map(Some),
        };
        Ok(Outcome {
            total: accuracy(&result.total)?,
            semantic: half(&result.semantic)?,
            syntactic: half(&result.syntactic)?,
            coverage: 100.0 * result.total.coverage().unwrap_or(0.0),
            seconds,
        })
    }
}

/// In per cent.
///
/// # Errors
/// [`harness::Error::Model`] if no question could be asked.
pub(super) fn accuracy(tally: &Tally) -> Result<f64> {
    let accuracy = tally.accuracy().map(|share| 100.0 * share);
    accuracy.ok_or_else(|| harness::Error::Model {
        model: crate::ERA.to_owned(),
        what: format!(
            "none of {} questions can be asked: a word of each is not among the {MOST_FREQUENT} most frequent of the \
             text that was trained on; take more text, or questions of its words",
            tally.total
        ),
    })
}

/// One architecture with the settings of all experiments.
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

/// Passes signs of life on, but no points: no curve is drawn of dozens of models. Of those the last is kept.
struct Last<'a> {
    progress: &'a mut dyn Progress,
    words: u64,
    seconds: f64,
}

impl Progress for Last<'_> {
    fn point(&mut self, point: &CurvePoint) {
        (self.words, self.seconds) = (point.tokens, point.seconds);
    }

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.progress.tick(what, done, total)
    }
}

/// The harness knows no errors of an era but in words.
pub(super) fn into_harness(error: Error) -> harness::Error {
    match error {
        Error::Harness(error) => error,
        error => harness::Error::Model {
            model: crate::ERA.to_owned(),
            what: error.to_string(),
        },
    }
}

/// The mean.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean over seeds of something about outcomes.
pub(super) fn mean_of(outcomes: &[Outcome], of: impl Fn(&Outcome) -> f64) -> f64 {
    mean(&outcomes.iter().map(of).collect::<Vec<f64>>())
}

/// Numbers one after the other, for a sentence.
pub(super) fn series(values: &[f64], decimals: usize) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| format!("{value:.decimals$}"))
        .collect();
    texts.join(", ")
}

/// Mean accuracies over seeds, for a sentence.
pub(super) fn accuracies(outcomes: &[Outcome]) -> String {
    let half = |name: &str, of: fn(&Outcome) -> Option<f64>| {
        let values: Option<Vec<f64>> = outcomes.iter().map(of).collect();
        values.map(|values| format!("{name} {:.2}", mean(&values)))
    };
    let halves = [
        half("semantic", |outcome| outcome.semantic),
        half("syntactic", |outcome| outcome.syntactic),
    ];
    let halves: Vec<String> = halves.into_iter().flatten().collect();
    format!(
        "{:.2} % ({})",
        mean_of(outcomes, |outcome| outcome.total),
        halves.join(", ")
    )
}

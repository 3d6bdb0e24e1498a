//! Shared parts of the experiments with translators: each repetition trains on its own pairs and is tested on its own pairs.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;
use std::rc::Rc;

use corpus::{Corpus, Split};
use harness::{
    BleuSettings, CurvePoint, ExperimentContext, Progress, Repetition, Scale, SentencePair,
    Training, TranslationEvaluation, judge_translation,
};

use super::encoder_decoder::EncoderDecoder;
use super::model::TranslationModel;
use crate::training_config::TrainingConfig;

/// Trained translators by part of the corpus, configuration and seed, so that experiments share them.
pub struct TrainingCache<N>(Rc<RefCell<HashMap<String, Rc<Outcome<N>>>>>);

impl<N> Default for TrainingCache<N> {
    fn default() -> TrainingCache<N> {
        TrainingCache(Rc::default())
    }
}

impl<N> Clone for TrainingCache<N> {
    fn clone(&self) -> TrainingCache<N> {
        TrainingCache(self.0.clone())
    }
}

impl<N> fmt::Debug for TrainingCache<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrainingCache({})", self.0.borrow().len())
    }
}

/// A trained translator and its evaluation.
#[derive(Debug)]
pub struct Outcome<N> {
    /// The translator.
    pub translator: TranslationModel<N>,
    /// Its learning curve.
    pub curve: Vec<CurvePoint>,
    /// Evaluation on the test pairs with its own beam search.
    pub evaluation: TranslationEvaluation,
}

/// The quality of translations of the test pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Cross-entropy in nats per token; NaN if the model gives none.
    pub nats: f64,
    /// BLEU.
    pub bleu: f64,
}

impl<N> Outcome<N> {
    /// Its quality.
    pub fn quality(&self) -> Quality {
        Quality {
            nats: self.evaluation.perplexity.unwrap_or(f64::NAN).ln(),
            bleu: self.evaluation.bleu,
        }
    }

    /// Training time in seconds.
    pub fn seconds(&self) -> f64 {
        self.curve.last().map_or(0.0, |point| point.seconds)
    }

    /// Floating-point operations of training.
    pub fn flops(&self) -> f64 {
        self.curve.last().map_or(0.0, |point| point.flops)
    }

    /// Target tokens trained on.
    pub fn tokens(&self) -> u64 {
        self.curve.last().map_or(0, |point| point.tokens)
    }
}

/// The sentence pairs of a repetition: training, and evaluation on its test pairs.
#[derive(Debug)]
pub struct TranslationExperiment<'a, N> {
    repetition: Repetition,
    source: Corpus,
    target: Corpus,
    /// The test pairs.
    pub pairs: Vec<SentencePair>,
    bleu: BleuSettings,
    scale: Scale,
    cache: &'a TrainingCache<N>,
}

impl<'a, N> TranslationExperiment<'a, N> {
    /// One for each repetition, on its part of the pairs of the context's corpus.
    ///
    /// # Errors
    /// [`harness::Error::Corpus`] if the corpus has no pairs; as [`ExperimentContext::repetitions`].
    pub fn all(
        context: &ExperimentContext<'_>,
        cache: &'a TrainingCache<N>,
    ) -> harness::Result<Vec<TranslationExperiment<'a, N>>> {
        let open = |repetition: Repetition| {
            let (source, target) = repetition.corpus.pairs()?;
            Ok(TranslationExperiment {
                pairs: SentencePair::of(&source, &target, Split::Test)?,
                bleu: BleuSettings::of(&target),
                repetition,
                source,
                target,
                scale: context.scale,
                cache,
            })
        };
        context.repetitions()?.into_iter().map(open).collect()
    }

    /// The training of a preset, with at least this many epochs of all pairs. As a repetition has only its part of the pairs, it
    /// reads them more often, for the same number of steps.
    pub fn training(&self, preset: TrainingConfig, at_least: f64) -> TrainingConfig {
        TrainingConfig {
            epochs: preset.epochs.max(at_least) * self.repetition.of as f64,
            ..preset
        }
    }

    /// The scale of the experiment.
    pub fn scale(&self) -> Scale {
        self.scale
    }

    /// The base configuration of the experiments: the first preset at small scale, the second at full scale.
    ///
    /// # Panics
    /// If the era has no such preset.
    pub fn preset<C>(&self, preset: fn(&str) -> Option<C>, [small, full]: [&str; 2]) -> C {
        let name = match self.scale {
            Scale::Small => small,
            Scale::Full => full,
        };
        preset(name).expect("the preset exists")
    }

    /// Trains a translator for the epochs of its configuration with the repetition's seed, or returns it from the cache.
    ///
    /// # Errors
    /// As [`TranslationModel::train`].
    pub fn train(
        &self,
        config: &N::Config,
        progress: &mut dyn Progress,
    ) -> harness::Result<Rc<Outcome<N>>>
    where
        N: EncoderDecoder,
    {
        self.train_member(config, 0, progress)
    }

    /// Trains a member of an ensemble, number 0 with the repetition's seed, or returns it from the cache.
    ///
    /// # Errors
    /// As [`TranslationModel::train`].
    pub fn train_member(
        &self,
        config: &N::Config,
        number: u64,
        progress: &mut dyn Progress,
    ) -> harness::Result<Rc<Outcome<N>>>
    where
        N: EncoderDecoder,
    {
        // No other repetition has this seed: there are at most 100.
        let seed = self.repetition.seed + 1000 * number;
        let key = format!(
            "{} {} {} {config:?} {seed}",
            self.source.content_checksum(),
            self.repetition.index,
            self.repetition.of
        );
        if let Some(known) = self.cache.0.borrow().get(&key) {
            return Ok(known.clone());
        }
        let mut recorder = CurveRecorder {
            progress,
            curve: Vec::new(),
        };
        let mut training = Training::new(&mut recorder);
        training.seed = seed;
        let translator =
            TranslationModel::train(config, [&self.source, &self.target], &mut training)?;
        let curve = recorder.curve;
        let evaluation = self.judge(&translator)?;
        let outcome = Rc::new(Outcome {
            translator,
            curve,
            evaluation,
        });
        let mut cache = self.cache.0.borrow_mut();
        cache.insert(key, outcome.clone());
        Ok(outcome)
    }

    /// Evaluates a translator on all test pairs.
    ///
    /// # Errors
    /// As the translator.
    pub fn judge(
        &self,
        translator: &dyn harness::Translator,
    ) -> harness::Result<TranslationEvaluation> {
        Ok(judge_translation(translator, &self.pairs, self.bleu)?.evaluation)
    }

    /// The test pairs in two halves by a quantity of the source: the smaller values, the larger values.
    pub fn halves(&self, quantity: impl Fn(&str) -> f64) -> [Vec<SentencePair>; 2] {
        let mut pairs = self.pairs.clone();
        pairs.sort_by(|a, b| quantity(&a.source).total_cmp(&quantity(&b.source)));
        let larger = pairs.split_off(pairs.len() / 2);
        [pairs, larger]
    }

    /// BLEU on the given pairs.
    ///
    /// # Errors
    /// As the translator.
    pub fn bleu(
        &self,
        translator: &dyn harness::Translator,
        pairs: &[SentencePair],
    ) -> harness::Result<f64> {
        Ok(judge_translation(translator, pairs, self.bleu)?
            .evaluation
            .bleu)
    }

    /// The mean frequency rank of the words of a source.
    pub fn mean_rank(&self, source: &str) -> f64 {
        let ids = self.source.codec().encode_line(source).unwrap_or_default();
        mean(&ids.into_iter().map(f64::from).collect::<Vec<_>>())
    }
}

/// Records the learning curve and forwards everything else.
struct CurveRecorder<'a> {
    progress: &'a mut dyn Progress,
    curve: Vec<CurvePoint>,
}

impl Progress for CurveRecorder<'_> {
    fn point(&mut self, point: &CurvePoint) {
        self.curve.push(point.clone());
    }

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.progress.tick(what, done, total)
    }

    fn note(&mut self, what: &str) {
        self.progress.note(what);
    }
}

/// A number of each item.
pub fn column<T>(items: &[T], of: impl Fn(&T) -> f64) -> Vec<f64> {
    items.iter().map(of).collect()
}

/// The mean; 0 for no values.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

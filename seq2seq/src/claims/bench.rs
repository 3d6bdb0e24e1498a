//! What the experiments work with.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use corpus::{Corpus, Split};
use harness::{
    BleuSettings, CurvePoint, Laboratory, Progress, Result, Scale, SentencePair, Training,
    TranslationEvaluation, judge_translation,
};

use neural::TranslatorConfig;

use super::mean;
use crate::translation::{Config, Translator};

/// Translators by all that they depend on: what several experiments train is trained once.
pub(super) type Notebook = Rc<RefCell<HashMap<String, Rc<Outcome>>>>;

/// A trained translator.
pub(super) struct Outcome {
    pub(super) translator: Translator,
    /// Of training.
    pub(super) seconds: f64,
    /// Target tokens trained on.
    pub(super) tokens: u64,
    /// With the beam of its settings, on the test pairs.
    pub(super) evaluation: TranslationEvaluation,
}

/// Pairs to train on and to judge by.
pub(super) struct Bench<'a> {
    source: Corpus,
    target: Corpus,
    pub(super) pairs: Vec<SentencePair>,
    pub(super) bleu: BleuSettings,
    scale: Scale,
    notebook: &'a Notebook,
}

impl<'a> Bench<'a> {
    pub(super) fn open(laboratory: &Laboratory<'_>, notebook: &'a Notebook) -> Result<Bench<'a>> {
        let (source, target) = laboratory.corpus.pairs()?;
        Ok(Bench {
            pairs: SentencePair::of(&source, &target, Split::Test)?,
            bleu: BleuSettings::of(&target),
            source,
            target,
            scale: laboratory.scale,
            notebook,
        })
    }

    /// The settings that experiments begin from.
    pub(super) fn config(&self) -> Config {
        let name = match self.scale {
            Scale::Small => "tiny",
            Scale::Full => "small",
        };
        Config::preset(name).expect("it is one of the presets")
    }

    /// A translator with these settings, trained for the epochs of its recipe.
    pub(super) fn train(
        &self,
        config: &Config,
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<Rc<Outcome>> {
        let key = format!("{} {config:?} {seed}", self.source.content_checksum());
        if let Some(known) = self.notebook.borrow().get(&key) {
            return Ok(known.clone());
        }
        let mut last = Last {
            progress,
            point: None,
        };
        let mut training = Training::new(&mut last);
        training.seed = seed;
        let translator = config.train(&self.source, &self.target, &mut training)?;
        let point = last.point;
        let evaluation = self.judge(&translator)?;
        let outcome = Rc::new(Outcome {
            seconds: point.as_ref().map_or(0.0, |point| point.seconds),
            tokens: point.as_ref().map_or(0, |point| point.tokens),
            translator,
            evaluation,
        });
        self.notebook.borrow_mut().insert(key, outcome.clone());
        Ok(outcome)
    }

    /// On all test pairs.
    pub(super) fn judge(
        &self,
        translator: &dyn harness::Translator,
    ) -> Result<TranslationEvaluation> {
        Ok(judge_translation(translator, &self.pairs, self.bleu)?.evaluation)
    }

    /// The halves of the test pairs by a quantity of the source: the smaller, the larger.
    pub(super) fn halves(&self, quantity: impl Fn(&str) -> f64) -> [Vec<SentencePair>; 2] {
        let mut pairs = self.pairs.clone();
        pairs.sort_by(|a, b| quantity(&a.source).total_cmp(&quantity(&b.source)));
        let larger = pairs.split_off(pairs.len() / 2);
        [pairs, larger]
    }

    /// BLEU on some pairs.
    pub(super) fn bleu(
        &self,
        translator: &dyn harness::Translator,
        pairs: &[SentencePair],
    ) -> Result<f64> {
        Ok(judge_translation(translator, pairs, self.bleu)?
            .evaluation
            .bleu)
    }

    /// The mean place of a source's words among all by frequency.
    pub(super) fn rank(&self, source: &str) -> f64 {
        let ids = self.source.codec().encode_line(source).unwrap_or_default();
        mean(&ids.into_iter().map(f64::from).collect::<Vec<_>>())
    }
}

/// Passes on all but the points of curves, of which it keeps the last.
struct Last<'a> {
    progress: &'a mut dyn Progress,
    point: Option<CurvePoint>,
}

impl Progress for Last<'_> {
    fn point(&mut self, point: &CurvePoint) {
        self.point = Some(point.clone());
    }

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.progress.tick(what, done, total)
    }

    fn note(&mut self, what: &str) {
        self.progress.note(what);
    }
}

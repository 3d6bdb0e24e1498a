//! What experiments with translators work with.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;
use std::rc::Rc;

use corpus::{Corpus, Split};
use harness::{
    BleuSettings, Claim, CurvePoint, Finding, Laboratory, Progress, Scale, SentencePair, Training,
    TranslationEvaluation, Verdict, judge_translation,
};

use super::{TranslationModel, TranslatorConfig};

/// Translators by all that they depend on: what several experiments train is trained once.
pub struct Notebook<N>(Rc<RefCell<HashMap<String, Rc<Outcome<N>>>>>);

impl<N> Default for Notebook<N> {
    fn default() -> Notebook<N> {
        Notebook(Rc::default())
    }
}

impl<N> Clone for Notebook<N> {
    fn clone(&self) -> Notebook<N> {
        Notebook(self.0.clone())
    }
}

impl<N> fmt::Debug for Notebook<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Notebook({})", self.0.borrow().len())
    }
}

/// A trained translator.
#[derive(Debug)]
pub struct Outcome<N> {
    /// It.
    pub translator: TranslationModel<N>,
    /// How it learnt.
    pub curve: Vec<CurvePoint>,
    /// With the beam of its settings, on the test pairs.
    pub evaluation: TranslationEvaluation,
}

impl<N> Outcome<N> {
    /// ln of the perplexity on the test pairs.
    pub fn nats(&self) -> f64 {
        self.evaluation.perplexity.unwrap_or(f64::NAN).ln()
    }

    /// Of training.
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

/// Pairs to train on and to judge by.
#[derive(Debug)]
pub struct Bench<'a, N> {
    source: Corpus,
    target: Corpus,
    /// The test pairs.
    pub pairs: Vec<SentencePair>,
    bleu: BleuSettings,
    scale: Scale,
    notebook: &'a Notebook<N>,
}

impl<'a, N> Bench<'a, N> {
    /// For the pairs of the laboratory's corpus.
    ///
    /// # Errors
    /// [`harness::Error::Corrupt`] if the corpus has no pairs.
    pub fn open(
        laboratory: &Laboratory<'_>,
        notebook: &'a Notebook<N>,
    ) -> harness::Result<Bench<'a, N>> {
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

    /// The settings that experiments begin from, of two presets: for little time, for much.
    ///
    /// # Panics
    /// If the era has no preset of that name.
    pub fn preset<C>(&self, preset: fn(&str) -> Option<C>, [small, full]: [&str; 2]) -> C {
        let name = match self.scale {
            Scale::Small => small,
            Scale::Full => full,
        };
        preset(name).expect("it is one of the presets")
    }

    /// A translator with these settings, trained for the epochs of its recipe.
    ///
    /// # Errors
    /// Whatever training meets.
    pub fn train<C: TranslatorConfig<Network = N>>(
        &self,
        config: &C,
        seed: u64,
        progress: &mut dyn Progress,
    ) -> harness::Result<Rc<Outcome<N>>>
    where
        N: super::EncoderDecoder<Config = C>,
    {
        let key = format!("{} {config:?} {seed}", self.source.content_checksum());
        if let Some(known) = self.notebook.0.borrow().get(&key) {
            return Ok(known.clone());
        }
        let mut kept = Kept {
            progress,
            curve: Vec::new(),
        };
        let mut training = Training::new(&mut kept);
        training.seed = seed;
        let translator = config.train(&self.source, &self.target, &mut training)?;
        let curve = kept.curve;
        let evaluation = self.judge(&translator)?;
        let outcome = Rc::new(Outcome {
            translator,
            curve,
            evaluation,
        });
        let mut notebook = self.notebook.0.borrow_mut();
        notebook.insert(key, outcome.clone());
        Ok(outcome)
    }

    /// On all test pairs.
    ///
    /// # Errors
    /// Whatever the translator meets.
    pub fn judge(
        &self,
        translator: &dyn harness::Translator,
    ) -> harness::Result<TranslationEvaluation> {
        Ok(judge_translation(translator, &self.pairs, self.bleu)?.evaluation)
    }

    /// The halves of the test pairs by a quantity of the source: the smaller, the larger.
    pub fn halves(&self, quantity: impl Fn(&str) -> f64) -> [Vec<SentencePair>; 2] {
        let mut pairs = self.pairs.clone();
        pairs.sort_by(|a, b| quantity(&a.source).total_cmp(&quantity(&b.source)));
        let larger = pairs.split_off(pairs.len() / 2);
        [pairs, larger]
    }

    /// BLEU on some pairs.
    ///
    /// # Errors
    /// Whatever the translator meets.
    pub fn bleu(
        &self,
        translator: &dyn harness::Translator,
        pairs: &[SentencePair],
    ) -> harness::Result<f64> {
        Ok(judge_translation(translator, pairs, self.bleu)?
            .evaluation
            .bleu)
    }

    /// The mean place of a source's words among all by frequency.
    pub fn rank(&self, source: &str) -> f64 {
        let ids = self.source.codec().encode_line(source).unwrap_or_default();
        mean(&ids.into_iter().map(f64::from).collect::<Vec<_>>())
    }
}

/// Passes on all but the points of curves, which it keeps.
struct Kept<'a> {
    progress: &'a mut dyn Progress,
    curve: Vec<CurvePoint>,
}

impl Progress for Kept<'_> {
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

/// What became of a claim.
pub fn finding(claim: Claim, verdict: Verdict, measured: String, values: Vec<f64>) -> Finding {
    Finding {
        claim,
        verdict,
        measured,
        values,
    }
}

/// 0 of nothing.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

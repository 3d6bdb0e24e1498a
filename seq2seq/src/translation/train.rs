//! Training on sentence pairs.

use corpus::{Corpus, Split, TokenId};
use harness::Training;
use neural::{
    Alike, Layout, Objective, PairBatches, Parameters, Result, Task, Weights, sentences, train,
};
use tch::Device;

use super::config::{Batching, Config};
use super::network::{Ends, Network};
use super::pairs::{Batch, Pair, score};
use super::translator::Translator;
use crate::lstm::Mode;

/// Pairs of the validation split on which learning curves are measured.
const VALIDATION: usize = 500;

/// A sentence and its translation.
pub(crate) type OwnedPair = (Vec<TokenId>, Vec<TokenId>);

/// The pairs of a split that have words on both sides, and how many have not.
fn pairs_of(source: &Corpus, target: &Corpus, split: Split) -> Result<(Vec<OwnedPair>, usize)> {
    if !source.has(split) {
        return Ok((Vec::new(), 0));
    }
    let sides = [source, target].map(|side| sentences(side, split));
    let [sources, targets] = sides;
    let (sources, targets) = (sources?, targets?);
    if sources.len() != targets.len() {
        let what = format!(
            "{} sources and {} targets in {split}; prepare the corpus again",
            sources.len(),
            targets.len()
        );
        return Err(harness::Error::corrupt(source.folder(), what).into());
    }
    let all = sources.len();
    let is_whole = |pair: &OwnedPair| !pair.0.is_empty() && !pair.1.is_empty();
    let pairs: Vec<OwnedPair> = sources.into_iter().zip(targets).filter(is_whole).collect();
    let left_out = all - pairs.len();
    Ok((pairs, left_out))
}

impl Config {
    /// Learns to translate the pairs of two corpora, as [`Corpus::pairs`] gives them.
    ///
    /// # Errors
    /// [`harness::Error::Setting`], [`harness::Error::Corrupt`] if there are no pairs, [`neural::Error`],
    /// [`neural::Error::Harness`] when interrupted.
    pub fn train(
        &self,
        source: &Corpus,
        target: &Corpus,
        training: &mut Training<'_>,
    ) -> Result<Translator> {
        self.validate()?;
        let device = self.compute.apply()?;
        let (pairs, left_out) = pairs_of(source, target, Split::Train)?;
        if left_out > 0 {
            training.progress.note(&format!(
                "{left_out} pairs have no words on one side and are left out"
            ));
        }
        if pairs.is_empty() {
            let what = "no sentence pairs to learn from";
            return Err(harness::Error::corrupt(source.folder(), what).into());
        }
        let (mut validation, _) = pairs_of(source, target, Split::Valid)?;
        validation.truncate(VALIDATION);
        let words = [source, target].map(|side| side.vocab().len());
        let ends = Ends::of([source.vocab(), target.vocab()]);
        let mut layout = Layout::default();
        let network = Network::new(self, words, ends, &mut layout);
        let precision = self.compute.precision();
        let mut parameters = Parameters::new(layout, device, precision, training.seed)?;
        network.begin(&mut parameters, &counts(&pairs, words[1], ends.target));
        let lengths = pairs
            .iter()
            .map(|pair| (pair.0.len() + 1, pair.1.len() + 1));
        let alike = match self.batching {
            Batching::Length => Alike::Sources,
            Batching::Random => Alike::NotAtAll,
        };
        let mut task = Translating {
            network: &network,
            batches: PairBatches::new(lengths.collect(), alike, self.batch_tokens, training.seed),
            pairs: &pairs,
            validation,
            device,
        };
        train(&mut task, &mut parameters, &self.training, training)?;
        let codecs = [source.codec().clone(), target.codec().clone()];
        Ok(Translator::new(network, parameters, codecs))
    }
}

/// How often each target word occurs.
fn counts(pairs: &[OwnedPair], words: usize, end: TokenId) -> Vec<u64> {
    let mut counts = vec![0; words];
    counts[end as usize] = pairs.len() as u64;
    for &token in pairs.iter().flat_map(|pair| &pair.1) {
        counts[token as usize] += 1;
    }
    counts
}

/// Predict each target token from its source and those before it.
pub(crate) struct Translating<'a> {
    pub(crate) network: &'a Network,
    pub(crate) pairs: &'a [OwnedPair],
    pub(crate) batches: PairBatches,
    pub(crate) validation: Vec<OwnedPair>,
    pub(crate) device: Device,
}

fn as_pair(pair: &OwnedPair) -> Pair<'_> {
    (&pair.0, &pair.1)
}

impl Task for Translating<'_> {
    fn objective(&mut self, weights: &Weights, batch: u64) -> neural::Result<Objective> {
        let config = self.network.config();
        let (smoothing, dropout) = (config.smoothing, config.dropout);
        let chosen = self.batches.batch(batch);
        let pairs: Vec<Pair<'_>> = chosen.iter().map(|&at| as_pair(&self.pairs[at])).collect();
        let batch = Batch::new(self.network, &pairs, self.device);
        let hidden = batch.hidden(self.network, weights, Mode::Train { dropout });
        let output = &self.network.decoder.output;
        Ok(output.objective(weights, &hidden, &batch.targets, smoothing))
    }

    /// All but where it is computed and how translations are looked for.
    fn settings(&self) -> String {
        let config = Config {
            compute: neural::Settings::default(),
            beam: Config::default().beam,
            ..self.network.config().clone()
        };
        format!("{config:?}")
    }

    fn batch_bytes(&self) -> u64 {
        let config = self.network.config();
        // Gates, cells and what is written, there and back, of each layer, for source and target.
        let token = 2 * (config.layers * 14 * config.hidden + 6 * config.width);
        4 * (config.batch_tokens * token) as u64
    }

    fn epoch_tokens(&self) -> u64 {
        let tokens = self.pairs.iter().map(|pair| pair.1.len() as u64 + 1);
        tokens.sum()
    }

    fn validate(&mut self, weights: &Weights) -> neural::Result<Option<f64>> {
        if self.validation.is_empty() {
            return Ok(None);
        }
        let pairs: Vec<Pair<'_>> = self.validation.iter().map(as_pair).collect();
        let tokens: usize = pairs.iter().map(|pair| pair.1.len() + 1).sum();
        let sum: f64 = score(self.network, weights, &pairs).iter().sum();
        Ok(Some(sum / tokens as f64))
    }

    /// Two for each parameter that multiplies on the way forward, twice that on the way back; a target token brings its
    /// share of source tokens along.
    fn flops_per_token(&self) -> f64 {
        let [source, target] = self.network.multiplying();
        let sources: u64 = self.pairs.iter().map(|pair| pair.0.len() as u64 + 1).sum();
        let sources_per_target = sources as f64 / self.epoch_tokens() as f64;
        6.0 * (source as f64 * sources_per_target + target as f64)
    }
}

//! Training on sentence pairs.

use corpus::{Corpus, Split};
use harness::Training;
use tch::Device;

use super::batches::PairBatches;
use super::pairs::{OwnedPair, Pair, PairBatch, pairs_of, score_pairs};
use super::{EncoderDecoder, Sides, TranslationModel, TranslatorConfig};
use crate::error::Result;
use crate::objective::Objective;
use crate::parameters::{Layout, Parameters, Weights};
use crate::trainer::{self, Task};

/// Pairs of the validation split on which learning curves are measured.
const VALIDATION: usize = 500;

/// Learns to translate the pairs of two corpora.
pub(super) fn train<N: EncoderDecoder>(
    config: &N::Config,
    [source, target]: [&Corpus; 2],
    training: &mut Training<'_>,
) -> Result<TranslationModel<N>> {
    config.validate()?;
    let common = config.common();
    let device = common.compute.apply()?;
    let (mut pairs, left_out) = pairs_of(source, target, Split::Train)?;
    if left_out > 0 {
        training.progress.note(&format!(
            "{left_out} pairs have no words on one side and are left out"
        ));
    }
    let (mut validation, _) = pairs_of(source, target, Split::Valid)?;
    if let Some(longest) = common.longest {
        let before = pairs.len();
        let fits = |pair: &OwnedPair| pair.0.len() < longest && pair.1.len() < longest;
        pairs.retain(fits);
        validation.retain(fits);
        if pairs.len() < before {
            training.progress.note(&format!(
                "{} pairs have {longest} tokens or more on one side, which is more than the model reads, and are left out",
                before - pairs.len()
            ));
        }
    }
    if pairs.is_empty() {
        let what = "no sentence pairs to learn from";
        return Err(harness::Error::corrupt(source.folder(), what).into());
    }
    validation.truncate(VALIDATION);
    let sides = Sides::of([source.vocab(), target.vocab()]);
    let mut layout = Layout::default();
    let network = N::new(config, sides, &mut layout);
    let precision = common.compute.precision();
    let mut parameters = Parameters::new(layout, device, precision, training.seed)?;
    network.begin(&mut parameters, &counts(&pairs, sides));
    let mut task = Translating::new(&network, &pairs, validation, device, training.seed);
    trainer::train(&mut task, &mut parameters, common.training, training)?;
    let codecs = [source.codec().clone(), target.codec().clone()];
    Ok(TranslationModel::new(network, parameters, codecs))
}

/// How often each target word occurs.
fn counts(pairs: &[OwnedPair], sides: Sides) -> Vec<u64> {
    let mut counts = vec![0; sides.words[1]];
    counts[sides.end() as usize] = pairs.len() as u64;
    for &token in pairs.iter().flat_map(|pair| &pair.1) {
        counts[token as usize] += 1;
    }
    counts
}

/// Predict each target token from its source and those before it.
#[derive(Debug)]
pub struct Translating<'a, N> {
    network: &'a N,
    pairs: &'a [OwnedPair],
    batches: PairBatches,
    validation: Vec<OwnedPair>,
    device: Device,
}

fn as_pair(pair: &OwnedPair) -> Pair<'_> {
    (&pair.0, &pair.1)
}

impl<'a, N: EncoderDecoder> Translating<'a, N> {
    /// Batches are made as the network's settings say.
    pub fn new(
        network: &'a N,
        pairs: &'a [OwnedPair],
        validation: Vec<OwnedPair>,
        device: Device,
        seed: u64,
    ) -> Translating<'a, N> {
        let common = network.config().common();
        let lengths = pairs
            .iter()
            .map(|pair| (pair.0.len() + 1, pair.1.len() + 1));
        let batches = PairBatches::new(lengths.collect(), common.alike, common.batch_tokens, seed);
        Translating {
            network,
            pairs,
            batches,
            validation,
            device,
        }
    }
}

impl<N: EncoderDecoder> Task for Translating<'_, N> {
    fn objective(&mut self, weights: &Weights, batch: u64) -> Result<Objective> {
        let chosen = self.batches.batch(batch);
        let pairs: Vec<Pair<'_>> = chosen.iter().map(|&at| as_pair(&self.pairs[at])).collect();
        let batch = PairBatch::new(&pairs, self.network.sides().end(), self.device);
        let hidden = self.network.hidden(weights, &batch, true);
        let smoothing = self.network.config().common().smoothing;
        let output = self.network.output();
        Ok(output.objective(weights, &hidden, &batch.targets, smoothing))
    }

    fn settings(&self) -> String {
        format!("{:?}", self.network.config().lasting())
    }

    fn batch_bytes(&self) -> u64 {
        let tokens = self.network.config().common().batch_tokens as u64;
        4 * tokens * self.network.held()
    }

    fn epoch_tokens(&self) -> u64 {
        let tokens = self.pairs.iter().map(|pair| pair.1.len() as u64 + 1);
        tokens.sum()
    }

    fn validate(&mut self, weights: &Weights) -> Result<Option<f64>> {
        if self.validation.is_empty() {
            return Ok(None);
        }
        let pairs: Vec<Pair<'_>> = self.validation.iter().map(as_pair).collect();
        let tokens: usize = pairs.iter().map(|pair| pair.1.len() + 1).sum();
        let sum: f64 = score_pairs(self.network, weights, &pairs).iter().sum();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_counted() {
        let sides = Sides {
            words: [3, 4],
            ends: [0, 0],
            is_joint: false,
        };
        let pairs = [(vec![1], vec![1, 2]), (vec![2], vec![1])];
        assert_eq!(counts(&pairs, sides), [2, 2, 1, 0]);
    }
}

//! Training a translator on sentence pairs.

use corpus::{Corpus, Split};
use harness::Training;
use tch::Device;

use super::encoder_decoder::{EncoderDecoder, TranslatorConfig};
use super::model::TranslationModel;
use super::pair_batch::{OwnedPair, Pair, PairBatch, read_pairs};
use super::pair_batches::PairBatches;
use super::score::score_pairs;
use super::vocab_pair::VocabPair;
use crate::dropout::Mode;
use crate::error::Result;
use crate::layout::Layout;
use crate::loss::Loss;
use crate::model_weights::Weights;
use crate::parameters::Parameters;
use crate::task::Task;
use crate::trainer;

/// Maximum number of validation pairs for learning curves.
const VALIDATION_PAIRS: usize = 500;

impl<N: EncoderDecoder> TranslationModel<N> {
    /// Trains a translator on the pairs of a parallel corpus, as [`Corpus::pairs`] returns its sides.
    ///
    /// # Errors
    /// [`harness::Error::Setting`]; [`harness::Error::Corrupt`] if there are no pairs; [`crate::Error`], also when interrupted.
    pub fn train(
        config: &N::Config,
        [source, target]: [&Corpus; 2],
        training: &mut Training<'_>,
    ) -> Result<TranslationModel<N>> {
        config.validate()?;
        let common = config.common();
        let device = common.compute.apply()?;
        let (pairs, validation) = load_pairs([source, target], common.max_length, training)?;
        let vocabs = VocabPair::new([source.vocab(), target.vocab()]);
        let mut layout = Layout::default();
        let network = N::new(config, vocabs, &mut layout);
        let precision = common.compute.precision();
        let mut parameters = Parameters::new(layout, device, precision, training.seed)?;
        network.init_parameters(&mut parameters, &target_counts(&pairs, vocabs));
        let mut task = TranslationTask::new(&network, &pairs, validation, device, training.seed);
        trainer::train(&mut task, &mut parameters, common.training, training)?;
        let codecs = [source.codec().clone(), target.codec().clone()];
        Ok(TranslationModel::new(network, parameters, codecs))
    }
}

/// Pairs for training and for validation. Notes report the number of pairs skipped as empty or too long.
fn load_pairs(
    [source, target]: [&Corpus; 2],
    max_length: Option<usize>,
    training: &mut Training<'_>,
) -> Result<(Vec<OwnedPair>, Vec<OwnedPair>)> {
    let (mut pairs, skipped) = read_pairs(source, target, Split::Train)?;
    if skipped > 0 {
        training
            .progress
            .note(&format!("skipped {skipped} pairs with an empty side"));
    }
    let (mut validation, _) = read_pairs(source, target, Split::Valid)?;
    if let Some(limit) = max_length {
        let before = pairs.len();
        let fits = |pair: &OwnedPair| pair.0.len() < limit && pair.1.len() < limit;
        pairs.retain(fits);
        validation.retain(fits);
        if pairs.len() < before {
            training.progress.note(&format!(
                "skipped {} pairs with {limit} or more tokens on one side (max_length)",
                before - pairs.len()
            ));
        }
    }
    if pairs.is_empty() {
        let what = "there are no sentence pairs to train on";
        return Err(harness::Error::corrupt(source.folder(), what).into());
    }
    validation.truncate(VALIDATION_PAIRS);
    Ok((pairs, validation))
}

/// Unigram counts of target words.
fn target_counts(pairs: &[OwnedPair], vocabs: VocabPair) -> Vec<u64> {
    let mut counts = vec![0; vocabs.sizes[1]];
    counts[vocabs.target_eos() as usize] = pairs.len() as u64;
    for &token in pairs.iter().flat_map(|pair| &pair.1) {
        counts[token as usize] += 1;
    }
    counts
}

/// Predicts each target token from its source and the target tokens before it.
#[derive(Debug)]
pub struct TranslationTask<'a, N> {
    network: &'a N,
    pairs: &'a [OwnedPair],
    batches: PairBatches,
    validation: Vec<OwnedPair>,
    device: Device,
}

fn as_pair(pair: &OwnedPair) -> Pair<'_> {
    (&pair.0, &pair.1)
}

impl<'a, N: EncoderDecoder> TranslationTask<'a, N> {
    /// A task with the batches of the network's configuration.
    pub fn new(
        network: &'a N,
        pairs: &'a [OwnedPair],
        validation: Vec<OwnedPair>,
        device: Device,
        seed: u64,
    ) -> TranslationTask<'a, N> {
        let common = network.config().common();
        let lengths = pairs
            .iter()
            .map(|pair| (pair.0.len() + 1, pair.1.len() + 1));
        let batches = PairBatches::new(
            lengths.collect(),
            common.bucketing,
            common.batch_tokens,
            seed,
        );
        TranslationTask {
            network,
            pairs,
            batches,
            validation,
            device,
        }
    }
}

impl<N: EncoderDecoder> Task for TranslationTask<'_, N> {
    fn loss(&mut self, weights: &Weights, batch: u64) -> Result<Loss> {
        let chosen = self.batches.batch(batch);
        let pairs: Vec<Pair<'_>> = chosen.iter().map(|&at| as_pair(&self.pairs[at])).collect();
        let batch = PairBatch::new(&pairs, self.network.vocabs().target_eos(), self.device);
        let hidden = self.network.forward(weights, &batch, Mode::Train);
        let label_smoothing = self.network.config().common().label_smoothing;
        let output = self.network.output();
        Ok(output.cross_entropy(weights, &hidden, &batch.targets, label_smoothing))
    }

    fn fingerprint(&self) -> String {
        format!("{:?}", self.network.config().training_part())
    }

    fn batch_bytes(&self) -> u64 {
        let tokens = self.network.config().common().batch_tokens as u64;
        4 * tokens * self.network.activations_per_token()
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

    /// 2 per parameter in the forward pass and 4 in the backward pass; each target token includes its share of source tokens.
    fn flops_per_token(&self) -> f64 {
        let [source, target] = self.network.matmul_parameters();
        let sources: u64 = self.pairs.iter().map(|pair| pair.0.len() as u64 + 1).sum();
        let sources_per_target = sources as f64 / self.epoch_tokens() as f64;
        6.0 * (source as f64 * sources_per_target + target as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn end_tokens_are_counted() {
        let vocabs = VocabPair {
            sizes: [3, 4],
            eos: [0, 0],
            is_shared: false,
        };
        let pairs = [(vec![1], vec![1, 2]), (vec![2], vec![1])];
        assert_eq!(target_counts(&pairs, vocabs), [2, 2, 1, 0]);
    }
}

//! Training a language model on a stream of text.

use corpus::{Text, TokenId};
use harness::Training;
use tch::{Device, Kind, Tensor};

use crate::error::Result;
use crate::layout::Layout;
use crate::loss::Loss;
use crate::model_weights::Weights;
use crate::parameters::Parameters;
use crate::sampled_softmax::Sampler;
use crate::task::Task;
use crate::text_batches::TextBatches;
use crate::text_model::TextModel;
use crate::text_network::{TextConfig, TextNetwork};
use crate::text_scoring::mean_log_prob;
use crate::trainer::train;

/// Trains a network to predict `text`, whose tokens are below `vocab_size`. `eos` is the input before the first token.
///
/// # Errors
/// [`harness::Error::Setting`]; [`crate::Error`], also when interrupted.
pub fn train_text_model<N: TextNetwork>(
    config: &N::Config,
    text: &(impl Text + ?Sized),
    vocab_size: usize,
    eos: TokenId,
    training: &mut Training<'_>,
) -> Result<TextModel<N>> {
    config.validate()?;
    let (network, mut parameters, device) = build::<N>(config, vocab_size, training.seed)?;
    let counts = text.counts(vocab_size);
    network.init_parameters(&mut parameters, &counts);
    let (shape, order) = (config.batch_shape(), config.order());
    let mut task = TextTask {
        network: &network,
        batches: TextBatches::new(text, eos, shape, order, training.seed, device),
        sampler: Sampler::for_training(&counts, config.num_sampled(), device),
        validation: training.validation.clone(),
        eos,
        carried: Vec::new(),
    };
    train(&mut task, &mut parameters, config.training(), training)?;
    Ok(TextModel::new(network, parameters, eos))
}

/// A network with newly initialised parameters, and its device.
///
/// # Errors
/// [`harness::Error::Setting`], [`crate::Error::Device`], [`crate::Error::Memory`].
pub fn build<N: TextNetwork>(
    config: &N::Config,
    vocab_size: usize,
    seed: u64,
) -> Result<(N, Parameters, Device)> {
    let device = config.compute().apply()?;
    let mut layout = Layout::default();
    let network = N::new(config, vocab_size, &mut layout);
    let precision = config.compute().precision();
    let parameters = Parameters::new(layout, device, precision, seed)?;
    Ok((network, parameters, device))
}

/// Predicts each token of a window from those before it.
#[derive(Debug)]
pub struct TextTask<'a, N, T: ?Sized> {
    /// The trained network.
    pub network: &'a N,
    /// The training text.
    pub batches: TextBatches<'a, T>,
    /// For sampled softmax.
    pub sampler: Option<Sampler>,
    /// The validation sample.
    pub validation: Vec<TokenId>,
    /// The end of a line.
    pub eos: TokenId,
    /// The network's state after the previous batch; empty for the initial state.
    pub carried: Vec<Tensor>,
}

impl<N: TextNetwork, T: Text + ?Sized> Task for TextTask<'_, N, T> {
    fn loss(&mut self, weights: &Weights, batch: u64) -> Result<Loss> {
        let batch = self.batches.batch(batch);
        if batch.resets_state {
            self.carried.clear();
        }
        let network = self.network;
        let (hidden, carried) = network.forward_carried(weights, &batch.inputs, &self.carried);
        self.carried = carried;
        let hidden = hidden.flatten(0, 1); // [batch * time, D]
        let targets = batch.targets.flatten(0, -1); // [batch * time]
        let output = network.output();
        Ok(match &self.sampler {
            None => {
                let smoothing = network.config().label_smoothing();
                output.cross_entropy(weights, &hidden, &targets, smoothing)
            }
            Some(sampler) => output.sampled_cross_entropy(weights, &hidden, &targets, sampler),
        })
    }

    fn fingerprint(&self) -> String {
        format!("{:?}", self.network.config().training_part())
    }

    fn batch_bytes(&self) -> u64 {
        4 * self.batches.tokens() * self.network.activations_per_token()
    }

    fn epoch_tokens(&self) -> u64 {
        self.batches.text_tokens()
    }

    fn validate(&mut self, weights: &Weights) -> Result<Option<f64>> {
        let validation = &self.validation;
        Ok(mean_log_prob(self.network, weights, self.eos, validation))
    }

    fn flops_per_token(&self) -> f64 {
        self.network.flops_per_token()
    }

    fn carried_state(&self) -> Vec<Tensor> {
        let state = self.carried.iter();
        state.map(|part| part.to_kind(Kind::Float)).collect()
    }

    fn restore_carried_state(&mut self, state: Vec<Tensor>) {
        let kind = self.network.config().compute().precision().kind();
        self.carried = state.iter().map(|part| part.to_kind(kind)).collect();
    }
}

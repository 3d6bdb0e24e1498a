//! Training a decoder on a stream of text.

use corpus::{Text, TokenId};
use harness::Training;
use neural::{
    Layout, Objective, Order, Parameters, Result, Sampler, Streams, Task, TextNetwork, Weights,
    mean_log_prob, train,
};

use super::Lm;
use super::config::LmConfig;
use super::network::Network;

impl LmConfig {
    /// Learns to predict `text`, whose tokens are below `vocab_size`. What stands before the first token of a stream is
    /// taken to be `eos`, the end of a line.
    ///
    /// # Errors
    /// [`harness::Error::Setting`], [`neural::Error`] when interrupted.
    pub fn train(
        &self,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        eos: TokenId,
        training: &mut Training<'_>,
    ) -> Result<Lm> {
        self.validate()?;
        let device = self.compute.apply()?;
        let mut layout = Layout::default();
        let network = Network::new(self, vocab_size, &mut layout);
        let precision = self.compute.precision();
        let mut parameters = Parameters::new(layout, device, precision, training.seed)?;
        if self.bias {
            network
                .output
                .begin_with_frequencies(&mut parameters, &text.counts(vocab_size));
        }
        let shape = (self.batch, self.context);
        let mut task = Decoding {
            network: &network,
            streams: Streams::new(text, eos, shape, Order::Shuffled, training.seed, device),
            sampler: self.sampler(text, vocab_size, device),
            validation: training.validation.clone(),
            eos,
        };
        train(&mut task, &mut parameters, &self.training, training)?;
        Ok(Lm::new(network, parameters, eos))
    }

    fn sampler(
        &self,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        device: tch::Device,
    ) -> Option<Sampler> {
        (0 < self.candidates && self.candidates < vocab_size).then(|| {
            let counts = text.counts(vocab_size);
            Sampler::new(&counts, self.candidates, device)
        })
    }
}

/// Predict each token of a window from those before it.
pub(crate) struct Decoding<'a, T: ?Sized> {
    pub(crate) network: &'a Network,
    pub(crate) streams: Streams<'a, T>,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) validation: Vec<TokenId>,
    pub(crate) eos: TokenId,
}

impl<T: Text + ?Sized> Task for Decoding<'_, T> {
    fn objective(&mut self, weights: &Weights, batch: u64) -> neural::Result<Objective> {
        let window = self.streams.batch(batch);
        let hidden = self.network.hidden(weights, &window.inputs, true);
        let hidden = hidden.flatten(0, 1);
        let targets = window.targets.flatten(0, -1);
        let (output, smoothing) = (&self.network.output, self.network.config().smoothing);
        Ok(match &self.sampler {
            None => output.objective(weights, &hidden, &targets, smoothing),
            Some(sampler) => output.sampled_objective(weights, &hidden, &targets, sampler),
        })
    }

    /// All but where it is computed.
    fn settings(&self) -> String {
        let config = LmConfig {
            compute: neural::Settings::default(),
            ..self.network.config().clone()
        };
        format!("{config:?}")
    }

    fn batch_bytes(&self) -> u64 {
        let config = self.network.config();
        // What the way back needs of each layer, and the gradients that are under way there.
        let layer = 13 * config.width + 3 * config.feed_forward;
        let token = config.layers * layer + 6 * config.width;
        4 * self.streams.tokens() * token as u64
    }

    fn epoch_tokens(&self) -> u64 {
        self.streams.text_tokens()
    }

    fn validate(&mut self, weights: &Weights) -> neural::Result<Option<f64>> {
        Ok(mean_log_prob(
            self.network,
            weights,
            self.eos,
            &self.validation,
        ))
    }

    /// Two for each parameter that multiplies on the way forward, twice that on the way back, and the products of
    /// attention, of which half a context is seen on average.
    fn flops_per_token(&self) -> f64 {
        let config = self.network.config();
        let attention = config.layers * config.context / 2 * 2 * config.width;
        6.0 * (self.network.multiplying() as f64 + attention as f64)
    }
}

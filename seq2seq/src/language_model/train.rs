//! Training on a stream of text.

use corpus::{Text, TokenId};
use harness::Training;
use neural::{
    Layout, Objective, Order, Parameters, Result, Sampler, Streams, Task, TextNetwork, Weights,
    mean_log_prob, train,
};
use tch::Tensor;

use super::Lm;
use super::config::LmConfig;
use super::network::Network;
use crate::lstm::{Mode, State};

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
        let counts = text.counts(vocab_size);
        network.decoder.begin(&mut parameters, &counts);
        let sampled = 0 < self.candidates && self.candidates < vocab_size;
        let shape = (self.batch, self.window);
        let mut task = Modelling {
            network: &network,
            streams: Streams::new(text, eos, shape, Order::Running, training.seed, device),
            state: None,
            sampler: sampled.then(|| Sampler::new(&counts, self.candidates, device)),
            validation: training.validation.clone(),
            eos,
        };
        train(&mut task, &mut parameters, &self.training, training)?;
        Ok(Lm::new(network, parameters, eos))
    }
}

/// Predict each token of a window from those before it, in the windows before it too.
pub(crate) struct Modelling<'a, T: ?Sized> {
    pub(crate) network: &'a Network,
    pub(crate) streams: Streams<'a, T>,
    /// After the window before.
    pub(crate) state: Option<State>,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) validation: Vec<TokenId>,
    pub(crate) eos: TokenId,
}

impl<T: Text + ?Sized> Task for Modelling<'_, T> {
    fn objective(&mut self, weights: &Weights, batch: u64) -> neural::Result<Objective> {
        let window = self.streams.batch(batch);
        let dropout = self.network.config().dropout;
        let carried = self.state.take().filter(|_| !window.begins);
        let rows = window.inputs.size()[0];
        let state = carried.unwrap_or_else(|| self.network.decoder.lstm.start(weights, rows));
        let mode = Mode::Train { dropout };
        let decoder = &self.network.decoder;
        let (hidden, state) = decoder.follow(weights, &window.inputs, &state, mode);
        self.state = Some(state.detach());
        let (hidden, targets) = (hidden.flatten(0, 1), window.targets.flatten(0, -1));
        let output = &decoder.output;
        Ok(match &self.sampler {
            None => output.objective(weights, &hidden, &targets, 0.0),
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
        // Gates, cells and what is written, there and back, of each layer.
        let token = config.layers * 14 * config.hidden + 6 * config.width;
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

    /// Two for each parameter that multiplies on the way forward, twice that on the way back.
    fn flops_per_token(&self) -> f64 {
        6.0 * self.network.multiplying() as f64
    }

    fn carried(&self) -> Vec<Tensor> {
        self.state.as_ref().map_or(Vec::new(), State::to_tensors)
    }

    fn carry(&mut self, carried: Vec<Tensor>) {
        let kind = self.network.config().compute.precision().kind();
        self.state = State::of_tensors(&carried, kind);
    }
}

//! A trained language model: judged, asked to write, saved and opened.

use std::path::Path;

use corpus::TokenId;
use harness::{Generator, Sampling};
use neural::{
    Layout, Parameters, Result, Step, TextModel, Trained, Weights, ids, open_card, sample,
};
use tch::Tensor;

use super::LM_VARIANT;
use super::config::LmConfig;
use super::network::Network;
use crate::ERA;
use crate::lstm::{Mode, State};

/// A trained language model.
#[derive(Debug)]
pub struct Lm(TextModel<Network>);

impl Lm {
    pub(crate) fn new(network: Network, parameters: Parameters, eos: TokenId) -> Lm {
        Lm(TextModel::new(
            (ERA, LM_VARIANT),
            network,
            Trained::new(parameters),
            eos,
        ))
    }

    /// Its settings.
    pub fn config(&self) -> &LmConfig {
        self.0.network().config()
    }

    /// Numbers that training set.
    pub fn parameters(&self) -> u64 {
        self.0.parameters()
    }

    /// Writes the model into a folder.
    ///
    /// # Errors
    /// [`neural::Error`] when the disk refuses.
    pub fn save(&self, folder: &Path, vocab_checksum: &str) -> Result<()> {
        self.0.save(folder, vocab_checksum, self.config())
    }

    /// Opens a model, on the device of its settings.
    ///
    /// # Errors
    /// [`neural::Error::Harness`] if a file is missing or contradicts another, or for an impossible setting;
    /// [`neural::Error`] for weights of another shape or that are not finite.
    pub fn open(folder: &Path) -> Result<Lm> {
        let (card, eos) = open_card(folder)?;
        let config: LmConfig = card.settings(folder)?;
        config.validate()?;
        let device = config.compute.apply()?;
        let mut layout = Layout::default();
        let network = Network::new(&config, card.vocab_size, &mut layout);
        let trained = Trained::open(layout, device, folder)?;
        Ok(Lm(TextModel::new((ERA, LM_VARIANT), network, trained, eos)))
    }
}

neural::language_model!(Lm);

impl Generator for Lm {
    /// With the state carried on, however long the text becomes.
    fn generate(
        &self,
        prompt: &[TokenId],
        length: usize,
        stop: Option<TokenId>,
        how: Sampling,
    ) -> harness::Result<Vec<TokenId>> {
        self.0.check(prompt)?;
        let eos = self.0.eos();
        self.0.with(|network, weights| {
            let mut writer = Writer {
                network,
                weights,
                state: network.decoder.lstm.start(weights, 1),
            };
            let last = match prompt.split_last() {
                None => eos,
                Some((&last, before)) => {
                    writer.read(&[&[eos], before].concat());
                    last
                }
            };
            let mut written = sample(&mut writer, &[last], length, stop, how)?;
            Ok(written.pop().unwrap_or_default())
        })
    }
}

/// A language model in the middle of some texts.
struct Writer<'a> {
    network: &'a Network,
    weights: &'a Weights,
    state: State,
}

impl Writer<'_> {
    /// The only text goes on with these tokens.
    fn read(&mut self, tokens: &[TokenId]) {
        let tokens = ids(tokens, self.state.hidden.device()).unsqueeze(0);
        let decoder = &self.network.decoder;
        let (_, state) = decoder.follow(self.weights, &tokens, &self.state, Mode::Judge);
        self.state = state;
    }
}

impl Step for Writer<'_> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        let tokens = ids(tokens, self.state.hidden.device());
        let decoder = &self.network.decoder;
        let (log_probs, state) = decoder.step(self.weights, &tokens, &self.state);
        self.state = state;
        log_probs
    }

    fn select(&mut self, rows: &[usize]) {
        let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        let rows = Tensor::from_slice(&rows).to_device(self.state.hidden.device());
        self.state = self.state.select(&rows);
    }
}

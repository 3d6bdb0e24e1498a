//! The cells as a language model: each line of a text is the reply to those before it.

use std::path::Path;

use corpus::TokenId;
use harness::{Generator, Sampling};
use neural::{Layout, Parameters, Result, TextModel, Trained, open_card, sample};

use crate::config::Config;
use crate::network::Network;
use crate::writer::Writer;
use crate::{ERA, LM_VARIANT};

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
    pub fn config(&self) -> &Config {
        self.0.network().config()
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
        let config: Config = card.settings(folder)?;
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
    fn generate(
        &self,
        prompt: &[TokenId],
        length: usize,
        stop: Option<TokenId>,
        how: Sampling,
    ) -> harness::Result<Vec<TokenId>> {
        self.0.check(prompt)?;
        let text = [&[self.0.eos()], prompt].concat();
        self.0.with(|network, weights| {
            let mut writer = Writer::after(network, weights, &[&text]);
            let last = [text[text.len() - 1]];
            let mut written = sample(&mut writer, &last, length, stop, how)?;
            Ok(written.pop().unwrap_or_default())
        })
    }
}

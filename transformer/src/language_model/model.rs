//! A trained decoder: judged, asked to write, saved and opened.

use std::path::Path;

use corpus::TokenId;
use harness::{Generator, Sampling};
use neural::{Layout, Parameters, Result, TextModel, Trained, ids, open_card, sample};

use super::config::LmConfig;
use super::network::Network;
use super::writer::Writer;
use crate::translation::shares;
use crate::{ERA, LM_VARIANT};

/// A trained decoder.
#[derive(Debug)]
pub struct Lm(TextModel<Network>);

impl Lm {
    pub(crate) fn new(network: Network, parameters: Parameters, eos: TokenId) -> Lm {
        let trained = Trained::new(parameters);
        Lm(TextModel::new((ERA, LM_VARIANT), network, trained, eos))
    }

    /// Its settings.
    pub fn config(&self) -> &LmConfig {
        self.0.network().config()
    }

    /// Numbers that training set.
    pub fn parameters(&self) -> u64 {
        self.0.parameters()
    }

    /// How the heads of all layers distribute their attention over a text that fits the context: of each layer, of each
    /// head, for each token how much it looks at each. In training, texts begin with the end of a line.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if the text is empty or longer than the context; [`neural::Error::Harness`] for unknown ids.
    pub fn attention(&self, tokens: &[TokenId]) -> Result<Vec<Vec<Vec<Vec<f64>>>>> {
        self.0.check(tokens)?;
        let context = self.config().context;
        if tokens.is_empty() || tokens.len() > context {
            return Err(harness::Error::Setting {
                field: "text",
                value: format!("{} tokens", tokens.len()),
                bound: format!("must have from 1 to {context}, the context of this model"),
            }
            .into());
        }
        Ok(self.0.with(|network, weights| {
            let device = weights[network.output.table].device();
            let patterns = network.patterns(weights, &ids(tokens, device).unsqueeze(0));
            patterns.iter().map(shares).collect()
        }))
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
    /// [`neural::Error::Harness`] if a file is missing or contradicts another, [`neural::Error`] for weights of another
    /// shape or that are not finite, [`harness::Error::Setting`] for an impossible config.
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
    /// With what was computed for earlier tokens kept, until the context is full; then half of it is read anew, as
    /// `next` does.
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
            // What is written first follows the last token of the prompt, or the end of a line.
            let before = match prompt.split_last() {
                None => Vec::new(),
                Some((_, rest)) => [&[eos], rest].concat(),
            };
            let last = prompt.last().copied().unwrap_or(eos);
            let mut writer = Writer::new(network, weights, vec![before]);
            let mut written = sample(&mut writer, &[last], length, stop, how)?;
            Ok(written.pop().unwrap_or_default())
        })
    }
}

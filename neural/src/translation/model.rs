//! A trained translator: its networks, vocabularies and files.

use std::path::Path;

use corpus::{Codec, TokenId, Vocab, sha256_of};
use harness::{MODEL_FORMAT, ModelCard, SOURCE};

use super::encoder_decoder::{EncoderDecoder, TranslatorConfig};
use super::vocab_pair::VocabPair;
use crate::error::Result;
use crate::layout::Layout;
use crate::model_weights::Weights;
use crate::parameters::Parameters;
use crate::trained_weights::TrainedWeights;

/// A trained network that translates, with the vocabularies of both sides.
#[derive(Debug)]
pub struct TranslationModel<N> {
    pub(super) network: N,
    pub(super) weights: TrainedWeights,
    pub(super) source: Codec,
    pub(super) target: Codec,
}

/// Key of the model card for the SHA-256 of the source vocabulary.
const SOURCE_VOCAB: &str = "source_vocab";

pub(super) fn checksum(vocab: &Vocab) -> String {
    sha256_of(vocab.to_text().as_bytes())
}

impl<N: EncoderDecoder> TranslationModel<N> {
    pub(super) fn new(
        network: N,
        parameters: Parameters,
        [source, target]: [Codec; 2],
    ) -> TranslationModel<N> {
        TranslationModel {
            network,
            weights: TrainedWeights::new(parameters),
            source,
            target,
        }
    }

    /// Its configuration.
    pub fn config(&self) -> &N::Config {
        self.network.config()
    }

    /// Total number of parameters.
    pub fn parameters(&self) -> u64 {
        self.weights.count()
    }

    /// Tokenizer and vocabulary of each side, source first.
    pub fn codecs(&self) -> [&Codec; 2] {
        [&self.source, &self.target]
    }

    /// Runs a computation on the network and its weights without gradients.
    pub fn with<T>(&self, compute: impl FnOnce(&N, &Weights) -> T) -> T {
        self.weights.with(|weights| compute(&self.network, weights))
    }

    /// Writes the model with both vocabularies to a folder.
    ///
    /// # Errors
    /// [`crate::Error`] if a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let sources = folder.join(SOURCE);
        std::fs::create_dir_all(&sources).map_err(harness::Error::io("create", &sources))?;
        self.source.save(&sources)?;
        self.target.save(folder)?;
        self.weights.save(folder)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let mut config = toml::Table::try_from(self.config()).map_err(corrupt)?;
        config.insert(
            SOURCE_VOCAB.to_owned(),
            checksum(self.source.vocab()).into(),
        );
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: N::Config::ERA.to_owned(),
            variant: self.config().variant().to_owned(),
            vocab_checksum: checksum(self.target.vocab()),
            vocab_size: self.target.vocab().len(),
            parameters: self.parameters(),
            config,
            training: harness::TrainingTotals::default(),
            ancestry: Vec::new(),
            borrowed_ideas: Vec::new(),
            test_evaluations: None,
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a model on its configured device, or else on the CPU.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a file is missing or inconsistent, or for an invalid setting; [`crate::Error`] for weights of
    /// another shape or that are not finite.
    pub fn open(folder: &Path) -> Result<TranslationModel<N>> {
        let mut card = ModelCard::open(folder)?;
        let source_vocab = card.config.remove(SOURCE_VOCAB);
        let config: N::Config = card.settings(folder)?;
        config.validate()?;
        let sources = folder.join(SOURCE);
        let (source, target) = (card.codec_in(folder, SOURCE)?, card.codec_in(folder, "")?);
        let expected = [source_vocab, Some(card.vocab_checksum.clone().into())];
        let sides = [(&source, sources), (&target, folder.to_path_buf())];
        for ((codec, place), expected) in sides.into_iter().zip(expected) {
            if Some(checksum(codec.vocab()).into()) != expected {
                let what = "not the vocabulary that the model was trained with; train it again";
                return Err(harness::Error::corrupt(&place.join("vocab.txt"), what).into());
            }
        }
        let device = config.common().compute.apply_anywhere()?;
        let mut layout = Layout::default();
        let vocabs = VocabPair::new([source.vocab(), target.vocab()]);
        let network = N::new(&config, vocabs, &mut layout);
        let weights = TrainedWeights::open(layout, device, &card, folder)?;
        Ok(TranslationModel {
            network,
            weights,
            source,
            target,
        })
    }

    /// Tokens of sources, without end tokens.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if the tokenizer fails, [`harness::Error::Setting`] for a sentence above the maximum length.
    pub fn sources(&self, sentences: &[&str]) -> Result<Vec<Vec<TokenId>>> {
        self.encode(&self.source, "source", sentences)
    }

    /// Tokens of targets, without end tokens.
    ///
    /// # Errors
    /// As for sources.
    pub fn targets(&self, sentences: &[&str]) -> Result<Vec<Vec<TokenId>>> {
        self.encode(&self.target, "target", sentences)
    }

    fn encode(
        &self,
        codec: &Codec,
        side: &'static str,
        sentences: &[&str],
    ) -> Result<Vec<Vec<TokenId>>> {
        let encode = |(at, sentence): (usize, &&str)| {
            let tokens = codec.encode_line(sentence)?;
            match self.config().common().max_length {
                Some(limit) if tokens.len() >= limit => Err(harness::Error::Setting {
                    field: side,
                    value: format!("sentence {} of {} tokens", at + 1, tokens.len()),
                    bound: format!(
                        "must have fewer than {limit} tokens, the maximum of this model; split it"
                    ),
                }
                .into()),
                _ => Ok(tokens),
            }
        };
        sentences.iter().enumerate().map(encode).collect()
    }
}

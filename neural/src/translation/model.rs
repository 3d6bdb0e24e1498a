//! A trained translator: asked, judged, saved and opened.

use std::path::Path;

use corpus::{Codec, TokenId, Vocab, sha256_of};
use harness::{MODEL_FORMAT, ModelCard};

use super::pairs::{Pair, score_pairs};
use super::search::translate;
use super::{EncoderDecoder, Sides, TranslatorConfig};
use crate::error::Result;
use crate::parameters::{Layout, Parameters, Weights};
use crate::trained::Trained;

/// A trained network that translates, with the vocabularies of both sides.
#[derive(Debug)]
pub struct TranslationModel<N> {
    pub(super) network: N,
    pub(super) trained: Trained,
    pub(super) source: Codec,
    pub(super) target: Codec,
}

/// What a card says beside the settings: SHA-256 of the source vocabulary.
const SOURCE_VOCAB: &str = "source_vocab";
/// Where the source side's vocabulary lies.
const SOURCE: &str = "source";

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
            trained: Trained::new(parameters),
            source,
            target,
        }
    }

    /// Its settings.
    pub fn config(&self) -> &N::Config {
        self.network.config()
    }

    /// Numbers that training set.
    pub fn parameters(&self) -> u64 {
        self.trained.count()
    }

    /// What reads and writes words on each side, the source first.
    pub fn codecs(&self) -> [&Codec; 2] {
        [&self.source, &self.target]
    }

    /// Works with the network and its weights, without keeping track of gradients.
    pub fn with<T>(&self, work: impl FnOnce(&N, &Weights) -> T) -> T {
        self.trained.with(|weights| work(&self.network, weights))
    }

    /// Writes the model into a folder, with the vocabularies of both sides.
    ///
    /// # Errors
    /// [`crate::Error`] when the disk refuses.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let sources = folder.join(SOURCE);
        std::fs::create_dir_all(&sources).map_err(harness::Error::io("create", &sources))?;
        self.source.save(&sources)?;
        self.target.save(folder)?;
        self.trained.save(folder)?;
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
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a model, on the device of its settings or else on the CPU.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a file is missing or contradicts another, or for an impossible setting;
    /// [`crate::Error`] for weights of another shape or that are not finite.
    pub fn open(folder: &Path) -> Result<TranslationModel<N>> {
        let mut card = ModelCard::open(folder)?;
        let source_vocab = card.config.remove(SOURCE_VOCAB);
        let config: N::Config = card.settings(folder)?;
        config.validate()?;
        let sources = folder.join(SOURCE);
        let (source, target) = (Codec::open(&sources)?, Codec::open(folder)?);
        let expected = [source_vocab, Some(card.vocab_checksum.into())];
        let sides = [(&source, sources), (&target, folder.to_path_buf())];
        for ((codec, place), expected) in sides.into_iter().zip(expected) {
            if Some(checksum(codec.vocab()).into()) != expected {
                let what = "not the vocabulary that the model was trained with; train it again";
                return Err(harness::Error::corrupt(&place.join("vocab.txt"), what).into());
            }
        }
        let device = config.common().compute.apply_anywhere()?;
        let mut layout = Layout::default();
        let sides = Sides::of([source.vocab(), target.vocab()]);
        let network = N::new(&config, sides, &mut layout);
        let trained = Trained::open(layout, device, folder)?;
        Ok(TranslationModel {
            network,
            trained,
            source,
            target,
        })
    }

    /// The tokens of sources, without their ends.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if the tokenizer refuses, [`harness::Error::Setting`] for one that is longer than the
    /// network reads.
    pub fn sources(&self, sentences: &[&str]) -> Result<Vec<Vec<TokenId>>> {
        self.encode(&self.source, "source", sentences)
    }

    /// The tokens of targets, without their ends.
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
            match self.config().common().longest {
                Some(longest) if tokens.len() >= longest => Err(harness::Error::Setting {
                    field: side,
                    value: format!("sentence {} of {} tokens", at + 1, tokens.len()),
                    bound: format!(
                        "must have fewer than {longest}, the longest that this model knows; divide it"
                    ),
                }
                .into()),
                _ => Ok(tokens),
            }
        };
        sentences.iter().enumerate().map(encode).collect()
    }
}

impl<N: EncoderDecoder> harness::Translator for TranslationModel<N> {
    fn translate(&self, sources: &[&str]) -> harness::Result<Vec<String>> {
        Ok(translate(&[self], sources, self.config().common().beam)?)
    }

    fn score_pairs(&self, pairs: &[(&str, &str)]) -> harness::Result<Vec<f64>> {
        let (sources, targets): (Vec<&str>, Vec<&str>) = pairs.iter().copied().unzip();
        let sources = self.sources(&sources)?;
        let targets = self.targets(&targets)?;
        let pairs = sources.iter().zip(&targets);
        let pairs: Vec<Pair<'_>> = pairs.map(|pair| (&pair.0[..], &pair.1[..])).collect();
        Ok(self.with(|network, weights| score_pairs(network, weights, &pairs)))
    }

    fn perplexity_tokens(&self, targets: &[&str]) -> Option<u64> {
        let tokens = targets.iter().map(|target| self.target.encode_line(target));
        let tokens = tokens.map(|tokens| Some(tokens.ok()?.len() as u64 + 1));
        tokens.sum()
    }
}

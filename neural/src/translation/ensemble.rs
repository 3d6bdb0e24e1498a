//! Ensembles of translators.

use std::path::{Path, PathBuf};

use harness::Translator;

use super::beam_config::BeamConfig;
use super::encoder_decoder::{EncoderDecoder, TranslatorConfig};
use super::model::{TranslationModel, checksum};
use super::search::{search, translate};
use crate::decoding::Hypothesis;
use crate::error::Result;

/// Translators with the same vocabularies whose probabilities are averaged (Sutskever et al. 2014, section 3.6).
#[derive(Debug)]
pub struct Ensemble<N> {
    members: Vec<TranslationModel<N>>,
    beam: BeamConfig,
}

impl<N: EncoderDecoder> Ensemble<N> {
    /// Opens the translators in these folders; `beam` adjusts the beam search of the first one's configuration.
    ///
    /// # Errors
    /// As [`TranslationModel::open`]; [`harness::Error::Corrupt`] if their vocabularies differ, [`harness::Error::Setting`]
    /// for an invalid beam.
    pub fn open(
        folders: &[PathBuf],
        beam: impl FnOnce(BeamConfig) -> BeamConfig,
    ) -> Result<Ensemble<N>> {
        let mut members: Vec<TranslationModel<N>> = Vec::new();
        let checksums = |of: &TranslationModel<N>| of.codecs().map(|codec| checksum(codec.vocab()));
        for folder in folders {
            let member = TranslationModel::open(folder)?;
            if members
                .first()
                .is_some_and(|first| checksums(first) != checksums(&member))
            {
                let what = format!(
                    "has other vocabularies than {}; the models of an ensemble must share one corpus",
                    folders[0].display()
                );
                return Err(harness::Error::corrupt(folder, what).into());
            }
            members.push(member);
        }
        let Some(first) = members.first() else {
            let what = "an ensemble needs at least one translator";
            return Err(harness::Error::corrupt(Path::new("."), what).into());
        };
        let beam = beam(first.config().common().beam);
        beam.validate()?;
        Ok(Ensemble { members, beam })
    }

    /// The members.
    pub fn members(&self) -> &[TranslationModel<N>] {
        &self.members
    }
}

/// A translator that returns n-best lists.
pub trait NBest: Translator {
    /// The best translations of each source with their ln p, ordered by score; at most the beam width.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a tokenizer fails.
    fn n_best(&self, sources: &[&str]) -> Result<Vec<Vec<(String, f64)>>>;
}

impl<N: EncoderDecoder> NBest for Ensemble<N> {
    fn n_best(&self, sources: &[&str]) -> Result<Vec<Vec<(String, f64)>>> {
        let members: Vec<&TranslationModel<N>> = self.members.iter().collect();
        let [_, target] = self.members[0].codecs();
        let found = search(&members, sources, self.beam)?;
        let text =
            |hypothesis: Hypothesis| Ok((target.decode(&hypothesis.tokens)?, hypothesis.log_prob));
        let of_source = |found: Vec<Hypothesis>| found.into_iter().map(text).collect();
        found.into_iter().map(of_source).collect()
    }
}

impl<N: EncoderDecoder> Translator for Ensemble<N> {
    fn translate(&self, sources: &[&str]) -> harness::Result<Vec<String>> {
        let members: Vec<&TranslationModel<N>> = self.members.iter().collect();
        Ok(translate(&members, sources, self.beam)?)
    }

    /// The mean ln p of the members, as in rescoring n-best lists.
    fn score_pairs(&self, pairs: &[(&str, &str)]) -> harness::Result<Vec<f64>> {
        let mut sums = vec![0.0; pairs.len()];
        for member in &self.members {
            for (sum, score) in sums.iter_mut().zip(member.score_pairs(pairs)?) {
                *sum += score / self.members.len() as f64;
            }
        }
        Ok(sums)
    }

    fn perplexity_tokens(&self, targets: &[&str]) -> Option<u64> {
        self.members[0].perplexity_tokens(targets)
    }
}

//! Several translators that write together.

use std::path::{Path, PathBuf};

use harness::Translator;

use super::model::checksum;
use super::search::{search, translate};
use super::{EncoderDecoder, Reading, TranslationModel, TranslatorConfig};
use crate::decoding::Hypothesis;
use crate::error::Result;

/// Several translators of the same vocabularies, whose probabilities are averaged (Sutskever et al. 2014, section 3.6).
#[derive(Debug)]
pub struct Ensemble<N> {
    members: Vec<TranslationModel<N>>,
    beam: Reading,
}

impl<N: EncoderDecoder> Ensemble<N> {
    /// Translators that were opened from these folders; `beam` in place of what the first one's settings say.
    ///
    /// # Errors
    /// As [`TranslationModel::open`]; [`harness::Error::Corrupt`] if their vocabularies differ, [`harness::Error::Setting`]
    /// for an impossible beam.
    pub fn open(folders: &[PathBuf], beam: impl FnOnce(Reading) -> Reading) -> Result<Ensemble<N>> {
        let mut members: Vec<TranslationModel<N>> = Vec::new();
        let words = |of: &TranslationModel<N>| of.codecs().map(|codec| checksum(codec.vocab()));
        for folder in folders {
            let member = TranslationModel::open(folder)?;
            if members
                .first()
                .is_some_and(|first| words(first) != words(&member))
            {
                let what = format!(
                    "has other vocabularies than {}; only models of one corpus can translate together",
                    folders[0].display()
                );
                return Err(harness::Error::corrupt(folder, what).into());
            }
            members.push(member);
        }
        let Some(first) = members.first() else {
            let what = "no translator was named";
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

/// What finds several translations of a sentence.
pub trait Candidates: Translator {
    /// The best translations of each source with their ln p, the best first by the length penalty: at most as many as the
    /// beam is wide.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a tokenizer refuses.
    fn candidates(&self, sources: &[&str]) -> Result<Vec<Vec<(String, f64)>>>;
}

impl<N: EncoderDecoder> Candidates for Ensemble<N> {
    fn candidates(&self, sources: &[&str]) -> Result<Vec<Vec<(String, f64)>>> {
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

    /// The mean of what the members say of each pair: of their ln p, as n-best lists are rescored.
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

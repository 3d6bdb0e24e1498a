//! Trained networks as translators of the harness, with their configured beam search or another one.

use harness::Translator;

use super::beam_config::BeamConfig;
use super::encoder_decoder::{EncoderDecoder, TranslatorConfig};
use super::model::TranslationModel;
use super::pair_batch::Pair;
use super::score::score_pairs;
use super::search::translate;

impl<N: EncoderDecoder> Translator for TranslationModel<N> {
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

/// A translator with another beam search than its configuration's.
#[derive(Debug)]
pub struct WithBeam<'a, N> {
    translator: &'a TranslationModel<N>,
    beam: BeamConfig,
}

impl<N: EncoderDecoder> TranslationModel<N> {
    /// The same translator with another beam search.
    pub fn with_beam(&self, beam: BeamConfig) -> WithBeam<'_, N> {
        WithBeam {
            translator: self,
            beam,
        }
    }
}

impl<N: EncoderDecoder> Translator for WithBeam<'_, N> {
    fn translate(&self, sources: &[&str]) -> harness::Result<Vec<String>> {
        Ok(translate(&[self.translator], sources, self.beam)?)
    }

    fn score_pairs(&self, pairs: &[(&str, &str)]) -> harness::Result<Vec<f64>> {
        self.translator.score_pairs(pairs)
    }

    fn perplexity_tokens(&self, targets: &[&str]) -> Option<u64> {
        self.translator.perplexity_tokens(targets)
    }
}

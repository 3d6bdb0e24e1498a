//! Looking for translations: several networks may write together.

use corpus::TokenId;
use harness::{Check, Translator, require};
use serde::{Deserialize, Serialize};
use tch::Tensor;

use super::pairs::of_one_length;
use super::{EncoderDecoder, TranslationModel, TranslatorConfig};
use crate::decoding::{Beam, Hypothesis, Step, beam_search};
use crate::error::Result;
use crate::parameters::Weights;
use crate::streams::ids;

/// How translations are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// B: hypotheses that are followed at a time.
    pub width: usize,
    /// Alpha of Wu et al. 2016, equation 14; 0 compares ln p of any length.
    pub length_penalty: f64,
    /// Words that a translation may be longer than its source.
    pub longer: usize,
}

impl Reading {
    /// The search for translations of sources of so many words, by networks that know sentences up to the longest.
    fn of_length(self, words: usize, longest: Option<usize>) -> Beam {
        let own = words + self.longer + 1;
        Beam {
            width: self.width,
            length_penalty: self.length_penalty,
            longest: longest.map_or(own, |longest| own.min(longest)),
        }
    }

    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        Ok(require(&[
            Check::new(
                (1..=1000).contains(&self.width),
                "beam.width",
                self.width,
                "must be from 1 to 1000",
            ),
            Check::new(
                (0.0..=10.0).contains(&self.length_penalty),
                "beam.length_penalty",
                self.length_penalty,
                "must be from 0 to 10",
            ),
            Check::new(
                self.longer <= 10_000,
                "beam.longer",
                self.longer,
                "must be at most 10000",
            ),
        ])?)
    }
}

/// A translator that looks for translations in another way.
#[derive(Debug)]
pub struct Looking<'a, N> {
    translator: &'a TranslationModel<N>,
    beam: Reading,
}

impl<N: EncoderDecoder> TranslationModel<N> {
    /// The same translator with another beam.
    pub fn looking(&self, beam: Reading) -> Looking<'_, N> {
        Looking {
            translator: self,
            beam,
        }
    }
}

impl<N: EncoderDecoder> Translator for Looking<'_, N> {
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

/// Rows of hypotheses that are followed together at most.
const TOGETHER: usize = 256;

/// The best translation of each source; an empty source has an empty one.
pub(super) fn translate<N: EncoderDecoder>(
    members: &[&TranslationModel<N>],
    sources: &[&str],
    beam: Reading,
) -> Result<Vec<String>> {
    let best = |found: Vec<Hypothesis>| match found.into_iter().next() {
        Some(best) => Ok(members[0].target.decode(&best.tokens)?),
        None => Ok(String::new()),
    };
    let found = search(members, sources, beam)?;
    found.into_iter().map(best).collect()
}

/// The best translations of each source; none of an empty one.
pub(super) fn search<N: EncoderDecoder>(
    members: &[&TranslationModel<N>],
    sources: &[&str],
    beam: Reading,
) -> Result<Vec<Vec<Hypothesis>>> {
    let sources = members[0].sources(sources)?;
    let lengths: Vec<usize> = sources.iter().map(Vec::len).collect();
    let mut found = vec![Vec::new(); sources.len()];
    let held: Vec<_> = members
        .iter()
        .map(|member| member.trained.weights())
        .collect();
    let end = members[0].network.sides().end();
    let longest = members
        .iter()
        .filter_map(|member| member.config().common().longest)
        .min();
    tch::no_grad(|| {
        for group in of_one_length(&lengths, TOGETHER / beam.width) {
            let length = lengths[group[0]];
            if length == 0 {
                continue;
            }
            let some: Vec<&[TokenId]> = group.iter().map(|&at| &sources[at][..]).collect();
            let voices = members.iter().zip(&held).map(|(member, weights)| Voice {
                network: &member.network,
                weights,
                memory: member.network.read(weights, &some),
            });
            let mut chorus = Chorus {
                voices: voices.collect(),
                unknown: members[0].target.vocab().unk(),
            };
            let first = vec![end; group.len()];
            let results = beam_search(&mut chorus, &first, end, beam.of_length(length, longest));
            for (&at, result) in group.iter().zip(results) {
                found[at] = result;
            }
        }
    });
    Ok(found)
}

/// A network in the middle of some translations.
struct Voice<'a, N: EncoderDecoder> {
    network: &'a N,
    weights: &'a Weights,
    memory: N::Memory,
}

/// Networks that write together.
struct Chorus<'a, N: EncoderDecoder> {
    voices: Vec<Voice<'a, N>>,
    /// What none of them may say.
    unknown: Option<TokenId>,
}

impl<N: EncoderDecoder> Step for Chorus<'_, N> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        let said = self.voices.iter_mut().map(|voice| {
            let output = voice.network.output();
            let tokens = ids(tokens, voice.weights[output.table].device());
            let hidden = voice
                .network
                .write(voice.weights, &tokens, &mut voice.memory);
            output.log_probs(voice.weights, &hidden)
        });
        let said: Vec<Tensor> = said.collect();
        let together = match &said[..] {
            [alone] => alone.shallow_clone(),
            // The mean of probabilities.
            all => Tensor::stack(all, 0).logsumexp(0, false) - (all.len() as f64).ln(),
        };
        if let Some(unknown) = self.unknown {
            let _ = together
                .select(1, i64::from(unknown))
                .fill_(f64::NEG_INFINITY);
        }
        together
    }

    fn select(&mut self, rows: &[usize]) {
        let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        let rows = Tensor::from_slice(&rows);
        for voice in &mut self.voices {
            let device = voice.weights[voice.network.output().table].device();
            N::select(&mut voice.memory, &rows.to_device(device));
        }
    }
}

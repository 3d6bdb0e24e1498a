//! Beam search with one network or an ensemble.

use corpus::TokenId;
use tch::Tensor;

use super::beam_config::BeamConfig;
use super::encoder_decoder::{EncoderDecoder, TranslatorConfig};
use super::model::TranslationModel;
use super::pair_batch::group_by_length;
use crate::decoding::{Hypothesis, IncrementalDecoder, beam_search};
use crate::error::Result;
use crate::model_weights::Weights;
use crate::tensors::{row_tensor, token_tensor};

/// Maximum number of hypotheses per batch.
const BATCH_HYPOTHESES: usize = 256;

/// The best translation of each source; empty for an empty source.
pub(super) fn translate<N: EncoderDecoder>(
    members: &[&TranslationModel<N>],
    sources: &[&str],
    beam: BeamConfig,
) -> Result<Vec<String>> {
    let best = |hypotheses: Vec<Hypothesis>| match hypotheses.into_iter().next() {
        Some(best) => Ok(members[0].target.decode(&best.tokens)?),
        None => Ok(String::new()),
    };
    let found = search(members, sources, beam)?;
    found.into_iter().map(best).collect()
}

/// The best hypotheses for each source; none for an empty source.
pub(super) fn search<N: EncoderDecoder>(
    members: &[&TranslationModel<N>],
    sources: &[&str],
    beam: BeamConfig,
) -> Result<Vec<Vec<Hypothesis>>> {
    let sources = members[0].sources(sources)?;
    let lengths: Vec<usize> = sources.iter().map(Vec::len).collect();
    let mut found = vec![Vec::new(); sources.len()];
    let weights: Vec<_> = members
        .iter()
        .map(|member| member.weights.weights())
        .collect();
    let eos = members[0].network.vocabs().target_eos();
    let max_lengths = members
        .iter()
        .filter_map(|member| member.config().common().max_length);
    let max_length = max_lengths.min();
    tch::no_grad(|| {
        for group in group_by_length(&lengths, BATCH_HYPOTHESES / beam.width) {
            let length = lengths[group[0]];
            if length == 0 {
                continue;
            }
            let batch: Vec<&[TokenId]> = group.iter().map(|&at| &sources[at][..]).collect();
            let states = members.iter().zip(&weights).map(|(member, weights)| {
                let network = &member.network;
                MemberState {
                    network,
                    weights,
                    state: network.encode(weights, &batch),
                }
            });
            let mut ensemble = EnsembleState {
                members: states.collect(),
                unknown: members[0].target.vocab().unk(),
            };
            let first = vec![eos; group.len()];
            let search = beam.for_source(length, max_length);
            let results = beam_search(&mut ensemble, &first, eos, search);
            for (&at, result) in group.iter().zip(results) {
                found[at] = result;
            }
        }
    });
    Ok(found)
}

/// The decoder state of one member of an ensemble.
struct MemberState<'a, N: EncoderDecoder> {
    network: &'a N,
    weights: &'a Weights,
    state: N::State,
}

impl<N: EncoderDecoder> MemberState<'_, N> {
    fn device(&self) -> tch::Device {
        self.weights[self.network.output().table].device()
    }
}

/// The decoder states of the networks of an ensemble.
struct EnsembleState<'a, N: EncoderDecoder> {
    members: Vec<MemberState<'a, N>>,
    /// `<unk>`, which is never generated.
    unknown: Option<TokenId>,
}

impl<N: EncoderDecoder> IncrementalDecoder for EnsembleState<'_, N> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        let members = self.members.iter_mut().map(|member| {
            let tokens = token_tensor(tokens, member.device());
            let (network, weights) = (member.network, member.weights);
            let hidden = network.decode_step(weights, &tokens, &mut member.state);
            network.output().log_probs(weights, &hidden)
        });
        let members: Vec<Tensor> = members.collect();
        let log_probs = match &members[..] {
            [single] => single.shallow_clone(),
            // The mean of the probabilities.
            all => Tensor::stack(all, 0).logsumexp(0, false) - (all.len() as f64).ln(),
        };
        if let Some(unknown) = self.unknown {
            let _ = log_probs
                .select(1, i64::from(unknown))
                .fill_(f64::NEG_INFINITY);
        }
        log_probs
    }

    fn select(&mut self, rows: &[usize]) {
        for member in &mut self.members {
            let rows = row_tensor(rows, member.device());
            N::select(&mut member.state, &rows);
        }
    }
}

//! Minimal pairs: does the model give the grammatical sentence the higher probability? (Warstadt et al. 2020)

use std::collections::BTreeMap;

use corpus::{Codec, MinimalPair, TokenId};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::{Ending, LanguageModel};

/// Accuracy on minimal pairs: the share scored correctly; ties count one half. BLiMP averages over paradigms, which is the same,
/// because each has a thousand pairs; the village has paradigms of a single pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MinimalPairsResult {
    /// Pairs scored.
    pub pairs: usize,
    /// Pairs that contain an `<unk>`, which a model cannot judge.
    pub pairs_with_unknown: usize,
    /// Of all pairs.
    pub accuracy: f64,
    /// Of the pairs without `<unk>`; none if there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_without_unknown: Option<f64>,
    /// By phenomenon.
    pub by_phenomenon: BTreeMap<String, f64>,
    /// By paradigm.
    pub by_paradigm: BTreeMap<String, f64>,
}

/// Pairs that are scored in one batch.
const PAIRS_PER_BATCH: usize = 1 << 12;

/// Evaluates a model on minimal pairs; each sentence is a line that follows `<eos>`. A text of several lines is scored as
/// a whole.
///
/// # Errors
/// Errors of the tokenizer and the model.
pub fn judge_minimal_pairs(
    model: &dyn LanguageModel,
    codec: &Codec,
    pairs: &[MinimalPair],
) -> Result<MinimalPairsResult> {
    let mut scored = Vec::with_capacity(pairs.len());
    for some in pairs.chunks(PAIRS_PER_BATCH) {
        scored.extend(judge(model, codec, some)?);
    }
    let credits = |name: fn(&MinimalPair) -> &str| {
        let mut by_name: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (pair, &(credit, _)) in pairs.iter().zip(&scored) {
            by_name
                .entry(name(pair).to_owned())
                .or_default()
                .push(credit);
        }
        by_name
            .into_iter()
            .map(|(name, credits)| (name, mean(&credits)))
            .collect()
    };
    let all: Vec<f64> = scored.iter().map(|scored| scored.0).collect();
    let known = scored.iter().filter(|(_, has_unknown)| !has_unknown);
    let known: Vec<f64> = known.map(|scored| scored.0).collect();
    Ok(MinimalPairsResult {
        pairs: pairs.len(),
        pairs_with_unknown: scored.iter().filter(|scored| scored.1).count(),
        accuracy: mean(&all),
        accuracy_without_unknown: (!known.is_empty()).then(|| mean(&known)),
        by_phenomenon: credits(|pair| &pair.phenomenon),
        by_paradigm: credits(|pair| &pair.paradigm),
    })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Credit for each pair, and whether a word of it is unknown.
fn judge(
    model: &dyn LanguageModel,
    codec: &Codec,
    pairs: &[MinimalPair],
) -> Result<Vec<(f64, bool)>> {
    let streams: Result<Vec<Vec<TokenId>>> = pairs
        .par_iter()
        .flat_map_iter(|pair| [&pair.good, &pair.bad])
        .map(|sentence| stream(codec, sentence))
        .collect();
    let streams = streams?;
    // The common prefix, at least the preceding `<eos>`, is equally probable in both sentences.
    let ends = streams.chunks(2).flat_map(|both| {
        let pairs = both[0].iter().zip(&both[1]);
        let from = pairs.take_while(|(good, bad)| good == bad).count();
        both.iter().map(move |tokens| Ending {
            tokens: tokens.clone(),
            from,
        })
    });
    let scores = model.score_ends(&ends.collect::<Vec<_>>())?;
    let credit = |scores: &[Vec<f64>]| {
        let [good, bad] = [&scores[0], &scores[1]].map(|of| of.iter().sum::<f64>());
        match good == bad {
            true => 0.5,
            false => f64::from(u8::from(good > bad)),
        }
    };
    let is_unknown = |token: &TokenId| Some(*token) == codec.vocab().unk();
    let unknown = |streams: &[Vec<TokenId>]| streams.iter().flatten().any(is_unknown);
    let both = scores.chunks(2).zip(streams.chunks(2));
    Ok(both
        .map(|(scores, streams)| (credit(scores), unknown(streams)))
        .collect())
}

/// A sentence as a line that follows `<eos>`.
fn stream(codec: &Codec, sentence: &str) -> Result<Vec<TokenId>> {
    let mut tokens = vec![codec.vocab().eos()];
    for line in sentence.lines() {
        tokens.extend(codec.encode_sentence(line)?);
        tokens.push(codec.vocab().eos());
    }
    Ok(tokens)
}

//! The audit: is a model's output a distribution, and do `score` and `next` agree?

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::LanguageModel;

/// What the audit found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// Contexts drawn at random from the stream.
    pub contexts: usize,
    /// Largest |1 - sum of p over the vocabulary|.
    pub worst_sum: f64,
    /// Largest |ln p by `score` - ln p by `next`|.
    pub worst_disagreement: f64,
    /// Tolerance for both.
    pub tolerance: f64,
    /// Why the model failed; nothing if it passed.
    pub fault: Option<String>,
}

impl Audit {
    /// Whether the model passed, so that its perplexity is meaningful.
    pub fn passed(&self) -> bool {
        self.fault.is_none()
    }
}

/// Draws `count` distinct positions out of `length`, in ascending order.
pub(crate) fn draw_positions(length: usize, count: usize, seed: u64) -> Vec<usize> {
    if count >= length {
        return (0..length).collect();
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut positions = std::collections::BTreeSet::new();
    while positions.len() < count {
        positions.insert(random.random_range(0..length));
    }
    positions.into_iter().collect()
}

/// Compares `log_probs`, the model's `score` of `tokens`, with its `next` at random contexts.
///
/// # Errors
/// Errors of the model's `next`.
pub(crate) fn audit(
    model: &dyn LanguageModel,
    tokens: &[u32],
    log_probs: &[f64],
    contexts: usize,
    seed: u64,
) -> Result<Audit> {
    let positions = draw_positions(tokens.len(), contexts, seed);
    let tolerance = model.precision().tolerance();
    let mut audit = Audit {
        contexts: positions.len(),
        worst_sum: 0.0,
        worst_disagreement: 0.0,
        tolerance,
        fault: None,
    };
    if let Some(at) = log_probs.iter().position(|log_prob| !log_prob.is_finite()) {
        audit.fault = Some(format!("ln p of token {at} is {}", log_probs[at]));
    }
    for &position in &positions {
        let next = model.next(&tokens[..position])?;
        let fault = examine(
            &mut audit,
            &next,
            model.vocab_size(),
            tokens[position],
            log_probs[position],
        );
        if let Some(fault) = fault {
            audit
                .fault
                .get_or_insert(format!("after {position} tokens {fault}"));
        }
    }
    Ok(audit)
}

fn examine(
    audit: &mut Audit,
    next: &[f64],
    vocab_size: usize,
    token: u32,
    scored: f64,
) -> Option<String> {
    if next.len() != vocab_size {
        return Some(format!(
            "`next` gives {} probabilities for a vocabulary of {vocab_size}",
            next.len()
        ));
    }
    let sum: f64 = next.iter().map(|log_prob| log_prob.exp()).sum();
    let off = (sum - 1.0).abs();
    let apart = (scored - next[token as usize]).abs();
    // Bounded, because records cannot hold an infinity.
    audit.worst_sum = audit.worst_sum.max(off).min(f64::MAX);
    audit.worst_disagreement = audit.worst_disagreement.max(apart).min(f64::MAX);
    if off.is_nan() || off > audit.tolerance {
        return Some(format!("the probabilities sum to {sum}"));
    }
    if apart.is_nan() || apart > audit.tolerance {
        return Some(format!(
            "`score` gives ln p = {scored}, `next` gives {}",
            next[token as usize]
        ));
    }
    None
}

//! The evaluation protocol: every token of the split is predicted once, and the model is audited.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use crate::audit::{Audit, audit, draw_positions};
use crate::error::{Error, Result};
use crate::metrics::{bits_per_byte, bits_per_token, mean_and_error, perplexity, top_k_credit};
use crate::model::LanguageModel;
use crate::test_set::TestSet;

/// The settings of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Protocol {
    /// Contexts at which the distribution is checked.
    pub audit_contexts: usize,
    /// Positions at which the target's rank is found.
    pub accuracy_positions: usize,
    /// Seed of both draws.
    pub seed: u64,
}

impl Default for Protocol {
    fn default() -> Protocol {
        Protocol {
            audit_contexts: 100,
            accuracy_positions: 4000,
            seed: 1,
        }
    }
}

/// The result of one model on one split. Fields that a failed audit makes meaningless are `None`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Tokens predicted.
    pub tokens: u64,
    /// How many of them are `<unk>`.
    pub unknown: u64,
    /// Over all tokens.
    pub perplexity: Option<f64>,
    /// Over the tokens that are not `<unk>`.
    pub perplexity_without_unk: Option<f64>,
    /// Mean negative log2 p.
    pub bits_per_token: Option<f64>,
    /// Only for lossless tokenizers.
    pub bits_per_byte: Option<f64>,
    /// How often the target was the most probable word, or among the five most probable; targets that are `<unk>` do not count.
    pub accuracy: Option<Accuracy>,
    /// The audit.
    pub audit: Audit,
}

/// Share of `<unk>` in a split from which its results say too little about the text.
const MANY_UNKNOWN: f64 = 0.02;

impl Evaluation {
    /// The figure by which language models are compared: perplexity, over the known words only where the split has others. A
    /// model that guesses `<unk>` would win otherwise without knowing a word.
    pub fn compared(&self) -> Option<f64> {
        match self.unknown {
            0 => self.perplexity,
            _ => self.perplexity_without_unk,
        }
    }

    /// The name of [`Evaluation::compared`].
    pub fn measure(&self) -> &'static str {
        match self.unknown {
            0 => "perplexity",
            _ => "perplexity without <unk>",
        }
    }

    /// The share of `<unk>` among the tokens.
    pub fn unknown_share(&self) -> f64 {
        match self.tokens {
            0 => 0.0,
            tokens => self.unknown as f64 / tokens as f64,
        }
    }

    /// Whether so many words are unknown that the results say too little about the text.
    pub fn has_many_unknown(&self) -> bool {
        self.unknown_share() > MANY_UNKNOWN
    }
}

/// Shares of hits, at positions drawn at random, with standard errors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Positions drawn at which the target is a known word.
    pub positions: usize,
    /// Share of targets that were the most probable word.
    pub top1: f64,
    /// Its standard error, where there is more than one position.
    pub top1_error: Option<f64>,
    /// Share of targets among the five most probable words.
    pub top5: f64,
    /// Its standard error, where there is more than one position.
    pub top5_error: Option<f64>,
}

/// An evaluation, and the ln p of each token it is based on.
#[derive(Debug, Clone)]
pub struct Evaluated {
    /// The numbers.
    pub evaluation: Evaluation,
    /// ln p of each token of the split.
    pub log_probs: Vec<f64>,
    /// Seconds that scoring the split took.
    pub scoring_seconds: f64,
}

/// Evaluates a model on a split.
///
/// # Errors
/// [`Error::Model`] if the model fails, or gives a wrong number of answers or probabilities.
pub fn evaluate(model: &dyn LanguageModel, set: &TestSet, protocol: Protocol) -> Result<Evaluated> {
    if model.vocab_size() != set.vocab_size() {
        let what = format!(
            "it predicts {} words, the corpus has {}",
            model.vocab_size(),
            set.vocab_size()
        );
        return Err(Error::Model {
            model: "the model".to_owned(),
            what,
        });
    }
    let began = Instant::now();
    let log_probs = model.score(&set.tokens)?;
    let scoring_seconds = began.elapsed().as_secs_f64();
    if log_probs.len() != set.tokens.len() {
        let what = format!(
            "`score` gives {} answers for {} tokens",
            log_probs.len(),
            set.tokens.len()
        );
        return Err(Error::Model {
            model: "the model".to_owned(),
            what,
        });
    }
    let (contexts, seed) = (protocol.audit_contexts, protocol.seed);
    let mut audit = audit(model, &set.tokens, &log_probs, contexts, seed)?;
    let mut accuracy = None;
    if audit.passed() {
        match measure_accuracy(model, set, &log_probs, protocol)? {
            Ok(measured) => accuracy = measured,
            Err(fault) => audit.fault = Some(fault),
        }
    }
    let evaluation = summarise(set, &log_probs, accuracy, audit);
    Ok(Evaluated {
        evaluation,
        log_probs,
        scoring_seconds,
    })
}

fn summarise(
    set: &TestSet,
    log_probs: &[f64],
    accuracy: Option<Accuracy>,
    audit: Audit,
) -> Evaluation {
    let tokens = set.tokens.len() as u64;
    let sum: f64 = log_probs.iter().sum();
    let is_unknown = |token: &u32| Some(*token) == set.unk;
    let unknown = set.tokens.iter().filter(|token| is_unknown(token)).count() as u64;
    let valid = |value: f64| (audit.passed() && value.is_finite()).then_some(value);
    Evaluation {
        tokens,
        unknown,
        perplexity: valid(perplexity(sum, tokens)),
        perplexity_without_unk: valid(set.compared_perplexity(log_probs)),
        bits_per_token: valid(bits_per_token(sum, tokens)),
        bits_per_byte: set.bytes.and_then(|bytes| valid(bits_per_byte(sum, bytes))),
        accuracy,
        audit,
    }
}

/// Accuracy, none without a known word; or a fault of the model's `distributions`, which the audit does not check.
fn measure_accuracy(
    model: &dyn LanguageModel,
    set: &TestSet,
    log_probs: &[f64],
    protocol: Protocol,
) -> Result<std::result::Result<Option<Accuracy>, String>> {
    // A different random stream than the audit's, from the same seed.
    let positions = draw_positions(
        set.tokens.len(),
        protocol.accuracy_positions,
        !protocol.seed,
    );
    let (mut top1, mut top5, mut visited) = (Vec::new(), Vec::new(), Vec::new());
    let mut fault = None;
    model.distributions(&set.tokens, &positions, &mut |position, distribution| {
        visited.push(position);
        let target = set.tokens[position] as usize;
        if distribution.len() != set.vocab_size() {
            let (got, expected) = (distribution.len(), set.vocab_size());
            fault.get_or_insert(format!(
                "`distributions` gives {got} probabilities for {expected} words"
            ));
            return;
        }
        let (walked, scored) = (distribution[target], log_probs[position]);
        let apart = (walked - scored).abs();
        if apart.is_nan() || apart > model.precision().tolerance() {
            fault.get_or_insert(format!(
                "`score` gives ln p = {scored}, `distributions` gives {walked}"
            ));
        }
        // A guessed `<unk>` is not a word that was found.
        if set.is_known(position) {
            top1.push(top_k_credit(distribution, target, 1));
            top5.push(top_k_credit(distribution, target, 5));
        }
    })?;
    if visited != positions {
        fault.get_or_insert("`distributions` does not visit the given positions".to_owned());
    }
    if let Some(fault) = fault {
        return Ok(Err(fault));
    }
    let positions = top1.len();
    if positions == 0 {
        return Ok(Ok(None));
    }
    let ((top1, top1_error), (top5, top5_error)) = (mean_and_error(&top1), mean_and_error(&top5));
    let known = |error: f64| error.is_finite().then_some(error);
    Ok(Ok(Some(Accuracy {
        positions,
        top1,
        top1_error: known(top1_error),
        top5,
        top5_error: known(top5_error),
    })))
}

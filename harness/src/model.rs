//! The traits of models. All are object-safe, so callers need not know the type of a model.

use corpus::TokenId;
use rayon::prelude::*;

use crate::conversation::Prompt;
use crate::error::{Error, Result};
use crate::sampling::{Sampling, sampler};

/// A stream of which only the end is scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The whole stream.
    pub tokens: Vec<TokenId>,
    /// Where the end begins.
    pub from: usize,
}

/// A distribution over the next token, given all tokens before it in the stream.
pub trait LanguageModel: Send + Sync {
    /// V: the predicted vocabulary is ids 0..V.
    fn vocab_size(&self) -> usize;

    /// How exactly `score` and `next` can be expected to agree.
    fn precision(&self) -> Precision;

    /// ln p of each token of a stream that begins with empty context. Token i may depend on tokens 0..i only.
    ///
    /// # Errors
    /// [`Error::Model`] when the model cannot answer.
    fn score(&self, tokens: &[TokenId]) -> Result<Vec<f64>>;

    /// The same for the ends of many streams. Overridden by models for which batches are faster, or predicting costs more than
    /// reading.
    ///
    /// # Errors
    /// As for [`LanguageModel::score`].
    fn score_ends(&self, streams: &[Ending]) -> Result<Vec<Vec<f64>>> {
        let score = |stream: &Ending| {
            let scores = self.score(&stream.tokens)?;
            Ok(scores[stream.from.min(scores.len())..].to_vec())
        };
        streams.par_iter().map(score).collect()
    }

    /// ln p of every word of the predicted vocabulary after `context`, the stream so far.
    ///
    /// # Errors
    /// [`Error::Model`] when the model cannot answer.
    fn next(&self, context: &[TokenId]) -> Result<Vec<f64>>;

    /// Calls `visit` with the distribution at each of the ascending `positions` of a stream: the same as `next` of the tokens
    /// before it. Recurrent models walk the stream once.
    ///
    /// # Errors
    /// [`Error::Model`] when the model cannot answer.
    fn distributions(
        &self,
        tokens: &[TokenId],
        positions: &[usize],
        visit: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<()> {
        for &position in positions {
            visit(position, &self.next(&tokens[..position])?);
        }
        Ok(())
    }
}

/// How a model computes, and therefore how far `score` and `next` may differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Exact up to rounding of f64.
    Exact,
    /// Counts and their ratios.
    Counts,
    /// Numbers that another program printed with a few decimal digits.
    Printed,
    /// Networks in f32 or bf16.
    Neural,
}

impl Precision {
    /// Largest difference that is attributed to rounding, in ln p and in the sum of a distribution.
    pub fn tolerance(self) -> f64 {
        match self {
            Precision::Exact => 1e-9,
            Precision::Counts => 1e-6,
            Precision::Printed | Precision::Neural => 1e-4,
        }
    }
}

/// Continues a text. The default works for all models; overridden by models with a faster incremental state.
pub trait Generator: LanguageModel {
    /// Generates `length` tokens after `prompt`, or fewer if `stop` is drawn, which is then the last.
    ///
    /// # Errors
    /// Errors of the model's `next`.
    fn generate(
        &self,
        prompt: &[TokenId],
        length: usize,
        stop: Option<TokenId>,
        how: Sampling,
    ) -> Result<Vec<TokenId>> {
        let mut tokens = prompt.to_vec();
        let mut sampler = sampler(how)?;
        for _ in 0..length {
            let token = sampler.draw(&self.next(&tokens)?);
            tokens.push(token);
            if Some(token) == stop {
                break;
            }
        }
        Ok(tokens.split_off(prompt.len()))
    }
}

/// Translates sentences.
pub trait Translator: Send + Sync {
    /// A translation of each source sentence, text to text.
    ///
    /// # Errors
    /// [`Error::Model`] when the model cannot answer.
    fn translate(&self, sources: &[&str]) -> Result<Vec<String>>;

    /// ln p of each target sentence given its source sentence.
    ///
    /// # Errors
    /// [`Error::Model`] when the model cannot answer.
    fn score_pairs(&self, pairs: &[(&str, &str)]) -> Result<Vec<f64>>;

    /// Number of target tokens that `score_pairs` predicts, including ends of sentences; `None` if the translator gives no
    /// probabilities, so that `score_pairs` must not be called.
    fn perplexity_tokens(&self, targets: &[&str]) -> Option<u64> {
        let _ = targets;
        None
    }
}

/// Replies in dialogues.
pub trait Responder: Send + Sync {
    /// A reply to each prompt.
    ///
    /// # Errors
    /// [`Error::Model`] when the model cannot answer.
    fn reply(&self, prompts: &[Prompt<'_>]) -> Result<Vec<String>>;

    /// ln p of each given reply, including its `<eos>`.
    ///
    /// # Errors
    /// [`Error::Model`] when the model cannot answer.
    fn score_replies(&self, asked: &[(Prompt<'_>, &str)]) -> Result<Vec<f64>>;

    /// Number of tokens that `score_replies` predicts, including `<eos>`; `None` if the responder gives no probabilities, so
    /// that `score_replies` must not be called.
    fn perplexity_tokens(&self, replies: &[&str]) -> Option<u64> {
        let _ = replies;
        None
    }
}

/// Vectors of words.
pub trait WordVectors: Send + Sync {
    /// The dimension of the vectors.
    fn dimension(&self) -> usize;

    /// The vector of a word, if it has one.
    fn vector(&self, word: &str) -> Option<&[f32]>;

    /// The `count` words with the largest cosine similarity to `query`, and that similarity.
    fn nearest(&self, query: &[f32], count: usize) -> Vec<(String, f32)>;
}

/// Decides whether a reply is sensible and specific, from knowledge of the corpus's world.
pub trait Judge: Send + Sync {
    /// Whether the reply is sensible after these turns.
    fn is_sensible(&self, turns: &[&str], reply: &str) -> bool;

    /// Whether the reply is specific: it would not fit most other dialogues.
    fn is_specific(&self, turns: &[&str], reply: &str) -> bool;
}

/// Refuses token ids that a model does not know, before they become an index.
///
/// # Errors
/// [`Error::Model`] naming the first bad id.
pub fn check_ids(model: &str, vocab_size: usize, tokens: &[TokenId]) -> Result<()> {
    match tokens.iter().find(|&&id| id as usize >= vocab_size) {
        None => Ok(()),
        Some(id) => Err(Error::Model {
            model: model.to_owned(),
            what: format!("token id {id} is beyond its vocabulary of {vocab_size}"),
        }),
    }
}

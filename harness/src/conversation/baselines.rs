//! Baselines of the conversation track: a fixed reply, and any language model that continues the dialogue as text.

use corpus::{Codec, TokenId};

use super::dialogue::Prompt;
use crate::answers::no_probabilities;
use crate::error::Result;
use crate::model::{Ending, Generator, Responder};
use crate::sampling::Sampling;

/// Gives the same reply to everything: a control for the measure of sensible replies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixedReply(pub String);

impl Default for FixedReply {
    fn default() -> FixedReply {
        FixedReply("I do not know .".to_owned())
    }
}

impl Responder for FixedReply {
    fn reply(&self, prompts: &[Prompt<'_>]) -> Result<Vec<String>> {
        Ok(vec![self.0.clone(); prompts.len()])
    }

    fn score_replies(&self, _: &[(Prompt<'_>, &str)]) -> Result<Vec<f64>> {
        Err(no_probabilities("a fixed reply"))
    }
}

/// A language model that reads the turns as lines of text and generates the next line.
pub struct LanguageModelResponder {
    /// The language model.
    pub model: Box<dyn Generator>,
    /// Its codec.
    pub codec: Codec,
    /// How the tokens of a reply are sampled.
    pub how: Sampling,
}

/// The maximum length of a reply, in tokens.
const MAX_REPLY_TOKENS: usize = 60;

impl LanguageModelResponder {
    /// The turns as a stream, each followed by `<eos>`.
    fn stream(&self, prompt: Prompt<'_>) -> Result<Vec<TokenId>> {
        let mut stream = Vec::new();
        for turn in prompt.turns {
            stream.extend(self.line(&turn.text)?);
        }
        Ok(stream)
    }

    fn line(&self, text: &str) -> Result<Vec<TokenId>> {
        let mut tokens = self.codec.encode_line(text)?;
        tokens.push(self.codec.vocab().eos());
        Ok(tokens)
    }
}

impl Responder for LanguageModelResponder {
    fn reply(&self, prompts: &[Prompt<'_>]) -> Result<Vec<String>> {
        let eos = self.codec.vocab().eos();
        let reply = |prompt: &Prompt<'_>| {
            let stream = self.stream(*prompt)?;
            let mut tokens = self
                .model
                .generate(&stream, MAX_REPLY_TOKENS, Some(eos), self.how)?;
            tokens.pop_if(|last| *last == eos);
            Ok(self.codec.decode(&tokens)?)
        };
        prompts.iter().map(reply).collect()
    }

    fn score_replies(&self, asked: &[(Prompt<'_>, &str)]) -> Result<Vec<f64>> {
        let end = |(prompt, reply): &(Prompt<'_>, &str)| {
            let mut tokens = self.stream(*prompt)?;
            let from = tokens.len();
            tokens.extend(self.line(reply)?);
            Ok(Ending { tokens, from })
        };
        let ends: Result<Vec<Ending>> = asked.iter().map(end).collect();
        let scores = self.model.score_ends(&ends?)?;
        Ok(scores.iter().map(|reply| reply.iter().sum()).collect())
    }

    fn perplexity_tokens(&self, replies: &[&str]) -> Option<u64> {
        let tokens = replies.iter().map(|reply| self.line(reply));
        tokens.map(|line| Some(line.ok()?.len() as u64)).sum()
    }
}

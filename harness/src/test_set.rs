//! A split for evaluation: the tokens to predict, and their properties.

use corpus::{Corpus, Span, Split, Text, TokenId};

use crate::error::Result;
use crate::metrics::perplexity_without;

/// The data of a split that evaluation needs.
#[derive(Debug, Clone, Default)]
pub struct TestSet {
    /// The stream; each of its tokens is predicted exactly once.
    pub tokens: Vec<TokenId>,
    /// Documents as spans over the stream.
    pub documents: Vec<Span>,
    /// Id of `<unk>`, if there is one.
    pub unk: Option<TokenId>,
    /// Id of `<eos>`.
    pub eos: TokenId,
    /// How often each word of the vocabulary occurs in `train`.
    pub train_counts: Vec<u64>,
    /// Bytes of text, if the tokenizer is lossless.
    pub bytes: Option<u64>,
    /// Names of the tags, and the tag of each token, where the corpus has tags.
    pub tags: Option<(Vec<String>, Vec<u8>)>,
}

impl TestSet {
    /// Reads a split.
    ///
    /// # Errors
    /// Errors of the corpus, also if it has no such split or no `train`.
    pub fn of(corpus: &Corpus, split: Split) -> Result<TestSet> {
        let stream = corpus.split(split)?;
        let tags = corpus.tags(split)?;
        Ok(TestSet {
            tokens: stream.to_vec(),
            unk: corpus.vocab().unk(),
            eos: corpus.vocab().eos(),
            train_counts: corpus.split(Split::Train)?.counts(corpus.vocab().len()),
            bytes: stream.record.lossless.then_some(stream.record.bytes),
            tags: tags.map(|tags| (corpus.record.tags.clone(), tags)),
            documents: stream.documents,
        })
    }

    /// Whether the token at a position is a known word. Comparisons leave the others out.
    pub fn is_known(&self, position: usize) -> bool {
        Some(self.tokens[position]) != self.unk
    }

    /// Perplexity over the known words, given ln p of every token; NaN if there is none.
    pub fn compared_perplexity(&self, log_probs: &[f64]) -> f64 {
        perplexity_without(self.unk, &self.tokens, log_probs)
    }

    /// V.
    pub fn vocab_size(&self) -> usize {
        self.train_counts.len()
    }
}

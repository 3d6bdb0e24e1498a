//! The vocabularies of both sides of sentence pairs.

use corpus::{TokenId, Vocab};

/// Sizes and special tokens of the source and the target vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VocabPair {
    /// Vocabulary sizes, source first.
    pub sizes: [usize; 2],
    /// End-of-sentence tokens, source first.
    pub eos: [TokenId; 2],
    /// Whether both sides have the same vocabulary.
    pub is_shared: bool,
}

impl VocabPair {
    /// Of a source and a target vocabulary.
    pub fn new(vocabs: [&Vocab; 2]) -> VocabPair {
        VocabPair {
            sizes: vocabs.map(Vocab::len),
            eos: vocabs.map(Vocab::eos),
            is_shared: vocabs[0].to_text() == vocabs[1].to_text(),
        }
    }

    /// The end-of-sentence token of targets.
    pub fn target_eos(&self) -> TokenId {
        self.eos[1]
    }
}

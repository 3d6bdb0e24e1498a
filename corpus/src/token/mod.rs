//! Tokenizers, vocabularies, and the way between text and ids.

pub(crate) mod codec;
pub(crate) mod strings;
pub(crate) mod subwords;
pub(crate) mod tokenizer;
pub(crate) mod vocab;

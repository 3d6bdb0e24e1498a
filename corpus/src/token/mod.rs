//! Tokenizers, vocabularies, and the way between text and ids.

pub(crate) mod codec;
pub(crate) mod pretrained;
pub(crate) mod strings;
pub(crate) mod subwords;
pub(crate) mod tokenizer;
mod tokenizer_json;
pub(crate) mod vocab;

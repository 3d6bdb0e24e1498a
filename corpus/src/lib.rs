//! Text corpora as memory-mapped token ids: sources, tokenizers, vocabularies, splits, and downloads.
//!
//! # Idea
//!
//! A corpus is prepared once, into a folder of token ids, vocabulary and metadata; training and evaluation map it into
//! memory. Preparation streams: its memory grows with the number of distinct words, not with the text. Files appear under
//! their final names only when they are complete, and each is listed with its checksum in `corpus.toml`.
//!
//! ```text
//! source ── stage ──> text per split ── encode ──> ids per split, vocab.txt, corpus.toml
//! ```
//!
//! # Example
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use corpus::{OnExisting, Settings, Source, Split, Watch, prepare};
//!
//! # let folder = tempfile::tempdir()?;
//! let text = folder.path().join("text.txt");
//! std::fs::write(&text, "the cat sat\nthe dog sat\na cat ran\n")?;
//! let source = Source::find(text.to_str().ok_or("path")?)?;
//! let target = folder.path().join("cats");
//! let cats = prepare(&source, &target, &Settings::default(), OnExisting::Refuse, &mut Watch::silent())?;
//! assert_eq!(cats.split(Split::Train)?.len(), 4);
//! assert_eq!(cats.vocab().token(cats.vocab().eos()), "<eos>");
//! # Ok(())
//! # }
//! ```
//!
//! # Contents
//!
//! Each folder uses only those above it; `settings` is data for all of them.
//!
//! | folder | content | start reading at |
//! |---|---|---|
//! | `disk` | atomic writes, checksums, memory maps | [`write_atomically`], [`Map`] |
//! | `settings` | settings of preparation | [`Settings`], [`TokenizerKind`], [`Kind`] |
//! | `read` | sources, archives, lines, formats of dialogues and pairs | [`Source`], [`Lines`] |
//! | `fetch` | catalogue and downloads | [`Catalogue`], [`fetch()`] |
//! | `token` | tokenizers, vocabulary, encoding and decoding | [`Codec`], [`Vocab`], [`Pretrained`] |
//! | `store` | prepared corpora on disk | [`Corpus`], [`Record`], [`Text`] |
//! | `prepare` | from source to corpus; corpora that a program generates | [`prepare()`], [`Composer`] |
//!
//! # Terms
//!
//! | term | meaning |
//! |---|---|
//! | split | `train`, `valid` or `test`: one stream of tokens |
//! | document | a span of tokens that belong together; splits divide it only if a text has few documents, and never a dialogue or a sentence of a pair |
//! | predicted vocabulary | ids 0..V by decreasing frequency in `train`, `<unk>` and `<eos>` included |
//! | `<s>`, `<pad>` | ids V and V + 1, never predicted |
//! | existing tokenizer | a `tokenizer.json` of another model ([`TokenizerKind::Pretrained`]): ids 0..V are the tokenizer's, in its order |
//! | lossless | decoding restores the text byte for byte |
//!
//! # Limits
//!
//! - A line is at most [`LONGEST_LINE`] bytes long. It ends in LF, CRLF, or CR in a text without LF ([`Lines`]).
//! - A byte-order mark is part of no text.
//! - An existing tokenizer encodes each line by itself: where white space runs across line ends, its ids can differ from
//!   those of the whole text.
//! - Where the text contains `</s>`, `<|endoftext|>` or another special token of an existing tokenizer, it is encoded as
//!   ordinary text.

mod disk;
mod error;
mod fetch;
mod prepare;
mod read;
mod settings;
mod split;
mod store;
mod token;
mod watch;

pub use disk::files::{
    named_file, read_text, read_whole, sha256_of, sha256_of_file, sync, write_atomically,
};
pub use disk::map::{Map, report_truncated_maps};
pub use disk::staging::OnExisting;
pub use error::{EmptySplitCause, Error, Result};
pub use fetch::catalogue::{Catalogue, Entry, RemoteFile, Unpack};
pub use fetch::{RetryPolicy, fetch, fetch_with_retries, is_partial_download};
pub use prepare::compose::{Composer, Composition, Passage};
pub use prepare::{prepare, prepare_once};
pub use read::encoding::has_byte_order_mark;
pub use read::lines::{LONGEST_LINE, Lines, OnInvalid};
pub use read::minimal_pairs::{MinimalPair, read_minimal_pairs};
pub use read::pack::PackedWriter;
pub use read::source::{Input, Source, Visit};
pub use read::unpack::{open_text, text_length};
pub use settings::{
    Case, DocumentRule, Kind, PretrainedTokenizer, Settings, TokenizerKind, Writing,
};
pub use split::{SmallSplit, Split, SplitRule, effective_number};
pub use store::prepared::Corpus;
pub use store::record::{FORMAT, FileRecord, Generator, Record, SplitRecord, VocabularyRecord};
pub use store::spans::Span;
pub use store::statistics::{SplitStatistics, Statistics};
pub use store::text::{Prefix, Text};
pub use store::token_stream::TokenStream;
pub use token::codec::Codec;
pub use token::pretrained::Pretrained;
pub use token::subwords::Subwords;
pub use token::tokenizer::{OpenTokenizer, Tokenizer};
pub use token::vocab::{BOS, EOS, PAD, TokenId, UNK, Vocab};
pub use watch::{Step, Watch};

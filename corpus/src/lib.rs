//! Text to tokens: readers, tokenizers, vocabularies, splits, and prepared corpora.
//!
//! A corpus is prepared once and mapped ever after. Preparation streams: its memory grows with the number of
//! different words, not with the text.
//!
//! ```text
//! source ── stage ──> text per split ── encode ──> ids per split, vocab.txt, corpus.toml
//! ```
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
//! A program that makes its tokens itself writes them with a [`Composer`]; what it makes is a corpus like any other.
//!
//! What a prepared corpus looks like on disk stands at [`Corpus`] and [`Record`]; the readers' formats at [`Kind`].

mod catalogue;
mod codec;
mod compose;
mod documents;
mod encode;
mod error;
mod fetch;
mod files;
mod formats;
mod lexicon;
mod lines;
mod map;
mod minimal_pairs;
mod prepare;
mod prepared;
mod record;
mod settings;
mod source;
mod spans;
mod split;
mod stage;
mod statistics;
mod strings;
mod subwords;
mod text;
mod tokenizer;
mod unpack;
mod vocab;
mod watch;

pub use catalogue::{Catalogue, Entry, RemoteFile, Unpack};
pub use codec::Codec;
pub use compose::{Composer, Composition, Generator, Passage};
pub use documents::DocumentRule;
pub use error::{Error, Result};
pub use fetch::{Patience, fetch, fetch_patiently};
pub use files::{named_file, sha256_of, sha256_of_file, sync, write_atomically};
pub use formats::Kind;
pub use lines::{LONGEST_LINE, Lines, OnInvalid};
pub use map::{Map, tell_of_cut_files};
pub use minimal_pairs::{MinimalPair, read_minimal_pairs};
pub use prepare::{OnExisting, prepare, prepare_once};
pub use prepared::{Corpus, TokenStream};
pub use record::{FORMAT, FileRecord, Record, SplitRecord, VocabularyRecord};
pub use settings::Settings;
pub use source::{Input, Source, Visit};
pub use spans::Span;
pub use split::{Split, SplitRule};
pub use statistics::{SplitStatistics, Statistics};
pub use subwords::Subwords;
pub use text::{Beginning, Text};
pub use tokenizer::{Case, OpenTokenizer, Tokenizer, TokenizerKind};
pub use unpack::open_text;
pub use vocab::{BOS, EOS, PAD, TokenId, UNK, Vocab};
pub use watch::{Step, Watch};

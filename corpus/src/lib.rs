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

pub use disk::files::{named_file, sha256_of, sha256_of_file, sync, write_atomically};
pub use disk::map::{Map, tell_of_cut_files};
pub use disk::staging::OnExisting;
pub use error::{EmptySplitCause, Error, Result};
pub use fetch::catalogue::{Catalogue, Entry, RemoteFile, Unpack};
pub use fetch::{Patience, fetch, fetch_patiently, is_partial_download};
pub use prepare::compose::{Composer, Composition, Passage};
pub use prepare::{prepare, prepare_once};
pub use read::lines::{LONGEST_LINE, Lines, OnInvalid};
pub use read::minimal_pairs::{MinimalPair, read_minimal_pairs};
pub use read::source::{Input, Source, Visit};
pub use read::unpack::open_text;
pub use settings::{Case, DocumentRule, Kind, PretrainedTokenizer, Settings, TokenizerKind};
pub use split::{Split, SplitRule};
pub use store::prepared::{Corpus, TokenStream};
pub use store::record::{FORMAT, FileRecord, Generator, Record, SplitRecord, VocabularyRecord};
pub use store::spans::Span;
pub use store::statistics::{SplitStatistics, Statistics};
pub use store::text::{Beginning, Text};
pub use token::codec::Codec;
pub use token::pretrained::Pretrained;
pub use token::subwords::Subwords;
pub use token::tokenizer::{OpenTokenizer, Tokenizer};
pub use token::vocab::{BOS, EOS, PAD, TokenId, UNK, Vocab};
pub use watch::{Step, Watch};

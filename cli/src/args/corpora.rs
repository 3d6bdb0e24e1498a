//! Options of `eras corpus`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Subcommand};
use corpus::{DocumentRule, Kind, SplitRule, TokenizerKind};
use harness::parse_count;

#[derive(Debug, Subcommand)]
pub(crate) enum CorpusCommand {
    /// Turn a text, or the built-in village, into a prepared corpus.
    #[command(after_help = "Examples:
  eras corpus prepare village --size large --seed 2 --name second-village
  eras corpus prepare village --tokens 300k --set shares.recall=60 --name recall
  eras corpus prepare wiki/ --name wiki --tokens whitespace
  eras corpus prepare 'books/*.txt' --name books --tokens words --lower --vocab 20000
  eras corpus prepare multi30k/ --name multi30k --languages de-en --tokens bpe:8000
  eras corpus prepare novel.txt --name novel --tokens gpt2/tokenizer.json")]
    Prepare(PrepareOptions),
    /// List the prepared corpora.
    #[command(after_help = "Example:
  eras corpus list --json")]
    List {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show counts, the most frequent tokens and a sample of a prepared corpus, and draw its Zipf plot.
    #[command(after_help = "Example:
  eras corpus show wikitext-2
  eras corpus show village       also the floor and the entropy of each phenomenon")]
    Show {
        /// Name of the corpus.
        name: String,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Download a public corpus and prepare it.
    #[command(after_help = "Example:
  eras corpus fetch wikitext-2")]
    Fetch(FetchOptions),
}

/// `--tokens` of `eras corpus prepare`: the tokenizer of a text, or the number of tokens of the village.
#[derive(Debug, Clone)]
pub(crate) enum Tokens {
    Tokenizer(TokenizerKind),
    /// A `tokenizer.json`, or the folder that holds it.
    Pretrained(PathBuf),
    Number(u64),
}

impl FromStr for Tokens {
    type Err = String;

    fn from_str(text: &str) -> Result<Tokens, String> {
        if text.contains('/') {
            return parse_tokenizer(text);
        }
        let digits = text.trim_start_matches(['+', '-', '.']);
        let is_number = digits.starts_with(|c: char| c.is_ascii_digit());
        match parse_count(text) {
            Some(number) => Ok(Tokens::Number(number)),
            None if is_number && !Path::new(text).exists() => Err(format!(
                "{text}: a number of tokens must be at least 1 (500k, 3M)"
            )),
            None => parse_tokenizer(text),
        }
    }
}

/// A name that is not valid UTF-8 can only be a path.
fn parse_tokens(given: OsString) -> Result<Tokens, String> {
    match given.to_str() {
        Some(text) => text.parse(),
        None => Ok(Tokens::Pretrained(PathBuf::from(given))),
    }
}

/// The name of a kind of tokenizer, or a path; `./words` is the path of a file named like a kind.
fn parse_tokenizer(text: &str) -> Result<Tokens, String> {
    let is_path = text.contains('/') || text.ends_with(".json");
    match text.parse() {
        Ok(TokenizerKind::Pretrained) | Err(_) if is_path || Path::new(text).exists() => {
            Ok(Tokens::Pretrained(PathBuf::from(text)))
        }
        Ok(TokenizerKind::Pretrained) => Err(format!(
            "{text}: give the path of a tokenizer.json or of its folder"
        )),
        Ok(kind) => Ok(Tokens::Tokenizer(kind)),
        Err(what) => Err(format!("{what}, or the path of a tokenizer.json")),
    }
}

#[derive(Debug, Args)]
pub(crate) struct PrepareOptions {
    /// A file, folder or glob pattern (.gz, .zst, .bz2, .xz, .tar and .zip are unpacked), or `village`, the built-in corpus (write
    /// ./village for a file of that name).
    pub(crate) source: PathBuf,
    /// Name of the corpus; required except for the village.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Tokenizer: whitespace, words, bpe:N, chars, bytes, or the path of a tokenizer.json or its folder, whose ids are kept
    /// [default: guessed from the text]. For the village: number of training tokens (500k, 3M).
    #[arg(long, value_name = "TOKENIZER|PATH|N", value_parser = OsStringValueParser::new().try_map(parse_tokens))]
    pub(crate) tokens: Option<Tokens>,
    /// Size of the village: small, default or large.
    #[arg(long)]
    pub(crate) size: Option<String>,
    /// Change a setting of the village, for instance shares.recall=40; repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Convert the text to lower case.
    #[arg(long)]
    pub(crate) lower: bool,
    /// Keep only the N most frequent tokens.
    #[arg(long, value_name = "N")]
    pub(crate) vocab: Option<usize>,
    /// Keep only tokens that occur at least N times in the training split.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) min_count: u64,
    /// How to split: auto (by file names, else at random), random (a twentieth each for valid and test), or none (keep all
    /// for training).
    #[arg(long, default_value = "auto", value_name = "RULE")]
    pub(crate) split: SplitRule,
    /// Seed of a random split, or of the village.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// What separates documents: auto, headings, files, blank-lines or lines; only auto may cut them to give each split its
    /// share.
    #[arg(long, default_value = "auto", value_name = "RULE")]
    pub(crate) documents: DocumentRule,
    /// Kind of data: auto (recognised from names and a sample; said in one line where there is doubt), text, pairs or dialogues. If
    /// it is set, a line of another form is an error.
    #[arg(long, default_value = "auto")]
    pub(crate) kind: Kind,
    /// Source and target language of sentence pairs, by any code that names of files, columns or a translation memory have, for
    /// instance de-en; a colon between those that have dashes, pt-br:en.
    #[arg(long, value_name = "FROM-TO", value_parser = parse_languages)]
    pub(crate) languages: Option<(String, String)>,
    /// Swap the sides of sentence pairs.
    #[arg(long)]
    pub(crate) swap: bool,
    /// Replace invalid bytes and NUL with U+FFFD.
    #[arg(long)]
    pub(crate) lossy: bool,
    /// Replace a corpus of that name.
    #[arg(long)]
    pub(crate) force: bool,
    /// Print the record of the corpus as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FetchOptions {
    /// Name of the corpus in the catalogue; if omitted, list the catalogue.
    pub(crate) name: Option<String>,
    /// Use this catalogue instead of the built-in one.
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<PathBuf>,
    /// Replace a corpus of that name.
    #[arg(long)]
    pub(crate) force: bool,
}

fn parse_languages(text: &str) -> Result<(String, String), String> {
    match text.split_once(':').or_else(|| text.split_once('-')) {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => {
            let is_clear = text.contains(':') || !to.contains('-');
            match is_clear {
                true => Ok((from.to_owned(), to.to_owned())),
                false => Err(
                    "several dashes; put a colon between the two, for instance pt-br:en".to_owned(),
                ),
            }
        }
        _ => Err("expected FROM-TO, for instance de-en, or FROM:TO".to_owned()),
    }
}

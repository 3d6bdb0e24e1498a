//! Options of commands that work on one model.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use corpus::Split;
use harness::Budget;

use crate::choice;

#[derive(Debug, Args)]
pub(crate) struct TrainOptions {
    #[arg(help = choice::help_on_entry())]
    pub(crate) era: String,
    /// A prepared corpus by name, or a file, folder or pattern.
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: String,
    #[arg(long, help = choice::help_on_presets())]
    pub(crate) preset: Option<String>,
    /// Replace values of the preset by those of a TOML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Replace a value of preset and file; may be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Stop training after this: 90s, 2m, 1h, tokens=5M, epochs=3, or default.
    #[arg(long, default_value = "default", value_name = "BUDGET")]
    pub(crate) budget: Budget,
    /// Seed of all random numbers.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Train word vectors on one thread, so that the same seed gives the same bytes; on a CPU the other eras always do.
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// Write a checkpoint this often (30s, 5m): the most that is lost when the program is killed.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub(crate) checkpoint_every: Duration,
    /// Begin from the weights of a trained model of the same architecture and vocabulary (in a configuration: init_from).
    #[arg(long, value_name = "MODEL")]
    pub(crate) from: Option<PathBuf>,
    /// Count n-grams on disk, within about this much memory: 512M, 4G.
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) memory: Option<u64>,
    /// Folder of the model.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateOptions {
    /// Folder of the model.
    pub(crate) model: PathBuf,
    /// The corpus it was trained on, by name or path.
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: String,
    /// train, valid or test.
    #[arg(long, default_value = "test")]
    pub(crate) split: Split,
    /// Minimal pairs in BLiMP's format: a file, folder or archive.
    #[arg(long, value_name = "PATH")]
    pub(crate) minimal_pairs: Option<String>,
    /// Evaluate a language model on the corpus's dialogues (implied for dialogue models).
    #[arg(long, conflicts_with_all = ["minimal_pairs", "against"])]
    pub(crate) conversation: bool,
    /// Maximum number of preceding turns given as context.
    #[arg(long, value_name = "N", default_value_t = harness::TURNS_SHOWN)]
    pub(crate) turns: usize,
    /// Show where the model does worse than this other language model of the corpus.
    #[arg(long, value_name = "MODEL", conflicts_with = "json")]
    pub(crate) against: Option<PathBuf>,
    /// Seed of the positions that are drawn for accuracy and audit.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QueryOptions {
    /// Folder of an n-gram model.
    pub(crate) model: PathBuf,
    /// Print the totals only.
    #[arg(long)]
    pub(crate) summary: bool,
    /// Print as JSON, a sentence a line, the totals last.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateOptions {
    /// Folder of the model.
    pub(crate) model: PathBuf,
    /// The text to continue.
    #[arg(long, default_value = "")]
    pub(crate) prompt: String,
    /// Most tokens to write.
    #[arg(long, default_value_t = 50)]
    pub(crate) length: usize,
    /// Sampling temperature; 0 takes the most probable token.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) temperature: f64,
    /// Sample among this many most probable tokens; 0: all.
    #[arg(long, default_value_t = 0)]
    pub(crate) top_k: usize,
    /// Sample among the fewest tokens that together have this probability; 1: all.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) top_p: f64,
    /// Seed of the samples.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct WordsOptions {
    /// Folder of a model of word vectors, or a file in one of word2vec's formats.
    pub(crate) model: PathBuf,
    #[command(subcommand)]
    pub(crate) question: WordsQuestion,
    /// Print as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WordsQuestion {
    /// List the words whose vectors have the largest cosine with a word, or with a sum of words.
    Nearest {
        /// The word; the vectors of several are added.
        #[arg(required = true)]
        words: Vec<String>,
        /// A word whose vector is subtracted; may be given several times.
        #[arg(long, value_name = "WORD")]
        minus: Vec<String>,
        /// How many words to list.
        #[arg(long, default_value_t = 10)]
        count: usize,
    },
    /// Complete an analogy: A is to B as C is to what?
    Analogy {
        /// A.
        a: String,
        /// B.
        b: String,
        /// C.
        c: String,
        /// How many words to list.
        #[arg(long, default_value_t = 5)]
        count: usize,
    },
    /// Evaluate by analogies (questions-words.txt) or by human similarity scores of word pairs.
    Evaluate {
        /// The files; the first line tells which kind of test a file is.
        #[arg(required = true)]
        tests: Vec<PathBuf>,
        /// Analogies: restrict the vocabulary to this many most frequent words.
        #[arg(long, default_value_t = harness::MOST_FREQUENT)]
        vocab: usize,
    },
    /// Draw words on the first two principal components of their vectors.
    #[command(after_help = "Example:
  eras words models/vectors plot france:paris germany:berlin italy:rome --out capitals.svg")]
    Plot {
        /// The words; `a:b` are two words with a line between them.
        #[arg(required = true)]
        words: Vec<String>,
        /// The picture, in .svg or .png.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write the vectors in word2vec's text format, or in its binary format for a file in .bin.
    Export {
        /// The file.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArpaCommand {
    /// Write an n-gram model as an ARPA file.
    #[command(after_help = "Example:
  eras arpa export models/kneser-ney kneser-ney.arpa")]
    Export {
        /// Folder of the model.
        model: PathBuf,
        /// The file, or - for standard output.
        file: PathBuf,
    },
    /// Read an ARPA file into a model.
    #[command(after_help = "Example:
  eras arpa import kenlm.arpa --out models/kenlm")]
    Import {
        /// The file; .gz and .zst are unpacked.
        file: PathBuf,
        /// Folder of the model.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// 1048576, 512K, 512M, 4G.
fn parse_bytes(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.as_bytes().last() {
        Some(b'k' | b'K') => (&text[..text.len() - 1], 10),
        Some(b'm' | b'M') => (&text[..text.len() - 1], 20),
        Some(b'g' | b'G') => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    let number = digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift));
    number.ok_or_else(|| "expected a number of bytes, for instance 512M or 4G".to_owned())
}

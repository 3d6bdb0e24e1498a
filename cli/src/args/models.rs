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
    pub(crate) corpus: PathBuf,
    #[arg(long, help = choice::help_on_presets())]
    pub(crate) preset: Option<String>,
    /// Override values of the preset with those of a TOML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Override a value of preset and file; repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Training budget: 90s, 2m, 1h, tokens=5M, epochs=3, or default.
    #[arg(long, default_value = "default", value_name = "BUDGET")]
    pub(crate) budget: Budget,
    /// Seed of all random numbers.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Train word vectors on one thread, which makes them reproducible; on a CPU the other eras always are.
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// Time between checkpoints (30s, 5m): the most that is lost if the program is killed.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub(crate) checkpoint_every: Duration,
    /// Start from the weights of a model of the same architecture and vocabulary (configuration key: init_from).
    #[arg(long, value_name = "MODEL")]
    pub(crate) from: Option<PathBuf>,
    /// Count n-grams on disk, within about this much memory: 512M, 4G.
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) memory: Option<u64>,
    /// Folder to write the model to.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateOptions {
    /// Folder of the model, or RUN/ERA/VARIANT for that of a run's entry.
    pub(crate) model: PathBuf,
    /// The corpus that the model was trained on, by name or path.
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: PathBuf,
    /// Split to evaluate on: train, valid or test; the model counts evaluations on test.
    #[arg(long, default_value = "valid")]
    pub(crate) split: Split,
    /// Minimal pairs in BLiMP's format: a file, folder or archive.
    #[arg(long, value_name = "PATH")]
    pub(crate) minimal_pairs: Option<PathBuf>,
    /// Evaluate a language model on the corpus's dialogues (implied for dialogue models).
    #[arg(long, conflicts_with_all = ["minimal_pairs", "against"])]
    pub(crate) conversation: bool,
    /// Maximum number of preceding turns given as context.
    #[arg(long, value_name = "N", default_value_t = harness::TURNS_SHOWN)]
    pub(crate) turns: usize,
    /// Show where the model's loss is higher than that of this other language model of the corpus.
    #[arg(long, value_name = "MODEL", conflicts_with = "json")]
    pub(crate) against: Option<PathBuf>,
    /// Seed of the positions sampled for accuracy and audit.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QueryOptions {
    /// Folder of an n-gram model, or RUN/ERA/VARIANT for that of a run's entry.
    pub(crate) model: PathBuf,
    /// Print the totals only.
    #[arg(long)]
    pub(crate) summary: bool,
    /// Print as JSON, one line per sentence, the totals last.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct GenerateOptions {
    /// Folder of the model, or RUN/ERA/VARIANT for that of a run's entry.
    pub(crate) model: PathBuf,
    /// The text to continue.
    #[arg(long, default_value = "")]
    pub(crate) prompt: String,
    /// Maximum number of tokens to generate.
    #[arg(long, default_value_t = 50)]
    pub(crate) length: usize,
    /// Sampling temperature; 0 takes the most probable token.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) temperature: f64,
    /// Sample from this many most probable tokens; 0: from all.
    #[arg(long, default_value_t = 0)]
    pub(crate) top_k: usize,
    /// Sample from the smallest set of tokens with at least this total probability; 1: from all.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) top_p: f64,
    /// Seed of the sampling.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct WordsOptions {
    /// Folder of a model of word vectors, a run (its skip-gram vectors, or else those of its CBOW language model), RUN/ERA/VARIANT,
    /// or a file of word2vec, GloVe or fastText.
    pub(crate) model: PathBuf,
    #[command(subcommand)]
    pub(crate) question: WordsQuestion,
    /// Print as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WordsQuestion {
    /// List the words with the largest cosine similarity to a word, or to a sum of words.
    Nearest {
        /// One or more words, whose vectors are added.
        #[arg(required = true)]
        words: Vec<String>,
        /// Subtract the vector of this word; repeatable.
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
        /// Test files: analogies, or word pairs with scores; with spaces, tabs or commas between.
        #[arg(required = true)]
        tests: Vec<PathBuf>,
        /// For analogies, use only this many most frequent words.
        #[arg(long, default_value_t = harness::MOST_FREQUENT)]
        vocab: usize,
    },
    /// Draw words on the first two principal components of their vectors.
    #[command(after_help = "Example:
  eras words models/vectors plot france:paris germany:berlin italy:rome --out capitals.svg")]
    Plot {
        /// Words to draw; `a:b` draws two words joined by a line.
        #[arg(required = true)]
        words: Vec<String>,
        /// Output file, .svg or .png; an SVG is shown with the fonts of its reader, a PNG has those of this machine.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write the vectors in word2vec's text format, or in its binary format if the file name ends in .bin.
    Export {
        /// Output file.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ArpaCommand {
    /// Write an n-gram model as an ARPA file.
    #[command(after_help = "Examples:
  eras arpa export models/kneser-ney kneser-ney.arpa
  eras arpa export models/kneser-ney kneser-ney.arpa.gz")]
    Export {
        /// Folder of the model, or RUN/ERA/VARIANT for that of a run's entry.
        model: PathBuf,
        /// Output file, or - for standard output; it is packed if its name ends in .gz, .zst, .bz2 or .xz.
        file: PathBuf,
    },
    /// Convert an ARPA file to a model.
    #[command(after_help = "Examples:
  eras arpa import kenlm.arpa --out models/kenlm
  eras arpa import pruned.arpa.gz --like models/kneser-ney --out models/pruned

Scores are those of KenLM, also where the model was filtered or pruned. What KenLM refuses is refused: n-grams whose context is \
missing, weights in the highest order, a missing <s> or </s>.")]
    Import {
        /// ARPA file; .gz, .zst, .bz2, .xz and archives of one file are unpacked.
        file: PathBuf,
        /// Take tokenizer and vocabulary from this model, so that the new one can be evaluated on its corpus; the file must have the
        /// same words.
        #[arg(long, value_name = "MODEL")]
        like: Option<PathBuf>,
        /// Folder to write the model to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CountsOptions {
    /// Files, folders or patterns of counts; .gz, .zst, .bz2, .xz, .tar and .zip are unpacked.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[arg(long, help = format!("A named configuration [{}]", ngram::PRESETS.join(", ")))]
    pub(crate) preset: Option<String>,
    /// Override values of the preset with those of a TOML file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Override a value of preset and file; repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Keep this many words, the most frequent; all others are unknown words.
    #[arg(long, value_name = "N")]
    pub(crate) vocab: Option<usize>,
    /// Folder to write the model to.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
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

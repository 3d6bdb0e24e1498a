//! What is said about one model.

use std::path::PathBuf;
use std::time::Duration;

#[cfg(feature = "neural")]
use clap::ValueEnum;
use clap::{Args, Subcommand};
use corpus::Split;
use harness::Budget;

#[derive(Debug, Args)]
pub(crate) struct TrainOptions {
    /// The era: ngram, word2vec, seq2seq, transformer, or an entry such as ngram/kneser-ney, word2vec/cbow-lm, seq2seq/lstm.
    pub(crate) era: String,
    /// A prepared corpus by name, or a file, folder or pattern.
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: String,
    /// A named setting of the era. ngram: paper, trigram, bigram; word2vec: as its entries; seq2seq: tiny, small, paper;
    /// transformer: tiny, village, medium, small, base, paper-base, gpt2-small. A name that is none lists those
    /// of the entry.
    #[arg(long)]
    pub(crate) preset: Option<String>,
    /// A TOML file whose values replace the preset's.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A value that replaces the file's; may be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// What training may spend: 90s, 2m, 1h, tokens=5M, epochs=3, or default.
    #[arg(long, default_value = "default", value_name = "BUDGET")]
    pub(crate) budget: Budget,
    /// Seed of everything random.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Train in one thread, so that the same seed gives the same bytes; the other eras always do on the CPU.
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// Time between checkpoints, the most that is lost when the program is killed: 30s, 5m.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub(crate) checkpoint_every: Duration,
    /// Count n-grams on disk, with about so much memory: 512M, 4G.
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
    /// Judge a language model as one who replies in the corpus' conversations. Models that only reply are judged so anyway.
    #[arg(long, conflicts_with_all = ["minimal_pairs", "against"])]
    pub(crate) conversation: bool,
    /// Turns before a reply that one who replies is shown, at most.
    #[arg(long, value_name = "N", default_value_t = harness::TURNS_SHOWN)]
    pub(crate) turns: usize,
    /// Another language model of the corpus: show where this one loses against it.
    #[arg(long, value_name = "MODEL", conflicts_with = "json")]
    pub(crate) against: Option<PathBuf>,
    /// Seed of the positions that are looked at.
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
    /// 0 always takes the most probable token; above 1 is bolder.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) temperature: f64,
    /// Choose among the so many most probable tokens; 0: all.
    #[arg(long, default_value_t = 0)]
    pub(crate) top_k: usize,
    /// Choose among the fewest tokens that have this probability together; 1: all.
    #[arg(long, default_value_t = 1.0)]
    pub(crate) top_p: f64,
    /// Seed of the choices.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[cfg(feature = "neural")]
#[derive(Debug, Args)]
pub(crate) struct ChatOptions {
    /// Folders of models, two to hear both: chatbots, and language models, which go on with the conversation as with a text.
    #[arg(required = true, num_args = 1..=2)]
    pub(crate) models: Vec<PathBuf>,
    /// 0 always says the most probable word; left out: as the model's settings say.
    #[arg(long)]
    pub(crate) temperature: Option<f64>,
    /// Seed of the choices.
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
    /// The words whose vectors have the largest cosine with a word, or with a sum of words.
    Nearest {
        /// The word; several are added.
        #[arg(required = true)]
        words: Vec<String>,
        /// A word that is taken away; may be given several times.
        #[arg(long, value_name = "WORD")]
        minus: Vec<String>,
        /// How many to name.
        #[arg(long, default_value_t = 10)]
        count: usize,
    },
    /// A is to B as C is to what?
    Analogy {
        /// A.
        a: String,
        /// B.
        b: String,
        /// C.
        c: String,
        /// How many to name.
        #[arg(long, default_value_t = 5)]
        count: usize,
    },
    /// Judge by analogies (questions-words.txt) or by pairs of words that people gave a score.
    Evaluate {
        /// The tests; which kind one is shows in its first line.
        #[arg(required = true)]
        tests: Vec<PathBuf>,
        /// Analogies: only so many of the most frequent words are known.
        #[arg(long, default_value_t = harness::MOST_FREQUENT)]
        vocab: usize,
    },
    /// Draw a map of words: the two directions in which their vectors differ most.
    #[command(after_help = "Example:
  eras words models/vectors plot france:paris germany:berlin italy:rome --out capitals.svg")]
    Plot {
        /// The words; `a:b` are two, with a line between.
        #[arg(required = true)]
        words: Vec<String>,
        /// The picture, in .svg or .png.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write the vectors for other programs: word2vec's text format, or its binary one for a name in .bin.
    Export {
        /// The file.
        file: PathBuf,
    },
}

#[cfg(feature = "neural")]
#[derive(Debug, Args)]
pub(crate) struct TranslateOptions {
    /// Folder of a translator of seq2seq; several translate together, their probabilities averaged.
    #[arg(required = true)]
    pub(crate) models: Vec<PathBuf>,
    /// Hypotheses that are followed at a time; the model's own setting if left out.
    #[arg(long, value_name = "N")]
    pub(crate) beam: Option<usize>,
    /// ln p is divided by ((5 + words) / 6) to the power of this; the model's own setting if left out.
    #[arg(long, value_name = "ALPHA")]
    pub(crate) length_penalty: Option<f64>,
    /// Print the best N translations of each line, as NUMBER ||| TRANSLATION ||| LN P, in the order of the length penalty.
    #[arg(long, value_name = "N")]
    pub(crate) n_best: Option<usize>,
    /// Choose from another program's candidates instead: a file of lines NUMBER ||| TRANSLATION ||| SCORE, sources numbered
    /// from 0. The mean of its score and ln p decides.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["beam", "length_penalty"])]
    pub(crate) rescore: Option<PathBuf>,
}

#[cfg(feature = "neural")]
#[derive(Debug, Args)]
pub(crate) struct EncodeOptions {
    /// Folder of a translator of seq2seq.
    pub(crate) model: PathBuf,
    /// Draw the sentences as points of a plane: the two directions in which their vectors differ most. In .svg or .png.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
}

#[cfg(feature = "neural")]
#[derive(Debug, Args)]
pub(crate) struct AverageOptions {
    /// Folders of the models: of one era, with the same settings and vocabulary.
    #[arg(required = true)]
    pub(crate) models: Vec<PathBuf>,
    /// Folder of the average.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[cfg(feature = "neural")]
#[derive(Debug, Args)]
pub(crate) struct AttentionOptions {
    /// Folder of a model of the Transformer.
    pub(crate) model: PathBuf,
    /// The text, read after the end of a line; for a translator, the source.
    pub(crate) text: String,
    /// For a translator: its translation; without it the model translates.
    #[arg(long, value_name = "TEXT")]
    pub(crate) target: Option<String>,
    /// For a translator: which attention, across, encoder or decoder [default: across].
    #[arg(long, value_enum)]
    pub(crate) part: Option<AttentionPart>,
    /// Only this layer; the first is 1.
    #[arg(long, value_name = "N")]
    pub(crate) layer: Option<usize>,
    /// Only this head of each layer; the first is 1.
    #[arg(long, value_name = "N")]
    pub(crate) head: Option<usize>,
    /// The picture, in .svg or .png.
    #[arg(long, value_name = "FILE", required_unless_present = "json")]
    pub(crate) out: Option<PathBuf>,
    /// Print the numbers as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which attention of a translator.
#[cfg(feature = "neural")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AttentionPart {
    /// Of the translation, at the source.
    Across,
    /// Of the source, at itself.
    Encoder,
    /// Of the translation, at what stands before.
    Decoder,
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
    /// Make a model of an ARPA file.
    #[command(after_help = "Example:
  eras arpa import kenlm.arpa --out models/kenlm")]
    Import {
        /// The file; .gz and .zst are unpacked on the way.
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

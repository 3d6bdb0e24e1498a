//! The command line. Values are parsed here, and checked by the crates that use them.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Parser, Subcommand};
use corpus::{DocumentRule, Kind, Split, SplitRule, TokenizerKind};
use harness::{Budget, parse_count};

use crate::progress::OnInterrupt;

/// Trains the milestones of language modelling side by side and shows what each idea bought.
#[derive(Debug, Parser)]
#[command(
    name = "eras",
    version,
    max_term_width = 100,
    after_help = "Example:
  eras run --corpus my-text.txt     train every era on a text and write a report"
)]
pub(crate) struct Arguments {
    /// Where corpora, models and runs lie.
    #[arg(
        long,
        global = true,
        env = "ERAS_WORKSPACE",
        default_value = "workspace",
        value_name = "DIR"
    )]
    pub(crate) workspace: PathBuf,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train and judge every era on one corpus, and write a report.
    #[command(after_help = "Examples:
  eras run                                          the built-in village
  eras run --corpus novel.txt --budget epochs=1     a text of yours
  eras run --eras baselines,ngram --seed 2 --out runs/second
  eras run --resume runs/second                     go on where it stopped")]
    Run(RunOptions),
    /// Prepare, list, show and fetch corpora.
    #[command(
        subcommand,
        after_help = "Example:
  eras corpus prepare novel.txt --name novel --tokens bpe:8000"
    )]
    Corpus(CorpusCommand),
    /// Train one model.
    #[command(after_help = "Example:
  eras train ngram --corpus wikitext-2 --preset trigram --set alpha=0.5 --out models/trigram")]
    Train(TrainOptions),
    /// Judge a trained model by a corpus.
    #[command(after_help = "Example:
  eras evaluate models/trigram --corpus wikitext-2 --split test")]
    Evaluate(EvaluateOptions),
    /// Score text from standard input with an n-gram model, token by token; a cache is left out.
    #[command(after_help = "Example:
  echo \"the king of France\" | eras query models/trigram")]
    Query(QueryOptions),
    /// Ask word vectors: neighbours, analogies, word tests.
    #[command(after_help = "Examples:
  eras words models/vectors nearest paris
  eras words models/vectors analogy man king woman
  eras words vectors.bin evaluate questions-words.txt EN-WS-353-ALL.txt")]
    Words(WordsOptions),
    /// Draw where the heads of a Transformer look while it reads a text.
    #[cfg(feature = "neural")]
    #[command(after_help = "Examples:
  eras attention models/decoder \"The cat that the dog chased ran\" --out attention.svg
  eras attention models/decoder \"The cat ran\" --layer 2 --head 1 --out head.png")]
    Attention(AttentionOptions),
    /// Exchange n-gram models with other programs.
    #[command(subcommand)]
    Arpa(ArpaCommand),
    /// Continue a text with a trained model.
    #[command(after_help = "Example:
  eras generate models/trigram --prompt \"The king\" --length 40 --top-k 20")]
    Generate(GenerateOptions),
    /// Write the report of a run again.
    #[command(after_help = "Example:
  eras report workspace/runs/wikitext-2-20260101-120000")]
    Report(ReportOptions),
    /// Put an era's paper to the test: its claims, each with a miniature experiment.
    #[command(after_help = "Example:
  eras reproduce ngram --corpus wikitext-2")]
    Reproduce(ReproduceOptions),
    /// Compare all files of a corpus, a model or a run with their checksums.
    #[command(after_help = "Example:
  eras verify workspace/corpora/wikitext-2")]
    Verify(VerifyOptions),
    /// Tell versions, processor, libtorch and the measured speed of matrix products.
    #[command(after_help = "Example:
  eras doctor --json")]
    Doctor(DoctorOptions),
    /// Print a completion script for a shell.
    #[command(after_help = "Example:
  eras completions bash > ~/.local/share/bash-completion/completions/eras")]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether Ctrl-C finds something to put in order first.
    pub(crate) fn on_interrupt(&self) -> OnInterrupt {
        match self {
            Command::Run(_) | Command::Corpus(_) | Command::Train(_) | Command::Reproduce(_) => {
                OnInterrupt::Tidy
            }
            _ => OnInterrupt::Leave,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// A prepared corpus by name, or a file, folder or pattern; without it the built-in village.
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: Option<String>,
    /// Eras or entries, by commas: baselines, ngram, ngram/kneser-ney, word2vec, transformer, oracle.
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) eras: Vec<String>,
    /// What each entry may spend on training: 90s, 2m, 1h, tokens=5M, epochs=3, or default.
    #[arg(long, default_value = "default", value_name = "BUDGET")]
    pub(crate) budget: Budget,
    /// Seed of everything random.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Folder of the run; without it a new one under the workspace.
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub(crate) out: Option<PathBuf>,
    /// Continue the run in this folder.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["corpus", "eras", "minimal_pairs", "word_tests", "seed", "budget"])]
    pub(crate) resume: Option<PathBuf>,
    /// Minimal pairs in BLiMP's format: a file, folder or archive; without it those of the corpus, if it has some.
    #[arg(long, value_name = "PATH")]
    pub(crate) minimal_pairs: Option<String>,
    /// A test of word vectors: analogies as questions-words.txt has them, or pairs of words that people gave a score; may
    /// be given several times; without it those of the corpus, if it has some.
    #[arg(long, value_name = "FILE")]
    pub(crate) word_tests: Vec<String>,
    /// Print the results as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CorpusCommand {
    /// Turn a text, or the built-in village, into a prepared corpus.
    #[command(after_help = "Examples:
  eras corpus prepare village --size large --seed 2 --name second-village
  eras corpus prepare village --tokens 300k --set shares.recall=60 --name recall
  eras corpus prepare wiki/ --name wiki --tokens whitespace
  eras corpus prepare 'books/*.txt' --name books --tokens words --lower --vocab 20000
  eras corpus prepare multi30k/ --name multi30k --languages de-en --tokens bpe:8000")]
    Prepare(PrepareOptions),
    /// List the prepared corpora.
    #[command(after_help = "Example:
  eras corpus list --json")]
    List {
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show a prepared corpus: counts, the most frequent tokens, a sample; draws its Zipf plot.
    #[command(after_help = "Example:
  eras corpus show wikitext-2
  eras corpus show village       also what can be predicted, and what that needs")]
    Show {
        /// Its name.
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

/// `--tokens` of `eras corpus prepare`: how to cut a text, or how much of the village to tell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tokens {
    Cut(TokenizerKind),
    Tell(u64),
}

impl FromStr for Tokens {
    type Err = String;

    fn from_str(text: &str) -> Result<Tokens, String> {
        let is_number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
        match parse_count(text) {
            Some(number) => Ok(Tokens::Tell(number)),
            None if is_number => Err(format!(
                "{text}: a number of tokens must be at least 1 (500k, 3M)"
            )),
            None => text.parse().map(Tokens::Cut),
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct PrepareOptions {
    /// A file, a folder or a pattern; .gz, .zst and .tar are unpacked on the way. Or `village`, the built-in world (a
    /// file of that name is ./village).
    pub(crate) source: String,
    /// The corpus' name; the village has one.
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// How to cut lines: whitespace, words, bpe:N, chars or bytes; without it the text decides. For the village, how
    /// many training tokens to tell: 500k, 3M.
    #[arg(long, value_name = "TOKENIZER|N")]
    pub(crate) tokens: Option<Tokens>,
    /// How much of the village to tell: small, default or large.
    #[arg(long)]
    pub(crate) size: Option<String>,
    /// A setting of the village, for instance shares.recall=40; may be given several times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Turn letters into lower case.
    #[arg(long)]
    pub(crate) lower: bool,
    /// Keep so many of the most frequent tokens.
    #[arg(long, value_name = "N")]
    pub(crate) vocab: Option<usize>,
    /// Keep tokens that occur so often in the training split.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) min_count: u64,
    /// auto keeps the division that file names tell; random draws one; none keeps all for training.
    #[arg(long, default_value = "auto", value_name = "RULE")]
    pub(crate) split: SplitRule,
    /// Seed of a drawn division, or of the village.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// How documents are told apart: auto, headings, files, blank-lines or lines.
    #[arg(long, default_value = "auto", value_name = "RULE")]
    pub(crate) documents: DocumentRule,
    /// What the source holds: auto, text, pairs or dialogues.
    #[arg(long, default_value = "auto")]
    pub(crate) kind: Kind,
    /// Source and target language of parallel files, by their endings, for instance de-en.
    #[arg(long, value_name = "FROM-TO", value_parser = parse_languages)]
    pub(crate) languages: Option<(String, String)>,
    /// Exchange the columns of a table of sentence pairs.
    #[arg(long)]
    pub(crate) swap: bool,
    /// Replace bytes that are not text by U+FFFD.
    #[arg(long)]
    pub(crate) lossy: bool,
    /// Replace a corpus of that name.
    #[arg(long)]
    pub(crate) force: bool,
    /// Print what was prepared as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct FetchOptions {
    /// Its name in the catalogue; without it the catalogue is listed.
    pub(crate) name: Option<String>,
    /// Another catalogue.
    #[arg(long, value_name = "FILE")]
    pub(crate) catalogue: Option<PathBuf>,
    /// Replace a corpus of that name.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TrainOptions {
    /// The era: ngram, word2vec, or an entry such as ngram/kneser-ney, word2vec/cbow, word2vec/cbow-lm.
    pub(crate) era: String,
    /// A prepared corpus by name, or a file, folder or pattern.
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: String,
    /// A named setting of the era.
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
    /// Train in one thread, so that the same seed gives the same bytes; the other eras always do.
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// Count n-grams on disk, with about so much memory: 512M, 4G.
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    pub(crate) memory: Option<u64>,
    /// Folder of the model.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
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
pub(crate) struct AttentionOptions {
    /// Folder of a model of transformer/decoder.
    pub(crate) model: PathBuf,
    /// The text, read after the end of a line.
    pub(crate) text: String,
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
    /// Seed of the positions that are looked at.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print as JSON.
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

#[derive(Debug, Args)]
pub(crate) struct ReportOptions {
    /// Folder of the run.
    pub(crate) run: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ReproduceOptions {
    /// The era.
    pub(crate) era: String,
    /// A prepared corpus by name, or a path; without it the built-in text.
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: Option<String>,
    /// Questions of words for the claims of word2vec (questions-words.txt); the village has its own.
    #[arg(long, value_name = "FILE")]
    pub(crate) analogies: Option<PathBuf>,
    /// As large as the machine bears, instead of within 30 minutes on two cores.
    #[arg(long)]
    pub(crate) full: bool,
    /// Repetitions, with seeds 1, 2, 3, …
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(2..=100))]
    pub(crate) repetitions: u64,
    /// Print as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    /// Folders of corpora, models or runs.
    #[arg(required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// Print as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorOptions {
    /// Print as JSON.
    #[arg(long)]
    pub(crate) json: bool,
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

fn parse_languages(text: &str) -> Result<(String, String), String> {
    match text.split_once('-') {
        Some((from, to)) if !from.is_empty() && !to.is_empty() => {
            Ok((from.to_owned(), to.to_owned()))
        }
        _ => Err("expected FROM-TO, for instance de-en".to_owned()),
    }
}

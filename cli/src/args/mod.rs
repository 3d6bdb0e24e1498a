//! The command line. Values are parsed here, and checked by the crates that use them.

mod corpora;
#[cfg(all(test, feature = "neural"))]
mod documented;
mod models;
mod runs;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::progress::OnInterrupt;

pub(crate) use corpora::{CorpusCommand, FetchOptions, PrepareOptions, Tokens};
pub(crate) use models::{
    ArpaCommand, EvaluateOptions, GenerateOptions, QueryOptions, TrainOptions, WordsOptions,
    WordsQuestion,
};
#[cfg(feature = "neural")]
pub(crate) use models::{
    AttentionOptions, AttentionPart, AverageOptions, ChatOptions, EncodeOptions, TranslateOptions,
};
pub(crate) use runs::{
    CompareOptions, DoctorOptions, JudgeOptions, ReportOptions, ReproduceOptions, RunOptions,
    VerifyOptions,
};

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
    /// Translate lines from standard input, or choose among given translations.
    #[cfg(feature = "neural")]
    #[command(after_help = "Examples:
  eras translate models/translator < sentences.de > sentences.en
  eras translate models/first models/second --beam 12 --n-best 10 < sentences.de
  eras translate models/translator --rescore other.nbest < sentences.de")]
    Translate(TranslateOptions),
    /// Print the vector that an encoder makes of each line of standard input, its numbers divided by spaces.
    #[cfg(feature = "neural")]
    #[command(after_help = "Example:
  eras encode models/translator --map sentences.svg < sentences.en > vectors.txt")]
    Encode(EncodeOptions),
    /// Average the weights of several trainings of one model.
    #[cfg(feature = "neural")]
    #[command(after_help = "Example:
  eras average models/first models/second --out models/average")]
    Average(AverageOptions),
    /// Draw where the heads of a Transformer look while it reads a text, or translates it.
    #[cfg(feature = "neural")]
    #[command(after_help = "Examples:
  eras attention models/decoder \"The cat that the dog chased ran\" --out attention.svg
  eras attention models/decoder \"The cat ran\" --layer 2 --head 1 --out head.png
  eras attention models/translator \"ein hund rennt .\" --part across --out across.svg")]
    Attention(AttentionOptions),
    /// Exchange n-gram models with other programs.
    #[command(subcommand)]
    Arpa(ArpaCommand),
    /// Continue a text with a trained model.
    #[command(after_help = "Example:
  eras generate models/trigram --prompt \"The king\" --length 40 --top-k 20")]
    Generate(GenerateOptions),
    /// Talk to one or two trained models.
    #[cfg(feature = "neural")]
    #[command(after_help = "Example:
  eras chat models/chatbot
  eras chat models/chatbot models/kneser-ney --seed 2
  echo 'where are you from ?' | eras chat models/chatbot")]
    Chat(ChatOptions),
    /// Show what every language model of a run thinks comes next, and how probable it finds each word of a text.
    #[command(after_help = "Example:
  eras compare runs/village \"once there lived a\"
  eras compare runs/village \"the cats near the old mill were\" --eras ngram,transformer --top 3")]
    Compare(CompareOptions),
    /// Judge the replies of two entries of a run, not knowing whose they are.
    #[command(after_help = "Example:
  eras judge runs/village chatbot/replies baselines/retrieval --name anna
  eras judge runs/village chatbot/replies baselines/retrieval --result")]
    Judge(JudgeOptions),
    /// Write the report of a run again, or a page about several runs.
    #[command(after_help = "Example:
  eras report workspace/runs/wikitext-2-20260101-120000
  eras report runs/monday runs/tuesday --out compared")]
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

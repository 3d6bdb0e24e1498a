//! The command line. Values are parsed here, and checked by the crates that use them.

mod corpora;
#[cfg(all(test, feature = "neural"))]
mod documented;
mod located;
mod models;
mod runs;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::networks::NetworkCommand;
use crate::progress::OnInterrupt;

pub(crate) use corpora::{CorpusCommand, FetchOptions, PrepareOptions, Tokens};
pub(crate) use models::{
    ArpaCommand, CountsOptions, EvaluateOptions, GenerateOptions, QueryOptions, TrainOptions,
    WordsOptions, WordsQuestion,
};
pub(crate) use runs::{
    AblateOptions, CompareOptions, DoctorOptions, JudgeOptions, ReportOptions, ReproduceOptions,
    RunEntryOptions, RunOptions, VerifyOptions,
};

/// Train the milestones of language modelling side by side and compare them.
#[derive(Debug, Parser)]
#[command(
    name = "eras",
    version,
    max_term_width = 100,
    after_help = crate::choice::help_on_the_list()
)]
pub(crate) struct Arguments {
    /// Folder of corpora, models and runs.
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
    /// Train and evaluate every era on one corpus, and write a report.
    #[command(after_help = "Examples:
  eras run                                          the built-in village
  eras run --corpus novel.txt --budget epochs=1     your own text
  eras run --eras baselines,ngram --seed 2 --name second
  eras run --resume second                          continue an interrupted run")]
    Run(RunOptions),
    /// Work on one entry of a run: `eras run` starts itself again for each network.
    #[command(hide = true)]
    RunEntry(RunEntryOptions),
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
    /// Evaluate a trained model on a corpus.
    #[command(after_help = "Example:
  eras evaluate models/trigram --corpus wikitext-2 --split test")]
    Evaluate(EvaluateOptions),
    /// Score text from standard input with an n-gram model, token by token, without its cache.
    #[command(after_help = "Example:
  echo \"the king of France\" | eras query models/trigram")]
    Query(QueryOptions),
    /// Query word vectors: neighbours, analogies, word tests.
    #[command(after_help = "Examples:
  eras words models/vectors nearest paris
  eras words novel nearest paris                    the vectors of the run novel
  eras words models/vectors analogy man king woman
  eras words vectors.bin evaluate questions-words.txt EN-WS-353-ALL.txt")]
    Words(WordsOptions),
    /// Commands that only networks have.
    #[command(flatten)]
    Networks(NetworkCommand),
    /// Exchange n-gram models with other programs.
    #[command(subcommand)]
    Arpa(ArpaCommand),
    /// Train an n-gram model on counts that were made elsewhere.
    #[command(after_help = "Examples:
  eras counts web1t/data --vocab 1000000 --out models/web
  eras counts srilm.counts.gz --preset kneser-ney --set order=3 --out models/kneser-ney

A line holds an n-gram, a tab and its count (SRILM, Google Web 1T), or also years and volumes, whose counts are added (Google Books). \
Files may be packed; counts of an n-gram in several files are added.")]
    Counts(CountsOptions),
    /// Continue a text with a trained model.
    #[command(after_help = "Example:
  eras generate models/trigram --prompt \"The king\" --length 40 --top-k 20
  eras generate novel/ngram/kneser-ney              the entry of the run novel")]
    Generate(GenerateOptions),
    /// Show what each language model of a run predicts next, and the probability it gives each word of a text.
    #[command(after_help = "Example:
  eras compare village \"once there lived a\"
  eras compare village \"the cats near the old mill were\" --eras ngram,transformer --top 3")]
    Compare(CompareOptions),
    /// Compare replies of two entries of a run in a blind test.
    #[command(after_help = "Example:
  eras judge village chatbot/replies baselines/retrieval --name anna
  eras judge village chatbot/replies baselines/retrieval --result")]
    Judge(JudgeOptions),
    /// Redraw the report of a run, or compare several runs on one page.
    #[command(after_help = "Example:
  eras report workspace/runs/wikitext-2-20260101-120000
  eras report monday tuesday --out compared")]
    Report(ReportOptions),
    /// Test each claim of an era's paper with a miniature experiment.
    #[command(after_help = "Example:
  eras reproduce ngram --corpus wikitext-2")]
    Reproduce(ReproduceOptions),
    /// Measure what each idea is worth that an era's tuned entry borrows from later papers.
    #[command(after_help = "Examples:
  eras ablate transformer                           every tuned entry of the era, on the village
  eras ablate transformer/decoder-tuned --corpus wikitext-2 --budget tokens=1M

The paper's entry is trained without borrowed ideas, with each of them alone, and the tuned entry with all of them; all are compared
on the validation split. An interrupted ablation continues where it stopped. Reports of runs on the same text show the result.")]
    Ablate(AblateOptions),
    /// Compare all files of a corpus, a model or a run with their checksums.
    #[command(after_help = "Example:
  eras verify workspace/corpora/wikitext-2")]
    Verify(VerifyOptions),
    /// Show versions, processor, libtorch and the measured speed of matrix multiplication.
    #[command(after_help = "Example:
  eras doctor --json")]
    Doctor(DoctorOptions),
    /// Print a completion script for a shell.
    #[command(after_help = "Example:
  eras completions bash > ~/.local/share/bash-completion/completions/eras")]
    Completions {
        /// Shell to write the script for.
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// Whether it trains models.
    pub(crate) fn trains(&self) -> bool {
        matches!(
            self,
            Command::Run(_)
                | Command::RunEntry(_)
                | Command::Train(_)
                | Command::Reproduce(_)
                | Command::Ablate(_)
        )
    }

    /// What Ctrl-C does while the command runs.
    pub(crate) fn on_interrupt(&self) -> OnInterrupt {
        match self {
            Command::Corpus(_) | Command::Counts(_) => OnInterrupt::Tidy,
            _ if self.trains() => OnInterrupt::Tidy,
            _ => OnInterrupt::Leave,
        }
    }
}

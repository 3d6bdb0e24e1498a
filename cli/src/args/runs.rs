//! Options of commands that work on runs, and on the machine.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use harness::Budget;

use crate::choice;

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// A prepared corpus by name, or a file, folder or glob pattern [default: the built-in village].
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: Option<PathBuf>,
    #[arg(long, value_delimiter = ',', value_name = "LIST", help = choice::help_on_eras())]
    pub(crate) eras: Vec<String>,
    /// Training budget of each entry: 90s, 2m, 1h, tokens=5M, epochs=3, or default.
    #[arg(long, default_value = "default", value_name = "BUDGET")]
    pub(crate) budget: Budget,
    /// Total time of the run (90s, 5m, 1.5h), shared by the entries: those that train until their time is spent get equal
    /// parts of what the others leave.
    #[arg(long, value_name = "TIME", conflicts_with = "budget", value_parser = total_time)]
    pub(crate) time: Option<Duration>,
    /// Preset of the entries that have it [default: the one that suits budget and vocabulary].
    #[arg(long, value_name = "NAME")]
    pub(crate) preset: Option<String>,
    /// Override a setting of the entries that have it, for instance compute.threads=1; repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) settings: Vec<String>,
    /// Seed of all random numbers.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Train networks on this device: cpu (the default), cuda or cuda:N; a GPU needs PyTorch's libtorch 2.11.0 for CUDA in
    /// LD_LIBRARY_PATH. A resumed run keeps its device unless this is given.
    #[arg(long, value_name = "DEVICE")]
    pub(crate) device: Option<String>,
    /// Train word vectors on one thread, which makes them reproducible; on a CPU the other eras always are.
    #[arg(long)]
    pub(crate) deterministic: bool,
    /// Train N networks side by side, each in a process of its own with an equal share of the cores
    /// [default: as many as there are cores; 1 on a GPU].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
    /// Time between checkpoints (30s, 5m): the most that is lost if the program is killed.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub(crate) checkpoint_every: Duration,
    /// Train each language model on N sizes of the text (all of it, 1/2, 1/4, …) and draw how perplexity falls with size.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=12))]
    pub(crate) scaling: u32,
    /// Name of the run: its folder is WORKSPACE/runs/NAME [default: the corpus and the time].
    #[arg(long, conflicts_with_all = ["out", "resume"])]
    pub(crate) name: Option<String>,
    /// Folder of the run, instead of one in WORKSPACE/runs.
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub(crate) out: Option<PathBuf>,
    /// Continue this run: its folder, or its name in the workspace.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["corpus", "eras", "minimal_pairs", "word_tests", "seed", "budget", "time", "preset", "settings", "deterministic", "scaling"])]
    pub(crate) resume: Option<PathBuf>,
    /// Minimal pairs in BLiMP's format: a file, folder or archive [default: those of the corpus, if any].
    #[arg(long, value_name = "PATH")]
    pub(crate) minimal_pairs: Option<PathBuf>,
    /// A test of word vectors: analogies (questions-words.txt) or human similarity scores of word pairs; repeatable
    /// [default: those of the corpus, if any].
    #[arg(long, value_name = "FILE")]
    pub(crate) word_tests: Vec<PathBuf>,
    /// Print the results as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What `eras run` passes on to the process of an entry.
#[derive(Debug, Args)]
pub(crate) struct RunEntryOptions {
    /// Folder of the run.
    pub(crate) run: PathBuf,
    /// The entry: era/variant/track.
    pub(crate) entry: String,
    /// Time between checkpoints.
    #[arg(long, value_parser = humantime::parse_duration)]
    pub(crate) checkpoint_every: Duration,
}

/// A total time, in the form of a budget.
fn total_time(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(Budget::Time(time)) => Ok(time),
        _ => Err("a total time is 90s, 5m or 1.5h".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct ReportOptions {
    /// Folder of the run, or its name in the workspace; several are compared on one page.
    #[arg(required = true, value_name = "RUN")]
    pub(crate) runs: Vec<PathBuf>,
    /// Folder for the page that compares several runs.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CompareOptions {
    /// Folder of the run, or its name in the workspace; RUN/ERA or RUN/ERA/VARIANT for some of its entries.
    pub(crate) run: PathBuf,
    /// The text, taken as the beginning of a line.
    pub(crate) text: String,
    /// Number of next words to show.
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub(crate) top: usize,
    /// Eras or entries, separated by commas [default: all language models of the run].
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) eras: Vec<String>,
    /// Print as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct JudgeOptions {
    /// Folder of the run, or its name in the workspace.
    pub(crate) run: PathBuf,
    /// An entry of its conversation track, such as chatbot/replies.
    pub(crate) first: String,
    /// Another entry of that track.
    pub(crate) second: String,
    /// Name of the judge; each judge sees each pair of replies once.
    #[arg(long, default_value = "me")]
    pub(crate) name: String,
    /// Number of pairs of replies to judge, spread evenly over the test dialogues; the paper used 200.
    #[arg(long, default_value_t = 20)]
    pub(crate) count: usize,
    /// Show the judgements so far instead of asking.
    #[arg(long)]
    pub(crate) result: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReproduceOptions {
    #[arg(help = choice::help_on_experiments())]
    pub(crate) era: String,
    /// A prepared corpus by name, or a path [default: the built-in village].
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: Option<PathBuf>,
    /// Analogies (questions-words.txt) for the claims of word2vec; the village has its own.
    #[arg(long, value_name = "FILE")]
    pub(crate) analogies: Option<PathBuf>,
    /// A second corpus, for claims that compare two (chatbot: open-domain dialogues beside help-desk dialogues).
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) other: Option<PathBuf>,
    /// Test only these claims, separated by commas; an unknown name lists all claims. P values are adjusted for all claims of the
    /// era nevertheless, so that a verdict is never easier to get for a selection.
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) claims: Vec<String>,
    /// Run the experiments at full size instead of within about an hour on two cores.
    #[arg(long)]
    pub(crate) full: bool,
    /// Number of repetitions, with seeds 1, 2, 3, …; each has its own part of the text, in training and in tests.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(2..=100))]
    pub(crate) repetitions: u64,
    /// Print as Markdown.
    #[arg(long, conflicts_with = "json")]
    pub(crate) markdown: bool,
    /// Print as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AblateOptions {
    #[arg(help = choice::help_on_tuned_entries())]
    pub(crate) entry: String,
    /// A prepared corpus by name, or a path [default: the built-in village].
    #[arg(long, value_name = "NAME|PATH")]
    pub(crate) corpus: Option<PathBuf>,
    /// Training budget of each model: 90s, 2m, 1h, tokens=5M, epochs=3, or default.
    #[arg(long, default_value = "default")]
    pub(crate) budget: Budget,
    /// Number of repetitions, with seeds 1, 2, 3, …
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(2..=100))]
    pub(crate) repetitions: u64,
    /// Change one setting of every model, for instance compute.threads=1; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Print as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyOptions {
    /// Folders of corpora, models or runs; a run by its name in the workspace, a model of its entries as RUN/ERA/VARIANT.
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

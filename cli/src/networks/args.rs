//! The options of commands that only networks have.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ChatOptions {
    /// Folders of one or two models, or RUN/ERA/VARIANT for those of a run's entries: dialogue models, or language models, which
    /// continue the dialogue as text.
    #[arg(required = true, num_args = 1..=2)]
    pub(crate) models: Vec<PathBuf>,
    /// Sampling temperature; 0 takes the most probable word [default: the model's own setting].
    #[arg(long)]
    pub(crate) temperature: Option<f64>,
    /// Seed of the sampling.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct TranslateOptions {
    /// Folders of translators, or RUN/ERA/VARIANT for those of a run's entries; several of one era translate as an ensemble that
    /// averages their probabilities.
    #[arg(required = true)]
    pub(crate) models: Vec<PathBuf>,
    /// Beam size [default: the model's own setting].
    #[arg(long, value_name = "N")]
    pub(crate) beam: Option<usize>,
    /// Exponent of the length penalty: divide ln p by ((5 + words) / 6)^ALPHA [default: the model's own setting].
    #[arg(long, value_name = "ALPHA")]
    pub(crate) length_penalty: Option<f64>,
    /// Print the best N translations of each line, as NUMBER ||| TRANSLATION ||| LN P, sorted by length-penalised ln p.
    #[arg(long, value_name = "N")]
    pub(crate) n_best: Option<usize>,
    /// Rerank another program's n-best list by the mean of its score and ln p: lines NUMBER ||| TRANSLATION ||| SCORE,
    /// sources numbered from 0; features may stand before the score and alignments after it, as Moses prints them.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["beam", "length_penalty"])]
    pub(crate) rescore: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct EncodeOptions {
    /// Folder of a seq2seq translator, or RUN/ERA/VARIANT for that of a run's entry.
    pub(crate) model: PathBuf,
    /// Draw the sentences on the first two principal components of their vectors, to a .svg or .png file.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct AverageOptions {
    /// Folders of the models, or RUN/ERA/VARIANT for those of runs' entries: of one era, with the same settings and vocabulary.
    #[arg(required = true)]
    pub(crate) models: Vec<PathBuf>,
    /// Folder to write the averaged model to.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AttentionOptions {
    /// Folder of a Transformer model, or RUN/ERA/VARIANT for that of a run's entry.
    pub(crate) model: PathBuf,
    /// The text, taken as the beginning of a line; for a translator, the source sentence.
    pub(crate) text: String,
    /// For translators: the translation to use [default: the model's own].
    #[arg(long, value_name = "TEXT")]
    pub(crate) target: Option<String>,
    /// For translators: the attention to draw [default: cross].
    #[arg(long, value_enum)]
    pub(crate) part: Option<AttentionPart>,
    /// Draw only this layer; the first is 1.
    #[arg(long, value_name = "N")]
    pub(crate) layer: Option<usize>,
    /// Draw only this head of each layer; the first is 1.
    #[arg(long, value_name = "N")]
    pub(crate) head: Option<usize>,
    /// Output file, .svg or .png; an SVG is shown with the fonts of its reader, a PNG has those of this machine.
    #[arg(long, value_name = "FILE", required_unless_present = "json")]
    pub(crate) out: Option<PathBuf>,
    /// Print the attention weights as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The three kinds of attention of a translator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AttentionPart {
    /// Cross-attention, from the translation to the source.
    Cross,
    /// Self-attention of the encoder.
    Encoder,
    /// Causal self-attention of the decoder.
    Decoder,
}

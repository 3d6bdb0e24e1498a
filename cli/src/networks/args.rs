//! The options of commands that only networks have.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(crate) struct ChatOptions {
    /// Folders of one or two models: dialogue models, or language models, which continue the dialogue as text.
    #[arg(required = true, num_args = 1..=2)]
    pub(crate) models: Vec<PathBuf>,
    /// Sampling temperature, 0 for the most probable word; the model's own setting if left out.
    #[arg(long)]
    pub(crate) temperature: Option<f64>,
    /// Seed of the samples.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct TranslateOptions {
    /// Folder of a translator; several of one era translate as an ensemble, their probabilities averaged.
    #[arg(required = true)]
    pub(crate) models: Vec<PathBuf>,
    /// Beam size; the model's own setting if left out.
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

#[derive(Debug, Args)]
pub(crate) struct EncodeOptions {
    /// Folder of a translator of seq2seq.
    pub(crate) model: PathBuf,
    /// Draw the sentences as points of a plane: the two directions in which their vectors differ most. In .svg or .png.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct AverageOptions {
    /// Folders of the models: of one era, with the same settings and vocabulary.
    #[arg(required = true)]
    pub(crate) models: Vec<PathBuf>,
    /// Folder of the average.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
}

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AttentionPart {
    /// Of the translation, at the source.
    Across,
    /// Of the source, at itself.
    Encoder,
    /// Of the translation, at what stands before.
    Decoder,
}

//! What can go wrong.

use std::path::PathBuf;

/// What helps where memory does not suffice.
const REMEDY: &str = "`batch` at half its value (a translator's `batch_tokens`) halves what a step needs, and `training.accumulate` at twice its value then \
                      learns the same; `width` at half its value halves everything";

/// Any failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{path}: cannot {action}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read`, `write`.
        action: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
    /// A weight file is damaged or is something else.
    #[error("{path}: not a whole safetensors file", path = path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What the parser says.
        source: safetensors::SafeTensorError,
    },
    /// A weight file lacks a tensor that the model has.
    #[error("{path}: tensor `{tensor}` is missing; is this another model?", path = path.display())]
    MissingTensor {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
    },
    /// A weight file has a tensor that the model lacks.
    #[error("{path}: tensor `{tensor}` is not part of the model; is this another model?", path = path.display())]
    UnexpectedTensor {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
    },
    /// A tensor in a file has another shape than the model's.
    #[error("{path}: tensor `{tensor}` has shape {got:?}, expected {expected:?}", path = path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
        /// The model's shape.
        expected: Vec<i64>,
        /// The file's shape.
        got: Vec<i64>,
    },
    /// A tensor has a number type other than the model's, or one that the format or libtorch does not know.
    #[error("{path}: tensor `{tensor}` holds {got} numbers, expected {expected}", path = path.display())]
    NumberType {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
        /// What is wanted.
        expected: String,
        /// What was found.
        got: String,
    },
    /// The machine lacks the device asked for.
    #[error("device `{device}` is not available: {reason}")]
    Device {
        /// As written in the settings.
        device: String,
        /// Why, with a remedy.
        reason: String,
    },
    /// libtorch refused an operation that is right in itself, for example for lack of memory.
    #[error("libtorch could not {action}")]
    Torch {
        /// What was tried.
        action: String,
        /// What libtorch says.
        source: tch::TchError,
    },
    /// There is less memory than a training needs.
    #[error("training needs about {needed} MiB of memory, {available} MiB are free; {REMEDY}")]
    Memory {
        /// MiB for parameters, optimiser and a step.
        needed: u64,
        /// MiB that programs can still get.
        available: u64,
    },
    /// Memory ran out within a step.
    #[error("memory does not suffice for step {step} ({what}); {REMEDY}")]
    StepMemory {
        /// The step, counted from 0.
        step: u64,
        /// What libtorch says.
        what: String,
    },
    /// A file of weights holds a number that is none.
    #[error("{path}: tensor `{tensor}` holds a number that is not finite; train the model again", path = path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
    },
    /// A checkpoint cannot be continued from.
    #[error("{path}: {what}", path = path.display())]
    Checkpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The loss is no longer a number.
    #[error(
        "the loss is not finite at step {step}; train with a smaller learning rate than {learning_rate}; {kept}"
    )]
    Diverged {
        /// The step, counted from 0.
        step: u64,
        /// The highest learning rate.
        learning_rate: f64,
        /// What is left.
        kept: String,
    },
    /// What the harness says, and the corpus.
    #[error(transparent)]
    Harness(#[from] harness::Error),
}

impl From<corpus::Error> for Error {
    fn from(error: corpus::Error) -> Error {
        Error::Harness(error.into())
    }
}

impl From<Error> for harness::Error {
    fn from(error: Error) -> harness::Error {
        match error {
            Error::Harness(error) => error,
            Error::Device { device, reason } => harness::Error::Setting {
                field: "compute.device",
                value: device,
                bound: format!("is not available: {reason}"),
            },
            error => harness::Error::era(error),
        }
    }
}

/// Runs operations of libtorch; an error says what they were for.
pub(crate) fn torch<T>(
    action: &str,
    operations: impl FnOnce() -> Result<T, tch::TchError>,
) -> Result<T> {
    operations().map_err(|source| Error::Torch {
        action: action.to_owned(),
        source,
    })
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

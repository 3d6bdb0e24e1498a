//! Errors of this crate.

use std::path::PathBuf;

/// What to do when memory runs out.
const REMEDY: &str = "halve `batch_size` (or `batch_tokens`) and double `training.accumulation_steps`, which gives the same \
                      result with half the memory per step, or choose a smaller model";

/// Any failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{path}: cannot {action}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The failed action: `read`, `write`.
        action: &'static str,
        /// The system's error.
        source: std::io::Error,
    },
    /// A weight file is damaged or not a safetensors file.
    #[error("{path}: damaged, or not a safetensors file", path = path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The parser's error.
        source: safetensors::SafeTensorError,
    },
    /// A tensor of the model is missing in a weight file.
    #[error("{path}: tensor `{tensor}` is missing; the file may belong to another model", path = path.display())]
    MissingTensor {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
    },
    /// A weight file has a tensor that is not part of the model.
    #[error("{path}: tensor `{tensor}` is not part of the model; the file may belong to another model", path = path.display())]
    UnexpectedTensor {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
    },
    /// The shape of a tensor differs between file and model.
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
    /// The number type of a tensor differs from the model's, or is not supported by the format or by libtorch.
    #[error("{path}: tensor `{tensor}` holds {got} numbers, expected {expected}", path = path.display())]
    NumberType {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
        /// The expected type.
        expected: String,
        /// The found type.
        got: String,
    },
    /// The configured device is not available.
    #[error("device `{device}` is not available: {reason}")]
    Device {
        /// As written in the settings.
        device: String,
        /// The reason and what to do.
        reason: String,
    },
    /// libtorch refused a valid operation, for example for lack of memory.
    #[error("libtorch could not {action}")]
    Torch {
        /// The failed action.
        action: String,
        /// libtorch's error.
        source: tch::TchError,
    },
    /// Training needs more memory than is free.
    #[error("training needs about {needed} MiB of memory, {available} MiB are free; {REMEDY}")]
    Memory {
        /// MiB for parameters, optimizer state and one step.
        needed: u64,
        /// MiB that are free.
        available: u64,
    },
    /// Memory ran out during a step.
    #[error("out of memory in step {step} ({what}); {REMEDY}")]
    StepMemory {
        /// The step, counted from 0.
        step: u64,
        /// libtorch's message.
        what: String,
    },
    /// A weight file contains NaN or infinity.
    #[error("{path}: tensor `{tensor}` contains NaN or infinity; train the model again", path = path.display())]
    NotFinite {
        /// The file.
        path: PathBuf,
        /// The tensor's name.
        tensor: String,
    },
    /// Training cannot resume from a checkpoint.
    #[error("{path}: {what}", path = path.display())]
    Checkpoint {
        /// The checkpoint.
        path: PathBuf,
        /// The problem.
        what: String,
    },
    /// The loss is NaN or infinite.
    #[error(
        "the loss is not finite at step {step}; train with a smaller learning rate than {learning_rate}; {kept}"
    )]
    Diverged {
        /// The step, counted from 0.
        step: u64,
        /// The peak learning rate.
        learning_rate: f64,
        /// The last checkpoint, if any.
        kept: String,
    },
    /// An error of the harness or the corpus.
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

/// Runs operations of libtorch; an error names their purpose.
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

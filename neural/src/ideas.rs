//! Ideas that several eras borrow from later papers, each named and dated once.

use harness::BorrowedIdea;

use crate::optimizer::OptimizerConfig;
use crate::training_config::TrainingConfig;

/// Adam's bias-corrected moments and weight decay apart from the gradient.
pub const ADAMW: BorrowedIdea = BorrowedIdea::new(
    "Adam with decoupled weight decay",
    "Kingma and Ba 2015, Loshchilov and Hutter 2019",
    2019,
);
/// A learning rate that falls like half a cosine.
pub const COSINE: BorrowedIdea =
    BorrowedIdea::new("cosine schedule", "Loshchilov and Hutter 2017", 2017);
/// One matrix for input words and output words.
pub const TIED_EMBEDDINGS: BorrowedIdea =
    BorrowedIdea::new("tied embeddings", "Press and Wolf 2017", 2017);
/// An output bias that starts at the word frequencies.
pub const OUTPUT_BIAS: BorrowedIdea = BorrowedIdea::new(
    "output bias initialised with word frequencies",
    "Karpathy 2019",
    2019,
);
/// Forget gates that start open.
pub const FORGET_BIAS: BorrowedIdea = BorrowedIdea::new(
    "forget gates that start open",
    "Jozefowicz et al. 2015",
    2015,
);
/// A softmax over a sample of the vocabulary in training.
pub const SAMPLED_SOFTMAX: BorrowedIdea =
    BorrowedIdea::new("sampled softmax", "Jean et al. 2015", 2015);
/// Targets with some probability on other words.
pub const LABEL_SMOOTHING: BorrowedIdea =
    BorrowedIdea::new("label smoothing", "Szegedy et al. 2016", 2016);
/// Dropout between layers of an LSTM, not between time steps.
pub const DROPOUT: BorrowedIdea =
    BorrowedIdea::new("dropout between layers", "Zaremba et al. 2014", 2014);
/// A limit on the norm of the gradient.
pub const GRADIENT_CLIPPING: BorrowedIdea =
    BorrowedIdea::new("gradient clipping", "Pascanu et al. 2013", 2013);

impl TrainingConfig {
    /// Whether the optimizer is Adam, with or without decoupled weight decay.
    pub fn uses_adam(&self) -> bool {
        matches!(
            self.optimizer,
            OptimizerConfig::Adam { .. } | OptimizerConfig::AdamW { .. }
        )
    }

    /// The same with AdamW, and with the warm-up and clipping that suit it. Its learning rate does not compare with that of
    /// gradient descent.
    pub fn with_adamw(self, learning_rate: f64) -> TrainingConfig {
        TrainingConfig {
            learning_rate,
            averaged_checkpoints: self.averaged_checkpoints,
            schedule: self.schedule,
            epochs: self.epochs,
            ..TrainingConfig::default()
        }
    }

    /// Whether the optimizer decays weights apart from the gradient.
    pub fn uses_adamw(&self) -> bool {
        matches!(self.optimizer, OptimizerConfig::AdamW { .. })
    }
}

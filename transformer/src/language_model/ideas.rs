//! The ideas of later papers that the language model can use.

use harness::{BorrowedIdea, IdeaSetting};
use neural::{Schedule, TrainingConfig, ideas};

use super::config::LmConfig;
use crate::ideas::{GELU, PRE_NORM, ROTARY};
use crate::stack_config::{Activation, Norm, Positions};

const MIXED_KEYS: BorrowedIdea = BorrowedIdea::new("mixed keys", "So et al. 2021", 2021);

pub(super) const LM_IDEAS: [IdeaSetting<LmConfig>; 9] = [
    IdeaSetting {
        idea: ideas::GRADIENT_CLIPPING,
        is_used: |config| config.training.max_grad_norm > 0.0,
        add: |config| config.training.max_grad_norm = 1.0,
    },
    IdeaSetting {
        idea: ideas::SAMPLED_SOFTMAX,
        is_used: |config| config.num_sampled > 0,
        add: |config| config.num_sampled = 3000,
    },
    IdeaSetting {
        idea: GELU,
        is_used: |config| config.activation == Activation::Gelu,
        add: |config| config.activation = Activation::Gelu,
    },
    IdeaSetting {
        idea: ideas::COSINE,
        is_used: |config| config.training.schedule == Schedule::Cosine,
        add: |config| config.training.schedule = Schedule::Cosine,
    },
    IdeaSetting {
        idea: PRE_NORM,
        is_used: |config| config.norm == Norm::Pre,
        add: |config| config.norm = Norm::Pre,
    },
    IdeaSetting {
        idea: ideas::ADAMW,
        is_used: |config| config.training.uses_adamw(),
        add: |config| config.training.optimizer = TrainingConfig::default().optimizer,
    },
    IdeaSetting {
        idea: ideas::OUTPUT_BIAS,
        is_used: |config| config.output_bias,
        add: |config| config.output_bias = true,
    },
    IdeaSetting {
        idea: ROTARY,
        is_used: |config| config.positions == Positions::Rotary,
        add: |config| config.positions = Positions::Rotary,
    },
    IdeaSetting {
        idea: MIXED_KEYS,
        is_used: |config| config.mixed_keys,
        add: |config| config.mixed_keys = true,
    },
];

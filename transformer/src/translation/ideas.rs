//! The ideas of other papers that the translator can use.

use harness::IdeaSetting;
use neural::{Schedule, TrainingConfig, ideas};

use super::config::Config;
use crate::ideas::{GELU, PRE_NORM, ROTARY};
use crate::stack_config::{Activation, Norm, Positions};

pub(super) const IDEAS: [IdeaSetting<Config>; 6] = [
    IdeaSetting {
        idea: ideas::GRADIENT_CLIPPING,
        is_used: |config| config.training.max_grad_norm > 0.0,
        add: |config| config.training.max_grad_norm = 1.0,
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
        idea: ROTARY,
        is_used: |config| config.positions == Positions::Rotary,
        add: |config| config.positions = Positions::Rotary,
    },
];

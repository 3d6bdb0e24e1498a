//! The ideas of other papers that the language model can use.

use harness::IdeaSetting;
use neural::{Schedule, ideas};

use super::config::LmConfig;

pub(super) const LM_IDEAS: [IdeaSetting<LmConfig>; 6] = [
    IdeaSetting {
        idea: ideas::SAMPLED_SOFTMAX,
        is_used: |config| config.num_sampled > 0,
        add: |config| config.num_sampled = 3000,
    },
    IdeaSetting {
        idea: ideas::FORGET_BIAS,
        is_used: |config| config.forget_bias != 0.0,
        add: |config| config.forget_bias = 1.0,
    },
    IdeaSetting {
        idea: ideas::TIED_EMBEDDINGS,
        is_used: |config| config.tie_embeddings,
        add: |config| config.tie_embeddings = true,
    },
    IdeaSetting {
        idea: ideas::COSINE,
        is_used: |config| config.training.schedule == Schedule::Cosine,
        add: |config| config.training.schedule = Schedule::Cosine,
    },
    IdeaSetting {
        idea: ideas::ADAMW,
        is_used: |config| config.training.uses_adam(),
        add: |config| config.training = config.training.with_adamw(8e-3),
    },
    IdeaSetting {
        idea: ideas::OUTPUT_BIAS,
        is_used: |config| config.output_bias,
        add: |config| config.output_bias = true,
    },
];

//! The ideas of other papers that the chatbot can use.

use harness::{BorrowedIdea, IdeaSetting};
use neural::{Schedule, ideas};

use crate::config::Config;

const ATTENTION: BorrowedIdea = BorrowedIdea::new(
    "multi-head self-attention over earlier turns",
    "Vaswani et al. 2017",
    2017,
);

pub(crate) const IDEAS: [IdeaSetting<Config>; 8] = [
    IdeaSetting {
        idea: ideas::DROPOUT,
        is_used: |config| config.dropout > 0.0,
        add: |config| config.dropout = 0.1,
    },
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
        idea: ATTENTION,
        is_used: |config| config.num_heads > 0,
        add: |config| config.num_heads = 4,
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

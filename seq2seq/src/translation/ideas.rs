//! The ideas of other papers that the translator can use.

use harness::{BorrowedIdea, IdeaSetting};
use neural::{Schedule, ideas};

use super::config::Config;

const ATTENTION: BorrowedIdea =
    BorrowedIdea::new("attention to the source", "Bahdanau et al. 2015", 2015);
const LENGTH_PENALTY: BorrowedIdea = BorrowedIdea::new("length penalty", "Wu et al. 2016", 2016);

pub(super) const IDEAS: [IdeaSetting<Config>; 9] = [
    IdeaSetting {
        idea: ideas::DROPOUT,
        is_used: |config| config.dropout > 0.0,
        add: |config| config.dropout = 0.1,
    },
    IdeaSetting {
        idea: ATTENTION,
        is_used: |config| config.attention,
        add: |config| config.attention = true,
    },
    IdeaSetting {
        idea: ideas::FORGET_BIAS,
        is_used: |config| config.forget_bias != 0.0,
        add: |config| config.forget_bias = 1.0,
    },
    IdeaSetting {
        idea: ideas::LABEL_SMOOTHING,
        is_used: |config| config.label_smoothing > 0.0,
        add: |config| config.label_smoothing = 0.1,
    },
    IdeaSetting {
        idea: LENGTH_PENALTY,
        is_used: |config| config.beam.length_penalty > 0.0,
        add: |config| config.beam.length_penalty = 1.0,
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
        add: |config| config.training = config.training.with_adamw(1e-2),
    },
    IdeaSetting {
        idea: ideas::OUTPUT_BIAS,
        is_used: |config| config.output_bias,
        add: |config| config.output_bias = true,
    },
];

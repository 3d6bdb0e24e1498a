//! The ideas of other papers that word vectors can use.

use harness::{BorrowedIdea, IdeaSetting};

use crate::config::{Config, TUNED_LENGTH};

pub(crate) static IDEAS: [IdeaSetting<Config>; 2] = [
    IdeaSetting {
        idea: BorrowedIdea::new(
            "negative samples shared in a window",
            "Ji et al. 2016",
            2016,
        ),
        is_used: |config| config.shared_negatives,
        add: |config| config.shared_negatives = true,
    },
    IdeaSetting {
        idea: BorrowedIdea::new("longer initial vectors", "Eras 2026", 2026),
        is_used: |config| config.initial_length > 0.0,
        add: |config| config.initial_length = TUNED_LENGTH,
    },
];

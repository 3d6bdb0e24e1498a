//! How long a download waits and how often it tries again.

use std::time::Duration;

/// How long a download waits and how often it tries again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Longest time without a byte from the server.
    pub silence: Duration,
    /// Connections to one address, each going on where the last one broke.
    pub attempts: u32,
    /// Pause before the second connection; before the n-th it is n - 1 times as long.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            silence: Duration::from_secs(30),
            attempts: 4,
            pause: Duration::from_secs(1),
        }
    }
}

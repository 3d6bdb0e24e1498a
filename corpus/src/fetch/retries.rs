//! Timeouts and retries of downloads.

use std::time::Duration;

/// Timeouts and retries of downloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Longest time without data from the server.
    pub timeout: Duration,
    /// Maximum number of connections to one address, each resuming where the last one broke.
    pub attempts: u32,
    /// Pause before the second connection; before the n-th, n - 1 times this.
    pub backoff: Duration,
}

impl Default for RetryPolicy {
    fn default() -> RetryPolicy {
        RetryPolicy {
            timeout: Duration::from_secs(30),
            attempts: 4,
            backoff: Duration::from_secs(1),
        }
    }
}

//! The decoder alone, which predicts a text.

mod attention;
mod config;
pub(crate) mod network;
pub(crate) mod train;
mod writer;

pub use attention::attention;
pub use config::{LM_PRESETS, LmConfig};
pub use network::Network;

/// A trained decoder.
pub type Lm = neural::TextModel<Network>;

//! The decoder alone, as a language model: what was read is carried along in the cells.

mod config;
pub(crate) mod network;
pub(crate) mod train;
mod writer;

pub use config::{LM_PRESETS, LmConfig};
pub use network::Network;

/// A trained language model.
pub type Lm = neural::TextModel<Network>;

/// The name of the language model.
pub const LM_VARIANT: &str = "lstm";

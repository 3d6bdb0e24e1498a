//! The decoder alone, which predicts a text.

mod config;
mod model;
pub(crate) mod network;
pub(crate) mod train;
mod writer;

pub use config::{LM_PRESETS, LmConfig};
pub use model::Lm;

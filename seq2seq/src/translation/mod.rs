//! Both halves: one LSTM reads a sentence, another writes its translation.

mod config;
pub(crate) mod network;
mod pairs;
pub(crate) mod train;
mod translator;

pub use config::{Batching, Config, PRESETS, Reading, SourceOrder};
pub use translator::{Ensemble, Translator};

//! Training speed of an LSTM on random tokens, to be set beside the same model in PyTorch.
//!
//!     cargo run --release -p seq2seq --example lstm_speed -- [--preset NAME] [--set TOML]… [--vocabulary V] [--steps N]
//!
//! The default is the model of the comparison: 2 layers of 512 cells, words of 256 numbers which are the output layer too,
//! batch 16, windows of 128, vocabulary 10,000, no dropout, AdamW.

#![allow(clippy::print_stdout, reason = "this program's purpose")]

use std::error::Error;

use neural::speed::Trial;
use seq2seq::LmConfig;

fn main() -> Result<(), Box<dyn Error>> {
    let trial = Trial::of(std::env::args().skip(1))?;
    let preset = match &trial.preset {
        Some(name) => LmConfig::preset(name).ok_or("no such preset")?,
        None => LmConfig {
            width: 256,
            hidden: 512,
            layers: 2,
            bias: false,
            batch: 16,
            window: 128,
            ..LmConfig::default()
        },
    };
    let config = trial.adjust(&LmConfig {
        dropout: 0.0,
        ..preset
    })?;
    let tokens = (config.batch * config.window) as u64;
    let speed = trial.measure::<neural::Error>(tokens, &config.compute, |text, training| {
        Ok(config
            .train(text, trial.vocabulary, 0, training)?
            .parameters())
    })?;
    println!("{speed}");
    Ok(())
}

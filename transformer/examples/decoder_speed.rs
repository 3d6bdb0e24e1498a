//! Training speed of a decoder on random tokens, for comparison with the same model in PyTorch.
//!
//!     cargo run --release -p transformer --example decoder_speed -- [--preset NAME] [--set TOML]… [--vocabulary V] [--steps N]
//!
//! Presets are those of `transformer/decoder-tuned`. The default is the model of the comparison: d_model 256, 4 layers, 4 heads,
//! context length 128, batch size 16, vocabulary 10,000, no dropout, AdamW.

#![allow(clippy::print_stdout, reason = "the purpose of this program")]

use std::error::Error;

use neural::speed::SpeedTest;
use transformer::LmConfig;

fn main() -> Result<(), Box<dyn Error>> {
    let test = SpeedTest::parse(std::env::args().skip(1))?;
    let preset = test.preset.as_deref().unwrap_or("medium");
    let config = test.adjust(&LmConfig {
        dropout: 0.0,
        ..LmConfig::tuned_preset(preset).ok_or("no such preset")?
    })?;
    let tokens = (config.batch_size * config.context_length) as u64;
    let speed = test.measure::<neural::Error>(tokens, &config.compute, |text, training| {
        Ok(config
            .train(text, test.vocab_size, 0, training)?
            .parameters())
    })?;
    println!("{speed}");
    Ok(())
}

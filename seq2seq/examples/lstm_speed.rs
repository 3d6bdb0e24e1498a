//! Training speed of an LSTM on random tokens, for comparison with the same model in PyTorch.
//!
//!     cargo run --release -p seq2seq --example lstm_speed -- [--preset NAME] [--set TOML]… [--vocabulary V] [--steps N]
//!
//! The default is the model of the comparison: 2 layers of 512 cells, tied embeddings of size 256, batch size 16, BPTT length
//! 128, vocabulary 10,000, no dropout, AdamW.

#![allow(clippy::print_stdout, reason = "the purpose of this program")]

use std::error::Error;

use neural::speed::SpeedTest;
use seq2seq::LmConfig;

fn main() -> Result<(), Box<dyn Error>> {
    let test = SpeedTest::parse(std::env::args().skip(1))?;
    let preset = match &test.preset {
        Some(name) => LmConfig::preset(name).ok_or("no such preset")?,
        None => LmConfig {
            embedding_size: 256,
            hidden_size: 512,
            num_layers: 2,
            output_bias: false,
            batch_size: 16,
            bptt_length: 128,
            ..LmConfig::default()
        },
    };
    let config = test.adjust(&LmConfig {
        dropout: 0.0,
        ..preset
    })?;
    let tokens = (config.batch_size * config.bptt_length) as u64;
    let speed = test.measure::<neural::Error>(tokens, &config.compute, |text, training| {
        Ok(config
            .train(text, test.vocab_size, 0, training)?
            .parameters())
    })?;
    println!("{speed}");
    Ok(())
}

//! Training speed of a translator on random pairs, for comparison with torch.nn.Transformer.
//!
//!     cargo run --release -p transformer --example translator_speed -- [--preset NAME] [--set TOML]… [--vocabulary V] [--steps N]
//!
//! The default is the model of the comparison: d_model 256, 3 encoder and 3 decoder layers, 4 heads, d_ff 1,024, a shared
//! vocabulary of 10,000, 80 pairs of 24 tokens plus end tokens per step, no dropout, label smoothing 0.1, Adam.

#![allow(clippy::print_stdout, reason = "the purpose of this program")]

use std::error::Error;

use neural::speed::SpeedTest;
use neural::{
    EncoderDecoder, Layout, OwnedPair, Parameters, TrainingConfig, TranslationTask, VocabPair,
};
use transformer::{Config, Network};

/// Tokens of a sentence, without its end token.
const LENGTH: usize = 24;
/// Pairs per step.
const ROWS: usize = 80;

fn main() -> Result<(), Box<dyn Error>> {
    let test = SpeedTest::parse(std::env::args().skip(1))?;
    let preset = match &test.preset {
        Some(name) => Config::preset(name).ok_or("no such preset")?,
        None => Config {
            d_model: 256,
            num_layers: 3,
            num_heads: 4,
            d_ff: 1024,
            training: TrainingConfig {
                max_grad_norm: 1.0,
                ..Config::default().training
            },
            ..Config::default()
        },
    };
    let config = test.adjust(&Config {
        dropout: 0.0,
        batch_tokens: ROWS * (LENGTH + 1),
        ..preset
    })?;
    let rows = (config.batch_tokens / (LENGTH + 1)).max(1);
    let tokens = (rows * (LENGTH + 1)) as u64;
    let speed = test.measure::<neural::Error>(tokens, &config.compute, |text, training| {
        let pairs = text.chunks_exact(2 * LENGTH);
        let pairs = pairs.map(|both| (both[..LENGTH].to_vec(), both[LENGTH..].to_vec()));
        // Full batches only.
        let pairs: Vec<OwnedPair> = pairs.take(3 * rows).collect();
        let vocabs = VocabPair {
            sizes: [test.vocab_size; 2],
            eos: [0, 0],
            is_shared: true,
        };
        let device = config.compute.apply()?;
        let mut layout = Layout::default();
        let network = Network::new(&config, vocabs, &mut layout);
        let precision = config.compute.precision();
        let mut parameters = Parameters::new(layout, device, precision, training.seed)?;
        let mut task = TranslationTask::new(&network, &pairs, Vec::new(), device, training.seed);
        neural::train(&mut task, &mut parameters, &config.training, training)?;
        Ok(parameters.count())
    })?;
    println!("{speed}; counting target tokens, with as many source tokens");
    Ok(())
}

//! Speed of generation with a KV cache, compared with recomputing everything for each token.
//!
//!     cargo run --release -p transformer --example generation_speed -- [TOKENS]
//!
//! The model is that of the training-speed comparison, with a context length equal to the number of generated tokens (256).

#![allow(clippy::print_stdout, reason = "the purpose of this program")]

use std::error::Error;
use std::time::Instant;

use harness::{Budget, Generator, LanguageModel, Precision, Sampling, Silent, Training};
use transformer::{Lm, LmConfig};

const VOCABULARY: u32 = 10_000;

/// A model without a cache, which recomputes all preceding tokens for each new one.
struct WithoutCache<'a>(&'a Lm);

impl LanguageModel for WithoutCache<'_> {
    fn vocab_size(&self) -> usize {
        self.0.vocab_size()
    }

    fn precision(&self) -> Precision {
        self.0.precision()
    }

    fn score(&self, tokens: &[u32]) -> harness::Result<Vec<f64>> {
        self.0.score(tokens)
    }

    fn next(&self, context: &[u32]) -> harness::Result<Vec<f64>> {
        self.0.next(context)
    }
}

impl Generator for WithoutCache<'_> {}

fn main() -> Result<(), Box<dyn Error>> {
    let length = std::env::args().nth(1).map_or(Ok(256), |n| n.parse())?;
    let config = LmConfig {
        context_length: length + 1,
        batch_size: 1,
        ..LmConfig::preset("medium").ok_or("no such preset")?
    };
    let text: Vec<u32> = (0..4 * length as u32)
        .map(|at| at * 7919 % VOCABULARY)
        .collect();
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    // An untrained model suffices.
    training.budget = Budget::Tokens(1);
    let model = config.train(&text[..], VOCABULARY as usize, 0, &mut training)?;
    let time = |model: &dyn Generator| -> Result<_, Box<dyn Error>> {
        model.generate(&text[..1], 8, None, Sampling::default())?;
        let start = Instant::now();
        let written = model.generate(&text[..1], length, None, Sampling::default())?;
        Ok((written, start.elapsed().as_secs_f64()))
    };
    let (cached, cached_seconds) = time(&model)?;
    let (recomputed, recomputed_seconds) = time(&WithoutCache(&model))?;
    println!(
        "{length} tokens: {:.0} tokens/s with a cache, {:.0} without: {:.1} times as fast; same text: {}",
        length as f64 / cached_seconds,
        length as f64 / recomputed_seconds,
        recomputed_seconds / cached_seconds,
        cached == recomputed
    );
    Ok(())
}

//! Training speed of a decoder on random tokens, to be set beside the same model in PyTorch.
//!
//!     cargo run --release -p transformer --example training_speed -- [--preset NAME] [--set TOML]… [--vocabulary V] [--steps N]
//!
//! The default is the model of the comparison: 256 wide, 4 layers, 4 heads, 128 positions, batch 16, vocabulary 10,000, no
//! dropout, AdamW.

#![allow(clippy::print_stdout, reason = "this program's purpose")]

use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

use harness::{Budget, CurvePoint, Progress, Training};
use neural::probe;
use transformer::Config;

/// Times of all steps.
struct Clock(Vec<Instant>);

impl Progress for Clock {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        self.0.push(Instant::now());
        ControlFlow::Continue(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let values = |name: &'static str| {
        let names = arguments.iter().zip(arguments.iter().skip(1));
        names.filter(move |pair| pair.0 == name).map(|pair| pair.1)
    };
    let number = |name, default: u64| values(name).next().map_or(Ok(default), |n| n.parse());
    let preset = values("--preset").next().map_or("small", |name| name);
    let default = Config {
        dropout: 0.0,
        ..Config::preset(preset).ok_or("no such preset")?
    };
    let mut table = toml::Table::try_from(&default)?;
    for set in values("--set") {
        table.extend(toml::from_str::<toml::Table>(set)?);
    }
    let config: Config = table.try_into()?;
    let (vocabulary, steps) = (number("--vocabulary", 10_000)?, number("--steps", 16)?);
    let batch = (config.batch * config.context) as u64;
    let next = |token: &u64| Some((token * 1_103_515_245 + 12_345) % 2_147_483_648);
    let random = std::iter::successors(Some(1), next).map(|number| (number >> 8) % vocabulary);
    let text: Vec<u32> = random
        .take(8 * batch as usize)
        .map(|token| token as u32)
        .collect();
    let mut clock = Clock(Vec::new());
    let mut training = Training::new(&mut clock);
    training.budget = Budget::Tokens(steps * batch);
    let model = config.train(&text, vocabulary as usize, 0, &mut training)?;
    const WARM_UP: usize = 3;
    let (first, last) = (clock.0[WARM_UP], clock.0[clock.0.len() - 1]);
    let seconds = (last - first).as_secs_f64() / (clock.0.len() - 1 - WARM_UP) as f64;
    let rate = batch as f64 / seconds;
    let parameters = model.parameters();
    let peak = harness::peak_memory().unwrap_or(0) >> 20;
    let achieved = 6.0 * parameters as f64 * rate / 1e9;
    let possible = probe::matmul_gflops(config.compute.device, config.compute.precision())?;
    let compute = config.compute.resolve();
    println!(
        "{}, {} threads: {rate:.0} tokens/s, {:.1} M parameters, {achieved:.0} GFLOP/s (6ND), \
         {:.0} % of what a product of matrices reaches, {} MiB of memory at most",
        compute.precision(),
        compute.threads,
        parameters as f64 / 1e6,
        100.0 * achieved / possible,
        peak
    );
    Ok(())
}

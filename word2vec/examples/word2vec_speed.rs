//! Measures words per second, memory and accuracy on analogies; `bench/word2vec/measure.sh` runs it.
//!
//!     cargo run --release -p word2vec --example word2vec_speed -- CORPUS QUESTIONS [--preset NAME] [--set KEY=VALUE]… [--seed N]
//!
//! The program trains for one epoch on the training split of a prepared corpus. Other settings are those of the preset: 200
//! dimensions, window 5, 5 negative samples, subsampling 1e-4, minimum count 5.

#![allow(clippy::print_stdout, reason = "this program's purpose")]

use std::error::Error;
use std::path::Path;

use corpus::{Corpus, Split, Text};
use harness::{CurvePoint, Progress, Training};
use word2vec::Config;

/// Records the learning curve.
#[derive(Default)]
struct Curve(Vec<CurvePoint>);

impl Progress for Curve {
    fn point(&mut self, point: &CurvePoint) {
        self.0.push(point.clone());
    }

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> std::ops::ControlFlow<()> {
        std::ops::ControlFlow::Continue(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [corpus, questions, ..] = &arguments[..] else {
        return Err("expected CORPUS and QUESTIONS".into());
    };
    let values = |name: &'static str| {
        let names = arguments.iter().zip(&arguments[1..]);
        names.filter(move |pair| pair.0 == name).map(|pair| pair.1)
    };
    let preset = values("--preset").next().map_or("skip-gram", |name| name);
    let mut table = toml::Table::try_from(Config::preset(preset).ok_or("no such preset")?)?;
    table.insert("epochs".into(), 1.0.into());
    for set in values("--set") {
        table.extend(toml::from_str::<toml::Table>(set)?);
    }
    let config: Config = table.try_into()?;
    let corpus = Corpus::open(Path::new(corpus))?;
    let mut curve = Curve::default();
    let mut training = Training::new(&mut curve);
    training.seed = values("--seed").next().map_or(Ok(1), |seed| seed.parse())?;
    let text = corpus.split(Split::Train)?;
    let model = config.train(&text, corpus.vocab(), &mut training)?;
    let seed = training.seed;
    let point = curve.0.last().ok_or("nothing was trained")?;
    let threads = match config.threads {
        0 => harness::usable_cores(),
        threads => threads,
    };
    let line_ends = text.counts(corpus.vocab().len())[corpus.vocab().eos() as usize];
    let words = point.tokens - (line_ends as f64 * config.epochs) as u64;
    let matrices = 2 * model.vectors().len() * config.dimension * 4;
    println!(
        "ours {preset} seed {seed}: train {:.1} s, {:.0} words per thread and second, {:.1} GFLOP/s, memory {} MiB \
         (two matrices: {} MiB), {} words, losses {:.3} … {:.3}",
        point.seconds,
        words as f64 / point.seconds / threads as f64,
        point.flops / point.seconds / 1e9,
        harness::peak_memory().unwrap_or(0) >> 20,
        matrices >> 20,
        model.vectors().len(),
        curve.0[0].train_loss.unwrap_or(f64::NAN),
        curve.0[curve.0.len() - 1].train_loss.unwrap_or(f64::NAN),
    );
    let sections = harness::read_analogies(Path::new(questions))?;
    let start = std::time::Instant::now();
    let result = harness::judge_analogies(model.vectors(), &sections, harness::MOST_FREQUENT);
    let percent = |tally: &harness::Tally| 100.0 * tally.accuracy().unwrap_or(f64::NAN);
    println!(
        "accuracy {:.2} % (semantic {:.2}, syntactic {:.2}), {} of {} asked, in {:.1} s",
        percent(&result.total),
        percent(&result.semantic),
        percent(&result.syntactic),
        result.total.asked,
        result.total.total,
        start.elapsed().as_secs_f64()
    );
    Ok(())
}

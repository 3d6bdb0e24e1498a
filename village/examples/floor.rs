//! Measures the speed and exactness of the village: the command behind `bench/village/README.md`.
//!
//! ```text
//! cargo run --release -p village --example floor
//! ```
//!
//! It uses the default settings and prints the tokens generated per second by one thread, the seconds until the corpus is
//! prepared, the tokens scored per second, the audit at 10,000 contexts, and the mean of -ln p and the entropy over a million
//! tokens.
#![allow(clippy::print_stdout, reason = "this program's purpose")]

use std::error::Error;
use std::time::Instant;

use corpus::{OnExisting, Split, Watch};
use harness::{LanguageModel, Protocol, TestSet, evaluate};
use village::{Entropy, Floor, Oracle, Settings, Village};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let village = Village::new(&Settings::default())?;
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let large = Village::new(&Settings {
        pairs: 0,
        ..Settings::preset("large").ok_or("the preset")?
    })?;
    let began = Instant::now();
    let corpus = one.install(|| {
        large.prepare(
            &folder.path().join("large"),
            OnExisting::Refuse,
            &mut Watch::silent(),
        )
    })?;
    let seconds = began.elapsed().as_secs_f64();
    let tokens: u64 = corpus
        .record
        .splits
        .values()
        .map(|split| split.tokens)
        .sum();
    println!(
        "generated and prepared by one thread: {:.2} M tokens/s",
        tokens as f64 / seconds / 1e6
    );

    let began = Instant::now();
    let corpus = village.prepare(
        &folder.path().join("village"),
        OnExisting::Refuse,
        &mut Watch::silent(),
    )?;
    println!(
        "default corpus prepared: {:.2} s",
        began.elapsed().as_secs_f64()
    );

    let oracle = Oracle::new(village, corpus.vocab())?;
    let train = corpus.split(Split::Train)?.to_vec();
    let began = Instant::now();
    let scores = oracle.score(&train)?;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "scored by one thread: {:.2} M tokens/s",
        train.len() as f64 / seconds / 1e6
    );
    let impossible = scores.iter().filter(|score| !score.is_finite()).count();
    println!("tokens of train with p = 0: {impossible}");

    let set = TestSet::of(&corpus, Split::Test)?;
    let protocol = Protocol {
        audit_contexts: 10_000,
        ..Protocol::default()
    };
    let audit = evaluate(&oracle, &set, protocol)?.evaluation.audit;
    println!("audit: {audit:?}");
    print_floor(&oracle.floor(&train)?);
    Ok(())
}

fn print_floor(floor: &Floor) {
    println!("perplexity of train: {:.4}", floor.perplexity());
    let each = floor.by_phenomenon.iter();
    let rows = each.map(|(phenomenon, entropy)| (phenomenon.name(), entropy));
    for (name, entropy) in rows.chain([("all", &floor.all)]) {
        let Entropy {
            tokens,
            cross_entropy,
            entropy,
            standard_error,
        } = entropy;
        let z_score = (cross_entropy - entropy) / standard_error.max(f64::MIN_POSITIVE);
        let share = 100.0 * *tokens as f64 / floor.all.tokens as f64;
        println!(
            "{name:10} {tokens:8} {share:6.2} %  -ln p {cross_entropy:.4}  entropy {entropy:.4}  \
             standard error {standard_error:.4}  z {z_score:+.2}"
        );
    }
}

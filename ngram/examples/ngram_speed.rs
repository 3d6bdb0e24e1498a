//! Measures training time, memory, model size and scoring speed; `bench/ngram/records.sh` runs it.
//!
//!     cargo run --release -p ngram --example ngram_speed -- CORPUS MODEL [--kneser-ney] [--raw] [--bits BITS] [--memory MIB] \
//!         [--query CORPUS]
//!
//! The program trains on the training split of a prepared corpus, unless the folder MODEL exists, and opens the model. With
//! `--query` it scores the training split of a second corpus, whose words are mapped to the vocabulary of the first.

#![allow(clippy::print_stdout, reason = "this program's purpose")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

use corpus::{Corpus, Split};
use harness::{Silent, Training};
use ngram::{Config, Model, Scores, Storage};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let [corpus, folder, ..] = &arguments[..] else {
        return Err("expected CORPUS and MODEL".into());
    };
    let folder = PathBuf::from(folder);
    let corpus = Corpus::open(Path::new(corpus))?;
    if !folder.exists() {
        std::fs::create_dir_all(&folder)?;
        let flag = |name: &str| arguments.iter().any(|argument| argument == name);
        let preset = if flag("--kneser-ney") {
            "kneser-ney"
        } else {
            "paper"
        };
        let scores = if flag("--raw") {
            Scores::Raw
        } else {
            Scores::Renormalised
        };
        let config = Config {
            scores,
            quantise: value("--bits")
                .map(|bits| bits.parse())
                .transpose()?
                .unwrap_or(0),
            ..Config::preset(preset).ok_or("no preset")?
        };
        let memory = value("--memory")
            .map(|mib| mib.parse::<u64>())
            .transpose()?
            .map(|mib| mib << 20);
        let storage = Storage {
            folder: Some(folder.clone()),
            memory,
        };
        let start = Instant::now();
        let mut silent = Silent;
        let model = config.train_in(
            &storage,
            &corpus.split(Split::Train)?,
            corpus.vocab().len(),
            corpus.vocab().eos(),
            &mut Training::new(&mut silent),
        )?;
        let counted = start.elapsed().as_secs_f64();
        model.save(&folder, &corpus.vocab_checksum())?;
        let ngrams = model.parameters();
        println!(
            "{preset}: {ngrams} n-grams in {counted:.2} s, saved after {:.2} s",
            start.elapsed().as_secs_f64()
        );
        let bytes = model.store().bytes() + corpus.vocab().to_text().len() as u64;
        println!(
            "{bytes} bytes with the vocabulary: {:.3} per n-gram; {:?}",
            bytes as f64 / ngrams as f64,
            model.store().header.ngrams
        );
        if let Some(peak) = harness::peak_memory() {
            println!("most memory: {} MiB", peak >> 20);
        }
    }
    let start = Instant::now();
    let model = Model::open(&folder)?;
    println!("opened in {:.3} ms", start.elapsed().as_secs_f64() * 1e3);
    if let Some(other) = value("--query") {
        query(&model, &corpus, &Corpus::open(Path::new(&other))?)?;
    }
    Ok(())
}

fn query(model: &Model, corpus: &Corpus, other: &Corpus) -> Result<(), Box<dyn Error>> {
    let unk = corpus.vocab().unk().ok_or("the vocabulary has no <unk>")?;
    let ids: Vec<u32> = (0..other.vocab().len() as u32)
        .map(|id| corpus.vocab().id(other.vocab().token(id)).unwrap_or(unk))
        .collect();
    let tokens: Vec<u32> = other
        .split(Split::Train)?
        .iter()
        .map(|id| ids[id as usize])
        .collect();
    for pass in ["first", "second", "third"] {
        let start = Instant::now();
        let total = model.total_log_prob(&tokens)?;
        let nanoseconds = start.elapsed().as_secs_f64() * 1e9 / tokens.len() as f64;
        println!(
            "{pass} pass: {nanoseconds:.0} ns a token; sum {total:.3}, perplexity {:.3}",
            (-total / tokens.len() as f64).exp()
        );
    }
    let start = Instant::now();
    let mut total = 0.0;
    model.query(&tokens, &mut |_, score| total += score.log_prob)?;
    println!(
        "token by token: {:.0} ns a token; sum {total:.3}",
        start.elapsed().as_secs_f64() * 1e9 / tokens.len() as f64
    );
    let (mut sum, mut count, mut matched) = (0.0, 0_usize, 0_usize);
    model.query(&tokens, &mut |token, score| {
        matched += score.matched;
        if token != unk {
            sum += score.log_prob;
            count += 1;
        }
    })?;
    println!(
        "perplexity without unknown words {:.3}; mean match {:.3}",
        (-sum / count as f64).exp(),
        matched as f64 / tokens.len() as f64
    );
    Ok(())
}

//! `eras query`.

use std::io::{self, BufRead, Write};

use anyhow::Context;
use corpus::Vocab;
use serde_json::json;

use crate::args::QueryOptions;
use crate::eras::open_ngrams;
use crate::output::stream;

/// What was scored so far.
#[derive(Default)]
struct Totals {
    tokens: u64,
    unknown: u64,
    log_prob: f64,
    log_prob_known: f64,
}

pub(crate) fn run(options: QueryOptions) -> anyhow::Result<()> {
    let (model, codec) = open_ngrams(&options.model)?;
    let vocab = codec.vocab();
    let mut totals = Totals::default();
    stream(|out| {
        for line in io::stdin().lock().lines() {
            let line = line.context("cannot read standard input")?;
            let mut tokens = codec.encode_line(&line)?;
            tokens.push(vocab.eos());
            let mut answers = Vec::with_capacity(tokens.len());
            model.query(&tokens, &mut |token, answer| {
                totals.add(vocab, token, answer.log_prob);
                answers.push((token, answer));
            })?;
            if options.summary {
                continue;
            }
            let named = answers.iter().map(|&(token, answer)| (vocab.token(token), answer));
            if options.json {
                let tokens: Vec<_> = named
                    .map(|(token, answer)| json!({"token": token, "order": answer.matched, "log_prob": answer.log_prob}))
                    .collect();
                writeln!(out, "{}", json!({ "tokens": tokens }))?;
            } else {
                for (token, answer) in named {
                    writeln!(out, "{:>10.5}  {}  {token}", answer.log_prob, answer.matched)?;
                }
                writeln!(out)?;
            }
        }
        totals.write(out, options.json, model.is_normalised())
    })
}

impl Totals {
    fn add(&mut self, vocab: &Vocab, token: u32, log_prob: f64) {
        self.tokens += 1;
        self.log_prob += log_prob;
        match vocab.unk() == Some(token) {
            true => self.unknown += 1,
            false => self.log_prob_known += log_prob,
        }
    }

    fn write(&self, out: &mut dyn Write, as_json: bool, is_normalised: bool) -> anyhow::Result<()> {
        let perplexity = |log_prob: f64, tokens: u64| (-log_prob / tokens.max(1) as f64).exp();
        let (with, without) = (
            perplexity(self.log_prob, self.tokens),
            perplexity(self.log_prob_known, self.tokens - self.unknown),
        );
        if as_json {
            let mut totals = json!({"tokens": self.tokens, "unknown": self.unknown, "log_prob": self.log_prob});
            if is_normalised {
                totals["perplexity"] = json!(with);
                totals["perplexity_without_unknown"] = json!(without);
            }
            writeln!(out, "{totals}")?;
            return Ok(());
        }
        writeln!(out, "{} tokens, {} unknown, sum {:.4}", self.tokens, self.unknown, self.log_prob)?;
        if is_normalised {
            writeln!(out, "perplexity {with:.4}, without unknown words {without:.4}")?;
        }
        Ok(())
    }
}

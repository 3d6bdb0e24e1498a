//! `eras query`.

use std::io::Write;

use corpus::Vocab;
use ngram::{Contexts, Model};
use serde_json::json;

use crate::args::QueryOptions;
use crate::input::stdin_lines;
use crate::models::open_ngrams;
use crate::output::stream;

/// Totals of what was scored so far.
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
    // Only totals: text can be scored in large pieces, which is much faster.
    let in_pieces = options.summary && model.config().contexts == Contexts::Line;
    let mut piece = Vec::new();
    // A line end resets the context only for some models, so the state is carried along.
    let mut context = model.begin();
    stream(|out| {
        let mut lines = stdin_lines();
        while let Some(line) = lines.next_line()? {
            let mut tokens = codec.encode_line(line)?;
            tokens.push(vocab.eos());
            if in_pieces {
                piece.append(&mut tokens);
                if piece.len() >= PIECE {
                    totals.add_all(&model, vocab, &mut piece)?;
                }
                continue;
            }
            let mut answers = Vec::with_capacity(tokens.len());
            model.query_on(&mut context, &tokens, &mut |token, answer| {
                totals.add(vocab, token, answer.log_prob);
                answers.push((token, answer));
            })?;
            if options.summary {
                continue;
            }
            let named = answers
                .iter()
                .map(|&(token, answer)| (vocab.token(token), answer));
            if options.json {
                let tokens: Vec<_> = named
                    .map(|(token, answer)| json!({"token": token, "order": answer.matched, "log_prob": answer.log_prob}))
                    .collect();
                writeln!(out, "{}", json!({ "tokens": tokens }))?;
            } else {
                for (token, answer) in named {
                    writeln!(
                        out,
                        "{:>10.5}  {}  {token}",
                        answer.log_prob, answer.matched
                    )?;
                }
                writeln!(out)?;
            }
        }
        totals.add_all(&model, vocab, &mut piece)?;
        totals.write(out, options.json, model.is_normalised())
    })
}

/// Tokens that are scored at a time.
const PIECE: usize = 1 << 18;

impl Totals {
    fn add_all(
        &mut self,
        model: &Model,
        vocab: &Vocab,
        piece: &mut Vec<u32>,
    ) -> anyhow::Result<()> {
        let log_probs = model.score_without_cache(piece)?;
        for (token, log_prob) in piece.drain(..).zip(log_probs) {
            self.add(vocab, token, log_prob);
        }
        Ok(())
    }

    fn add(&mut self, vocab: &Vocab, token: u32, log_prob: f64) {
        self.tokens += 1;
        self.log_prob += log_prob;
        match vocab.unk() == Some(token) {
            true => self.unknown += 1,
            false => self.log_prob_known += log_prob,
        }
    }

    fn write(&self, out: &mut dyn Write, as_json: bool, is_normalised: bool) -> anyhow::Result<()> {
        // Undefined without tokens.
        let perplexity =
            |log_prob: f64, tokens: u64| (tokens > 0).then(|| (-log_prob / tokens as f64).exp());
        let (with, without) = (
            perplexity(self.log_prob, self.tokens),
            perplexity(self.log_prob_known, self.tokens - self.unknown),
        );
        if as_json {
            let mut totals =
                json!({"tokens": self.tokens, "unknown": self.unknown, "log_prob": self.log_prob});
            if is_normalised {
                totals["perplexity"] = json!(with);
                totals["perplexity_without_unknown"] = json!(without);
            }
            writeln!(out, "{totals}")?;
            return Ok(());
        }
        writeln!(
            out,
            "{} tokens, {} unknown, sum {:.4}",
            self.tokens, self.unknown, self.log_prob
        )?;
        if is_normalised {
            let text =
                |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.4}"));
            writeln!(
                out,
                "perplexity {}, without unknown words {}",
                text(with),
                text(without)
            )?;
        }
        Ok(())
    }
}

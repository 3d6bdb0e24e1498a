//! Writing ARPA files.

use std::io::{self, Write};

use corpus::{TokenId, Vocab};
use harness::LanguageModel;

use super::{BEGINNING_OF_SENTENCE, END_OF_SENTENCE, LOG_ZERO};
use crate::error::Result;
use crate::model::Model;
use crate::state::State;
use crate::store::Gram;

/// Writes a model as an ARPA file. The vocabulary must be the model's.
///
/// # Errors
/// [`harness::Error::Setting`] for Stupid Backoff, whose weights no ARPA file can hold, for a model of a stream, and for tokens that
/// no ARPA file can name; [`crate::Error::Harness`] when the disk refuses, or when n-grams are missing because of damage.
pub fn write(model: &Model, vocab: &Vocab, to: &mut dyn Write) -> Result<()> {
    let store = model.store();
    if model.backoff(store.root()).is_none() {
        return Err(harness::Error::Setting {
            field: "smoothing",
            value: "stupid-backoff".to_owned(),
            bound: "has scores and no probabilities; train with smoothing = kneser-ney".to_owned(),
        }
        .into());
    }
    if store.header.eos.is_none() {
        return Err(harness::Error::Setting {
            field: "contexts",
            value: "stream".to_owned(),
            bound: "has no beginnings of sentences; train with contexts = line".to_owned(),
        }
        .into());
    }
    if vocab.len() != model.vocab_size() {
        return Err(harness::Error::Setting {
            field: "vocabulary",
            value: vocab.len().to_string(),
            bound: format!("must have the model's {} types", model.vocab_size()),
        }
        .into());
    }
    let names = (0..vocab.len() as TokenId).filter(|&token| token != vocab.eos());
    let is_no_name = |name: &str| {
        name.is_empty()
            || name.contains(char::is_whitespace)
            || [BEGINNING_OF_SENTENCE, END_OF_SENTENCE].contains(&name)
    };
    if let Some(token) = names
        .map(|token| vocab.token(token))
        .find(|name| is_no_name(name))
    {
        return Err(harness::Error::Setting {
            field: "vocabulary",
            value: format!("{token:?}"),
            bound:
                "an ARPA file has no way to name this token; train on text that was cut into words"
                    .to_owned(),
        }
        .into());
    }
    let refused = |error: io::Error| {
        harness::Error::io("write", std::path::Path::new("the ARPA file"))(error)
    };
    let unseen: Vec<TokenId> = (0..model.vocab_size() as TokenId)
        .filter(|&token| store.find(&[token]).is_none())
        .collect();
    let mut text = || -> io::Result<()> {
        writeln!(to, "\\data\\")?;
        for (order, ngrams) in (1..).zip(&store.header.ngrams) {
            let more = if order == 1 { unseen.len() as u64 } else { 0 };
            writeln!(to, "ngram {order}={}", ngrams + more)?;
        }
        for order in 1..=store.order() {
            writeln!(to, "\n\\{order}-grams:")?;
            let expected =
                store.header.ngrams[order - 1] + if order == 1 { unseen.len() as u64 } else { 0 };
            let mut section = Section {
                model,
                vocab,
                order,
                words: Vec::new(),
                lines: 0,
                expected,
                visits: (order as u64).saturating_mul(store.header.ngrams.iter().sum::<u64>() + 1),
                to,
            };
            for &token in unseen.iter().filter(|_| order == 1) {
                section.line(&State::empty(store), token, Gram::default())?;
            }
            section.walk(store.root(), &State::empty(store))?;
            if section.lines != expected {
                return Err(section.damage());
            }
        }
        writeln!(to, "\n\\end\\")?;
        to.flush()
    };
    text().map_err(refused)?;
    Ok(())
}

/// The n-grams of one order.
struct Section<'a> {
    model: &'a Model,
    vocab: &'a Vocab,
    order: usize,
    words: Vec<TokenId>,
    /// N-grams so far, and how many there are to be.
    lines: u64,
    expected: u64,
    /// Nodes whose followers may still be looked at, those on the way to all n-grams: in a damaged model paths could lead through the same ones for ever.
    visits: u64,
    to: &'a mut dyn Write,
}

impl Section<'_> {
    /// All n-grams of the order that begin with the words so far; `state` is what the model knows after them.
    fn walk(&mut self, gram: Gram, state: &State) -> io::Result<()> {
        if self.visits == 0 || self.lines > self.expected {
            return Err(self.damage());
        }
        self.visits -= 1;
        let mut followers = Vec::new();
        self.model.store().followers(gram, &mut |token, follower| {
            followers.push((token, follower))
        });
        for (token, follower) in followers {
            if self.words.len() + 1 == self.order {
                self.line(state, token, follower)?;
            } else if follower.has_followers() {
                let next = state.within(self.model.store(), token);
                self.words.push(token);
                self.walk(follower, &next)?;
                self.words.pop();
            }
        }
        Ok(())
    }

    fn damage(&self) -> io::Error {
        io::Error::other(format!(
            "{} of {} {}-grams were found: the model is damaged, as `eras verify` will show; train it again",
            self.lines, self.expected, self.order
        ))
    }

    fn line(&mut self, state: &State, token: TokenId, gram: Gram) -> io::Result<()> {
        let is_bos = token == self.model.store().bos();
        let log_prob = match is_bos {
            true => f64::from(LOG_ZERO),
            false => self.model.step(state, token).0.log_prob / std::f64::consts::LN_10,
        };
        write!(self.to, "{}\t", log_prob as f32)?;
        for (at, &word) in self.words.iter().chain([&token]).enumerate() {
            let gap = if at == 0 { "" } else { " " };
            write!(self.to, "{gap}{}", name(self.vocab, word))?;
        }
        if self.order < self.model.store().order() {
            let backoff = self.model.backoff(gram).unwrap_or(0.0) / std::f64::consts::LN_10;
            // Not "-0", which some readers take for a mark.
            write!(self.to, "\t{}", backoff as f32 + 0.0)?;
        }
        self.lines += 1;
        writeln!(self.to)
    }
}

fn name(vocab: &Vocab, token: TokenId) -> &str {
    if token == vocab.eos() {
        END_OF_SENTENCE
    } else if token == vocab.bos() {
        BEGINNING_OF_SENTENCE
    } else {
        vocab.token(token)
    }
}

//! Writing ARPA files.

use std::io::{self, Write};

use corpus::{TokenId, Vocab};
use harness::LanguageModel;

use super::lines::SPACES;
use super::{BEGINNING_OF_SENTENCE, END_OF_SENTENCE, LOG_ZERO, UNKNOWN};
use crate::context_state::State;
use crate::error::Result;
use crate::explicit_backoff::{is_blank, unpack};
use crate::model::Model;
use crate::store::{NgramNode, PayloadKind};

/// Writes a model as an ARPA file. `vocab` must be the model's vocabulary.
///
/// # Errors
/// [`harness::Error::Setting`] for Stupid Backoff, which has no probabilities, for a model with `contexts = stream`, and for
/// tokens that an ARPA file cannot name; [`crate::Error::Harness`] if writing fails or if n-grams are missing because the model
/// is damaged.
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
    check_names(vocab)?;
    let io_error = |error: io::Error| {
        harness::Error::io("write", std::path::Path::new("the ARPA file"))(error)
    };
    let unseen: Vec<TokenId> = (0..model.vocab_size() as TokenId)
        .filter(|&token| store.find(&[token]).is_none())
        .collect();
    let mut counts = store.header.listed();
    counts[0] += unseen.len() as u64;
    let mut write_text = || -> io::Result<()> {
        writeln!(to, "\\data\\")?;
        for (order, count) in (1..).zip(&counts) {
            writeln!(to, "ngram {order}={count}")?;
        }
        for (order, &expected) in (1..).zip(&counts) {
            writeln!(to, "\n\\{order}-grams:")?;
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
                section.line(&State::empty(store), token, NgramNode::default())?;
            }
            section.walk(store.root(), &State::empty(store))?;
            if section.lines != expected {
                return Err(section.damaged());
            }
        }
        writeln!(to, "\n\\end\\")?;
        to.flush()
    };
    write_text().map_err(io_error)?;
    Ok(())
}

/// Refuses tokens that readers of ARPA files would not take for the same words. A no-break space and other white space of Unicode
/// belongs to words in ARPA files.
fn check_names(vocab: &Vocab) -> Result<()> {
    let fault = |token: TokenId| {
        let name = vocab.token(token);
        if name.is_empty() || name.contains(SPACES) {
            Some(
                "an ARPA file has no way to name this token; train on text that was cut into words",
            )
        } else if [BEGINNING_OF_SENTENCE, END_OF_SENTENCE].contains(&name)
            || (UNKNOWN.contains(&name) && vocab.unk().is_some_and(|unk| unk != token))
        {
            Some("this token is a mark in ARPA files; rename it in the text and train again")
        } else {
            None
        }
    };
    let mut tokens = (0..vocab.len() as TokenId).filter(|&token| token != vocab.eos());
    match tokens.find_map(|token| Some((token, fault(token)?))) {
        None => Ok(()),
        Some((token, fault)) => Err(harness::Error::Setting {
            field: "vocabulary",
            value: format!("{:?}", vocab.token(token)),
            bound: fault.to_owned(),
        }
        .into()),
    }
}

/// The n-grams of one order.
struct Section<'a> {
    model: &'a Model,
    vocab: &'a Vocab,
    order: usize,
    words: Vec<TokenId>,
    /// N-grams written so far.
    lines: u64,
    /// N-grams of this order according to the store's header.
    expected: u64,
    /// How many more nodes may be visited. In a damaged model, paths may share nodes so that a walk takes exponential time.
    visits: u64,
    to: &'a mut dyn Write,
}

impl Section<'_> {
    /// Writes all n-grams of the order that begin with `self.words`; `state` is the model's state after these words.
    fn walk(&mut self, ngram: NgramNode, state: &State) -> io::Result<()> {
        if self.visits == 0 || self.lines > self.expected {
            return Err(self.damaged());
        }
        self.visits -= 1;
        let mut followers = Vec::new();
        self.model.store().followers(ngram, &mut |token, follower| {
            followers.push((token, follower))
        });
        for (token, follower) in followers {
            if self.words.len() + 1 == self.order {
                if !self.is_blank(follower) {
                    self.line(state, token, follower)?;
                }
            } else if follower.has_followers() {
                let next = state.advance_within_sentence(self.model.store(), token);
                self.words.push(token);
                self.walk(follower, &next)?;
                self.words.pop();
            }
        }
        Ok(())
    }

    fn damaged(&self) -> io::Error {
        io::Error::other(format!(
            "{} of {} {}-grams were found: the model is damaged, as `eras verify` will show; train it again",
            self.lines, self.expected, self.order
        ))
    }

    /// Whether an n-gram was added by the reader of another ARPA file, which will add it again.
    fn is_blank(&self, ngram: NgramNode) -> bool {
        !self.model.store().header.blanks.is_empty() && is_blank(ngram.payload)
    }

    fn line(&mut self, state: &State, token: TokenId, ngram: NgramNode) -> io::Result<()> {
        let (log_prob, backoff) = self.values(state, token, ngram);
        write!(self.to, "{log_prob}\t")?;
        for (at, &word) in self.words.iter().chain([&token]).enumerate() {
            let gap = if at == 0 { "" } else { " " };
            write!(self.to, "{gap}{}", name(self.vocab, word))?;
        }
        if self.order < self.model.store().order() {
            // Adding 0 turns -0 into 0; some readers treat "-0" as a special marker.
            write!(self.to, "\t{}", backoff + 0.0)?;
        }
        self.lines += 1;
        writeln!(self.to)
    }

    /// log10 of the probability and of the backoff weight: the given ones, or those that follow from counts.
    fn values(&self, state: &State, token: TokenId, ngram: NgramNode) -> (f32, f32) {
        let is_stored = ngram.order > 0;
        if is_stored && self.model.store().header.payloads == PayloadKind::Backoff {
            return unpack(ngram.payload);
        }
        let log10 = |ln: f64| (ln / std::f64::consts::LN_10) as f32;
        let log_prob = match token == self.model.store().bos() {
            true => LOG_ZERO,
            false => log10(self.model.step(state, token).0.log_prob),
        };
        let backoff = self.model.backoff(ngram).map_or(0.0, log10);
        (log_prob, backoff)
    }
}

/// The name of a token in ARPA files.
pub(super) fn name(vocab: &Vocab, token: TokenId) -> &str {
    if token == vocab.eos() {
        END_OF_SENTENCE
    } else if token == vocab.bos() {
        BEGINNING_OF_SENTENCE
    } else {
        vocab.token(token)
    }
}

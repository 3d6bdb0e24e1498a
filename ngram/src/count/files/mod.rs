//! Counts that were made elsewhere: on a cluster, by SRILM, or by Google (Web 1T, Books).
//!
//! Lower orders need not be sums of higher ones: rare n-grams are cut off before counts are published, so each n-gram keeps the count that
//! it was given. Where a shorter n-gram is missing under longer ones, it gets their count. For Kneser-Ney, the continuation count of
//! an n-gram is the number of different words before it among the listed n-grams, as in SRILM. With all counts of a text, the models
//! are those that the text itself gives.

mod gather;
mod layout;

use std::path::Path;

use corpus::{BOS, Source, TokenId, Vocab};
use harness::Progress;
use rayon::prelude::*;

use super::{Packer, Packing, Rank, Record, SentenceMarkers, SortedNgrams, parts};
use crate::config::{Config, Contexts, Smoothing};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::store::{Header, PayloadKind, Store, StoreInput, assemble, levels};
use crate::word_code::WordCode;
use gather::{Gathered, Gram, merge};

/// Files of counts.
#[derive(Debug, Clone)]
pub struct CountFiles {
    /// The files, plain or packed. Indices, totals and Google's second list of the vocabulary are skipped.
    pub sources: Vec<Source>,
    /// How many words to keep, the most frequent ones; the others become `<unk>`. `None` keeps all.
    pub vocab: Option<usize>,
}

/// A model trained on counts, with its vocabulary.
#[derive(Debug)]
pub struct FromCounts {
    /// The model.
    pub model: Model,
    /// Its vocabulary, in order of decreasing counts.
    pub vocab: Vocab,
    /// What was left out or assumed, a sentence each.
    pub notes: Vec<String>,
}

impl CountFiles {
    /// Trains a model on the counts, in `folder`, or in memory if that is `None`. The counts must fit into memory, with about 80
    /// bytes for each n-gram.
    ///
    /// Whether contexts reach across line ends follows from the counts: not if the beginning of sentences is listed.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] if a setting is out of bounds or the counts are too large for it, [`Error::NoText`] if the files
    /// hold no counts, [`Error::Discount`] if Kneser-Ney's discounts cannot be estimated, and [`Error::Harness`] for malformed lines,
    /// interruption and I/O errors.
    pub fn train(
        &self,
        config: &Config,
        folder: Option<&Path>,
        progress: &mut dyn Progress,
    ) -> Result<FromCounts> {
        config.validate()?;
        if config.smoothing == Smoothing::KneserNey && !config.cutoffs.is_empty() {
            return Err(setting(
                "cutoffs",
                format!("{:?}", config.cutoffs),
                "must be empty: Kneser-Ney needs the counts as they are",
            ));
        }
        let mut gathered = Gathered::read(&self.sources, config.order, progress)?;
        self.check(&gathered, config)?;
        for (ngrams, least) in gathered.ngrams.iter_mut().zip(config.cutoffs_by_order()) {
            ngrams.retain(|&(_, count)| count >= least);
        }
        gathered.complete();
        let names = gathered.by_count(self.vocab.unwrap_or(usize::MAX));
        let vocab = Vocab::new(names.iter().map(String::as_str))
            .map_err(|what| harness::Error::corrupt(Path::new("vocabulary"), what))?;
        let has_lines = gathered.find(BOS).is_some();
        let notes = notes(&gathered, has_lines);
        let config = Config {
            contexts: match has_lines {
                true => Contexts::Line,
                false => Contexts::Stream,
            },
            ..config.clone()
        };
        let store = build(gathered, &vocab, &config, folder)?;
        let model = Model::new(config, store)?;
        Ok(FromCounts {
            model,
            vocab,
            notes,
        })
    }

    /// Checks that there are counts up to the order.
    fn check(&self, gathered: &Gathered, config: &Config) -> Result<()> {
        let longest = gathered
            .ngrams
            .iter()
            .rposition(|ngrams| !ngrams.is_empty());
        match longest.map(|at| at + 1) {
            None => {
                let names = self.sources.iter().map(|source| &source.name[..]);
                Err(Error::NoText {
                    what: format!(
                        "{} holds no counts of up to {} words",
                        names.collect::<Vec<_>>().join(", "),
                        config.order
                    ),
                })
            }
            Some(longest) if longest < config.order => Err(setting(
                "order",
                config.order.to_string(),
                &format!(
                    "must be at most {longest}, the length of the longest n-grams that were counted"
                ),
            )),
            Some(_) => match self.vocab {
                Some(vocab @ ..3) => Err(setting(
                    "vocab",
                    vocab.to_string(),
                    "must be at least 3: <eos>, <unk> and a word",
                )),
                _ => Ok(()),
            },
        }
    }
}

fn setting(field: &'static str, value: String, bound: &str) -> Error {
    harness::Error::Setting {
        field,
        value,
        bound: bound.to_owned(),
    }
    .into()
}

fn notes(gathered: &Gathered, has_lines: bool) -> Vec<String> {
    let mut notes = Vec::new();
    for (lines, what) in [
        (gathered.longer, "have more words than the order"),
        (gathered.across, "reach across the end of a sentence"),
        (
            gathered.tagged,
            "have parts of speech, with which Google Books counts everything again",
        ),
    ] {
        if lines > 0 {
            notes.push(format!(
                "{} n-grams that {what} were left out",
                harness::thousands(lines)
            ));
        }
    }
    if !has_lines {
        notes.push(format!(
            "the beginning of sentences, {BOS}, was not counted; contexts reach across line ends"
        ));
    }
    notes
}

/// Builds the store.
fn build(
    gathered: Gathered,
    vocab: &Vocab,
    config: &Config,
    folder: Option<&Path>,
) -> Result<Store> {
    let code = WordCode::new(vocab.len() + 1)?;
    let packing = Packing::new(vocab.len() + 1, config.order)?;
    let has_lines = config.contexts == Contexts::Line;
    let sentences = has_lines.then_some(SentenceMarkers {
        eos: vocab.eos(),
        bos: vocab.bos(),
    });
    let packer = Packer::new(&code, packing, sentences);
    let ngrams = ranked(gathered, vocab, &packer);
    if u32::try_from(ngrams.len()).is_err() {
        let bound = "must be fewer than 2^32; use a lower order or a smaller vocabulary";
        return Err(setting("n-grams", ngrams.len().to_string(), bound));
    }
    let largest = ngrams.iter().map(|ngram| ngram.1).max().unwrap_or(0);
    let mut header = Header::new(
        config.order,
        vocab.len(),
        match config.smoothing {
            Smoothing::StupidBackoff => PayloadKind::Counts,
            Smoothing::KneserNey => PayloadKind::KneserNey,
        },
        has_lines.then_some(vocab.eos()),
    );
    if config.quantise > 0 {
        if u32::try_from(largest).is_err() {
            let bound = "must be 0 for counts of 2^32 and more";
            return Err(setting("quantise", config.quantise.to_string(), bound));
        }
        header.levels = levels(config.quantise, largest);
    }
    let bos = has_lines.then(|| packer.rank(vocab.bos()));
    let continuations = match config.smoothing {
        Smoothing::StupidBackoff => Vec::new(),
        Smoothing::KneserNey => {
            check_sums(&ngrams, packing, bos)?;
            continuations(&ngrams, packing, bos)
        }
    };
    let mut starts = vec![0_u64; vocab.len() + 2];
    for &(key, _) in &ngrams {
        starts[packing.rank(key, 0) as usize] += 1;
    }
    let (keys, counts): (Vec<u128>, Vec<u64>) = ngrams.into_iter().unzip();
    let input = StoreInput {
        code: &code,
        packer: &packer,
        header,
        cutoffs: &[],
        values: &counts,
        parts: &parts(&starts),
        ngrams: &SortedNgrams::Records(keys.into_iter().zip(0..).collect()),
        continuations: &SortedNgrams::Records(continuations),
        scratch: None,
    };
    assemble(input, folder)
}

/// All n-grams in the order of the store.
fn ranked(gathered: Gathered, vocab: &Vocab, packer: &Packer) -> Vec<Gram> {
    let unk = vocab.unk().unwrap_or(vocab.eos());
    let id = |name: &String| -> TokenId {
        match name == BOS {
            true => vocab.bos(),
            false => vocab.id(name).unwrap_or(unk),
        }
    };
    let ranks: Vec<Rank> = gathered
        .words
        .iter()
        .map(|name| packer.rank(id(name)))
        .collect();
    let mut all: Vec<Gram> = Vec::with_capacity(gathered.ngrams.iter().map(Vec::len).sum());
    for (length, ngrams) in (1..).zip(&gathered.ngrams) {
        all.par_extend(ngrams.par_iter().map(|&(key, count)| {
            let words = gathered.numbers(key, length).map(|number| ranks[number]);
            (packer.packing.pack(words), count)
        }));
    }
    merge(&mut all);
    all
}

/// The number of different words before each n-gram below the highest order. N-grams at the beginning of a sentence keep their
/// count, because no word precedes them.
fn continuations(ngrams: &[Gram], packing: Packing, bos: Option<Rank>) -> Vec<Record> {
    let mut endings: Vec<u128> = ngrams
        .par_iter()
        .filter(|&&(key, _)| length(key, packing) > 1)
        .map(|&(key, _)| {
            let ranks = (1..packing.order).map(|at| packing.rank(key, at));
            packing.pack(ranks.take_while(|&rank| rank != 0))
        })
        .collect();
    endings.par_sort_unstable();
    let mut preceded = endings
        .chunk_by(|a, b| a == b)
        .map(|words| (words[0], words.len() as u32))
        .peekable();
    let mut records = Vec::new();
    for &(key, _) in ngrams {
        if length(key, packing) == packing.order || Some(packing.rank(key, 0)) == bos {
            continue;
        }
        while preceded.next_if(|&(other, _)| other < key).is_some() {}
        // A word precedes the n-gram even if those with it were cut off.
        let distinct = preceded.next_if(|&(other, _)| other == key);
        records.push((key, distinct.map_or(1, |(_, distinct)| distinct)));
    }
    records
}

/// Kneser-Ney keeps sums of counts in 32 bits: those of n-grams of the highest order and at the beginning of a sentence.
fn check_sums(ngrams: &[Gram], packing: Packing, bos: Option<Rank>) -> Result<()> {
    let mut sums = vec![(0, 0_u64); packing.order];
    for &(key, count) in ngrams {
        let length = length(key, packing);
        if length < packing.order && Some(packing.rank(key, 0)) != bos {
            continue;
        }
        let context = packing.pack((0..length - 1).map(|at| packing.rank(key, at)));
        let (last, sum) = &mut sums[length - 1];
        if *last != context {
            (*last, *sum) = (context, 0);
        }
        *sum = sum.saturating_add(count);
        if u32::try_from(*sum).is_err() {
            return Err(setting(
                "smoothing",
                "kneser-ney".to_owned(),
                "needs counts whose sums after a context are below 2^32; use stupid-backoff, or a higher order",
            ));
        }
    }
    Ok(())
}

/// Number of words of an n-gram.
fn length(key: u128, packing: Packing) -> usize {
    let words = (0..packing.order).take_while(|&at| packing.rank(key, at) != 0);
    words.count()
}

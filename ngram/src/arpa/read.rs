//! Reading ARPA files.

use std::io::BufRead;
use std::path::Path;

use corpus::{TokenId, Vocab};
use rustc_hash::FxHashMap;

use super::lines::Lines;
use super::missing::{Listed, NoContext};
use super::words::Words;
use crate::config::{Config, Smoothing};
use crate::count::{Packer, Packing, Rank, Record, SentenceMarkers, SortedNgrams, parts};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::store::{Header, PayloadKind, StoreInput, assemble};
use crate::word_code::WordCode;

/// A model read from an ARPA file, with its vocabulary.
#[derive(Debug)]
pub struct Imported {
    /// The model; it scores as the file says.
    pub model: Model,
    /// Its vocabulary: the given one, or the words in order of decreasing unigram probability.
    pub vocab: Vocab,
    /// What was assumed where the file leaves something open, a sentence each.
    pub notes: Vec<String>,
}

/// Reads an ARPA file from `from`. The model is built in `folder`, or in memory if that is `None`. `path` is named in errors.
///
/// # Errors
/// [`Error::Arpa`] with the line number if an entry is malformed or duplicate, if the context of an n-gram or the mark of the
/// beginning or end of sentences is missing, or if a section has more or fewer n-grams than the header announces.
pub fn read(path: &Path, from: &mut dyn BufRead, folder: Option<&Path>) -> Result<Imported> {
    read_numbered(path, from, folder, None)
}

/// As [`read`], with the ids of a given vocabulary, so that the model can be asked about a corpus with that vocabulary.
///
/// # Errors
/// As [`read`], and [`Error::Arpa`] if the file has other words than the vocabulary.
pub fn read_like(
    path: &Path,
    from: &mut dyn BufRead,
    folder: Option<&Path>,
    vocab: &Vocab,
) -> Result<Imported> {
    read_numbered(path, from, folder, Some(vocab))
}

fn read_numbered(
    path: &Path,
    from: &mut dyn BufRead,
    folder: Option<&Path>,
    like: Option<&Vocab>,
) -> Result<Imported> {
    let mut lines = Lines::new(path, from);
    let announced = lines.header()?;
    let order = announced.len();
    let mut words = Words::read(&mut lines, announced[0], like)?;
    let vocab_size = words.vocab.len();
    let code = WordCode::new(vocab_size + 1)?;
    let packing = Packing::new(vocab_size + 1, order)?;
    let sentences = SentenceMarkers {
        eos: words.vocab.eos(),
        bos: words.vocab.bos(),
    };
    let packer = Packer::new(&code, packing, Some(sentences));

    let mut ngrams = Ngrams::new(&packer, vocab_size);
    for (word, value) in std::mem::take(&mut words.unigrams) {
        ngrams.add(&[word], value, None);
    }
    for (length, &expected) in (1..).zip(&announced).skip(1) {
        read_section(&mut lines, &words, length, expected, &mut ngrams)?;
    }
    lines.end()?;
    ngrams.records.sort_unstable();
    let mut header = Header::new(order, vocab_size, PayloadKind::Backoff, Some(sentences.eos));
    header.blanks = ngrams
        .complete()
        .map_err(|fault| fault.error(&lines, &ngrams, &words.vocab))?;

    let input = StoreInput {
        code: &code,
        packer: &packer,
        header,
        cutoffs: &[],
        values: &ngrams.values,
        parts: &parts(&ngrams.counts),
        ngrams: &SortedNgrams::Records(ngrams.records),
        continuations: &SortedNgrams::Records(Vec::new()),
        scratch: None,
    };
    let config = Config {
        smoothing: Smoothing::KneserNey,
        order,
        ..Config::default()
    };
    let model = Model::new(config, assemble(input, folder)?)?;
    Ok(Imported {
        model,
        vocab: words.vocab,
        notes: words.notes,
    })
}

/// Reads the n-grams of one length.
fn read_section(
    lines: &mut Lines<'_>,
    words: &Words,
    length: usize,
    expected: u64,
    ngrams: &mut Ngrams<'_>,
) -> Result<()> {
    lines.section(length, expected)?;
    let mut ngram: Vec<TokenId> = Vec::with_capacity(length);
    for _ in 0..expected {
        let entry = lines.entry(length, expected)?;
        ngram.clear();
        ngram.extend(entry.words().iter().map_while(|name| words.id(name)));
        let value = entry.value;
        if let Some(unknown) = entry.words().get(ngram.len()) {
            let what = format!("{unknown} is not a unigram");
            return Err(lines.error(what));
        }
        ngrams.add(&ngram, value, Some(lines.number()));
    }
    lines.end_of_section(length, expected)
}

/// The n-grams read so far.
struct Ngrams<'a> {
    packer: &'a Packer,
    /// Keys with indices of `values`.
    records: Vec<Record>,
    values: Vec<u64>,
    /// Number of n-grams that begin with a word, by rank.
    counts: Vec<u64>,
    places: Places,
}

/// Why n-grams do not make a model.
enum Fault {
    /// The n-gram is listed twice, with these indices of values.
    Twice(Vec<Rank>, [u32; 2]),
    NoContext(NoContext),
    /// With blanks, there are more n-grams than indices.
    TooMany,
}

impl Ngrams<'_> {
    fn new(packer: &Packer, vocab_size: usize) -> Ngrams<'_> {
        Ngrams {
            packer,
            records: Vec::new(),
            values: Vec::new(),
            counts: vec![0; vocab_size + 2],
            places: Places::default(),
        }
    }

    /// Adds an n-gram, with its line if it has two words or more: errors about others are found earlier.
    fn add(&mut self, words: &[TokenId], value: u64, line: Option<u64>) {
        let key = self
            .packer
            .packing
            .pack(words.iter().map(|&word| self.packer.rank(word)));
        if let Some(line) = line {
            self.places.add(self.values.len(), line);
        }
        // The header announces fewer than 2^32 n-grams.
        self.records.push((key, self.values.len() as u32));
        self.values.push(value);
        self.counts[self.packer.rank(words[0]) as usize] += 1;
    }

    /// Checks the sorted n-grams and adds blanks; returns the number of blanks of each order, or nothing if there are none.
    fn complete(&mut self) -> std::result::Result<Vec<u64>, Fault> {
        let packing = self.packer.packing;
        let mut ranks = Vec::new();
        if let Some(pair) = self.records.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            packing.unpack(pair[0].0, &mut ranks);
            return Err(Fault::Twice(ranks, [pair[0].1, pair[1].1]));
        }
        let listed = Listed {
            records: &self.records,
            values: &self.values,
            packing,
        };
        let blanks = listed.blanks().map_err(Fault::NoContext)?;
        if u32::try_from(self.values.len() + blanks.len()).is_err() {
            return Err(Fault::TooMany);
        }
        let mut by_order = vec![0; packing.order];
        for &(key, value) in &blanks {
            packing.unpack(key, &mut ranks);
            by_order[ranks.len() - 1] += 1;
            self.records.push((key, self.values.len() as u32));
            self.values.push(value);
        }
        self.records.sort_unstable();
        Ok(if blanks.is_empty() {
            Vec::new()
        } else {
            by_order
        })
    }
}

impl Fault {
    /// The error with the n-gram's line and words.
    fn error(self, lines: &Lines<'_>, ngrams: &Ngrams<'_>, vocab: &Vocab) -> Error {
        let words: FxHashMap<Rank, TokenId> = (0..=vocab.bos())
            .map(|word| (ngrams.packer.rank(word), word))
            .collect();
        let name = |ranks: &[Rank]| {
            let names = ranks
                .iter()
                .map(|rank| super::write::name(vocab, words[rank]));
            names.collect::<Vec<_>>().join(" ")
        };
        match self {
            Fault::Twice(ngram, [first, second]) => {
                let what = format!(
                    "\"{}\" is listed twice, first in line {}",
                    name(&ngram),
                    ngrams.places.line(first)
                );
                lines.error_at(ngrams.places.line(second), what)
            }
            Fault::NoContext(NoContext { value, ngram }) => {
                let what = format!(
                    "\"{}\" is listed, but its context \"{}\" is not (KenLM refuses such a file, too); list the context, or prune \
                     the model so that contexts stay",
                    name(&ngram),
                    name(&ngram[..ngram.len() - 1])
                );
                lines.error_at(ngrams.places.line(value), what)
            }
            Fault::TooMany => lines.error(format!(
                "with the missing endings of n-grams there are more than {}; prune the model further",
                u32::MAX
            )),
        }
    }
}

/// The line of each n-gram: stored for the first of each run of n-grams in consecutive lines.
#[derive(Default)]
struct Places {
    /// Index of the n-gram and its line.
    runs: Vec<(u32, u64)>,
    /// The line that the next n-gram of the run has.
    next: u64,
}

impl Places {
    fn add(&mut self, index: usize, line: u64) {
        if line != self.next || self.runs.is_empty() {
            self.runs.push((index as u32, line));
        }
        self.next = line + 1;
    }

    fn line(&self, index: u32) -> u64 {
        let run = self.runs.partition_point(|&(first, _)| first <= index);
        let run = run.checked_sub(1).map(|run| self.runs[run]);
        run.map_or(0, |(first, line)| line + u64::from(index - first))
    }
}

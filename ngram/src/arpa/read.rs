//! Reading ARPA files.

use std::collections::HashMap;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use corpus::{TokenId, Vocab};

use super::{BEGINNING_OF_SENTENCE, END_OF_SENTENCE};
use crate::config::{Config, MAX_ORDER, Smoothing};
use crate::count::{Packer, Packing, Record, SentenceMarkers, SortedNgrams, parts};
use crate::error::{Error, Result};
use crate::explicit_backoff::pack;
use crate::model::Model;
use crate::store::{Header, PayloadKind, StoreInput, assemble};
use crate::word_code::WordCode;

/// A model read from an ARPA file, with its vocabulary.
#[derive(Debug)]
pub struct Imported {
    /// The model; it scores as the file says.
    pub model: Model,
    /// Its vocabulary, in order of decreasing unigram probability.
    pub vocab: Vocab,
}

/// Reads an ARPA file from `from`. The model is built in `folder`, or in memory if that is `None`. `path` is named in errors.
///
/// # Errors
/// [`Error::Arpa`] with the line number if an entry is malformed, missing or duplicate, or if a section has more or fewer
/// n-grams than the header announces.
pub fn read(path: &Path, from: &mut dyn BufRead, folder: Option<&Path>) -> Result<Imported> {
    let mut lines = Lines {
        path,
        from,
        number: 0,
        text: String::new(),
    };
    let announced = lines.data()?;
    let order = announced.len();
    let (vocab, words, unigrams) = unigrams(&mut lines, announced[0], order)?;
    let vocab_size = vocab.len();
    let (code, packing) = (
        WordCode::new(vocab_size + 1)?,
        Packing::new(vocab_size + 1, order)?,
    );
    let bos = vocab_size as TokenId;
    let packer = Packer::new(
        &code,
        packing,
        Some(SentenceMarkers {
            eos: vocab.eos(),
            bos,
        }),
    );
    let pack = |words: &[TokenId]| packing.pack(words.iter().map(|&word| packer.rank(word)));

    let mut values: Vec<u64> = Vec::new();
    let mut records: Vec<Record> = Vec::new();
    let mut counts = vec![0_u64; vocab_size + 2];
    for (word, value) in unigrams {
        records.push((pack(&[word]), values.len() as u32));
        values.push(value);
        counts[packer.rank(word) as usize] += 1;
    }
    for (length, &expected) in (1..).zip(&announced).skip(1) {
        lines.section(length)?;
        let mut ngram = Vec::new();
        for _ in 0..expected {
            let line = lines.entry(length, expected)?;
            ngram.clear();
            let mut unknown_word = None;
            for name in line.words.split(' ') {
                match words.get(name) {
                    Some(&word) => ngram.push(word),
                    None => {
                        unknown_word.get_or_insert_with(|| format!("{name} is not a unigram"));
                    }
                }
            }
            let value = line.value;
            if let Some(what) = unknown_word {
                return Err(lines.error(what));
            }
            records.push((pack(&ngram), values.len() as u32));
            values.push(value);
            counts[packer.rank(ngram[0]) as usize] += 1;
        }
        lines.end_of_section(length, expected)?;
    }
    lines.expect("\\end\\")?;
    records.sort_unstable();
    check(&records, &packer, &vocab, &lines)?;

    let header = Header::new(order, vocab_size, PayloadKind::Backoff, Some(vocab.eos()));
    let input = StoreInput {
        code: &code,
        packer: &packer,
        header,
        cutoffs: &[],
        values: &values,
        parts: &parts(&counts),
        ngrams: &SortedNgrams::Records(records),
        continuations: &SortedNgrams::Records(Vec::new()),
        scratch: None,
    };
    let config = Config {
        smoothing: Smoothing::KneserNey,
        order,
        ..Config::default()
    };
    let model = Model::new(config, assemble(input, folder)?)?;
    Ok(Imported { model, vocab })
}

type Unigrams = (Vocab, HashMap<String, TokenId>, Vec<(TokenId, u64)>);

/// Reads the unigrams. Ids are assigned by decreasing probability, so that frequent words get short codes.
fn unigrams(lines: &mut Lines<'_>, expected: u64, order: usize) -> Result<Unigrams> {
    lines.section(1)?;
    let mut names: Vec<(String, u64)> = Vec::new();
    for _ in 0..expected {
        let entry = lines.entry(1, expected)?;
        let name = match entry.words {
            END_OF_SENTENCE => corpus::EOS,
            // The spelling of SRILM.
            "<UNK>" => corpus::UNK,
            name => name,
        };
        names.push((name.to_owned(), entry.value));
    }
    if order > 1 || lines.peek()?.is_some() {
        lines.end_of_section(1, expected)?;
    }
    if names.iter().all(|(name, _)| name != corpus::UNK) {
        // KenLM likewise gives unknown words a probability near 0 if the file does not list them.
        names.push((corpus::UNK.to_owned(), pack(-100.0, 0.0)));
    }
    let bos = names
        .iter()
        .position(|(name, _)| name == BEGINNING_OF_SENTENCE);
    let bos =
        bos.ok_or_else(|| lines.error(format!("there is no unigram {BEGINNING_OF_SENTENCE}")))?;
    let (_, bos_value) = names.swap_remove(bos);
    names.sort_by(|(_, a), (_, b)| {
        crate::explicit_backoff::unpack(*b)
            .0
            .total_cmp(&crate::explicit_backoff::unpack(*a).0)
    });
    let vocab = Vocab::new(names.iter().map(|(name, _)| &name[..]));
    let vocab = vocab.map_err(|_| lines.error(format!("there is no unigram {END_OF_SENTENCE}")))?;
    let mut ids = HashMap::with_capacity(names.len() + 1);
    let mut unigrams = Vec::with_capacity(names.len() + 1);
    for (id, (name, value)) in (0..).zip(names) {
        unigrams.push((id, value));
        if ids.insert(name.clone(), id).is_some() {
            return Err(lines.error(format!("the unigram {name} is listed twice")));
        }
    }
    if let Some(&unk) = ids.get(corpus::UNK) {
        ids.insert("<UNK>".to_owned(), unk);
    }
    if let Some(eos) = ids.remove(corpus::EOS) {
        ids.insert(END_OF_SENTENCE.to_owned(), eos);
    }
    ids.insert(BEGINNING_OF_SENTENCE.to_owned(), vocab.bos());
    unigrams.push((vocab.bos(), bos_value));
    Ok((vocab, ids, unigrams))
}

/// Checks that every n-gram occurs once and that its prefix and suffix are listed too, because look-ups go through them.
fn check(records: &[Record], packer: &Packer, vocab: &Vocab, lines: &Lines<'_>) -> Result<()> {
    let packing = packer.packing;
    let names: HashMap<u32, TokenId> = (0..=vocab.bos())
        .map(|word| (packer.rank(word), word))
        .collect();
    let (mut ranks, mut previous) = (Vec::new(), None);
    for &(key, _) in records {
        packing.unpack(key, &mut ranks);
        let name = |ranks: &[u32]| {
            let names = ranks.iter().map(|rank| vocab.token(names[rank]));
            names.collect::<Vec<_>>().join(" ")
        };
        if previous == Some(key) {
            return Err(lines.error(format!("\"{}\" is listed twice", name(&ranks))));
        }
        previous = Some(key);
        let length = ranks.len();
        for part in [&ranks[..length - 1], &ranks[1..]] {
            let other = packing.pack(part.iter().copied());
            if !part.is_empty()
                && records
                    .binary_search_by_key(&other, |&(key, _)| key)
                    .is_err()
            {
                return Err(lines.error(format!(
                    "\"{}\" is listed, but \"{}\" is not",
                    name(&ranks),
                    name(part)
                )));
            }
        }
    }
    Ok(())
}

/// Longest line in bytes. An n-gram is a few words; without a limit, a file without line ends would fill the memory.
const MAX_LINE: u64 = 1 << 20;

/// The lines of the file, with the number of the current one.
struct Lines<'a> {
    path: &'a Path,
    from: &'a mut dyn BufRead,
    number: u64,
    text: String,
}

/// The line of one n-gram.
struct Entry<'a> {
    /// The words, separated by spaces.
    words: &'a str,
    /// Probability and backoff weight, packed.
    value: u64,
}

impl Lines<'_> {
    fn error(&self, what: impl Into<String>) -> Error {
        arpa_error(self.path, self.number, what)
    }

    /// The next line that is not empty, trimmed.
    fn next(&mut self) -> Result<Option<&str>> {
        loop {
            if self.read()? == 0 {
                return Ok(None);
            }
            if !self.text.trim().is_empty() {
                break;
            }
        }
        Ok(Some(self.text.trim_matches(['\n', '\r', ' '])))
    }

    /// Reads the next line, empty or not; returns its length in bytes.
    fn read(&mut self) -> Result<usize> {
        self.text.clear();
        let mut bounded = (&mut *self.from).take(MAX_LINE);
        let read = bounded
            .read_line(&mut self.text)
            .map_err(harness::Error::io("read", self.path))?;
        self.number += 1;
        match read as u64 == MAX_LINE {
            true => Err(self.error(format!("a line of more than {MAX_LINE} bytes"))),
            false => Ok(read),
        }
    }

    fn peek(&mut self) -> Result<Option<u8>> {
        let bytes = self
            .from
            .fill_buf()
            .map_err(harness::Error::io("read", self.path))?;
        Ok(bytes.first().copied())
    }

    fn expect(&mut self, wanted: &str) -> Result<()> {
        let found = self.next()?.map(str::to_owned);
        match found.as_deref() {
            Some(line) if line == wanted => Ok(()),
            Some(line) => Err(self.error(format!("expected {wanted}, found {line}"))),
            None => Err(self.error(format!("the file ends where {wanted} should come"))),
        }
    }

    fn section(&mut self, order: usize) -> Result<()> {
        self.expect(&format!("\\{order}-grams:"))
    }

    /// Checks that the section ends after the announced number of n-grams: the next line begins with a backslash.
    fn end_of_section(&mut self, order: usize, expected: u64) -> Result<()> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.read()?;
        }
        match self.peek()? {
            Some(b'\\') | None => Ok(()),
            Some(_) => Err(self.error(format!("more than the announced {expected} {order}-grams"))),
        }
    }

    /// Reads the header: the announced number of n-grams of each order.
    fn data(&mut self) -> Result<Vec<u64>> {
        self.expect("\\data\\")?;
        let mut announced = Vec::new();
        while self.peek()?.is_some_and(|byte| byte == b'n') {
            let order = announced.len() + 1;
            let line = self.next()?.unwrap_or_default().to_owned();
            let number = line
                .strip_prefix(&format!("ngram {order}="))
                .and_then(|text| text.trim().parse().ok());
            announced.push(number.ok_or_else(|| {
                self.error(format!("expected ngram {order}=NUMBER, found {line}"))
            })?);
        }
        let all = announced
            .iter()
            .try_fold(0_u64, |sum, &number| sum.checked_add(number));
        if all.is_none_or(|all| all > u64::from(u32::MAX)) {
            return Err(self.error(format!("at most {} n-grams can be read", u32::MAX)));
        }
        match (announced.len(), announced.first()) {
            (1..=MAX_ORDER, Some(1..)) => Ok(announced),
            (0, _) => Err(self.error("expected ngram 1=NUMBER")),
            (_, Some(0)) => Err(self.error("the header announces no unigrams")),
            (order, _) => {
                Err(self.error(format!("order {order}; at most {MAX_ORDER} can be read")))
            }
        }
    }

    fn entry(&mut self, order: usize, expected: u64) -> Result<Entry<'_>> {
        let (path, wanted) = (
            self.path,
            format!("fewer than the announced {expected} {order}-grams"),
        );
        if self.next()?.is_none() {
            return Err(self.error(wanted));
        }
        let number = self.number;
        let line = self.text.trim_matches(['\n', '\r', ' ']);
        let error = |what: String| arpa_error(path, number, what);
        if line.starts_with('\\') {
            return Err(error(wanted));
        }
        let mut fields = line.split('\t');
        let (log_prob, words, backoff) = (
            fields.next().unwrap_or_default(),
            fields.next(),
            fields.next(),
        );
        let words =
            words.filter(|words| words.split(' ').count() == order && fields.next().is_none());
        let words = words.ok_or_else(|| {
            error(format!(
                "expected log10 p, {order} words and a weight, with tabs between"
            ))
        })?;
        let parse = |text: &str| {
            let number: Option<f32> = text.parse().ok().filter(|number: &f32| !number.is_nan());
            number.ok_or_else(|| error(format!("{text} is not a number")))
        };
        let (log_prob, backoff) = (parse(log_prob)?, backoff.map_or(Ok(0.0), parse)?);
        if log_prob > 0.0 {
            return Err(error(format!("log10 p = {log_prob} is above 0")));
        }
        if !backoff.is_finite() {
            return Err(error(format!("the weight {backoff} is not finite")));
        }
        Ok(Entry {
            words,
            value: pack(log_prob, backoff),
        })
    }
}

fn arpa_error(path: &Path, line: u64, what: impl Into<String>) -> Error {
    Error::Arpa {
        path: PathBuf::from(path),
        line,
        what: what.into(),
    }
}

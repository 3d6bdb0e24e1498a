//! Reading count files into memory.

use std::ops::ControlFlow;

use corpus::{BOS, EOS, OnInvalid, Source, UNK, Visit};
use harness::Progress;
use rustc_hash::FxHashMap;

use super::layout::{is_no_list, name, parse};
use crate::config::MAX_ORDER;
use crate::error::Result;

/// An n-gram as numbers of its words, from 1, first word in the highest bits; and its count.
pub(super) type Gram = (u128, u64);

/// What the files hold.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The words by number, which begins at 0.
    pub(super) words: Vec<String>,
    numbers: FxHashMap<String, u32>,
    /// The n-grams of each length, sorted and distinct when all have been read.
    pub(super) ngrams: Vec<Vec<Gram>>,
    /// Bits per word.
    pub(super) bits: u32,
    /// Lines with more words than the order.
    pub(super) longer: u64,
    /// N-grams that reach across the end of a sentence.
    pub(super) across: u64,
    /// Lines with parts of speech.
    pub(super) tagged: u64,
}

/// Lines between two reports of progress.
const LINES: u64 = 1 << 20;

impl Gathered {
    /// Reads all files, up to n-grams of `order` words.
    pub(super) fn read(
        sources: &[Source],
        order: usize,
        progress: &mut dyn Progress,
    ) -> Result<Gathered> {
        let mut gathered = Gathered {
            words: Vec::new(),
            numbers: FxHashMap::default(),
            ngrams: vec![Vec::new(); order],
            bits: (u128::BITS / order as u32).min(u32::BITS),
            longer: 0,
            across: 0,
            tagged: 0,
        };
        let inputs = sources.iter().flat_map(|source| &source.inputs);
        let inputs: Vec<_> = inputs.filter(|input| !is_no_list(&input.path)).collect();
        for (done, input) in (0..).zip(&inputs) {
            let mut flow = progress.tick("reading counts", done, Some(inputs.len() as u64));
            let read = input.texts(OnInvalid::Refuse, &mut |lines| {
                while let Some(line) = lines.next_line()? {
                    let added = gathered.add_line(line);
                    if let Err(what) = added {
                        return Err(lines.malformed(what));
                    }
                    if lines.number() % LINES == 0 && flow.is_continue() {
                        flow = progress.tick("reading counts", done, Some(inputs.len() as u64));
                    }
                    if flow.is_break() {
                        return Ok(Visit::Stop);
                    }
                }
                Ok(Visit::Next)
            });
            read.map_err(harness::Error::from)?;
            if flow == ControlFlow::Break(()) {
                return Err(harness::Error::Interrupted.into());
            }
        }
        gathered.numbers = FxHashMap::default();
        for ngrams in &mut gathered.ngrams {
            merge(ngrams);
        }
        Ok(gathered)
    }

    /// Adds the n-gram of a line.
    fn add_line(&mut self, line: &str) -> std::result::Result<(), String> {
        let Some(counted) = parse(line)? else {
            return Ok(());
        };
        let (mut names, mut length) = ([""; MAX_ORDER], 0);
        for word in counted.ngram.split(' ').filter(|word| !word.is_empty()) {
            if length == self.ngrams.len() {
                self.longer += 1;
                return Ok(());
            }
            let Some(name) = name(word, counted.is_of_books) else {
                self.tagged += 1;
                return Ok(());
            };
            names[length] = name;
            length += 1;
        }
        let names = &names[..length];
        let is_across = |(at, name): (usize, &&str)| {
            (*name == BOS && at > 0) || (*name == EOS && at + 1 < length)
        };
        if names.iter().enumerate().any(is_across) {
            self.across += 1;
            return Ok(());
        }
        if length == 0 || counted.count == 0 {
            return Ok(());
        }
        let mut key = 0_u128;
        for name in names {
            key = key << self.bits | u128::from(self.number(name)?);
        }
        match self.ngrams[length - 1].last_mut() {
            // The years of an n-gram are in consecutive lines.
            Some((last, count)) if *last == key => *count = count.saturating_add(counted.count),
            _ => self.ngrams[length - 1].push((key, counted.count)),
        }
        Ok(())
    }

    /// The number of a word, from 1.
    fn number(&mut self, name: &str) -> std::result::Result<u32, String> {
        if let Some(&number) = self.numbers.get(name) {
            return Ok(number);
        }
        let number = self.words.len() as u64 + 1;
        // With 32 bits, all but the highest numbers fit.
        if number >= (1_u64 << self.bits) - 1 {
            return Err(format!(
                "more than {} different words in n-grams of up to {} words; use a lower order",
                number - 1,
                self.ngrams.len()
            ));
        }
        self.words.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number as u32);
        Ok(number as u32)
    }

    /// The numbers of an n-gram's words, from 0.
    pub(super) fn numbers(&self, key: u128, length: usize) -> impl Iterator<Item = usize> {
        let bits = self.bits;
        let mask = (1_u128 << bits) - 1;
        (0..length)
            .rev()
            .map(move |at| ((key >> (at as u32 * bits)) & mask) as usize - 1)
    }

    /// The number of a word if it occurs, from 0.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.words.iter().position(|word| word == name)
    }

    /// Adds the shorter n-grams that are missing, because they were left out or cut off. Each gets the count of the longer ones that
    /// begin or end with it, whichever is larger.
    pub(super) fn complete(&mut self) {
        for length in (2..=self.ngrams.len()).rev() {
            let mask = (1_u128 << (self.bits * (length as u32 - 1))) - 1;
            let (shorter, longer) = self.ngrams.split_at_mut(length - 1);
            let shorter = &mut shorter[length - 2];
            let mut missing: FxHashMap<u128, [u64; 2]> = FxHashMap::default();
            for &(key, count) in &longer[0] {
                for (side, part) in [key >> self.bits, key & mask].into_iter().enumerate() {
                    if shorter.binary_search_by_key(&part, |gram| gram.0).is_err() {
                        let sum = &mut missing.entry(part).or_default()[side];
                        *sum = sum.saturating_add(count);
                    }
                }
            }
            let missing = missing.into_iter().map(|(key, [a, b])| (key, a.max(b)));
            shorter.extend(missing);
            shorter.sort_unstable();
        }
    }

    /// The words by decreasing count, the end of a sentence and unknown words among them, the beginning not; at most `most`. The
    /// counts of all others are added to that of unknown words.
    pub(super) fn by_count(&self, most: usize) -> Vec<String> {
        let mut counts: Vec<(u64, &str)> = Vec::new();
        for &(key, count) in &self.ngrams[0] {
            let words = self.numbers(key, 1).map(|number| &self.words[number][..]);
            counts.extend(words.map(|word| (count, word)));
        }
        counts.retain(|&(_, word)| word != BOS);
        for mark in [EOS, UNK] {
            if !counts.iter().any(|&(_, word)| word == mark) {
                counts.push((0, mark));
            }
        }
        let is_mark = |word: &str| [EOS, UNK].contains(&word);
        let by_count = |a: &(u64, &str), b: &(u64, &str)| b.0.cmp(&a.0).then(a.1.cmp(b.1));
        counts.sort_unstable_by(|a, b| is_mark(b.1).cmp(&is_mark(a.1)).then(by_count(a, b)));
        let rest = counts.iter().skip(most);
        let rest = rest.fold(0_u64, |sum, &(count, _)| sum.saturating_add(count));
        counts.truncate(most);
        for (count, word) in &mut counts {
            if *word == UNK {
                *count = count.saturating_add(rest);
            }
        }
        counts.sort_unstable_by(by_count);
        counts
            .into_iter()
            .map(|(_, word)| word.to_owned())
            .collect()
    }
}

/// Sorts n-grams and adds the counts of equal ones.
pub(super) fn merge(ngrams: &mut Vec<Gram>) {
    use rayon::prelude::*;

    ngrams.par_sort_unstable();
    ngrams.dedup_by(|later, first| {
        let is_equal = later.0 == first.0;
        if is_equal {
            first.1 = first.1.saturating_add(later.1);
        }
        is_equal
    });
}

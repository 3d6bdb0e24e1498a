//! What a store says of itself, and what stands in its tables.

use corpus::TokenId;
use serde::{Deserialize, Serialize};

/// What the numbers of n-grams mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Payloads {
    /// How often they occur.
    Counts,
    /// Rows of a table: what Kneser-Ney asks for.
    Rows,
    /// Whatever was given.
    Explicit,
}

/// What Kneser-Ney asks of an n-gram.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Row {
    /// Number of different words before it, N1+(. h w); how often it occurs, if it is of the highest order or begins a
    /// sentence.
    pub continuation: u32,
    /// Sum of that number over the words that follow it.
    pub sum: u32,
    /// How many of the words that follow have the number 1, 2, and 3 or more.
    pub followers: [u32; 3],
    /// The part of the sum that belongs to n-grams that were cut off.
    pub cut: u32,
}

impl Row {
    /// Of an n-gram that was seen once.
    pub(crate) const ONCE: Row = Row {
        continuation: 1,
        sum: 1,
        followers: [1, 0, 0],
        cut: 0,
    };
    pub(super) const NUMBERS: usize = 6;

    pub(super) fn numbers(&self) -> [u32; Row::NUMBERS] {
        let [one, two, more] = self.followers;
        [self.continuation, self.sum, one, two, more, self.cut]
    }

    pub(super) fn of_numbers([continuation, sum, one, two, more, cut]: [u32; Row::NUMBERS]) -> Row {
        Row {
            continuation,
            sum,
            followers: [one, two, more],
            cut,
        }
    }

    pub(crate) fn count_follower(&mut self, continuation: u32, kept: bool) {
        self.sum += continuation;
        match kept {
            true => self.followers[continuation.clamp(1, 3) as usize - 1] += 1,
            false => self.cut += continuation,
        }
    }

    pub(crate) fn add(&mut self, other: &Row) {
        let (mine, others) = (self.numbers(), other.numbers());
        *self = Row::of_numbers(std::array::from_fn(|at| mine[at] + others[at]));
    }
}

/// What is known of the whole store: `store.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Words in the longest n-gram.
    pub order: usize,
    /// V; one more word is known, that stands before sentences.
    pub vocab_size: usize,
    /// What the numbers mean.
    pub payloads: Payloads,
    /// Id of the word that ends a sentence, where the text is cut into sentences.
    pub eos: Option<TokenId>,
    /// Where the numbers are counts: sum of those of the words, the mark before sentences left out.
    pub tokens: u64,
    /// Number of n-grams of each order.
    pub ngrams: Vec<u64>,
    /// How many n-grams of each order have the (continuation) count 1, 2, 3 and 4.
    pub counts_of_counts: Vec<[u64; 4]>,
    /// The row of the empty context.
    pub root: Row,
    /// The counts that there are, where counts were rounded; otherwise none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<u32>,
    /// Parts of the file: where each ends, and where its rows begin.
    pub(crate) parts: Vec<PartEnd>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartEnd {
    pub(super) end: u64,
    pub(super) rows: u64,
}

impl Header {
    /// Of a store that is still to be made.
    pub(crate) fn new(
        order: usize,
        vocab_size: usize,
        payloads: Payloads,
        eos: Option<TokenId>,
    ) -> Header {
        Header {
            order,
            vocab_size,
            payloads,
            eos,
            tokens: 0,
            ngrams: vec![0; order],
            counts_of_counts: vec![[0; 4]; order],
            root: Row::default(),
            levels: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// What contradicts itself, if anything: whatever is read later relies on it.
    pub(super) fn fault(&self) -> Option<String> {
        let orders = 1..=crate::config::HIGHEST_ORDER;
        if !orders.contains(&self.order) {
            return Some(format!("order {}", self.order));
        }
        let of_orders =
            self.ngrams.len() == self.order && self.counts_of_counts.len() == self.order;
        let known = self.eos.is_none_or(|eos| (eos as usize) < self.vocab_size);
        let words = self.ngrams.first().copied().unwrap_or(0);
        let fits = self.vocab_size < TokenId::MAX as usize
            && words <= self.vocab_size as u64 + u64::from(self.eos.is_some());
        let rising = self.levels.first().is_none_or(|&first| first > 0) && self.levels.is_sorted();
        (!(of_orders && known && fits && rising))
            .then(|| "its numbers contradict each other".to_owned())
    }
}

//! The header of a store and the statistics of n-grams.

use corpus::TokenId;
use serde::{Deserialize, Serialize};

/// The meaning of the payloads of n-grams.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PayloadKind {
    /// Counts (see [`crate::Store::count`]).
    Counts,
    /// Indices of [`NgramStatistics`]; counts at the highest order.
    #[serde(rename = "rows")]
    KneserNey,
    /// Explicit probabilities and backoff weights.
    #[serde(rename = "explicit")]
    Backoff,
}

/// The statistics of an n-gram that Kneser-Ney needs. Counts below are continuation counts N1+(. h w), or plain counts for n-grams
/// of the highest order and at the beginning of a sentence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NgramStatistics {
    /// The count of the n-gram.
    pub continuation: u32,
    /// The sum of the counts of its followers.
    pub sum: u32,
    /// The number of kept followers with the count 1, 2, and 3 or more: N1(h .), N2(h .), N3+(h .).
    pub followers: [u32; 3],
    /// The part of `sum` that belongs to pruned followers.
    pub cut: u32,
}

impl NgramStatistics {
    /// The statistics of an n-gram that occurs once.
    pub(crate) const SINGLETON: NgramStatistics = NgramStatistics {
        continuation: 1,
        sum: 1,
        followers: [1, 0, 0],
        cut: 0,
    };
    pub(super) const FIELDS: usize = 6;

    pub(super) fn fields(&self) -> [u32; NgramStatistics::FIELDS] {
        let [one, two, more] = self.followers;
        [self.continuation, self.sum, one, two, more, self.cut]
    }

    pub(super) fn from_fields(
        [continuation, sum, one, two, more, cut]: [u32; NgramStatistics::FIELDS],
    ) -> NgramStatistics {
        NgramStatistics {
            continuation,
            sum,
            followers: [one, two, more],
            cut,
        }
    }

    /// Adds a follower with this count.
    pub(crate) fn count_follower(&mut self, continuation: u32, kept: bool) {
        // Of Stupid Backoff, which does not need the sums, counts of other programs may be larger.
        self.sum = self.sum.saturating_add(continuation);
        match kept {
            true => self.followers[continuation.clamp(1, 3) as usize - 1] += 1,
            false => self.cut = self.cut.saturating_add(continuation),
        }
    }

    pub(crate) fn add(&mut self, other: &NgramStatistics) {
        let (own, others) = (self.fields(), other.fields());
        *self = NgramStatistics::from_fields(std::array::from_fn(|at| {
            own[at].saturating_add(others[at])
        }));
    }
}

/// The header of a store, `store.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Words in the longest n-gram.
    pub order: usize,
    /// V, the size of the vocabulary without `<s>`.
    pub vocab_size: usize,
    /// The meaning of the payloads.
    pub payloads: PayloadKind,
    /// Id of the token that ends a sentence; `None` if the text is one stream.
    pub eos: Option<TokenId>,
    /// For [`PayloadKind::Counts`] the sum of the unigram counts without `<s>`, otherwise 0.
    pub tokens: u64,
    /// Number of n-grams of each order.
    pub ngrams: Vec<u64>,
    /// Number of n-grams of each order with the (continuation) count 1, 2, 3 and 4.
    pub counts_of_counts: Vec<[u64; 4]>,
    /// Number of blanks among the n-grams of each order: n-grams that were added because longer ones begin or end with them. Empty
    /// if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blanks: Vec<u64>,
    /// The statistics of the empty context.
    pub root: NgramStatistics,
    /// The quantisation levels; empty if counts are exact.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<u32>,
    /// The parts of the FST.
    pub(crate) parts: Vec<PartEnd>,
}

/// The position of a part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartEnd {
    /// End of its nodes in the FST.
    pub(super) end: u64,
    /// Index of its first entry in the table of statistics.
    pub(super) rows: u64,
}

impl Header {
    /// The header of an empty store.
    pub(crate) fn new(
        order: usize,
        vocab_size: usize,
        payloads: PayloadKind,
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
            root: NgramStatistics::default(),
            blanks: Vec::new(),
            levels: Vec::new(),
            parts: Vec::new(),
        }
    }

    /// Number of n-grams of each order without blanks.
    pub fn listed(&self) -> Vec<u64> {
        let blanks = self.blanks.iter().copied().chain(std::iter::repeat(0));
        let listed = self.ngrams.iter().zip(blanks);
        listed
            .map(|(ngrams, blanks)| ngrams.saturating_sub(blanks))
            .collect()
    }

    /// What is inconsistent, if anything; later reads rely on consistency.
    pub(super) fn inconsistency(&self) -> Option<String> {
        let orders = 1..=crate::config::MAX_ORDER;
        if !orders.contains(&self.order) {
            return Some(format!("order {}", self.order));
        }
        let has_all_orders =
            self.ngrams.len() == self.order && self.counts_of_counts.len() == self.order;
        let is_eos_valid = self.eos.is_none_or(|eos| (eos as usize) < self.vocab_size);
        let words = self.ngrams.first().copied().unwrap_or(0);
        let is_size_valid = self.vocab_size < TokenId::MAX as usize
            && words <= self.vocab_size as u64 + u64::from(self.eos.is_some());
        let is_ascending =
            self.levels.first().is_none_or(|&first| first > 0) && self.levels.is_sorted();
        let are_blanks_valid = self.blanks.len() <= self.order
            && self.blanks.iter().zip(&self.ngrams).all(|(a, b)| a <= b);
        (!(has_all_orders && is_eos_valid && is_size_valid && is_ascending && are_blanks_valid))
            .then(|| "its numbers contradict each other".to_owned())
    }
}

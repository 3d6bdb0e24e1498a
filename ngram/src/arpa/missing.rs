//! Shorter n-grams that are missing under longer ones.
//!
//! Pruning may remove "boat sails" and leave "new boat sails". Look-ups go through shorter n-grams, so the missing ones are added as
//! *blanks*, with the probability that backing off gives them and without a weight: p(w | h) = b(h) p(w | h'). No score changes.
//! KenLM does the same (`lm/search_hashed.cc`), and refuses an n-gram whose context is missing, unless another one ends with it.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::count::{Packing, Rank, Record};
use crate::explicit_backoff::{pack_blank, unpack};

/// An n-gram without its context: the index of its value, and both as ranks.
#[derive(Debug)]
pub(super) struct NoContext {
    pub(super) value: u32,
    pub(super) ngram: Vec<Rank>,
}

/// The n-grams of a file, sorted by key.
pub(super) struct Listed<'a> {
    pub(super) records: &'a [Record],
    /// The packed values to which the records are indices.
    pub(super) values: &'a [u64],
    pub(super) packing: Packing,
}

impl Listed<'_> {
    /// The missing n-grams with their packed values.
    pub(super) fn blanks(&self) -> Result<Vec<(u128, u64)>, NoContext> {
        let mut blanks = self.endings();
        self.check_contexts(&blanks)?;
        // A blank needs its own beginning and ending, too.
        let mut waiting: Vec<u128> = blanks.iter().copied().collect();
        while let Some(key) = waiting.pop() {
            let ranks = self.ranks(key);
            for part in [&ranks[1..], &ranks[..ranks.len() - 1]] {
                let part = self.pack(part);
                if self.value(part).is_none() && blanks.insert(part) {
                    waiting.push(part);
                }
            }
        }
        Ok(self.backed_off(blanks))
    }

    /// The missing endings of n-grams, of two words or more.
    fn endings(&self) -> FxHashSet<u128> {
        let (mut blanks, mut ranks) = (FxHashSet::default(), Vec::new());
        for &(key, _) in self.records {
            self.packing.unpack(key, &mut ranks);
            for start in 1..ranks.len() - 1 {
                let ending = self.pack(&ranks[start..]);
                // The endings of a listed n-gram are found with that one.
                if self.value(ending).is_some() || !blanks.insert(ending) {
                    break;
                }
            }
        }
        blanks
    }

    fn check_contexts(&self, blanks: &FxHashSet<u128>) -> Result<(), NoContext> {
        let mut ngram = Vec::new();
        for &(key, value) in self.records {
            self.packing.unpack(key, &mut ngram);
            let context = self.pack(&ngram[..ngram.len() - 1]);
            if context != 0 && self.value(context).is_none() && !blanks.contains(&context) {
                return Err(NoContext { value, ngram });
            }
        }
        Ok(())
    }

    /// Blanks with the probability of backing off.
    fn backed_off(&self, blanks: FxHashSet<u128>) -> Vec<(u128, u64)> {
        let mut by_length: Vec<(usize, u128)> = blanks
            .into_iter()
            .map(|key| (self.ranks(key).len(), key))
            .collect();
        by_length.sort_unstable();
        let mut log_probs: FxHashMap<u128, f32> = FxHashMap::default();
        let blanks = by_length.into_iter().map(|(length, key)| {
            let ranks = self.ranks(key);
            let (context, ending) = (self.pack(&ranks[..length - 1]), self.pack(&ranks[1..]));
            let weight = self.value(context).map_or(0.0, |value| unpack(value).1);
            // Every ending is listed, or a shorter blank.
            let shorter = match self.value(ending) {
                Some(value) => unpack(value).0,
                None => log_probs.get(&ending).copied().unwrap_or(f32::NEG_INFINITY),
            };
            let log_prob = shorter + weight;
            log_probs.insert(key, log_prob);
            (key, pack_blank(log_prob))
        });
        blanks.collect()
    }

    fn value(&self, key: u128) -> Option<u64> {
        let at = self.records.binary_search_by_key(&key, |&(key, _)| key);
        at.ok().map(|at| self.values[self.records[at].1 as usize])
    }

    fn pack(&self, ranks: &[Rank]) -> u128 {
        self.packing.pack(ranks.iter().copied())
    }

    fn ranks(&self, key: u128) -> Vec<Rank> {
        let mut ranks = Vec::with_capacity(self.packing.order);
        self.packing.unpack(key, &mut ranks);
        ranks
    }
}

//! Interpolated modified Kneser-Ney.
//!
//! Chen and Goodman, *An Empirical Study of Smoothing Techniques for Language Modeling*, 1998, section 3: one of three discounts is
//! subtracted from each count, and the freed probability mass is distributed as in the shorter context. In shorter contexts,
//! continuation counts (the number of distinct preceding words) replace counts. Where the paper leaves a choice, this module
//! follows KenLM: unigrams are interpolated with the uniform distribution, and n-grams at the beginning of a sentence keep their
//! counts.

use corpus::TokenId;
use serde::{Deserialize, Serialize};

use crate::context_state::State;
use crate::error::{Error, Result};
use crate::store::{NgramNode, NgramStatistics, Store};

/// The discounts D1, D2 and D3+ of counts of 1, 2, and 3 or more (Chen and Goodman 1998, eq. 26).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Discounts(pub [f64; 3]);

impl Discounts {
    /// Estimates the discounts of an order from the number of n-grams with the counts 1, 2, 3 and 4.
    ///
    /// # Errors
    /// [`Error::Discount`] if a discount is negative or larger than the count that it is subtracted from.
    pub fn new(order: usize, counts_of_counts: [u64; 4]) -> Result<Discounts> {
        let [n1, n2, n3, n4] = counts_of_counts.map(|count| count as f64);
        let y = n1 / (n1 + 2.0 * n2);
        let discounts = [
            1.0 - 2.0 * y * n2 / n1,
            2.0 - 3.0 * y * n3 / n2,
            3.0 - 4.0 * y * n4 / n3,
        ];
        for (count, discount) in (1..).zip(discounts) {
            if !(0.0..=f64::from(count)).contains(&discount) {
                return Err(Error::Discount {
                    order,
                    count: count as usize,
                    discount,
                    counts_of_counts,
                });
            }
        }
        Ok(Discounts(discounts))
    }

    /// The default values of KenLM's `--discount_fallback`.
    const FALLBACK: Discounts = Discounts([0.5, 1.0, 1.5]);

    /// D(count).
    #[inline]
    fn of(&self, count: u32) -> f64 {
        match count {
            0 => 0.0,
            1..=2 => self.0[count as usize - 1],
            _ => self.0[2],
        }
    }

    /// gamma(context): the probability mass that the context leaves to the shorter context (Chen and Goodman 1998, section 3).
    fn gamma(&self, context: &NgramStatistics) -> f64 {
        self.discounted(context) / f64::from(context.sum)
    }

    /// The sum of all discounts in a context, with the counts of pruned n-grams.
    #[inline]
    fn discounted(&self, context: &NgramStatistics) -> f64 {
        let discounted = |at: usize| self.0[at] * f64::from(context.followers[at]);
        discounted(0) + discounted(1) + discounted(2) + f64::from(context.cut)
    }
}

/// The estimator over a store with Kneser-Ney statistics.
#[derive(Debug)]
pub(crate) struct KneserNey {
    /// By order, unigrams first.
    discounts: Vec<Discounts>,
    /// 1 / V.
    uniform: f64,
}

impl KneserNey {
    pub(crate) fn new(store: &Store, fallback: bool) -> Result<KneserNey> {
        let counts_of_counts = store.header.counts_of_counts.iter();
        let discounts = (1..).zip(counts_of_counts).map(|(order, &counts)| {
            match Discounts::new(order, counts) {
                Err(Error::Discount { .. }) if fallback => Ok(Discounts::FALLBACK),
                discounts => discounts,
            }
        });
        Ok(KneserNey {
            discounts: discounts.collect::<Result<_>>()?,
            uniform: 1.0 / store.vocab_size() as f64,
        })
    }

    pub(crate) fn discounts(&self) -> &[Discounts] {
        &self.discounts
    }

    /// c*: the count at the highest order, the continuation count below it.
    #[inline]
    fn count(&self, store: &Store, ngram: NgramNode) -> u32 {
        match usize::from(ngram.order) == store.order() {
            true => store.count(ngram) as u32,
            false => store.statistics(ngram).continuation,
        }
    }

    /// p(w | context) of a word with c*(context w) = `count`, given `shorter`, its probability in the shorter context.
    #[inline]
    fn interpolate(
        &self,
        order: usize,
        context: &NgramStatistics,
        count: u32,
        shorter: f64,
    ) -> f64 {
        let discounts = &self.discounts[order];
        let own = f64::from(count) - discounts.of(count);
        (own + discounts.discounted(context) * shorter) / f64::from(context.sum)
    }

    /// The probability of a word, the order of the longest matching n-gram, and the next state.
    #[inline]
    pub(crate) fn step(
        &self,
        store: &Store,
        state: &State,
        token: TokenId,
        find: impl Fn(usize, NgramNode) -> Option<NgramNode>,
    ) -> (f64, usize, State) {
        let contexts = state.statistics();
        let (mut matched, mut p) = (0, self.uniform);
        let next = state.advance(store, token, find, &mut |ngram| {
            let statistics = store.carried_statistics(ngram);
            let count = if matched + 1 == store.order() {
                store.count(ngram) as u32
            } else {
                statistics.continuation
            };
            p = self.interpolate(matched, &contexts[matched], count, p);
            matched += 1;
            statistics
        });
        for (order, context) in contexts.iter().enumerate().skip(matched) {
            p = self.interpolate(order, context, 0, p);
        }
        (p, matched, next)
    }

    /// ln p of each word: `[vocab]`.
    pub(crate) fn distribution(&self, store: &Store, state: &State) -> Vec<f64> {
        // The probability mass of each order is multiplied by the gammas of all longer contexts.
        let contexts = state.contexts();
        let statistics: Vec<NgramStatistics> = contexts
            .iter()
            .map(|&context| store.statistics(context))
            .collect();
        let mut factors = vec![1.0; contexts.len() + 1];
        for at in (0..contexts.len()).rev() {
            factors[at] = factors[at + 1] * self.discounts[at].gamma(&statistics[at]);
        }
        let mut p = vec![self.uniform * factors[0]; store.vocab_size()];
        for (at, &context) in contexts.iter().enumerate() {
            let discounts = &self.discounts[at];
            let factor = factors[at + 1] / f64::from(statistics[at].sum);
            store.followers(context, &mut |token, ngram| {
                if let Some(p) = p.get_mut(token as usize) {
                    let count = self.count(store, ngram);
                    *p += factor * (f64::from(count) - discounts.of(count));
                }
            });
        }
        p.iter_mut().for_each(|p| *p = p.ln());
        p
    }

    /// The backoff weight of a context in an ARPA file: gamma, or 1 if the context has no followers.
    pub(crate) fn backoff(&self, store: &Store, context: NgramNode) -> f64 {
        match context.has_followers() {
            true => self.discounts[usize::from(context.order)].gamma(&store.statistics(context)),
            false => 1.0,
        }
    }
}

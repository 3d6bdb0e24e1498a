//! Interpolated modified Kneser-Ney.
//!
//! Chen and Goodman, *An Empirical Study of Smoothing Techniques for Language Modeling*, 1998, section 3: counts are
//! discounted by one of three amounts, what is taken away goes to the words as they follow the shorter context, and in
//! shorter contexts a word counts for the number of different words before it. Where they leave a choice, as KenLM has
//! it: the unigrams are interpolated with the uniform distribution, and n-grams at the beginning of a sentence keep
//! their counts.

use corpus::TokenId;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::state::State;
use crate::store::{Gram, Row, Store};

/// What counts of 1, 2, and 3 or more are lessened by (Chen and Goodman 1998, eq. 26).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Discounts(pub [f64; 3]);

impl Discounts {
    /// From the number of n-grams that were seen 1, 2, 3 and 4 times.
    ///
    /// # Errors
    /// [`Error::Discount`] where one comes out negative, or larger than what it is taken from.
    pub fn new(order: usize, seen: [u64; 4]) -> Result<Discounts> {
        let [n1, n2, n3, n4] = seen.map(|count| count as f64);
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
                    seen,
                });
            }
        }
        Ok(Discounts(discounts))
    }

    /// What KenLM takes on demand where there is nothing to estimate them from.
    const FALLBACK: Discounts = Discounts([0.5, 1.0, 1.5]);

    #[inline]
    fn of(&self, count: u32) -> f64 {
        match count {
            0 => 0.0,
            1..=2 => self.0[count as usize - 1],
            _ => self.0[2],
        }
    }

    /// The share of a context's probability that goes to the shorter context: gamma.
    fn gamma(&self, context: &Row) -> f64 {
        self.taken(context) / f64::from(context.sum)
    }

    /// What is taken from the counts in a context.
    #[inline]
    fn taken(&self, context: &Row) -> f64 {
        let taken = |at: usize| self.0[at] * f64::from(context.followers[at]);
        taken(0) + taken(1) + taken(2) + f64::from(context.cut)
    }
}

/// The model.
#[derive(Debug)]
pub(crate) struct KneserNey {
    /// By order, unigrams first.
    discounts: Vec<Discounts>,
    uniform: f64,
}

impl KneserNey {
    pub(crate) fn new(store: &Store, fallback: bool) -> Result<KneserNey> {
        let seen = store.header.counts_of_counts.iter();
        let discounts = (1..)
            .zip(seen)
            .map(|(order, &seen)| match Discounts::new(order, seen) {
                Err(Error::Discount { .. }) if fallback => Ok(Discounts::FALLBACK),
                discounts => discounts,
            });
        Ok(KneserNey {
            discounts: discounts.collect::<Result<_>>()?,
            uniform: 1.0 / store.vocab_size() as f64,
        })
    }

    pub(crate) fn discounts(&self) -> &[Discounts] {
        &self.discounts
    }

    /// c*: how often, or after how many different words.
    #[inline]
    fn count(&self, store: &Store, gram: Gram) -> u32 {
        match usize::from(gram.order) == store.order() {
            true => store.count(gram) as u32,
            false => store.row(gram).continuation,
        }
    }

    /// p of a word of this count after a context (0: never seen there), from what a shorter context gives it.
    #[inline]
    fn interpolate(&self, order: usize, context: &Row, count: u32, shorter: f64) -> f64 {
        let discounts = &self.discounts[order];
        let own = f64::from(count) - discounts.of(count);
        (own + discounts.taken(context) * shorter) / f64::from(context.sum)
    }

    /// The probability of a word, the words of the longest match, and the state after it.
    #[inline]
    pub(crate) fn step(
        &self,
        store: &Store,
        state: &State,
        token: TokenId,
        find: impl Fn(usize, Gram) -> Option<Gram>,
    ) -> (f64, usize, State) {
        let contexts = state.rows();
        let (mut depth, mut p) = (0, self.uniform);
        let next = state.advance(store, token, find, &mut |gram| {
            let row = store.note(gram);
            let count = if depth + 1 == store.order() {
                store.count(gram) as u32
            } else {
                row.continuation
            };
            p = self.interpolate(depth, &contexts[depth], count, p);
            depth += 1;
            row
        });
        for (order, context) in contexts.iter().enumerate().skip(depth) {
            p = self.interpolate(order, context, 0, p);
        }
        (p, depth, next)
    }

    /// ln p of each word.
    pub(crate) fn distribution(&self, store: &Store, state: &State) -> Vec<f64> {
        // What each level gives is lessened by the gammas of all longer contexts.
        let contexts = state.contexts();
        let rows: Vec<Row> = contexts.iter().map(|&context| store.row(context)).collect();
        let mut factors = vec![1.0; contexts.len() + 1];
        for at in (0..contexts.len()).rev() {
            factors[at] = factors[at + 1] * self.discounts[at].gamma(&rows[at]);
        }
        let mut p = vec![self.uniform * factors[0]; store.vocab_size()];
        for (at, &context) in contexts.iter().enumerate() {
            let discounts = &self.discounts[at];
            let factor = factors[at + 1] / f64::from(rows[at].sum);
            store.followers(context, &mut |token, gram| {
                if let Some(p) = p.get_mut(token as usize) {
                    let count = self.count(store, gram);
                    *p += factor * (f64::from(count) - discounts.of(count));
                }
            });
        }
        p.iter_mut().for_each(|p| *p = p.ln());
        p
    }

    /// The weight of a context in ARPA's form: what a word that does not follow it has more or less than without it.
    pub(crate) fn backoff(&self, store: &Store, context: Gram) -> f64 {
        match context.has_followers() {
            true => self.discounts[usize::from(context.order)].gamma(&store.row(context)),
            false => 1.0,
        }
    }
}

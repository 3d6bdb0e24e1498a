//! A slow, direct implementation of the models' definitions.

use std::collections::{BTreeMap, BTreeSet};

use ngram::{Config, Contexts};

pub(crate) struct ReferenceModel {
    pub(crate) counts: BTreeMap<Vec<u32>, u64>,
    config: Config,
    vocab_size: u32,
    /// The distinct words before each n-gram.
    before: BTreeMap<Vec<u32>, BTreeSet<u32>>,
    /// By order: the discounts of counts of 0, 1, 2 and 3 or more.
    discounts: Vec<[f64; 4]>,
}

impl ReferenceModel {
    pub(crate) fn new(text: &[u32], vocab_size: usize, config: &Config) -> ReferenceModel {
        let bos = vocab_size as u32;
        let lines: Vec<Vec<u32>> = match config.contexts {
            Contexts::Stream => vec![text.to_vec()],
            Contexts::Line => text
                .split_inclusive(|&token| token == 0)
                .map(|line| [&[bos], line].concat())
                .collect(),
        };
        let (mut counts, mut before) = (BTreeMap::new(), BTreeMap::<_, BTreeSet<u32>>::new());
        for line in &lines {
            for length in 1..=config.order {
                for (at, window) in line.windows(length).enumerate() {
                    *counts.entry(window.to_vec()).or_default() += 1;
                    if at > 0 {
                        before
                            .entry(window.to_vec())
                            .or_default()
                            .insert(line[at - 1]);
                    }
                }
            }
        }
        let mut reference = ReferenceModel {
            counts,
            config: config.clone(),
            vocab_size: bos,
            before,
            discounts: Vec::new(),
        };
        reference.discounts = (1..=config.order)
            .map(|order| reference.discounts(order))
            .collect();
        reference
    }

    /// The part of a context that a model uses: at most order - 1 tokens, beginning with `<s>` if the line begins there.
    pub(crate) fn context(&self, context: &[u32]) -> Vec<u32> {
        let whole = match self.config.contexts {
            Contexts::Stream => context.to_vec(),
            Contexts::Line => {
                let line = context.rsplit(|&token| token == 0).next().unwrap();
                [&[self.vocab_size], line].concat()
            }
        };
        whole[whole.len().saturating_sub(self.config.order - 1)..].to_vec()
    }

    fn count(&self, ngram: &[u32]) -> u64 {
        self.counts.get(ngram).copied().unwrap_or(0)
    }

    pub(crate) fn stupid_backoff(&self, context: &[u32], token: u32) -> f64 {
        if context.is_empty() {
            let total: u64 = (0..self.vocab_size)
                .map(|word| self.count(&[word]).max(1))
                .sum();
            return self.count(&[token]).max(1) as f64 / total as f64;
        }
        match self.count(&[context, &[token]].concat()) {
            0 => self.config.alpha * self.stupid_backoff(&context[1..], token),
            seen => seen as f64 / self.count(context) as f64,
        }
    }

    /// c* of Kneser-Ney: the count at the highest order and at the beginning of a line, otherwise the number of distinct words
    /// before.
    fn adjusted(&self, ngram: &[u32]) -> u64 {
        match self.count(ngram) {
            0 => 0,
            count if ngram.len() == self.config.order || ngram[0] == self.vocab_size => count,
            _ => self.before.get(ngram).map_or(1, |words| words.len() as u64),
        }
    }

    fn is_kept(&self, ngram: &[u32]) -> bool {
        let cutoffs = &self.config.cutoffs;
        let min_count = cutoffs
            .get(ngram.len() - 1)
            .or(cutoffs.last())
            .copied()
            .unwrap_or(1);
        self.count(ngram) >= min_count
    }

    fn discounts(&self, order: usize) -> [f64; 4] {
        let of_order = self
            .counts
            .keys()
            .filter(|ngram| ngram.len() == order && **ngram != [self.vocab_size]);
        let adjusted: Vec<u64> = of_order.map(|ngram| self.adjusted(ngram)).collect();
        let n = |wanted: u64| adjusted.iter().filter(|&&count| count == wanted).count() as f64;
        let y = n(1) / (n(1) + 2.0 * n(2));
        [
            0.0,
            1.0 - 2.0 * y * n(2) / n(1),
            2.0 - 3.0 * y * n(3) / n(2),
            3.0 - 4.0 * y * n(4) / n(3),
        ]
    }

    /// Chen and Goodman's interpolated model, with unigrams interpolated with the uniform distribution.
    pub(crate) fn kneser_ney(&self, context: &[u32], token: u32) -> f64 {
        let order = context.len() + 1;
        let shorter = match context {
            [] => 1.0 / f64::from(self.vocab_size),
            [_, rest @ ..] => self.kneser_ney(rest, token),
        };
        let follow = |word: u32| [context, &[word]].concat();
        let adjusted = |word: u32| self.adjusted(&follow(word));
        let sum: u64 = (0..self.vocab_size).map(adjusted).sum();
        // A context that is not stored, or whose followers were all pruned, has no effect.
        let kept: Vec<u32> = (0..self.vocab_size)
            .filter(|&word| adjusted(word) > 0 && self.is_kept(&follow(word)))
            .collect();
        let context_kept = context.is_empty() || (self.count(context) > 0 && self.is_kept(context));
        if kept.is_empty() || !context_kept {
            return shorter;
        }
        let discounts = self.discounts[order - 1];
        let discounted =
            |word: u32| adjusted(word) as f64 - discounts[adjusted(word).min(3) as usize];
        let mass: f64 = kept.iter().map(|&word| discounted(word)).sum();
        let gamma = 1.0 - mass / sum as f64;
        let own = if kept.contains(&token) {
            discounted(token) / sum as f64
        } else {
            0.0
        };
        own + gamma * shorter
    }
}

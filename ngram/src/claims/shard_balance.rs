//! Shards by the first two words are balanced and keep contexts local.

use corpus::TokenId;
use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, into_harness};
use super::statistics::mean;
use super::{claim, finding};
use crate::config::Config;
use crate::store::{Gram, Store};

/// Different n-grams of two and more words in 64 shards, by three hashes; the seed draws the hash. The verdict is made
/// from how much fuller than the mean the fullest shard is.
pub(super) struct ShardBalance;

const SHARDS: usize = 64;

/// What is hashed of an n-gram.
type Rule = fn(&[TokenId]) -> &[TokenId];

/// Its first word, its first two, all.
const RULES: [Rule; 3] = [
    |words| &words[..1],
    |words| &words[..words.len().min(2)],
    |words| words,
];

/// Where n-grams lie, for each rule.
#[derive(Debug, Default)]
pub(super) struct Shards {
    /// How many lie in each.
    sizes: [Vec<u64>; 3],
    /// N-grams of three and more words.
    pub(super) long: u64,
    /// How many of them lie where the n-gram without the last word lies.
    pub(super) local: [u64; 3],
}

impl Experiment for ShardBalance {
    fn claim(&self) -> Claim {
        claim(
            "shard-balance",
            "A hash of the first two words spreads n-grams evenly and keeps them with their contexts.",
            "An argument about the design: frequent first words make a hash of one word unbalanced, and a hash of all \
             words separates an n-gram from its context.",
            "section 5 (place unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context)?;
        let mut lower = Vec::new();
        let mut fullest: [Vec<f64>; 3] = Default::default();
        let (mut long, mut local) = (0, [0; 3]);
        for &seed in context.seeds {
            let model = bench.train(&Config::default(), seed, 1, progress);
            let model = model.map_err(into_harness)?;
            let shards = Shards::of(model.store(), seed);
            let [one, two, all] = [0, 1, 2].map(|rule| shards.imbalance(rule));
            lower.push(one - two);
            for (fullest, imbalance) in fullest.iter_mut().zip([one, two, all]) {
                fullest.push(imbalance);
            }
            long += shards.long;
            for (sum, local) in local.iter_mut().zip(shards.local) {
                *sum += local;
            }
        }
        let decision = decide(&lower, 0.0);
        let [one, two, all] = fullest.map(|values| mean(&values));
        let [_, with_two, with_all] = local.map(|count| 100.0 * count as f64 / long as f64);
        let measured = format!(
            "The fullest of {SHARDS} shards holds {two:.2} times the mean by the first two words, {one:.2} by the first \
             ({:.2} ± {:.2} more), {all:.2} by all. Of n-grams of three and more words {with_two:.1} % lie with their \
             contexts by the first two words, {with_all:.1} % by all.",
            decision.mean, decision.margin,
        );
        Ok(finding(self.claim(), decision, measured, lower))
    }
}

impl Shards {
    /// Puts every n-gram of two and more words into its shards.
    pub(super) fn of(store: &Store, seed: u64) -> Shards {
        let mut shards = Shards {
            sizes: std::array::from_fn(|_| vec![0; SHARDS]),
            ..Shards::default()
        };
        shards.add_followers(store, store.root(), &mut Vec::new(), seed);
        shards
    }

    fn add_followers(&mut self, store: &Store, gram: Gram, words: &mut Vec<TokenId>, seed: u64) {
        store.followers(gram, &mut |word, follower| {
            words.push(word);
            if words.len() >= 2 {
                self.add(words, seed);
            }
            self.add_followers(store, follower, words, seed);
            words.pop();
        });
    }

    fn add(&mut self, words: &[TokenId], seed: u64) {
        let is_long = words.len() >= 3;
        self.long += u64::from(is_long);
        for (at, rule) in RULES.into_iter().enumerate() {
            let own = shard(rule(words), seed);
            self.sizes[at][own] += 1;
            let context = &words[..words.len() - 1];
            self.local[at] += u64::from(is_long && shard(rule(context), seed) == own);
        }
    }

    /// The fullest shard over the mean.
    pub(super) fn imbalance(&self, rule: usize) -> f64 {
        imbalance(&self.sizes[rule])
    }
}

/// The largest over the mean.
pub(super) fn imbalance(sizes: &[u64]) -> f64 {
    let sum: u64 = sizes.iter().sum();
    let largest = sizes.iter().max().copied().unwrap_or(0);
    largest as f64 * sizes.len() as f64 / sum as f64
}

/// SplitMix64's finaliser after each word: every bit of every word moves every bit.
fn shard(words: &[TokenId], seed: u64) -> usize {
    let hash = words.iter().fold(seed, |hash, &word| {
        let mut mixed = (hash ^ u64::from(word)).wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    });
    (hash % SHARDS as u64) as usize
}

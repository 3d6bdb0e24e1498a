//! Claim: sharding by the first two words is balanced and keeps n-grams with their contexts.

use corpus::TokenId;
use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::experiment_data::{ExperimentData, into_harness};
use super::summary_statistics::mean;
use super::{claim, finding};
use crate::config::Config;
use crate::store::{NgramNode, Store};

/// Distributes the distinct n-grams of two and more words to 64 shards by three hash rules. The seed selects the hash function. The
/// verdict compares the imbalance of hashing one and two words.
pub(super) struct ShardBalance;

const SHARDS: usize = 64;

/// Selects the words of an n-gram that are hashed.
type HashRule = fn(&[TokenId]) -> &[TokenId];

/// The first word, the first two words, all words.
const RULES: [HashRule; 3] = [
    |words| &words[..1],
    |words| &words[..words.len().min(2)],
    |words| words,
];

/// The distribution of n-grams to shards, for each rule.
#[derive(Debug, Default)]
pub(super) struct Shards {
    /// Number of n-grams in each shard.
    sizes: [Vec<u64>; 3],
    /// Number of n-grams of three and more words.
    pub(super) long: u64,
    /// How many of these are in the shard of their context, which is the n-gram without the last word.
    pub(super) local: [u64; 3],
}

impl Experiment for ShardBalance {
    fn claim(&self) -> Claim {
        claim(
            "shard-balance",
            "Hashing the first two words balances shards and keeps n-grams with their contexts.",
            "A design argument: frequent first words make a hash of one word unbalanced, and a hash of all words \
             separates an n-gram from its context.",
            "section 5 (location unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context)?;
        let mut differences = Vec::new();
        let mut fullest: [Vec<f64>; 3] = Default::default();
        let (mut long, mut local) = (0, [0; 3]);
        for &seed in context.seeds {
            let model = data.train(&Config::default(), seed, 1, progress);
            let model = model.map_err(into_harness)?;
            let shards = Shards::of(model.store(), seed);
            let [one, two, all] = [0, 1, 2].map(|rule| shards.imbalance(rule));
            differences.push(one - two);
            for (fullest, imbalance) in fullest.iter_mut().zip([one, two, all]) {
                fullest.push(imbalance);
            }
            long += shards.long;
            for (sum, local) in local.iter_mut().zip(shards.local) {
                *sum += local;
            }
        }
        let decision = decide(&differences, 0.0);
        let [one, two, all] = fullest.map(|values| mean(&values));
        let [_, with_two, with_all] = local.map(|count| 100.0 * count as f64 / long as f64);
        let measured = format!(
            "The fullest of {SHARDS} shards holds {two:.2} times the mean with a hash of the first two words, {one:.2} times with \
             one word ({:.2} ± {:.2} more) and {all:.2} times with all words. Of n-grams of three and more words {with_two:.1} % \
             are in the shard of their context with two words, {with_all:.1} % with all words.",
            decision.mean, decision.margin,
        );
        Ok(finding(self.claim(), decision, measured, differences))
    }
}

impl Shards {
    /// Assigns every n-gram of two and more words to a shard under each rule.
    pub(super) fn of(store: &Store, seed: u64) -> Shards {
        let mut shards = Shards {
            sizes: std::array::from_fn(|_| vec![0; SHARDS]),
            ..Shards::default()
        };
        shards.add_followers(store, store.root(), &mut Vec::new(), seed);
        shards
    }

    fn add_followers(
        &mut self,
        store: &Store,
        ngram: NgramNode,
        words: &mut Vec<TokenId>,
        seed: u64,
    ) {
        store.followers(ngram, &mut |word, follower| {
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

    /// The size of the fullest shard divided by the mean.
    pub(super) fn imbalance(&self, rule: usize) -> f64 {
        imbalance(&self.sizes[rule])
    }
}

/// The maximum divided by the mean.
pub(super) fn imbalance(sizes: &[u64]) -> f64 {
    let sum: u64 = sizes.iter().sum();
    let largest = sizes.iter().max().copied().unwrap_or(0);
    largest as f64 * sizes.len() as f64 / sum as f64
}

/// The shard of a word sequence. The finaliser of SplitMix64 after each word makes every bit depend on every bit of every word.
fn shard(words: &[TokenId], seed: u64) -> usize {
    let hash = words.iter().fold(seed, |hash, &word| {
        let mut mixed = (hash ^ u64::from(word)).wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    });
    (hash % SHARDS as u64) as usize
}

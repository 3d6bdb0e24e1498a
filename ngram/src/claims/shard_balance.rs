//! Claim: sharding by the first two words is balanced and keeps n-grams with their contexts.

use corpus::TokenId;
use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};

use super::claim;
use super::experiment_data::{ExperimentData, into_harness};
use super::summary_statistics::mean;
use crate::config::Config;
use crate::store::{NgramNode, Store};

/// Distributes the distinct n-grams of two and more words to 64 shards by three hash rules. The seed selects the hash function. The
/// claim requires that hashing two words balances better than one word, and separates fewer n-grams from their contexts than all
/// words.
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
    pub(super) sizes: [Vec<u64>; 3],
    /// Number of n-grams of three and more words.
    pub(super) long: u64,
    /// How many of these are in the shard of their context, which is the n-gram without the last word.
    pub(super) local: [u64; 3],
}

impl Experiment for ShardBalance {
    fn claim(&self) -> Claim {
        claim(
            "shard-balance",
            "Hashing the first two words balances shards better than hashing the first word, and keeps more n-grams with their \
             contexts than hashing all words.",
            "A design argument: frequent first words make a hash of one word unbalanced, and a hash of all words \
             separates an n-gram from its context.",
            "section 5 (location unverified)",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for (repetition, data) in ExperimentData::all(context)? {
            let model = data.train(&Config::default(), 0, progress);
            let model = model.map_err(into_harness)?;
            measured.push(Shards::of(model.store(), repetition.seed));
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The finding from the shards of each repetition.
pub(super) fn finding(claim: Claim, measured: &[Shards]) -> Finding {
    let fullest = |rule| -> Vec<f64> {
        let shards = measured.iter();
        shards.map(|shards| shards.imbalance(rule)).collect()
    };
    let local = |rule: usize| -> Vec<f64> {
        let share = |shards: &Shards| 100.0 * shards.local[rule] as f64 / shards.long as f64;
        measured.iter().map(share).collect()
    };
    let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect();
    let [one, two, all] = [0, 1, 2].map(fullest);
    let [with_two, with_all] = [1, 2].map(local);
    let balance = Criterion::above(
        "fullest shard / mean, with one word less with two words",
        difference(&one, &two),
        0.0,
    );
    let locality = Criterion::above(
        "n-grams with their contexts, with two words less with all words, percentage points",
        difference(&with_two, &with_all),
        0.0,
    );
    let sentence = format!(
        "The fullest of {SHARDS} shards holds {:.2} times the mean with a hash of the first two words, {:.2} times with one word \
         ({balance} more) and {:.2} times with all words. Of n-grams of three and more words {:.1} % are in the shard of their \
         context with two words, {:.1} % with all words.",
        mean(&two),
        mean(&one),
        mean(&all),
        mean(&with_two),
        mean(&with_all),
    );
    Finding::new(claim, sentence, vec![balance, locality])
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

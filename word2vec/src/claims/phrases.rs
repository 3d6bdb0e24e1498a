//! Claim: the scores of pairs find phrases.

use corpus::{Corpus, Split, TokenId, Vocab};
use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};
use rustc_hash::FxHashMap;

use super::experiment_data::{ExperimentData, TrainingCache, comma_separated, into_harness, mean};
use super::{claim, finding};
use crate::config::Config;
use crate::phrases::Phrases;

/// Compares the most frequent phrases with the most frequent pairs: how many are collocations in held-out text? Only pairs of the
/// first pass are used, and the most frequent ones, because the pairs with the highest scores are too rare to occur in held-out
/// text.
pub(super) struct Collocations(pub(super) TrainingCache);

/// Number of pairs of each kind.
const PAIRS: usize = 100;
/// A pair is a collocation if it occurs at least this many times as often as by chance.
const MIN_LIFT: f64 = 10.0;
/// Without a validation split, 1 / HELD_OUT of the text is held out.
const HELD_OUT: usize = 10;
/// Number of passes and threshold as in the released demonstration, where the threshold of the second pass is half the first.
const PASSES_AND_THRESHOLD: (usize, f64) = (2, 200.0);

type Pair = (TokenId, TokenId);

impl Experiment for Collocations {
    fn claim(&self) -> Claim {
        claim(
            "phrases",
            "Words that occur together far more often than by chance are phrases.",
            "Examples, and an accuracy of 72 % on analogies of phrases with vectors of such phrases.",
            "2013b, section 4",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context, &self.0)?;
        let vocab = context.corpus.vocab();
        let (mut leads, mut shares, mut frequent) = (Vec::new(), Vec::new(), Vec::new());
        let (mut joined, mut longer, mut examples) = (Vec::new(), Vec::new(), Vec::new());
        for &seed in context.seeds {
            let (text, held_out) = held_out(context.corpus, data.text(seed, 0))?;
            let min_count = Config::default().min_count;
            let phrases =
                Phrases::learn(&text[..], vocab, min_count, PASSES_AND_THRESHOLD, progress);
            let phrases = phrases.map_err(into_harness)?;
            let (seen, held_out) = (
                Pairs::of(&text, vocab.eos()),
                Pairs::of(&held_out, vocab.eos()),
            );
            let share = held_out.collocation_percentage(&most_frequent_phrases(&phrases, vocab));
            let Some((share, of_frequent)) =
                share.zip(held_out.collocation_percentage(&seen.most_frequent()))
            else {
                let measured = "No phrase of this text occurs in the held-out text.";
                let decision = decide(&[], 0.0);
                return Ok(finding(
                    self.claim(),
                    decision,
                    measured.to_owned(),
                    Vec::new(),
                ));
            };
            leads.push(share - of_frequent);
            shares.push(share);
            frequent.push(of_frequent);
            joined.push(phrases.joined().len() as f64);
            let long = phrases.joined().iter().filter(|phrase| phrase.words > 2);
            let mut long: Vec<_> = long.collect();
            long.sort_by_key(|phrase| std::cmp::Reverse(phrase.count));
            longer.push(long.len() as f64);
            examples = long
                .iter()
                .take(10)
                .map(|phrase| phrase.name.clone())
                .collect();
        }
        let decision = decide(&leads, 0.0);
        let measured = format!(
            "In held-out text, {:.1} % of the {PAIRS} most frequent phrases occur at least {MIN_LIFT} times as often as by chance, \
             and {:.1} % of the {PAIRS} most frequent pairs: {:.1} ± {:.1} percentage points more. Phrases by seed: {}; of \
             three words or more: {}, most frequent: {}.",
            mean(&shares),
            mean(&frequent),
            decision.mean,
            decision.margin,
            comma_separated(&joined, 0),
            comma_separated(&longer, 0),
            examples.join(", "),
        );
        Ok(finding(self.claim(), decision, measured, leads))
    }
}

/// The most frequent phrases of the first pass.
fn most_frequent_phrases(phrases: &Phrases, vocab: &Vocab) -> Vec<Pair> {
    let of_first = phrases.joined().iter().filter(|phrase| phrase.pass == 0);
    let mut pairs: Vec<_> = of_first
        .filter_map(|phrase| {
            // Words may contain underscores themselves; the phrase is split where both parts are words.
            let mut underscores = phrase.name.match_indices('_');
            let pair = underscores.find_map(|(at, _)| {
                let (a, b) = (&phrase.name[..at], &phrase.name[at + 1..]);
                Some((vocab.id(a)?, vocab.id(b)?))
            });
            Some((phrase.count, pair?))
        })
        .collect();
    pairs.sort_by_key(|&(count, pair)| (std::cmp::Reverse(count), pair));
    pairs
        .into_iter()
        .take(PAIRS)
        .map(|(_, pair)| pair)
        .collect()
}

/// The training text and held-out text, which is the validation split or the end of the text.
fn held_out(corpus: &Corpus, mut text: Vec<TokenId>) -> Result<(Vec<TokenId>, Vec<TokenId>)> {
    let held_out = match corpus.has(Split::Valid) {
        true => corpus.split(Split::Valid)?.to_vec(),
        false => text.split_off(text.len() - text.len() / HELD_OUT),
    };
    Ok((text, held_out))
}

/// Counts of words and of adjacent pairs within lines.
struct Pairs {
    words: FxHashMap<TokenId, u64>,
    pairs: FxHashMap<Pair, u64>,
    tokens: u64,
}

impl Pairs {
    fn of(text: &[TokenId], eos: TokenId) -> Pairs {
        let (mut words, mut pairs) = (FxHashMap::default(), FxHashMap::default());
        for &word in text.iter().filter(|&&word| word != eos) {
            *words.entry(word).or_insert(0) += 1;
        }
        for pair in text.windows(2).filter(|pair| !pair.contains(&eos)) {
            *pairs.entry((pair[0], pair[1])).or_insert(0) += 1;
        }
        let tokens = words.values().sum();
        Pairs {
            words,
            pairs,
            tokens,
        }
    }

    fn most_frequent(&self) -> Vec<Pair> {
        let mut all: Vec<_> = self
            .pairs
            .iter()
            .map(|(&pair, &count)| (count, pair))
            .collect();
        all.sort_unstable_by_key(|&(count, pair)| (std::cmp::Reverse(count), pair));
        all.into_iter().take(PAIRS).map(|(_, pair)| pair).collect()
    }

    /// The count of a pair divided by its expectation if words were independent; `None` if the pair does not occur.
    fn lift(&self, pair: Pair) -> Option<f64> {
        let count = *self.pairs.get(&pair)? as f64;
        let by_chance = self.words[&pair.0] as f64 * self.words[&pair.1] as f64;
        Some(count * self.tokens as f64 / by_chance)
    }

    /// The percentage of collocations among the pairs that occur; `None` if none occurs.
    fn collocation_percentage(&self, pairs: &[Pair]) -> Option<f64> {
        let lifts: Vec<f64> = pairs.iter().filter_map(|&pair| self.lift(pair)).collect();
        let collocations = lifts.iter().filter(|&&lift| lift >= MIN_LIFT).count();
        (!lifts.is_empty()).then(|| 100.0 * collocations as f64 / lifts.len() as f64)
    }
}

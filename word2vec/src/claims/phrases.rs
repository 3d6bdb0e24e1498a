//! Scores of pairs find phrases.

use corpus::{Corpus, Split, TokenId, Vocab};
use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};
use rustc_hash::FxHashMap;

use super::bench::{Bench, Notebook, into_harness, mean, series};
use super::{claim, finding};
use crate::config::Config;
use crate::phrases::Phrases;

/// The pairs that are joined most often, against the most frequent pairs: how many hold together in text that was not seen?
/// Taken are pairs of the first pass; the best scores belong to pairs that are too rare to be met again.
pub(super) struct Collocations(pub(super) Notebook);

/// Pairs of each kind that are looked at.
const PAIRS: usize = 100;
/// A pair holds together where it comes so many times as often as its words would meet by chance.
const LIFT: f64 = 10.0;
/// Without validation text, this part of the text is not trained on.
const HELD_OUT: usize = 10;
/// Settings of the released demonstration: two passes, the second with half the threshold.
const HOW: (usize, f64) = (2, 200.0);

type Pair = (TokenId, TokenId);

impl Experiment for Collocations {
    fn claim(&self) -> Claim {
        claim(
            "phrases",
            "Words that come together far more often than each for itself are phrases.",
            "Shown by examples and by use: analogies of phrases are answered in 72 % with vectors of such phrases.",
            "2013b, section 4",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context, &self.0)?;
        let vocab = context.corpus.vocab();
        let (mut leads, mut shares, mut frequent) = (Vec::new(), Vec::new(), Vec::new());
        let (mut joined, mut longer, mut examples) = (Vec::new(), Vec::new(), Vec::new());
        for &seed in context.seeds {
            let (text, unseen) = unseen(context.corpus, bench.text(seed, 0))?;
            let min_count = Config::default().min_count;
            let phrases = Phrases::learn(&text[..], vocab, min_count, HOW, progress);
            let phrases = phrases.map_err(into_harness)?;
            let (seen, unseen) = (
                Pairs::of(&text, vocab.eos()),
                Pairs::of(&unseen, vocab.eos()),
            );
            let share = unseen.holding(&most_joined(&phrases, vocab));
            let Some((share, of_frequent)) = share.zip(unseen.holding(&seen.most_frequent()))
            else {
                let measured = "No phrase of this text comes again in text that was not seen.";
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
            "Of the {PAIRS} pairs that are joined most often {:.1} % come {LIFT} times as often as by chance or more in text \
             that was not seen, of the {PAIRS} most frequent pairs {:.1} %: {:.1} ± {:.1} percentage points more. Phrases by \
             seed: {}; of three words or more: {}, most often {}.",
            mean(&shares),
            mean(&frequent),
            decision.mean,
            decision.margin,
            series(&joined, 0),
            series(&longer, 0),
            examples.join(", "),
        );
        Ok(finding(self.claim(), decision, measured, leads))
    }
}

/// The pairs of the first pass that are joined most often.
fn most_joined(phrases: &Phrases, vocab: &Vocab) -> Vec<Pair> {
    let of_first = phrases.joined().iter().filter(|phrase| phrase.pass == 0);
    let mut pairs: Vec<_> = of_first
        .filter_map(|phrase| {
            // A word may hold lines itself: any place that leaves two known words.
            let mut lines = phrase.name.match_indices('_');
            let pair = lines.find_map(|(at, _)| {
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

/// The text to learn from, and text that was not seen: the validation split, or the end of the text.
fn unseen(corpus: &Corpus, mut text: Vec<TokenId>) -> Result<(Vec<TokenId>, Vec<TokenId>)> {
    let unseen = match corpus.has(Split::Valid) {
        true => corpus.split(Split::Valid)?.to_vec(),
        false => text.split_off(text.len() - text.len() / HELD_OUT),
    };
    Ok((text, unseen))
}

/// How often words, and pairs of neighbours within lines, occur.
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

    /// How many times as often a pair comes as its words would meet by chance; none if it does not come.
    fn lift(&self, pair: Pair) -> Option<f64> {
        let count = *self.pairs.get(&pair)? as f64;
        let by_chance = self.words[&pair.0] as f64 * self.words[&pair.1] as f64;
        Some(count * self.tokens as f64 / by_chance)
    }

    /// How many per cent of those that come at all hold together; none if none comes.
    fn holding(&self, pairs: &[Pair]) -> Option<f64> {
        let lifts: Vec<f64> = pairs.iter().filter_map(|&pair| self.lift(pair)).collect();
        let holding = lifts.iter().filter(|&&lift| lift >= LIFT).count();
        (!lifts.is_empty()).then(|| 100.0 * holding as f64 / lifts.len() as f64)
    }
}

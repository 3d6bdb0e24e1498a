//! Claim: the scores of pairs find phrases.

use corpus::{Corpus, Split, TokenId, Vocab};
use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use rustc_hash::FxHashMap;

use super::claim;
use super::experiment_data::{ExperimentData, TrainingCache, into_harness};
use super::summary_statistics::{comma_separated, differences, mean};
use crate::config::Config;
use crate::phrases::Phrases;

/// Compares the most frequent phrases with the most frequent pairs: how many are collocations in held-out text? Only pairs of the
/// first pass are used, and the most frequent ones, because the pairs with the highest scores are too rare to occur in held-out
/// text. The held-out text is the repetition's own part of the validation split.
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
            "Scores of co-occurrence find phrases: of the 100 most frequent phrases found, more occur in other text ten times as often as \
             by chance than of the 100 most frequent pairs.",
            "Examples, and an accuracy of 72 % on analogies of phrases with vectors of such phrases.",
            "2013b, section 4",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for data in ExperimentData::all(context, &self.0)? {
            measured.push(measure(&data.repetition.corpus, data.text(0), progress)?);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// What a repetition found.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    /// Percentage of collocations among the most frequent phrases; `None` if there are no phrases.
    pub(super) of_phrases: Option<f64>,
    /// Percentage of collocations among the most frequent pairs.
    pub(super) of_frequent: f64,
    /// Number of phrases.
    pub(super) joined: usize,
    /// Phrases of three words or more, the most frequent first.
    pub(super) longer: Vec<String>,
}

/// Learns phrases from a text and looks them up in other text.
fn measure(corpus: &Corpus, text: Vec<TokenId>, progress: &mut dyn Progress) -> Result<Measured> {
    let vocab = corpus.vocab();
    let (text, held_out) = held_out(corpus, text)?;
    let min_count = Config::default().min_count;
    let phrases = Phrases::learn(&text[..], vocab, min_count, PASSES_AND_THRESHOLD, progress);
    let phrases = phrases.map_err(into_harness)?;
    let (seen, held_out) = (
        Pairs::of(&text, vocab.eos()),
        Pairs::of(&held_out, vocab.eos()),
    );
    let of_phrases = held_out.collocation_percentage(&most_frequent_phrases(&phrases, vocab));
    let of_frequent = held_out.collocation_percentage(&seen.most_frequent());
    let long = phrases.joined().iter().filter(|phrase| phrase.words > 2);
    let mut long: Vec<_> = long.collect();
    long.sort_by_key(|phrase| std::cmp::Reverse(phrase.count));
    Ok(Measured {
        of_phrases,
        of_frequent: of_frequent.unwrap_or(0.0),
        joined: phrases.joined().len(),
        longer: long.iter().map(|phrase| phrase.name.clone()).collect(),
    })
}

/// The finding from all repetitions.
pub(super) fn finding(claim: Claim, measured: &[Measured]) -> Finding {
    let of_phrases: Option<Vec<f64>> = measured.iter().map(|own| own.of_phrases).collect();
    let Some(of_phrases) = of_phrases else {
        return Finding::untested(claim, "No phrase is found in a part of this text.");
    };
    let column = |of: fn(&Measured) -> f64| -> Vec<f64> { measured.iter().map(of).collect() };
    let of_frequent = column(|own| own.of_frequent);
    let leads = differences(&of_phrases, &of_frequent);
    let lead = Criterion::above("lead over frequent pairs, percentage points", leads, 0.0);
    let examples = measured.first().map_or(&[][..], |own| &own.longer[..]);
    let sentence = format!(
        "In other text, {:.1} % of the {PAIRS} most frequent phrases occur at least {MIN_LIFT} times as often as by chance, and \
         {:.1} % of the {PAIRS} most frequent pairs: {lead:.1} percentage points more. Phrases by repetition: {}; of three words or \
         more: {}, most frequent: {}.",
        mean(&of_phrases),
        mean(&of_frequent),
        comma_separated(&column(|own| own.joined as f64), 0),
        comma_separated(&column(|own| own.longer.len() as f64), 0),
        examples[..examples.len().min(10)].join(", "),
    );
    Finding::new(claim, sentence, vec![lead])
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
pub(super) struct Pairs {
    words: FxHashMap<TokenId, u64>,
    pairs: FxHashMap<Pair, u64>,
    tokens: u64,
}

impl Pairs {
    pub(super) fn of(text: &[TokenId], eos: TokenId) -> Pairs {
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

    /// The percentage of collocations among pairs; `None` if there are no pairs. A pair that does not occur is none: nothing shows
    /// that it is more than an accident of the training text.
    pub(super) fn collocation_percentage(&self, pairs: &[Pair]) -> Option<f64> {
        let is_collocation = |&&pair: &&Pair| self.lift(pair).is_some_and(|lift| lift >= MIN_LIFT);
        let collocations = pairs.iter().filter(is_collocation).count();
        (!pairs.is_empty()).then(|| 100.0 * collocations as f64 / pairs.len() as f64)
    }
}

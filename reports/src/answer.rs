//! The answer as text: which entry is best, by how much, and whether the difference is significant.

use harness::{Comparison, EntryRecord};

use crate::data::RunData;
use crate::{human, short_training};

/// Label of an entry and the figure that it is compared by.
type Ranked = (String, f64);

/// The answer, a sentence per element.
pub(crate) fn answer(data: &RunData) -> Vec<String> {
    let (ranked, measure) = (ranked(data), data.measure());
    let mut sentences = match ranked.as_slice() {
        [] => vec!["No entry has a perplexity yet.".to_owned()],
        [only] => vec![format!(
            "{} has {measure} {}; there is no other entry to compare it with.",
            only.0,
            human::decimal(only.1)
        )],
        [best, next, ..] => vec![
            lead(measure, best, next),
            certainty(&data.comparisons, best, next),
        ],
    };
    sentences.extend(oracle_sentence(data));
    sentences.extend(ties(&data.comparisons, &ranked));
    sentences.extend(unknown(data));
    sentences.extend(short_training::sentences(data));
    sentences
}

/// The smallest perplexity of the oracle's entries.
pub(crate) fn floor(data: &RunData) -> Option<f64> {
    let oracles = data
        .language_models()
        .filter(|record| data.eras.is_oracle(&record.entry.era));
    let perplexities = oracles.filter_map(|record| record.evaluation.compared());
    perplexities.min_by(f64::total_cmp)
}

fn ranked(data: &RunData) -> Vec<Ranked> {
    let contestants = data
        .language_models()
        .filter(|record| !data.eras.is_oracle(&record.entry.era));
    let compared =
        |record: &EntryRecord| Some((record.entry.label(), record.evaluation.compared()?));
    let mut ranked: Vec<Ranked> = contestants.filter_map(compared).collect();
    ranked.sort_by(|a, b| a.1.total_cmp(&b.1));
    ranked
}

fn lead(measure: &str, best: &Ranked, next: &Ranked) -> String {
    format!(
        "{} has the lowest {measure}: {}, which is {} lower than that of the next best, {} ({}).",
        best.0,
        human::decimal(best.1),
        human::percent(1.0 - best.1 / next.1),
        next.0,
        human::decimal(next.1)
    )
}

fn certainty(comparisons: &[Comparison], best: &Ranked, next: &Ranked) -> String {
    let Some((difference, low, high)) = difference(comparisons, &best.0, &next.0) else {
        return "The significance of this difference was not tested.".to_owned();
    };
    if let Some(few) = comparisons.iter().find(|found| found.has_too_few_units()) {
        return format!(
            "Whether this difference is significant cannot be said: the test split is so short that it makes {} of at least \
             10 units to resample.",
            few.units
        );
    }
    let numbers = format!(
        "{} nats per token (95 % interval {} to {})",
        human::signed(difference, 3),
        human::signed(low, 3),
        human::signed(high, 3)
    );
    if low <= 0.0 && high >= 0.0 {
        format!(
            "This difference is within noise: {numbers}; other test documents could reverse it."
        )
    } else {
        format!("This difference is significant: {numbers}.")
    }
}

/// Why unknown words are left out, and whether they are many.
fn unknown(data: &RunData) -> Vec<String> {
    let first = data.language_models().next();
    let Some(evaluation) = first.map(|record| &record.evaluation) else {
        return Vec::new();
    };
    if evaluation.unknown == 0 {
        return Vec::new();
    }
    let why = format!(
        "{} of the test tokens are words that are not in the vocabulary, <unk>; they are left out, because a model that guesses \
         <unk> would win without knowing a word{}.",
        human::percent(evaluation.unknown_share()),
        winner_with_unknown(data)
    );
    let warning = evaluation.has_many_unknown().then(|| {
        "This is so much that the results say little about the whole text; with subwords or characters every word is predicted."
            .to_owned()
    });
    std::iter::once(why).chain(warning).collect()
}

/// The entry that would win with unknown words, if it is another, as a clause.
fn winner_with_unknown(data: &RunData) -> String {
    let contestants = data
        .language_models()
        .filter(|record| !data.eras.is_oracle(&record.entry.era));
    let with_unknown = contestants
        .filter_map(|record| Some((record.entry.label(), record.evaluation.perplexity?)))
        .min_by(|a, b| a.1.total_cmp(&b.1));
    match (with_unknown, ranked(data).first()) {
        (Some((label, perplexity)), Some(best)) if label != best.0 => format!(
            " (with them it would be {label}, perplexity {})",
            human::decimal(perplexity)
        ),
        _ => String::new(),
    }
}

/// How much better `model` is than `other`, in whichever order they were compared.
fn difference(comparisons: &[Comparison], model: &str, other: &str) -> Option<(f64, f64, f64)> {
    comparisons.iter().find_map(|found| {
        if found.model == model && found.other == other {
            Some((found.difference, found.low, found.high))
        } else if found.model == other && found.other == model {
            Some((-found.difference, -found.high, -found.low))
        } else {
            None
        }
    })
}

fn oracle_sentence(data: &RunData) -> Option<String> {
    let (floor, measure) = (floor(data)?, data.measure());
    let above = match ranked(data).first() {
        Some((_, best)) => format!(
            "; the {measure} of the best model is {} higher",
            human::percent(best / floor - 1.0)
        ),
        None => String::new(),
    };
    Some(format!(
        "The oracle, which knows how the text was generated, has {measure} {}; no model can do better except by chance{above}.",
        human::decimal(floor)
    ))
}

/// Other pairs whose difference is not significant.
fn ties(comparisons: &[Comparison], ranked: &[Ranked]) -> Option<String> {
    let is_first_pair = |found: &Comparison| {
        let pair = [found.model.as_str(), found.other.as_str()];
        let first: Vec<&str> = ranked
            .iter()
            .take(2)
            .map(|entry| entry.0.as_str())
            .collect();
        first.len() == 2 && pair.iter().all(|label| first.contains(label))
    };
    let pairs: Vec<String> = comparisons
        .iter()
        .filter(|found| found.is_within_noise() && !found.has_too_few_units())
        .filter(|found| !is_first_pair(found))
        .map(|found| format!("{} and {}", found.model, found.other))
        .collect();
    (!pairs.is_empty()).then(|| {
        format!(
            "These pairs do not differ significantly: {}.",
            pairs.join("; ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comparison(model: &str, other: &str, difference: f64) -> Comparison {
        Comparison {
            model: model.to_owned(),
            other: other.to_owned(),
            difference,
            low: difference - 0.1,
            high: difference + 0.2,
            units: 20,
        }
    }

    #[test]
    fn a_comparison_can_be_read_backwards() {
        let all = [comparison("a", "b", -0.5)];
        assert_eq!(difference(&all, "a", "b"), Some((-0.5, -0.6, -0.3)));
        assert_eq!(difference(&all, "b", "a"), Some((0.5, 0.3, 0.6)));
        assert_eq!(difference(&all, "b", "c"), None);
    }

    #[test]
    fn differences_within_noise_are_called_noise() {
        let (best, next) = (("a".to_owned(), 90.0), ("b".to_owned(), 91.0));
        let noisy = certainty(&[comparison("a", "b", 0.05)], &best, &next);
        assert!(
            noisy.contains("within noise") && noisy.contains("−0.050 to +0.250"),
            "{noisy}"
        );
        let clear = certainty(&[comparison("a", "b", 0.5)], &best, &next);
        assert!(clear.contains("significant: +0.500"), "{clear}");
        assert!(certainty(&[], &best, &next).contains("not tested"));
        let few = Comparison {
            units: 3,
            ..comparison("a", "b", 0.5)
        };
        let few = certainty(&[few], &best, &next);
        assert!(
            few.contains("cannot be said") && few.contains("makes 3 of"),
            "{few}"
        );
    }

    #[test]
    fn further_ties_are_named_without_repeating_the_first_pair() {
        let ranked = [
            ("a".to_owned(), 1.0),
            ("b".to_owned(), 2.0),
            ("c".to_owned(), 3.0),
        ];
        let all = [comparison("b", "a", 0.0), comparison("b", "c", 0.0)];
        let sentence = ties(&all, &ranked).unwrap();
        assert_eq!(
            sentence,
            "These pairs do not differ significantly: b and c."
        );
        assert_eq!(ties(&all[..1], &ranked), None);
    }
}

//! Significance of the difference between two models: paired bootstrap over documents (Koehn 2004).

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::breakdown::{FEWEST_UNITS, resampling_units};
use crate::test_set::TestSet;

/// Resamples of the documents.
const RESAMPLES: usize = 1000;

/// Tokens of a unit that stands for other text, on average: the words of a few sentences.
const TOKENS_PER_UNIT: usize = 20;

/// The difference of two models in nats per token, `<unk>` left out, with its interval over resampled documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// One model.
    pub model: String,
    /// The other.
    pub other: String,
    /// Mean ln p(model) - ln p(other); positive where `model` is better.
    pub difference: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
    /// Number of resampled units, documents or segments, or fewer if they are too short to count; 0 in runs of earlier
    /// versions.
    #[serde(default)]
    pub units: u64,
}

impl Comparison {
    /// Whether there are too few units for the interval to mean anything.
    pub fn has_too_few_units(&self) -> bool {
        (1..FEWEST_UNITS as u64).contains(&self.units)
    }

    /// Whether the interval contains zero, so that the difference may be due to chance.
    pub fn is_within_noise(&self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }
}

/// Compares the ln p of two models on the same split.
pub fn compare(
    set: &TestSet,
    model: (&str, &[f32]),
    other: (&str, &[f32]),
    seed: u64,
) -> Comparison {
    let difference = |at: usize| f64::from(model.1[at]) - f64::from(other.1[at]);
    let mut units: Vec<(f64, f64)> = resampling_units(set)
        .into_iter()
        .map(|unit| {
            let known = unit.filter(|&at| set.is_known(at));
            known.fold((0.0, 0.0), |(sum, count), at| {
                (sum + difference(at), count + 1.0)
            })
        })
        .filter(|&(_, count)| count > 0.0)
        .collect();
    if units.is_empty() {
        // Without a known word there is nothing to compare.
        units.push((0.0, 1.0));
    }
    let ratio = |(sum, count): (f64, f64)| sum / count;
    let total = |units: &mut dyn Iterator<Item = &(f64, f64)>| {
        units.fold((0.0, 0.0), |total, unit| {
            (total.0 + unit.0, total.1 + unit.1)
        })
    };
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut resampled: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            let mut draws = (0..units.len()).map(|_| &units[random.random_range(0..units.len())]);
            ratio(total(&mut draws))
        })
        .collect();
    resampled.sort_by(f64::total_cmp);
    Comparison {
        model: model.0.to_owned(),
        other: other.0.to_owned(),
        difference: ratio(total(&mut units.iter())),
        low: resampled[RESAMPLES * 25 / 1000],
        high: resampled[RESAMPLES * 975 / 1000 - 1],
        units: units.len().min(set.tokens.len() / TOKENS_PER_UNIT).max(1) as u64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(documents: u64) -> TestSet {
        set_of(documents, 10)
    }

    fn set_of(documents: u64, tokens: u64) -> TestSet {
        let documents = (0..documents).map(|i| corpus::Span {
            start: tokens * i,
            end: tokens * i + tokens,
            label: 0,
        });
        let documents: Vec<_> = documents.collect();
        TestSet {
            tokens: vec![0; tokens as usize * documents.len()],
            documents,
            train_counts: vec![1],
            ..TestSet::default()
        }
    }

    #[test]
    fn a_consistent_difference_is_significant_and_a_noisy_one_is_not() {
        let set = set(30);
        let zero = vec![0.0; 300];
        let steady: Vec<f32> = (0..300)
            .map(|at| 0.1 + 0.01 * ((at / 10) % 3) as f32)
            .collect();
        let comparison = compare(&set, ("a", &steady), ("b", &zero), 1);
        assert!((comparison.difference - 0.11).abs() < 1e-6 && !comparison.is_within_noise());
        let wavering: Vec<f32> = (0..300)
            .map(|at| if (at / 10) % 2 == 0 { 1.0 } else { -0.9 })
            .collect();
        assert!(compare(&set, ("a", &wavering), ("b", &zero), 1).is_within_noise());
    }

    #[test]
    fn a_model_that_guesses_unknown_words_gains_nothing() {
        // The last word of each document is unknown; one model expects that, and is worse at all other words.
        let mut set = set(30);
        set.unk = Some(1);
        set.tokens.chunks_mut(10).for_each(|words| words[9] = 1);
        let unknown = |at: usize| at % 10 == 9;
        let guessing: Vec<f32> = (0..300)
            .map(|at| if unknown(at) { -0.1 } else { -2.0 })
            .collect();
        let knowing: Vec<f32> = (0..300)
            .map(|at| if unknown(at) { -9.0 } else { -1.5 })
            .collect();
        let comparison = compare(&set, ("a", &guessing), ("b", &knowing), 1);
        assert!((comparison.difference + 0.5).abs() < 1e-6, "{comparison:?}");
        assert!(!comparison.is_within_noise());
    }

    #[test]
    fn too_few_units_say_nothing() {
        let units = |documents, tokens| {
            let set = set_of(documents, tokens);
            let (better, worse) = (vec![-1.0; set.tokens.len()], vec![-2.0; set.tokens.len()]);
            compare(&set, ("a", &better), ("b", &worse), 1)
        };
        // One document is resampled in twenty segments.
        for (documents, tokens, expected) in [(40, 30, 40), (1, 1000, 20), (1, 53, 2), (13, 4, 2)] {
            assert_eq!(units(documents, tokens).units, expected, "{documents}");
        }
        assert!(units(1, 53).has_too_few_units() && !units(1, 1000).has_too_few_units());
    }

    #[test]
    fn a_chapter_and_headings_are_one_document() {
        let mut set = set_of(20, 100);
        // 19 headings of one token each, and the rest.
        for (at, document) in set.documents.iter_mut().enumerate() {
            let at = at as u64;
            (document.start, document.end) = (at, if at < 19 { at + 1 } else { 2000 });
        }
        let units = resampling_units(&set);
        assert_eq!((units.len(), units[0].len()), (20, 100));
    }

    #[test]
    fn the_interval_matches_the_normal_approximation() {
        // 100 documents whose means are 0.0 to 0.99: standard error 0.0290, so 95 % is 0.495 ± 0.057.
        let set = set(100);
        let ramp: Vec<f32> = (0..1000).map(|at| (at / 10) as f32 / 100.0).collect();
        let comparison = compare(&set, ("a", &ramp), ("b", &vec![0.0; 1000]), 1);
        assert!(
            (comparison.low - 0.438).abs() < 0.01 && (comparison.high - 0.552).abs() < 0.01,
            "{comparison:?}"
        );
    }
}

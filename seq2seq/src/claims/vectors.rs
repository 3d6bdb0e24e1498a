//! The claim about sentence vectors.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::experiments::mean;

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};
use crate::translation::sentence_vectors;

/// Sentence vectors depend on word order.
pub(super) struct WordOrder(pub(super) TrainingCache);

/// Maximum number of test sentences of a repetition.
const SENTENCES: usize = 300;
/// Required distance of a swapped sentence, relative to the distance between different sentences.
const NOTICED: f64 = 0.1;

impl Experiment for WordOrder {
    fn claim(&self) -> Claim {
        claim(
            "word-order",
            "The vector of a sentence depends on the order of its words: a swap of two words moves it by more than a tenth of the \
             distance between sentences",
            "a projection in which sentences with the same words in different order are far apart",
            "figure 2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut ratios = Vec::new();
        for bench in TranslationExperiment::all(context, &self.0)? {
            let plain: Vec<&str> = bench.pairs.iter().map(|pair| &pair.source[..]).collect();
            let plain = &plain[..plain.len().min(SENTENCES)];
            let swapped: Vec<String> = plain.iter().map(|sentence| swap(sentence)).collect();
            let swapped: Vec<&str> = swapped.iter().map(String::as_str).collect();
            let outcome = bench.train(&config(&bench), progress)?;
            let own = sentence_vectors(&outcome.translator, plain)?;
            let other = sentence_vectors(&outcome.translator, &swapped)?;
            let to_swapped = own.iter().zip(&other).map(|(a, b)| distance(a, b));
            let to_next = own
                .iter()
                .zip(own.iter().skip(1))
                .map(|(a, b)| distance(a, b));
            let means = [to_swapped.collect::<Vec<_>>(), to_next.collect()].map(|all| mean(&all));
            ratios.push(means[0] / means[1]);
        }
        Ok(finding(self.claim(), ratios))
    }
}

/// The finding from the distance of swapped sentences / the distance between sentences.
pub(super) fn finding(claim: Claim, ratios: Vec<f64>) -> Finding {
    let quantity = "distance of swapped sentences / distance between sentences";
    let ratio = Criterion::above(quantity, ratios, NOTICED);
    let sentence = format!(
        "swapping the second and the second-to-last word moves a sentence vector by {ratio} times the distance between sentences \
         (0: no effect of word order)"
    );
    Finding::new(claim, sentence, vec![ratio])
}

fn swap(sentence: &str) -> String {
    let mut words: Vec<&str> = sentence.split_whitespace().collect();
    if words.len() >= 5 {
        let last = words.len() - 2;
        words.swap(1, last);
    }
    words.join(" ")
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_keeps_the_words_and_the_distance_is_euclidean() {
        assert_eq!(swap("the dog saw a cat ."), "the cat saw a dog .");
        assert_eq!(swap("he ran ."), "he ran .");
        assert_eq!(distance(&[0.0, 3.0], &[4.0, 0.0]), 5.0);
    }
}

//! Sampled softmax: training with a random sample of the vocabulary.
//!
//! The cost of the output layer grows with the vocabulary; with tens of thousands of words it is most of a small model's
//! training time. Sampled softmax (Bengio and Senécal 2003; Jean et al. 2015) computes the logits of a sample only: each word
//! is included independently with its own probability pi and is weighted by 1 / pi, so that the estimate of the normalising
//! sum is unbiased (Horvitz and Thompson 1952). Evaluation always uses the whole vocabulary.

use tch::{Device, Kind, Tensor};

/// Samples words, frequent ones with a higher probability.
#[derive(Debug)]
pub struct Sampler {
    /// pi of each word, f32, `[V]`.
    probabilities: Tensor,
}

/// The sampled words of one step, with the targets.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// Distinct words, `[K]`.
    pub(crate) words: Tensor,
    /// Added to each word's logit, f32, `[K]`: -ln pi, and minus infinity for a word that was not sampled but is the target of
    /// some rows, so that no other row sees it.
    pub(crate) logit_offset: Tensor,
    /// Index into `words` of the target of each row, `[N]`.
    pub(crate) targets: Tensor,
}

/// Exponent of the counts: between the unigram and the uniform distribution (Mikolov et al. 2013).
const POWER: f64 = 0.75;

impl Sampler {
    /// Samples about `number` words with probabilities that follow their counts; the most frequent words are always included.
    pub fn new(counts: &[u64], number: usize, device: Device) -> Sampler {
        let weights = counts
            .iter()
            .map(|&count| (count.max(1) as f64).powf(POWER));
        let probabilities: Vec<f32> = probabilities(weights.collect(), number as f64)
            .into_iter()
            .map(|probability| probability as f32)
            .collect();
        Sampler {
            probabilities: Tensor::from_slice(&probabilities).to_device(device),
        }
    }

    /// The sampler of a configuration with `number` sampled words; `None` if that is 0 or the whole vocabulary.
    pub fn for_training(counts: &[u64], number: usize, device: Device) -> Option<Sampler> {
        (0 < number && number < counts.len()).then(|| Sampler::new(counts, number, device))
    }

    /// Samples words for a step with targets `[N]`.
    pub(crate) fn draw(&self, targets: &Tensor) -> Candidates {
        let sampled = self
            .probabilities
            .rand_like()
            .less_tensor(&self.probabilities);
        let present = sampled.index_fill(0, targets, 1);
        let words = present.nonzero().squeeze_dim(1);
        let logit_offset =
            (-self.probabilities.log()).masked_fill(&sampled.logical_not(), f64::NEG_INFINITY);
        // Index of each present word among the present words.
        let indices = present.cumsum(0, Kind::Int64) - 1;
        Candidates {
            logit_offset: logit_offset.index_select(0, &words),
            targets: indices.index_select(0, targets),
            words,
        }
    }
}

/// Probabilities in proportion to the weights, none above 1, with sum `number` (or all 1, if there are fewer words).
fn probabilities(weights: Vec<f64>, number: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
    let mut probabilities = vec![1.0; weights.len()];
    let mut sum: f64 = weights.iter().sum();
    let mut left = number;
    for (at, &word) in order.iter().enumerate() {
        // Words whose probability would exceed 1 are always included; the others share the rest.
        if weights[word] * left < sum {
            for &word in &order[at..] {
                probabilities[word] = weights[word] * left.max(0.0) / sum;
            }
            break;
        }
        sum -= weights[word];
        left -= 1.0;
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_words_are_always_included_and_others_in_proportion() {
        let found = probabilities(vec![1.0, 100.0, 2.0, 50.0, 1.0], 3.0);
        let expected = [0.25, 1.0, 0.5, 1.0, 0.25];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert_eq!(probabilities(vec![3.0, 1.0], 5.0), [1.0, 1.0]);
    }

    #[test]
    fn words_are_sampled_with_their_probability_and_targets_are_always_included() {
        tch::manual_seed(1);
        let counts: Vec<u64> = (0..200).map(|word| 10_000 / (word + 1)).collect();
        let sampler = Sampler::new(&counts, 50, Device::Cpu);
        let targets = Tensor::from_slice(&[199i64, 3, 199, 150]);
        let mut seen = vec![0.0; 200];
        const DRAWS: usize = 2_000;
        for _ in 0..DRAWS {
            let candidates = sampler.draw(&targets);
            let found = candidates.words.index_select(0, &candidates.targets);
            assert_eq!(found, targets);
            let words: Vec<i64> = Vec::try_from(&candidates.words).unwrap();
            let offsets: Vec<f64> =
                Vec::try_from(&candidates.logit_offset.to_kind(Kind::Double)).unwrap();
            for (&word, offset) in words.iter().zip(offsets) {
                if offset.is_finite() {
                    seen[word as usize] += 1.0 / DRAWS as f64;
                }
            }
        }
        let probabilities: Vec<f64> =
            Vec::try_from(&sampler.probabilities.to_kind(Kind::Double)).unwrap();
        assert!((probabilities.iter().sum::<f64>() - 50.0).abs() < 1e-3);
        for (seen, probability) in seen.iter().zip(&probabilities) {
            let deviation = (probability * (1.0 - probability) / DRAWS as f64).sqrt();
            assert!((seen - probability).abs() <= 5.0 * deviation + 1e-9);
        }
    }
}

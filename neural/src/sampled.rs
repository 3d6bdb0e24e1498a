//! A few words in place of the whole vocabulary: what a step of training compares a target with.
//!
//! The products of the output layer grow with the vocabulary, and with tens of thousands of words they are most of a
//! small model's work. A training step can do with a sample (Bengio and Senécal 2003; Jean et al. 2015): each word is
//! in it with its own probability pi, independently, and a word that is in it stands for 1 / pi of its kind. The sum that
//! normalises is then right on average (Horvitz and Thompson 1952). Judging always takes all words.

use tch::{Device, Kind, Tensor};

/// Draws words, frequent ones more often.
#[derive(Debug)]
pub struct Sampler {
    /// pi of each word, f32, `[V]`.
    shares: Tensor,
}

/// The words that one step looks at.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// Without repetition, `[K]`.
    pub(crate) words: Tensor,
    /// What each word's logit is raised by, f32, `[K]`: -ln pi, and minus infinity for a word that is here only because it
    /// is the target of some rows, and that no other row may see.
    pub(crate) raise: Tensor,
    /// Where the target of each row stands, `[N]`.
    pub(crate) targets: Tensor,
}

/// What counts are raised to: between the words' own frequencies and equal chances (Mikolov et al. 2013).
const POWER: f64 = 0.75;

impl Sampler {
    /// Draws about `number` words of a text with so many of each; the most frequent ones always.
    pub fn new(counts: &[u64], number: usize, device: Device) -> Sampler {
        let wishes = counts
            .iter()
            .map(|&count| (count.max(1) as f64).powf(POWER));
        let shares: Vec<f32> = shares(wishes.collect(), number as f64)
            .into_iter()
            .map(|share| share as f32)
            .collect();
        Sampler {
            shares: Tensor::from_slice(&shares).to_device(device),
        }
    }

    /// Words for a step with targets `[N]`.
    pub(crate) fn draw(&self, targets: &Tensor) -> Candidates {
        let sampled = self.shares.rand_like().less_tensor(&self.shares);
        let present = sampled.index_fill(0, targets, 1);
        let words = present.nonzero().squeeze_dim(1);
        let raise = (-self.shares.log()).masked_fill(&sampled.logical_not(), f64::NEG_INFINITY);
        // The number of present words up to each word, itself included.
        let places = present.cumsum(0, Kind::Int64) - 1;
        Candidates {
            raise: raise.index_select(0, &words),
            targets: places.index_select(0, targets),
            words,
        }
    }
}

/// Probabilities in proportion to wishes, none above 1, whose sum is `number` (or one each, if they are so few).
fn shares(wishes: Vec<f64>, number: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wishes.len()).collect();
    order.sort_by(|&a, &b| wishes[b].total_cmp(&wishes[a]));
    let mut shares = vec![1.0; wishes.len()];
    let mut sum: f64 = wishes.iter().sum();
    let mut left = number;
    for (at, &word) in order.iter().enumerate() {
        // Words that would get more than all there is are in every sample; the others divide what they leave.
        if wishes[word] * left < sum {
            for &word in &order[at..] {
                shares[word] = wishes[word] * left.max(0.0) / sum;
            }
            break;
        }
        sum -= wishes[word];
        left -= 1.0;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_certain_for_the_frequent_and_in_proportion_for_the_rest() {
        let found = shares(vec![1.0, 100.0, 2.0, 50.0, 1.0], 3.0);
        let expected = [0.25, 1.0, 0.5, 1.0, 0.25];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
        assert_eq!(shares(vec![3.0, 1.0], 5.0), [1.0, 1.0]);
    }

    #[test]
    fn words_come_as_often_as_their_shares_and_targets_are_always_there() {
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
            let raise: Vec<f64> = Vec::try_from(&candidates.raise.to_kind(Kind::Double)).unwrap();
            for (&word, raise) in words.iter().zip(raise) {
                if raise.is_finite() {
                    seen[word as usize] += 1.0 / DRAWS as f64;
                }
            }
        }
        let shares: Vec<f64> = Vec::try_from(&sampler.shares.to_kind(Kind::Double)).unwrap();
        assert!((shares.iter().sum::<f64>() - 50.0).abs() < 1e-3);
        for (seen, share) in seen.iter().zip(&shares) {
            let deviation = (share * (1.0 - share) / DRAWS as f64).sqrt();
            assert!((seen - share).abs() <= 5.0 * deviation + 1e-9);
        }
    }
}

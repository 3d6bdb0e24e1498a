//! Entropy of a text under the generator: the floor.

use corpus::TokenId;

use crate::choices::{Distribution, Observer};
use crate::lexicon::Word;
use crate::oracle::Oracle;
use crate::phenomenon::Phenomenon;

/// Entropy over all tokens, or over the tokens of one phenomenon.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Entropy {
    /// Number of tokens.
    pub tokens: u64,
    /// Mean of -ln p of the actual tokens.
    pub cross_entropy: f64,
    /// Mean of H(next token | previous tokens): the irreducible uncertainty.
    pub entropy: f64,
    /// Standard error of the difference of the two means; its expectation is 0.
    pub standard_error: f64,
}

/// The floor of a text, in total and by phenomenon.
#[derive(Debug, Clone, PartialEq)]
pub struct Floor {
    /// Over all tokens.
    pub all: Entropy,
    /// By phenomenon.
    pub by_phenomenon: Vec<(Phenomenon, Entropy)>,
    /// The position of the first token that the village cannot have written. The means cover the tokens before it.
    pub first_impossible: Option<usize>,
}

impl Floor {
    /// The perplexity of the oracle: e to the power of the cross entropy.
    pub fn perplexity(&self) -> f64 {
        self.all.cross_entropy.exp()
    }
}

impl Oracle {
    /// Measures the floor of a text.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for an id outside the vocabulary.
    pub fn floor(&self, tokens: &[TokenId]) -> harness::Result<Floor> {
        let mut observer = EntropyObserver {
            sums: [Sums::default(); Phenomenon::ALL.len()],
            probs: vec![0.0; self.village().words().len()],
            is_possible: true,
        };
        let first_impossible = self.village().read(&self.words_of(tokens)?, &mut observer);
        let all = observer
            .sums
            .iter()
            .fold(Sums::default(), |all, sums| all.add(sums));
        let each = Phenomenon::ALL.into_iter().zip(&observer.sums);
        Ok(Floor {
            all: all.entropy(),
            by_phenomenon: each
                .map(|(phenomenon, sums)| (phenomenon, sums.entropy()))
                .collect(),
            first_impossible,
        })
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    tokens: u64,
    surprise: f64,
    entropy: f64,
    /// Sum of (surprise - entropy) squared.
    squares: f64,
}

impl Sums {
    fn add(self, other: &Sums) -> Sums {
        Sums {
            tokens: self.tokens + other.tokens,
            surprise: self.surprise + other.surprise,
            entropy: self.entropy + other.entropy,
            squares: self.squares + other.squares,
        }
    }

    /// Given the past, surprise and entropy have the same expectation. Their differences form a martingale, so the
    /// variance of the sum is the sum of the variances.
    fn entropy(&self) -> Entropy {
        let tokens = self.tokens.max(1) as f64;
        Entropy {
            tokens: self.tokens,
            cross_entropy: self.surprise / tokens,
            entropy: self.entropy / tokens,
            standard_error: self.squares.sqrt() / tokens,
        }
    }
}

struct EntropyObserver {
    sums: [Sums; Phenomenon::ALL.len()],
    /// Scratch: probability by word, 0 between calls.
    probs: Vec<f64>,
    is_possible: bool,
}

impl EntropyObserver {
    /// Entropy of a distribution in nats. Several components may contain the same word.
    fn entropy(&mut self, distribution: &Distribution<'_>) -> f64 {
        if distribution.only().is_some() {
            return 0.0;
        }
        distribution.for_each(|word, prob| self.probs[word.index()] += prob);
        let mut entropy = 0.0;
        distribution.for_each(|word, _| {
            let prob = std::mem::take(&mut self.probs[word.index()]);
            if prob > 0.0 {
                entropy -= prob * prob.ln();
            }
        });
        entropy
    }
}

impl Observer for EntropyObserver {
    fn choice(
        &mut self,
        _: usize,
        distribution: &Distribution<'_>,
        phenomenon: Phenomenon,
        outcome: Option<(Word, f64)>,
    ) {
        let Some((_, prob)) = outcome else {
            return;
        };
        self.is_possible &= prob > 0.0;
        if self.is_possible {
            let (surprise, entropy) = (-prob.ln(), self.entropy(distribution));
            self.sums[usize::from(phenomenon.tag())] = self.sums[usize::from(phenomenon.tag())]
                .add(&Sums {
                    tokens: 1,
                    surprise,
                    entropy,
                    squares: (surprise - entropy).powi(2),
                });
        }
    }

    fn skipped(&mut self, _: usize) {}
}

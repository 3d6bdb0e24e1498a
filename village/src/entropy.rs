//! The floor in numbers: how much of the text nothing can predict.

use corpus::TokenId;

use crate::choices::{Distribution, Observer};
use crate::lexicon::Word;
use crate::oracle::Oracle;
use crate::phenomenon::Phenomenon;

/// Of all tokens, or of those that need one phenomenon.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Entropy {
    /// How many.
    pub tokens: u64,
    /// Mean of -ln p of what stands there.
    pub cross_entropy: f64,
    /// Mean of H(next | tokens so far): what cannot be known of the next token.
    pub entropy: f64,
    /// Standard error of the difference of the two means, which is 0 in expectation.
    pub standard_error: f64,
}

/// The floor of a text, and of each phenomenon in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Floor {
    /// Of all tokens.
    pub all: Entropy,
    /// By phenomenon.
    pub by_phenomenon: Vec<(Phenomenon, Entropy)>,
    /// The place of the first token that the village cannot have written; the means are of what stands before it.
    pub first_impossible: Option<usize>,
}

impl Floor {
    /// exp of the mean of -ln p: the perplexity of the oracle.
    pub fn perplexity(&self) -> f64 {
        self.all.cross_entropy.exp()
    }
}

impl Oracle {
    /// Measures a text.
    ///
    /// # Errors
    /// [`harness::Error::Model`] for an id that the vocabulary has not.
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
    /// Of (surprise - entropy) squared.
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

    /// Given the past, surprise and entropy differ by 0 in expectation; so the differences form a martingale, and the
    /// variance of their sum is the sum of their variances.
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
    /// H of a menu, in nats. A word may come from several parts.
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

//! How a network with a limited context reads a long stream: in stretches that overlap by half.

use std::ops::Range;

use corpus::TokenId;

/// Tokens of a stream that are read together, and those of them that are predicted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The first token that is read.
    pub read: usize,
    /// Tokens that are predicted.
    pub predicted: Range<usize>,
}

impl Stretch {
    /// The stretch that predicts the token at a place, with stretches of `context` tokens: from at least half a context of
    /// tokens before it, where there are so many.
    pub fn of(place: usize, context: usize) -> Stretch {
        if place < context {
            return Stretch {
                read: 0,
                predicted: 0..context,
            };
        }
        let stride = (context / 2).max(1);
        let number = (place - context) / stride + 1;
        let end = context + number * stride;
        Stretch {
            read: end - context,
            predicted: end - stride..end,
        }
    }

    /// All stretches of a stream.
    pub(crate) fn all(length: usize, context: usize) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut place = 0;
        while place < length {
            let mut stretch = Stretch::of(place, context);
            place = stretch.predicted.end;
            stretch.predicted.end = stretch.predicted.end.min(length);
            stretches.push(stretch);
        }
        stretches
    }

    /// Tokens that it reads: what stands before each token up to the last predicted.
    pub(crate) fn inputs(&self, tokens: &[TokenId], eos: TokenId) -> Vec<TokenId> {
        let before = match self.read {
            0 => eos,
            read => tokens[read - 1],
        };
        let mut inputs = vec![before];
        inputs.extend(&tokens[self.read..self.predicted.end - 1]);
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_predicted_once_from_half_a_context_at_least() {
        for (length, context) in [(0, 8), (5, 8), (8, 8), (9, 8), (100, 8), (33, 1), (20, 3)] {
            let stretches = Stretch::all(length, context);
            let predicted: Vec<usize> = stretches
                .iter()
                .flat_map(|stretch| stretch.predicted.clone())
                .collect();
            assert_eq!(predicted, (0..length).collect::<Vec<_>>());
            for stretch in &stretches {
                assert!(stretch.predicted.end - stretch.read <= context);
                let seen = stretch.predicted.start - stretch.read;
                assert!(stretch.read == 0 || seen + (context / 2).max(1) >= context);
                for place in stretch.predicted.clone() {
                    assert_eq!(Stretch::of(place, context).read, stretch.read);
                }
            }
        }
    }
}

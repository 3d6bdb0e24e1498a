//! Windows that overlap by half, in which a network with a limited context scores a long stream.

use std::ops::Range;

use corpus::TokenId;

/// A window of a token stream: the tokens that the network reads, and the tokens among them that it predicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoringWindow {
    /// Position of the first token of the window.
    pub start: usize,
    /// Positions of the predicted tokens.
    pub predicted: Range<usize>,
}

impl ScoringWindow {
    /// The window of `context_length` tokens in which the token at `position` is predicted: with at least half a context of
    /// preceding tokens, if there are that many.
    pub fn containing(position: usize, context_length: usize) -> ScoringWindow {
        if position < context_length {
            return ScoringWindow {
                start: 0,
                predicted: 0..context_length,
            };
        }
        let stride = (context_length / 2).max(1);
        let number = (position - context_length) / stride + 1;
        let end = context_length + number * stride;
        ScoringWindow {
            start: end - context_length,
            predicted: end - stride..end,
        }
    }

    /// All windows of a stream.
    pub(crate) fn all(length: usize, context_length: usize) -> Vec<ScoringWindow> {
        let mut windows: Vec<ScoringWindow> = Vec::new();
        let mut position = 0;
        while position < length {
            let mut window = ScoringWindow::containing(position, context_length);
            position = window.predicted.end;
            window.predicted.end = window.predicted.end.min(length);
            windows.push(window);
        }
        windows
    }

    /// The input tokens of the window: the token before each one up to the last predicted.
    pub(crate) fn inputs(&self, tokens: &[TokenId], eos: TokenId) -> Vec<TokenId> {
        let before = match self.start {
            0 => eos,
            start => tokens[start - 1],
        };
        let mut inputs = vec![before];
        inputs.extend(&tokens[self.start..self.predicted.end - 1]);
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_predicted_once_with_at_least_half_a_context() {
        for (length, context) in [(0, 8), (5, 8), (8, 8), (9, 8), (100, 8), (33, 1), (20, 3)] {
            let windows = ScoringWindow::all(length, context);
            let predicted: Vec<usize> = windows
                .iter()
                .flat_map(|window| window.predicted.clone())
                .collect();
            assert_eq!(predicted, (0..length).collect::<Vec<_>>());
            for window in &windows {
                assert!(window.predicted.end - window.start <= context);
                let seen = window.predicted.start - window.start;
                assert!(window.start == 0 || seen + (context / 2).max(1) >= context);
                for position in window.predicted.clone() {
                    assert_eq!(
                        ScoringWindow::containing(position, context).start,
                        window.start
                    );
                }
            }
        }
    }
}

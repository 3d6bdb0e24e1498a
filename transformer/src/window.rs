//! How a long stream is read: in windows that overlap by half.

use std::ops::Range;

use corpus::TokenId;

/// Tokens of a stream that are read together, and those of them that are predicted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) read: usize,
    pub(crate) predicted: Range<usize>,
}

impl Window {
    /// The window that predicts the token at a place, with windows of `context` tokens.
    pub(crate) fn of(place: usize, context: usize) -> Window {
        if place < context {
            return Window {
                read: 0,
                predicted: 0..context,
            };
        }
        let stride = (context / 2).max(1);
        let number = (place - context) / stride + 1;
        let end = context + number * stride;
        Window {
            read: end - context,
            predicted: end - stride..end,
        }
    }

    /// All windows of a stream.
    pub(crate) fn all(length: usize, context: usize) -> Vec<Window> {
        let mut windows: Vec<Window> = Vec::new();
        let mut place = 0;
        while place < length {
            let mut window = Window::of(place, context);
            place = window.predicted.end;
            window.predicted.end = window.predicted.end.min(length);
            windows.push(window);
        }
        windows
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
            let windows = Window::all(length, context);
            let predicted: Vec<usize> = windows
                .iter()
                .flat_map(|window| window.predicted.clone())
                .collect();
            assert_eq!(predicted, (0..length).collect::<Vec<_>>());
            for window in &windows {
                assert!(window.predicted.end - window.read <= context);
                let seen = window.predicted.start - window.read;
                assert!(window.read == 0 || seen + (context / 2).max(1) >= context);
                for place in window.predicted.clone() {
                    assert_eq!(Window::of(place, context).read, window.read);
                }
            }
        }
    }
}

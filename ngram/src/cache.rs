//! The word cache: what was just said is said again.
//!
//! Kuhn and De Mori, *A Cache-Based Natural Language Model for Speech Recognition*, 1990: the model is mixed with the
//! frequencies of the words of the text so far, the recent ones weighing more (here by exponential decay, as in Clarkson
//! and Robinson 1997).

use corpus::TokenId;

/// Settings of a cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cache {
    pub(crate) share: f64,
    pub(crate) half_life: f64,
}

/// The words so far: each weighs half as much after every half-life.
#[derive(Debug, Clone)]
pub(crate) struct Recent {
    cache: Cache,
    decay: f64,
    /// Weight of each word when it came last, and when that was.
    weights: Vec<(f64, usize)>,
    total: f64,
    words: usize,
}

impl Recent {
    fn new(cache: Cache, vocab_size: usize) -> Recent {
        Recent {
            cache,
            decay: 0.5_f64.powf(1.0 / cache.half_life),
            weights: vec![(0.0, 0); vocab_size],
            total: 0.0,
            words: 0,
        }
    }

    /// After a text. What came fifty half-lives ago no longer counts.
    pub(crate) fn after(cache: Cache, vocab_size: usize, text: &[TokenId]) -> Recent {
        let mut recent = Recent::new(cache, vocab_size);
        let reach = (50.0 * cache.half_life) as usize;
        text[text.len().saturating_sub(reach)..]
            .iter()
            .for_each(|&token| recent.push(token));
        recent
    }

    fn weight(&self, token: TokenId) -> f64 {
        let (weight, when) = self.weights[token as usize];
        if weight == 0.0 {
            0.0
        } else {
            weight * self.decay.powi((self.words - when) as i32)
        }
    }

    fn push(&mut self, token: TokenId) {
        let weight = self.weight(token) * self.decay + 1.0;
        self.words += 1;
        self.weights[token as usize] = (weight, self.words);
        self.total = self.total * self.decay + 1.0;
    }

    /// Mixes ln p of a word with what the cache gives it; before the first word there is no cache.
    fn mix(&self, token: TokenId, log_prob: f64) -> f64 {
        if self.total == 0.0 {
            return log_prob;
        }
        let share = self.cache.share;
        ((1.0 - share) * log_prob.exp() + share * self.weight(token) / self.total).ln()
    }

    pub(crate) fn mix_all(&self, mut log_probs: Vec<f64>) -> Vec<f64> {
        for (token, log_prob) in (0..).zip(&mut log_probs) {
            *log_prob = self.mix(token, *log_prob);
        }
        log_probs
    }
}

/// Shares and half-lives that are tried.
const SHARES: [f64; 8] = [0.01, 0.02, 0.04, 0.07, 0.1, 0.14, 0.2, 0.3];
const HALF_LIVES: [f64; 9] = [10.0, 25.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0];

impl Cache {
    /// Mixes the ln p of a whole text.
    pub(crate) fn mix(self, tokens: &[TokenId], alone: &[f64]) -> Vec<f64> {
        let types = tokens.iter().max().map_or(0, |&token| token as usize + 1);
        let mut recent = Recent::new(self, types);
        let mix = |(&token, &log_prob)| {
            let mixed = recent.mix(token, log_prob);
            recent.push(token);
            mixed
        };
        tokens.iter().zip(alone).map(mix).collect()
    }

    /// The settings with which a text, whose ln p without cache are given, is the most probable.
    pub(crate) fn tuned(tokens: &[TokenId], alone: &[f64]) -> Cache {
        let settings = HALF_LIVES
            .iter()
            .flat_map(|&half_life| SHARES.map(|share| Cache { share, half_life }));
        let scored = settings.map(|cache| (cache, cache.mix(tokens, alone).iter().sum::<f64>()));
        let best = scored.max_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or(
            Cache {
                share: SHARES[0],
                half_life: HALF_LIVES[0],
            },
            |(cache, _)| cache,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CACHE: Cache = Cache {
        share: 0.25,
        half_life: 1.0,
    };

    #[test]
    fn the_last_word_weighs_most() {
        // Weights after 0 1 0 at a half-life of one word: 1/4 + 1 for the word 0, 1/2 for the word 1.
        let recent = Recent::after(CACHE, 3, &[0, 1, 0]);
        let mixed = recent.mix_all(vec![(1.0_f64 / 3.0).ln(); 3]);
        for (log_prob, cached) in mixed.iter().zip([1.25 / 1.75, 0.5 / 1.75, 0.0]) {
            assert!((log_prob.exp() - (0.75 / 3.0 + 0.25 * cached)).abs() < 1e-12);
        }
    }

    #[test]
    fn a_text_is_mixed_as_its_words_one_by_one() {
        let tokens: Vec<TokenId> = (0..200).map(|at| (at * at) % 7).collect();
        let alone: Vec<f64> = tokens
            .iter()
            .map(|&token| -1.0 - f64::from(token))
            .collect();
        let mixed = CACHE.mix(&tokens, &alone);
        assert_eq!(mixed[0], alone[0]);
        for at in 1..tokens.len() {
            let recent = Recent::after(CACHE, 7, &tokens[..at]);
            assert!((recent.mix(tokens[at], alone[at]) - mixed[at]).abs() < 1e-12);
        }
    }

    #[test]
    fn repetition_is_worth_a_cache_and_its_absence_is_not() {
        let repeated: Vec<TokenId> = (0..300).map(|at| at / 30 * 7 % 10).collect();
        let alone = vec![(0.1_f64).ln(); 300];
        assert_eq!(
            Cache::tuned(&repeated, &alone),
            Cache {
                share: 0.3,
                half_life: 10.0
            }
        );
        let fresh: Vec<TokenId> = (0..300).collect();
        assert_eq!(Cache::tuned(&fresh, &alone).share, 0.01);
    }
}

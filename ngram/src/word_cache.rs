//! The word cache: recent words are likely to occur again.
//!
//! Kuhn and De Mori, *A Cache-Based Natural Language Model for Speech Recognition*, 1990: the model is interpolated with the
//! unigram frequencies of the preceding text, in which recent words have more weight (here with exponential decay, as in
//! Clarkson and Robinson 1997).

use corpus::TokenId;

/// Settings of a cache.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CacheConfig {
    pub(crate) weight: f64,
    pub(crate) half_life: f64,
}

/// The preceding words; the weight of each halves with every half-life.
#[derive(Debug, Clone)]
pub(crate) struct WordCache {
    config: CacheConfig,
    decay: f64,
    /// For each word its weight at its last occurrence, and the position of that occurrence.
    weights: Vec<(f64, usize)>,
    total: f64,
    words: usize,
}

impl WordCache {
    fn new(config: CacheConfig, vocab_size: usize) -> WordCache {
        WordCache {
            config,
            decay: 0.5_f64.powf(1.0 / config.half_life),
            weights: vec![(0.0, 0); vocab_size],
            total: 0.0,
            words: 0,
        }
    }

    /// The cache after `text`. Words more than fifty half-lives back are ignored.
    pub(crate) fn after(config: CacheConfig, vocab_size: usize, text: &[TokenId]) -> WordCache {
        let mut word_cache = WordCache::new(config, vocab_size);
        let reach = (50.0 * config.half_life) as usize;
        text[text.len().saturating_sub(reach)..]
            .iter()
            .for_each(|&token| word_cache.push(token));
        word_cache
    }

    fn weight(&self, token: TokenId) -> f64 {
        let (weight, position) = self.weights[token as usize];
        if weight == 0.0 {
            0.0
        } else {
            weight * self.decay.powi((self.words - position) as i32)
        }
    }

    fn push(&mut self, token: TokenId) {
        let weight = self.weight(token) * self.decay + 1.0;
        self.words += 1;
        self.weights[token as usize] = (weight, self.words);
        self.total = self.total * self.decay + 1.0;
    }

    /// Interpolates a word's ln p with its probability in the cache; an empty cache changes nothing.
    fn mix(&self, token: TokenId, log_prob: f64) -> f64 {
        if self.total == 0.0 {
            return log_prob;
        }
        let weight = self.config.weight;
        ((1.0 - weight) * log_prob.exp() + weight * self.weight(token) / self.total).ln()
    }

    pub(crate) fn mix_all(&self, mut log_probs: Vec<f64>) -> Vec<f64> {
        for (token, log_prob) in (0..).zip(&mut log_probs) {
            *log_prob = self.mix(token, *log_prob);
        }
        log_probs
    }
}

/// The grid for tuning.
const WEIGHTS: [f64; 8] = [0.01, 0.02, 0.04, 0.07, 0.1, 0.14, 0.2, 0.3];
const HALF_LIVES: [f64; 9] = [10.0, 25.0, 50.0, 100.0, 200.0, 400.0, 800.0, 1600.0, 3200.0];

impl CacheConfig {
    /// Interpolates the ln p of each token of a text.
    pub(crate) fn mix(self, tokens: &[TokenId], uncached: &[f64]) -> Vec<f64> {
        let types = tokens.iter().max().map_or(0, |&token| token as usize + 1);
        let mut word_cache = WordCache::new(self, types);
        let mix = |(&token, &log_prob)| {
            let mixed = word_cache.mix(token, log_prob);
            word_cache.push(token);
            mixed
        };
        tokens.iter().zip(uncached).map(mix).collect()
    }

    /// The settings of the grid that maximise the likelihood of a text whose ln p without a cache are given.
    pub(crate) fn tune(tokens: &[TokenId], uncached: &[f64]) -> CacheConfig {
        let settings = HALF_LIVES
            .iter()
            .flat_map(|&half_life| WEIGHTS.map(|weight| CacheConfig { weight, half_life }));
        let scored = settings.map(|cache| (cache, cache.mix(tokens, uncached).iter().sum::<f64>()));
        let best = scored.max_by(|a, b| a.1.total_cmp(&b.1));
        best.map_or(
            CacheConfig {
                weight: WEIGHTS[0],
                half_life: HALF_LIVES[0],
            },
            |(cache, _)| cache,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CACHE: CacheConfig = CacheConfig {
        weight: 0.25,
        half_life: 1.0,
    };

    #[test]
    fn the_last_word_has_the_largest_weight() {
        // Weights after 0 1 0 at a half-life of one word: 1/4 + 1 for the word 0, 1/2 for the word 1.
        let word_cache = WordCache::after(CACHE, 3, &[0, 1, 0]);
        let mixed = word_cache.mix_all(vec![(1.0_f64 / 3.0).ln(); 3]);
        for (log_prob, cached) in mixed.iter().zip([1.25 / 1.75, 0.5 / 1.75, 0.0]) {
            assert!((log_prob.exp() - (0.75 / 3.0 + 0.25 * cached)).abs() < 1e-12);
        }
    }

    #[test]
    fn mixing_a_text_equals_mixing_its_words_one_by_one() {
        let tokens: Vec<TokenId> = (0..200).map(|at| (at * at) % 7).collect();
        let uncached: Vec<f64> = tokens
            .iter()
            .map(|&token| -1.0 - f64::from(token))
            .collect();
        let mixed = CACHE.mix(&tokens, &uncached);
        assert_eq!(mixed[0], uncached[0]);
        for at in 1..tokens.len() {
            let word_cache = WordCache::after(CACHE, 7, &tokens[..at]);
            assert!((word_cache.mix(tokens[at], uncached[at]) - mixed[at]).abs() < 1e-12);
        }
    }

    #[test]
    fn tuning_chooses_a_large_weight_only_for_repetitive_text() {
        let repeated: Vec<TokenId> = (0..300).map(|at| at / 30 * 7 % 10).collect();
        let uncached = vec![(0.1_f64).ln(); 300];
        assert_eq!(
            CacheConfig::tune(&repeated, &uncached),
            CacheConfig {
                weight: 0.3,
                half_life: 10.0
            }
        );
        let fresh: Vec<TokenId> = (0..300).collect();
        assert_eq!(CacheConfig::tune(&fresh, &uncached).weight, 0.01);
    }
}

//! Sampling of tokens, shared by all eras.

use corpus::TokenId;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Sampling settings and seed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// p is raised to 1 / temperature; 0 always takes the most probable token.
    pub temperature: f64,
    /// Sample from the k most probable tokens only (Fan et al. 2018); 0: from all.
    pub top_k: usize,
    /// Sample from the smallest set of tokens with at least this total probability (Holtzman et al. 2020); 1: from all.
    pub top_p: f64,
    /// Seed of the random choices.
    pub seed: u64,
}

impl Default for Sampling {
    fn default() -> Sampling {
        Sampling {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            seed: 1,
        }
    }
}

impl Sampling {
    /// Refuses settings out of bounds.
    ///
    /// # Errors
    /// [`Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        let refuse = |field, value: f64, bound: &str| {
            Err(Error::Setting {
                field,
                value: value.to_string(),
                bound: bound.to_owned(),
            })
        };
        if !(0.0..=100.0).contains(&self.temperature) {
            return refuse("temperature", self.temperature, "must be from 0 to 100");
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            return refuse("top_p", self.top_p, "must be above 0 and at most 1");
        }
        Ok(())
    }
}

/// Draws tokens one after the other.
#[derive(Debug)]
pub struct Sampler {
    how: Sampling,
    random: ChaCha8Rng,
    /// Buffer for the weights of a draw.
    weights: Vec<f64>,
}

/// A sampler for checked settings.
///
/// # Errors
/// As for [`Sampling::validate`].
pub fn sampler(how: Sampling) -> Result<Sampler> {
    how.validate()?;
    Ok(Sampler {
        how,
        random: ChaCha8Rng::seed_from_u64(how.seed),
        weights: Vec::new(),
    })
}

impl Sampler {
    /// Chooses from the ln p of all tokens.
    pub fn draw(&mut self, log_probs: &[f64]) -> TokenId {
        if self.how.temperature == 0.0 {
            return most_probable(log_probs);
        }
        let largest = log_probs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // The largest is subtracted first: divided by a tiny temperature, both would be infinite.
        let weight = |log_prob: f64| ((log_prob - largest) / self.how.temperature).exp();
        if self.how.top_k == 0 && self.how.top_p >= 1.0 {
            self.weights.clear();
            self.weights
                .extend(log_probs.iter().map(|&log_prob| weight(log_prob)));
            let point = self.random.random::<f64>() * self.weights.iter().sum::<f64>();
            return at_point((0..).zip(self.weights.iter().copied()), point);
        }
        let mut candidates: Vec<(TokenId, f64)> = (0..)
            .zip(log_probs)
            .map(|(id, &log_prob)| (id, weight(log_prob)))
            .collect();
        candidates.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        if self.how.top_k > 0 {
            candidates.truncate(self.how.top_k);
        }
        if self.how.top_p < 1.0 {
            candidates.truncate(nucleus(&candidates, self.how.top_p));
        }
        let total: f64 = candidates.iter().map(|candidate| candidate.1).sum();
        let point = self.random.random::<f64>() * total;
        at_point(candidates.into_iter(), point)
    }
}

/// The candidate whose interval of the cumulative weights contains a point; rounding may put the point after the last.
fn at_point(candidates: impl Iterator<Item = (TokenId, f64)>, mut point: f64) -> TokenId {
    let mut possible = 0;
    for (id, weight) in candidates {
        point -= weight;
        if point < 0.0 {
            return id;
        }
        if weight > 0.0 {
            possible = id;
        }
    }
    possible
}

fn most_probable(log_probs: &[f64]) -> TokenId {
    let best = (0..)
        .zip(log_probs)
        .max_by(|a: &(TokenId, &f64), b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)));
    best.map_or(0, |best| best.0)
}

/// Number of candidates, sorted by falling weight, that reach the share `top_p` together.
fn nucleus(candidates: &[(TokenId, f64)], top_p: f64) -> usize {
    let total: f64 = candidates.iter().map(|candidate| candidate.1).sum();
    let mut sum = 0.0;
    let reaches = |&(_, weight): &(TokenId, f64)| {
        sum += weight;
        sum >= top_p * total
    };
    candidates
        .iter()
        .position(reaches)
        .map_or(candidates.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frequencies(how: Sampling, probs: &[f64]) -> Vec<f64> {
        let log_probs: Vec<f64> = probs.iter().map(|p| p.ln()).collect();
        let mut sampler = sampler(how).unwrap();
        let mut counts = vec![0.0; probs.len()];
        for _ in 0..20_000 {
            counts[sampler.draw(&log_probs) as usize] += 1.0 / 20_000.0;
        }
        counts
    }

    fn close(got: &[f64], expected: &[f64]) {
        // Three standard errors of 20,000 draws are at most 0.011.
        assert!(
            got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.011),
            "{got:?} {expected:?}"
        );
    }

    #[test]
    fn draws_follow_the_settings() {
        let probs = [0.1, 0.4, 0.3, 0.2];
        let default = Sampling::default();
        close(&frequencies(default, &probs), &probs);
        close(
            &frequencies(
                Sampling {
                    temperature: 0.0,
                    ..default
                },
                &probs,
            ),
            &[0.0, 1.0, 0.0, 0.0],
        );
        close(
            &frequencies(
                Sampling {
                    top_k: 2,
                    ..default
                },
                &probs,
            ),
            &[0.0, 4.0 / 7.0, 3.0 / 7.0, 0.0],
        );
        close(
            &frequencies(
                Sampling {
                    top_p: 0.6,
                    ..default
                },
                &probs,
            ),
            &[0.0, 4.0 / 7.0, 3.0 / 7.0, 0.0],
        );
        close(
            &frequencies(
                Sampling {
                    temperature: 0.5,
                    ..default
                },
                &probs,
            ),
            &[1.0 / 30.0, 16.0 / 30.0, 9.0 / 30.0, 4.0 / 30.0],
        );
    }

    #[test]
    fn the_smallest_temperature_is_greedy() {
        let how = Sampling {
            temperature: 1e-310,
            ..Sampling::default()
        };
        assert_eq!(frequencies(how, &[0.2, 0.5, 0.3])[1].round(), 1.0);
    }

    #[test]
    fn impossible_tokens_are_never_drawn() {
        assert_eq!(
            frequencies(Sampling::default(), &[0.0, 1.0, 0.0])[1].round(),
            1.0
        );
    }

    #[test]
    fn settings_out_of_bounds_are_rejected() {
        for how in [
            Sampling {
                temperature: -1.0,
                ..Sampling::default()
            },
            Sampling {
                temperature: f64::NAN,
                ..Sampling::default()
            },
            Sampling {
                top_p: 0.0,
                ..Sampling::default()
            },
        ] {
            assert!(matches!(sampler(how), Err(Error::Setting { .. })));
        }
    }
}

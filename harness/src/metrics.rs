//! The only place where perplexity, bits and accuracy are computed.

/// exp of the mean negative ln p; smaller is better. NaN without tokens.
///
/// Hand-worked: two tokens with p = 1/2 and 1/8 have perplexity (2 · 8)^(1/2) = 4.
pub fn perplexity(log_prob_sum: f64, tokens: u64) -> f64 {
    (-log_prob_sum / tokens as f64).exp()
}

/// Perplexity over the tokens other than `left_out`; NaN if there is none.
pub fn perplexity_without(left_out: Option<u32>, tokens: &[u32], log_probs: &[f64]) -> f64 {
    let all = tokens.iter().zip(log_probs);
    let kept = all.filter(|&(&token, _)| Some(token) != left_out);
    let (sum, count) = kept.fold((0.0_f64, 0_u64), |(sum, count), (_, &log_prob)| {
        (sum + log_prob, count + 1)
    });
    perplexity(sum, count)
}

/// Mean negative log2 p per token; smaller is better.
pub fn bits_per_token(log_prob_sum: f64, tokens: u64) -> f64 {
    -log_prob_sum / std::f64::consts::LN_2 / tokens as f64
}

/// Negative log2 p of the text per byte of it; smaller is better. Comparable between tokenizers.
pub fn bits_per_byte(log_prob_sum: f64, bytes: u64) -> f64 {
    -log_prob_sum / std::f64::consts::LN_2 / bytes as f64
}

/// The credit of a target for being in the top `k`: 1 or 0 if its rank is unambiguous; for ties, the probability that a
/// random order of the tied tokens puts it there.
pub fn top_k_credit(distribution: &[f64], target: usize, k: usize) -> f64 {
    let own = distribution[target];
    if own.is_nan() {
        return 0.0;
    }
    let (mut above, mut equal) = (0, 0);
    for &other in distribution {
        above += usize::from(other > own);
        equal += usize::from(other == own);
    }
    (k.saturating_sub(above) as f64 / equal as f64).min(1.0)
}

/// Mean of values and the standard error of that mean; infinite for a single value.
pub fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    if values.len() < 2 {
        return (mean, f64::INFINITY);
    }
    let variance = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>()
        / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_match_values_worked_by_hand() {
        let sum = 0.5f64.ln() + 0.125f64.ln();
        assert!((perplexity(sum, 2) - 4.0).abs() < 1e-12);
        assert!((bits_per_token(sum, 2) - 2.0).abs() < 1e-12);
        assert!((bits_per_byte(sum, 8) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_token_can_be_left_out_of_perplexity() {
        let log_probs = [0.5f64.ln(), 0.001f64.ln(), 0.125f64.ln()];
        let tokens = [7, 3, 7];
        assert!((perplexity_without(Some(3), &tokens, &log_probs) - 4.0).abs() < 1e-12);
        let whole = perplexity(log_probs.iter().sum(), 3);
        assert!((perplexity_without(None, &tokens, &log_probs) - whole).abs() < 1e-9);
        assert!(perplexity_without(Some(7), &[7], &[-1.0]).is_nan());
    }

    #[test]
    fn tied_values_share_their_ranks() {
        let distribution = [0.4, 0.2, 0.2, 0.2];
        assert_eq!(top_k_credit(&distribution, 0, 1), 1.0);
        assert_eq!(top_k_credit(&distribution, 1, 1), 0.0);
        assert!((top_k_credit(&distribution, 1, 2) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(top_k_credit(&distribution, 1, 5), 1.0);
        assert_eq!(top_k_credit(&[f64::NAN, 0.5], 0, 1), 0.0);
    }

    #[test]
    fn standard_error_of_a_mean() {
        let (mean, error) = mean_and_error(&[1.0, 2.0, 3.0, 4.0]);
        assert_eq!(mean, 2.5);
        assert!((error - (5.0f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
    }
}

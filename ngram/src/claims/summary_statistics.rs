//! Statistics that summarise measurements.

/// A linear fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LinearFit {
    pub(crate) slope: f64,
    /// The share of the variance of y that the fit explains.
    pub(crate) r_squared: f64,
}

/// The least-squares fit of points (x, y); NaN if all x or all y are equal.
pub(crate) fn fit(points: &[(f64, f64)]) -> LinearFit {
    let n = points.len() as f64;
    let mean = |value: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / n;
    let (mean_x, mean_y) = (mean(&|point| point.0), mean(&|point| point.1));
    let xx = mean(&|point| (point.0 - mean_x).powi(2));
    let yy = mean(&|point| (point.1 - mean_y).powi(2));
    let xy = mean(&|point| (point.0 - mean_x) * (point.1 - mean_y));
    LinearFit {
        slope: xy / xx,
        r_squared: xy * xy / (xx * yy),
    }
}

/// The mean over seeds at each size: `rows[seed][size]`.
pub(crate) fn mean_by_size(rows: &[Vec<f64>]) -> Vec<f64> {
    let sizes = rows.iter().map(Vec::len).min().unwrap_or(0);
    let mean = |at| rows.iter().map(|row| row[at]).sum::<f64>() / rows.len() as f64;
    (0..sizes).map(mean).collect()
}

/// The arithmetic mean.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The difference of each value and the next.
pub(crate) fn differences(values: &[f64]) -> impl Iterator<Item = f64> + '_ {
    values.windows(2).map(|pair| pair[1] - pair[0])
}

/// Numbers separated by commas, for a sentence.
pub(crate) fn comma_separated(values: &[f64], decimals: usize) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| format!("{value:.decimals$}"))
        .collect();
    texts.join(", ")
}

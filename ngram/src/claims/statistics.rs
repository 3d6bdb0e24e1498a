//! What is said of measurements.

/// A straight line through points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Line {
    pub(crate) slope: f64,
    /// The share of the variance of y that the line explains.
    pub(crate) r_squared: f64,
}

/// The line of least squares through points (x, y). NaN where all x or all y are the same.
pub(crate) fn fit(points: &[(f64, f64)]) -> Line {
    let n = points.len() as f64;
    let mean = |value: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / n;
    let (mean_x, mean_y) = (mean(&|point| point.0), mean(&|point| point.1));
    let xx = mean(&|point| (point.0 - mean_x).powi(2));
    let yy = mean(&|point| (point.1 - mean_y).powi(2));
    let xy = mean(&|point| (point.0 - mean_x) * (point.1 - mean_y));
    Line {
        slope: xy / xx,
        r_squared: xy * xy / (xx * yy),
    }
}

/// Means over seeds of what was measured at each size.
pub(crate) fn by_size(rows: &[Vec<f64>]) -> Vec<f64> {
    let sizes = rows.iter().map(Vec::len).min().unwrap_or(0);
    let mean = |at| rows.iter().map(|row| row[at]).sum::<f64>() / rows.len() as f64;
    (0..sizes).map(mean).collect()
}

/// The mean.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Steps from each value to the next.
pub(crate) fn steps(values: &[f64]) -> impl Iterator<Item = f64> + '_ {
    values.windows(2).map(|pair| pair[1] - pair[0])
}

/// Numbers one after the other, for a sentence.
pub(crate) fn series(values: &[f64], decimals: usize) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| format!("{value:.decimals$}"))
        .collect();
    texts.join(", ")
}

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

/// A quantity at several sizes of the text, the smallest first, as (tokens, value): `rows[repetition][size]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Curve(pub(crate) Vec<Vec<(f64, f64)>>);

impl Curve {
    /// The mean length of the text at each size, in tokens.
    pub(crate) fn sizes(&self) -> Vec<f64> {
        self.column_means(|point| point.0)
    }

    /// The mean value at each size.
    pub(crate) fn means(&self) -> Vec<f64> {
        self.column_means(|point| point.1)
    }

    fn column_means(&self, of: impl Fn(&(f64, f64)) -> f64) -> Vec<f64> {
        let rows = self.0.iter();
        mean_by_size(
            &rows
                .map(|row| row.iter().map(&of).collect())
                .collect::<Vec<_>>(),
        )
    }

    /// The fit of the mean value against the logarithm of the size: its slope is the change per doubling.
    pub(crate) fn fit(&self) -> LinearFit {
        let sizes = self.sizes().into_iter().map(f64::log2);
        fit(&sizes.zip(self.means()).collect::<Vec<_>>())
    }

    /// The same slope for each repetition.
    pub(crate) fn slopes(&self) -> Vec<f64> {
        let slope = |row: &Vec<(f64, f64)>| {
            let points = row.iter().map(|&(tokens, value)| (tokens.log2(), value));
            fit(&points.collect::<Vec<_>>()).slope
        };
        self.0.iter().map(slope).collect()
    }

    /// The difference of the value at each size and the next: `differences[size][repetition]`.
    pub(crate) fn differences(&self) -> Vec<Vec<f64>> {
        let sizes = self.0.iter().map(Vec::len).min().unwrap_or(0);
        let of_size = |size: usize| {
            let rows = self.0.iter();
            rows.map(|row| row[size].1 - row[size - 1].1).collect()
        };
        (1..sizes).map(of_size).collect()
    }
}

/// The mean over repetitions at each size: `rows[repetition][size]`.
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

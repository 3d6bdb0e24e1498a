//! Tables of the logistic function.

/// The tables cover the interval from -MAX_EXP to MAX_EXP (named as in the C program).
pub(crate) const MAX_EXP: f32 = 6.0;
/// Size of the table.
const TABLE_SIZE: usize = 4096;
/// Size of the C program's table.
const REFERENCE_SIZE: usize = 1000;

/// The treatment of inputs beyond [`MAX_EXP`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saturation {
    /// The sigmoid is 0 or 1.
    Clamp,
    /// The gradient is 0, as in the hierarchical softmax of the C program.
    Skip,
}

/// sigma(x) = 1 / (1 + e^-x).
fn sigma(x: f64) -> f32 {
    (1.0 / (1.0 + (-x).exp())) as f32
}

/// A table of the logistic function at the middle of each interval; its error is below 0.0004.
#[derive(Debug)]
pub(crate) struct SigmoidTable(Box<[f32; TABLE_SIZE]>);

impl SigmoidTable {
    pub(crate) fn new() -> SigmoidTable {
        let middle = |index: usize| {
            f64::from(MAX_EXP) * (2.0 * (index as f64 + 0.5) / TABLE_SIZE as f64 - 1.0)
        };
        SigmoidTable(Box::new(std::array::from_fn(|index| sigma(middle(index)))))
    }

    /// label - sigma(x).
    #[inline]
    pub(crate) fn gradient(&self, x: f32, label: f32, saturation: Saturation) -> f32 {
        if x.abs() < MAX_EXP {
            let index = ((x + MAX_EXP) * (TABLE_SIZE as f32 / (2.0 * MAX_EXP))) as usize;
            return label - self.0[index.min(TABLE_SIZE - 1)];
        }
        match saturation {
            Saturation::Skip => 0.0,
            Saturation::Clamp if x > 0.0 => label - 1.0,
            Saturation::Clamp if x < 0.0 => label,
            // NaN is passed on so that it is detected.
            Saturation::Clamp => x,
        }
    }
}

/// The C program's table of 1000 values. Its index is rounded down twice and reaches only the first 997.
#[derive(Debug)]
pub(crate) struct ReferenceSigmoidTable(Vec<f32>);

impl ReferenceSigmoidTable {
    pub(crate) fn new() -> ReferenceSigmoidTable {
        let value = |index: usize| {
            let x = (index as f32 / REFERENCE_SIZE as f32 * 2.0 - 1.0) * MAX_EXP;
            let power = f64::from(x).exp() as f32;
            power / (power + 1.0)
        };
        ReferenceSigmoidTable((0..REFERENCE_SIZE).map(value).collect())
    }

    /// sigma(x) for |x| < [`MAX_EXP`].
    pub(crate) fn value(&self, x: f32) -> f32 {
        let step = (REFERENCE_SIZE / MAX_EXP as usize / 2) as f32;
        self.0[((x + MAX_EXP) * step) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_approximate_the_function() {
        let (table, reference) = (SigmoidTable::new(), ReferenceSigmoidTable::new());
        for step in -5990..5990 {
            let x = f64::from(step) / 1000.0;
            let exact = sigma(x);
            let got = 1.0 - table.gradient(x as f32, 1.0, Saturation::Clamp);
            assert!((got - exact).abs() < 4e-4, "{x}: {got} {exact}");
            assert!((reference.value(x as f32) - exact).abs() < 0.012, "{x}");
        }
        assert_eq!(table.gradient(7.0, 0.0, Saturation::Clamp), -1.0);
        assert_eq!(table.gradient(-7.0, 1.0, Saturation::Clamp), 1.0);
        assert_eq!(table.gradient(-7.0, 1.0, Saturation::Skip), 0.0);
        assert!(table.gradient(f32::NAN, 1.0, Saturation::Clamp).is_nan());
    }
}

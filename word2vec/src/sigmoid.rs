//! The logistic function, from a table.

/// Values beyond this are taken for certain.
pub(crate) const LIMIT: f32 = 6.0;
/// Places of the fast table.
const PLACES: usize = 4096;
/// Places of the C program's table.
const FAITHFUL_PLACES: usize = 1000;

/// The treatment of inputs beyond [`LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saturated {
    /// The sigmoid is taken as 0 or 1.
    Certain,
    /// The gradient is 0, as in the hierarchical softmax of the C program.
    Ignored,
}

/// sigma(x) = 1 / (1 + e^-x).
fn sigma(x: f64) -> f32 {
    (1.0 / (1.0 + (-x).exp())) as f32
}

/// Within 0.0004 of the logistic function.
#[derive(Debug)]
pub(crate) struct Sigmoid(Box<[f32; PLACES]>);

impl Sigmoid {
    pub(crate) fn new() -> Sigmoid {
        let middle =
            |place: usize| f64::from(LIMIT) * (2.0 * (place as f64 + 0.5) / PLACES as f64 - 1.0);
        Sigmoid(Box::new(std::array::from_fn(|place| sigma(middle(place)))))
    }

    /// label - sigma(x).
    #[inline]
    pub(crate) fn gradient(&self, x: f32, label: f32, saturated: Saturated) -> f32 {
        if x.abs() < LIMIT {
            let place = ((x + LIMIT) * (PLACES as f32 / (2.0 * LIMIT))) as usize;
            return label - self.0[place.min(PLACES - 1)];
        }
        match saturated {
            Saturated::Ignored => 0.0,
            Saturated::Certain if x > 0.0 => label - 1.0,
            Saturated::Certain if x < 0.0 => label,
            // Not a number: let it be seen.
            Saturated::Certain => x,
        }
    }
}

/// The C program's table: a thousand values, of which its index, rounded down twice, reaches the first 997.
#[derive(Debug)]
pub(crate) struct FaithfulSigmoid(Vec<f32>);

impl FaithfulSigmoid {
    pub(crate) fn new() -> FaithfulSigmoid {
        let value = |place: usize| {
            let x = (place as f32 / FAITHFUL_PLACES as f32 * 2.0 - 1.0) * LIMIT;
            let power = f64::from(x).exp() as f32;
            power / (power + 1.0)
        };
        FaithfulSigmoid((0..FAITHFUL_PLACES).map(value).collect())
    }

    /// sigma(x) for |x| below the limit.
    pub(crate) fn of(&self, x: f32) -> f32 {
        let step = (FAITHFUL_PLACES / LIMIT as usize / 2) as f32;
        self.0[((x + LIMIT) * step) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_are_near_the_function() {
        let (fast, faithful) = (Sigmoid::new(), FaithfulSigmoid::new());
        for step in -5990..5990 {
            let x = f64::from(step) / 1000.0;
            let exact = sigma(x);
            let got = 1.0 - fast.gradient(x as f32, 1.0, Saturated::Certain);
            assert!((got - exact).abs() < 4e-4, "{x}: {got} {exact}");
            assert!((faithful.of(x as f32) - exact).abs() < 0.012, "{x}");
        }
        assert_eq!(fast.gradient(7.0, 0.0, Saturated::Certain), -1.0);
        assert_eq!(fast.gradient(-7.0, 1.0, Saturated::Certain), 1.0);
        assert_eq!(fast.gradient(-7.0, 1.0, Saturated::Ignored), 0.0);
        assert!(fast.gradient(f32::NAN, 1.0, Saturated::Certain).is_nan());
    }
}

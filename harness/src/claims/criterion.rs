//! Tests of measured quantities against thresholds.

use std::fmt;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Verdict;
use crate::metrics::mean_and_error;

/// A verdict other than "not decided" requires a p value, corrected for the number of claims, below this.
pub const LEVEL: f64 = 0.05;

/// The side of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Greater than the threshold.
    Above,
    /// Less than the threshold.
    Below,
}

/// A quantity, and the side of a threshold on which its mean must be for the claim to hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Criterion {
    /// The quantity, with its unit.
    pub quantity: String,
    /// Its value in each repetition.
    pub values: Vec<f64>,
    /// Where its mean must be.
    pub side: Side,
    /// In the unit of the quantity.
    pub threshold: f64,
    /// Some values are only bounds: the true value is at least as far on the other side, so that the criterion can fail but
    /// not hold.
    #[serde(default)]
    pub has_bounds: bool,
}

/// What criteria say together, before correction for the number of claims.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// What the means say, however uncertain; [`Verdict::NotDecided`] if nothing was measured.
    pub direction: Verdict,
    /// The probability of means at least as far from the thresholds if the truth is on the threshold.
    pub p_value: f64,
}

impl Criterion {
    /// The quantity must be above the threshold.
    pub fn above(quantity: &str, values: Vec<f64>, threshold: f64) -> Criterion {
        Criterion {
            quantity: quantity.to_owned(),
            values,
            side: Side::Above,
            threshold,
            has_bounds: false,
        }
    }

    /// The quantity must be below the threshold.
    pub fn below(quantity: &str, values: Vec<f64>, threshold: f64) -> Criterion {
        Criterion {
            side: Side::Below,
            ..Criterion::above(quantity, values, threshold)
        }
    }

    /// The two-sided test of the mean against the threshold by Student's t.
    ///
    /// A single value decides nothing. Equal values are no certainty, and their spread says nothing: the sign test decides,
    /// with p = 2^(1 - n) for n values.
    ///
    /// ```
    /// use harness::{Criterion, Verdict};
    ///
    /// let test = |values: &[f64]| Criterion::above("gain", values.to_vec(), 0.0).test().verdict();
    /// assert_eq!(test(&[1.0, 1.1, 0.9]), Verdict::Holds);
    /// assert_eq!(test(&[-1.0, -1.1, -0.9]), Verdict::DoesNotHold);
    /// assert_eq!(test(&[1.0, -1.2, 0.9]), Verdict::NotDecided);
    /// assert_eq!(test(&[1.0]), Verdict::NotDecided);
    /// assert_eq!(test(&[1.0, 1.0, 1.0]), Verdict::NotDecided); // p = 1/4
    /// ```
    pub fn test(&self) -> Decision {
        let (mean, error) = mean_and_error(&self.values);
        let distance = match self.side {
            Side::Above => mean - self.threshold,
            Side::Below => self.threshold - mean,
        };
        if self.values.len() < 2 || !self.values.iter().all(|value| value.is_finite()) {
            return Decision::NONE;
        }
        let direction = match distance > 0.0 {
            true => Verdict::Holds,
            false => Verdict::DoesNotHold,
        };
        if self.has_bounds && direction == Verdict::Holds {
            return Decision::NONE;
        }
        let is_constant = self.values.iter().all(|value| *value == self.values[0]);
        let p_value = if distance == 0.0 {
            1.0
        } else if is_constant {
            0.5_f64.powi(self.values.len() as i32 - 1)
        } else {
            two_sided(distance / error, self.values.len() - 1)
        };
        Decision { direction, p_value }
    }

    /// The mean and half the width of its 95 % interval.
    pub fn mean_and_margin(&self) -> (f64, f64) {
        let (mean, error) = mean_and_error(&self.values);
        let quantile = distribution(self.values.len().saturating_sub(1))
            .map_or(f64::NAN, |students_t| students_t.inverse_cdf(0.975));
        (mean, quantile * error)
    }
}

/// The mean and the half-width of its 95 % interval, with three significant decimals of the precision given.
impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean, margin) = self.mean_and_margin();
        let decimals = f.precision().unwrap_or(2);
        write!(f, "{mean:.decimals$}")?;
        match margin.is_finite() {
            true => write!(f, " ± {margin:.decimals$}"),
            false => Ok(()),
        }
    }
}

impl Decision {
    /// Nothing is known.
    pub const NONE: Decision = Decision {
        direction: Verdict::NotDecided,
        p_value: 1.0,
    };

    /// Whether all criteria hold.
    ///
    /// They hold together if each does: the largest p value counts (intersection-union test, Berger 1982). One that fails
    /// suffices against them: the smallest p value of those that fail counts, times the number of criteria (Bonferroni).
    pub fn of(criteria: &[Criterion]) -> Decision {
        let tests: Vec<Decision> = criteria.iter().map(Criterion::test).collect();
        let p_values = |direction| {
            let of_direction = tests.iter().filter(move |test| test.direction == direction);
            of_direction.map(|test| test.p_value)
        };
        if p_values(Verdict::DoesNotHold).count() > 0 {
            let smallest = p_values(Verdict::DoesNotHold).fold(1.0, f64::min);
            return Decision {
                direction: Verdict::DoesNotHold,
                p_value: (smallest * tests.len() as f64).min(1.0),
            };
        }
        if tests.is_empty() || p_values(Verdict::NotDecided).count() > 0 {
            return Decision::NONE;
        }
        Decision {
            direction: Verdict::Holds,
            p_value: p_values(Verdict::Holds).fold(0.0, f64::max),
        }
    }

    /// The verdict if this were the only claim.
    pub fn verdict(&self) -> Verdict {
        self.verdict_at(self.p_value)
    }

    /// The verdict with a p value that is corrected for the number of claims.
    pub fn verdict_at(&self, p_value: f64) -> Verdict {
        match p_value < LEVEL {
            true => self.direction,
            false => Verdict::NotDecided,
        }
    }
}

/// The two-sided p value of Student's t.
fn two_sided(t: f64, degrees: usize) -> f64 {
    distribution(degrees).map_or(1.0, |students_t| 2.0 * students_t.sf(t.abs()))
}

/// Student's t distribution; `None` without degrees of freedom.
fn distribution(degrees: usize) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, degrees as f64).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed forms for 1, 2 and 4 degrees of freedom (Shaw 2006, section 2), and quantiles from tables.
    #[test]
    fn p_values_match_the_closed_forms() {
        for t in [0.1_f64, 0.5, 1.0, 2.0, 2.776_445, 5.0, 20.0, 300.0] {
            let one = 1.0 - 2.0 * t.atan() / std::f64::consts::PI;
            let two = 1.0 - t / (2.0 + t * t).sqrt();
            let scaled = 1.0 + t * t / 4.0;
            let four = 1.0 - 0.75 * t / scaled.sqrt() * (1.0 - t * t / 12.0 / scaled);
            for (degrees, expected) in [(1, one), (2, two), (4, four)] {
                let p_value = two_sided(t, degrees);
                assert!(
                    (p_value - expected).abs() < 1e-9,
                    "{t} {degrees}: {p_value}"
                );
                assert_eq!(p_value, two_sided(-t, degrees));
            }
        }
        for (t, degrees) in [
            (12.706_205, 1),
            (4.302_653, 2),
            (2.776_445, 4),
            (2.262_157, 9),
        ] {
            assert!((two_sided(t, degrees) - 0.05).abs() < 1e-7, "{t} {degrees}");
        }
    }

    #[test]
    fn a_mean_is_tested_on_either_side_of_the_threshold() {
        // Mean 3, standard error sqrt(2.5 / 5): t = 3 / 0.7071 = 4.2426 with four degrees of freedom.
        let values = || vec![1.0, 2.0, 3.0, 4.0, 5.0];
        let above = Criterion::above("x", values(), 0.0);
        let below = Criterion::below("x", values(), 0.0);
        let (mean, margin) = above.mean_and_margin();
        assert_eq!(mean, 3.0);
        assert!(
            (margin - 2.776_445 * 0.5_f64.sqrt()).abs() < 1e-5,
            "{margin}"
        );
        assert!((above.test().p_value - 0.013_236).abs() < 1e-5, "{above:?}");
        assert_eq!(above.test().verdict(), Verdict::Holds);
        assert_eq!(below.test().verdict(), Verdict::DoesNotHold);
        assert_eq!(above.test().p_value, below.test().p_value);
        assert_eq!(format!("{above:.1}"), "3.0 ± 2.0");
    }

    #[test]
    fn equal_values_are_decided_by_their_number_only() {
        let test = |n: usize| Criterion::above("x", vec![0.1; n], 0.0).test();
        assert_eq!(test(5).p_value, 1.0 / 16.0);
        assert_eq!(test(5).verdict(), Verdict::NotDecided);
        assert_eq!(test(6).verdict(), Verdict::Holds);
        assert_eq!(Criterion::above("x", vec![0.0; 9], 0.0).test().p_value, 1.0);
    }

    #[test]
    fn values_that_are_no_numbers_and_bounds_never_confirm() {
        for bad in [f64::NAN, f64::INFINITY] {
            let values = vec![1.0, 1.1, 0.9, bad];
            assert_eq!(Criterion::above("x", values, 0.0).test(), Decision::NONE);
        }
        let bounded = |side| Criterion {
            side,
            has_bounds: true,
            ..Criterion::above("x", vec![1.0, 1.1, 0.9], 0.0)
        };
        assert_eq!(bounded(Side::Above).test(), Decision::NONE);
        assert_eq!(bounded(Side::Below).test().verdict(), Verdict::DoesNotHold);
    }

    #[test]
    fn all_criteria_must_hold_and_one_failure_suffices() {
        let clear = || Criterion::above("clear", vec![1.0, 1.1, 0.9], 0.0);
        let weak = || Criterion::above("weak", vec![1.0, -0.9, 1.2], 0.0);
        let fails = || Criterion::above("fails", vec![-1.0, -1.1, -0.9], 0.0);
        let both = Decision::of(&[clear(), clear()]);
        assert_eq!(both, clear().test());
        let with_weak = Decision::of(&[clear(), weak()]);
        assert_eq!(with_weak.p_value, weak().test().p_value);
        assert_eq!(with_weak.verdict(), Verdict::NotDecided);
        let with_failure = Decision::of(&[clear(), weak(), fails()]);
        assert_eq!(with_failure.verdict(), Verdict::DoesNotHold);
        assert!((with_failure.p_value - 3.0 * fails().test().p_value).abs() < 1e-12);
        assert_eq!(Decision::of(&[]), Decision::NONE);
        let unknown = Criterion::above("unknown", vec![1.0], 0.0);
        assert_eq!(Decision::of(&[clear(), unknown]), Decision::NONE);
    }
}

//! What the end of a learning curve says: whether more training would have helped.

use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::training::CurvePoint;

/// A network that was trained for fewer steps has hardly left its random weights.
const FEWEST_STEPS: u64 = 100;
/// After so many steps a curve says more.
const MORE_STEPS: u64 = 10 * FEWEST_STEPS;
/// From this fall of perplexity per doubling of the tokens on, more training changes a comparison.
const FAST: f64 = 0.1;
/// A rise above the lowest perplexity by less than this may be due to the sample.
const RISE: f64 = 0.02;
/// A training that took less than this share of its budget ended by itself.
const FILLED: f64 = 0.9;
/// A point that is due at half of the tokens comes with the next step.
const HALF: f64 = 0.52;
/// The fall per doubling shrinks by this factor with each doubling, where the curve is too short to tell.
const SHRINKING: f64 = 0.7;
/// No more doublings are suggested than this.
const MOST_DOUBLINGS: u32 = 6;
/// No larger factor is suggested than this.
const MOST: u32 = 1 << MOST_DOUBLINGS;

/// How a learning curve ended, by perplexity on the validation sample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CurveEnd {
    /// After so few steps that there is little to see.
    Begun {
        /// The steps.
        steps: u64,
    },
    /// While perplexity was still falling fast.
    Falling {
        /// The share by which it fell with the last doubling of the tokens.
        per_doubling: f64,
        /// Doublings of the budget after which it falls slowly, if the curve goes on as it did.
        doublings: u32,
    },
    /// Falling slowly or not at all.
    Level {
        /// The share by which it fell with the last doubling of the tokens.
        per_doubling: f64,
    },
    /// After perplexity had risen again.
    Risen {
        /// The share by which it was above its value at half or a quarter of the tokens.
        above_lowest: f64,
    },
}

impl CurveEnd {
    /// How a curve ended; none for a model that is trained in one step, and for a curve with too few points.
    pub fn of(curve: &[CurvePoint]) -> Option<CurveEnd> {
        let steps = curve.last()?.step;
        if (2..FEWEST_STEPS).contains(&steps) {
            return Some(CurveEnd::Begun { steps });
        }
        let losses = losses(curve);
        let (per_doubling, half) = fall(&losses)?;
        let before = fall(&losses[..=half]);
        // Only the end, half and a quarter count: which other points are validated depends on the speed of the machine.
        let last = losses.last()?.1;
        let quarter = before.map_or(last, |(_, quarter)| losses[quarter].1);
        let above_lowest = (last - quarter.min(losses[half].1)).exp() - 1.0;
        if above_lowest > RISE {
            return Some(CurveEnd::Risen { above_lowest });
        }
        if per_doubling < FAST {
            return Some(CurveEnd::Level { per_doubling });
        }
        let earlier = before.map(|(fall, _)| fall);
        Some(CurveEnd::Falling {
            per_doubling,
            doublings: doublings(per_doubling, earlier),
        })
    }

    /// How the curve of an entry of a run ended; none as well for training that ended by itself before its budget did.
    pub fn within(budget: Budget, curve: &[CurvePoint]) -> Option<CurveEnd> {
        let end = CurveEnd::of(curve)?;
        let last = curve.last()?;
        let ended_by_itself = match budget {
            Budget::Time(time) => last.seconds < FILLED * time.as_secs_f64(),
            Budget::Tokens(tokens) => (last.tokens as f64) < FILLED * tokens as f64,
            Budget::EraDefault | Budget::Epochs(_) => false,
        };
        (!(ended_by_itself && end.is_undertrained())).then_some(end)
    }

    /// Whether the budget ended too early.
    pub fn is_undertrained(self) -> bool {
        matches!(self, CurveEnd::Begun { .. } | CurveEnd::Falling { .. })
    }

    /// The factor by which a larger budget would do, if the budget ended too early.
    pub fn suggested_factor(self) -> Option<u32> {
        match self {
            CurveEnd::Begun { steps } => {
                let needed = MORE_STEPS.div_ceil(steps.max(1));
                Some(u32::try_from(needed).map_or(MOST, |needed| needed.min(MOST)))
            }
            CurveEnd::Falling { doublings, .. } => Some(1 << doublings.min(MOST_DOUBLINGS)),
            CurveEnd::Level { .. } | CurveEnd::Risen { .. } => None,
        }
    }

    /// The end of the curve as a clause.
    pub fn clause(self) -> String {
        let percent = |share: f64| format!("{:.1} %", 100.0 * share);
        match self {
            CurveEnd::Begun { steps } => format!("it had been trained for {steps} steps only"),
            CurveEnd::Falling { per_doubling, .. } => format!(
                "its validation perplexity was still falling by {} per doubling of the tokens",
                percent(per_doubling)
            ),
            CurveEnd::Level { per_doubling } if per_doubling > 0.0 => format!(
                "its validation perplexity fell by only {} per doubling of the tokens at the end",
                percent(per_doubling)
            ),
            CurveEnd::Level { .. } => "its validation perplexity no longer fell".to_owned(),
            CurveEnd::Risen { above_lowest } => format!(
                "its validation perplexity had risen again, by {}",
                percent(above_lowest)
            ),
        }
    }
}

/// A budget for each entry of a run with which those that were trained too little would be trained enough, given how their curves
/// ended and their tokens; none if there are none.
pub(crate) fn suggested_budget(
    budget: Budget,
    ends: impl Iterator<Item = (CurveEnd, u64)>,
) -> Option<Budget> {
    let needed = ends.filter_map(|(end, tokens)| {
        let factor = end.suggested_factor()?;
        Some((factor, tokens.saturating_mul(factor.into())))
    });
    let (factor, tokens) = needed.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))?;
    // Without a budget each entry has its own number of epochs.
    Some(budget.times(factor).unwrap_or(Budget::Tokens(tokens)))
}

/// Tokens and validation loss of the points that have both.
fn losses(curve: &[CurvePoint]) -> Vec<(f64, f64)> {
    let points = curve.iter();
    let points = points.filter_map(|point| Some((point.tokens as f64, -point.valid_log_prob?)));
    points
        .filter(|(tokens, loss)| *tokens > 0.0 && loss.is_finite())
        .collect()
}

/// The share by which perplexity fell per doubling from the last point with at most about half the tokens to the end, and the index
/// of that point.
fn fall(losses: &[(f64, f64)]) -> Option<(f64, usize)> {
    let &(tokens, loss) = losses.last()?;
    let half = losses.iter().rposition(|point| point.0 <= HALF * tokens)?;
    let (half_tokens, half_loss) = losses[half];
    let doublings = (tokens / half_tokens).log2();
    Some((1.0 - ((loss - half_loss) / doublings).exp(), half))
}

/// Doublings until the fall is no longer fast, if it shrinks as it did from the doubling before.
fn doublings(fall: f64, earlier: Option<f64>) -> u32 {
    let shrinking = match earlier {
        Some(earlier) if earlier > 0.0 => (fall / earlier).clamp(0.5, 0.85),
        _ => SHRINKING,
    };
    let needed = ((FAST / fall).ln() / shrinking.ln()).ceil();
    (needed as u32).clamp(1, MOST_DOUBLINGS)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Points at 1,000, 2,000, 4,000 … tokens with these perplexities.
    fn curve(perplexities: &[f64]) -> Vec<CurvePoint> {
        let point = |(at, perplexity): (usize, &f64)| CurvePoint {
            step: 1_000 << at,
            tokens: 1_000 << at,
            seconds: (1_u64 << at) as f64,
            flops: 0.0,
            train_loss: None,
            valid_log_prob: Some(-perplexity.ln()),
        };
        perplexities.iter().enumerate().map(point).collect()
    }

    #[test]
    fn a_curve_that_falls_fast_is_undertrained() {
        // 40 %, then 30 % per doubling: the next ones are 22.5 %, 16.9 %, 12.7 %, 9.5 %.
        let end = CurveEnd::of(&curve(&[1_000.0, 600.0, 420.0])).unwrap();
        let CurveEnd::Falling {
            per_doubling,
            doublings,
        } = end
        else {
            panic!("{end:?}");
        };
        assert!((per_doubling - 0.3).abs() < 1e-9 && doublings == 4);
        assert!(end.is_undertrained() && end.suggested_factor() == Some(16));
        assert!(
            end.clause()
                .contains("still falling by 30.0 % per doubling")
        );
    }

    #[test]
    fn curves_that_level_off_or_rise_are_not_undertrained() {
        for (perplexities, clause) in [
            ([500.0, 200.0, 190.0], "only 5.0 % per doubling"),
            ([500.0, 200.0, 201.0], "no longer fell"),
            ([500.0, 200.0, 240.0], "risen again, by 20.0 %"),
        ] {
            let end = CurveEnd::of(&curve(&perplexities)).unwrap();
            assert!(!end.is_undertrained() && end.suggested_factor().is_none());
            assert!(end.clause().contains(clause), "{}", end.clause());
        }
    }

    #[test]
    fn points_without_validation_do_not_count() {
        let mut points = curve(&[1_000.0, 7.0, 600.0, 300.0]);
        points[1].valid_log_prob = None;
        let Some(CurveEnd::Falling { per_doubling, .. }) = CurveEnd::of(&points) else {
            panic!("it falls");
        };
        assert!((per_doubling - 0.5).abs() < 1e-9);
    }

    #[test]
    fn few_steps_are_a_beginning_and_one_step_is_all_of_a_count() {
        let mut points = curve(&[1_000.0, 999.0]);
        points[1].step = 40;
        let end = CurveEnd::of(&points).unwrap();
        assert_eq!(end, CurveEnd::Begun { steps: 40 });
        assert!(
            end.is_undertrained()
                && end.clause().contains("40 steps")
                && end.suggested_factor() == Some(25)
        );
        let mut counted = curve(&[100.0]);
        counted[0].step = 1;
        assert_eq!(CurveEnd::of(&counted), None);
        assert_eq!(CurveEnd::of(&[]), None);
    }

    #[test]
    fn the_suggested_budget_is_that_of_the_entry_that_needs_most() {
        let falling = |doublings| CurveEnd::Falling {
            per_doubling: 0.2,
            doublings,
        };
        let ends = [
            (falling(1), 500),
            (falling(3), 100),
            (CurveEnd::Level { per_doubling: 0.0 }, 9_000),
        ];
        let suggested = |budget| suggested_budget(budget, ends.into_iter());
        assert_eq!(suggested(Budget::Epochs(0.5)), Some(Budget::Epochs(4.0)));
        assert_eq!(suggested(Budget::EraDefault), Some(Budget::Tokens(1_000)));
        assert_eq!(suggested_budget(Budget::EraDefault, [].into_iter()), None);
    }

    #[test]
    fn training_that_ended_by_itself_is_not_short_of_time() {
        let points = curve(&[1_000.0, 600.0, 420.0]);
        let within =
            |seconds| CurveEnd::within(Budget::Time(Duration::from_secs(seconds)), &points);
        assert!(within(4).is_some_and(CurveEnd::is_undertrained));
        assert_eq!(within(60), None);
        assert!(CurveEnd::within(Budget::EraDefault, &points).is_some());
        assert!(CurveEnd::within(Budget::Tokens(4_000), &points).is_some());
        assert_eq!(CurveEnd::within(Budget::Tokens(9_000), &points), None);
    }
}

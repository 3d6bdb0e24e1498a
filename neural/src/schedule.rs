//! Learning rates over a training, as pure functions.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

/// How a learning rate goes from its peak to the end of the budget. All but Noam's rise to the peak along a line first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// It stays.
    Constant,
    /// Falls along a line to 0.
    Linear,
    /// Falls along half a wave of the cosine, to a twentieth.
    Cosine,
    /// Falls with the root of the steps after its warm-up (Vaswani et al. 2017, section 5.3; Noam Shazeer).
    Noam,
    /// Stays for two thirds of the budget and is then halved five times (Sutskever et al. 2014, section 3.4: after 5 of
    /// 7.5 epochs every half epoch).
    Halving,
    /// The budget is divided into periods, for instance its epochs. Stays for `hold` of them, then falls by the factor
    /// `decay` at the beginning of each (Zaremba et al. 2014, section 4.1).
    Stepped {
        /// Periods of the whole budget.
        periods: f64,
        /// Periods at the peak.
        hold: f64,
        /// What is left at each later one.
        decay: f64,
    },
}

impl Schedule {
    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    pub(crate) fn validate(self) -> harness::Result<()> {
        let Schedule::Stepped {
            periods,
            hold,
            decay,
        } = self
        else {
            return Ok(());
        };
        require(&[
            Check::positive("training.schedule.periods", periods),
            Check::new(
                hold >= 0.0,
                "training.schedule.hold",
                hold,
                "must be 0 or more",
            ),
            Check::new(
                decay > 0.0 && decay <= 1.0,
                "training.schedule.decay",
                decay,
                "must be above 0, at most 1",
            ),
        ])
    }
}

/// What the cosine leaves of the peak.
const COSINE_FLOOR: f64 = 0.05;

impl Schedule {
    /// The factor of the peak at a step, counted from 0, when `share` of the budget, from 0 to 1, is spent.
    pub fn factor(self, step: u64, warmup: u64, share: f64) -> f64 {
        let share = share.clamp(0.0, 1.0);
        let (step, warmup) = ((step + 1) as f64, warmup.max(1) as f64);
        let rise = (step / warmup).min(1.0);
        match self {
            Schedule::Constant => rise,
            Schedule::Linear => rise * (1.0 - share),
            Schedule::Cosine => {
                let wave = 0.5 * (1.0 + (std::f64::consts::PI * share).cos());
                rise * (COSINE_FLOOR + (1.0 - COSINE_FLOOR) * wave)
            }
            // With a peak of 1 / sqrt(d_model · warmup) this is d_model^-0.5 · min(step^-0.5, step · warmup^-1.5).
            Schedule::Noam => rise.min((warmup / step).sqrt()),
            Schedule::Halving => {
                const HOLD: f64 = 2.0 / 3.0;
                const HALVINGS: f64 = 5.0;
                let over = (share - HOLD) / (1.0 - HOLD) * HALVINGS;
                // Halved at once when the hold is over, and last when a fifth of the rest is left.
                let halvings = if share < HOLD {
                    0.0
                } else {
                    (over.floor() + 1.0).min(HALVINGS)
                };
                rise * 0.5_f64.powf(halvings)
            }
            Schedule::Stepped {
                periods,
                hold,
                decay,
            } => rise * decay.powf(((share * periods).floor() + 1.0 - hold).max(0.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_zaremba_s() {
        // The small model: four epochs at the peak, then half of what it was in each of nine.
        let schedule = Schedule::Stepped {
            periods: 13.0,
            hold: 4.0,
            decay: 0.5,
        };
        for epoch in 1..=13 {
            let expected = 0.5_f64.powi((epoch - 4).max(0));
            for within in [0.01, 0.5, 0.99] {
                let share = (f64::from(epoch) - 1.0 + within) / 13.0;
                assert_eq!(schedule.factor(1_000, 0, share), expected, "epoch {epoch}");
            }
        }
    }

    #[test]
    fn noam_is_the_paper_s_formula() {
        let (width, warmup) = (512.0_f64, 4000);
        let peak = (width * f64::from(warmup)).powf(-0.5);
        for step in [1_u64, 100, 3999, 4000, 4001, 100_000] {
            let paper = width.powf(-0.5)
                * (step as f64)
                    .powf(-0.5)
                    .min(step as f64 * f64::from(warmup).powf(-1.5));
            let ours = peak * Schedule::Noam.factor(step - 1, warmup as u64, 0.5);
            assert!((ours / paper - 1.0).abs() < 1e-12, "{step}: {ours} {paper}");
        }
    }

    #[test]
    fn each_rises_to_its_peak_and_falls_as_it_says() {
        for schedule in [
            Schedule::Constant,
            Schedule::Linear,
            Schedule::Cosine,
            Schedule::Halving,
        ] {
            assert_eq!(schedule.factor(0, 10, 0.0), 0.1);
            assert_eq!(schedule.factor(9, 10, 0.0), 1.0);
        }
        assert_eq!(Schedule::Linear.factor(99, 0, 0.75), 0.25);
        assert!((Schedule::Cosine.factor(99, 0, 1.0) - 0.05).abs() < 1e-12);
        assert!((Schedule::Cosine.factor(99, 0, 0.5) - 0.525).abs() < 1e-12);
        let epochs = |epoch: f64| Schedule::Halving.factor(99, 0, epoch / 7.5);
        let halved = [4.9, 5.1, 5.6, 6.1, 6.6, 7.1].map(epochs);
        assert_eq!(halved, [1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125]);
    }
}

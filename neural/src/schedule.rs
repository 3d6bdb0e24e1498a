//! Learning-rate schedules as pure functions of the step and the spent share of the budget.

use harness::{Check, require};
use serde::{Deserialize, Serialize};

/// The learning rate after the warm-up. Except for `Noam`, the warm-up is linear.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Constant.
    Constant,
    /// Linear decay to 0.
    Linear,
    /// Cosine decay to 5 % of the peak.
    Cosine,
    /// Inverse square-root decay after the warm-up (Vaswani et al. 2017, section 5.3).
    Noam,
    /// Constant for two thirds of the budget, then halved five times (Sutskever et al. 2014, section 3.4: after 5 of 7.5 epochs,
    /// every half epoch).
    Halving,
    /// Step decay: constant for `hold` periods, for instance epochs, then multiplied by `decay` at the start of each (Zaremba et
    /// al. 2014, section 4.1).
    Stepped {
        /// Number of periods of the whole budget.
        periods: f64,
        /// Number of periods at the peak.
        hold: f64,
        /// Factor per later period.
        decay: f64,
    },
}

impl Schedule {
    /// Checks all values.
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

/// Final learning rate of the cosine schedule as a share of the peak.
const COSINE_FLOOR: f64 = 0.05;

impl Schedule {
    /// The learning rate as a share of the peak, at a step counted from 0, when `share` of the budget (0 to 1) is spent.
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
                // The first halving is at the end of the constant phase, the last one when a fifth of the decay phase remains.
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
    fn step_decay_matches_zaremba_et_al() {
        // The small model: four epochs at the peak, then halved in each of nine.
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
    fn noam_matches_the_formula_of_the_paper() {
        let (d_model, warmup) = (512.0_f64, 4000);
        let peak = (d_model * f64::from(warmup)).powf(-0.5);
        for step in [1_u64, 100, 3999, 4000, 4001, 100_000] {
            let paper = d_model.powf(-0.5)
                * (step as f64)
                    .powf(-0.5)
                    .min(step as f64 * f64::from(warmup).powf(-1.5));
            let ours = peak * Schedule::Noam.factor(step - 1, warmup as u64, 0.5);
            assert!((ours / paper - 1.0).abs() < 1e-12, "{step}: {ours} {paper}");
        }
    }

    #[test]
    fn schedules_warm_up_and_decay() {
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

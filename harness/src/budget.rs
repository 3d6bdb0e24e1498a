//! How long an entry may train: wall-clock time, tokens or epochs.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The budget of one entry. With tokens, epochs or none, the same seed gives the same results on the CPU, byte for
/// byte.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Budget {
    /// Each era's own number of epochs.
    #[default]
    EraDefault,
    /// Wall-clock time of training; validation does not count.
    Time(Duration),
    /// Training tokens, repeated ones counted again.
    Tokens(u64),
    /// Passes over the training split; a fraction of a pass takes its beginning.
    Epochs(f64),
}

impl Budget {
    /// How many tokens may be trained on, with `train` tokens in the split and an era that would take
    /// `default_epochs`; `None` if only the clock decides.
    pub fn tokens(self, train: u64, default_epochs: f64) -> Option<u64> {
        match self {
            Budget::EraDefault => Some((train as f64 * default_epochs) as u64),
            Budget::Time(_) => None,
            Budget::Tokens(tokens) => Some(tokens),
            Budget::Epochs(epochs) => Some((train as f64 * epochs) as u64),
        }
    }
}

impl Budget {
    /// A budget that is `factor` times as large; none for that of each era, which has no size.
    pub fn times(self, factor: u32) -> Option<Budget> {
        match self {
            Budget::EraDefault => None,
            Budget::Time(time) => Some(Budget::Time(time.saturating_mul(factor))),
            Budget::Tokens(tokens) => Some(Budget::Tokens(tokens.saturating_mul(factor.into()))),
            Budget::Epochs(epochs) => Some(Budget::Epochs(epochs * f64::from(factor))),
        }
    }
}

/// The part of a total time that validation and evaluation of networks take.
const EVALUATION: f64 = 0.2;
/// The part of a total time that is left for training, however long the other entries are estimated to take.
const LEAST_FOR_TRAINING: f64 = 0.5;

/// The budget of each entry that fills its time, where all entries together have `total`: the others take `others` seconds, and those
/// that fill their time share what is left in so many rounds. Entries that are trained side by side are one round.
pub fn share_time(total: Duration, others: f64, rounds: usize) -> Budget {
    let whole = total.as_secs_f64();
    let left = (whole - others) * (1.0 - EVALUATION);
    let left = left.max(LEAST_FOR_TRAINING * whole);
    let milliseconds = (1000.0 * left / rounds.max(1) as f64).floor().max(1.0);
    Budget::Time(Duration::from_millis(milliseconds as u64))
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Budget::EraDefault => f.write_str("default"),
            Budget::Time(time) => write!(f, "{}s", time.as_secs_f64()),
            Budget::Tokens(tokens) => write!(f, "tokens={tokens}"),
            Budget::Epochs(epochs) => write!(f, "epochs={epochs}"),
        }
    }
}

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Budget, String> {
        let refuse = || {
            format!("{text:?}: a budget is a time (90s, 2m, 1.5h), tokens=5M, epochs=3, or default")
        };
        let parsed = match text.split_once('=') {
            _ if text == "default" => Some(Budget::EraDefault),
            Some(("tokens", count)) => parse_count(count).map(Budget::Tokens),
            Some(("epochs", epochs)) => epochs
                .parse()
                .ok()
                .filter(|e| is_positive(*e))
                .map(Budget::Epochs),
            Some(_) => None,
            None => parse_time(text).map(Budget::Time),
        };
        parsed.ok_or_else(refuse)
    }
}

impl TryFrom<String> for Budget {
    type Error = String;

    fn try_from(text: String) -> Result<Budget, String> {
        text.parse()
    }
}

impl From<Budget> for String {
    fn from(budget: Budget) -> String {
        budget.to_string()
    }
}

fn is_positive(number: f64) -> bool {
    number.is_finite() && number > 0.0
}

fn parse_time(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1.0,
        'm' => 60.0,
        'h' => 3600.0,
        _ => return None,
    };
    let number: f64 = text[..text.len() - 1].parse().ok()?;
    let time = Duration::try_from_secs_f64(number * seconds).ok()?;
    // Less than a millisecond is a mistake, and would be rounded to zero in records.
    (time >= Duration::from_millis(1)).then_some(time)
}

/// `5000`, `5k`, `5M`, `1.5G`.
/// A count of one or more: `500k`, `5M`, `1.5G`, `1234`.
pub fn parse_count(text: &str) -> Option<u64> {
    let (number, factor) = match text.chars().last()? {
        'k' => (&text[..text.len() - 1], 1e3),
        'M' => (&text[..text.len() - 1], 1e6),
        'G' => (&text[..text.len() - 1], 1e9),
        _ => (text, 1.0),
    };
    let count = number.parse::<f64>().ok()? * factor;
    (is_positive(count) && (1.0..1e18).contains(&count)).then_some(count as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_round_trip_as_text() {
        for (text, expected) in [
            ("2m", Budget::Time(Duration::from_secs(120))),
            ("1.5h", Budget::Time(Duration::from_secs(5400))),
            ("tokens=5M", Budget::Tokens(5_000_000)),
            ("tokens=12", Budget::Tokens(12)),
            ("epochs=0.5", Budget::Epochs(0.5)),
            ("default", Budget::EraDefault),
        ] {
            assert_eq!(text.parse::<Budget>().unwrap(), expected, "{text}");
            assert_eq!(expected.to_string().parse::<Budget>().unwrap(), expected);
        }
    }

    #[test]
    fn invalid_budgets_are_rejected_with_examples() {
        for text in [
            "",
            "m",
            "2",
            "-1s",
            "tokens=0",
            "tokens=x",
            "epochs=nan",
            "hours=2",
            "é",
            "1e300h",
            "0.0000001s",
            "nans",
        ] {
            let error = text.parse::<Budget>().unwrap_err();
            assert!(error.contains("tokens=5M"), "{text}: {error}");
        }
    }

    #[test]
    fn a_total_time_is_shared_by_the_entries_that_fill_it() {
        let share = |total, others, rounds| {
            let total = Duration::from_secs(total);
            match share_time(total, others, rounds) {
                Budget::Time(time) => time.as_secs_f64(),
                other => panic!("{other}"),
            }
        };
        // Twenty seconds for entries that count; a fifth of the rest is for evaluation.
        assert_eq!(share(300, 20.0, 4), 56.0);
        assert_eq!(share(300, 20.0, 2), 112.0);
        // At least half the time is left for training.
        assert_eq!(share(20, 20.0, 4), 2.5);
        assert_eq!(share(100, 1.0, 0), 79.2);
    }

    #[test]
    fn budgets_are_multiplied() {
        for (text, expected) in [
            ("90s", Some("6m")),
            ("tokens=5M", Some("tokens=20M")),
            ("epochs=0.5", Some("epochs=2")),
            ("default", None),
        ] {
            let budget: Budget = text.parse().unwrap();
            let expected: Option<Budget> = expected.map(|text| text.parse().unwrap());
            assert_eq!(budget.times(4), expected, "{text}");
        }
    }

    #[test]
    fn budgets_become_tokens() {
        assert_eq!(Budget::EraDefault.tokens(100, 2.0), Some(200));
        assert_eq!(Budget::Epochs(0.5).tokens(100, 2.0), Some(50));
        assert_eq!(Budget::Tokens(7).tokens(100, 2.0), Some(7));
        assert_eq!(Budget::Time(Duration::from_secs(1)).tokens(100, 2.0), None);
    }
}

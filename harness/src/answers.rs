//! Whether those who are judged answer what they were asked.

use crate::error::{Error, Result};
use crate::model::Precision;

/// Who is asked for something about many things at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// As errors name them.
    pub(crate) who: &'static str,
    /// What they were asked.
    pub(crate) question: &'static str,
}

impl Asked {
    /// Refuses answers about another number of things than were asked about.
    pub(crate) fn check_number(self, answers: usize, asked: usize) -> Result<()> {
        match answers == asked {
            true => Ok(()),
            false => Err(self.refusal(format!("answers for {answers} of {asked}"))),
        }
    }

    /// Refuses what is no logarithm of a probability; `texts` are what the answers are about.
    pub(crate) fn check_log_probs(self, log_probs: &[f64], texts: &[&str]) -> Result<()> {
        self.check_number(log_probs.len(), texts.len())?;
        let is_none =
            |log_prob: &f64| log_prob.is_nan() || *log_prob > Precision::Neural.tolerance();
        match log_probs.iter().position(is_none) {
            None => Ok(()),
            Some(at) => {
                let (log_prob, text) = (log_probs[at], texts[at]);
                Err(self.refusal(format!("says ln p = {log_prob} of {text:?}")))
            }
        }
    }

    fn refusal(self, what: String) -> Error {
        Error::Model {
            model: self.who.to_owned(),
            what: format!("`{}` {what}", self.question),
        }
    }
}

/// What one answers who is asked for probabilities and has none.
pub(crate) fn no_probabilities(model: &str) -> Error {
    Error::Model {
        model: model.to_owned(),
        what: "it gives no probabilities".to_owned(),
    }
}

//! Checks the answers of evaluated models: their number, and that log-probabilities are valid.

use crate::error::{Error, Result};
use crate::model::Precision;

/// A batched question to a model, as error messages name it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// The model.
    pub(crate) who: &'static str,
    /// The method that was called.
    pub(crate) question: &'static str,
}

impl Request {
    /// Refuses a wrong number of answers.
    pub(crate) fn check_number(self, answers: usize, asked: usize) -> Result<()> {
        match answers == asked {
            true => Ok(()),
            false => Err(self.refusal(format!("gives {answers} answers for {asked} inputs"))),
        }
    }

    /// Refuses values that are not log-probabilities; `texts` are the scored texts.
    pub(crate) fn check_log_probs(self, log_probs: &[f64], texts: &[&str]) -> Result<()> {
        self.check_number(log_probs.len(), texts.len())?;
        let is_none =
            |log_prob: &f64| log_prob.is_nan() || *log_prob > Precision::Neural.tolerance();
        match log_probs.iter().position(is_none) {
            None => Ok(()),
            Some(at) => {
                let (log_prob, text) = (log_probs[at], texts[at]);
                Err(self.refusal(format!("gives ln p = {log_prob} for {text:?}")))
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

/// The error of a model that is asked for probabilities but has none.
pub(crate) fn no_probabilities(model: &str) -> Error {
    Error::Model {
        model: model.to_owned(),
        what: "it gives no probabilities".to_owned(),
    }
}

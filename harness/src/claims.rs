//! Claims of papers, the miniature experiments that test them, and the verdicts.

use std::fs;
use std::path::Path;

use corpus::{Corpus, sha256_of, sha256_of_file, write_atomically};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::metrics::mean_and_error;
use crate::training::Progress;

/// A statement of a paper, in a testable form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// A short name, unique within the era.
    pub id: String,
    /// The statement.
    pub statement: String,
    /// The paper's evidence for it.
    pub evidence: String,
    /// The paper and the place in it.
    pub source: String,
}

/// The scale of an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// All of an era's experiments in about an hour on two cores.
    Small,
    /// As large as the machine allows.
    Full,
}

/// The inputs of an experiment.
#[derive(Debug)]
pub struct ExperimentContext<'a> {
    /// The text.
    pub corpus: &'a Corpus,
    /// Analogies in the format of `questions-words.txt`, for the claims that need them.
    pub analogies: Option<&'a Path>,
    /// Another text, for claims that compare two.
    pub other: Option<&'a Corpus>,
    /// One repetition for each.
    pub seeds: &'a [u64],
    /// How large it may be.
    pub scale: Scale,
}

/// An experiment that tests one claim.
pub trait Experiment {
    /// The claim.
    fn claim(&self) -> Claim;

    /// Tests it.
    ///
    /// # Errors
    /// Errors of training and evaluation; [`Error::Interrupted`] if `progress` asks to stop.
    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding>;
}

/// The outcome for a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The experiment confirms the claim.
    Holds,
    /// The experiment contradicts the claim.
    DoesNotHold,
    /// Results vary too much between seeds to decide.
    NotDecided,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Verdict::Holds => "holds",
            Verdict::DoesNotHold => "does not hold",
            Verdict::NotDecided => "not decided",
        })
    }
}

/// The outcome of an experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The claim.
    pub claim: Claim,
    /// The verdict.
    pub verdict: Verdict,
    /// What was measured, in a sentence with the numbers.
    pub measured: String,
    /// The measure that decides the verdict, for each seed.
    pub values: Vec<f64>,
}

/// A finding as stored, with its conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// The text, by name.
    pub corpus: String,
    /// The scale of the experiment.
    pub scale: Scale,
    /// One repetition for each.
    pub seeds: Vec<u64>,
    /// The outcome.
    #[serde(flatten)]
    pub finding: Finding,
}

/// A verdict with the numbers that decided it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// Mean over seeds.
    pub mean: f64,
    /// Half the width of the 95 % interval of the mean.
    pub margin: f64,
}

/// Decides whether a quantity, measured once per seed, is above `threshold`. The claim holds or does not hold if the 95 %
/// interval of the mean (Student's t) lies on one side; otherwise, and with a single seed, it is not decided.
pub fn decide(values: &[f64], threshold: f64) -> Decision {
    let (mean, error) = mean_and_error(values);
    let margin = t_quantile(values.len()) * error;
    let verdict = if mean - margin > threshold {
        Verdict::Holds
    } else if mean + margin < threshold {
        Verdict::DoesNotHold
    } else {
        Verdict::NotDecided
    };
    Decision {
        verdict,
        mean,
        margin,
    }
}

/// The 97.5 % quantile of Student's t for a mean of `n` values, from a table; for larger `n` the last value is used, with an
/// error below 5 %.
fn t_quantile(n: usize) -> f64 {
    const TABLE: [f64; 15] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131,
    ];
    TABLE[n.saturating_sub(2).min(TABLE.len() - 1)]
}

/// Runs the experiments in order, except those whose finding is already in `folder`; returns all findings.
///
/// # Errors
/// Errors of an experiment; the findings so far are kept.
pub fn reproduce(
    experiments: &[Box<dyn Experiment>],
    context: &ExperimentContext<'_>,
    folder: &Path,
    progress: &mut dyn Progress,
) -> Result<Vec<Finding>> {
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut findings = Vec::new();
    for experiment in experiments {
        let claim = experiment.claim();
        let conditions = format!(
            "{claim:?} {:?} {:?} {} {} {:?} {:?}",
            context.seeds,
            context.scale,
            env!("CARGO_PKG_VERSION"),
            context.corpus.content_checksum(),
            context.analogies.map(sha256_of_file).transpose()?,
            context.other.map(Corpus::content_checksum),
        );
        let name = format!(
            "{}-{}.json",
            claim.id,
            &sha256_of(conditions.as_bytes())[..8]
        );
        let path = folder.join(name);
        let known = fs::read(&path).ok();
        let known = known.and_then(|bytes| serde_json::from_slice::<FindingRecord>(&bytes).ok());
        let record = match known {
            Some(record) => record,
            None => {
                let record = FindingRecord {
                    corpus: context.corpus.name().to_owned(),
                    scale: context.scale,
                    seeds: context.seeds.to_vec(),
                    finding: experiment.run(context, progress)?,
                };
                let text = serde_json::to_string_pretty(&record);
                let text = text.map_err(|error| Error::corrupt(&path, error.to_string()))?;
                write_atomically(&path, text.as_bytes())?;
                record
            }
        };
        findings.push(record.finding);
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_over_seeds_decides() {
        assert_eq!(decide(&[1.0, 1.1, 0.9], 0.0).verdict, Verdict::Holds);
        assert_eq!(
            decide(&[-1.0, -1.1, -0.9], 0.0).verdict,
            Verdict::DoesNotHold
        );
        assert_eq!(decide(&[1.0, -1.2, 0.9], 0.0).verdict, Verdict::NotDecided);
        assert_eq!(decide(&[1.0], 0.0).verdict, Verdict::NotDecided);
    }
}

//! Claims of papers, the miniature experiments that test them, and the verdicts.
//!
//! An experiment measures each quantity once per [`Repetition`]; repetitions share no text. [`Criterion`] tests a quantity
//! against the threshold of the statement with Student's t; [`judge`] corrects for the number of claims (Holm 1979) and gives
//! the verdicts.

mod criterion;
mod family;
mod repetition;
mod reproduce;

use std::path::Path;

use corpus::Corpus;
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::training::Progress;

pub use criterion::{Criterion, Decision, LEVEL, Side};
pub use family::{Judgement, judge};
pub use repetition::Repetition;
pub use reproduce::{FindingRecord, reproduce};

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
    /// The text, of which each repetition has its own part.
    pub corpus: &'a Corpus,
    /// Analogies in the format of `questions-words.txt`, for the claims that need them.
    pub analogies: Option<&'a Path>,
    /// Another text, for claims that compare two.
    pub other: Option<&'a Corpus>,
    /// The seed of each repetition.
    pub seeds: &'a [u64],
    /// How large it may be.
    pub scale: Scale,
    /// The version of the code that trains and measures. Findings of another version are not used again.
    pub version: &'a str,
}

/// An experiment that tests one claim.
pub trait Experiment {
    /// The claim.
    fn claim(&self) -> Claim;

    /// Tests it.
    ///
    /// # Errors
    /// Errors of training and evaluation; [`crate::Error::Interrupted`] if `progress` asks to stop.
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
    /// Results vary too much between repetitions to decide.
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

/// What an experiment measured. Its verdict depends on the other claims of the era too: see [`judge`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The claim.
    pub claim: Claim,
    /// What was measured, in a sentence with the numbers.
    pub measured: String,
    /// The claim holds if all of these do.
    pub criteria: Vec<Criterion>,
    /// The p value of all criteria together, see [`Decision::of`]; 1 without any.
    pub p_value: f64,
}

impl Finding {
    /// The finding that the claim holds if all criteria do.
    pub fn new(claim: Claim, measured: String, criteria: Vec<Criterion>) -> Finding {
        Finding {
            p_value: Decision::of(&criteria).p_value,
            claim,
            measured,
            criteria,
        }
    }

    /// The finding that the claim cannot be tested, with the reason. It is not decided.
    pub fn untested(claim: Claim, reason: &str) -> Finding {
        Finding::new(claim, reason.to_owned(), Vec::new())
    }

    /// What the criteria say together, before correction for the number of claims.
    pub fn decision(&self) -> Decision {
        Decision::of(&self.criteria)
    }
}

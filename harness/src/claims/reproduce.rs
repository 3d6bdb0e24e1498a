//! Runs experiments and stores what they find.

use std::fs;
use std::path::Path;

use corpus::{Corpus, sha256_of, sha256_of_file, write_atomically};
use serde::{Deserialize, Serialize};

use super::{Experiment, ExperimentContext, Finding, Judgement, Scale, judge};
use crate::error::{Error, Result};
use crate::training::Progress;

/// A finding as stored, with its conditions. The verdict is not stored, because it depends on the other claims.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingRecord {
    /// The text, by name.
    pub corpus: String,
    /// The scale of the experiment.
    pub scale: Scale,
    /// The seed of each repetition.
    pub seeds: Vec<u64>,
    /// The version of the code.
    pub version: String,
    /// The number of claims of the era.
    pub family: usize,
    /// SHA-256 of all that the measurement depends on except the claim: findings with the same are judged together.
    pub conditions: String,
    /// What was measured.
    #[serde(flatten)]
    pub finding: Finding,
}

/// Runs the experiments in order, except those whose finding is already in `folder`, and judges all. `family` is the number of
/// claims of the era, of which the experiments may test only some.
///
/// # Errors
/// Errors of an experiment; the findings so far are kept.
pub fn reproduce(
    experiments: &[Box<dyn Experiment>],
    family: usize,
    context: &ExperimentContext<'_>,
    folder: &Path,
    progress: &mut dyn Progress,
) -> Result<Vec<Judgement>> {
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let conditions = conditions(context)?;
    let mut findings = Vec::new();
    for experiment in experiments {
        let claim = experiment.claim();
        let key = sha256_of(format!("{claim:?} {conditions}").as_bytes());
        let path = folder.join(format!("{}-{}.json", claim.id, &key[..8]));
        let known = fs::read(&path).ok();
        let known = known.and_then(|bytes| serde_json::from_slice::<FindingRecord>(&bytes).ok());
        // The name has only a part of the hash.
        let known = known.filter(|record| record.conditions == conditions);
        let finding = match known {
            Some(record) => record.finding,
            None => {
                let record = FindingRecord {
                    corpus: context.corpus.name().to_owned(),
                    scale: context.scale,
                    seeds: context.seeds.to_vec(),
                    version: context.version.to_owned(),
                    family,
                    conditions: conditions.clone(),
                    finding: experiment.run(context, progress)?,
                };
                let text = serde_json::to_string_pretty(&record);
                let text = text.map_err(|error| Error::corrupt(&path, error.to_string()))?;
                write_atomically(&path, text.as_bytes())?;
                record.finding
            }
        };
        findings.push(finding);
    }
    Ok(judge(findings, family))
}

/// What the findings of a context depend on. The settings of experiments are part of the code, hence of its version.
fn conditions(context: &ExperimentContext<'_>) -> Result<String> {
    let text = format!(
        "{:?} {:?} {} {} {:?} {:?}",
        context.seeds,
        context.scale,
        context.version,
        context.corpus.content_checksum(),
        context.analogies.map(sha256_of_file).transpose()?,
        context.other.map(Corpus::content_checksum),
    );
    Ok(sha256_of(text.as_bytes()))
}

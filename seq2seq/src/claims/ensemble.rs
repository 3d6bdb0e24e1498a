//! The claim about ensembles.

use std::path::PathBuf;

use harness::{Claim, Error, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};
use neural::BeamConfig;
use neural::experiments::{finding, mean};

use crate::translation::Ensemble;

/// An ensemble with beam width 2 is better than one model with beam width 12.
pub(super) struct Ensembles(pub(super) TrainingCache);

const WIDTHS: [usize; 3] = [1, 2, 12];

impl Experiment for Ensembles {
    fn claim(&self) -> Claim {
        claim(
            "ensembles",
            "An ensemble with beam width 2 is better than one model with beam width 12",
            "five models with beam 2: BLEU 34.5; one with beam 12: 30.6; five with beam 1, 2, 12: 33.0, 34.5, 34.8",
            "table 1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = TranslationExperiment::open(context, &self.0)?;
        let place = std::env::temp_dir().join(format!("eras-ensemble-{}", std::process::id()));
        let mut folders: Vec<PathBuf> = Vec::new();
        for &seed in context.seeds {
            let outcome = bench.train(&config(&bench), seed, progress)?;
            let folder = place.join(seed.to_string());
            std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
            outcome.translator.save(&folder)?;
            folders.push(folder);
        }
        let judged = judge(&bench, &folders);
        std::fs::remove_dir_all(&place).map_err(Error::io("remove", &place))?;
        let (alone, together) = judged?;
        let of_width = |at: usize| -> Vec<f64> { alone.iter().map(|bleu| bleu[at]).collect() };
        let gains: Vec<f64> = of_width(2)
            .iter()
            .map(|twelve| together[1] - twelve)
            .collect();
        let show = |bleu: [f64; 3]| format!("{:.1}, {:.1}, {:.1}", bleu[0], bleu[1], bleu[2]);
        let means = [0, 1, 2].map(|at| mean(&of_width(at)));
        let measured = format!(
            "BLEU with beam width 1, 2 and 12: one model {}; ensemble of {} {}",
            show(means),
            folders.len(),
            show(together)
        );
        let verdict = decide(&gains, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, gains))
    }
}

/// BLEU with each beam width, of each model and of the ensemble.
fn judge(
    bench: &TranslationExperiment<'_>,
    folders: &[PathBuf],
) -> Result<(Vec<[f64; 3]>, [f64; 3])> {
    let widths = |folders: &[PathBuf]| -> Result<[f64; 3]> {
        let mut found = [0.0; 3];
        for (found, width) in found.iter_mut().zip(WIDTHS) {
            let ensemble = Ensemble::open(folders, |own| BeamConfig { width, ..own })?;
            *found = bench.bleu(&ensemble, &bench.pairs)?;
        }
        Ok(found)
    };
    let alone = folders
        .iter()
        .map(|folder| widths(std::slice::from_ref(folder)));
    Ok((alone.collect::<Result<_>>()?, widths(folders)?))
}

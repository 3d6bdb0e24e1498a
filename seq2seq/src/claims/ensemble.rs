//! The claim about ensembles.

use std::path::{Path, PathBuf};

use harness::{
    Claim, Criterion, Error, Experiment, ExperimentContext, Finding, Progress, Result, Scale,
};
use neural::BeamConfig;
use neural::experiments::{column, mean};

use super::claim;
use super::{TrainingCache, TranslationExperiment, config};
use crate::translation::Ensemble;

/// An ensemble with beam width 2 is better than one model with beam width 12. Each repetition trains an ensemble of its own.
pub(super) struct Ensembles(pub(super) TrainingCache);

const WIDTHS: [usize; 3] = [1, 2, 12];

/// BLEU with each beam width.
type Bleu = [f64; WIDTHS.len()];

/// The BLEU of a repetition.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    /// Of each member alone.
    pub(super) alone: Vec<Bleu>,
    /// Of the ensemble.
    pub(super) together: Bleu,
}

impl Experiment for Ensembles {
    fn claim(&self) -> Claim {
        claim(
            "ensembles",
            "An ensemble with beam width 2 is better than its models with beam width 12",
            "five models with beam 2: BLEU 34.5; one with beam 12: 30.6; five with beam 1, 2, 12: 33.0, 34.5, 34.8",
            "table 1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let place = std::env::temp_dir().join(format!("eras-ensemble-{}", std::process::id()));
        let mut measured = Vec::new();
        for bench in TranslationExperiment::all(context, &self.0)? {
            let own = measure(&bench, &place, progress);
            if place.is_dir() {
                std::fs::remove_dir_all(&place).map_err(Error::io("remove", &place))?;
            }
            measured.push(own?);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// Trains and evaluates an ensemble, whose models are saved in a folder.
fn measure(
    bench: &TranslationExperiment<'_>,
    place: &Path,
    progress: &mut dyn Progress,
) -> Result<Measured> {
    let members = match bench.scale() {
        Scale::Small => 3,
        // As in the paper.
        Scale::Full => 5,
    };
    let mut folders: Vec<PathBuf> = Vec::new();
    for number in 0..members {
        let outcome = bench.train_member(&config(bench), number, progress)?;
        let folder = place.join(number.to_string());
        std::fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        outcome.translator.save(&folder)?;
        folders.push(folder);
    }
    let bleu = |folders: &[PathBuf]| -> Result<Bleu> {
        let mut found = [0.0; WIDTHS.len()];
        for (found, width) in found.iter_mut().zip(WIDTHS) {
            let ensemble = Ensemble::open(folders, |own| BeamConfig { width, ..own })?;
            *found = bench.bleu(&ensemble, &bench.pairs)?;
        }
        Ok(found)
    };
    let alone = folders
        .iter()
        .map(|folder| bleu(std::slice::from_ref(folder)));
    Ok(Measured {
        alone: alone.collect::<Result<_>>()?,
        together: bleu(&folders)?,
    })
}

/// The finding from the BLEU of each repetition.
pub(super) fn finding(claim: Claim, measured: &[Measured]) -> Finding {
    let alone = |own: &Measured, at: usize| mean(&column(&own.alone, |bleu| bleu[at]));
    let gains = column(measured, |own| own.together[1] - alone(own, 2));
    let gain = Criterion::above("gain over the mean of the models, BLEU", gains, 0.0);
    let show = |of: &dyn Fn(&Measured, usize) -> f64| {
        let means = [0, 1, 2].map(|at| mean(&column(measured, |own| of(own, at))));
        format!("{:.1}, {:.1}, {:.1}", means[0], means[1], means[2])
    };
    let sentence = format!(
        "BLEU with beam width 1, 2 and 12: one model {}; ensemble of {} {}; with width 2 {gain:.1} more than one model with width 12",
        show(&alone),
        measured.first().map_or(0, |own| own.alone.len()),
        show(&|own, at| own.together[at]),
    );
    Finding::new(claim, sentence, vec![gain])
}

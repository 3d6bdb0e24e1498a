//! Scaling with data: language models trained on parts of the text, each half as large as the one before.

use std::fs;
use std::path::Path;

use anyhow::Context;
use corpus::Split;
use harness::{Budget, EntryFolder, EntryId, Evaluation, ScalingRow, State, Track, Training};

use super::side_by_side::Jobs;
use super::{Stage, guarded};
use crate::commands::train::train_into;
use crate::models::open_text;
use crate::output::complain;
use crate::progress::{Bar, check};
use crate::remedies::with_remedy;

/// The budget for a part of the text; the number of epochs stays the same.
fn budget_of(whole: Budget, divisor: u32) -> Budget {
    match whole {
        Budget::Time(time) => Budget::Time(time / divisor),
        Budget::Tokens(tokens) => Budget::Tokens((tokens / u64::from(divisor)).max(1)),
        epochs => epochs,
    }
}

impl Stage {
    /// Trains each language model that has a result on the whole text on all parts; returns the failures. Finished parts are kept.
    pub(super) fn run_parts(&self, jobs: Jobs) -> anyhow::Result<Vec<String>> {
        let mut failures = Vec::new();
        if self.run.record.scaling == 0 {
            return Ok(failures);
        }
        let mut rows = self.run.read_scaling()?;
        for id in self.entries() {
            for exponent in 0..self.run.record.scaling {
                let divisor = 1 << exponent;
                let is_known = |row: &ScalingRow| {
                    (&row.era, &row.variant, row.divisor) == (&id.era, &id.variant, divisor)
                };
                if id.track != Track::LanguageModelling || rows.iter().any(is_known) {
                    continue;
                }
                let outcome = guarded(|| self.run_part(id, divisor, jobs));
                match outcome {
                    Ok(Some(row)) => {
                        rows.push(row);
                        self.run.write_scaling(&rows)?;
                    }
                    Ok(None) => break,
                    Err(error) if crate::is_interruption(&error) => {
                        self.conclude()?;
                        let folder = self.run.folder().display();
                        complain(&format!("continue with: eras run --resume {folder}"));
                        return Err(error);
                    }
                    Err(error) => {
                        let reason = with_remedy(&error);
                        complain(&format!("{id} on 1/{divisor} of the text failed: {reason}"));
                        failures.push(format!("{} on 1/{divisor}", id.label()));
                    }
                }
            }
        }
        Ok(failures)
    }

    /// Runs an entry on a part of the text; none if it is not trained, or has no perplexity on the whole text.
    fn run_part(
        &self,
        id: &EntryId,
        divisor: u32,
        jobs: Jobs,
    ) -> anyhow::Result<Option<ScalingRow>> {
        check()?;
        let folder = self.run.entry(id)?;
        if folder.state() != State::Done {
            return Ok(None);
        }
        let whole = folder.read_record::<Evaluation>()?;
        let (Some(perplexity), true) =
            (whole.evaluation.compared(), whole.cost.training_tokens > 0)
        else {
            return Ok(None);
        };
        let corpus = self
            .questions
            .corpus
            .with_share_of_training(1.0 / f64::from(divisor));
        let row = ScalingRow {
            era: id.era.clone(),
            variant: id.variant.clone(),
            divisor,
            tokens: corpus.split(Split::Train)?.len() as u64,
            perplexity,
            training_seconds: whole.cost.training_seconds,
            training_flops: whole.cost.training_flops,
        };
        if divisor == 1 {
            return Ok(Some(row));
        }
        let place = self.run.folder().join("part");
        clear(&place)?;
        let mut bar = Bar::new(&format!("{} on 1/{divisor}", id.label()));
        let own = EntryFolder::open(&place);
        let entry = self.entry(id)?;
        let mut training = Training {
            budget: budget_of(self.run.record.budget, divisor),
            seed: self.run.record.seed,
            validation: self.validation.clone(),
            ..Training::new(&mut bar)
        };
        let mut config = self.configuration(entry)?;
        on_as_many_threads(jobs, &mut config);
        train_into(entry, &config, &corpus, &mut training, &own.model())?;
        bar.show("evaluating");
        let (_, text) = open_text(&own.model())?;
        let scores = text.model.score(&self.questions.set.tokens)?;
        clear(&place)?;
        let last = bar.curve.last();
        Ok(Some(ScalingRow {
            perplexity: self.questions.set.compared_perplexity(&scores),
            training_seconds: last.map_or(0.0, |point| point.seconds),
            training_flops: last.map_or(0.0, |point| point.flops),
            ..row
        }))
    }
}

/// Trains a network on as many threads as on the whole text, where a budget of time must buy as much.
fn on_as_many_threads(jobs: Jobs, config: &mut toml::Table) {
    let compute = config
        .get_mut("compute")
        .and_then(toml::Value::as_table_mut);
    let threads = compute.and_then(|compute| compute.get_mut("threads"));
    if let Some(threads) = threads.filter(|threads| threads.as_integer() == Some(0)) {
        *threads = toml::Value::Integer(jobs.threads as i64);
    }
}

/// Removes the remains of a part.
fn clear(place: &Path) -> anyhow::Result<()> {
    match place.exists() {
        true => {
            fs::remove_dir_all(place).with_context(|| format!("cannot remove {}", place.display()))
        }
        false => Ok(()),
    }
}

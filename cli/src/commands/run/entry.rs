//! One entry of a run: configured, trained, evaluated, recorded.

use std::fs;
use std::ops::ControlFlow;

use anyhow::Context;
use corpus::Split;
use harness::{
    Adaptation, CurvePoint, Entry, EntryFolder, ModelCard, Opened, Progress, Subject, Track,
    Trained, Training, TrainingTotals, borrowed_ideas, evaluator,
};

use super::Stage;
use crate::commands::train::train_into;
use crate::models;
use crate::networks::release_memory;
use crate::progress::check;
use crate::settings::Overrides;
use crate::test_evaluations::Noted;
use crate::unfinished::remove_checkpoints;

impl Stage {
    /// The configuration of an entry in this run.
    pub(super) fn configuration(&self, entry: &dyn Entry) -> anyhow::Result<toml::Table> {
        let run = &self.run.record;
        let mut config = Overrides::of_run(run, entry)?.configure(entry)?;
        entry.adapt(&mut config, Adaptation::AnyCorpus);
        if run.deterministic {
            entry.adapt(&mut config, Adaptation::Deterministic);
        }
        entry.adapt(&mut config, Adaptation::Device(&run.device));
        Ok(config)
    }

    /// Trains, evaluates and records an entry.
    pub(super) fn run_entry(
        &self,
        entry: &dyn Entry,
        folder: &EntryFolder,
        progress: &mut dyn Progress,
    ) -> anyhow::Result<()> {
        let id = entry.id();
        let config = self.configuration(entry)?;
        check()?;
        folder.write_config(&config)?;
        let trained = self.train(entry, &config, folder, progress)?;
        // The model on disk is evaluated, not the one that training left in memory.
        let Opened {
            card, role, model, ..
        } = models::open(&folder.model())?;
        let subject = Subject {
            id: &id,
            card: &card,
            role,
            trained: &trained,
            folder,
            questions: &self.questions,
        };
        evaluator(id.track).evaluate(model, &subject, progress)?;
        // Word vectors are evaluated on public tests, not on the test split.
        if id.track != Track::Words {
            Noted::of(&folder.model(), Split::Test);
        }
        Ok(())
    }

    /// Trains, unless a complete model with the same configuration already exists.
    fn train(
        &self,
        entry: &dyn Entry,
        config: &toml::Table,
        folder: &EntryFolder,
        progress: &mut dyn Progress,
    ) -> anyhow::Result<Trained> {
        if is_trained(config, folder) {
            remove_checkpoints(&folder.checkpoints())?;
            return Ok(Trained {
                curve: folder.read_curve()?,
                memory_before: None,
            });
        }
        remove_leftovers(folder)?;
        // The memory of an entry must not include what the previous one left.
        release_memory();
        let mut trained = Trained::begin();
        let mut progress = Recording {
            curve: Vec::new(),
            progress,
        };
        let mut training = Training {
            budget: self.run.record.budget,
            seed: self.run.record.seed,
            validation: self.validation.clone(),
            checkpoints: Some(folder.checkpoints()),
            checkpoint_every: self.checkpoint_every,
            ..Training::new(&mut progress)
        };
        let corpus = &self.questions.corpus;
        train_into(entry, config, corpus, &mut training, &folder.model())?;
        let totals = TrainingTotals::of(self.run.record.budget, &progress.curve);
        let ideas = borrowed_ideas(entry, config)?;
        ModelCard::note_training(&folder.model(), totals, Vec::new(), ideas)?;
        // The learning curve marks the model as complete; only then may the checkpoints be removed.
        folder.write_curve(&progress.curve)?;
        remove_checkpoints(&folder.checkpoints())?;
        trained.curve = progress.curve;
        Ok(trained)
    }
}

/// Keeps the learning curve on the way to the display.
struct Recording<'a> {
    curve: Vec<CurvePoint>,
    progress: &'a mut dyn Progress,
}

impl Progress for Recording<'_> {
    fn point(&mut self, point: &CurvePoint) {
        self.progress.point(point);
        self.curve.push(point.clone());
    }

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.progress.tick(what, done, total)
    }

    fn note(&mut self, what: &str) {
        self.progress.note(what);
    }
}

/// Whether the folder has a complete model with this configuration. The device it was trained on does not matter.
fn is_trained(config: &toml::Table, folder: &EntryFolder) -> bool {
    let is_same = |card: ModelCard| {
        let mut settings = config.iter().filter(|(key, _)| *key != "compute");
        settings.all(|(key, value)| card.config.get(key) == Some(value))
    };
    let has_curve = folder.path().join("curve.csv").exists();
    has_curve && ModelCard::open(&folder.model()).is_ok_and(is_same)
}

/// Removes the remains of an interrupted run, which may be incomplete.
fn remove_leftovers(folder: &EntryFolder) -> anyhow::Result<()> {
    for left in [folder.model(), folder.path().join("curve.csv")] {
        let removed = match left.is_dir() {
            true => fs::remove_dir_all(&left),
            false => fs::remove_file(&left),
        };
        if left.exists() {
            removed.with_context(|| format!("cannot remove {}", left.display()))?;
        }
    }
    Ok(())
}

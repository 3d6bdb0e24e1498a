//! Runs and models in arguments: those that are named by a run of the workspace become the folders that they name.

use std::path::{Path, PathBuf};

use super::{ArpaCommand, Command, CompareOptions};
use crate::runs::{self, Serves};

impl Command {
    /// Replaces the names of runs, and of the models of their entries, by their folders.
    pub(crate) fn locate(&mut self, workspace: &Path) -> anyhow::Result<()> {
        let run = |path: &mut PathBuf| *path = runs::run(workspace, path);
        let model = |path: &mut PathBuf, serves: Serves| -> anyhow::Result<()> {
            *path = runs::model(workspace, path, serves)?;
            Ok(())
        };
        match self {
            Command::Run(options) => options.resume.iter_mut().for_each(run),
            Command::Report(options) => options.runs.iter_mut().for_each(run),
            Command::Judge(options) => run(&mut options.run),
            Command::Compare(options) => divide(workspace, options),
            Command::Train(options) => {
                let mut from = options.from.iter_mut();
                from.try_for_each(|path| model(path, runs::any))?;
            }
            Command::Evaluate(options) => {
                let serves: Serves = match options.conversation {
                    true => runs::replies,
                    false => runs::any,
                };
                model(&mut options.model, serves)?;
                let mut against = options.against.iter_mut();
                against.try_for_each(|path| model(path, runs::text))?;
            }
            Command::Query(options) => model(&mut options.model, runs::text)?,
            Command::Generate(options) => model(&mut options.model, runs::text)?,
            Command::Words(options) => model(&mut options.model, runs::vectors)?,
            Command::Arpa(ArpaCommand::Export { model: path, .. }) => model(path, runs::text)?,
            Command::Arpa(ArpaCommand::Import { like, .. }) => {
                like.iter_mut()
                    .try_for_each(|path| model(path, runs::text))?;
            }
            Command::Verify(options) => {
                for path in &mut options.folders {
                    *path = runs::run_or_model(workspace, path)?;
                }
            }
            Command::Networks(command) => command.locate(workspace)?,
            Command::Corpus(_)
            | Command::Counts(_)
            | Command::Reproduce(_)
            | Command::Ablate(_)
            | Command::Doctor(_)
            | Command::Completions { .. } => {}
        }
        Ok(())
    }
}

/// `eras compare` asks all entries of a run: what follows the run in the path selects some of them, as `--eras` does.
fn divide(workspace: &Path, options: &mut CompareOptions) {
    let Some((run, rest)) = runs::split(workspace, &options.run) else {
        return;
    };
    let parts: Vec<_> = rest.iter().map(|part| part.to_string_lossy()).collect();
    if let [era] | [era, _, ..] = &parts[..] {
        let variant = parts.get(1).map(|variant| format!("/{variant}"));
        options
            .eras
            .push(format!("{era}{}", variant.unwrap_or_default()));
    }
    options.run = run;
}

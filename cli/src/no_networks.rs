//! What stands for the networks in a program that was built without libtorch.

use std::path::Path;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::output::usage;

/// No commands.
#[derive(Debug, Subcommand)]
pub(crate) enum NetworkCommand {}

impl NetworkCommand {
    /// There is no command that names a model.
    pub(crate) fn locate(&mut self, _: &Path) -> anyhow::Result<()> {
        match *self {}
    }
}

pub(crate) fn run(command: NetworkCommand) -> anyhow::Result<()> {
    match command {}
}

/// Refuses all devices but the processor.
pub(crate) fn require_device(device: &str) -> anyhow::Result<()> {
    match device {
        "cpu" => Ok(()),
        _ => Err(usage(
            "--device: this program was built without the neural eras (feature neural)",
        )),
    }
}

/// There are no networks to share them.
pub(crate) fn cores() -> usize {
    1
}

/// There is no libgomp.
pub(crate) fn bound_spinning() {}

/// Networks leave no memory behind.
pub(crate) fn release_memory() {}

/// There is no libtorch.
pub(crate) fn tensor_facts() -> anyhow::Result<Vec<(&'static str, Value)>> {
    Ok(vec![("libtorch", json!("not built in (feature neural)"))])
}

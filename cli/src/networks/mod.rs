//! The parts of the program that need networks: their commands, devices, and the speed of tensors.
//!
//! A program without libtorch has `no_networks.rs` in place of this module.

mod args;
mod attention;
mod average;
mod chat;
mod encode;
mod models;
mod spinning;
mod translate;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use harness::{EntryId, Track};
use neural::{ComputeConfig, Device, Precision, probe};
use serde_json::{Value, json};

use args::{AttentionOptions, AverageOptions, ChatOptions, EncodeOptions, TranslateOptions};

use crate::runs::{self, Serves};

pub(crate) use neural::release_memory;
pub(crate) use spinning::bound_spinning;

/// Commands that only networks have.
#[derive(Debug, Subcommand)]
pub(crate) enum NetworkCommand {
    /// Translate lines from standard input, or rescore given translations.
    #[command(after_help = "Examples:
  eras translate models/translator < sentences.de > sentences.en
  eras translate models/first models/second --beam 12 --n-best 10 < sentences.de
  eras translate models/translator --rescore other.nbest < sentences.de")]
    Translate(TranslateOptions),
    /// Print the encoder's vector of each line of standard input, separated by spaces.
    #[command(after_help = "Example:
  eras encode models/translator --map sentences.svg < sentences.en > vectors.txt")]
    Encode(EncodeOptions),
    /// Average the weights of several models of one architecture.
    #[command(after_help = "Example:
  eras average models/first models/second --out models/average")]
    Average(AverageOptions),
    /// Draw the attention maps of a Transformer for a text.
    #[command(after_help = "Examples:
  eras attention models/decoder \"The cat that the dog chased ran\" --out attention.svg
  eras attention models/decoder \"The cat ran\" --layer 2 --head 1 --out head.png
  eras attention models/translator \"ein hund rennt .\" --part cross --out cross.svg")]
    Attention(AttentionOptions),
    /// Chat with one or two trained models.
    #[command(after_help = "Example:
  eras chat models/chatbot
  eras chat models/chatbot models/kneser-ney --seed 2
  echo 'where are you from ?' | eras chat models/chatbot")]
    Chat(ChatOptions),
}

impl NetworkCommand {
    /// Replaces the names of models of a run's entries by their folders.
    pub(crate) fn locate(&mut self, workspace: &Path) -> anyhow::Result<()> {
        let (models, serves): (&mut [PathBuf], Serves) = match self {
            NetworkCommand::Translate(options) => (&mut options.models, translations),
            NetworkCommand::Encode(options) => {
                (std::slice::from_mut(&mut options.model), translations)
            }
            NetworkCommand::Average(options) => (&mut options.models, runs::any),
            NetworkCommand::Attention(options) => {
                (std::slice::from_mut(&mut options.model), runs::any)
            }
            NetworkCommand::Chat(options) => (&mut options.models, runs::replies),
        };
        for model in models {
            *model = runs::model(workspace, model, serves)?;
        }
        Ok(())
    }
}

/// For commands that need a translator.
fn translations(id: &EntryId) -> Option<usize> {
    runs::by_track(id, &[Track::Translation])
}

pub(crate) fn run(command: NetworkCommand) -> anyhow::Result<()> {
    let done = match command {
        NetworkCommand::Translate(options) => translate::run(options),
        NetworkCommand::Encode(options) => encode::run(options),
        NetworkCommand::Average(options) => average::run(options),
        NetworkCommand::Attention(options) => attention::run(options),
        NetworkCommand::Chat(options) => chat::run(options),
    };
    done.map_err(known)
}

/// An error of the networks as one of the harness, which says whether the usage is wrong.
fn known(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<neural::Error>() {
        Ok(error) => harness::Error::from(error).into(),
        Err(error) => error,
    }
}

/// Cores on which networks compute.
pub(crate) fn cores() -> usize {
    ComputeConfig::default().resolve().threads
}

/// Refuses a device that is unknown or not available.
pub(crate) fn require_device(device: &str) -> anyhow::Result<()> {
    let device: Result<Device, _> = device.parse();
    let opened = device.and_then(Device::open);
    opened
        .map(drop)
        .map_err(|error| crate::output::usage(format!("--device: {error}")))
}

/// Facts for bug reports: the libtorch in use, and its speed at matrix multiplication.
pub(crate) fn tensor_facts() -> anyhow::Result<Vec<(&'static str, Value)>> {
    // Must come before any other use of libtorch.
    let gpu = Device::Cuda(0).open();
    ComputeConfig::default().apply()?;
    let rate_on = |device, precision| -> anyhow::Result<Value> {
        Ok(json!(probe::matmul_gflops(device, precision)?.round()))
    };
    let rate = |precision| rate_on(Device::Cpu, precision);
    // A GPU that is present but unusable is worth a bug report.
    let try_gpu = || rate_on(Device::Cuda(0), Precision::Bf16);
    let of_gpu = gpu.map_err(anyhow::Error::from).and_then(|_| {
        std::panic::catch_unwind(try_gpu)
            .unwrap_or_else(|_| anyhow::bail!("it is present, but matrix multiplication fails"))
    });
    let of_gpu = match of_gpu {
        Ok(rate) => ("GPU, bf16 in GFLOP/s", rate),
        Err(error) => ("GPU", json!(format!("{error:#}"))),
    };
    let mut facts = vec![
        ("libtorch", json!(neural::libtorch_version())),
        (
            "libtorch folder",
            json!(neural::libtorch_folder().map(shown)),
        ),
        ("libtorch threads", json!(cores())),
        (
            "bf16 in hardware",
            json!(Precision::best_for(Device::Cpu) == Precision::Bf16),
        ),
        ("f32 product in GFLOP/s", rate(Precision::F32)?),
        ("bf16 product in GFLOP/s", rate(Precision::Bf16)?),
        of_gpu,
    ];
    // Of another version, or with a CUDA library that the loaded one uses.
    let others = neural::other_libtorch_folders();
    if !others.is_empty() {
        let others: Vec<String> = others.into_iter().map(shown).collect();
        facts.push(("other libtorch", json!(others)));
    }
    Ok(facts)
}

/// A path as text, also if it is not Unicode, which JSON requires.
fn shown(path: PathBuf) -> String {
    path.display().to_string()
}

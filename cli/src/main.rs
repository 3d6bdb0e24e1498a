//! The `eras` program: arguments, progress, wiring. Everything else is in the crates that it calls.

mod args;
mod choice;
mod commands;
mod corpora;
mod input;
mod models;
#[cfg(feature = "neural")]
mod networks;
#[cfg(not(feature = "neural"))]
#[path = "no_networks.rs"]
mod networks;
mod notes;
mod output;
mod progress;
mod recorded;
mod remedies;
mod runs;
mod settings;
mod test_evaluations;
mod tests;
mod unfinished;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod working_folder;

use std::env;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::output::{Usage, complain};

/// Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return print(&answer),
    };
    notes::listen();
    if arguments.command.trains() {
        networks::bound_spinning();
    }
    corpus::report_truncated_maps();
    let result = progress::listen_for_interrupts(arguments.command.on_interrupt())
        .and_then(|()| run(arguments));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_interruption(&error) => {
            complain("interrupted");
            ExitCode::from(130)
        }
        Err(error) => {
            complain(&format!("error: {}", remedies::with_remedy(&error)));
            ExitCode::from(if is_wrong_usage(&error) { 2 } else { 1 })
        }
    }
}

/// Prints help, the version, or what is wrong with the arguments. Unlike `clap::Error::exit` it reports that it cannot.
fn print(answer: &clap::Error) -> ExitCode {
    let printed = answer.print().and_then(|()| io::stdout().flush());
    if answer.use_stderr() {
        return ExitCode::from(2);
    }
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("error: standard output: {error}"));
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn run(mut arguments: Arguments) -> anyhow::Result<()> {
    let workspace = &arguments.workspace;
    arguments.command.locate(workspace)?;
    match arguments.command {
        Command::Run(options) => commands::run::run(workspace, options),
        Command::RunEntry(options) => commands::run::run_entry(workspace, &options),
        Command::Corpus(command) => commands::corpus::run(workspace, command),
        Command::Train(options) => commands::train::run(workspace, options),
        Command::Evaluate(options) => commands::evaluate::run(workspace, options),
        Command::Query(options) => commands::query::run(options),
        Command::Words(options) => commands::words::run(options),
        Command::Networks(command) => networks::run(command),
        Command::Arpa(command) => commands::arpa::run(command),
        Command::Counts(options) => commands::counts::run(options),
        Command::Generate(options) => commands::generate::run(options),
        Command::Judge(options) => commands::judge::run(options),
        Command::Compare(options) => commands::compare::run(&options),
        Command::Report(options) => commands::report::run(workspace, &options),
        Command::Reproduce(options) => commands::reproduce::run(workspace, options),
        Command::Ablate(options) => commands::ablate::run(workspace, &options),
        Command::Verify(options) => commands::verify::run(options),
        Command::Doctor(options) => commands::doctor::run(workspace, options),
        Command::Completions { shell } => commands::completions::run(shell),
    }
}

/// The file of this program, to start it again; on Linux even if another one has been put in its place.
fn this_program() -> PathBuf {
    match cfg!(target_os = "linux") {
        true => PathBuf::from("/proc/self/exe"),
        false => env::current_exe().unwrap_or_else(|_| PathBuf::from("eras")),
    }
}

/// Mistakes in arguments, whichever crate has found them.
fn is_wrong_usage(error: &anyhow::Error) -> bool {
    let of_corpus = error.downcast_ref::<corpus::Error>();
    let of_harness = error.downcast_ref::<harness::Error>();
    error.is::<Usage>()
        || of_corpus.is_some_and(|error| error.is_wrong_usage())
        || of_harness.is_some_and(|error| error.is_wrong_usage())
}

/// Whether the user has asked to stop, whichever crate noticed it.
fn is_interruption(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let of_corpus = matches!(cause.downcast_ref(), Some(corpus::Error::Interrupted));
        let of_harness = cause.downcast_ref::<harness::Error>();
        of_corpus || of_harness.is_some_and(|error| error.is_interruption())
    })
}

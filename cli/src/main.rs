//! The `eras` program: arguments, progress, wiring. Everything else is in the crates that it calls.

mod args;
mod commands;
mod corpora;
mod eras;
mod evaluation;
#[cfg(feature = "neural")]
mod experiments;
mod output;
mod progress;
mod remedies;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Arguments, Command};
use crate::output::{Usage, complain};

/// Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
fn main() -> ExitCode {
    let arguments = Arguments::parse();
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

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let workspace = &arguments.workspace;
    match arguments.command {
        Command::Run(options) => commands::run::run(workspace, options),
        Command::Corpus(command) => commands::corpus::run(workspace, command),
        Command::Train(options) => commands::train::run(workspace, options),
        Command::Evaluate(options) => commands::evaluate::run(workspace, options),
        Command::Query(options) => commands::query::run(options),
        Command::Words(options) => commands::words::run(options),
        #[cfg(feature = "neural")]
        Command::Translate(options) => commands::translate::run(options),
        #[cfg(feature = "neural")]
        Command::Encode(options) => commands::encode::run(options),
        #[cfg(feature = "neural")]
        Command::Average(options) => commands::average::run(options),
        #[cfg(feature = "neural")]
        Command::Attention(options) => commands::attention::run(options),
        Command::Arpa(command) => commands::arpa::run(command),
        Command::Generate(options) => commands::generate::run(options),
        #[cfg(feature = "neural")]
        Command::Chat(options) => commands::chat::run(options),
        Command::Judge(options) => commands::judge::run(options),
        Command::Compare(options) => commands::compare::run(&options),
        Command::Report(options) => commands::report::run(workspace, &options),
        Command::Reproduce(options) => commands::reproduce::run(workspace, options),
        Command::Verify(options) => commands::verify::run(options),
        Command::Doctor(options) => commands::doctor::run(workspace, options),
        Command::Completions { shell } => commands::completions::run(shell),
    }
}

/// Mistakes in arguments, whichever crate found them.
fn is_wrong_usage(error: &anyhow::Error) -> bool {
    use corpus::Error::{NotFound, NotInCatalogue, Setting};
    error.is::<Usage>()
        || matches!(
            error.downcast_ref(),
            Some(NotFound { .. } | NotInCatalogue { .. } | Setting { .. })
        )
        || matches!(error.downcast_ref(), Some(ngram::Error::Setting { .. }))
        || matches!(error.downcast_ref(), Some(word2vec::Error::Setting { .. }))
        || matches!(error.downcast_ref(), Some(harness::Error::Setting { .. }))
        || is_wrong_usage_of_a_network(error)
}

#[cfg(feature = "neural")]
fn is_wrong_usage_of_a_network(error: &anyhow::Error) -> bool {
    use neural::Error::{Device, Harness};
    matches!(
        error.downcast_ref(),
        Some(Device { .. } | Harness(harness::Error::Setting { .. }))
    )
}

#[cfg(not(feature = "neural"))]
fn is_wrong_usage_of_a_network(_: &anyhow::Error) -> bool {
    false
}

fn is_interruption(error: &anyhow::Error) -> bool {
    use harness::Error::Interrupted;
    error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(Interrupted))
            || matches!(cause.downcast_ref(), Some(corpus::Error::Interrupted))
            || matches!(
                cause.downcast_ref(),
                Some(ngram::Error::Harness(Interrupted))
            )
            || matches!(
                cause.downcast_ref(),
                Some(word2vec::Error::Harness(Interrupted))
            )
            || is_interruption_of_a_network(cause)
    })
}

#[cfg(feature = "neural")]
fn is_interruption_of_a_network(cause: &(dyn std::error::Error + 'static)) -> bool {
    use harness::Error::Interrupted;
    matches!(
        cause.downcast_ref(),
        Some(neural::Error::Harness(Interrupted))
    )
}

#[cfg(not(feature = "neural"))]
fn is_interruption_of_a_network(_: &(dyn std::error::Error + 'static)) -> bool {
    false
}

//! Whether commands parse.

use std::iter;

use clap::Parser;
use clap::error::{ContextKind, ErrorKind};

use super::markdown::{Snippet, is_placeholder};
use super::names::names;
use super::shell::{self, Words};
use crate::args::Arguments;

/// Most commands that cannot be parsed because of a placeholder, such as `eras COMMAND --help`.
const MOST_SKIPPED: usize = 3;

/// Commands that were checked, and what was wrong with them.
#[derive(Debug, Default)]
pub(super) struct Tally {
    checked: usize,
    skipped: Vec<String>,
    problems: Vec<String>,
}

impl Tally {
    pub(super) fn check(&mut self, page: &str, snippet: &Snippet) {
        for arguments in shell::commands(&snippet.text)
            .iter()
            .filter_map(arguments_of)
        {
            let place = format!("{page}:{}: eras {}", snippet.line, arguments.join(" "));
            match verdict(&arguments, snippet.is_inline) {
                Ok(()) => self.checked += 1,
                Err(Problem::Placeholder) => self.skipped.push(place),
                Err(Problem::Wrong(what)) => self.problems.push(format!("{place}\n    {what}")),
            }
        }
    }

    pub(super) fn demand(&self, fewest: usize) {
        assert!(self.problems.is_empty(), "\n{}", self.problems.join("\n"));
        let Tally {
            checked, skipped, ..
        } = self;
        assert!(*checked >= fewest, "only {checked} commands were checked");
        assert!(
            skipped.len() <= MOST_SKIPPED,
            "skipped:\n{}",
            skipped.join("\n")
        );
    }
}

#[derive(Debug)]
enum Problem {
    /// A placeholder stands where the parser wants one of its own words or a number.
    Placeholder,
    Wrong(String),
}

/// Arguments of `eras`, if that is what the words call, by name, by path or through `make run ARGS="…"`.
fn arguments_of(words: &Words) -> Option<Words> {
    let is_ellipsis = |word: &String| word == "…" || word == "...";
    if words[0] == "eras" || words[0].ends_with("/eras") {
        return Some(
            words[1..]
                .iter()
                .filter(|word| !is_ellipsis(word))
                .cloned()
                .collect(),
        );
    }
    let [make, run, arguments] = &words[..] else {
        return None;
    };
    let arguments = arguments
        .strip_prefix("ARGS=")
        .filter(|_| make == "make" && run == "run")?;
    let mut commands = shell::commands(&format!("run {arguments}"));
    commands.pop()
}

fn verdict(arguments: &Words, is_inline: bool) -> Result<(), Problem> {
    let program = iter::once("eras").chain(arguments.iter().map(String::as_str));
    let error = match Arguments::try_parse_from(program) {
        Ok(parsed) => {
            return names(&parsed.command).map_err(|error| Problem::Wrong(format!("{error:#}")));
        }
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Ok(()),
        // `eras query` in a sentence names a command; in a block it would have to work.
        ErrorKind::MissingRequiredArgument
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            if is_inline =>
        {
            Ok(())
        }
        _ if offends_by_placeholder(&error) => Err(Problem::Placeholder),
        _ => Err(Problem::Wrong(
            error.to_string().trim_end().replace('\n', "\n    "),
        )),
    }
}

fn offends_by_placeholder(error: &clap::Error) -> bool {
    let kinds = [ContextKind::InvalidValue, ContextKind::InvalidSubcommand];
    let values = kinds.into_iter().filter_map(|kind| error.get(kind));
    values
        .map(ToString::to_string)
        .any(|value| is_placeholder(&value))
}

/// The examples of a command and of those below it. A comment is set off by at least three spaces.
pub(super) fn check_help(command: &clap::Command, path: &str, tally: &mut Tally) {
    let help = command
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    for (index, line) in help.lines().enumerate() {
        let example = line.trim().split("   ").next().unwrap_or_default();
        let snippet = Snippet {
            line: index + 1,
            text: example.to_owned(),
            is_inline: false,
        };
        tally.check(&format!("{path} --help"), &snippet);
    }
    for below in command.get_subcommands() {
        check_help(below, &format!("{path} {}", below.get_name()), tally);
    }
}

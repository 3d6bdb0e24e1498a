//! Tests that the documentation matches the program: its commands parse, their eras and presets exist, targets of `make` and
//! scripts exist, and links resolve.

mod commands;
mod links;
mod markdown;
mod names;
mod pages;
mod shell;

use clap::CommandFactory;

use super::Arguments;
use commands::{Tally, check_help};
use links::broken;
use pages::{pages, read, root};

/// Fewest commands that the pages hold together; far fewer would mean that they are no longer found.
const FEWEST_COMMANDS: usize = 100;
/// Fewest examples in the help texts.
const FEWEST_EXAMPLES: usize = 40;
/// History, and names of earlier versions: not instructions.
const HISTORY: &str = "CHANGELOG.md";

#[test]
fn every_command_in_the_documentation_parses() {
    let mut tally = Tally::default();
    for page in pages().iter().filter(|page| page.name != HISTORY) {
        for snippet in markdown::code(&page.text) {
            tally.check(&page.name, &snippet);
        }
    }
    tally.demand(FEWEST_COMMANDS);
}

#[test]
fn every_example_in_the_help_texts_parses() {
    let mut tally = Tally::default();
    check_help(&Arguments::command(), "eras", &mut tally);
    tally.demand(FEWEST_EXAMPLES);
}

#[test]
fn every_command_of_the_program_is_documented() {
    let page = read("docs/cli.md");
    let names = Arguments::command();
    let shown = names
        .get_subcommands()
        .filter(|command| !command.is_hide_set());
    let names = shown.map(clap::Command::get_name);
    let missing: Vec<&str> = names
        .filter(|name| *name != "help" && !page.contains(&format!("eras {name}")))
        .collect();
    assert!(missing.is_empty(), "docs/cli.md has no {missing:?}");
}

#[test]
fn every_target_of_make_and_every_script_in_the_documentation_exists() {
    let makefile = read("Makefile");
    let is_target = |word: &str| {
        makefile
            .lines()
            .any(|line| line.starts_with(&format!("{word}:")))
    };
    let mut problems = Vec::new();
    let mut found = 0;
    for page in pages() {
        for snippet in markdown::code(&page.text) {
            for words in shell::commands(&snippet.text) {
                let place = format!("{}:{}", page.name, snippet.line);
                if words[0] == "make" {
                    found += 1;
                    let targets = words[1..].iter().filter(|word| !word.contains('='));
                    let missing = targets.filter(|word| !is_target(word));
                    problems.extend(
                        missing.map(|word| format!("{place}: make {word}: no such target")),
                    );
                } else if ["bench/", "scripts/"]
                    .iter()
                    .any(|folder| words[0].starts_with(folder))
                {
                    found += 1;
                    if !root().join(&words[0]).exists() {
                        problems.push(format!("{place}: {}: no such script", words[0]));
                    }
                }
            }
        }
    }
    assert!(
        found >= 20,
        "only {found} calls of make and scripts were found"
    );
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

#[test]
fn every_link_in_the_documentation_resolves() {
    let mut problems = Vec::new();
    let mut found = 0;
    for page in pages() {
        for link in markdown::links(&page.text) {
            found += 1;
            if let Some(problem) = broken(&page, &link.text) {
                problems.push(format!(
                    "{}:{}: {}: {problem}",
                    page.name, link.line, link.text
                ));
            }
        }
    }
    assert!(found >= 20, "only {found} links were found");
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

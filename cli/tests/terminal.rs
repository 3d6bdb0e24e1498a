//! What texts and models hold reaches a terminal as text: it is shown, and not obeyed.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

mod fixture;

use std::fs;
use std::process::{Command, Stdio};

use fixture::Fixture;

/// What the program prints on a terminal; none without the program that makes one.
fn on_a_terminal(fixture: &Fixture, arguments: &str) -> Option<String> {
    let program = env!("CARGO_BIN_EXE_eras");
    let output = Command::new("script")
        .args(["-qec", &format!("'{program}' {arguments}"), "/dev/null"])
        .current_dir(fixture.path(""))
        .env_remove("ERAS_WORKSPACE")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn sequences_of_a_text_do_not_reach_a_terminal() {
    let fixture = Fixture::empty();
    let line = |at: usize| {
        format!(
            "\u{1b}[35mthe\u{1b}[0m \u{7} cat \u{1b}]0;title\u{7} sat {}\n",
            at % 9
        )
    };
    let text: String = (0..300).map(line).collect();
    fs::write(fixture.path("log.txt"), text).unwrap();
    fixture
        .eras("corpus prepare log.txt --name log --tokens whitespace")
        .success();
    fixture
        .eras("run --corpus log --eras ngram/kneser-ney --budget epochs=1 --out run")
        .success();
    for (arguments, expected) in [
        ("corpus show log", "cat"),
        (
            "generate run/ngram/kneser-ney/language-modelling/model --length 30",
            "cat",
        ),
        ("compare run cat --top 3", "\u{FFFD}]0;title\u{FFFD}"),
        // In the message of an error.
        ("corpus show 'no\u{1b}[35m-such'", "no\u{FFFD}[35m-such"),
    ] {
        let Some(shown) = on_a_terminal(&fixture, arguments) else {
            test_skips::skip("no script(1) on the path, which makes a terminal");
            return;
        };
        assert!(shown.contains(expected), "{arguments}: {shown:?}");
        for sequence in ["\u{1b}[35m", "\u{1b}]0", "\u{7}"] {
            assert!(!shown.contains(sequence), "{arguments}: {shown:?}");
        }
    }
}

//! The chatbot and other models that reply, tested through the program.

#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;

use fixture::{Fixture, printed};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

const SMALL: &str =
    "--set embedding_size=16 --set hidden_size=24 --set compute.threads=1 --budget epochs=1";

/// A village of 30,000 tokens.
fn village() -> Fixture {
    Fixture::village("30k", 100, 4000)
}

/// A village and a chatbot trained on it.
fn trained() -> Fixture {
    let fixture = village();
    fixture
        .eras(&format!("train chatbot --corpus village {SMALL} --out bot"))
        .success();
    fixture
}

#[test]
fn a_dialogue_can_be_held_explained_and_saved() {
    let fixture = trained();
    let input = "Hello, I am Maeve.\n/why\n\n/temperature 1.5\nwhat is your work ?\n/save talk.tsv\n/reset\n/why\n/quit\nunheard\n";
    let run = fixture.eras_reading("chat bot --seed 3", input);
    let stderr = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    let stdout = printed(run);
    // Two replies, and the explanation of one.
    assert_eq!(stdout.matches("bot: ").count(), 2, "{stdout}");
    assert!(stdout.contains(" % · "), "{stdout}");
    assert!(stderr.contains("there is no reply yet"), "{stderr}");
    // A chatbot of one epoch is not ready to talk, which is said once.
    assert_eq!(stderr.matches("bot is undertrained").count(), 1, "{stderr}");
    let saved = fs::read_to_string(fixture.path("talk.tsv")).unwrap();
    let lines: Vec<&str> = saved.lines().collect();
    assert_eq!(lines.len(), 4);
    // In the form of the corpus.
    assert_eq!(lines[0], "0\t0\t0\thello , I am Maeve .");
    assert!(lines[1].starts_with("0\t1\t1\t"));
    fixture
        .eras("corpus prepare talk.tsv --tokens words --split none --name talk")
        .success();
    // The input may end without /quit, and equal seeds give equal replies.
    let again = |seed: u64| {
        printed(fixture.eras_reading(&format!("chat bot --temperature 1 --seed {seed}"), "hello"))
    };
    assert_eq!(again(1), again(1));
    // Control characters of terminals are not printed.
    let stdout = printed(fixture.eras_reading("chat bot", "\u{1b}[2J\u{7} hello\n"));
    assert!(
        !stdout.contains('\u{1b}') && !stdout.contains('\u{7}'),
        "{stdout:?}"
    );
}

#[test]
fn errors_are_reported_and_the_dialogue_continues() {
    let fixture = trained();
    fs::write(fixture.path("taken.tsv"), "").unwrap();
    let input = "/temperature cold\n/temperature -1\n/save taken.tsv\n/save\n/dance\nhello\n";
    fixture
        .eras_reading("chat bot", input)
        .success()
        .stdout(contains("bot: "))
        .stderr(
            contains("/temperature cold: must be a number")
                .and(contains("temperature = -1"))
                .and(contains("taken.tsv: already exists"))
                .and(contains("/save FILE"))
                .and(contains("/dance: unknown command; /reset")),
        );
    // A model card with a wrong vocabulary size.
    let card = fixture.path("bot/model.toml");
    let text = fs::read_to_string(&card).unwrap();
    let size = text
        .lines()
        .find(|line| line.starts_with("vocab_size"))
        .unwrap();
    fs::write(&card, text.replace(size, "vocab_size = 1000000")).unwrap();
    fixture
        .eras_reading("chat bot", "hello\n")
        .code(1)
        .stderr(contains(
            "not the vocabulary that the model was trained with",
        ));
    fs::write(&card, text).unwrap();
    fixture
        .eras("train ngram --corpus village --out counts")
        .success();
    fixture
        .eras("train baselines/copy --corpus village --out translator")
        .success();
    fs::write(fixture.path("text.txt"), "the cat sat\n".repeat(100)).unwrap();
    for (arguments, code, expected) in [
        ("chat counts --temperature 1", 2, "counts is not a chatbot"),
        ("chat nowhere", 1, "nowhere is not a model"),
        ("chat bot bot bot", 2, "unexpected value"),
        ("generate bot --prompt hello", 2, "use it with `eras chat`"),
        ("translate bot", 2, "needs a translator"),
        (
            "evaluate translator --corpus village --conversation",
            2,
            "is a translator and cannot reply",
        ),
        (
            "train chatbot --corpus text.txt --out other",
            2,
            "has no dialogues",
        ),
        (
            "train chatbot --corpus village --set num_heads=7 --out other",
            2,
            "heads = 7",
        ),
        (
            "evaluate bot --corpus village --against counts",
            2,
            "--against",
        ),
    ] {
        fixture
            .eras(arguments)
            .code(code)
            .stderr(contains(expected));
    }
    // A language model continues the dialogue.
    fixture
        .eras_reading("chat counts bot", "hello\n/why\n")
        .success()
        .stdout(contains("counts: ").and(contains("bot: ")))
        .stderr(contains("/why: counts is not a chatbot"));
}

#[test]
fn replies_are_evaluated_by_the_program_and_by_people() {
    let fixture = trained();
    let found = printed(fixture.eras("evaluate bot --corpus village --split valid"));
    assert!(found.contains("chatbot/replies") && found.contains("perplexity after 3 turns"));
    let found = printed(fixture.eras("evaluate bot --corpus village --json"));
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    let by_turns = found["evaluation"]["by_turns"].as_array().unwrap();
    assert_eq!(by_turns.len(), 4);
    fixture
        .eras("run --corpus village --eras baselines/retrieval,baselines/i-do-not-know --out run")
        .success()
        .stdout(contains("baselines/i-do-not-know"));
    let judge = "judge run baselines/retrieval baselines/i-do-not-know --count 3";
    // The second answer is invalid; the fourth ends the session.
    let stdout = printed(fixture.eras_reading(&format!("{judge} --name anna"), "1\nno\n=\nq\n"));
    assert!(stdout.contains("3 of 3"), "{stdout}");
    for name in ["anna", "ben", "cleo", "dora"] {
        fixture
            .eras_reading(&format!("{judge} --name {name}"), "=\n=\n=\n")
            .success();
    }
    let result = printed(fixture.eras(&format!("{judge} --result")));
    assert!(result.contains("neither in 3"), "{result}");
    assert!(result.contains("11 for neither"), "{result}");
    fixture
        .eras("judge run baselines/retrieval chatbot/replies")
        .code(2)
        .stderr(contains(
            "its entries are baselines/i-do-not-know, baselines/retrieval",
        ));
}

#[test]
fn the_network_predicts_plain_text() {
    let fixture = village();
    fixture
        .eras(&format!(
            "train chatbot/lines-tuned --corpus village {SMALL} --out lines"
        ))
        .success();
    fixture
        .eras("evaluate lines --corpus village")
        .success()
        .stdout(contains("chatbot/lines-tuned"));
    fixture
        .eras("generate lines --prompt hello --length 5")
        .success();
}

#[test]
fn claims_are_tested_in_comparison_with_n_grams() {
    let fixture = village();
    // The open domain is the same corpus, so its model is trained once.
    let both = "reproduce chatbot --corpus village --other village --repetitions 2 --json";
    let found = printed(fixture.eras(both));
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    let findings = found.as_array().unwrap();
    let ids: Vec<&str> = findings
        .iter()
        .map(|finding| finding["claim"]["id"].as_str().unwrap())
        .collect();
    let expected = ["ngrams", "context", "closed", "generic", "inconsistent"];
    assert_eq!(ids, expected);
    // The corpus is neither more closed nor more open than itself.
    assert_eq!(findings[2]["adjusted_p_value"], 1.0);
    for finding in findings {
        let criteria = finding["criteria"].as_array().unwrap();
        for criterion in criteria {
            assert_eq!(
                criterion["values"].as_array().unwrap().len(),
                2,
                "{finding}"
            );
        }
        assert!(!criteria.is_empty(), "{finding}");
    }
}

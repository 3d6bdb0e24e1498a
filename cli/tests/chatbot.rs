//! The chatbot and its rivals, driven from outside.

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

/// The same with a model of it.
fn trained() -> Fixture {
    let fixture = village();
    fixture
        .eras(&format!("train chatbot --corpus village {SMALL} --out bot"))
        .success();
    fixture
}

#[test]
fn one_talks_to_it_and_it_says_why() {
    let fixture = trained();
    let talk = "Hello, I am Maeve.\n/why\n\n/temperature 1.5\nwhat is your work ?\n/save talk.tsv\n/reset\n/why\n/quit\nunheard\n";
    let run = fixture.eras_reading("chat bot --seed 3", talk);
    let told = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    let said = printed(run);
    // Two replies, and once why.
    assert_eq!(said.matches("bot: ").count(), 2, "{said}");
    assert!(said.contains(" % · "), "{said}");
    assert!(told.contains("there is no reply yet"), "{told}");
    let saved = fs::read_to_string(fixture.path("talk.tsv")).unwrap();
    let lines: Vec<&str> = saved.lines().collect();
    assert_eq!(lines.len(), 4);
    // As the corpus would have it.
    assert_eq!(lines[0], "0\t0\t0\thello , I am Maeve .");
    assert!(lines[1].starts_with("0\t1\t1\t"));
    fixture
        .eras("corpus prepare talk.tsv --tokens words --split none --name talk")
        .success();
    // The input may end in mid-conversation, and the same seed says the same.
    let again = |seed: u64| {
        printed(fixture.eras_reading(&format!("chat bot --temperature 1 --seed {seed}"), "hello"))
    };
    assert_eq!(again(1), again(1));
    // What would command a terminal is not handed on.
    let odd = printed(fixture.eras_reading("chat bot", "\u{1b}[2J\u{7} hello\n"));
    assert!(!odd.contains('\u{1b}') && !odd.contains('\u{7}'), "{odd:?}");
}

#[test]
fn mistakes_are_named_and_the_conversation_goes_on() {
    let fixture = trained();
    fs::write(fixture.path("taken.tsv"), "").unwrap();
    let talk = "/temperature cold\n/temperature -1\n/save taken.tsv\n/save\n/dance\nhello\n";
    fixture
        .eras_reading("chat bot", talk)
        .success()
        .stdout(contains("bot: "))
        .stderr(
            contains("/temperature cold: must be a number")
                .and(contains("temperature = -1"))
                .and(contains("taken.tsv: already exists"))
                .and(contains("/save FILE"))
                .and(contains("/dance: unknown command; /reset")),
        );
    // The same words, said to be one more.
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
    // A language model goes on with the conversation.
    fixture
        .eras_reading("chat counts bot", "hello\n/why\n")
        .success()
        .stdout(contains("counts: ").and(contains("bot: ")))
        .stderr(contains("/why: counts is not a chatbot"));
}

#[test]
fn replies_are_judged_by_the_program_and_by_people() {
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
    // The second answer is none; the third ends it.
    let said = printed(fixture.eras_reading(&format!("{judge} --name anna"), "1\nno\n=\nq\n"));
    assert!(said.contains("3 of 3"), "{said}");
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
fn its_cells_predict_plain_text() {
    let fixture = village();
    fixture
        .eras(&format!(
            "train chatbot/lines --corpus village {SMALL} --out lines"
        ))
        .success();
    fixture
        .eras("evaluate lines --corpus village")
        .success()
        .stdout(contains("chatbot/lines"));
    fixture
        .eras("generate lines --prompt hello --length 5")
        .success();
}

#[test]
fn claims_are_tested_beside_n_grams() {
    let fixture = village();
    // As the open domain the same again: it is trained once.
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
    assert_eq!(findings[2]["verdict"], "not-decided");
    for finding in findings {
        let values = finding["values"].as_array().unwrap();
        assert_eq!(values.len(), 2, "{finding}");
        assert!(values.iter().all(serde_json::Value::is_number), "{finding}");
    }
}

//! The LSTMs, tested through the program.

#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use fixture::{Fixture, printed};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

const SMALL: &str = "--set embedding_size=16 --set hidden_size=24 --set compute.threads=1";

/// A village of 30,000 tokens and 300 pairs.
fn village() -> Fixture {
    Fixture::village("30k", 300, 10_000)
}

/// Source sentences of the village's test split.
fn sources(fixture: &Fixture, number: usize) -> Vec<String> {
    let path = fixture.path("workspace/corpora/village/pairs/source/test.text");
    let text = fs::read_to_string(path).unwrap();
    text.lines().take(number).map(str::to_owned).collect()
}

#[test]
fn a_language_model_is_trained_evaluated_and_generates_text() {
    let fixture = village();
    fixture
        .eras(&format!(
            "train seq2seq/lstm --corpus village {SMALL} --budget tokens=20k --out lstm"
        ))
        .success()
        .stdout(contains("model: lstm"))
        .stderr(contains("validation perplexity"));
    fixture
        .eras("evaluate lstm --corpus village")
        .success()
        .stdout(contains("seq2seq/lstm").and(contains("perplexity")));
    let written = |seed: u64| {
        printed(fixture.eras(&format!(
            "generate lstm --prompt The --length 30 --seed {seed}"
        )))
    };
    assert_eq!(written(1), written(1));
    assert_ne!(written(1), written(2));
    fixture
        .eras("translate lstm")
        .code(2)
        .stderr(contains("needs a translator"));
    interrupt(&fixture, "generate lstm --prompt The --length 1000000");
}

/// Checks that Ctrl-C ends a command that only reads at once and without a message: libtorch must not be unloaded while a
/// thread computes.
fn interrupt(fixture: &Fixture, command: &str) {
    let mut child = fixture.command();
    child
        .args(command.split(' '))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = child.spawn().unwrap();
    // Waits until the signal handler is installed, and one more second, in which generation starts.
    let status = format!("/proc/{}/status", child.id());
    let has_handler = || {
        let status = fs::read_to_string(&status).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        u64::from_str_radix(caught.unwrap().trim(), 16).unwrap() & 2 != 0
    };
    while !has_handler() {
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_secs(1));
    Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*stderr), (Some(130), ""));
}

#[test]
fn a_translator_is_trained_evaluated_and_translates() {
    let fixture = village();
    for seed in [1, 2] {
        fixture
            .eras(&format!(
                "train seq2seq --corpus village {SMALL} --set training.learning_rate=1e-2 --set training.warmup_steps=10 --set batch_tokens=64 --budget epochs=8 --seed {seed} \
                 --out translator-{seed}"
            ))
            .success()
            .stdout(contains(format!("model: translator-{seed}")));
    }
    fixture
        .eras("evaluate translator-1 --corpus village")
        .success()
        .stdout(contains("BLEU").and(contains("seq2seq/reversed")));
    fixture
        .eras("evaluate translator-1 --corpus village --minimal-pairs x.jsonl")
        .code(2);
    let mut sources = sources(&fixture, 6);
    sources.insert(2, String::new());
    sources.push(String::new());
    let input = sources.join("\n") + "\n";
    let lines = |arguments: &str| {
        let text = printed(fixture.eras_reading(arguments, &input));
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let translated = lines("translate translator-1");
    assert_eq!(translated.len(), 8);
    assert!(translated[2].is_empty() && translated[7].is_empty());
    assert!(translated.iter().filter(|line| !line.is_empty()).count() > 3);
    assert_eq!(
        lines("translate translator-1 translator-2 --beam 3").len(),
        8
    );

    // Candidates of one model, rescored by the other; the empty source has none.
    let candidates = lines("translate translator-1 --n-best 3");
    assert!(candidates.len() > 12, "{candidates:?}");
    assert!(
        candidates
            .iter()
            .all(|line| line.split(" ||| ").count() == 3)
    );
    fs::write(fixture.path("candidates"), candidates.join("\n")).unwrap();
    let chosen = lines("translate translator-2 --rescore candidates");
    assert_eq!(
        (chosen.len(), chosen[2].as_str(), chosen[7].as_str()),
        (8, "", "")
    );
    for (at, line) in chosen
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != 2 && *at != 7)
    {
        let own = format!("{at} ||| {line} |||");
        assert!(
            candidates
                .iter()
                .any(|candidate| candidate.starts_with(&own)),
            "{line}"
        );
    }

    let vectors = lines("encode translator-1 --map map.svg");
    assert_eq!((vectors.len(), vectors[0].split(' ').count()), (8, 2 * 24));
    assert!(
        fs::read_to_string(fixture.path("map.svg"))
            .unwrap()
            .contains("<svg")
    );
}

#[test]
fn untranslatable_input_is_rejected() {
    let fixture = village();
    fixture
        .eras(&format!(
            "train seq2seq --corpus village {SMALL} --budget epochs=1 --out translator"
        ))
        .success();
    fixture
        .eras("generate translator --prompt x")
        .code(2)
        .stderr(contains("eras translate"));
    for (list, place) in [
        (
            "0 ||| a ||| -1\n2 ||| b ||| -2\n1 ||| c ||| -1\n",
            "line 3: source 1 after source 2",
        ),
        (
            "0 ||| a\n",
            "line 1: expected NUMBER ||| TRANSLATION ||| SCORE",
        ),
        ("zero ||| a ||| -1\n", "line 1: the source number"),
        ("0 ||| a ||| nan\n", "line 1: the score"),
        ("1000000000000 ||| a ||| -1\n", "only 2 lines were read"),
        (
            "2 ||| a ||| -1\n",
            "candidates for source 2, but only 2 lines",
        ),
    ] {
        fs::write(fixture.path("list"), list).unwrap();
        fixture
            .eras_reading("translate translator --rescore list", "x\ny\n")
            .failure()
            .stderr(contains(place));
    }
    fs::write(fixture.path("text.txt"), "a line of text\n".repeat(50)).unwrap();
    fixture
        .eras("train seq2seq --corpus text.txt --out other")
        .code(2)
        .stderr(contains("no sentence pairs").and(contains("seq2seq/lstm")));
    fixture
        .eras("train seq2seq --corpus village --set beam.width=0 --out other")
        .code(2)
        .stderr(contains("beam.width = 0"));
    fixture
        .eras("translate nothing")
        .failure()
        .stderr(contains("is not a model"));
}

#[test]
fn a_run_has_a_translation_track() {
    let fixture = village();
    fixture
        .eras("run --corpus village --eras baselines/copy,baselines/word-by-word,oracle/translator --out run")
        .success()
        .stdout(contains("BLEU").and(contains("oracle/translator")));
    let table = fs::read_to_string(fixture.path("run/translation.csv")).unwrap();
    let bleu = |entry: &str| {
        let line = table.lines().find(|line| line.starts_with(entry)).unwrap();
        line.split(',').nth(3).unwrap().parse::<f64>().unwrap()
    };
    let (copy, word_by_word) = (bleu("baselines,copy"), bleu("baselines,word-by-word"));
    assert!(
        copy < word_by_word && word_by_word < bleu("oracle,translator"),
        "{table}"
    );
    let page = fs::read_to_string(fixture.path("run/report/index.html")).unwrap();
    assert!(page.contains("Translation"));
    let translations = fixture.path("run/oracle/translator/translation/translations.txt");
    assert!(!fs::read_to_string(translations).unwrap().is_empty());
    // Resuming a finished run repeats nothing.
    fixture
        .eras("run --resume run")
        .success()
        .stdout(contains("oracle/translator"));
    // The baselines also translate on the command line.
    let model = "run/baselines/word-by-word/translation/model";
    let line = sources(&fixture, 1).remove(0);
    let text = printed(fixture.eras_reading(&format!("translate {model}"), &format!("{line}\n")));
    assert_eq!(text.lines().count(), 1);
    fixture
        .eras(&format!("translate {model} --beam 3"))
        .code(2)
        .stderr(contains("needs a neural translator"));
}

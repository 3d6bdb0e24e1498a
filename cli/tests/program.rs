//! The program's commands and error messages.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use fixture::{Fixture, read};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

#[test]
fn errors_are_printed_once_and_leave_no_files() {
    let fixture = Fixture::prepared_cats();
    let missing = fixture
        .eras(&["report", "nowhere"])
        .code(1)
        .get_output()
        .stderr
        .clone();
    assert_eq!(
        String::from_utf8_lossy(&missing)
            .matches("No such file")
            .count(),
        1
    );
    let empty = [
        "train",
        "ngram",
        "--corpus",
        "cats",
        "--budget",
        "epochs=0.0001",
        "--out",
        "model",
    ];
    fixture.eras(&empty).code(1).stderr(contains("no token"));
    let left: Vec<_> = fs::read_dir(fixture.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| !name.to_string_lossy().contains("partial")),
        "{left:?}"
    );
}

#[test]
fn models_are_trained_evaluated_and_generate_text() {
    let fixture = Fixture::prepared_cats();
    let train = [
        "train",
        "ngram",
        "--corpus",
        "cats",
        "--preset",
        "trigram",
        "--set",
        "alpha=0.5",
        "--out",
        "model",
    ];
    fixture
        .eras(&train)
        .success()
        .stdout(contains("model: model"));
    assert!(read(&fixture.path("model/model.toml")).contains("alpha = 0.5"));
    fixture
        .eras(&train)
        .code(2)
        .stderr(contains("already exists"));
    let evaluated = fixture.json(&[
        "evaluate", "model", "--corpus", "cats", "--split", "valid", "--json",
    ]);
    assert!(evaluated["evaluation"]["perplexity"].as_f64().unwrap() > 1.0);
    let generate = [
        "generate", "model", "--prompt", "the cat", "--length", "6", "--seed", "3",
    ];
    let written = fixture
        .eras(&generate)
        .success()
        .get_output()
        .stdout
        .clone();
    assert!(String::from_utf8_lossy(&written).starts_with("the cat"));
    assert_eq!(fixture.eras(&generate).get_output().stdout, written);
    fixture
        .eras(&["verify", "model", "workspace/corpora/cats"])
        .success();

    let other = [
        "corpus", "prepare", "text.txt", "--name", "other", "--tokens", "chars",
    ];
    fixture.eras(&other).success();
    fixture
        .eras(&["evaluate", "model", "--corpus", "other"])
        .code(1)
        .stderr(contains("another vocabulary"));

    let counts = fixture.path("model/ngrams.fst");
    let mut bytes = fs::read(&counts).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&counts, bytes).unwrap();
    fixture
        .eras(&["verify", "model"])
        .code(1)
        .stderr(contains("ngrams.fst").and(contains("checksum")));
}

#[test]
fn corpora_are_listed_and_shown() {
    let fixture = Fixture::cats();
    fixture
        .eras(&["corpus", "list"])
        .success()
        .stdout(contains("no corpus has been prepared yet"));
    fixture.prepare_cats();
    fixture
        .eras(&["corpus", "list"])
        .success()
        .stdout(contains("cats"));
    let shown = fixture.json(&["corpus", "show", "cats", "--json"]);
    assert_eq!(shown["most_frequent"][0][0], "<eos>");
    let svg = read(Path::new(
        shown["zipf_plot"]
            .as_str()
            .map(|path| fixture.path(path))
            .unwrap()
            .as_path(),
    ));
    assert!(svg.starts_with("<svg"));
    fixture
        .eras(&["corpus", "show", "cats"])
        .success()
        .stdout(contains("type/token ratio"));
    fixture
        .eras(&["corpus", "show", "dogs"])
        .code(2)
        .stderr(contains("the prepared corpora are cats"));
    let again = ["corpus", "prepare", "text.txt", "--name", "cats"];
    fixture.eras(&again).code(1).stderr(contains("--force"));
    fixture
        .eras(&[
            "corpus", "prepare", "text.txt", "--name", "cats", "--tokens", "bpe:300", "--force",
        ])
        .success();
    fixture
        .eras(&["corpus", "fetch"])
        .success()
        .stdout(contains("wikitext-2"));
    fixture
        .eras(&["corpus", "fetch", "no-such"])
        .code(2)
        .stderr(contains("tinyshakespeare"));
}

#[test]
fn invalid_text_is_rejected_with_its_position() {
    let fixture = Fixture::cats();
    fs::write(fixture.path("latin1.txt"), b"fine\nna\xEFve\n").unwrap();
    fs::write(fixture.path("one.txt"), "only one line\n").unwrap();
    fs::write(fixture.path("empty.txt"), "").unwrap();
    let run = |text: &str| fixture.eras(&["run", "--corpus", text]);
    run("latin1.txt")
        .code(1)
        .stderr(contains("latin1.txt, line 2, byte 3").and(contains("--lossy")));
    run("one.txt")
        .code(1)
        .stderr(contains("split would be empty").and(contains("--split none")));
    run("empty.txt").code(1).stderr(contains("no text"));
    run("missing/text.txt")
        .code(2)
        .stderr(contains("no such file"));
    let lossy = [
        "corpus",
        "prepare",
        "latin1.txt",
        "--name",
        "latin1",
        "--lossy",
        "--split",
        "none",
    ];
    fixture.eras(&lossy).success();
    fixture
        .eras(&["run", "--corpus", "latin1"])
        .code(1)
        .stderr(contains("has no test split"));
}

#[test]
fn small_splits_are_warned_of() {
    let fixture = Fixture::cats();
    let warning = "warning: the test split has only";
    fixture
        .eras("corpus prepare text.txt --name small")
        .success()
        .stderr(contains(warning).and(contains("the valid split has only")));
    fixture.run_cats("run").success().stderr(contains(warning));
    let page = read(&fixture.path("run/report/index.html"));
    assert!(page.contains("<p><strong>Warning: </strong>the test split has only"));
    assert!(page.contains("Whether this difference is significant cannot be said"));
    // Forty times as much text is enough.
    fs::write(
        fixture.path("long.txt"),
        read(&fixture.path("text.txt")).repeat(40),
    )
    .unwrap();
    fixture
        .eras("corpus prepare long.txt --name long")
        .success()
        .stderr(contains("warning").not());
}

#[test]
fn a_text_of_one_line_gets_advice_that_works() {
    let fixture = Fixture::empty();
    let line = "all of this long text stands on one line ".repeat(50);
    fs::write(fixture.path("one.txt"), &line).unwrap();
    fixture
        .eras("corpus prepare one.txt --name one")
        .code(1)
        .stderr(contains("too few lines").and(contains("fold -s -w 200 FILE > NEW")));
    let fold = Command::new("fold")
        .args(["-s", "-w", "200", "one.txt"])
        .current_dir(fixture.path(""))
        .output()
        .unwrap();
    fs::write(fixture.path("new.txt"), fold.stdout).unwrap();
    fixture.eras("corpus prepare new.txt --name new").success();
    fs::write(fixture.path("blank.txt"), "\n\n  \n").unwrap();
    fixture
        .eras("corpus prepare blank.txt --name blank")
        .code(1)
        .stderr(contains("blank.txt: contains no text"));
}

#[test]
fn the_tokenizer_suits_the_script() {
    let fixture = Fixture::empty();
    let text: String = (0..300)
        .map(|at| format!("今天天气很好,我们去公园散步。第{at}天。\n"))
        .collect();
    fs::write(fixture.path("diary.txt"), text).unwrap();
    fixture
        .eras("corpus prepare diary.txt --name diary")
        .success()
        .stdout(contains("diary: bpe:8000 tokens"))
        .stderr(contains("no spaces between words"));
    fixture
        .eras("corpus prepare diary.txt --name words --tokens words")
        .success()
        .stdout(contains("words: words tokens"))
        .stderr(contains("--tokens bpe:8000 suits it better"));
    fixture
        .eras("corpus prepare diary.txt --name limited --vocab 50")
        .success()
        .stdout(contains("limited: words tokens, vocabulary 50"));
}

#[test]
fn a_text_is_prepared_with_an_existing_tokenizer() {
    let fixture = Fixture::cats();
    fs::create_dir(fixture.path("pets")).unwrap();
    let tokenizer = r#"{"version":"1.0","added_tokens":[],"normalizer":null,"post_processor":null,"decoder":null,
        "pre_tokenizer":{"type":"WhitespaceSplit"},"model":{"type":"WordLevel","unk_token":"<unk>",
        "vocab":{"<unk>":0,"</s>":1,"the":2,"cat":3,"dog":4}}}"#;
    fs::write(fixture.path("pets/tokenizer.json"), tokenizer).unwrap();
    for (name, path) in [("a", "pets"), ("b", "./pets/tokenizer.json")] {
        fixture
            .eras(&format!(
                "corpus prepare text.txt --name {name} --tokens {path}"
            ))
            .success()
            .stdout(contains("pets tokens, vocabulary 5"));
    }
    let shown = fixture.json("corpus show a --json");
    assert_eq!(shown["tokenizer"], "pets");
    fixture
        .eras("train ngram --corpus a --out pets-model")
        .success();
    fixture
        .eras("generate pets-model --prompt the --length 5")
        .success();
    fs::write(fixture.path("pets/tokenizer.json"), "{}").unwrap();
    for (tokens, expected) in [
        ("pets", "has no model"),
        (".", "holds no tokenizer.json"),
        ("no/such", "no/such"),
    ] {
        fixture
            .eras(&format!(
                "corpus prepare text.txt --name c --tokens {tokens}"
            ))
            .code(1)
            .stderr(contains(expected));
    }
    for tokens in ["pretrained", "wordz"] {
        fixture
            .eras(&format!(
                "corpus prepare text.txt --name c --tokens {tokens}"
            ))
            .code(2)
            .stderr(contains("tokenizer.json"));
    }
}

#[test]
fn a_corpus_of_version_0_1_is_rejected_with_a_remedy() {
    let fixture = Fixture::prepared_cats();
    let record = fixture.path("workspace/corpora/cats/corpus.toml");
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replace("format = 2\n", "format = 1\n")).unwrap();
    let remedy = "prepare the corpus again: eras corpus prepare";
    fixture
        .eras(&["corpus", "show", "cats"])
        .code(1)
        .stderr(contains("written by Eras 0.1").and(contains(remedy)));
}

#[test]
fn wrong_usage_has_its_own_exit_code_and_lists_valid_choices() {
    let fixture = Fixture::prepared_cats();
    for (arguments, expected) in [
        (
            &["run", "--corpus", "cats", "--eras", "ngrams"][..],
            "baselines/uniform",
        ),
        (&["run", "--budget", "soon"], "tokens=5M"),
        (&["run", "--corpus", "no-such"], "corpora are cats"),
        (
            &["run", "--resume", "run", "--seed", "2"],
            "cannot be used with",
        ),
        (
            &[
                "train", "ngram", "--corpus", "cats", "--set", "ordr=3", "--out", "m",
            ],
            "alpha",
        ),
        (
            &[
                "train", "ngram", "--corpus", "cats", "--set", "order=9", "--out", "m",
            ],
            "from 1 to 6",
        ),
        (
            &[
                "train", "ngram", "--corpus", "cats", "--preset", "huge", "--out", "m",
            ],
            "trigram",
        ),
        (
            &["train", "baselines", "--corpus", "cats", "--out", "m"],
            "baselines/unigram",
        ),
        (
            &["corpus", "prepare", "text.txt", "--name", "../x"],
            "letters",
        ),
        (
            &[
                "corpus", "prepare", "text.txt", "--name", "x", "--tokens", "bpe:1",
            ],
            "bpe:1",
        ),
        (&["reproduce", "eliza"], "ngram"),
        (&["verify", "."], "not a corpus, a model or a run"),
        (&["generate", "m", "--temperature=-1"], "temperature"),
        (&["frobnicate"], "unrecognized"),
    ] {
        fixture.eras(arguments).code(2).stderr(contains(expected));
    }
    let none = [
        "corpus", "prepare", "text.txt", "--name", "none", "--vocab", "0",
    ];
    fixture.eras(&none).code(2).stderr(contains("vocab = 0"));
}

#[test]
fn claims_are_tested_and_findings_stored() {
    let fixture = Fixture::prepared_cats();
    let arguments = "reproduce ngram --corpus cats --repetitions 2 --json";
    let findings = fixture.json(arguments);
    assert_eq!(findings.as_array().unwrap().len(), 8);
    assert_eq!(
        findings[0]["criteria"][0]["values"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    // The second time the stored findings are shown, even the measured times.
    assert_eq!(fixture.json(arguments), findings);
    fixture
        .eras("reproduce ngram --corpus cats --repetitions 2")
        .success()
        .stdout(contains("adjusted for 8 claims"));
    fixture
        .eras("reproduce ngram --corpus cats --repetitions 100")
        .failure()
        .stderr(contains("too short for 100 repetitions"));
    let one = fixture
        .json("reproduce ngram --corpus cats --repetitions 2 --claims cheap-to-build --json");
    assert_eq!(one.as_array().unwrap().len(), 1);
    fixture
        .eras("reproduce ngram --corpus cats --claims warm-up")
        .failure()
        .code(2)
        .stderr(contains("no such claim as warm-up; ").and(contains("cheap-to-build")));
}

#[test]
fn a_closed_output_pipe_is_not_a_failure() {
    let fixture = Fixture::prepared_cats();
    let mut child = fixture
        .command()
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn doctor_prints_what_a_bug_report_needs() {
    let facts = Fixture::cats().json(&["doctor", "--json"]);
    assert!(facts["threads"].as_u64().unwrap() > 0);
    if cfg!(feature = "neural") {
        assert!(facts["f32 product in GFLOP/s"].as_f64().unwrap() > 0.0);
        assert!(facts["libtorch"].as_str().unwrap().starts_with("2."));
    }
}

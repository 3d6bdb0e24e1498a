//! Features of n-grams only, tested through the program: counting with little memory, queries, ARPA files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use fixture::{Fixture, printed};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::{contains, starts_with};

/// A village of 60,000 tokens.
fn village() -> Fixture {
    Fixture::village("60k", 300, 10_000)
}

#[test]
fn standard_input_is_read_as_files_are() {
    let fixture = village();
    fixture
        .eras("train ngram/kneser-ney --corpus village --out model")
        .success();
    let query = |text: &[u8]| {
        let mut command = fixture.command();
        command.args(["query", "model"]);
        assert_cmd::Command::from_std(command)
            .write_stdin(text)
            .assert()
    };
    let text = "the house is here .\nthe dog is here .\n";
    let expected = printed(query(text.as_bytes()));
    let utf_16 = format!("\u{FEFF}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for same in [
        format!("\u{FEFF}{text}").into_bytes(),
        text.replace("\nthe", "\n\u{FEFF}the").into_bytes(),
        text.replace('\n', "\r\n").into_bytes(),
        text.replace('\n', "\r").into_bytes(),
        utf_16,
    ] {
        assert_eq!(printed(query(&same)), expected, "{same:?}");
    }
    query(b"the\ncaf\xe9\n")
        .failure()
        .stderr(contains("standard input, line 2, byte 4: not valid UTF-8"));
    query(b"the\0\n")
        .failure()
        .stderr(contains("standard input, line 1, byte 4: NUL byte"));
}

#[test]
fn text_is_scored_token_by_token() {
    let fixture = village();
    fixture
        .eras("train ngram/kneser-ney --corpus village --out model")
        .success();
    let text = fs::read_to_string(fixture.path("workspace/corpora/village/test.text")).unwrap();
    let evaluated =
        printed(fixture.eras_reading("evaluate model --corpus village --split test --json", ""));
    let evaluated: serde_json::Value = serde_json::from_str(&evaluated).unwrap();
    let expected = evaluated["evaluation"]["perplexity"].as_f64().unwrap();

    let totals: serde_json::Value = serde_json::from_str(
        printed(fixture.eras_reading("query model --json", &text))
            .lines()
            .last()
            .unwrap(),
    )
    .unwrap();
    assert!(
        (totals["perplexity"].as_f64().unwrap() / expected - 1.0).abs() < 1e-9,
        "{totals} {expected}"
    );
    let summary = printed(fixture.eras_reading("query model --summary", &text));
    assert!(
        summary.contains(&format!("perplexity {expected:.4}")),
        "{summary}"
    );

    let line = printed(fixture.eras_reading("query model", "Zorgblatt is the .\n"));
    let rows: Vec<Vec<&str>> = line
        .lines()
        .take(5)
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        rows.iter().map(|row| row[2]).collect::<Vec<_>>(),
        ["<unk>", "is", "the", ".", "<eos>"]
    );
    // No n-gram contains an unknown word, so the matched length grows again from there.
    let matched: Vec<usize> = rows.iter().map(|row| row[1].parse().unwrap()).collect();
    assert!(
        matched[0] <= 1 && matched[1] <= 2 && matched[4] <= 5,
        "{matched:?}"
    );
    assert!(line.contains("5 tokens, 1 unknown"), "{line}");
}

#[test]
fn arpa_files_are_exported_and_imported() {
    let fixture = village();
    fixture
        .eras("train ngram/kneser-ney --corpus village --set order=3 --out model")
        .success();
    fixture.eras("arpa export model village.arpa").success();
    fixture
        .eras("arpa export model village.arpa")
        .code(2)
        .stderr(contains("already exists"));
    assert!(
        fs::read_to_string(fixture.path("village.arpa"))
            .unwrap()
            .starts_with("\\data\\\nngram 1=")
    );
    fixture
        .eras("arpa export model -")
        .success()
        .stdout(starts_with("\\data\\"));
    fixture
        .eras("arpa import village.arpa --out again")
        .success()
        .stdout(contains("n-grams"));
    let text = "I know that .\nwhere is the ?\n";
    let (first, second) = (
        printed(fixture.eras_reading("query model", text)),
        printed(fixture.eras_reading("query again", text)),
    );
    assert_eq!(first, second);
    fixture.eras("verify model again").success();

    fs::write(
        fixture.path("half.arpa"),
        "\\data\\\nngram 1=3\n\n\\1-grams:\n-1\ta\n",
    )
    .unwrap();
    fixture
        .eras("arpa import half.arpa --out half")
        .code(1)
        .stderr(contains("half.arpa, line").and(contains("announced 3")));
    assert!(!fixture.path("half").exists());
    fixture
        .eras("train ngram --corpus village --out scores")
        .success();
    fixture
        .eras("arpa export scores scores.arpa")
        .code(2)
        .stderr(contains("kneser-ney"));
    assert!(!fixture.path("scores.arpa").exists());
}

#[test]
fn arpa_files_are_packed_by_name_and_unpacked_by_content() {
    let fixture = village();
    fixture
        .eras("train ngram/kneser-ney --corpus village --set order=2 --out model")
        .success();
    let text = "the cat sat .\nwhere is the dog ?\n";
    fixture.eras("arpa export model plain.arpa").success();
    fixture.eras("arpa import plain.arpa --out plain").success();
    let expected = printed(fixture.eras_reading("query plain", text));
    let plain = fs::read(fixture.path("plain.arpa")).unwrap();
    for ending in ["gz", "zst", "bz2", "xz"] {
        let file = format!("village.arpa.{ending}");
        fixture.eras(&format!("arpa export model {file}")).success();
        let packed = fs::read(fixture.path(&file)).unwrap();
        assert!(packed.len() < plain.len() / 2, "{ending}");
        fixture
            .eras(&format!("arpa import {file} --out {ending}"))
            .success();
        let got = printed(fixture.eras_reading(&format!("query {ending}"), text));
        assert_eq!(got, expected, "{ending}");

        fs::write(fixture.path(&file), &packed[..packed.len() - 9]).unwrap();
        fixture
            .eras(&format!("arpa import {file} --out cut"))
            .code(1)
            .stderr(contains(file));
        assert!(!fixture.path("cut").exists());
    }
    // Packed files are known by their content.
    fixture.eras("arpa export model whole.arpa.gz").success();
    fs::rename(fixture.path("whole.arpa.gz"), fixture.path("nameless.arpa")).unwrap();
    fixture
        .eras("arpa import nameless.arpa --out nameless")
        .success();
    let got = printed(fixture.eras_reading("query nameless", text));
    assert_eq!(got, expected);
}

#[test]
fn an_imported_model_can_be_evaluated_on_the_corpus_of_another() {
    let fixture = village();
    fixture
        .eras("train ngram/kneser-ney --corpus village --set order=3 --out model")
        .success();
    fixture.eras("arpa export model village.arpa").success();
    fixture
        .eras("arpa import village.arpa --out alone")
        .success();
    fixture
        .eras("evaluate alone --corpus village")
        .code(1)
        .stderr(contains("vocabulary"));
    fixture
        .eras("arpa import village.arpa --like model --out again")
        .success();
    let perplexity = |model: &str| {
        let evaluated = fixture.json(&format!("evaluate {model} --corpus village --json"));
        evaluated["evaluation"]["perplexity"].as_f64().unwrap()
    };
    assert!((perplexity("again") / perplexity("model") - 1.0).abs() < 1e-4);

    // Another vocabulary cannot be taken.
    fs::write(
        fixture.path("small.arpa"),
        "\\data\\\nngram 1=4\n\n\\1-grams:\n-99\t<s>\n-1\t</s>\n-1\t<unk>\n-1\tthe\n\n\\end\\\n",
    )
    .unwrap();
    fixture
        .eras("arpa import small.arpa --like model --out small")
        .code(1)
        .stderr(contains("small.arpa, line").and(contains("given vocabulary")));
    assert!(!fixture.path("small").exists());
}

#[test]
fn words_with_no_break_spaces_are_exported() {
    let fixture = Fixture::empty();
    let text = "le prix est de 10\u{A0}000 euros\nil co\u{FB}te 2 euros\nil est ici\n".repeat(20);
    fs::write(fixture.path("french.txt"), text).unwrap();
    fixture
        .eras("corpus prepare french.txt --name french --tokens whitespace --split none")
        .success();
    fixture
        .eras("train ngram/kneser-ney --corpus french --set order=2 --set discount_fallback=true --out model")
        .success();
    fixture.eras("arpa export model french.arpa").success();
    let arpa = fs::read_to_string(fixture.path("french.arpa")).unwrap();
    assert!(arpa.contains("\tde 10\u{A0}000\n"), "{arpa}");
    fixture
        .eras("arpa import french.arpa --out again")
        .success();
    let line = "le prix de 10\u{A0}000 euros\n";
    let of = |model: &str| printed(fixture.eras_reading(&format!("query {model}"), line));
    assert_eq!(of("model"), of("again"));
}

#[test]
fn a_filtered_model_is_scored_alike_with_and_without_the_tokens() {
    let fixture = Fixture::empty();
    fs::write(
        fixture.path("filtered.arpa"),
        "made by hand\r\n\\data\\\r\nngram  1= 4\r\nngram  2= 1\r\n\\1-grams:\r\n-99 <s> -0.5\r\n-1.1 </s>\r\n-0.7 rain -0.4\r\n\
         -0.8 falls -0.3\r\n\r\n\\2-grams:\r\n-0.2 <s> rain\r\n\\end\\\r\n",
    )
    .unwrap();
    fixture
        .eras("arpa import filtered.arpa --out model")
        .success()
        .stdout(contains("6 n-grams"))
        .stderr(contains("<unk> is missing"));
    let text = "rain falls\nfalls falls rain\n";
    let last = |flags: &str| {
        let output = printed(fixture.eras_reading(&format!("query model {flags}"), text));
        let totals: serde_json::Value =
            serde_json::from_str(output.lines().last().unwrap()).unwrap();
        totals["log_prob"].as_f64().unwrap()
    };
    let log10: f64 =
        (-0.2 - 0.4 - 0.8 - 0.3 - 1.1) + (-0.5 - 0.8 - 0.3 - 0.8 - 0.3 - 0.7 - 0.4 - 1.1);
    for flags in ["--json", "--summary --json"] {
        assert!((last(flags) - log10 * std::f64::consts::LN_10).abs() < 1e-4);
    }
}

#[test]
fn little_memory_suffices_and_too_little_is_rejected() {
    let fixture = village();
    fixture
        .eras("train ngram --corpus village --out roomy")
        .success();
    fixture
        .eras("train ngram --corpus village --memory 64M --out tight")
        .success();
    let read = |name: &str| fs::read(fixture.path(name)).unwrap();
    assert!(read("roomy/ngrams.fst") == read("tight/ngrams.fst"));
    fixture
        .eras("train ngram --corpus village --memory 1M --out no")
        .code(2)
        .stderr(contains("at least 64 MiB"));
    fixture
        .eras("train ngram --corpus village --memory 99999999999999G --out no")
        .code(2)
        .stderr(contains("512M"));
    fixture
        .eras("train ngram --corpus village --memory lots --out no")
        .code(2)
        .stderr(contains("512M"));
    fixture
        .eras("train baselines/unigram --corpus village --memory 1G --out no")
        .code(2)
        .stderr(contains("--memory"));
    fixture
        .eras("train ngram --corpus village --set cutoffs=[2,1] --out no")
        .code(2)
        .stderr(contains("cutoffs"));
    fixture
        .eras("query workspace")
        .code(1)
        .stderr(contains("is not a model"));
    assert!(!fixture.path("no").exists());
}

#[test]
fn totals_are_the_same_with_and_without_the_tokens() {
    let fixture = village();
    let text = "the cat sat .\nwho made it ?\nthe cat sat .\n";
    for contexts in ["line", "stream"] {
        let train = format!(
            "train ngram --corpus village --set order=3 --set contexts={contexts} --out {contexts}"
        );
        fixture.eras(&train).success();
        let last = |flags: &str| {
            let output = printed(fixture.eras_reading(&format!("query {contexts}{flags}"), text));
            output.lines().last().unwrap().to_owned()
        };
        assert_eq!(last(""), last(" --summary"), "{contexts}");
    }
}

/// Truncates a file larger than a page to this length, which is not a positive multiple of the page size.
fn truncate(path: &Path, bytes: u64) {
    let file = fs::File::options().write(true).open(path).unwrap();
    assert!(file.metadata().unwrap().len() > 1 << 16);
    file.set_len(bytes).unwrap();
}

/// Checks how a program ends after one of its files was truncated.
fn assert_truncation_is_reported(child: Child) {
    let output = child.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("truncated while it was open"), "{error}");
}

#[test]
fn truncating_an_open_model_ends_the_program_with_a_message() {
    let fixture = village();
    fixture
        .eras("train ngram --corpus village --out model")
        .success();
    let path = fixture.path("model/ngrams.fst");
    let whole = fs::read(&path).unwrap();
    for bytes in [0, 2048] {
        fs::write(&path, &whole).unwrap();
        let mut child = fixture
            .command()
            .args(["query", "model"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        // More than the program's output buffer holds.
        let lines = "the cat is in the garden .\n".repeat(200);
        stdin.write_all(lines.as_bytes()).unwrap();
        let mut first = String::new();
        stdout.read_line(&mut first).unwrap();
        assert!(!first.is_empty());
        truncate(&path, bytes);
        // The program may already have ended when this is written.
        let _ = stdin.write_all(b"a dog is in the house .\n");
        drop(stdin);
        stdout.read_to_string(&mut first).unwrap();
        assert_truncation_is_reported(child);
    }
}

#[test]
fn truncating_an_open_corpus_ends_the_program_with_a_message() {
    let fixture = village();
    let path = fixture.path("workspace/corpora/village/train.tokens");
    let whole = fs::read(&path).unwrap();
    for bytes in [0, 2048] {
        fs::write(&path, &whole).unwrap();
        // Reads the text repeatedly, for far longer than the truncation takes.
        let mut child = fixture
            .command()
            .args(["train", "word2vec/skip-gram", "--corpus", "village"])
            .args(["--budget", "epochs=300", "--out", "vectors"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let maps = format!("/proc/{}/maps", child.id());
        while !fs::read_to_string(&maps).unwrap().contains("train.tokens") {
            assert_eq!(child.try_wait().unwrap(), None, "ended before it read");
            thread::sleep(Duration::from_millis(1));
        }
        truncate(&path, bytes);
        assert_truncation_is_reported(child);
        assert!(!fixture.path("vectors/model.toml").exists());
    }
}

#[test]
fn counts_of_another_program_give_a_model() {
    let fixture = Fixture::empty();
    fs::create_dir(fixture.path("counts")).unwrap();
    let unigrams = "<S>\t3\nthe\t3\ncat\t2\ndog\t1\n</S>\t3\n";
    let bigrams = "<S> the\t3\nthe cat\t2\nthe dog\t1\ncat </S>\t2\ndog </S>\t1\n";
    fs::write(fixture.path("counts/1gm"), unigrams).unwrap();
    fs::write(fixture.path("counts/2gm"), bigrams).unwrap();
    fixture
        .eras("counts counts --set order=2 --out model")
        .success()
        .stdout(contains("model: model (10 n-grams)"));
    fixture.eras("verify model").success();
    fixture
        .eras_reading("query model", "the cat\n")
        .success()
        .stdout(contains("3 tokens, 0 unknown"));
    fixture
        .eras("counts counts --preset kneser-ney --set order=2 --set discount_fallback=true --out smooth")
        .success();
    fixture
        .eras("arpa export smooth -")
        .success()
        .stdout(contains("\tthe cat\n"));
    fixture
        .eras("counts counts --set order=2 --out model")
        .code(2)
        .stderr(contains("already exists"));
    fixture
        .eras("counts counts --out other")
        .code(2)
        .stderr(contains("order = 5").or(contains("must be at most 2")));
    assert!(!fixture.path("other").exists());
}

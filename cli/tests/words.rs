//! Word vectors, tested through the program.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;

use fixture::Fixture;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// A village of 60,000 tokens and word vectors trained on it.
fn trained() -> Fixture {
    let fixture = Fixture::village("60k", 300, 10_000);
    fixture.eras(&format!("{TRAIN} --out vectors")).success();
    fixture
}

const TRAIN: &str =
    "train word2vec --corpus village --set dimension=24 --set epochs=2 --deterministic";

#[test]
fn nearest_words_are_found_and_vectors_exported() {
    let fixture = trained();
    fixture.eras(&format!("{TRAIN} --out again")).success();
    let bytes = |model: &str| fs::read(fixture.path(model).join("vectors.bin")).unwrap();
    assert_eq!(bytes("vectors"), bytes("again"));

    let output = fixture
        .eras("words vectors nearest the --count 3 --json")
        .success();
    let words: Vec<serde_json::Value> =
        serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(words.len(), 3);
    let cosines: Vec<f64> = words
        .iter()
        .map(|word| word["cosine"].as_f64().unwrap())
        .collect();
    assert!(cosines.is_sorted_by(|a, b| a >= b) && cosines[0] <= 1.0);
    let first = words[0]["word"].as_str().unwrap();
    fixture
        .eras(&format!(
            "words vectors nearest the --minus {first} --count 1"
        ))
        .success()
        .stdout(contains(first).not());

    for file in ["vectors.txt", "copy.bin"] {
        fixture
            .eras(&format!("words vectors export {file}"))
            .success();
        fixture
            .eras(&format!("words {file} nearest the --count 1"))
            .success()
            .stdout(contains(first));
        fixture
            .eras(&format!("words vectors export {file}"))
            .code(2)
            .stderr(contains("already exists"));
    }
}

#[test]
fn vectors_are_read_from_pipes() {
    let fixture = Fixture::empty();
    let rows = "king 1 0\nqueen 0.9 0.1\ncheese 0 1\n";
    fs::write(fixture.path("glove.txt"), rows).unwrap();
    fs::write(fixture.path("vectors.txt"), format!("3 2\n{rows}")).unwrap();
    let nearest = |command: &str| {
        let script = format!("$ERAS words <({command}) nearest king --count 1");
        assert_cmd::Command::from_std(fixture.bash(&script)).assert()
    };
    for command in ["cat glove.txt", "cat vectors.txt", "gzip -c vectors.txt"] {
        nearest(command).success().stdout(contains("queen"));
    }
    nearest("tar -cf - vectors.txt")
        .failure()
        .stderr(contains("write it to a file first"));
}

#[test]
fn vectors_of_other_programs_are_read_and_oddities_told() {
    let fixture = Fixture::empty();
    let write = |name: &str, content: &[u8]| fs::write(fixture.path(name), content).unwrap();
    write(
        "glove.txt",
        "paris 1 0\nnew york 0.9 0.1\nparis 0 1\nche\u{1B}[31mese 0.1 0.9\n".as_bytes(),
    );
    fixture
        .eras("words glove.txt nearest paris --count 2")
        .success()
        .stdout(contains("new_york").and(contains("che\u{FFFD}[31mese")))
        .stderr(
            contains("note: glove.txt: the word \"paris\" occurs more than once").and(contains(
                "note: glove.txt: the word \"new york\" holds white space",
            )),
        );
    for copy in ["copy.txt", "copy.bin"] {
        fixture
            .eras(&format!("words glove.txt export {copy}"))
            .success();
        fixture
            .eras(&format!("words {copy} nearest new_york --count 1"))
            .success()
            .stdout(contains("paris"))
            .stderr("");
    }
    write(
        "pairs.csv",
        b"word1,word2,POS,score\nparis,new york,N,9\nnew york,cheese,N,1\n",
    );
    fixture
        .eras("words copy.txt evaluate pairs.csv")
        .success()
        .stdout(contains("1 of 2 pairs known"));
    write("latin.txt", b"2 1\nthe 1\ncaf\xe9 2\n");
    fixture
        .eras("words latin.txt nearest the")
        .failure()
        .stderr(contains("latin.txt, line 3").and(contains("not valid UTF-8")));
}

#[test]
fn vectors_are_evaluated_by_both_kinds_of_tests() {
    let fixture = trained();
    let vocab = fs::read_to_string(fixture.path("vectors/vocab.txt")).unwrap();
    let words: Vec<&str> = vocab
        .lines()
        .filter(|word| !word.starts_with('<'))
        .take(6)
        .collect();
    let [a, b, c, d, e, f] = words[..] else {
        panic!("{words:?}")
    };
    fs::write(
        fixture.path("questions.txt"),
        format!(": family\n{a} {b} {c} {d}\n: gram1\n{e} {f} {a} nowhere\n"),
    )
    .unwrap();
    fs::write(
        fixture.path("pairs.txt"),
        format!("{a}\t{b}\t3.5\n{c}\t{d}\t1\n{e}\t{f}\t2\n"),
    )
    .unwrap();
    fixture
        .eras("words vectors evaluate questions.txt pairs.txt")
        .success()
        .stdout(
            contains("family")
                .and(contains("syntactic"))
                .and(contains("3 of 3 pairs known")),
        );
    fs::write(fixture.path("bad.txt"), ": family\none two three\n").unwrap();
    fixture
        .eras("words vectors evaluate bad.txt")
        .failure()
        .stderr(contains("bad.txt").and(contains("four words, here are 3")));
}

#[test]
fn a_map_names_the_words_it_shows() {
    let fixture = trained();
    fixture
        .eras("words vectors plot the:a was --out map.svg")
        .success()
        .stdout(contains("map.svg: 3 words").and(contains("of the variance")));
    let picture = fs::read_to_string(fixture.path("map.svg")).unwrap();
    for word in [">\nthe\n<", ">\nwas\n<"] {
        assert!(picture.contains(word), "{word:?}");
    }
    for (arguments, expected) in [
        ("the a --out map.svg", "already exists"),
        ("the a --out map.pdf", ".svg or .png"),
        ("the nosuchword --out new.svg", "not one of the"),
        ("the the --out new.svg", "a map needs at least 2"),
    ] {
        fixture
            .eras(&format!("words vectors plot {arguments}"))
            .code(2)
            .stderr(contains(expected));
    }
    assert!(!fixture.path("new.svg").exists());
}

#[test]
fn errors_are_reported() {
    let fixture = trained();
    fixture
        .eras("words vectors analogy the villager nosuchword")
        .code(2)
        .stderr(contains("not one of the"));
    fixture
        .eras("evaluate vectors --corpus village")
        .code(2)
        .stderr(contains("eras words"));
    fixture
        .eras("train word2vec --corpus village --set window=0 --out none")
        .code(2)
        .stderr(contains("window = 0"));
    fixture
        .eras("train ngram --corpus village --set order=1 --set quantise=8 --out rounded")
        .success();
    fixture
        .eras("words rounded nearest the")
        .code(2)
        .stderr(contains("this command needs word vectors"));
    let path = fixture.path("vectors/vectors.bin");
    let bytes = fs::read(&path).unwrap();
    fs::write(fixture.path("cut.bin"), &bytes[..bytes.len() / 2]).unwrap();
    fixture
        .eras("words cut.bin nearest the")
        .failure()
        .stderr(contains("cut.bin").and(contains("cut short")));
}

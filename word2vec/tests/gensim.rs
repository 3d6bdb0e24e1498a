//! Files, neighbours, analogies and similarities compared with gensim's. `golden/gensim_vectors.py` makes the reference values.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use harness::{Vectors, judge_analogies, judge_similarity, read_analogies, read_similarity};
use serde::Deserialize;
use word2vec::formats;

#[derive(Deserialize)]
struct Golden {
    vectors: Vec<(String, Vec<f32>)>,
    similar: Vec<Similar>,
    analogies: Vec<Analogies>,
    spearman: f64,
    unknown_percent: f64,
}

#[derive(Deserialize)]
struct Similar {
    plus: Vec<String>,
    minus: Vec<String>,
    answers: Vec<(String, f32)>,
}

#[derive(Deserialize)]
struct Analogies {
    most_frequent: usize,
    /// Name, number of correct answers, number of questions asked.
    sections: Vec<(String, usize, usize)>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/gensim.json")).unwrap()
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn vectors() -> Vectors {
    formats::read(&path("gensim.bin")).unwrap().vectors
}

#[test]
fn files_of_gensim_can_be_read() {
    let expected = golden().vectors;
    assert_eq!(expected.len(), 40);
    for name in ["gensim.txt", "gensim.bin"] {
        let vectors = formats::read(&path(name)).unwrap().vectors;
        assert_eq!(vectors.dimension(), 5);
        assert_eq!(vectors.len(), expected.len());
        for (word, (expected_word, vector)) in vectors.words().iter().zip(&expected) {
            assert_eq!(word, expected_word);
            assert_eq!(vectors.vector(word).unwrap(), vector, "{name}");
        }
    }
}

#[test]
fn neighbours_equal_those_of_gensim() {
    let vectors = vectors();
    for Similar {
        plus,
        minus,
        answers,
    } in golden().similar
    {
        let plus: Vec<&str> = plus.iter().map(String::as_str).collect();
        let minus: Vec<&str> = minus.iter().map(String::as_str).collect();
        let got = vectors.analogous(&plus, &minus, answers.len()).unwrap();
        for ((word, cosine), (expected_word, expected)) in got.iter().zip(&answers) {
            assert_eq!(word, expected_word, "{plus:?} {minus:?}");
            assert!((cosine - expected).abs() < 1e-5, "{cosine} {expected}");
        }
        assert_eq!(got.len(), answers.len());
    }
}

#[test]
fn analogies_are_answered_as_in_gensim() {
    let (vectors, questions) = (vectors(), read_analogies(&path("questions.txt")).unwrap());
    for expected in golden().analogies {
        let result = judge_analogies(&vectors, &questions, expected.most_frequent);
        let sections: Vec<(String, usize, usize)> = result
            .sections
            .into_iter()
            .map(|section| (section.name, section.tally.right, section.tally.asked))
            .collect();
        assert_eq!(sections, expected.sections);
        assert_eq!(result.total.total, 160);
    }
}

#[test]
fn similarities_equal_those_of_gensim() {
    let pairs = read_similarity(&path("pairs.txt")).unwrap();
    let result = judge_similarity(&vectors(), &pairs);
    let golden = golden();
    assert!((result.rho.unwrap() - golden.spearman).abs() < 1e-5);
    let unknown = 100.0 * (1.0 - result.coverage().unwrap());
    assert!((unknown - golden.unknown_percent).abs() < 1e-9);
}

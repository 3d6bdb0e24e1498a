//! A model of fastText compared with gensim's reading of it. `golden/fasttext.py` makes both files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use serde::Deserialize;
use word2vec::formats;

#[derive(Deserialize)]
struct Golden {
    known: Vec<(String, Vec<f32>)>,
    unknown: Vec<(String, Vec<f32>)>,
    similar: Vec<(String, Vec<(String, f32)>)>,
}

#[test]
fn models_of_fasttext_are_read_as_in_gensim() {
    let golden: Golden = serde_json::from_str(include_str!("golden/fasttext.json")).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/fasttext.bin");
    let formats::VectorFile { vectors, notes } = formats::read(&path).unwrap();
    assert_eq!(notes, [""; 0]);
    assert_eq!(vectors.len(), golden.known.len());
    let close = |a: &[f32], b: &[f32]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-6)
    };
    for (word, expected) in &golden.known {
        let vector = vectors.vector(word).unwrap();
        assert!(close(vector, expected), "{word}: {vector:?} {expected:?}");
    }
    assert_eq!(golden.unknown.len(), 7);
    for (word, expected) in &golden.unknown {
        assert_eq!(vectors.id(word), None);
        let length = expected
            .iter()
            .map(|value| value * value)
            .sum::<f32>()
            .sqrt();
        let expected: Vec<f32> = expected.iter().map(|value| value / length).collect();
        let direction = vectors.combine(&[word], &[]).unwrap();
        let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
        assert!(
            direction.iter().zip(&expected).all(near),
            "{word}: {direction:?} {expected:?}"
        );
    }
    for (word, expected) in &golden.similar {
        let nearest = vectors.analogous(&[word], &[], expected.len()).unwrap();
        for ((word, cosine), (expected_word, expected)) in nearest.iter().zip(expected) {
            assert_eq!(word, expected_word);
            assert!(
                (cosine - expected).abs() < 1e-5,
                "{word}: {cosine} {expected}"
            );
        }
    }
}

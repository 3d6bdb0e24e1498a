//! Word vectors and their tests, through the public interface.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use harness::{
    AnalogySection, Error, Result, SimilarityPair, Tally, Vectors, WordVectors, judge_analogies,
    judge_similarity, read_analogies, read_similarity,
};
use proptest::prelude::*;

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// Four words that form an analogy, and an unrelated one.
fn royals() -> Vectors {
    let values = vec![
        1.0, 0.0, 0.2, // man
        0.0, 1.0, 0.2, // woman
        2.0, 0.0, 2.0, // king
        0.0, 0.5, 0.5, // queen
        -1.0, -1.0, 0.0, // stone
    ];
    Vectors::new(words("man woman king queen stone"), 3, values).unwrap()
}

fn message<T: std::fmt::Debug>(result: Result<T>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_vector_is_found_by_its_word() {
    let vectors = royals();
    assert_eq!((vectors.len(), vectors.dimension()), (5, 3));
    assert_eq!(vectors.id("king"), Some(2));
    assert_eq!(vectors.vector("king"), Some(&[2.0, 0.0, 2.0][..]));
    assert_eq!(vectors.vector("King"), None);
    assert_eq!(vectors.values().len(), 15);
    assert_eq!(vectors.words()[4], "stone");
    assert_eq!(format!("{vectors:?}"), "Vectors(5 words, 3)");
}

#[test]
fn neighbours_have_the_largest_cosines() {
    let vectors: Box<dyn WordVectors> = Box::new(royals());
    let nearest = vectors.nearest(&[0.0, 3.0, 3.0], 2);
    assert_eq!(nearest[0].0, "queen");
    assert!((nearest[0].1 - 1.0).abs() < 1e-6);
    assert_eq!(nearest[1].0, "woman");
    assert!((nearest[1].1 - 1.2 / (2.0_f32 * 1.04).sqrt()).abs() < 1e-6);
    assert_eq!(vectors.nearest(&[1.0, 0.0, 0.0], 99).len(), 5);
    assert!(vectors.nearest(&[1.0, 0.0, 0.0], 0).is_empty());
    assert!(vectors.nearest(&[1.0, 0.0], 3).is_empty());
    // Without any similar vector, more frequent words come first.
    assert_eq!(vectors.nearest(&[0.0; 3], 1), [("man".to_owned(), 0.0)]);
}

#[test]
fn the_words_of_a_question_are_excluded_from_the_answers() {
    let vectors = royals();
    let answers = vectors.analogous(&["woman", "king"], &["man"], 9).unwrap();
    assert_eq!(answers[0].0, "queen");
    assert_eq!(answers.len(), 2);
    let all = vectors.nearest_excluding(&[2.0, 0.0, 2.0], 1, &[2]);
    assert_eq!(all[0].0, "man");
}

#[test]
fn errors_about_unknown_words_suggest_the_closest_spellings() {
    let vectors = royals();
    assert_eq!(
        message(vectors.analogous(&["quen"], &[], 1)),
        "word = quen: not one of the 5 words; the closest spellings are queen"
    );
    assert_eq!(
        message(vectors.find("xylophone")),
        "word = xylophone: not one of the 5 words"
    );
}

#[test]
fn a_restricted_vocabulary_keeps_the_first_words() {
    let few = royals().restricted(2);
    assert_eq!(few.words(), ["man", "woman"]);
    assert_eq!(few.vector("woman"), Some(&[0.0, 1.0, 0.2][..]));
    assert_eq!((few.id("king"), few.values().len()), (None, 6));
    assert_eq!(royals().restricted(99).len(), 5);
    assert!(royals().restricted(0).is_empty());
}

#[test]
fn invalid_vectors_are_rejected() {
    let new = |text: &str, dimension, values: &[f32]| {
        message(Vectors::new(words(text), dimension, values.to_vec()))
    };
    assert!(new("a b", 0, &[]).contains("at least one coordinate"));
    assert!(new("a b", 2, &[1.0; 3]).contains("2 words of 2 coordinates, but 3 numbers"));
    assert!(new("a b a", 1, &[1.0; 3]).contains("\"a\" occurs twice, as number 1 and number 3"));
    assert!(new("a  b", 1, &[1.0; 3]).contains("word number 2 is empty"));
    assert!(new("a b", 1, &[1.0, f32::NAN]).contains("the vector of \"b\" holds NaN"));
    assert!(new("a b", 1, &[-f32::INFINITY, 1.0]).contains("the vector of \"a\" holds -inf"));
    for spaced in ["new york", "tab\t", "\nline"] {
        let error = Vectors::new(vec![spaced.to_owned()], 1, vec![1.0]);
        assert!(message(error).contains(&format!("{spaced:?} holds white space")));
    }
    assert!(Vectors::new(Vec::new(), 3, Vec::new()).unwrap().is_empty());
}

#[test]
fn very_long_and_very_short_vectors_have_directions() {
    let values = vec![f32::MAX, f32::MAX, f32::MIN_POSITIVE, 0.0, 0.0, 0.0];
    let vectors = Vectors::new(words("long short none"), 2, values).unwrap();
    let nearest = vectors.nearest(&[1e-30, 1e-30], 3);
    let cosines: Vec<f32> = nearest.iter().map(|answer| answer.1).collect();
    assert_eq!(nearest[0].0, "long");
    assert!((cosines[0] - 1.0).abs() < 1e-6);
    assert!((cosines[1] - 0.5_f32.sqrt()).abs() < 1e-6);
    assert_eq!(cosines[2], 0.0);
}

fn section(name: &str, questions: &[&str]) -> AnalogySection {
    let question = |line: &&str| words(line).try_into().unwrap();
    AnalogySection {
        name: name.to_owned(),
        questions: questions.iter().map(question).collect(),
    }
}

fn tally(right: usize, asked: usize, total: usize) -> Tally {
    Tally {
        right,
        asked,
        total,
    }
}

#[test]
fn analogies_are_counted_by_section() {
    let sections = [
        section(
            "family",
            &[
                "man woman king queen",
                "MAN Woman king QUEEN",
                "man woman king stone",
            ],
        ),
        section("gram1", &["man woman king queen", "man woman king empress"]),
        section("gram2", &["man woman boy girl"]),
    ];
    let result = judge_analogies(&royals(), &sections, 30_000);
    let tallies: Vec<Tally> = result
        .sections
        .iter()
        .map(|section| section.tally)
        .collect();
    assert_eq!(tallies, [tally(2, 3, 3), tally(1, 1, 2), tally(0, 0, 1)]);
    assert_eq!(result.semantic, tally(2, 3, 3));
    assert_eq!(result.syntactic, tally(1, 1, 3));
    assert_eq!(result.total, tally(3, 4, 6));
    assert_eq!(result.total.accuracy(), Some(0.75));
    assert_eq!(result.total.coverage(), Some(4.0 / 6.0));
    assert_eq!(
        (tallies[2].accuracy(), Tally::default().coverage()),
        (None, None)
    );
    let json = serde_json::to_value(&result).unwrap();
    assert_eq!(json["sections"][0]["right"], 2);
    assert_eq!(
        serde_json::from_value::<harness::AnalogiesResult>(json).unwrap(),
        result
    );
    // The three most frequent words do not include queen, so no question is asked.
    assert_eq!(
        judge_analogies(&royals(), &sections, 3).total,
        tally(0, 0, 6)
    );
    assert_eq!(judge_analogies(&royals(), &[], 3).total, Tally::default());
}

#[test]
fn case_is_ignored() {
    // Queen is closer than queen, and KING is the closest; questions use the first spelling.
    let values = vec![
        1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 2.0, -0.2, 2.0, -0.34, 2.0,
    ];
    let vectors = Vectors::new(words("man woman king queen Queen KING"), 2, values).unwrap();
    let sections = [section("royal", &["man woman king queen"])];
    assert_eq!(
        judge_analogies(&vectors, &sections, 99).total,
        tally(1, 1, 1)
    );
}

/// A naive implementation in f64, one question and one candidate at a time.
fn naive(vectors: &Vectors, sections: &[AnalogySection]) -> Vec<usize> {
    let unit = |word: &str| -> Vec<f64> {
        let vector = vectors.vector(word).unwrap().iter().map(|&x| f64::from(x));
        let length = vector.clone().map(|x| x * x).sum::<f64>().sqrt();
        vector.map(|x| x / length).collect()
    };
    let right = |[a, b, c, d]: &[String; 4]| {
        let (va, vb, vc) = (unit(a), unit(b), unit(c));
        let score = |word: &String| -> f64 {
            let terms = unit(word).into_iter().enumerate();
            terms.map(|(i, x)| x * (vb[i] - va[i] + vc[i])).sum()
        };
        let best = vectors
            .words()
            .iter()
            .filter(|word| ![a, b, c].contains(word))
            .max_by(|x, y| score(x).total_cmp(&score(y)));
        best == Some(d)
    };
    sections
        .iter()
        .map(|section| {
            section
                .questions
                .iter()
                .filter(|question| right(question))
                .count()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// More words than fit one tile, in dimensions that are not multiples of the SIMD width.
    #[test]
    fn the_fast_implementation_agrees_with_the_naive_one(
        dimension in 1_usize..40,
        count in 4_usize..300,
        seed in any::<u32>(),
    ) {
        let mut state = seed;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        let names: Vec<String> = (0..count).map(|n| format!("w{n}")).collect();
        let values = (0..count * dimension).map(|_| draw()).collect();
        let vectors = Vectors::new(names.clone(), dimension, values).unwrap();
        let mut any_word = || names[((draw() + 1.0) * 0.49 * count as f32) as usize].clone();
        let mut questions = Vec::new();
        for _ in 0..20 {
            let [a, b, c] = [any_word(), any_word(), any_word()];
            let answers = vectors.analogous(&[&b, &c], &[&a], 1).unwrap();
            questions.push([a.clone(), b.clone(), c.clone(), any_word()]);
            if let Some((d, _)) = answers.first() {
                questions.push([a, b, c, d.clone()]);
            }
        }
        let sections = [AnalogySection { name: "all".to_owned(), questions }];
        // In one dimension all cosines are 1 or -1, so the best answer depends on rounding.
        prop_assume!(dimension > 1);
        let got = judge_analogies(&vectors, &sections, count).total.right;
        prop_assert_eq!(got, naive(&vectors, &sections)[0]);
    }
}

#[test]
fn questions_are_parsed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("questions.txt");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        read_analogies(&path)
    };
    let sections =
        read(": capitals\nParis France  Rome\tItaly\n\n: gram1-plural\r\na b c d\r\n").unwrap();
    assert_eq!(
        sections[0],
        section("capitals", &["Paris France Rome Italy"])
    );
    assert_eq!(sections[1], section("gram1-plural", &["a b c d"]));
    let refusals = [
        (
            ": x\na b c\n",
            "questions.txt, line 2: a question is four words, here are 3",
        ),
        (
            "\nParis France Rome Italy\n: x\na b c d\n",
            "questions.txt, line 2: a question before the first section",
        ),
        (
            ": x\na b c d\nNew York USA Paris France\n",
            "questions.txt, line 3: a question is four words, here are 5",
        ),
        ("a,b,c,d,e\n1,2,,4,5\n", "line 2: a question is four words"),
        ("", "questions.txt: there is no question in it"),
        (": x\n: y\n", "there is no question in it"),
    ];
    for (text, expected) in refusals {
        let message = message(read(text));
        assert!(message.contains(expected), "{message}");
    }
    assert!(matches!(
        read_analogies(folder.path()),
        Err(Error::Corpus(_))
    ));
}

#[test]
fn questions_have_titles_comments_and_columns_in_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("family.csv");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        read_analogies(&path).unwrap()
    };
    let question = "man woman king queen";
    let one = |name| [section(name, &[question])];
    for text in [
        "man woman king queen\n",
        "word1,word2,word3,word4\r\nman,woman,king,queen\r\n",
        "\u{FEFF}a,b,c,d\n\"man\",\"woman\",\"king\",\"queen\"\n",
        "# family\nman;woman;king;queen;0.5;easy\n",
        "man\twoman\tking\tqueen\textra\n",
        "man woman king queen 1\n",
        "id,word1,word2,word3,target\n7,man,woman,king,queen\n",
    ] {
        assert_eq!(read(text), one("family"), "{text}");
    }
    assert_eq!(
        read("// Copyright\n: gram1\nman\twoman\tking\tqueen\t7\n"),
        one("gram1")
    );
    assert_eq!(
        read("word1 word2 word3 word4\n: gram1\nman woman king queen\n"),
        one("gram1")
    );
    let table = "category,word_one,word_two,word_three,word_four\nx,a,b,c,d\ny,man,woman,king,queen\nx,b,a,d,c\n";
    let expected = [
        section("x", &["a b c d", "b a d c"]),
        section("y", &[question]),
    ];
    assert_eq!(read(table), expected);
}

#[test]
fn the_kind_of_a_test_is_detected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.csv");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        harness::WordTest::read(&path)
    };
    for text in [
        ": x\na b c e\n",
        "# x\n\n: x\na b c e\n",
        "man,woman,king,queen\nboy,girl,he,she\n",
    ] {
        let questions = read(text).unwrap().questions;
        assert!(
            matches!(questions, harness::WordQuestions::Analogies(_)),
            "{text}"
        );
    }
    for text in [
        "a b 1\n",
        "word1,word2,POS,SimLex\nold,new,A,1.58\n",
        "word1\tword2\tscore\na\tb\t1\n",
    ] {
        let questions = read(text).unwrap().questions;
        assert!(
            matches!(questions, harness::WordQuestions::Similarity(_)),
            "{text}"
        );
    }
    assert!(message(read("tiger cat\n")).contains("line 1: a pair is two words and a number"));
}

#[test]
fn pairs_are_parsed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.txt");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        read_similarity(&path)
    };
    let pairs = read("# comment\ntiger\tcat\t7.35\n\nlove  sex 10\n").unwrap();
    assert_eq!(pairs[1].words, ["love", "sex"]);
    assert_eq!((pairs.len(), pairs[0].score), (2, 7.35));
    for line in [
        "tiger cat",
        "tiger cat x",
        "tiger 1",
        "tiger cat nan",
        "tiger\t\t1",
    ] {
        let message = message(read(&format!("a b 1\n{line}\n")));
        assert!(
            message.contains("pairs.txt, line 2: a pair is two words and a number"),
            "{message}"
        );
    }
    assert!(message(read("# none\n")).contains("there is no pair of words in it"));
}

#[test]
fn pairs_have_titles_comments_and_columns_in_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.csv");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        let pairs = read_similarity(&path).unwrap();
        pairs
            .into_iter()
            .map(
                |SimilarityPair {
                     words: [a, b],
                     score,
                 }| format!("{a} {b} {score}"),
            )
            .collect::<Vec<_>>()
    };
    let expected = ["tiger cat 7.35", "new_york city 6"];
    for text in [
        "tiger\tcat\t7.35\nnew york\tcity\t6\n",
        "Word 1\tWord 2\tHuman (mean)\ntiger\tcat\t7.35\nnew york\tcity\t6\n",
        "\u{FEFF}Word 1,Word 2,Human (mean),1,2\r\ntiger,cat,7.35,9,7\r\nnew york,city,6,5,7\r\n",
        "word1\tword2\tPOS\tSimLex999\tSD\ntiger\tcat\tN\t7.35\t1\nnew york\tcity\tN\t6.0\t2\n",
        "# two pairs\n# Word 1\tWord 2\tMean\ntiger;cat;7.35\n\n\"new york\";city;6\n",
        "// two pairs\ntiger cat N 7.35\nnew_york city N 6e0\n",
        ",word1,word2,score\n0,tiger,cat,7.35\n1,new york,city,6\n",
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    assert_eq!(read("word1 word2 score\na b 1\n"), ["a b 1"]);
}

#[test]
fn words_that_are_not_there_can_have_vectors() {
    struct Lengths;
    impl harness::UnknownWords for Lengths {
        fn vector(&self, word: &str) -> Option<Vec<f32>> {
            (word.len() > 3).then(|| vec![word.len() as f32, 0.0])
        }
    }
    let vectors = Vectors::new(words("across up"), 2, vec![1.0, 0.0, 0.0, 1.0])
        .unwrap()
        .with_unknown_words(std::sync::Arc::new(Lengths));
    assert_eq!(vectors.combine(&["longer"], &["up"]).unwrap(), [1.0, -1.0]);
    let nearest = vectors.analogous(&["longer"], &[], 9).unwrap();
    assert_eq!(
        nearest,
        [("across".to_owned(), 1.0), ("up".to_owned(), 0.0)]
    );
    assert_eq!(
        vectors
            .restricted(1)
            .analogous(&["longer"], &[], 9)
            .unwrap()
            .len(),
        1
    );
    assert!(message(vectors.combine(&["few"], &[])).contains("not one of the 2 words"));
    assert_eq!(vectors.id("longer"), None);
}

#[test]
fn similarity_is_the_rank_correlation() {
    let pair = |a: &str, b: &str, score| SimilarityPair {
        words: [a, b].map(str::to_owned),
        score,
    };
    // By cosine: 0.83, 0.14, 0.04, -0.5.
    let mut pairs = vec![
        pair("Woman", "queen", 9.0),
        pair("woman", "KING", 8.0),
        pair("man", "woman", 2.0),
        pair("king", "stone", 1.0),
        pair("king", "emperor", 10.0),
    ];
    let result = judge_similarity(&royals(), &pairs);
    assert!((result.rho.unwrap() - 1.0).abs() < 1e-12);
    assert_eq!(
        (result.asked, result.total, result.coverage()),
        (4, 5, Some(0.8))
    );
    pairs.swap(0, 4);
    pairs.truncate(1);
    let result = judge_similarity(&royals(), &pairs);
    assert_eq!((result.rho, result.asked), (None, 0));
}

//! A trained translator, through the public interface.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use corpus::{Corpus, OnExisting, Settings, Source, SplitRule, Watch};
use harness::{Budget, Silent, Training, Translator as _};
use neural::{NBest as _, TrainingConfig, TranslatorConfig as _};
use proptest::prelude::*;
use seq2seq::{Config, Ensemble, SourceOrder, Translator, sentence_vectors};

/// Digits and their translation; a 7 is doubled.
fn pair(number: u32) -> (String, String) {
    let digits = number.to_string();
    let source = digits.chars().map(|digit| format!("a{digit}"));
    let target = digits.chars().map(|digit| match digit {
        '7' => "b7 b7".to_owned(),
        digit => format!("b{digit}"),
    });
    let join = |words: Vec<String>| words.join(" ");
    (join(source.collect()), join(target.collect()))
}

fn corpus(folder: &Path) -> (Corpus, Corpus) {
    let file = folder.join("pairs.tsv");
    let lines: Vec<String> = (0..700)
        .map(|number| pair(number * 7 % 1_000))
        .map(|(source, target)| format!("{source}\t{target}\n"))
        .collect();
    fs::write(&file, lines.concat()).unwrap();
    let source = Source::find(file.to_str().unwrap()).unwrap();
    let target = folder.join("numbers");
    let settings = Settings::default();
    let prepared = corpus::prepare(
        &source,
        &target,
        &settings,
        OnExisting::Refuse,
        &mut Watch::silent(),
    );
    prepared.unwrap().pairs().unwrap()
}

fn small() -> Config {
    Config {
        embedding_size: 12,
        hidden_size: 32,
        dropout: 0.0,
        batch_tokens: 64,
        ..Config::default()
    }
}

fn train(
    config: &Config,
    (source, target): &(Corpus, Corpus),
    epochs: f64,
    seed: u64,
) -> Translator {
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    training.budget = Budget::Epochs(epochs);
    training.seed = seed;
    config.train(source, target, &mut training).unwrap()
}

#[test]
fn it_learns_to_translate_regardless_of_the_order_of_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let quick = Config {
        hidden_size: 64,
        training: TrainingConfig {
            learning_rate: 1e-2,
            ..small().training
        },
        ..small()
    };
    let model = train(&quick, &corpus, 40.0, 1);
    let examples: Vec<(String, String)> = (0..60).map(|number| pair(number * 16)).collect();
    let mut sources: Vec<&str> = examples.iter().map(|(source, _)| &source[..]).collect();
    let translated = model.translate(&sources).unwrap();
    let right = translated
        .iter()
        .zip(&examples)
        .filter(|(got, (_, target))| *got == target);
    assert!(
        right.clone().count() >= 50,
        "{} of 60, {translated:?}",
        right.count()
    );
    // One at a time, and in another order with an empty line.
    for (source, together) in sources.iter().zip(&translated) {
        assert_eq!(&model.translate(&[source]).unwrap()[0], together);
    }
    sources.reverse();
    sources.insert(7, "");
    let mut again = model.translate(&sources).unwrap();
    assert_eq!(again.remove(7), "");
    again.reverse();
    assert_eq!(again, translated);
    // The correct translation is more probable than a wrong one.
    let pairs: Vec<(&str, &str)> = examples
        .iter()
        .map(|(source, target)| (&source[..], &target[..]))
        .collect();
    let wrong: Vec<(&str, &str)> = examples
        .iter()
        .map(|(source, _)| (&source[..], "b1 b1 b1 b1"))
        .collect();
    let (right, wrong) = (
        model.score_pairs(&pairs).unwrap(),
        model.score_pairs(&wrong).unwrap(),
    );
    assert!(right.iter().sum::<f64>() > wrong.iter().sum::<f64>() + 60.0);
    let words = examples
        .iter()
        .map(|(_, target)| target.split(' ').count() as u64 + 1);
    let targets: Vec<&str> = examples.iter().map(|(_, target)| &target[..]).collect();
    assert_eq!(model.perplexity_tokens(&targets), Some(words.sum()));
}

#[test]
fn hypotheses_have_the_log_prob_of_their_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let model = train(&small(), &corpus, 2.0, 1);
    let path = folder.path().join("model");
    fs::create_dir(&path).unwrap();
    model.save(&path).unwrap();
    let open = |width: usize| {
        let folders = [path.clone()];
        Ensemble::open(&folders, |own| neural::BeamConfig {
            width,
            max_extra_tokens: 4,
            ..own
        })
        .unwrap()
    };
    let sources = ["a1 a2 a3", "a4", "a5 a5", "a9 a0 a1"];
    let wide = open(6);
    for (source, found) in sources.iter().zip(wide.n_best(&sources).unwrap()) {
        assert!(found.len() > 1);
        for (text, log_prob) in &found {
            // Hypotheses truncated at the maximum length lack the end token.
            let scored = wide.score_pairs(&[(source, text)]).unwrap()[0];
            let is_truncated = text.split(' ').count() > source.split(' ').count() + 4;
            assert!(
                (scored - log_prob).abs() < 1e-3 || is_truncated,
                "{text}: {scored} {log_prob}"
            );
        }
        assert!(found.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    }
    // Beam width 1 never finds a better hypothesis.
    let narrow = open(1).n_best(&sources).unwrap();
    for (found, wide) in narrow.iter().zip(wide.n_best(&sources).unwrap()) {
        assert_eq!(found.len(), 1);
        assert!(found[0].1 <= wide[0].1 + 1e-4);
    }
}

/// For a few pairs, which cannot be split.
fn unsplit() -> Settings {
    Settings {
        split: SplitRule::None,
        ..Settings::default()
    }
}

#[test]
fn an_ensemble_of_equal_models_equals_the_model_and_other_vocabularies_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let mut folders = Vec::new();
    for seed in [1, 2] {
        let path = folder.path().join(format!("model-{seed}"));
        fs::create_dir(&path).unwrap();
        train(&small(), &corpus, 3.0, seed).save(&path).unwrap();
        folders.push(path);
    }
    let sources = ["a1 a2 a3", "a4 a4", "a7"];
    let targets = ["b1 b2 b3", "b4 b4", "b7 b7"];
    let pairs: Vec<(&str, &str)> = sources.into_iter().zip(targets).collect();
    let open = |folders: &[&Path]| {
        let folders: Vec<_> = folders.iter().map(|folder| folder.to_path_buf()).collect();
        Ensemble::open(&folders, |own| own)
    };
    let (first, second) = (&folders[0], &folders[1]);
    let alone = open(&[first]).unwrap();
    let twice = open(&[first, first]).unwrap();
    let both = open(&[first, second]).unwrap();
    for (a, b) in alone
        .n_best(&sources)
        .unwrap()
        .iter()
        .zip(twice.n_best(&sources).unwrap())
    {
        assert_eq!(a[0].0, b[0].0);
        assert!((a[0].1 - b[0].1).abs() < 1e-4);
    }
    let means = both.score_pairs(&pairs).unwrap();
    let members = both
        .members()
        .iter()
        .map(|member| member.score_pairs(&pairs).unwrap());
    let members: Vec<Vec<f64>> = members.collect();
    for (at, mean) in means.iter().enumerate() {
        assert!((mean - (members[0][at] + members[1][at]) / 2.0).abs() < 1e-9);
    }
    // Another vocabulary.
    let other = tempfile::tempdir().unwrap();
    let file = other.path().join("pairs.tsv");
    fs::write(&file, "a1\tc1\na2\tc2\na3\tc3\na4\tc4\n".repeat(20)).unwrap();
    let source = Source::find(file.to_str().unwrap()).unwrap();
    let prepared = corpus::prepare(
        &source,
        &other.path().join("other"),
        &unsplit(),
        OnExisting::Refuse,
        &mut Watch::silent(),
    );
    let pairs = prepared.unwrap().pairs().unwrap();
    let path = other.path().join("model");
    fs::create_dir(&path).unwrap();
    train(&small(), &pairs, 1.0, 1).save(&path).unwrap();
    let message = open(&[first, &path]).unwrap_err().to_string();
    assert!(message.contains("other vocabularies"), "{message}");
    assert!(open(&[]).is_err());
}

#[test]
fn a_saved_model_translates_the_same_and_a_damaged_one_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let config = Config {
        source_order: SourceOrder::Forward,
        num_layers: 2,
        tie_embeddings: false,
        label_smoothing: 0.1,
        ..small()
    };
    let model = train(&config, &corpus, 2.0, 1);
    let path = folder.path().join("model");
    fs::create_dir(&path).unwrap();
    model.save(&path).unwrap();
    let opened = Translator::open(&path).unwrap();
    assert_eq!(opened.config(), model.config());
    assert_eq!(opened.config().variant(), "forward-tuned");
    let sources = ["a1 a2", "a3 unknown"];
    assert_eq!(
        opened.translate(&sources).unwrap(),
        model.translate(&sources).unwrap()
    );
    assert_eq!(
        sentence_vectors(&opened, &sources).unwrap(),
        sentence_vectors(&model, &sources).unwrap()
    );
    assert_eq!(
        sentence_vectors(&model, &["a1"]).unwrap()[0].len(),
        2 * 2 * 32
    );
    let vocab = path.join("source/vocab.txt");
    let text = fs::read_to_string(&vocab).unwrap();
    fs::write(&vocab, text.replace("a1", "c1")).unwrap();
    let message = Translator::open(&path).unwrap_err().to_string();
    assert!(
        message.contains("vocab.txt") && message.contains("not the vocabulary"),
        "{message}"
    );
}

#[test]
fn pairs_with_an_empty_side_are_skipped_with_a_note() {
    struct Notes(Vec<String>);
    impl harness::Progress for Notes {
        fn point(&mut self, _: &harness::CurvePoint) {}

        fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> std::ops::ControlFlow<()> {
            std::ops::ControlFlow::Continue(())
        }

        fn note(&mut self, what: &str) {
            self.0.push(what.to_owned());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for (ending, lines) in [("en", "a b\n\nc\na\nb\n"), ("de", "x y\nz\nz\nx\n\n")] {
        fs::write(
            folder.path().join(format!("train.{ending}")),
            lines.repeat(4),
        )
        .unwrap();
    }
    let source = Source::find(folder.path().to_str().unwrap()).unwrap();
    let prepared_corpus = folder.path().join("prepared_corpus");
    let prepared = corpus::prepare(
        &source,
        &prepared_corpus,
        &unsplit(),
        OnExisting::Refuse,
        &mut Watch::silent(),
    );
    let (from, to) = prepared.unwrap().pairs().unwrap();
    let mut notes = Notes(Vec::new());
    let mut training = Training::new(&mut notes);
    training.budget = Budget::Epochs(1.0);
    small().train(&from, &to, &mut training).unwrap();
    let note_text = notes.0.concat();
    let empty = |side: &Corpus| {
        let sentences = neural::sentences(side, corpus::Split::Train).unwrap();
        sentences
            .iter()
            .filter(|sentence| sentence.is_empty())
            .count()
    };
    // Unless preparation has already dropped them.
    assert!(
        note_text.contains("skipped") || empty(&from) + empty(&to) == 0,
        "{note_text}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn batching_does_not_affect_sentence_vectors(numbers in prop::collection::vec(0u32..9_999, 1..12)) {
        let folder = tempfile::tempdir().unwrap();
        let corpus = corpus(folder.path());
        let model = train(&small(), &corpus, 0.2, 1);
        let sources: Vec<String> = numbers.iter().map(|&number| pair(number).0).collect();
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        let together = sentence_vectors(&model, &sources).unwrap();
        for (source, vector) in sources.iter().zip(together) {
            let alone = &sentence_vectors(&model, &[source]).unwrap()[0];
            prop_assert!(alone.iter().zip(vector).all(|(a, b)| (a - b).abs() < 1e-5));
        }
    }
}

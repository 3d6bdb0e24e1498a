//! Models from counts that were made elsewhere. With all counts of a text they are the models of that text.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use corpus::{PackedWriter, Source, Vocab};
use harness::{LanguageModel, Silent, Training};
use ngram::{Config, Contexts, CountFiles, Error, FromCounts, Model, Scores, Smoothing};

const TEXT: &str = include_str!("golden/kenlm.txt");

type Counts = BTreeMap<Vec<&'static str>, u64>;

/// The counts of all n-grams of up to `order` words, of lines with marks.
fn counts(order: usize) -> Counts {
    let mut counts = Counts::new();
    for line in TEXT.lines() {
        let words: Vec<&'static str> = ["<s>"]
            .into_iter()
            .chain(line.split_whitespace())
            .chain(["</s>"])
            .collect();
        for from in 0..words.len() {
            for to in from + 1..=words.len().min(from + order) {
                *counts.entry(words[from..to].to_vec()).or_default() += 1;
            }
        }
    }
    counts
}

/// The lines of SRILM and of Google Web 1T.
fn lines<'a>(counts: impl Iterator<Item = (&'a Vec<&'static str>, &'a u64)>) -> String {
    let lines = counts.map(|(words, count)| format!("{}\t{count}\n", words.join(" ")));
    lines.collect()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut writer = PackedWriter::new(path, fs::File::create(path).unwrap()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap();
}

fn train_with(path: &Path, config: &Config, vocab: Option<usize>) -> Result<FromCounts, Error> {
    let files = CountFiles {
        sources: vec![Source::find(path.to_str().unwrap()).unwrap()],
        vocab,
    };
    files.train(config, None, &mut Silent)
}

fn train(path: &Path, config: &Config) -> FromCounts {
    train_with(path, config, None).unwrap()
}

fn refusal(path: &Path, config: &Config) -> String {
    train_with(path, config, None)
        .map(|_| ())
        .unwrap_err()
        .to_string()
}

/// A model of the text itself.
fn of_text(config: &Config, vocab: &Vocab) -> Model {
    let tokens = tokens(vocab, TEXT);
    let mut silent = Silent;
    config
        .train(
            &tokens,
            vocab.len(),
            vocab.eos(),
            &mut Training::new(&mut silent),
        )
        .unwrap()
}

fn tokens(vocab: &Vocab, text: &str) -> Vec<u32> {
    text.lines()
        .flat_map(|line| line.split_whitespace().chain(["<eos>"]))
        .map(|word| vocab.id(word).or(vocab.unk()).unwrap())
        .collect()
}

fn kneser_ney(order: usize) -> Config {
    Config {
        smoothing: Smoothing::KneserNey,
        order,
        ..Config::default()
    }
}

/// Same scores as the model of the text, also of unknown words.
fn assert_equals_model_of_text(found: &FromCounts, config: &Config) {
    let reference = of_text(config, &found.vocab);
    let tokens = tokens(&found.vocab, &format!("{TEXT}a quartz zeppelin\nyes yes\n"));
    let (got, expected) = (
        found.model.score(&tokens).unwrap(),
        reference.score(&tokens).unwrap(),
    );
    for (at, (got, expected)) in got.iter().zip(&expected).enumerate() {
        assert!((got - expected).abs() < 1e-12, "{at}: {got} {expected}");
    }
    assert_eq!(
        found.model.store().header.ngrams,
        reference.store().header.ngrams
    );
    assert_eq!(found.model.discounts(), reference.discounts());
}

#[test]
fn all_counts_of_a_text_give_its_models() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.counts");
    write(&path, &lines(counts(3).iter()));
    for config in [
        kneser_ney(3),
        Config {
            order: 3,
            ..Config::default()
        },
        Config {
            order: 3,
            scores: Scores::Raw,
            ..Config::default()
        },
        Config {
            order: 2,
            quantise: 4,
            ..Config::default()
        },
        Config {
            order: 3,
            cutoffs: vec![1, 2, 3],
            ..Config::default()
        },
    ] {
        let found = train(&path, &config);
        assert_eq!(found.model.config().contexts, Contexts::Line);
        assert_equals_model_of_text(&found, &config);
    }
    // In a lower order the longest n-grams are left out, and this is said.
    let found = train(&path, &kneser_ney(2));
    assert!(
        found.notes[0].contains("more words than the order"),
        "{:?}",
        found.notes
    );
    assert_equals_model_of_text(&found, &kneser_ney(2));
}

#[test]
fn a_folder_of_google_web_1t_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let all = counts(3);
    let renamed = |text: String| text.replace("<s>", "<S>").replace("</s>", "</S>");
    let of = |order: usize| all.iter().filter(move |(words, _)| words.len() == order);
    let unigrams = renamed(lines(of(1)));
    write(&at("1gms/vocab.gz"), &unigrams);
    // The same again, by count; and files without counts.
    write(&at("1gms/vocab_cs.gz"), &unigrams);
    write(&at("1gms/total"), "1024908267229\n");
    write(&at("2gms/2gms.idx"), "2gm-0000.gz\ta a\n");
    let bigrams = renamed(lines(of(2)));
    let half = bigrams.match_indices('\n').nth(100).unwrap().0 + 1;
    write(&at("2gms/2gm-0000.gz"), &bigrams[..half]);
    write(&at("2gms/2gm-0001.gz"), &bigrams[half..]);
    write(&at("3gms/3gm-0000.xz"), &renamed(lines(of(3))));
    let config = kneser_ney(3);
    let found = train(folder.path(), &config);
    assert!(found.notes.is_empty(), "{:?}", found.notes);
    assert_equals_model_of_text(&found, &config);
}

#[test]
fn the_years_of_google_books_are_summed_and_parts_of_speech_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let all = counts(2);
    let (mut by_year, mut by_ngram) = (String::new(), String::new());
    for (words, count) in &all {
        let name = words
            .join(" ")
            .replace("<s>", "_START_")
            .replace("</s>", "_END_");
        by_year += &format!("{name}_NOUN\t1850\t{count}\t1\n");
        for year in 0..*count {
            by_year += &format!("{name}\t{}\t1\t1\n", 1800 + year);
        }
        by_ngram += &format!("{name}\t1800,1,1");
        if *count > 1 {
            by_ngram += &format!("\t1900,{},1", count - 1);
        }
        by_ngram += "\n";
    }
    let config = Config {
        order: 2,
        ..Config::default()
    };
    for (name, text) in [
        ("googlebooks-eng-2gram-20120701-a.gz", &by_year),
        ("2-00000-of-00589.gz", &by_ngram),
    ] {
        let path = folder.path().join(name);
        write(&path, text);
        let found = train(&path, &config);
        assert_equals_model_of_text(&found, &config);
        assert_eq!(
            found.notes.is_empty(),
            name.starts_with("2-"),
            "{:?}",
            found.notes
        );
    }
}

#[test]
fn counts_in_several_files_are_added() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.counts", "a b\t3\na\t5\nb\t4\n"),
        ("b.counts", "b\t4\nb a\t2\na b\t1\n"),
    ] {
        write(&folder.path().join(name), text);
    }
    let config = Config {
        order: 2,
        scores: Scores::Raw,
        ..Config::default()
    };
    let found = train(folder.path(), &config);
    let id = |name: &str| found.vocab.id(name).unwrap();
    let score = |context: &str, word: &str| {
        found
            .model
            .stupid_backoff(&[id(context)], id(word))
            .unwrap()
    };
    assert!((score("a", "b") - 4.0 / 5.0).abs() < 1e-12);
    assert!((score("b", "a") - 2.0 / 8.0).abs() < 1e-12);
    // <eos> and <unk> were not counted and get the count 1.
    assert!((score("b", "b") - 0.4 * 8.0 / 15.0).abs() < 1e-12);
    assert!(
        found.notes[0].contains("<s>, was not counted"),
        "{:?}",
        found.notes
    );
    assert_eq!(found.model.config().contexts, Contexts::Stream);
    let next = found.model.next(&[id("a")]).unwrap();
    assert_eq!(next.len(), 4);
}

#[test]
fn missing_and_large_counts_and_rare_words_have_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counts");
    // Hardly any unigrams, one bigram missing, one follower more frequent than its context, counts beyond 32 bits.
    write(
        &path,
        "a b c\t9000000000\nb c\t4\nb d\t1\nd a\t95119665584\ne\t1\ne a\t7\n",
    );
    let config = Config {
        order: 3,
        ..Config::default()
    };
    let found = train(&path, &config);
    let id = |name: &str| found.vocab.id(name).unwrap();
    let store = found.model.store();
    let count = |words: &[&str]| {
        let ids: Vec<u32> = words.iter().map(|word| id(word)).collect();
        store.find(&ids).map(|ngram| store.count(ngram))
    };
    assert_eq!(count(&["a", "b"]), Some(9_000_000_000));
    assert_eq!(count(&["a", "b", "c"]), Some(9_000_000_000));
    assert_eq!(count(&["b", "c"]), Some(4));
    assert_eq!(count(&["d"]), Some(95_119_665_584));
    assert_eq!(count(&["e"]), Some(1));
    assert_eq!(count(&["e", "a"]), Some(7));
    assert_eq!(count(&["c", "d"]), None);
    for context in [vec![], vec![id("a")], vec![id("a"), id("b")], vec![id("d")]] {
        let next = found.model.next(&context).unwrap();
        let sum: f64 = next.iter().map(|log_prob| log_prob.exp()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
    }
    // Sums of Kneser-Ney have 32 bits.
    let error = refusal(
        &path,
        &Config {
            discount_fallback: true,
            ..kneser_ney(3)
        },
    );
    assert!(error.contains("below 2^32"), "{error}");

    // The rarest words become <unk>.
    let found = train_with(&path, &config, Some(5)).unwrap();
    assert_eq!(found.vocab.len(), 5);
    assert_eq!(found.vocab.id("d"), Some(1));
    let kept: Vec<&str> = found.vocab.tokens().collect();
    assert_eq!(kept, ["a", "d", "b", "<unk>", "<eos>"]);
    let unknown = found.model.store().find(&[3]).unwrap();
    assert_eq!(found.model.store().count(unknown), 5);
}

#[test]
fn what_cannot_be_used_is_refused_with_place_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counts.txt");
    let config = Config::default();
    for (text, expected) in [
        (
            "a b\t3\na c\tmany\n",
            "counts.txt, line 2: many is not a whole number",
        ),
        (
            "a b\t3\nlonely\n",
            "counts.txt, line 2: expected an n-gram, a tab and a count",
        ),
        ("a b\t3\n", "must be at most 2"),
        ("\n", "holds no counts"),
    ] {
        write(&path, text);
        let error = refusal(&path, &config);
        assert!(error.contains(expected), "{error} / {expected}");
    }
    write(&path, "a b\t3\nb a\t3\n");
    let error = refusal(
        &path,
        &Config {
            cutoffs: vec![2],
            ..kneser_ney(2)
        },
    );
    assert!(error.starts_with("cutoffs"), "{error}");
    let error = refusal(&path, &kneser_ney(2));
    assert!(error.contains("discount_fallback"), "{error}");
    let tiny = Config {
        discount_fallback: true,
        ..kneser_ney(2)
    };
    assert!(train_with(&path, &tiny, None).is_ok());
    let error = train_with(&path, &tiny, Some(2)).map(|_| ()).unwrap_err();
    assert!(error.to_string().starts_with("vocab"), "{error}");
}

#[test]
fn ngrams_across_the_ends_of_sentences_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counts");
    write(
        &path,
        "<s> a\t2\na </s>\t2\n</s> <s>\t1\na </s> <s>\t1\n<s>\t2\na\t2\n</s>\t2\n",
    );
    let found = train(
        &path,
        &Config {
            order: 2,
            ..Config::default()
        },
    );
    assert!(
        found
            .notes
            .iter()
            .any(|note| note.contains("end of a sentence")),
        "{:?}",
        found.notes
    );
    assert_eq!(found.model.store().header.ngrams, [3, 2]);
}

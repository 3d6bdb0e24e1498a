//! ARPA files as other programs write them: filtered and pruned models, layouts, names. Expected values are sums of the numbers in the
//! files, as KenLM adds them: p(w | h) is that of the longest listed n-gram that ends in w, and the weight of every listed context
//! that was too long is added, whether or not anything follows that context.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::Path;

use harness::LanguageModel;
use ngram::arpa::{self, Imported};
use ngram::{Error, Model};
use proptest::prelude::*;

fn import(text: &[u8]) -> Result<Imported, Error> {
    arpa::read(Path::new("file.arpa"), &mut &text[..], None)
}

fn refusal(text: &str) -> String {
    import(text.as_bytes()).map(|_| ()).unwrap_err().to_string()
}

/// A model from which everything with some words was removed: "<s> rain", "rain falls" and "snow" have weights, and nothing
/// follows "rain falls" and "snow".
const FILTERED: &str = "\\data\\
ngram 1=6
ngram 2=4
ngram 3=2

\\1-grams:
-99\t<s>\t-0.5
-1.1\t</s>
-2\t<unk>\t-0.25
-0.7\train\t-0.4
-0.8\tfalls\t-0.3
-1.3\tsnow\t0.6

\\2-grams:
-0.2\t<s> rain\t-0.15
-0.35\train falls\t-0.45
-1.2\t<unk> <unk>\t-0.9
-0.4\tfalls </s>

\\3-grams:
-0.05\t<s> rain falls
-0.12\t<s> rain rain

\\end\\
";

/// log10 p of each word of a line and of its end.
fn scores(imported: &Imported, line: &str) -> Vec<f64> {
    let tokens = tokens(imported, line);
    let mut scores = Vec::new();
    let model = &imported.model;
    model
        .query(&tokens, &mut |_, score| scores.push(score.log_prob))
        .unwrap();
    assert_all_agree(model, &tokens, &scores);
    scores
        .iter()
        .map(|score| score / std::f64::consts::LN_10)
        .collect()
}

fn tokens(imported: &Imported, line: &str) -> Vec<u32> {
    let vocab = &imported.vocab;
    let words = line.split(' ').filter(|word| !word.is_empty());
    words
        .map(|word| vocab.id(word).or(vocab.unk()).unwrap())
        .chain([vocab.eos()])
        .collect()
}

/// All ways of asking a model give the same: token by token, all at once, the sum, and the whole distribution.
fn assert_all_agree(model: &Model, tokens: &[u32], scores: &[f64]) {
    let near = |a: f64, b: f64| a == b || (a - b).abs() < 1e-9;
    for (at, (&score, &token)) in scores.iter().zip(tokens).enumerate() {
        let next = model.next(&tokens[..at]).unwrap();
        assert!(near(next[token as usize], score), "{tokens:?} {at}");
    }
    assert_eq!(model.score(tokens).unwrap(), scores);
    let sum: f64 = scores.iter().sum();
    assert!(near(model.total_log_prob(tokens).unwrap(), sum));
}

fn assert_scores(imported: &Imported, line: &str, expected: &[f64]) {
    let got = scores(imported, line);
    assert_eq!(got.len(), expected.len(), "{line}");
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-5, "{line}: {got} {expected}");
    }
}

#[test]
fn weights_count_where_nothing_follows() {
    let imported = import(FILTERED.as_bytes()).unwrap();
    for (line, expected) in [
        ("rain falls", vec![-0.2, -0.05, -0.45 - 0.4]),
        (
            "rain falls rain",
            vec![-0.2, -0.05, -0.45 - 0.3 - 0.7, -0.4 - 1.1],
        ),
        ("snow rain", vec![-0.5 - 1.3, 0.6 - 0.7, -0.4 - 1.1]),
        ("rain snow", vec![-0.2, -0.15 - 0.4 - 1.3, 0.6 - 1.1]),
        ("rain", vec![-0.2, -0.15 - 0.4 - 1.1]),
        ("", vec![-0.5 - 1.1]),
        (
            "hail hail rain",
            vec![-0.5 - 2.0, -1.2, -0.9 - 0.25 - 0.7, -0.4 - 1.1],
        ),
        ("hail rain", vec![-0.5 - 2.0, -0.25 - 0.7, -0.4 - 1.1]),
    ] {
        assert_scores(&imported, line, &expected);
    }
}

/// Order 4, without "falls softly today", "softly today" and "falls softly", with which "rain falls softly today" ends.
const PRUNED: &str = "\\data\\
ngram 1=7
ngram 2=2
ngram 3=1
ngram 4=1

\\1-grams:
-99\t<s>\t-0.5
-1.1\t</s>
-2\t<unk>
-0.7\train\t-0.4
-0.8\tfalls\t-0.3
-0.9\tsoftly\t-0.2
-1.3\ttoday\t-0.6

\\2-grams:
-0.35\train falls\t-0.45
-0.6\ttoday </s>\t0

\\3-grams:
-0.12\train falls softly\t-0.75

\\4-grams:
-0.02\train falls softly today

\\end\\
";

#[test]
fn missing_endings_get_the_probability_of_backing_off() {
    let imported = import(PRUNED.as_bytes()).unwrap();
    assert_eq!(imported.model.store().header.ngrams, [7, 4, 2, 1]);
    assert_eq!(imported.model.store().header.listed(), [7, 2, 1, 1]);
    assert_eq!(imported.model.parameters(), 11);
    for (line, expected) in [
        (
            "rain falls softly today",
            vec![-0.5 - 0.7, -0.35, -0.12, -0.02, -0.6],
        ),
        (
            "falls softly today",
            vec![-0.5 - 0.8, -0.3 - 0.9, -0.2 - 1.3, -0.6],
        ),
        (
            "rain falls softly rain",
            vec![-0.5 - 0.7, -0.35, -0.12, -0.75 - 0.2 - 0.7, -0.4 - 1.1],
        ),
        ("softly today", vec![-0.5 - 0.9, -0.2 - 1.3, -0.6]),
    ] {
        assert_scores(&imported, line, &expected);
    }
    let again = exported(&imported);
    assert!(
        again.contains("ngram 2=2\nngram 3=1\nngram 4=1\n"),
        "{again}"
    );
    assert!(!again.contains("\tfalls softly"), "{again}");
    let again = import(again.as_bytes()).unwrap();
    assert_eq!(
        scores(&again, "falls softly today rain"),
        scores(&imported, "falls softly today rain")
    );
}

fn exported(imported: &Imported) -> String {
    let mut written = Vec::new();
    arpa::write(&imported.model, &imported.vocab, &mut written).unwrap();
    String::from_utf8(written).unwrap()
}

#[test]
fn a_pruned_model_can_be_saved_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = Path::new("file.arpa");
    let imported = arpa::read(path, &mut PRUNED.as_bytes(), Some(folder.path())).unwrap();
    imported.model.save(folder.path(), "checksum").unwrap();
    let again = Imported {
        model: Model::open(folder.path()).unwrap(),
        ..imported
    };
    assert_scores(&again, "softly today", &[-0.5 - 0.9, -0.2 - 1.3, -0.6]);
    assert_eq!(again.model.store().header.listed(), [7, 2, 1, 1]);
}

#[test]
fn a_missing_context_is_refused_with_its_line() {
    let without = PRUNED
        .replace("-0.35\train falls\t-0.45\n", "")
        .replace("ngram 2=2", "ngram 2=1");
    let error = refusal(&without);
    assert!(
        error.starts_with(
            "file.arpa, line 20: \"rain falls softly\" is listed, but its context \"rain falls\""
        ),
        "{error}"
    );
    // Where another n-gram ends with the context, backing off defines it.
    let ends = without
        .replace("ngram 3=1", "ngram 3=2")
        .replace("\\3-grams:", "\\3-grams:\n-0.01\t<s> rain falls")
        .replace("ngram 2=1", "ngram 2=2")
        .replace("\\2-grams:", "\\2-grams:\n-0.2\t<s> rain\t-0.15");
    let imported = import(ends.as_bytes()).unwrap();
    assert_scores(
        &imported,
        "today rain falls softly",
        &[-0.5 - 1.3, -0.6 - 0.7, -0.4 - 0.8, -0.12, -0.75 - 0.2 - 1.1],
    );
}

const BIGRAMS: &str = "\\data\\
ngram 1=5
ngram 2=3

\\1-grams:
-99\t<s>\t-0.5
-1.1\t</s>
-2\t<unk>\t-0.25
-0.7\train\t-0.4
-0.8\tfalls\t-0.3

\\2-grams:
-0.2\t<s> rain
-0.35\train falls
-0.4\tfalls </s>

\\end\\
";

/// The same model in the white space of several programs.
#[test]
fn layouts_do_not_matter() {
    let reference = exported(&import(BIGRAMS.as_bytes()).unwrap());
    let replaced = |from: &str, to: &str| {
        assert!(BIGRAMS.contains(from), "{from}");
        BIGRAMS.replace(from, to)
    };
    let empty_order = replaced("ngram 2=3\n", "ngram 2=3\nngram 3=0\n");
    for (name, text) in [
        ("no last line end", BIGRAMS.trim_end().to_owned()),
        ("line ends of Windows", replaced("\n", "\r\n")),
        ("byte-order mark", format!("\u{FEFF}{BIGRAMS}")),
        ("spaces for tabs", replaced("\t", " ")),
        ("several spaces and tabs", replaced("\t", " \t  ")),
        ("spaces at both ends", replaced("\n", " \t\n  ")),
        ("blank lines everywhere", replaced("\n", "\n \n\n")),
        ("no blank lines", replaced("\n\n", "\n")),
        (
            "wide counts",
            replaced("ngram 1=5", "ngram  1=        5").replace("ngram 2=3", "ngram 2 =\t3 "),
        ),
        ("tabs between words", replaced("rain falls", "rain\tfalls")),
        (
            "remarks",
            format!(
                "A model.\nCaf\u{E9} \\data\\\n data mark: \\data\\\nngram 1=nr\n\\1-grams:\n\n{BIGRAMS}\nmade in a second\n"
            ),
        ),
        (
            "exponents",
            replaced("-0.7\t", "-7e-1\t").replace("-99\t", "-9.9E+1\t"),
        ),
        ("unknown words in capitals", replaced("<unk>", "<UNK>")),
        (
            "weights of 0 in the highest order",
            replaced("\train falls\n", "\train falls\t0\n")
                .replace("\tfalls </s>\n", "\tfalls </s>\t-0.0\n"),
        ),
        (
            "marks in capitals",
            replaced("<s>", "<S>").replace("</s>", "</S>"),
        ),
        (
            "marks with other names",
            replaced("<s>", "<bos>").replace("</s>", "<eos>"),
        ),
    ] {
        let imported = import(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(exported(&imported), reference, "{name}");
    }
    // Remarks need not be UTF-8.
    let latin = [&b"caf\xE9\n"[..], BIGRAMS.as_bytes()].concat();
    assert_eq!(exported(&import(&latin).unwrap()), reference);
    // An order may be empty, with or without a title.
    for text in [
        empty_order.clone(),
        empty_order.replace("\\end\\", "\\3-grams:\n\n\\end\\"),
    ] {
        let imported = import(text.as_bytes()).unwrap();
        assert_eq!(imported.model.store().order(), 3);
        assert_scores(&imported, "rain rain", &[-0.2, -0.4 - 0.7, -0.4 - 1.1]);
        let again = import(exported(&imported).as_bytes()).unwrap();
        assert_scores(&again, "rain rain", &[-0.2, -0.4 - 0.7, -0.4 - 1.1]);
    }
}

#[test]
fn assumptions_about_names_are_told() {
    let imported = import(BIGRAMS.as_bytes()).unwrap();
    assert!(imported.notes.is_empty(), "{:?}", imported.notes);
    let without = BIGRAMS
        .replace("-2\t<unk>\t-0.25\n", "")
        .replace("ngram 1=5", "ngram 1=4");
    let imported = import(without.as_bytes()).unwrap();
    assert!(imported.notes[0].contains("<unk> is missing"));
    assert_scores(&imported, "hail", &[-0.5 - 100.0, -1.1]);
    let other = import(BIGRAMS.replace("<s>", "<BOS>").as_bytes()).unwrap();
    assert_eq!(other.notes, ["<s> is missing; <BOS> is taken for it"]);
    // KenLM overwrites the first of both spellings.
    let both = BIGRAMS
        .replace("-2\t<unk>\t-0.25\n", "-2\t<unk>\t-0.25\n-3\t<UNK>\t-0.75\n")
        .replace("ngram 1=5", "ngram 1=6");
    let imported = import(both.as_bytes()).unwrap();
    assert_scores(&imported, "hail", &[-0.5 - 3.0, -0.75 - 1.1]);
    assert_eq!(imported.model.store().header.ngrams, [5, 3]);
}

#[test]
fn impossible_words_keep_their_probability() {
    let text = BIGRAMS.replace("-0.35\train", "-inf\train");
    let imported = import(text.as_bytes()).unwrap();
    let got = scores(&imported, "rain falls");
    assert_eq!(got[1], f64::NEG_INFINITY);
    assert!((got[2] + 0.4).abs() < 1e-5);
    assert!(exported(&imported).contains("-inf\train falls"));
    let text = BIGRAMS.replace("-0.35\train", "-99\train");
    let imported = import(text.as_bytes()).unwrap();
    assert_scores(&imported, "rain falls", &[-0.2, -99.0, -0.4]);
}

#[test]
fn what_cannot_be_read_is_refused_with_place_and_remedy() {
    let replaced = |from: &str, to: &str| {
        assert!(BIGRAMS.contains(from), "{from}");
        BIGRAMS.replace(from, to)
    };
    for (text, expected) in [
        (
            replaced("\train falls\n", "\train falls\t-0.25\n"),
            "line 14: the weight -0.25 of an n-gram of the highest order",
        ),
        (
            replaced("-0.25\n", "-inf\n"),
            "line 8: the weight -inf is not finite",
        ),
        (replaced("-0.7\t", "-0,7\t"), "line 9: -0,7 is not a number"),
        (replaced("-0.7\t", "nan\t"), "line 9: nan is not a number"),
        (
            replaced("-99\t<s>", "-99\tstart").replace("<s> rain", "start rain"),
            "there is no unigram <s>",
        ),
        (
            replaced("\train falls\n", "\train falls softly\n"),
            "line 14: softly is not a number",
        ),
        (
            replaced("\train falls\n", "\train softly\n"),
            "line 14: softly is not a unigram",
        ),
        (
            replaced("-0.8\tfalls", "-0.8\train"),
            "line 10: the unigram rain is listed twice",
        ),
        (
            replaced("-0.4\tfalls </s>", "-0.4\train falls"),
            "line 15: \"rain falls\" is listed twice, first in line 14",
        ),
        (
            replaced("-0.8\tfalls", "-0.8\t<eos>"),
            "line 10: the word <eos> is listed beside </s>",
        ),
        (
            format!("{BIGRAMS}{BIGRAMS}"),
            "line 18: a second model begins",
        ),
        (
            replaced("\\data\\", "\\date\\"),
            "the file ends where \\data\\ should come",
        ),
        (
            format!("mmap lm http://kheafield.com/code version 5\n{BIGRAMS}"),
            "line 1: a binary model of KenLM",
        ),
        (format!("iARPA\n{BIGRAMS}"), "line 1: IRSTLM's own kind"),
    ] {
        let error = refusal(&text);
        assert!(
            error.starts_with("file.arpa, line ") && error.contains(expected),
            "{error} / {expected}"
        );
    }
    let latin = BIGRAMS.replace("falls", "caf*").into_bytes();
    let latin: Vec<u8> = latin
        .into_iter()
        .map(|byte| if byte == b'*' { 0xE9 } else { byte })
        .collect();
    let error = import(&latin).map(|_| ()).unwrap_err().to_string();
    assert!(
        error.contains("line 10: byte 9 is not UTF-8; convert the file"),
        "{error}"
    );
    for beginning in [&b"\x1F\x8B\x08"[..], b"BZh9", b"\xFF\xFE\\\0"] {
        let error = import(beginning).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("line 1: "), "{error}");
        assert!(error.contains("packed with") || error.contains("UTF-16"));
    }
}

#[test]
fn white_space_of_unicode_belongs_to_words() {
    let words = [
        "10\u{A0}000",
        "fin\u{202F}!",
        "\u{3000}",
        "a\u{2028}b",
        "x\u{85}y",
        "v\u{B}w",
    ];
    let mut text =
        "\\data\\\nngram 1=9\nngram 2=6\n\n\\1-grams:\n-99\t<s>\t-0.5\n-1.1\t</s>\n-2\t<unk>\n"
            .to_owned();
    for word in words {
        text += &format!("-0.9\t{word}\t-0.3\n");
    }
    text += "\n\\2-grams:\n";
    for word in words {
        text += &format!("-0.25\t<s> {word}\n");
    }
    text += "\n\\end\\\n";
    let imported = import(text.as_bytes()).unwrap();
    for word in words {
        assert_scores(&imported, word, &[-0.25, -0.3 - 1.1]);
    }
    let again = exported(&imported);
    let grams = |text: &str| {
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let zero_weights = text
        .replace("</s>\n", "</s>\t0\n")
        .replace("<unk>\n", "<unk>\t0\n");
    assert_eq!(grams(&again), grams(&zero_weights));
}

#[test]
fn a_model_can_take_the_ids_of_a_vocabulary() {
    let vocab = corpus::Vocab::new(["falls", "<eos>", "rain", "<unk>"].into_iter()).unwrap();
    let read = |text: &str, vocab: &corpus::Vocab| {
        arpa::read_like(Path::new("file.arpa"), &mut text.as_bytes(), None, vocab)
    };
    let imported = read(BIGRAMS, &vocab).unwrap();
    assert_eq!(imported.vocab.to_text(), vocab.to_text());
    assert_scores(&imported, "rain falls", &[-0.2, -0.35, -0.4]);
    let own = import(BIGRAMS.as_bytes()).unwrap();
    assert_ne!(own.vocab.to_text(), vocab.to_text());

    let error = |names: &[&str]| {
        let vocab = corpus::Vocab::new(names.iter().copied()).unwrap();
        read(BIGRAMS, &vocab).map(|_| ()).unwrap_err().to_string()
    };
    let fewer = error(&["falls", "<eos>", "<unk>"]);
    assert!(
        fewer.contains("line 9: the word rain is not in the given vocabulary"),
        "{fewer}"
    );
    let more = error(&["falls", "<eos>", "rain", "<unk>", "snow", "hail"]);
    assert!(
        more.contains("lacks 2 words of the given vocabulary, the first is snow"),
        "{more}"
    );
    // Subwords and bytes have no unknown word, so a file without one has no fault.
    let closed = corpus::Vocab::new(["falls", "<eos>", "rain"].into_iter()).unwrap();
    let text = BIGRAMS
        .replace("-2\t<unk>\t-0.25\n", "")
        .replace("ngram 1=5", "ngram 1=4");
    let imported = read(&text, &closed).unwrap();
    assert!(imported.notes.is_empty());
    assert_scores(&imported, "rain falls", &[-0.2, -0.35, -0.4]);
}

/// The n-grams of a model with log10 p and weight, the definition of its scores.
type Table = BTreeMap<Vec<&'static str>, (f64, f64)>;

const NAMES: [&str; 6] = ["<s>", "</s>", "<unk>", "a", "b", "c"];

/// log10 p of the last word by the definition.
fn defined(table: &Table, words: &[&'static str]) -> f64 {
    match table.get(words) {
        Some((log_prob, _)) => *log_prob,
        None => {
            let weight = table
                .get(&words[..words.len() - 1])
                .map_or(0.0, |entry| entry.1);
            weight + defined(table, &words[1..])
        }
    }
}

/// Models of up to four words in which contexts are listed, and endings may be missing.
fn tables() -> impl Strategy<Value = Table> {
    let ngram = (
        prop::collection::vec(1_usize..6, 1..=3),
        any::<bool>(),
        1_u32..20,
        -9_i32..9,
    );
    prop::collection::vec(ngram, 0..25).prop_map(|ngrams| {
        let mut table = Table::new();
        for (at, name) in NAMES.into_iter().enumerate() {
            table.insert(vec![name], (-0.1 - 0.3 * at as f64, 0.1 * at as f64 - 0.4));
        }
        for (words, begins, p, weight) in ngrams {
            let mut words: Vec<&'static str> = words.into_iter().map(|word| NAMES[word]).collect();
            // Nothing follows the end of a sentence.
            if let Some(end) = words.iter().position(|word| *word == "</s>") {
                words.truncate(end + 1);
            }
            if begins {
                words.insert(0, "<s>");
            }
            for length in 2..=words.len() {
                let value = (f64::from(p) / -10.0, f64::from(weight) / 10.0);
                table.entry(words[..length].to_vec()).or_insert(value);
            }
        }
        table
    })
}

fn arpa_text(table: &Table) -> String {
    let order = table.keys().map(Vec::len).max().unwrap_or(1);
    let of_order = |order: usize| table.iter().filter(move |(words, _)| words.len() == order);
    let mut text = "\\data\\\n".to_owned();
    for n in 1..=order {
        text += &format!("ngram {n}={}\n", of_order(n).count());
    }
    for n in 1..=order {
        text += &format!("\n\\{n}-grams:\n");
        for (words, (log_prob, weight)) in of_order(n) {
            let weight = if n < order { *weight } else { 0.0 };
            text += &format!("{log_prob}\t{}\t{weight}\n", words.join(" "));
        }
    }
    text + "\n\\end\\\n"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn scores_are_those_of_the_definition(
        table in tables(), line in prop::collection::vec(2_usize..6, 0..6),
    ) {
        let imported = import(arpa_text(&table).as_bytes()).unwrap();
        let order = imported.model.store().order();
        let line: Vec<&'static str> = line.into_iter().map(|word| NAMES[word]).collect();
        let whole: Vec<&'static str> = ["<s>"].into_iter().chain(line.iter().copied()).chain(["</s>"]).collect();
        let expected: Vec<f64> = (2..=whole.len())
            .map(|end| defined(&table, &whole[end.saturating_sub(order)..end]))
            .collect();
        assert_scores(&imported, &line.join(" "), &expected);
        let again = import(exported(&imported).as_bytes()).unwrap();
        prop_assert_eq!(again.model.store().header.listed(), imported.model.store().header.listed());
        assert_scores(&again, &line.join(" "), &expected);
    }
}

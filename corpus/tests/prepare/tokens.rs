//! The five tokenizers, vocabularies, and decoding.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::LazyLock;

use corpus::{
    Case, Codec, EOS, Kind, OnExisting, Settings, Source, Split, Statistics, Step, UNK, Watch,
    prepare,
};
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;

use crate::{Place, gzip, lines, plain, prepared, spelled, text_of, tokenized_as};

const ALL: [&str; 5] = ["whitespace", "words", "chars", "bytes", "bpe:300"];

#[test]
fn chars_bytes_and_subwords_are_lossless() {
    let text = "  two  spaces\tand a tab \nnaïve Zoë – 日本語 🇫🇷\n\n\r mid\rdle\nthe end\n";
    for tokens in ["chars", "bytes", "bpe:300"] {
        let place = Place::with(&[("a.txt", text)]);
        let corpus = place
            .prepare(&Settings {
                split: plain().split,
                ..tokenized_as(tokens)
            })
            .unwrap();
        assert_eq!(text_of(&corpus, Split::Train), text, "{tokens}");
        assert_eq!(spelled(&corpus, Split::Train), text, "{tokens}");
        let ids = corpus.codec().encode(text).unwrap();
        assert_eq!(
            ids,
            corpus.split(Split::Train).unwrap().to_vec(),
            "{tokens}"
        );
        let record = &corpus.record.splits[&Split::Train];
        assert!(record.lossless, "{tokens}");
        assert_eq!(
            (record.bytes, record.lines, record.unknown),
            (text.len() as u64, 5, 0)
        );
    }
}

#[test]
fn a_text_is_lossless_only_if_decoding_restores_it() {
    // The kind is set because a text with a tab would be detected as pairs.
    let settings = Settings {
        kind: Kind::Text,
        ..plain()
    };
    for (text, lossless) in [
        ("a b c\n\nd\n", true),
        ("a  b\n", false),
        (" a b\n", false),
        ("a b \n", false),
        ("a\tb\n", false),
        // `<unk>` itself is in the vocabulary, so decoding restores it.
        ("a <unk> b\n", true),
        // Special tokens in the text are words outside the vocabulary.
        ("a <s> b\n", false),
        ("<eos> a\n", false),
        ("a <pad>\n", false),
    ] {
        let (_place, corpus) = prepared(&[("a.txt", text)], &settings);
        let record = &corpus.record.splits[&Split::Train];
        assert_eq!(record.lossless, lossless, "{text:?}");
        assert_eq!(spelled(&corpus, Split::Train) == text, lossless, "{text:?}");
    }
    let words = Settings {
        split: plain().split,
        ..tokenized_as("words")
    };
    let (_place, corpus) = prepared(&[("a.txt", "a b\n")], &words);
    assert!(!corpus.record.splits[&Split::Train].lossless);
}

#[test]
fn words_are_split_lowercased_and_ranked_by_frequency() {
    let place = Place::with(&[("a.txt", "The cat, the dog.\nThe END, the Straße ΑΣ\n")]);
    let settings = Settings {
        split: plain().split,
        case: Case::Lower,
        ..tokenized_as("words")
    };
    let corpus = place.prepare(&settings).unwrap();
    let expected = "the <eos> , cat dog . end straße ας <unk>";
    assert_eq!(
        corpus.vocab().tokens().collect::<Vec<_>>().join(" "),
        expected
    );
    let stream = corpus.split(Split::Train).unwrap();
    assert_eq!(stream.to_vec(), [0, 3, 2, 0, 4, 5, 1, 0, 6, 2, 0, 7, 8, 1]);
    assert_eq!(corpus.record.vocabulary.types_in_train, 9);
    assert!(!stream.record.lossless);
    // Unseen words are unknown, in upper or lower case.
    let ids = corpus.codec().encode("THE bird\n").unwrap();
    assert_eq!(ids, [0, 9, 1]);
}

#[test]
fn words_beyond_the_limit_or_below_the_minimum_count_are_unknown() {
    let text = "a a a b b c\na <unk> d\n";
    let limited = Settings {
        vocab: Some(4),
        ..plain()
    };
    let rare = Settings {
        min_count: 2,
        ..plain()
    };
    for settings in [limited, rare] {
        let (_place, corpus) = prepared(&[("a.txt", text)], &settings);
        // Four `a`; three `<unk>`, two of them out-of-vocabulary words; two `<eos>`; two `b`.
        let tokens: Vec<&str> = corpus.vocab().tokens().collect();
        assert_eq!(tokens, ["a", UNK, EOS, "b"]);
        let record = &corpus.record.splits[&Split::Train];
        assert_eq!(
            (record.unknown, record.out_of_vocabulary, record.lossless),
            (3, 2, false)
        );
        assert_eq!(
            spelled(&corpus, Split::Train),
            "a a a b b <unk>\na <unk> <unk>\n"
        );
    }
}

#[test]
fn words_that_look_like_special_tokens_are_out_of_vocabulary() {
    let text = "a <s> <unk> <eos>\n<pad> <unk>\n";
    let (_place, corpus) = prepared(&[("a.txt", text)], &plain());
    let record = &corpus.record.splits[&Split::Train];
    assert_eq!(
        (record.unknown, record.out_of_vocabulary, record.lossless),
        (5, 3, false)
    );
    let unknown = "a <unk> <unk> <unk>\n<unk> <unk>\n";
    assert_eq!(spelled(&corpus, Split::Train), unknown);
    let ids = corpus.split(Split::Train).unwrap().to_vec();
    assert_eq!(corpus.codec().encode(text).unwrap(), ids);
}

#[test]
fn a_corpus_records_its_licence_and_a_content_checksum() {
    let place = Place::with(&[("a.txt", &lines(0..50))]);
    let prepare = |name: &str, licence: Option<&str>, settings: &Settings| {
        let source = Source {
            licence: licence.map(str::to_owned),
            ..place.source().unwrap()
        };
        let folder = place.corpora().join(name);
        let watch = &mut Watch::silent();
        prepare(&source, &folder, settings, OnExisting::Refuse, watch).unwrap()
    };
    let free = prepare("a", Some("CC0"), &plain());
    assert_eq!(free.record.licence.as_deref(), Some("CC0"));
    let shown = Statistics::of(&free, 1).unwrap();
    assert_eq!(shown.licence.as_deref(), Some("CC0"));
    let again = prepare("b", None, &plain());
    assert_eq!(again.record.licence, None);
    assert_eq!(again.content_checksum(), free.content_checksum());
    let other = prepare("c", None, &tokenized_as("words"));
    assert_ne!(other.content_checksum(), free.content_checksum());
}

#[test]
fn progress_has_a_total_where_it_is_known() {
    let text = lines(0..50);
    let pairs = lines(0..400);
    let packed = gzip(text.as_bytes());
    let (plain_text, pairs) = (text.as_bytes(), pairs.as_bytes());
    for (files, expected) in [
        (
            &[("a.txt", plain_text), ("b.txt", plain_text)][..],
            Some(2 * text.len()),
        ),
        (&[("a.txt", plain_text), ("b.txt.gz", &packed)], None),
        (&[("a.de", pairs), ("a.en", pairs)], Some(2 * pairs.len())),
    ] {
        let place = Place::new();
        for (name, content) in files {
            place.write(name, content);
        }
        let mut totals = Vec::new();
        let mut observer = |step: Step| {
            if step.what == "reading" {
                totals.push(step.total);
            }
            ControlFlow::Continue(())
        };
        place
            .prepare_watched(&tokenized_as("words"), &mut Watch::new(&mut observer))
            .unwrap();
        assert_eq!(totals.first(), Some(&expected.map(|bytes| bytes as u64)));
    }
}

#[test]
fn ids_are_32_bits_wide_where_16_do_not_suffice() {
    let text: String = (0..70_000).map(|n| format!("w{n} w{}\n", n / 2)).collect();
    let (_place, corpus) = prepared(&[("a.txt", &text)], &plain());
    assert_eq!(corpus.vocab().len(), 70_002);
    assert_eq!(spelled(&corpus, Split::Train), text);
    assert_eq!(corpus.record.files["train.tokens"].bytes, 4 * 210_000);
    let limited = Settings {
        vocab: Some(65_534),
        ..plain()
    };
    let (_place, corpus) = prepared(&[("a.txt", &text)], &limited);
    assert_eq!(corpus.record.files["train.tokens"].bytes, 2 * 210_000);
    assert_eq!(corpus.split(Split::Train).unwrap().to_vec().len(), 210_000);
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    // Several blocks for each of two threads.
    let text = lines(0..200_000);
    for tokens in ALL {
        let place = Place::with(&[("a.txt", &text)]);
        let (source, settings) = (place.source().unwrap(), tokenized_as(tokens));
        let folders = [1, 2].map(|threads| {
            let folder = place.corpora().join(threads.to_string()).join("corpus");
            let pool = ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let prepare = || {
                prepare(
                    &source,
                    &folder,
                    &settings,
                    OnExisting::Refuse,
                    &mut Watch::silent(),
                )
            };
            pool.install(prepare).unwrap().verify().unwrap();
            folder
        });
        let files = names(&folders[0]);
        assert!(
            files.len() >= 11 && files == names(&folders[1]),
            "{files:?}"
        );
        for name in files {
            let [one, two] = folders
                .each_ref()
                .map(|folder| fs::read(folder.join(&name)).unwrap());
            assert!(one == two, "{tokens}: {name} differs");
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_reopened_corpus_is_the_same() {
    for tokens in ALL {
        let place = Place::with(&[("a.txt", &lines(0..50))]);
        let corpus = place.prepare(&tokenized_as(tokens)).unwrap();
        let again = corpus::Corpus::open(&place.corpora().join("corpus")).unwrap();
        assert_eq!(again.record, corpus.record);
        assert_eq!(again.vocab_checksum(), corpus.vocab_checksum());
        let line = "line 3 of the text";
        let encode = |corpus: &corpus::Corpus| corpus.codec().encode_line(line).unwrap();
        assert_eq!(encode(&again), encode(&corpus));
        again.verify().unwrap();
    }
}

/// The codec of a small corpus.
fn codec(tokens: &str) -> Codec {
    let place = Place::with(&[("a.txt", "the cat sat on the mat\n")]);
    let settings = Settings {
        split: plain().split,
        ..tokenized_as(tokens)
    };
    place.prepare(&settings).unwrap().codec().clone()
}

static BYTES: LazyLock<Codec> = LazyLock::new(|| codec("bytes"));
static SUBWORDS: LazyLock<Codec> = LazyLock::new(|| codec("bpe:270"));

proptest! {
    #[test]
    fn any_text_round_trips_through_bytes_and_subwords(text in "(?s).{0,60}") {
        // In a text as in a file, carriage returns before a line feed are part of the line end.
        let mut expected = text.clone();
        while expected.contains("\r\n") {
            expected = expected.replace("\r\n", "\n");
        }
        for codec in [&BYTES, &SUBWORDS] {
            let ids = codec.encode(&text).unwrap();
            prop_assert_eq!(&codec.decode(&ids).unwrap(), &expected);
        }
    }
}

//! Corpora whose tokens a program generates, through the public interface.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use corpus::{
    Case, Composer, Composition, Corpus, Error, Generator, OnExisting, Passage, Record, Result,
    Span, Split, Text, TokenId, TokenizerKind,
};
use proptest::prelude::*;
use tempfile::TempDir;

/// A temporary folder for corpora.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    fn target(&self) -> PathBuf {
        self.0.path().join("farm")
    }

    fn begin(&self, given: &[&str], tags: &[&str]) -> Result<Composer> {
        let about = about(tags);
        Composer::begin(&self.target(), OnExisting::Refuse, words(given), about)
    }

    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn words(given: &[&str]) -> Vec<String> {
    given.iter().map(|&word| word.to_owned()).collect()
}

fn about(tags: &[&str]) -> Composition {
    let settings = "tokens = 12\n[shares]\nstories = 0.5\n";
    Composition {
        source: "the farm".to_owned(),
        licence: Some("CC0-1.0".to_owned()),
        tags: words(tags),
        generator: Some(Generator {
            name: "farm".to_owned(),
            version: 3,
            settings: settings.parse().unwrap(),
        }),
        seed: 7,
    }
}

fn plain(tokens: &[TokenId]) -> Passage<'_> {
    Passage {
        tokens,
        tags: &[],
        speakers: None,
    }
}

/// `never` does not occur; `rare` occurs in the test split only.
const WORDS: [&str; 7] = ["never", "cow", "rare", "moo", "<unk>", "<eos>", "a"];
const STORY: [TokenId; 8] = [6, 1, 3, 5, 5, 6, 1, 5];
const TALK: [TokenId; 5] = [3, 5, 1, 3, 5];
const TEST: [TokenId; 3] = [2, 4, 5];
const ANALOGIES: &[u8] = b": farm\ncow moo dog bark\n";

/// A story and a dialogue for training, a line for testing, pairs and a test of word vectors.
fn farm(place: &Place) -> Corpus {
    let mut composer = place.begin(&WORDS, &["free", "forced"]).unwrap();
    let story = Passage {
        tokens: &STORY,
        tags: &[0, 1, 0, 1, 1, 0, 0, 1],
        speakers: None,
    };
    let dialogue = Passage {
        tokens: &TALK,
        tags: &[0; 5],
        speakers: Some(&[4, 2]),
    };
    let test = Passage {
        tokens: &TEST,
        tags: &[1, 0, 1],
        speakers: None,
    };
    composer.document(Split::Train, &story).unwrap();
    composer.document(Split::Test, &test).unwrap();
    composer.document(Split::Train, &dialogue).unwrap();
    let sides = [
        words(&["cow", "<eos>"]),
        words(&["<eos>", "Kuh", "die", "Kühe"]),
    ];
    let pairs = [
        (Split::Train, vec![0, 1], vec![2, 1, 0]),
        (Split::Test, vec![0, 0, 1], vec![3, 0]),
    ];
    composer.pairs(sides, pairs.into_iter()).unwrap();
    composer.file("tests/analogies.txt", ANALOGIES).unwrap();
    composer.finish().unwrap()
}

fn text_of(corpus: &Corpus, split: Split) -> String {
    let mut text = String::new();
    let mut file = corpus.text(split).unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

fn span(start: u64, end: u64, label: u32) -> Span {
    Span { start, end, label }
}

fn vocab_of(corpus: &Corpus) -> Vec<&str> {
    corpus.vocab().tokens().collect()
}

#[test]
fn a_corpus_holds_the_given_documents_pairs_and_files() {
    let place = Place::new();
    let corpus = farm(&place);
    assert_eq!(place.left(), ["farm"]);
    corpus.verify().unwrap();
    // <eos> occurs five times, cow and moo three times each, a twice; the others are in the given order.
    let ranked = ["<eos>", "cow", "moo", "a", "never", "rare", "<unk>"];
    assert_eq!(vocab_of(&corpus), ranked);
    let train = corpus.split(Split::Train).unwrap();
    assert_eq!(train.to_vec(), [3, 1, 2, 0, 0, 3, 1, 0, 2, 0, 1, 2, 0]);
    assert_eq!(train.documents, [span(0, 8, 0), span(8, 13, 0)]);
    let turns = corpus.turns(Split::Train).unwrap();
    assert_eq!(turns, [span(8, 10, 4), span(10, 13, 2)]);
    assert!(corpus.turns(Split::Test).is_err());
    let tags = corpus.tags(Split::Train).unwrap().unwrap();
    assert_eq!(tags, [0, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0]);
    let tags = corpus.tags(Split::Test).unwrap().unwrap();
    assert_eq!(tags, [1, 0, 1]);
    assert_eq!(text_of(&corpus, Split::Test), "rare <unk>\n");
    let analogies = corpus.test_file("analogies.txt").unwrap();
    assert_eq!(fs::read(analogies).unwrap(), ANALOGIES);
    assert_eq!(corpus.test_file("other.txt"), None);
}

#[test]
fn a_share_of_the_training_text_is_its_beginning() {
    let place = Place::new();
    let corpus = farm(&place);
    // Ten of thirteen tokens: the second document is truncated, and only the first of its two turns is complete.
    let part = corpus.with_share_of_training(0.8);
    let train = part.split(Split::Train).unwrap();
    assert_eq!(train.to_vec(), [3, 1, 2, 0, 0, 3, 1, 0, 2, 0]);
    assert!(train.iter().eq(train.to_vec()) && train.len() == 10);
    assert_eq!(train.documents, [span(0, 8, 0), span(8, 10, 0)]);
    assert_eq!(part.turns(Split::Train).unwrap(), [span(8, 10, 4)]);
    let whole = |corpus: &Corpus, split| corpus.split(split).unwrap().to_vec();
    assert_eq!(whole(&part, Split::Test), whole(&corpus, Split::Test));
    // There is at least one token and at most the whole split.
    for (share, tokens) in [(0.0, 1), (1.0, 13), (7.0, 13)] {
        let part = corpus.with_share_of_training(share);
        assert_eq!(whole(&part, Split::Train).len(), tokens, "{share}");
    }
}

#[test]
fn parts_are_disjoint_and_together_the_whole() {
    let place = Place::new();
    let corpus = farm(&place);
    let whole = corpus.split(Split::Train).unwrap().to_vec();
    // The two documents are long, so that parts are cut between lines: after 4 and 8 of 13 tokens.
    let mut joined = Vec::new();
    for index in 0..3 {
        let part = corpus.part(index, 3);
        let tokens = part.split(Split::Train).unwrap().to_vec();
        let tags = part.tags(Split::Train).unwrap().unwrap();
        assert_eq!(tags.len(), tokens.len());
        assert!(tokens.is_empty() || tokens.last() == Some(&0), "{tokens:?}");
        joined.extend(tokens);
    }
    assert_eq!(joined, whole);
    // The last part holds the turns of the dialogue, at its own positions.
    let last = corpus.part(2, 3);
    let train = last.split(Split::Train).unwrap();
    assert_eq!(train.to_vec(), [2, 0, 1, 2, 0]);
    assert!(train.iter().eq([2, 0, 1, 2, 0]));
    assert_eq!(train.documents, [span(0, 5, 0)]);
    let turns = last.turns(Split::Train).unwrap();
    assert_eq!(turns, [span(0, 2, 4), span(2, 5, 2)]);
    let lines = |part: &Corpus| part.visible_lines(Split::Train).unwrap();
    assert_eq!(lines(&last), 3..5);
    assert_eq!(lines(&corpus.part(0, 1)).start, 0);
    // The sides of pairs are cut at the same pairs; a split of one pair has one part that is not empty.
    let counts = |index| {
        let (source, target) = corpus.part(index, 2).pairs().unwrap();
        [source, target].map(|side| side.split(Split::Train).unwrap().documents.len())
    };
    assert_eq!([counts(0), counts(1)], [[0, 0], [1, 1]]);
}

#[test]
fn the_record_describes_the_composed_corpus() {
    let place = Place::new();
    let corpus = farm(&place);
    let record = Record::read(corpus.folder()).unwrap();
    assert_eq!(record, corpus.record);
    let about = about(&["free", "forced"]);
    assert_eq!(
        (record.name.as_str(), &record.source),
        ("farm", &about.source)
    );
    assert_eq!(record.generator, about.generator);
    assert_eq!(
        (&record.tags, &record.licence),
        (&about.tags, &about.licence)
    );
    let settings = &record.settings;
    let how = (settings.tokens, settings.case, settings.seed);
    assert_eq!(how, (TokenizerKind::Whitespace, Case::Keep, 7));
    assert_eq!(record.vocabulary.types_in_train, 4);
    let train = &record.splits[&Split::Train];
    let numbers = [train.tokens, train.lines, train.documents, train.turns];
    assert_eq!(numbers, [13, 5, 2, 2]);
    let test = &record.splits[&Split::Test];
    assert_eq!(
        [test.unknown, test.out_of_vocabulary, test.bytes],
        [1, 0, 11]
    );
    assert!(train.lossless && test.lossless);
    let names: Vec<&str> = record.files.keys().map(String::as_str).collect();
    assert!(!names.iter().any(|name| name.contains("provisional")));
    for name in ["train.tags", "dialogues/train.turns", "tests/analogies.txt"] {
        assert!(names.contains(&name), "{name} of {names:?}");
    }
    // Another program leads to another fingerprint.
    let other = Composition {
        seed: 8,
        ..self::about(&[])
    };
    let target = place.0.path().join("other");
    let mut composer = Composer::begin(&target, OnExisting::Refuse, words(&WORDS), other).unwrap();
    composer.document(Split::Train, &plain(&STORY)).unwrap();
    let other = composer.finish().unwrap();
    assert_ne!(other.record.fingerprint, record.fingerprint);
}

#[test]
fn encoding_the_text_yields_the_ids() {
    let place = Place::new();
    let corpus = farm(&place);
    for split in [Split::Train, Split::Test] {
        let (text, stream) = (text_of(&corpus, split), corpus.split(split).unwrap());
        assert_eq!(corpus.codec().encode(&text).unwrap(), stream.to_vec());
        assert_eq!(corpus.codec().decode(&stream.to_vec()).unwrap(), text);
        assert_eq!(text.len() as u64, stream.record.bytes);
    }
}

#[test]
fn pairs_are_corpora_of_their_own() {
    let place = Place::new();
    let (source, target) = farm(&place).pairs().unwrap();
    assert_eq!(source.name(), "farm/source");
    assert_eq!(vocab_of(&source), ["cow", "<eos>"]);
    assert_eq!(vocab_of(&target), ["<eos>", "Kuh", "die", "Kühe"]);
    assert_eq!(text_of(&source, Split::Test), "cow cow\n");
    assert_eq!(text_of(&target, Split::Train), "die Kuh\n");
    let documents = |corpus: &Corpus| corpus.split(Split::Test).unwrap().documents;
    assert_eq!(documents(&source), [span(0, 3, 0)]);
    assert_eq!(documents(&target), [span(0, 2, 0)]);
    assert_eq!(target.record.generator, about(&[]).generator);
    assert_eq!(target.tags(Split::Train).unwrap(), None);
}

#[test]
fn ids_of_large_vocabularies_are_wide() {
    for (others, width) in [(65_533, 2), (65_534, 4)] {
        let place = Place::new();
        let mut given: Vec<String> = (0..others).map(|n| format!("w{n}")).collect();
        given.push("<eos>".to_owned());
        let eos = others as TokenId;
        let mut composer =
            Composer::begin(&place.target(), OnExisting::Refuse, given, about(&[])).unwrap();
        let tokens = [eos - 1, 5, eos, 5, eos, eos];
        composer.document(Split::Train, &plain(&tokens)).unwrap();
        let corpus = composer.finish().unwrap();
        // The last word moves up to rank 2, which shifts the words before it.
        assert_eq!(
            corpus.split(Split::Train).unwrap().to_vec(),
            [2, 1, 0, 1, 0, 0]
        );
        let path = corpus.folder().join("train.tokens");
        assert_eq!(fs::metadata(path).unwrap().len(), 6 * width);
        let text = text_of(&corpus, Split::Train);
        assert_eq!(text, format!("w{} w5\nw5\n\n", others - 1));
        assert_eq!(corpus.codec().encode(&text).unwrap(), [2, 1, 0, 1, 0, 0]);
    }
}

#[test]
fn an_existing_corpus_is_replaced_only_on_request() {
    let place = Place::new();
    let first = farm(&place);
    let refused = place.begin(&WORDS, &[]);
    assert!(matches!(refused, Err(Error::Exists { .. })));
    let target = place.target();
    let mut composer =
        Composer::begin(&target, OnExisting::Replace, words(&WORDS), about(&[])).unwrap();
    composer.document(Split::Train, &plain(&[1, 5])).unwrap();
    first.verify().unwrap();
    let second = composer.finish().unwrap();
    assert_eq!(text_of(&second, Split::Train), "cow\n");
    assert_eq!((place.left().len(), second.has_pairs()), (1, false));
}

/// Returns the error, after checking that its message contains these words.
fn expect_error<T>(result: Result<T>, words: &[&str]) -> Error {
    let Err(error) = result else {
        panic!("expected an error with {words:?}");
    };
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
    error
}

#[test]
fn invalid_words_are_rejected() {
    let place = Place::new();
    for (given, what) in [
        (&["a", "b"][..], "the words of farm: <eos> is missing"),
        (&[], "<eos> is missing"),
        (&["<eos>", ""], "word 1 of farm: it is empty"),
        (
            &["a", "<eos>", "b", "a"],
            "word 3 of farm: a is already word 0",
        ),
        (&["<eos>", "<eos>"], "<eos> is already word 0"),
        (&["<eos>", "a b"], "\"a b\" contains white space"),
        (&["<eos>", "a\n"], "\"a\\n\" contains white space"),
        (&["<eos>", "\r"], "\"\\r\" contains white space"),
        (&["<pad>", "<eos>"], "<pad> cannot be in a vocabulary"),
        (&["<s>", "<eos>"], "<s> cannot be in a vocabulary"),
    ] {
        let error = expect_error(place.begin(given, &[]), &[what]);
        assert!(matches!(error, Error::Composition { .. }));
        assert_eq!(place.left(), [""; 0]);
    }
    let many = vec!["tag"; 257];
    expect_error(place.begin(&WORDS, &many), &["tags = 257", "at most 256"]);
    let late = Composition {
        seed: u64::MAX,
        ..about(&[])
    };
    let target = place.target();
    let begun = Composer::begin(&target, OnExisting::Refuse, words(&WORDS), late);
    expect_error(begun, &["seed = 18446744073709551615", "TOML"]);
    assert_eq!(place.left(), [""; 0]);
}

/// Checks that a step fails with `what`, that every later call fails too, and that no files remain.
fn expect_failed_step(tags: &[&str], what: &str, step: impl FnOnce(&mut Composer) -> Result<()>) {
    let place = Place::new();
    let mut composer = place.begin(&WORDS, tags).unwrap();
    let good = Passage {
        tokens: &[1, 5],
        tags: &[0, 0][..2 * tags.len().min(1)],
        speakers: None,
    };
    composer.document(Split::Train, &good).unwrap();
    expect_error(step(&mut composer), &[what]);
    expect_error(
        composer.document(Split::Train, &good),
        &["farm: an earlier call failed"],
    );
    expect_error(composer.finish(), &["compose the corpus again"]);
    assert_eq!(place.left(), [""; 0]);
}

#[test]
fn inconsistent_passages_are_rejected() {
    let tags = ["free", "forced"];
    for (tokens, given, speakers, what) in [
        (
            &[][..],
            &[][..],
            None,
            "document 1 of train: its last token is not <eos>",
        ),
        (
            &[1, 5, 1],
            &[0; 3],
            None,
            "farm, document 1 of train: its last token is not <eos>",
        ),
        (
            &[1, 7, 5],
            &[0; 3],
            None,
            "token 1 is word 7, but there are 7 words",
        ),
        (&[1, 5], &[0], None, "1 tags, expected 2"),
        (&[1, 5], &[], None, "0 tags, expected 2"),
        (
            &[1, 5],
            &[0, 2],
            None,
            "token 1 has tag 2, but there are 2 tags",
        ),
        (
            &[1, 5],
            &[0, 1],
            Some(&[0, 1][..]),
            "2 speakers for 1 lines",
        ),
        (&[1, 5], &[0, 1], Some(&[]), "0 speakers for 1 lines"),
    ] {
        let passage = Passage {
            tokens,
            tags: given,
            speakers,
        };
        expect_failed_step(&tags, what, |composer| {
            composer.document(Split::Train, &passage)
        });
    }
    let tagged = Passage {
        tags: &[0, 0],
        ..plain(&[1, 5])
    };
    expect_failed_step(&[], "document 0 of test: 2 tags, expected 0", |composer| {
        composer.document(Split::Test, &tagged)
    });
}

#[test]
fn inconsistent_pairs_are_rejected() {
    let sides = || [words(&["cow", "<eos>"]), words(&["Kuh", "<eos>"])];
    let pair = |source: &[TokenId], target: &[TokenId]| {
        let pair = (Split::Train, source.to_vec(), target.to_vec());
        std::iter::once(pair)
    };
    for (source, target, what) in [
        (
            &[0, 1][..],
            &[0][..],
            "farm/target, document 0 of train: 0 <eos>",
        ),
        (
            &[0, 1, 0, 1],
            &[0, 1],
            "farm/source, document 0 of train: 2 <eos>",
        ),
        (&[1, 0], &[0, 1], "its last token is not <eos>"),
        (&[0, 1], &[2, 1], "token 0 is word 2, but there are 2 words"),
    ] {
        expect_failed_step(&[], what, |composer| {
            composer.pairs(sides(), pair(source, target))
        });
    }
    let words = [words(&["<eos>"]), words(&["Kuh"])];
    expect_failed_step(&[], "farm/target: <eos> is missing", |composer| {
        composer.pairs(words, pair(&[0], &[0]))
    });
    let none = "the train split would be empty: farm/source has no document";
    expect_failed_step(&[], none, |composer| {
        composer.pairs(sides(), std::iter::empty())
    });
    expect_failed_step(&[], "farm: already has sentence pairs", |composer| {
        composer.pairs(sides(), pair(&[0, 1], &[0, 1]))?;
        composer.pairs(sides(), pair(&[0, 1], &[0, 1]))
    });
}

#[test]
fn files_outside_the_folder_of_tests_are_rejected() {
    for name in [
        "analogies.txt",
        "tests/",
        "tests/../corpus.toml",
        "tests/..",
        "tests/a/b.txt",
        "tests\\a.txt",
        "/tests/a.txt",
        "tests/.hidden",
    ] {
        expect_failed_step(&[], "a name without slashes", |composer| {
            composer.file(name, b"x")
        });
    }
    expect_failed_step(&[], "tests/a.txt: already exists", |composer| {
        composer.file("tests/a.txt", b"x")?;
        composer.file("tests/a.txt", b"y")
    });
}

#[test]
fn a_corpus_needs_a_document_for_training() {
    let place = Place::new();
    let mut composer = place.begin(&WORDS, &[]).unwrap();
    composer.document(Split::Test, &plain(&[1, 5])).unwrap();
    let error = expect_error(composer.finish(), &["farm has no document for training"]);
    let split = Split::Train;
    assert!(matches!(error, Error::EmptySplit { split: found, .. } if found == split));
    assert_eq!(place.left(), [""; 0]);
    // A dropped composer removes its files, too.
    let mut composer = place.begin(&WORDS, &[]).unwrap();
    composer.document(Split::Train, &plain(&[1, 5])).unwrap();
    assert!(place.left()[0].ends_with(".partial"));
    drop(composer);
    assert_eq!(place.left(), [""; 0]);
}

/// Changes the last byte of a file.
fn change(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_changed_file_is_detected() {
    let files = [
        "train.tags",
        "tests/analogies.txt",
        "dialogues/train.turns",
        "pairs/target/train.tokens",
    ];
    for name in files {
        let place = Place::new();
        let folder = farm(&place).folder().to_path_buf();
        change(&folder.join(name));
        let changed = Corpus::open(&folder).unwrap().verify();
        expect_error(changed, &[name, "its checksum is"]);
        fs::write(folder.join(name), "much longer than before").unwrap();
        expect_error(Corpus::open(&folder), &[name, "according to corpus.toml"]);
    }
}

#[test]
fn a_file_that_the_record_does_not_list_is_rejected() {
    for name in [
        "train.tags",
        "test.tags",
        "tests/analogies.txt",
        "dialogues/train.turns",
    ] {
        let place = Place::new();
        let folder = farm(&place).folder().to_path_buf();
        let path = folder.join("corpus.toml");
        let mut record: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
        let files = record["files"].as_table_mut().unwrap();
        files.remove(name).unwrap();
        fs::write(&path, record.to_string()).unwrap();
        expect_error(
            Corpus::open(&folder),
            &["is missing from its list of files", name],
        );
    }
}

#[test]
fn a_record_without_a_generator_is_read() {
    let place = Place::new();
    let corpus = farm(&place);
    let path = corpus.folder().join("corpus.toml");
    let mut record: toml::Table = fs::read_to_string(&path).unwrap().parse().unwrap();
    record.remove("generator").unwrap();
    fs::write(&path, record.to_string()).unwrap();
    let older = Corpus::open(corpus.folder()).unwrap();
    assert_eq!(older.record.generator, None);
    assert_eq!(older.content_checksum(), corpus.content_checksum());
}

/// Documents of lines of words 0..9, where word 9 ends a line.
fn documents() -> impl Strategy<Value = Vec<Vec<Vec<TokenId>>>> {
    let line = prop::collection::vec(0..9u32, 0..6);
    let document = prop::collection::vec(line, 1..4);
    prop::collection::vec(document, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_documents_round_trip(documents in documents()) {
        let place = Place::new();
        let mut given: Vec<String> = (0..9).map(|n| format!("w{n}")).collect();
        given.push("<eos>".to_owned());
        let target = place.target();
        let mut composer =
            Composer::begin(&target, OnExisting::Refuse, given.clone(), about(&[])).unwrap();
        let mut expected = Vec::new();
        for lines in &documents {
            let tokens: Vec<TokenId> =
                lines.iter().flat_map(|line| line.iter().copied().chain([9])).collect();
            composer.document(Split::Train, &plain(&tokens)).unwrap();
            expected.push(tokens);
        }
        let corpus = composer.finish().unwrap();
        let train = corpus.split(Split::Train).unwrap();
        let read = train.documents.iter().map(|document| {
            let ids = train.read(document.range()).into_iter();
            let index = |id| given.iter().position(|word| word == corpus.vocab().token(id));
            ids.map(|id| index(id).unwrap() as TokenId).collect::<Vec<_>>()
        });
        prop_assert_eq!(read.collect::<Vec<_>>(), expected);
        let counts = train.counts(corpus.vocab().len());
        prop_assert!(counts.is_sorted_by(|a, b| a >= b));
        let text = text_of(&corpus, Split::Train);
        prop_assert_eq!(corpus.codec().encode(&text).unwrap(), train.to_vec());
    }
}

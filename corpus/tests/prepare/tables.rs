//! Pairs, conversations and texts of the formats that people have, from files to prepared corpora.

use corpus::{Corpus, Error, Kind, Settings, Split, SplitRule, Watch};

use crate::{Place, documents, gzip, plain, text_of, tokenized_as};

/// The sides of the pairs of a corpus.
fn sides(corpus: &Corpus) -> [String; 2] {
    let (source, target) = corpus.pairs().unwrap();
    [source, target].map(|side| text_of(&side, Split::Train))
}

/// The speakers of a corpus, turn by turn.
fn speakers(corpus: &Corpus) -> Vec<u32> {
    let turns = corpus.turns(Split::Train).unwrap();
    turns.iter().map(|turn| turn.label).collect()
}

fn between(languages: [&str; 2]) -> Settings {
    let [from, to] = languages.map(str::to_owned);
    Settings {
        languages: Some((from, to)),
        ..plain()
    }
}

/// Checks the corpus prepared from these files, and the notes.
fn with_corpus(
    files: &[(&str, &str)],
    settings: &Settings,
    check: impl FnOnce(&Corpus, &[String]),
) {
    let place = Place::with(files);
    let mut watch = Watch::silent();
    let corpus = place.prepare_watched(settings, &mut watch).unwrap();
    check(&corpus, &watch.take_notes());
}

#[test]
fn empty_sides_of_a_table_are_sentences_without_words() {
    let row = |n: usize| format!("Satz {n} .\tsentence {n} .\n");
    let before: String = (0..6).map(row).collect();
    let after: String = (6..60).map(row).collect();
    for (extra, pairs, told) in [
        ("Danke .\t\n", 61, 1),
        ("\tThank you .\n", 61, 1),
        ("\n", 60, 0),
    ] {
        let table = format!("{before}{extra}{after}");
        for kind in [Kind::Auto, Kind::Pairs] {
            let settings = Settings { kind, ..plain() };
            with_corpus(&[("table.tsv", &table)], &settings, |corpus, notes| {
                for side in sides(corpus) {
                    assert_eq!(side.lines().count(), pairs, "{extra:?}");
                }
                assert_eq!(notes.len(), told, "{notes:?}");
            });
        }
    }
}

#[test]
fn speakers_of_a_table_are_kept_and_titles_left_out() {
    let talk = |id: usize| {
        let roles = ["CLIENT", "CLIENT", "CLERK", "CLIENT", "CLERK", "CLERK"];
        let turns = roles.iter().zip(0..);
        let rows = turns.map(|(role, turn)| format!("d{id}\t{turn}\t{role}\tword {turn}\n"));
        rows.collect::<String>()
    };
    let titles = "dialogue\tturn\tspeaker\ttext\n".to_owned();
    for table in [talk(0) + &talk(1), titles + &talk(0) + &talk(1)] {
        with_corpus(&[("talks.tsv", &table)], &plain(), |corpus, _| {
            assert_eq!(speakers(corpus), [0, 0, 1, 0, 1, 1].repeat(2));
            assert_eq!(documents(corpus, Split::Train).len(), 2);
        });
    }
}

#[test]
fn empty_turns_are_kept_and_told() {
    let talks: String = (0..20)
        .map(|id| format!("d{id}\t0\tUSER\thi\nd{id}\t1\tSYSTEM\tho\n"))
        .collect();
    let table = talks.replacen("hi", "", 1);
    with_corpus(&[("talks.tsv", &table)], &plain(), |corpus, notes| {
        assert_eq!(speakers(corpus).len(), 40);
        assert_eq!(notes, ["1 turn(s) without a word are kept"]);
    });
}

#[test]
fn a_book_with_numbered_contents_is_a_text() {
    let contents = "1 The storm\t3\n2 The island\t17\n\n";
    let book = contents.to_owned() + &"Nobody spoke of land any more .\n".repeat(20);
    with_corpus(&[("book.txt", &book)], &plain(), |corpus, _| {
        assert!(!corpus.has_dialogues() && !corpus.has_pairs());
    });
}

#[test]
fn languages_are_part_of_names_or_folders() {
    for (german, english, languages) in [
        ("train.deu.txt", "train.eng.txt", ["de", "en"]),
        ("train.tok.DE", "train.tok.EN", ["de", "en"]),
        ("text/de", "text/en", ["de", "en"]),
        ("de/text.txt", "en/text.txt", ["deu", "eng"]),
        ("text.src", "text.tgt", ["src", "tgt"]),
        ("text.pt-br", "text.zh_Hans", ["pt_br", "zh"]),
    ] {
        let files = [(german, "eins\n"), (english, "one\n")];
        with_corpus(&files, &between(languages), |corpus, _| {
            assert_eq!(sides(corpus), ["eins\n", "one\n"], "{german}");
        });
    }
}

#[test]
fn folders_of_splits_hold_parallel_files() {
    let mut files = Vec::new();
    for split in ["train", "dev", "test"] {
        for language in ["de", "en"] {
            files.push((
                format!("{split}/{language}"),
                format!("{language} {split}\n"),
            ));
        }
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    with_corpus(&files, &tokenized_as("whitespace"), |corpus, _| {
        let (source, _) = corpus.pairs().unwrap();
        assert_eq!(text_of(&source, Split::Valid), "de dev\n");
        assert_eq!(text_of(&source, Split::Test), "de test\n");
    });
    let place = Place::with(&files[..5]);
    let error = place.prepare(&tokenized_as("whitespace")).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("test/de: there is no such file in language en"),
        "{error}"
    );
}

#[test]
fn requested_languages_are_pairs_or_an_error() {
    for (name, text) in [("novel.txt", "It rained .\n"), ("table.tsv", "eins\tone\n")] {
        let error = Place::with(&[(name, text)]).prepare(&between(["de", "en"]));
        assert!(matches!(error, Err(Error::Layout { .. })), "{name}");
    }
}

#[test]
fn pairs_have_formats_of_their_own() {
    let memory = "<tmx version=\"1.4\"><body><tu><tuv xml:lang=\"de\"><seg>eins &amp; zwei</seg></tuv>\
                  <tuv xml:lang=\"en\"><seg>one</seg></tuv></tu></body></tmx>\n";
    for (name, text, source) in [
        (
            "a.csv",
            "id,de,en\n1,\"eins, \"\"zwei\"\"\",one\n",
            "eins, \"zwei\"\n",
        ),
        (
            "a.jsonl",
            "{\"translation\":{\"de\":\"eins\\nzwei\",\"en\":\"one\"}}\n",
            "eins zwei\n",
        ),
        ("a.tmx", memory, "eins & zwei\n"),
    ] {
        for settings in [plain(), between(["de", "en"])] {
            with_corpus(&[(name, text)], &settings, |corpus, _| {
                assert_eq!(sides(corpus), [source, "one\n"], "{name}");
            });
        }
    }
    let place = Place::new();
    place.write("a.tmx.gz", gzip(memory.as_bytes()));
    assert!(place.prepare(&plain()).unwrap().has_pairs());
}

#[test]
fn objects_with_a_text_are_documents() {
    let objects = "{\"text\":\"one two\\nthree\"}\n{\"text\":\"four\"}\n";
    with_corpus(&[("a.jsonl", objects)], &plain(), |corpus, _| {
        let found = documents(corpus, Split::Train);
        assert_eq!(found, ["one two\nthree\n", "four\n"]);
    });
}

#[test]
fn texts_that_may_be_tables_are_told() {
    let counts: String = (0..20).map(|n| format!("word{n}\t{}\n", 100 - n)).collect();
    let settings = Settings {
        split: SplitRule::None,
        ..tokenized_as("words")
    };
    with_corpus(&[("counts.tsv", &counts)], &settings, |corpus, notes| {
        assert!(!corpus.has_pairs());
        assert!(
            notes[0].contains("has numbers instead of sentences"),
            "{notes:?}"
        );
    });
}

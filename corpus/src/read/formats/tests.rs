use super::*;

/// What is decided for files of these names and contents.
fn decide(files: &[(&str, &str)], settings: &Settings) -> Result<Decision> {
    let folder = tempfile::tempdir().unwrap();
    let inputs = files.iter().map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        Input::new(path)
    });
    let source = Source {
        name: "folder".to_owned(),
        inputs: inputs.collect(),
        licence: None,
    };
    let first = lines_of(&source.inputs[0], 2000)?;
    detect_layout(&source, settings, &first)
}

fn of_kind(kind: Kind) -> Settings {
    Settings {
        kind,
        ..Settings::default()
    }
}

fn decided(name: &str, text: &str) -> Decision {
    decide(&[(name, text)], &Settings::default()).unwrap()
}

fn layout(name: &str, text: &str) -> Layout {
    decided(name, text).layout
}

fn rows(count: usize, row: impl Fn(usize) -> String) -> String {
    (0..count).map(row).collect()
}

fn dialogue_format(layout: Layout) -> DialogueFormat {
    match layout {
        Layout::Dialogues(dialogues, _) => dialogues.format,
        other => panic!("{other:?}"),
    }
}

fn pair_columns(layout: Layout) -> (usize, usize) {
    match layout {
        Layout::Pairs(PairFormat::Table(table)) => (table.source, table.target),
        other => panic!("{other:?}"),
    }
}

#[test]
fn empty_sides_and_blank_lines_leave_a_table_a_table() {
    let row = |n| format!("Satz {n}.\tSentence {n}.\n");
    for extra in ["Danke.\t\n", "\tThanks.\n", "\n", "  \n", "a\tb\tCC-BY\n"] {
        for at in [0, 3, 40] {
            let text = rows(at, row) + extra + &rows(60 - at, row);
            assert_eq!(pair_columns(layout("a.tsv", &text)), (0, 1), "{extra:?}");
        }
    }
}

#[test]
fn numbers_beside_sentences_are_no_sides() {
    let both = |n| format!("{n}\tSatz {n}.\t{n}\tSentence {n}.\n");
    assert_eq!(pair_columns(layout("a.tsv", &rows(9, both))), (1, 3));
    let first = |n| format!("{n}\tSatz {n}.\tSentence {n}.\n");
    assert_eq!(pair_columns(layout("a.tsv", &rows(9, first))), (1, 2));
    for (row, what) in [
        (
            &(|n: usize| format!("word{n}\t{}\n", 9 * n)) as &dyn Fn(usize) -> String,
            "numbers",
        ),
        (&|n: usize| format!("{n}\tA sentence {n}.\n"), "numbers"),
        (
            &|n: usize| format!("A sentence {n}.\t{}\n", ["good", "bad"][n % 2]),
            "labels",
        ),
    ] {
        let text = rows(40, row);
        let decision = decided("a.tsv", &text);
        assert_eq!(decision.layout, Layout::Text);
        assert!(decision.notes[0].contains(what), "{:?}", decision.notes);
        // They are pairs if they are asked for.
        let forced = decide(&[("a.tsv", &text)], &of_kind(Kind::Pairs)).unwrap();
        assert_eq!(pair_columns(forced.layout), (0, 1));
    }
}

#[test]
fn first_rows_may_name_the_columns() {
    let turn = |n| format!("d{}\t{}\tUSER\thello {n}\n", n / 2, n % 2);
    for titles in ["dialogue\tturn\tspeaker\ttext\n", "wer\twann\twie\twas\n"] {
        let decision = decided("a.tsv", &(titles.to_owned() + &rows(9, turn)));
        let DialogueFormat::Table(table) = dialogue_format(decision.layout) else {
            panic!()
        };
        assert_eq!(table.titles.map(|titles| titles.len()), Some(4));
        assert!(
            decision.notes[0].starts_with("the first row names"),
            "{:?}",
            decision.notes
        );
    }
    let text = "id;English;German\n1;\"a; b\";c\n2;d;e\n";
    assert_eq!(pair_columns(layout("a.csv", text)), (1, 2));
    let text = "speaker,text\nA,\"hi, you\"\nB,ho\n";
    assert!(matches!(
        dialogue_format(layout("a.csv", text)),
        DialogueFormat::Table(_)
    ));
    // Elsewhere, commas and such words are text.
    assert_eq!(layout("a.txt", text), Layout::Text);
    assert_eq!(layout("a.txt", "source\ttarget\nno tab\n"), Layout::Text);
}

#[test]
fn each_format_of_conversations_is_recognised() {
    for (text, expected) in [
        (
            "1 your persona: i ski.\n2 hi\thello\n3 what\t\n",
            DialogueFormat::PersonaChat,
        ),
        (
            "A Conversation 1\nA: hi\nB:\n\nA Conversation 2\nB: ho\n",
            DialogueFormat::Transcript,
        ),
        (
            "hi __eou__ ho __eou__\n\na __eou__\n",
            DialogueFormat::Utterances,
        ),
        (
            "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}\n",
            DialogueFormat::Chat,
        ),
        (
            "[\n{\"conversations\":[{\"from\":\"human\",\"value\":\"hi\"}]}\n]\n",
            DialogueFormat::Chat,
        ),
    ] {
        assert_eq!(
            dialogue_format(layout("talk.txt", text)),
            expected,
            "{text}"
        );
        let forced = decide(&[("talk.txt", text)], &of_kind(Kind::Dialogues)).unwrap();
        assert_eq!(dialogue_format(forced.layout), expected, "{text}");
    }
}

#[test]
fn rows_with_times_are_a_conversation_in_each_file() {
    let text = "2004-11-15T07:02:00.000Z\tann\t\thi\n2004-11-15T07:03:00.000Z\tbo\tann\tho\n";
    let DialogueFormat::Table(table) = dialogue_format(layout("1.tsv", text)) else {
        panic!()
    };
    let columns = (table.dialogue, table.turn, table.speaker, table.text);
    assert_eq!(columns, (None, None, Some(1), 3));
}

#[test]
fn texts_that_begin_like_a_table_are_texts() {
    let contents =
        rows(3, |n| format!("{} The storm\t{}\n", n + 1, 9 * n)) + &"Nobody spoke.\n".repeat(30);
    let indented = "\tint a;\n".repeat(9);
    for text in [
        contents.as_str(),
        &indented,
        "Tom Conversation 1\nIt rained.\nIt snowed.\n",
        "1 a\tb\nno\nno\n",
    ] {
        assert_eq!(layout("a.txt", text), Layout::Text, "{text}");
    }
    // Where there is doubt, the note says so.
    let text = "a\tb\n".repeat(6) + &"no tab\n".repeat(4);
    let decision = decided("a.txt", &text);
    assert_eq!(decision.layout, Layout::Text);
    assert!(
        decision.notes[0].contains("look like sentence pairs"),
        "{:?}",
        decision.notes
    );
    let forced = decide(&[("a.txt", &text)], &of_kind(Kind::Pairs)).unwrap();
    assert_eq!(pair_columns(forced.layout), (0, 1));
}

#[test]
fn a_file_unlike_the_first_is_named() {
    let novel = "It rained.\n".repeat(9);
    let table = rows(9, |n| format!("Satz {n}.\tSentence {n}.\n"));
    let decision = decide(
        &[("a.txt", &novel), ("b.txt", &table)],
        &Settings::default(),
    )
    .unwrap();
    assert_eq!(decision.layout, Layout::Text);
    assert!(
        decision.notes[0].contains("b.txt looks like sentence pairs"),
        "{:?}",
        decision.notes
    );
}

#[test]
fn languages_are_never_forgotten() {
    let languages = |kind| Settings {
        languages: Some(("en".to_owned(), "de".to_owned())),
        ..of_kind(kind)
    };
    let ask = |name: &str, text: &str, kind| decide(&[(name, text)], &languages(kind));
    let auto = |name: &str, text: &str| ask(name, text, Kind::Auto);
    assert_eq!(
        pair_columns(auto("a.tsv", "de\ten\na\tb\n").unwrap().layout),
        (1, 0)
    );
    let text = "{\"translation\":{\"de\":\"a\",\"en\":\"b\",\"fr\":\"c\"}}\n";
    let json = PairFormat::Json("en".to_owned(), "de".to_owned());
    assert_eq!(auto("a.json", text).unwrap().layout, Layout::Pairs(json));
    for text in [
        "a novel\n",
        "Satz.\tSentence.\n",
        "d\t0\tA\thi\n",
        "{\"text\":\"a\"}\n",
        "{\"fr\":\"a\",\"en\":\"b\"}\n",
    ] {
        for kind in [Kind::Auto, Kind::Pairs] {
            let error = ask("a.txt", text, kind).unwrap_err();
            assert!(matches!(error, Error::Layout { .. }), "{text}: {error}");
            assert!(error.to_string().contains("in en and de"), "{error}");
        }
        let error = ask("a.txt", text, Kind::Text).unwrap_err();
        assert!(matches!(error, Error::Setting { .. }), "{error}");
    }
}

#[test]
fn objects_are_of_a_kind_or_an_error() {
    let text = "{\"text\":\"a b\",\"id\":1}\n";
    assert_eq!(
        layout("a.jsonl", text),
        Layout::JsonTexts("text".to_owned())
    );
    let json = PairFormat::Json("source".to_owned(), "target".to_owned());
    let text = "{\"id\":\"x\",\"source\":\"a\",\"target\":\"b\"}\n";
    assert_eq!(layout("a.jsonl", text), Layout::Pairs(json));
    let error = decide(
        &[("a.jsonl", "{\"question\":\"a\",\"answer\":\"b\"}\n")],
        &Settings::default(),
    );
    assert!(matches!(error, Err(Error::JsonLines { .. })));
}

#[test]
fn tables_may_name_their_delimiter_and_escape_their_quotes() {
    let named = rows(30, |n| format!("\"Satz {n}, ja\";\"sentence {n}, yes\"\n"));
    let escaped = rows(30, |n| {
        format!("\"sagt \\\"ja {n}\\\", geht\",\"says \\\"yes {n}\\\", goes\"\n")
    });
    for (text, dialect) in [
        (format!("sep=;\nde;en\n{named}"), Dialect::Quoted(b';')),
        (format!("de,en\n{escaped}"), Dialect::Escaped(b',')),
    ] {
        match layout("a.csv", &text) {
            Layout::Pairs(PairFormat::Table(table)) => assert_eq!(table.dialect, dialect),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn memories_are_in_two_languages() {
    let memory = |languages: &[&str]| {
        let sides = languages
            .iter()
            .map(|name| format!("<tuv xml:lang=\"{name}\"><seg>a</seg></tuv>"));
        let sides: String = sides.collect();
        format!(
            "<?xml version=\"1.0\"?>\n<tmx version=\"1.4\"><body><tu>{sides}</tu></body></tmx>\n"
        )
    };
    let tmx = |from: &str, to: &str| Layout::Pairs(PairFormat::Tmx(from.to_owned(), to.to_owned()));
    assert_eq!(layout("a.tmx", &memory(&["EN", "DE"])), tmx("EN", "DE"));
    let three = memory(&["en", "de", "fr"]);
    let error = decide(&[("a.tmx", &three)], &Settings::default()).unwrap_err();
    assert!(matches!(error, Error::ManyLanguages { .. }), "{error}");
    let chosen = Settings {
        languages: Some(("fr".to_owned(), "en".to_owned())),
        ..Settings::default()
    };
    let decision = decide(&[("a.tmx", &three)], &chosen).unwrap();
    assert_eq!(decision.layout, tmx("fr", "en"));
}

#[test]
fn parallel_files_can_be_swapped() {
    let files = [("a.de", "x\n"), ("a.en", "y\n")];
    let swapped = Settings {
        swap: true,
        ..Settings::default()
    };
    let decision = decide(&files, &swapped).unwrap();
    let Layout::ParallelFiles(pairs) = decision.layout else {
        panic!()
    };
    assert!(pairs[0].0.path.ends_with("a.en") && pairs[0].1.path.ends_with("a.de"));
}

#[test]
fn both_files_of_the_movie_corpus_are_needed() {
    let lines = "L1 +++$+++ u0 +++$+++ m0 +++$+++ ANN +++$+++ Hi!\n";
    let list = "u0 +++$+++ u2 +++$+++ m0 +++$+++ ['L1']\n";
    let movies = "m0 +++$+++ a movie +++$+++ 1999\n";
    let names = [
        "movie_conversations.txt",
        "movie_lines.txt",
        "movie_titles.txt",
    ];
    let files: Vec<(&str, &str)> = names.into_iter().zip([list, lines, movies]).collect();
    let decision = decide(&files, &Settings::default()).unwrap();
    let Layout::Dialogues(dialogues, lists) = decision.layout else {
        panic!()
    };
    assert!(
        matches!(dialogues.format, DialogueFormat::Cornell(input) if input.path.ends_with(names[1]))
    );
    assert_eq!(lists.len(), 1);
    let error = decide(&files[..1], &Settings::default()).unwrap_err();
    assert!(error.to_string().contains("movie_lines.txt"), "{error}");
}

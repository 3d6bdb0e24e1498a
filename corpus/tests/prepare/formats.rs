//! Formats of text: compression, archives, byte-order marks, sentence pairs, dialogues.

use std::collections::BTreeMap;

use corpus::{Corpus, Error, Kind, Settings, Source, Split, SplitRule, Watch, prepare_once};

use crate::{Place, documents, gzip, lines, plain, prepared, spelled, text_of, tokenized_as};

#[test]
fn byte_order_marks_and_carriage_returns_are_removed() {
    let place = Place::with(&[("a.txt", "\u{FEFF}one two\r\nthree\r\n\r\nfour")]);
    let corpus = place.prepare(&plain()).unwrap();
    let text = "one two\nthree\n\nfour\n";
    assert_eq!(text_of(&corpus, Split::Train), text);
    assert_eq!(spelled(&corpus, Split::Train), text);
    assert!(
        corpus
            .vocab()
            .tokens()
            .all(|token| !token.contains(['\r', '\u{FEFF}']))
    );
}

/// The vocabulary of a corpus without `<eos>` and `<unk>`, in alphabetical order.
fn types(corpus: &Corpus) -> Vec<&str> {
    let mut types: Vec<&str> = corpus
        .vocab()
        .tokens()
        .filter(|token| !token.starts_with('<'))
        .collect();
    types.sort_unstable();
    types
}

#[test]
fn marks_of_joined_files_are_part_of_no_token() {
    let part = "\u{FEFF}the cat sat\nthe dog sat";
    // Joined with and without a line end between them.
    for (between, lines) in [("\n", 4), ("", 3)] {
        let text = [part, part].join(between);
        for tokens in ["whitespace", "words", "chars"] {
            let settings = Settings {
                split: SplitRule::None,
                ..tokenized_as(tokens)
            };
            let (_place, corpus) = prepared(&[("a.txt", &text)], &settings);
            let types = types(&corpus);
            match tokens {
                "chars" => assert!(!types.iter().any(|token| token.contains('\u{FEFF}'))),
                _ => assert_eq!(types, ["cat", "dog", "sat", "the"]),
            }
            assert_eq!(corpus.record.splits[&Split::Train].lines, lines);
            // Text that comes from elsewhere is encoded alike.
            let ids = corpus.codec().encode_line("\u{FEFF}the cat").unwrap();
            assert_eq!(
                ids,
                corpus.codec().encode_line("the cat").unwrap(),
                "{tokens}"
            );
        }
    }
}

#[test]
fn files_of_each_encoding_and_line_end_give_the_same_corpus() {
    let text = lines(0..100);
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        format!("\u{FEFF}{text}")
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    };
    let expected = Place::with(&[("a.txt", &text)])
        .prepare(&tokenized_as("words"))
        .unwrap();
    for (name, content) in [
        ("a.txt", text.replace('\n', "\r\n").into_bytes()),
        ("a.txt", text.replace('\n', "\r").into_bytes()),
        ("a.txt", utf_16(u16::to_le_bytes)),
        ("a.txt", utf_16(u16::to_be_bytes)),
        ("a.txt.gz", gzip(&utf_16(u16::to_le_bytes))),
    ] {
        let place = Place::new();
        place.write(name, content);
        let corpus = place.prepare(&tokenized_as("words")).unwrap();
        assert_eq!(corpus.record.files, expected.record.files, "{name}");
    }
}

#[test]
fn a_carriage_return_within_a_line_does_not_part_pairs() {
    let source = "eins\nzwei\rund drei\nvier\n";
    let target = "one\ntwo and three\nfour\n";
    let place = Place::with(&[("train.de", source), ("train.en", target)]);
    let settings = Settings {
        split: SplitRule::None,
        ..tokenized_as("words")
    };
    let corpus = place.prepare(&settings).unwrap();
    let pairs = &pairs(&corpus)[&Split::Train];
    assert_eq!(pairs.len(), 3);
    assert_eq!(
        pairs[1],
        ("zwei\rund drei".to_owned(), "two and three".to_owned())
    );
}

#[test]
fn white_space_of_no_kind_is_part_of_a_word_or_ends_a_line() {
    let spaces = "\u{B}\u{C}\u{85}\u{A0}\u{2009}\u{2028}\u{2029}\u{202F}\u{3000}\t ";
    let text: String = spaces
        .chars()
        .map(|space| format!("one{space}two"))
        .collect::<Vec<_>>()
        .join("\n");
    let settings = Settings {
        split: SplitRule::None,
        ..tokenized_as("words")
    };
    let (_place, corpus) = prepared(&[("a.txt", &text)], &settings);
    assert_eq!(types(&corpus), ["one", "two"]);
    let record = &corpus.record.splits[&Split::Train];
    assert_eq!((record.lines, record.tokens), (11, 33));
    // `whitespace` splits at ASCII white space only, which a vertical tab is not for Rust and HTML.
    let settings = Settings {
        kind: Kind::Text,
        ..plain()
    };
    let (_place, corpus) = prepared(&[("a.txt", "a\tb\u{C}c\rd e\u{A0}f\u{B}g\n")], &settings);
    assert_eq!(types(&corpus), ["a", "b", "c", "d", "e\u{A0}f\u{B}g"]);
}

#[test]
fn lines_of_spaces_of_any_kind_are_blank() {
    let (_place, corpus) = prepared(&[("a.txt", "a\n\u{A0}\u{3000}\nb\n\nc\n")], &plain());
    assert_eq!(corpus.record.splits[&Split::Train].documents, 3);
}

#[test]
fn packed_files_give_the_same_corpus() {
    let text = lines(0..100);
    let plain_place = Place::with(&[("a.txt", &text)]);
    let expected = plain_place.prepare(&tokenized_as("words")).unwrap();
    for (name, content) in [
        ("a.txt.gz", gzip(text.as_bytes())),
        ("a.txt.zst", zstd::encode_all(text.as_bytes(), 3).unwrap()),
    ] {
        let place = Place::new();
        place.write(name, content);
        let corpus = place.prepare(&tokenized_as("words")).unwrap();
        assert_eq!(corpus.record.files, expected.record.files, "{name}");
    }
}

#[test]
fn members_of_an_archive_are_documents() {
    let mut archive = tar::Builder::new(Vec::new());
    let members: Vec<String> = (0..40)
        .map(|n| format!("part {n}\n\nend of {n}\n"))
        .collect();
    for (n, content) in members.iter().enumerate() {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_cksum();
        let name = format!("books/{n:02}.txt");
        archive
            .append_data(&mut header, name, content.as_bytes())
            .unwrap();
    }
    let archive = archive.into_inner().unwrap();
    for (name, content) in [
        ("books.tar", archive.clone()),
        ("books.tar.gz", gzip(&archive)),
        ("books.tar.zst", zstd::encode_all(&archive[..], 3).unwrap()),
    ] {
        let place = Place::new();
        place.write(name, content);
        let corpus = place.prepare(&tokenized_as("chars")).unwrap();
        let counts = Split::ALL.map(|split| corpus.record.splits[&split].documents);
        assert_eq!(counts, [36, 2, 2], "{name}");
        let all = Split::ALL
            .iter()
            .flat_map(|&split| documents(&corpus, split));
        assert!(
            all.into_iter().all(|document| members.contains(&document)),
            "{name}"
        );
    }
}

#[test]
fn an_unchanged_source_is_prepared_once() {
    let place = Place::with(&[("a.txt", &lines(0..30))]);
    let source = place.source().unwrap();
    let once = |source: &Source, settings: &Settings| {
        prepare_once(source, &place.corpora(), settings, &mut Watch::silent()).unwrap()
    };
    let first = once(&source, &tokenized_as("words"));
    assert_eq!(
        once(&source, &tokenized_as("words")).folder(),
        first.folder()
    );
    assert_ne!(
        once(&source, &tokenized_as("chars")).folder(),
        first.folder()
    );
    place.write("b.txt", "more\n");
    assert_ne!(
        once(&place.source().unwrap(), &tokenized_as("words")).folder(),
        first.folder()
    );
    assert_eq!(place.left().len(), 3);
}

/// Sentence pairs by split, after checking that both sides and the corpus' own text are aligned.
fn pairs(corpus: &Corpus) -> BTreeMap<Split, Vec<(String, String)>> {
    let (source, target) = corpus.pairs().unwrap();
    let of_split = |&split: &Split| {
        let [sources, targets] = [&source, &target].map(|side| text_of(side, split));
        assert_eq!(targets, text_of(corpus, split));
        for side in [corpus, &source, &target] {
            assert_eq!(documents(side, split).len(), sources.lines().count());
        }
        let pairs = sources.lines().zip(targets.lines());
        (
            split,
            pairs.map(|(a, b)| (a.to_owned(), b.to_owned())).collect(),
        )
    };
    corpus.record.splits.keys().map(of_split).collect()
}

/// Pairs in which every source sentence occurs twice, with different translations.
fn all_pairs() -> Vec<(String, String)> {
    (0..400)
        .map(|n| (format!("Quelle {}", n % 200), format!("target {n}")))
        .collect()
}

fn check_pairs(corpus: &Corpus) {
    // The content checksum covers both sides.
    for side in ["source", "target"] {
        let listed = |ending: &str| format!("pairs/{side}/{ending}");
        for name in ["vocab.txt", "train.tokens"].map(listed) {
            assert!(corpus.record.files.contains_key(&name), "{name}");
        }
        assert!(!corpus.record.files.contains_key(&listed("corpus.toml")));
    }
    corpus.verify().unwrap();
    let mut split_of: BTreeMap<String, Split> = BTreeMap::new();
    let mut found = Vec::new();
    for (split, pairs) in pairs(corpus) {
        for (source, target) in pairs {
            let earlier = split_of.insert(source.clone(), split);
            assert!(
                earlier.is_none_or(|earlier| earlier == split),
                "{source} is in two splits"
            );
            found.push((source, target));
        }
    }
    let mut expected = all_pairs();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(corpus.record.splits.len(), 3);
}

#[test]
fn all_translations_of_a_sentence_share_a_split() {
    let row = |(source, target): &(String, String)| format!("{source}\t{target}\tCC-BY\n");
    let table: String = all_pairs().iter().map(row).collect();
    for tokens in ["whitespace", "words", "chars", "bpe:280"] {
        let place = Place::with(&[("deu.txt", &table)]);
        let corpus = place.prepare(&tokenized_as(tokens)).unwrap();
        check_pairs(&corpus);
        corpus.verify().unwrap();
        let (source, target) = corpus.pairs().unwrap();
        let shared = source.vocab().to_text() == target.vocab().to_text();
        assert_eq!(shared, tokens.starts_with("bpe"), "{tokens}");
        assert_eq!(
            (source.name(), target.name()),
            ("corpus/source", "corpus/target")
        );
    }
}

#[test]
fn columns_can_be_swapped() {
    let place = Place::with(&[("deu.txt", "eins\tone\nzwei\ttwo\n")]);
    for (swap, source, target) in [(false, "eins", "one"), (true, "one", "eins")] {
        let corpus = place.prepare(&Settings { swap, ..plain() }).unwrap();
        let first = &pairs(&corpus)[&Split::Train][0];
        assert_eq!((first.0.as_str(), first.1.as_str()), (source, target));
        std::fs::remove_dir_all(corpus.folder()).unwrap();
    }
}

#[test]
fn parallel_files_are_paired_line_by_line() {
    let side = |pick: fn(&(String, String)) -> &String| {
        let pairs = all_pairs();
        pairs
            .iter()
            .flat_map(|pair| [pick(pair), "\n"])
            .collect::<String>()
    };
    let (german, english) = (side(|pair| &pair.0), side(|pair| &pair.1));
    let place = Place::new();
    place.write("text.de.gz", gzip(german.as_bytes()));
    place.write("text.en", english);
    let corpus = place.prepare(&tokenized_as("whitespace")).unwrap();
    check_pairs(&corpus);
}

#[test]
fn languages_select_files_and_file_names_determine_the_split() {
    let mut files = Vec::new();
    for split in ["train", "val", "test"] {
        for language in ["de", "en", "fr"] {
            files.push((
                format!("{split}.{language}"),
                format!("{language} {split} 1\n\n{language} 3\n"),
            ));
        }
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, c)| (n.as_str(), c.as_str()))
        .collect();
    let place = Place::with(&files);
    let error = place.prepare(&tokenized_as("whitespace")).unwrap_err();
    assert!(
        matches!(&error, Error::ManyLanguages { languages, .. } if languages.len() == 3),
        "{error}"
    );
    let languages = Some(("fr".to_owned(), "de".to_owned()));
    let corpus = place
        .prepare(&Settings {
            languages,
            ..tokenized_as("whitespace")
        })
        .unwrap();
    for (split, name) in [
        (Split::Train, "train"),
        (Split::Valid, "val"),
        (Split::Test, "test"),
    ] {
        let pairs = &pairs(&corpus)[&split];
        assert_eq!(pairs.len(), 3);
        assert_eq!(pairs[0], (format!("fr {name} 1"), format!("de {name} 1")));
        // An empty line is a sentence, too; otherwise the sides would no longer be aligned.
        assert_eq!(pairs[1], (String::new(), String::new()));
    }
}

/// Turns by dialogue: speaker and text.
fn dialogues(corpus: &Corpus, split: Split) -> Vec<Vec<(u32, String)>> {
    let stream = corpus.split(split).unwrap();
    let turns = corpus.turns(split).unwrap();
    assert_eq!(turns.len() as u64, stream.record.turns);
    let ends = |spans: &[corpus::Span]| spans.last().map_or(0, |span| span.end);
    assert_eq!(
        (ends(&turns), ends(&stream.documents)),
        (stream.record.tokens, stream.record.tokens)
    );
    let mut turns = turns.into_iter().peekable();
    let mut all = Vec::new();
    for dialogue in &stream.documents {
        let mut spoken = Vec::new();
        while let Some(turn) = turns.next_if(|turn| turn.end <= dialogue.end) {
            let text = corpus.codec().decode(&stream.read(turn.range())).unwrap();
            spoken.push((turn.label, text.trim_end().to_owned()));
        }
        // No turn crosses the boundary between two dialogues.
        assert!(turns.peek().is_none_or(|turn| turn.start >= dialogue.end));
        all.push(spoken);
    }
    all
}

#[test]
fn dialogues_keep_their_turns_and_speakers_together() {
    let mut table = String::new();
    for dialogue in 0..40 {
        for turn in 0..3 {
            let speaker = ["USER", "SYSTEM"][turn % 2];
            table += &format!("d{dialogue}\t{turn}\t{speaker}\tturn {turn} of {dialogue}\n");
        }
    }
    let place = Place::with(&[("talk.tsv", &table)]);
    let corpus = place.prepare(&tokenized_as("chars")).unwrap();
    assert!(corpus.has_dialogues());
    let mut found = Vec::new();
    for (split, count) in Split::ALL.into_iter().zip([36, 2, 2]) {
        let dialogues = dialogues(&corpus, split);
        assert_eq!(dialogues.len(), count);
        found.extend(dialogues);
    }
    for dialogue in &found {
        let number = dialogue[0].1.rsplit(' ').next().unwrap();
        let expected: Vec<(u32, String)> = (0..3)
            .map(|turn| (turn % 2, format!("turn {turn} of {number}")))
            .collect();
        assert_eq!(*dialogue, expected);
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 40);
}

#[test]
fn persona_chat_and_transcripts_are_dialogues() {
    let spoken = |turns: &[(u32, &str)]| -> Vec<(u32, String)> {
        turns
            .iter()
            .map(|&(speaker, text)| (speaker, text.to_owned()))
            .collect()
    };
    for (text, expected) in [
        (
            "1 your persona: i ski.\n2 hi\thello\n3 a b\tc\n1 partner's persona: x.\n2 d\te\n",
            [
                spoken(&[(0, "hi"), (1, "hello"), (0, "a b"), (1, "c")]),
                spoken(&[(0, "d"), (1, "e")]),
            ],
        ),
        (
            "Human Conversation 1\nHuman 1: hi\nHuman 2: yes: so\n\nHuman Conversation 2\nHuman 2: ho\n",
            [spoken(&[(0, "hi"), (1, "yes: so")]), spoken(&[(0, "ho")])],
        ),
    ] {
        let (_place, corpus) = prepared(&[("talk.txt", text)], &plain());
        assert_eq!(dialogues(&corpus, Split::Train), expected);
    }
}

#[test]
fn the_kind_can_be_set() {
    let table = "a\tb\nc\td\n";
    let text = Settings {
        kind: Kind::Text,
        ..plain()
    };
    let (_place, corpus) = prepared(&[("a.txt", table)], &text);
    assert!(!corpus.has_pairs() && text_of(&corpus, Split::Train) == table);
    for kind in [Kind::Pairs, Kind::Dialogues] {
        let place = Place::with(&[("a.txt", "plain text\n")]);
        let error = place.prepare(&Settings { kind, ..plain() }).unwrap_err();
        assert!(matches!(error, Error::Layout { .. }), "{error}");
        assert_eq!(place.left(), [""; 0]);
    }
}

use super::*;
use crate::error::Error;
use crate::read::rows::Dialect;

type Said = (bool, u8, String);

/// The turns of a text, with what was unusual.
fn read(format: DialogueFormat, text: &str) -> Result<(Vec<Said>, Vec<String>)> {
    let sample: Vec<String> = text.lines().map(str::to_owned).collect();
    let (dialogues, _) = Dialogues::of_sample(format, &sample);
    let mut reader = TurnReader::new(&dialogues, OnInvalid::Refuse)?;
    let mut lines = Lines::new(Box::new(text.as_bytes()), "text".into(), OnInvalid::Refuse);
    let mut all = Vec::new();
    reader.read(&mut lines, |turn| {
        all.push((turn.opens_dialogue, turn.speaker, turn.text.to_owned()));
        Ok(())
    })?;
    Ok((all, reader.notes()))
}

fn turns(format: DialogueFormat, text: &str) -> Vec<Said> {
    read(format, text).unwrap().0
}

fn table() -> DialogueFormat {
    DialogueFormat::Table(TurnTable::plain(None))
}

fn turn(opens: bool, speaker: u8, text: &str) -> Said {
    (opens, speaker, text.to_owned())
}

fn expect_error(format: DialogueFormat, text: &str, line: u64, what: &str) {
    let error = read(format, text).unwrap_err();
    assert!(error.to_string().contains(what), "{error}");
    assert!(
        matches!(error, Error::Format { line: at, .. } if at == line),
        "{error}"
    );
}

#[test]
fn tables_give_dialogue_and_speaker() {
    let text = "a\t0\tUSER\thi\na\t1\tSYSTEM\thello\nb\t0\tUSER\tbye\n";
    let expected = [
        turn(true, 0, "hi"),
        turn(false, 1, "hello"),
        turn(true, 0, "bye"),
    ];
    assert_eq!(turns(table(), text), expected);
    let topics = "0\t0\tsport\thi\n0\t1\tsport\thello\n1\t0\tfilm\tbye\n";
    assert_eq!(turns(table(), topics), expected);
}

#[test]
fn speakers_are_those_of_the_table() {
    // One may speak twice in a row, and the one that answers may begin.
    let text =
        "a\t0\tAGENT\tx\na\t1\tAGENT\tx\na\t2\tCUSTOMER\tx\nb\t0\tCUSTOMER\tx\nb\t1\tAGENT\tx\n";
    let speakers: Vec<u8> = turns(table(), text).iter().map(|turn| turn.1).collect();
    assert_eq!(speakers, [1, 1, 0, 0, 1]);
    // Two people in a conversation are not those of another.
    let people = "a\t0\tAnn\tx\na\t1\tBo\tx\nb\t0\tCy\tx\nb\t1\tDee\tx\n";
    let speakers: Vec<u8> = turns(table(), people).iter().map(|turn| turn.1).collect();
    assert_eq!(speakers, [0, 1, 0, 1]);
    // Many names are people, who are numbered in each conversation.
    let people: String = (0..9)
        .map(|n| format!("{n}\t0\tAnn {n}\tx\n{n}\t1\tBo {n}\tx\n{n}\t2\tAnn {n}\tx\n"))
        .collect();
    let speakers: Vec<u8> = turns(table(), &people).iter().map(|turn| turn.1).collect();
    assert_eq!(speakers, [0, 1, 0].repeat(9));
}

#[test]
fn turns_are_sorted_by_their_numbers() {
    let text = "a\t1\tA\tone\na\t0\tB\tzero\na\t4\tA\tfour\nb\t0\tA\tx\n";
    let (found, notes) = read(table(), text).unwrap();
    let texts: Vec<&str> = found.iter().map(|turn| turn.2.as_str()).collect();
    assert_eq!(texts, ["zero", "one", "four", "x"]);
    assert!(found[0].0);
    assert_eq!(notes.len(), 2, "{notes:?}");
    assert!(notes[0].contains("1 conversation(s) had turns out of order"));
    assert!(notes[1].contains("1 conversation(s) lack the numbers"));
}

#[test]
fn names_of_conversations_may_be_repeated_but_not_interleaved() {
    let text = "a\t0\tA\tx\na\t1\tB\tx\na\t0\tA\tx\na\t1\tB\tx\nb\t0\tA\tx\na\t0\tA\tx\n";
    let (found, notes) = read(table(), text).unwrap();
    let opens: Vec<bool> = found.iter().map(|turn| turn.0).collect();
    assert_eq!(opens, [true, false, true, false, true, true]);
    assert!(
        notes[0].starts_with("2 conversation(s) have the name"),
        "{notes:?}"
    );
    let text = "a\t0\tA\tx\nb\t0\tA\tx\na\t1\tB\tx\n";
    expect_error(table(), text, 3, "\"a\" began earlier");
    let text = "a\t0\tA\tx\na\t1\tB\tx\na\t1\tA\tx\n";
    expect_error(
        table(),
        text,
        3,
        "turn 1 of conversation \"a\" is there twice",
    );
}

#[test]
fn empty_turns_are_kept_and_counted() {
    for (format, text) in [
        (table(), "a\t0\tA\thi\na\t1\tB\t\n"),
        (DialogueFormat::PersonaChat, "1 hi\t\n"),
        (
            DialogueFormat::Transcript,
            "Human Conversation 1\nA: hi\nB: \n",
        ),
        (
            DialogueFormat::Transcript,
            "Human Conversation 1\nA: hi\nB:\n",
        ),
        (DialogueFormat::Utterances, "hi __eou__ __eou__\n"),
        (DialogueFormat::Chat, "{\"dialog\":[\"hi\",\"\"]}\n"),
    ] {
        let (found, notes) = read(format, text).unwrap();
        assert_eq!(found, [turn(true, 0, "hi"), turn(false, 1, "")], "{text}");
        assert_eq!(notes, ["1 turn(s) without a word are kept"]);
    }
}

#[test]
fn columns_may_have_names_and_quotes() {
    let titles = ["text", "who", "id"].map(str::to_owned).to_vec();
    let format = DialogueFormat::Table(TurnTable {
        dialect: Dialect::Quoted(b','),
        titles: Some(titles),
        dialogue: Some(2),
        turn: None,
        speaker: Some(1),
        text: 0,
    });
    let text = "text,who,id\n\"hi, you\nthere\",Ann,1\nho,Bo,1\nhey,Bo,2\n";
    let expected = [
        turn(true, 0, "hi, you there"),
        turn(false, 1, "ho"),
        turn(true, 1, "hey"),
    ];
    assert_eq!(turns(format.clone(), text), expected);
    expect_error(format, "a,b,1\nc\n", 2, "found 1 field(s)");
}

#[test]
fn personas_of_persona_chat_are_skipped() {
    let text = "1 your persona: i ski.\n2 hi\thello\t\tno|yes\n3 a\tb\n1 __SILENCE__\tc\n2 d\te\n";
    let (found, notes) = read(DialogueFormat::PersonaChat, text).unwrap();
    let expected = [
        turn(true, 0, "hi"),
        turn(false, 1, "hello"),
        turn(false, 0, "a"),
        turn(false, 1, "b"),
        turn(true, 1, "c"),
        turn(false, 0, "d"),
        turn(false, 1, "e"),
    ];
    assert_eq!(found, expected);
    assert!(
        notes[0].starts_with("1 turn(s) that nobody spoke"),
        "{notes:?}"
    );
    expect_error(
        DialogueFormat::PersonaChat,
        "1 a\tb\n3 c\td\n2 e\tf\n",
        3,
        "number 2 follows 3",
    );
}

#[test]
fn transcripts_number_speakers_by_order_of_appearance() {
    let text = "Human Conversation 1\nHuman 1: Hi!\nHuman 2: Yes: so?\n\nHuman Conversation 2\nHuman 2: Ho\n";
    let expected = [
        turn(true, 0, "Hi!"),
        turn(false, 1, "Yes: so?"),
        turn(true, 0, "Ho"),
    ];
    assert_eq!(turns(DialogueFormat::Transcript, text), expected);
}

#[test]
fn marks_of_utterances_and_turns_separate() {
    let text = "Hi . __eou__ Ho ! __eou__\na __eou__ b __eou__ __eot__ c __eou__ __eot__\n";
    let expected = [
        turn(true, 0, "Hi ."),
        turn(false, 1, "Ho !"),
        turn(true, 0, "a b"),
        turn(false, 1, "c"),
    ];
    assert_eq!(turns(DialogueFormat::Utterances, text), expected);
    expect_error(
        DialogueFormat::Utterances,
        "a __eou__\n3 1 2\n",
        2,
        "__eou__",
    );
}

#[test]
fn conversations_of_json_have_one_layout_or_another() {
    let expected = [turn(true, 0, "hi there"), turn(false, 1, "hello")];
    for text in [
        r#"{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hi\nthere"},{"role":"assistant","content":"hello"}]}"#,
        r#"{"messages":[{"role":"user","content":[{"type":"text","text":"hi there"}]},{"role":"assistant","content":null},{"role":"assistant","content":"hello"}]}"#,
        r#"[{"id":"x","conversations":[{"from":"human","value":"hi there"},{"from":"gpt","value":"hello"}]}]"#,
        r#"{"turns":[{"speaker":"USER","utterance":"hi there"},{"speaker":"SYSTEM","utterance":"hello"}]}"#,
        r#"{"dialog":["hi there","hello"]}"#,
        r#"{"personality":["i ski"],"utterances":[{"history":["x"],"candidates":["y"]},{"history":["hi there"],"candidates":["no","hello"]}]}"#,
    ] {
        assert_eq!(turns(DialogueFormat::Chat, text), expected, "{text}");
    }
    let call = r#""tool_calls":[{"id":"c"}]"#;
    for turn in [
        format!(r#"{{"role":"assistant",{call}}}"#),
        format!(r#"{{"role":"assistant","content":"",{call}}}"#),
        r#"{"role":"tool","content":"22"}"#.to_owned(),
        r#"{"from":"observation","value":"22"}"#.to_owned(),
    ] {
        let text = format!(
            r#"{{"messages":[{{"role":"user","content":"hi there"}},{turn},{{"role":"assistant","content":"hello"}}]}}"#
        );
        assert_eq!(turns(DialogueFormat::Chat, &text), expected, "{text}");
    }
    let text = "{\"turns\":[\"a\"]}\n{\"turns\":[{\"who\":\"A\"}]}\n";
    expect_error(DialogueFormat::Chat, text, 2, "turn 1 has no text");
}

#[test]
fn lines_of_movies_are_put_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("movie_lines.txt");
    let line = |name: &str, who: &str, text: &str| {
        format!("{name} +++$+++ {who} +++$+++ m0 +++$+++ NAME +++$+++ {text}\n")
    };
    let said = [
        line("L3", "u2", "Ho!"),
        line("L1", "u0", "Hi."),
        line("L2", "u2", ""),
    ];
    std::fs::write(&path, said.concat()).unwrap();
    let format = DialogueFormat::Cornell(Input::new(path));
    let list = "u0 +++$+++ u2 +++$+++ m0 +++$+++ ['L1', 'L2', 'L3']\n";
    let expected = [
        turn(true, 0, "Hi."),
        turn(false, 1, ""),
        turn(false, 1, "Ho!"),
    ];
    assert_eq!(turns(format.clone(), list), expected);
    expect_error(format, &list.replace("L3", "L4"), 1, "line L4 is not in");
    assert!(is_cornell_conversation(list) && !is_cornell_line(list));
    assert!(
        is_cornell_line(&said[0])
            && is_cornell_line(&said[2])
            && !is_cornell_conversation(&said[0])
    );
}

#[test]
fn errors_name_the_malformed_line() {
    let text = "a\t0\tUSER\thi\n".repeat(60) + "a\t1\tSYSTEM\n";
    expect_error(table(), &text, 61, "found 3 field(s)");
    expect_error(table(), "a\tx\tUSER\thi\n", 1, "turn \"x\" is not a number");
    expect_error(
        DialogueFormat::Transcript,
        "A Conversation 1\nhello\n",
        2,
        "expected NAME: TEXT",
    );
    expect_error(
        DialogueFormat::PersonaChat,
        "1 no reply\n",
        1,
        "found no tab",
    );
}

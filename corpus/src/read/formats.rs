//! Detection of a source's layout, and the file formats of dialogues and sentence pairs.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{Error, Result};
use crate::read::lines::Lines;
use crate::read::source::{Input, Source};
use crate::settings::Kind;

/// How the files of a source are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    Text,
    TabPairs,
    /// Source file and target file, line by line.
    ParallelFiles(Vec<(Input, Input)>),
    Dialogues(DialogueFormat),
}

/// File formats of dialogues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DialogueFormat {
    /// `dialogue<TAB>turn<TAB>speaker or topic<TAB>text`.
    Table,
    /// Lines numbered from 1 in each dialogue, `N utterance<TAB>reply`; persona lines are skipped.
    PersonaChat,
    /// `NAME Conversation N`, then `NAME: text`.
    Transcript,
}

/// Detects the layout of `source`; `languages` selects two of several parallel files.
pub(crate) fn detect_layout(
    source: &Source,
    kind: Kind,
    languages: Option<&(String, String)>,
    first_lines: &[String],
) -> Result<Layout> {
    let lines: Vec<&str> = first_lines
        .iter()
        .map(|l| l.trim_end())
        .filter(|l| !l.is_empty())
        .take(50)
        .collect();
    if kind == Kind::Auto && lines.first().is_some_and(|line| is_json_object(line)) {
        return Err(Error::JsonLines {
            place: source.name.clone(),
        });
    }
    let parallel = match kind {
        Kind::Auto | Kind::Pairs => parallel_files(source, languages)?,
        Kind::Text | Kind::Dialogues => None,
    };
    let layout = parallel.or_else(|| {
        let dialogues = || dialogue_format(&lines).map(Layout::Dialogues);
        let pairs = || is_pair_table(&lines).then_some(Layout::TabPairs);
        match kind {
            Kind::Auto => dialogues().or_else(pairs).or(Some(Layout::Text)),
            Kind::Text => Some(Layout::Text),
            Kind::Pairs => pairs(),
            Kind::Dialogues => dialogues(),
        }
    });
    layout.ok_or_else(|| Error::Layout {
        place: source.name.clone(),
        what: match kind {
            Kind::Pairs => "no sentence pairs: expected two fields in each line, separated by a tab, or files that \
                            differ only in a language extension (train.en, train.de)",
            _ => "no dialogues: expected DIALOGUE<TAB>TURN<TAB>SPEAKER<TAB>TEXT, Persona-Chat or transcripts",
        }
        .to_owned(),
    })
}

fn is_json_object(line: &str) -> bool {
    let parse = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>;
    line.trim_start().starts_with('{') && parse(line).is_ok()
}

fn is_pair_table(lines: &[&str]) -> bool {
    let fields = |line: &&str| line.split('\t').count();
    !lines.is_empty() && lines.iter().all(|line| (2..=3).contains(&fields(line)))
}

fn dialogue_format(lines: &[&str]) -> Option<DialogueFormat> {
    let first = *lines.first()?;
    let is_row = |line: &&str| {
        let fields: Vec<&str> = line.splitn(4, '\t').collect();
        fields.len() == 4 && fields[1].parse::<u32>().is_ok()
    };
    if lines.iter().all(is_row) {
        Some(DialogueFormat::Table)
    } else if first.starts_with("1 ") && lines.iter().any(|line| line.contains('\t')) {
        Some(DialogueFormat::PersonaChat)
    } else {
        is_transcript_heading(first).then_some(DialogueFormat::Transcript)
    }
}

fn is_transcript_heading(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.len() == 3 && words[1] == "Conversation" && words[2].parse::<u32>().is_ok()
}

/// Groups files by name without the language extension: `train.en.gz` and `train.de.gz` belong together.
fn parallel_files(source: &Source, languages: Option<&(String, String)>) -> Result<Option<Layout>> {
    let mut groups: BTreeMap<String, BTreeMap<String, Input>> = BTreeMap::new();
    for input in &source.inputs {
        if let Some((stem, language)) = language_of(&input.path) {
            groups
                .entry(stem)
                .or_default()
                .insert(language, input.clone());
        }
    }
    groups.retain(|_, languages| languages.len() >= 2);
    let Some(found) = groups.values().next() else {
        return Ok(None);
    };
    let found: Vec<&String> = found.keys().collect();
    let (from, to) = match (languages, found.as_slice()) {
        (Some((from, to)), _) => (from.clone(), to.clone()),
        (None, [from, to]) => ((*from).clone(), (*to).clone()),
        (None, several) => {
            return Err(Error::ManyLanguages {
                place: source.name.clone(),
                languages: several.iter().map(|&name| name.clone()).collect(),
            });
        }
    };
    let mut files = Vec::new();
    for (stem, group) in &groups {
        let pick = |language: &str| {
            group.get(language).cloned().ok_or_else(|| Error::Layout {
                place: source.name.clone(),
                what: format!("{stem} has no file in language {language}"),
            })
        };
        files.push((pick(&from)?, pick(&to)?));
    }
    Ok(Some(Layout::ParallelFiles(files)))
}

fn language_of(path: &Path) -> Option<(String, String)> {
    let path = path.to_str()?;
    let bare = path
        .strip_suffix(".gz")
        .or_else(|| path.strip_suffix(".zst"))
        .unwrap_or(path);
    let (stem, ending) = bare.rsplit_once('.')?;
    let is_code = ending.len() == 2 && ending.bytes().all(|byte| byte.is_ascii_lowercase());
    is_code.then(|| (stem.to_owned(), ending.to_owned()))
}

/// The two sentences of a line; further fields (attributions) are ignored.
pub(crate) fn split_pair(line: &str) -> std::result::Result<(&str, &str), String> {
    let mut fields = line.split('\t');
    match (fields.next(), fields.next()) {
        (Some(source), Some(target)) => Ok((source, target)),
        _ => Err("expected SOURCE<TAB>TARGET, found no tab".to_owned()),
    }
}

/// One turn of a dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn<'t> {
    pub(crate) opens_dialogue: bool,
    pub(crate) speaker: u8,
    pub(crate) text: &'t str,
}

/// Calls `visit` with every turn of a text.
pub(crate) fn read_turns(
    lines: &mut Lines<'_>,
    format: DialogueFormat,
    mut visit: impl FnMut(Turn<'_>) -> Result<()>,
) -> Result<()> {
    let mut reader = TurnReader {
        format,
        dialogue: None,
        names: Vec::new(),
    };
    while let Some(line) = lines.next_line()? {
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        match reader.turns(line) {
            Ok(turns) => turns.into_iter().flatten().try_for_each(&mut visit)?,
            Err(what) => return Err(lines.malformed(what)),
        }
    }
    Ok(())
}

struct TurnReader {
    format: DialogueFormat,
    /// Identifier of the current dialogue; `None` when the next turn opens one.
    dialogue: Option<String>,
    /// Speakers of a transcript in order of appearance.
    names: Vec<String>,
}

impl TurnReader {
    /// A line holds no turn, one or two.
    fn turns<'l>(&mut self, line: &'l str) -> std::result::Result<[Option<Turn<'l>>; 2], String> {
        match self.format {
            DialogueFormat::Table => self.table_turn(line).map(|turn| [Some(turn), None]),
            DialogueFormat::PersonaChat => self.persona_chat_turns(line),
            DialogueFormat::Transcript => self.transcript_turn(line).map(|turn| [turn, None]),
        }
    }

    fn table_turn<'l>(&mut self, line: &'l str) -> std::result::Result<Turn<'l>, String> {
        let fields: Vec<&str> = line.splitn(4, '\t').collect();
        let &[dialogue, turn, speaker, text] = fields.as_slice() else {
            return Err(format!(
                "expected DIALOGUE<TAB>TURN<TAB>SPEAKER<TAB>TEXT, found {} field(s)",
                fields.len()
            ));
        };
        let turn: u32 = turn
            .parse()
            .map_err(|_| format!("turn {turn:?} is not a number"))?;
        let speaker = match speaker {
            "USER" => 0,
            "SYSTEM" => 1,
            _ => (turn % 2) as u8,
        };
        let opens_dialogue = self.dialogue.as_deref() != Some(dialogue);
        self.dialogue = Some(dialogue.to_owned());
        Ok(Turn {
            opens_dialogue,
            speaker,
            text,
        })
    }

    fn persona_chat_turns<'l>(
        &mut self,
        line: &'l str,
    ) -> std::result::Result<[Option<Turn<'l>>; 2], String> {
        let numbered = line
            .split_once(' ')
            .filter(|(number, _)| number.parse::<u32>().is_ok());
        let (number, text) = numbered.ok_or("expected a number and a space at the start")?;
        if number == "1" {
            self.dialogue = None;
        }
        let mut fields = text.split('\t');
        let (Some(utterance), Some(reply)) = (fields.next(), fields.next()) else {
            let persona =
                text.starts_with("your persona:") || text.starts_with("partner's persona:");
            return persona
                .then_some([None, None])
                .ok_or("expected UTTERANCE<TAB>REPLY, found no tab".to_owned());
        };
        let opens_dialogue = self.dialogue.replace(String::new()).is_none();
        let first = Turn {
            opens_dialogue,
            speaker: 0,
            text: utterance,
        };
        Ok([
            Some(first),
            Some(Turn {
                opens_dialogue: false,
                speaker: 1,
                text: reply,
            }),
        ])
    }

    fn transcript_turn<'l>(
        &mut self,
        line: &'l str,
    ) -> std::result::Result<Option<Turn<'l>>, String> {
        if is_transcript_heading(line) {
            self.dialogue = None;
            self.names.clear();
            return Ok(None);
        }
        let (name, text) = line.split_once(": ").ok_or("expected NAME: TEXT")?;
        let known = self.names.iter().position(|known| known == name);
        let speaker = known.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        let opens_dialogue = self.dialogue.replace(String::new()).is_none();
        Ok(Some(Turn {
            opens_dialogue,
            speaker: speaker.min(255) as u8,
            text,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::lines::OnInvalid;

    fn turns(text: &str) -> Result<Vec<(bool, u8, String)>> {
        let first: Vec<&str> = text
            .lines()
            .filter(|line| !line.is_empty())
            .take(50)
            .collect();
        let format = dialogue_format(&first).expect("a dialogue");
        let mut lines = Lines::new(Box::new(text.as_bytes()), "text".into(), OnInvalid::Refuse);
        let mut all = Vec::new();
        read_turns(&mut lines, format, |turn| {
            all.push((turn.opens_dialogue, turn.speaker, turn.text.to_owned()));
            Ok(())
        })?;
        Ok(all)
    }

    fn turn(opens: bool, speaker: u8, text: &str) -> (bool, u8, String) {
        (opens, speaker, text.to_owned())
    }

    #[test]
    fn tables_give_dialogue_and_speaker() {
        let table = "a\t0\tUSER\thi\na\t1\tSYSTEM\thello\nb\t0\tUSER\tbye\n";
        let expected = [
            turn(true, 0, "hi"),
            turn(false, 1, "hello"),
            turn(true, 0, "bye"),
        ];
        assert_eq!(turns(table).unwrap(), expected);
        let topics = "0\t0\tsport\thi\n0\t1\tsport\thello\n1\t0\tfilm\tbye\n";
        assert_eq!(turns(topics).unwrap(), expected);
    }

    #[test]
    fn personas_of_persona_chat_are_skipped() {
        let text = "1 your persona: i ski.\n2 hi\thello\n3 a\tb\n1 your persona: x.\n2 c\td\n";
        let opens: Vec<bool> = turns(text).unwrap().iter().map(|turn| turn.0).collect();
        assert_eq!(opens, [true, false, false, false, true, false]);
    }

    #[test]
    fn transcripts_number_speakers_by_order_of_appearance() {
        let text = "Human Conversation 1\nHuman 1: Hi!\nHuman 2: Yes: so?\n\nHuman Conversation 2\nHuman 2: Ho\n";
        let expected = [
            turn(true, 0, "Hi!"),
            turn(false, 1, "Yes: so?"),
            turn(true, 0, "Ho"),
        ];
        assert_eq!(turns(text).unwrap(), expected);
    }

    #[test]
    fn errors_name_the_malformed_line() {
        let table = "a\t0\tUSER\thi\n".repeat(60) + "a\t1\tSYSTEM\n";
        let error = turns(&table).unwrap_err();
        assert!(matches!(error, Error::Format { line: 61, .. }), "{error}");
    }

    #[test]
    fn pairs_are_recognised_by_tabs_or_by_file_names() {
        assert!(is_pair_table(&["Go.\tVa !", "Hi.\tSalut !"]));
        assert!(!is_pair_table(&["plain", "text"]));
        let inputs = |names: &[&str]| Source {
            name: "folder".into(),
            inputs: names.iter().map(Input::new).collect(),
            licence: None,
        };
        let two = inputs(&["train.de.gz", "train.en.gz", "val.de.gz", "val.en.gz"]);
        let Some(Layout::ParallelFiles(files)) = parallel_files(&two, None).unwrap() else {
            panic!()
        };
        assert_eq!(files.len(), 2);
        let three = inputs(&["train.de", "train.en", "train.fr"]);
        assert_eq!(
            parallel_files(&three, None).unwrap_err().to_string(),
            "folder: parallel files in de, en, fr; two languages must be chosen"
        );
        let chosen = parallel_files(&three, Some(&("fr".into(), "de".into()))).unwrap();
        let Some(Layout::ParallelFiles(files)) = chosen else {
            panic!()
        };
        assert_eq!(files[0].0.path, Path::new("train.fr"));
    }
}

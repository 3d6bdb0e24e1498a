//! Turns of conversations: the formats, and the numbers of speakers.

mod chat;
mod cornell;
mod lines;
mod table;

use crate::error::Result;
use crate::read::lines::{Lines, OnInvalid};
use crate::read::source::Input;

pub(crate) use chat::is_chat;
pub(crate) use cornell::{is_cornell_conversation, is_cornell_line};
pub(crate) use lines::{is_numbered, is_transcript_heading, is_utterances};
pub(crate) use table::TurnTable;

/// File formats of conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DialogueFormat {
    /// A row for each turn.
    Table(TurnTable),
    /// Lines numbered from 1 in each conversation, `N utterance<TAB>reply`; persona lines are skipped.
    PersonaChat,
    /// `NAME Conversation N`, then `NAME: text`.
    Transcript,
    /// A conversation in each line, with `__eou__` after each turn, as in DailyDialog.
    Utterances,
    /// A JSON object for each conversation, with an array of turns.
    Chat,
    /// Cornell Movie Dialogs: lists of lines, and the file of the lines.
    Cornell(Input),
}

/// How speakers are numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Numbering {
    /// Two speakers take turns.
    Alternate,
    /// The same few roles in all conversations; one that is not listed gets the next number.
    Roles(Vec<String>),
    /// By first appearance in each conversation.
    Names,
}

/// A format, and how its speakers are numbered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dialogues {
    pub(crate) format: DialogueFormat,
    pub(crate) numbering: Numbering,
}

/// One turn of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Turn<'t> {
    pub(crate) opens_dialogue: bool,
    pub(crate) speaker: u8,
    pub(crate) text: &'t str,
}

/// A turn before its speaker has a number.
#[derive(Debug, Clone, Copy)]
struct Spoken<'t> {
    opens: bool,
    name: Option<&'t str>,
    /// Number of the turn: of two speakers that take turns, its parity tells who speaks.
    turn: u64,
    text: &'t str,
}

/// Receives turns.
type Visit<'v> = dyn FnMut(Spoken<'_>) -> Result<()> + 'v;

/// What is unusual in the conversations, in numbers.
#[derive(Debug, Default)]
struct Tally {
    empty: u64,
    unsorted: u64,
    gaps: u64,
    repeated: u64,
    /// Turns that nobody spoke: system prompts, calls of tools, `__SILENCE__`.
    left_out: u64,
}

/// Reads the turns of texts of one format.
#[derive(Debug)]
pub(crate) struct TurnReader {
    format: Reader,
    numbering: Numbering,
    /// Speakers of the current conversation.
    names: Vec<String>,
    tally: Tally,
}

/// A format with what it needs beside the text.
#[derive(Debug)]
enum Reader {
    Table(TurnTable),
    PersonaChat,
    Transcript,
    Utterances,
    Chat,
    Cornell(cornell::MovieLines),
}

impl TurnReader {
    /// # Errors
    /// If the format has a further file, which cannot be read.
    pub(crate) fn new(dialogues: &Dialogues, invalid: OnInvalid) -> Result<TurnReader> {
        let format = match &dialogues.format {
            DialogueFormat::Table(table) => Reader::Table(table.clone()),
            DialogueFormat::PersonaChat => Reader::PersonaChat,
            DialogueFormat::Transcript => Reader::Transcript,
            DialogueFormat::Utterances => Reader::Utterances,
            DialogueFormat::Chat => Reader::Chat,
            DialogueFormat::Cornell(lines) => {
                Reader::Cornell(cornell::MovieLines::read(lines, invalid)?)
            }
        };
        Ok(TurnReader {
            format,
            numbering: dialogues.numbering.clone(),
            names: Vec::new(),
            tally: Tally::default(),
        })
    }

    /// Calls `visit` with every turn of a text.
    pub(crate) fn read(
        &mut self,
        lines: &mut Lines<'_>,
        mut visit: impl FnMut(Turn<'_>) -> Result<()>,
    ) -> Result<()> {
        let (numbering, names) = (&mut self.numbering, &mut self.names);
        let mut empty = 0;
        let read = self.format.read(lines, &mut self.tally, &mut |spoken| {
            empty += u64::from(spoken.text.is_empty());
            let speaker = number(numbering, names, &spoken);
            visit(Turn {
                opens_dialogue: spoken.opens,
                speaker,
                text: spoken.text,
            })
        });
        self.tally.empty += empty;
        read
    }

    /// What was unusual, a sentence each.
    pub(crate) fn notes(&self) -> Vec<String> {
        let Tally {
            empty,
            unsorted,
            gaps,
            repeated,
            left_out,
        } = self.tally;
        [
            (empty, "turn(s) without a word are kept"),
            (
                unsorted,
                "conversation(s) had turns out of order, which are sorted by their numbers",
            ),
            (gaps, "conversation(s) lack the numbers of some turns"),
            (
                repeated,
                "conversation(s) have the name of an earlier one; each is read as one of its own",
            ),
            (
                left_out,
                "turn(s) that nobody spoke are left out: system prompts, calls of tools, silence",
            ),
        ]
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect()
    }
}

impl Reader {
    fn read(&self, lines: &mut Lines<'_>, tally: &mut Tally, visit: &mut Visit<'_>) -> Result<()> {
        match self {
            Reader::Table(table) => table::read(lines, table, tally, visit),
            Reader::PersonaChat => lines::read_persona_chat(lines, tally, visit),
            Reader::Transcript => lines::read_transcripts(lines, visit),
            Reader::Utterances => lines::read_utterances(lines, visit),
            Reader::Chat => chat::read(lines, tally, visit),
            Reader::Cornell(movie) => movie.conversations(lines, visit),
        }
    }
}

/// The number of a turn's speaker.
fn number(numbering: &mut Numbering, names: &mut Vec<String>, spoken: &Spoken<'_>) -> u8 {
    if spoken.opens {
        names.clear();
    }
    let known = match numbering {
        Numbering::Alternate => return (spoken.turn % 2) as u8,
        Numbering::Roles(roles) => roles,
        Numbering::Names => names,
    };
    let Some(name) = spoken.name else {
        return (spoken.turn % 2) as u8;
    };
    let at = known.iter().position(|known| known == name);
    let at = at.unwrap_or_else(|| {
        known.push(name.to_owned());
        known.len() - 1
    });
    at.min(u8::MAX.into()) as u8
}

/// At most this many names in a sample are roles; more are people.
const MOST_ROLES: usize = 8;

/// Names of the party that answers.
const ANSWERERS: [&str; 8] = [
    "system",
    "assistant",
    "agent",
    "bot",
    "chatbot",
    "gpt",
    "chatgpt",
    "model",
];

impl Dialogues {
    /// Decides by a sample of the text how the speakers are numbered. The note says so when a column is no column of speakers.
    pub(crate) fn of_sample(
        format: DialogueFormat,
        sample: &[String],
    ) -> (Dialogues, Option<String>) {
        let reader = match &format {
            // In files of one conversation each, the sample knows one.
            DialogueFormat::Table(table) if table.dialogue.is_none() => {
                let numbering = Numbering::Names;
                return (Dialogues { format, numbering }, None);
            }
            DialogueFormat::Table(table) => Reader::Table(table.clone()),
            DialogueFormat::Chat => Reader::Chat,
            DialogueFormat::PersonaChat | DialogueFormat::Utterances => {
                let numbering = Numbering::Alternate;
                return (Dialogues { format, numbering }, None);
            }
            DialogueFormat::Transcript | DialogueFormat::Cornell(_) => {
                let numbering = Numbering::Names;
                return (Dialogues { format, numbering }, None);
            }
        };
        let text = sample.join("\n");
        let mut lines = Lines::new(Box::new(text.as_bytes()), String::new(), OnInvalid::Replace);
        let mut talks: Vec<Talk> = Vec::new();
        // The sample ends anywhere; its errors are found again when the text is read.
        let _ = reader.read(&mut lines, &mut Tally::default(), &mut |spoken| {
            if spoken.opens {
                talks.push(Talk::default());
            }
            if let (Some(talk), Some(name)) = (talks.last_mut(), spoken.name) {
                talk.turns += 1;
                if !talk.names.iter().any(|known| known == name) {
                    talk.names.push(name.to_owned());
                }
            }
            Ok(())
        });
        let (numbering, note) = numbering_of(&talks);
        (Dialogues { format, numbering }, note)
    }
}

/// A conversation of a sample.
#[derive(Debug, Default)]
struct Talk {
    turns: usize,
    names: Vec<String>,
}

fn numbering_of(talks: &[Talk]) -> (Numbering, Option<String>) {
    let long = || talks.iter().filter(|talk| talk.turns >= 2);
    let with_one_name = long().filter(|talk| talk.names.len() == 1).count();
    if 2 * with_one_name > long().count() {
        let note = "the column of speakers is the same throughout a conversation, so that it is taken for a topic: \
                    two speakers take turns";
        return (Numbering::Alternate, Some(note.to_owned()));
    }
    let mut names: Vec<String> = Vec::new();
    for name in talks.iter().flat_map(|talk| &talk.names) {
        if !names.contains(name) {
            names.push(name.clone());
        }
        if names.len() > MOST_ROLES {
            return (Numbering::Names, None);
        }
    }
    if names.is_empty() {
        return (Numbering::Alternate, None);
    }
    let is_answerer = |name: &String| ANSWERERS.contains(&name.to_lowercase().as_str());
    let talks_of = |name: &&String| {
        talks
            .iter()
            .filter(|talk| talk.names.contains(name))
            .count()
    };
    let shared = names.iter().filter(|name| talks_of(name) >= 2).count();
    if 2 * shared < names.len() && !names.iter().any(is_answerer) {
        // People meet once; roles are in many conversations.
        return (Numbering::Names, None);
    }
    names.sort_by_key(is_answerer);
    (Numbering::Roles(names), None)
}

#[cfg(test)]
mod tests;

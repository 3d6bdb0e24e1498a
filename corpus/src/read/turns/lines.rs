//! Conversations in lines: Persona-Chat, transcripts, and lines whose turns end in `__eou__`.

use super::{Spoken, Tally, Visit};
use crate::error::Result;
use crate::read::lines::Lines;

/// Marks the end of an utterance in DailyDialog and the Ubuntu Dialogue Corpus; there, a turn may have several.
const END_OF_UTTERANCE: &str = "__eou__";
const END_OF_TURN: &str = "__eot__";

/// A turn of Persona-Chat in which nobody has spoken yet.
const SILENCE: &str = "__SILENCE__";

/// The number of a line of Persona-Chat, and the rest.
fn numbered(line: &str) -> Option<(u64, &str)> {
    let (number, text) = line.split_once(' ')?;
    Some((number.parse().ok()?, text))
}

/// Whether a line may be one of Persona-Chat: a number, then a persona or two fields.
pub(crate) fn is_numbered(line: &str) -> bool {
    numbered(line).is_some_and(|(_, text)| text.contains('\t') || is_persona(text))
}

fn is_persona(text: &str) -> bool {
    text.starts_with("your persona:") || text.starts_with("partner's persona:")
}

pub(super) fn read_persona_chat(
    lines: &mut Lines<'_>,
    tally: &mut Tally,
    visit: &mut Visit<'_>,
) -> Result<()> {
    let (mut last, mut turn) = (0, 0);
    while let Some(line) = lines.next_line()? {
        if line.trim().is_empty() {
            continue;
        }
        let Some((number, text)) = numbered(line) else {
            return Err(lines.malformed("expected a number and a space at the start"));
        };
        if number != 1 && number <= last {
            let what = format!(
                "number {number} follows {last}; the numbers of a conversation begin at 1 and increase"
            );
            return Err(lines.malformed(what));
        }
        match number {
            1 => turn = 0,
            _ => tally.gaps += u64::from(number > last + 1),
        }
        last = number;
        if is_persona(text) {
            continue;
        }
        let mut fields = text.split('\t');
        let (Some(utterance), Some(reply)) = (fields.next(), fields.next()) else {
            return Err(lines.malformed("expected UTTERANCE<TAB>REPLY, found no tab"));
        };
        for (text, speaker) in [(utterance, 0), (reply, 1)] {
            let text = text.trim_end();
            if text == SILENCE {
                tally.left_out += 1;
                continue;
            }
            visit(Spoken {
                opens: turn == 0,
                name: None,
                turn: speaker,
                text,
            })?;
            turn += 1;
        }
    }
    Ok(())
}

/// `NAME Conversation N`.
pub(crate) fn is_transcript_heading(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    words.len() == 3 && words[1] == "Conversation" && words[2].parse::<u32>().is_ok()
}

pub(super) fn read_transcripts(lines: &mut Lines<'_>, visit: &mut Visit<'_>) -> Result<()> {
    let mut turn = 0;
    while let Some(line) = lines.next_line()? {
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        if is_transcript_heading(line) {
            turn = 0;
            continue;
        }
        // An editor may have cut the space after the name of a speaker who says nothing.
        let spoken = line
            .split_once(": ")
            .or_else(|| Some((line.strip_suffix(':')?, "")));
        let Some((name, text)) = spoken else {
            return Err(lines.malformed("expected NAME: TEXT"));
        };
        visit(Spoken {
            opens: turn == 0,
            name: Some(name),
            turn,
            text,
        })?;
        turn += 1;
    }
    Ok(())
}

/// Whether a line holds turns that end in `__eou__`.
pub(crate) fn is_utterances(line: &str) -> bool {
    line.contains(END_OF_UTTERANCE)
}

pub(super) fn read_utterances(lines: &mut Lines<'_>, visit: &mut Visit<'_>) -> Result<()> {
    while let Some(line) = lines.next_line()? {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if !is_utterances(line) {
            return Err(lines.malformed(format!("expected turns that end in {END_OF_UTTERANCE}")));
        }
        let end = match line.contains(END_OF_TURN) {
            true => END_OF_TURN,
            false => END_OF_UTTERANCE,
        };
        let turns = line.strip_suffix(end).unwrap_or(line).split(end);
        for (text, turn) in turns.zip(0..) {
            let words: Vec<&str> = text.split(END_OF_UTTERANCE).map(str::trim).collect();
            visit(Spoken {
                opens: turn == 0,
                name: None,
                turn,
                text: words.join(" ").trim(),
            })?;
        }
    }
    Ok(())
}

//! Conversations as JSON objects with an array of turns: `messages` of OpenAI, `conversations` of ShareGPT, `dialog` of DailyDialog,
//! `turns` of the Schema-Guided Dialogue corpus, the last `history` of Persona-Chat.

use serde_json::Value;

use super::{Spoken, Tally, Visit};
use crate::error::Result;
use crate::read::json::{Object, read_objects};
use crate::read::lines::Lines;
use crate::read::rows::one_line;

/// Names of the array of turns.
const TURNS: [&str; 8] = [
    "messages",
    "conversations",
    "conversation",
    "dialog",
    "dialogue",
    "turns",
    "utterances",
    "history",
];
/// Names of a turn's text and of its speaker.
const TEXTS: [&str; 5] = ["content", "value", "text", "utterance", "message"];
const SPEAKERS: [&str; 5] = ["role", "from", "speaker", "author", "sender"];
/// Roles of those who do not speak: where a turn has a `speaker`, `SYSTEM` is one of two parties.
const PROMPTS: [&str; 6] = [
    "system",
    "developer",
    "tool",
    "function",
    "observation",
    "function_call",
];
/// Names of what a turn has that calls a tool.
const CALLS: [&str; 2] = ["tool_calls", "function_call"];

/// The turns of a conversation, and how many were left out.
struct Conversation {
    turns: Vec<(Option<String>, String)>,
    left_out: u64,
}

/// Whether an object has an array of turns, and not an empty one beside its text.
pub(crate) fn is_chat(object: &Object) -> bool {
    conversation(object).is_ok_and(|conversation| !conversation.turns.is_empty())
}

pub(super) fn read(lines: &mut Lines<'_>, tally: &mut Tally, visit: &mut Visit<'_>) -> Result<()> {
    read_objects(lines, conversation, |conversation| {
        tally.left_out += conversation.left_out;
        for ((name, text), turn) in conversation.turns.iter().zip(0..) {
            visit(Spoken {
                opens: turn == 0,
                name: name.as_deref(),
                turn,
                text,
            })?;
        }
        Ok(())
    })
}

fn conversation(object: &Object) -> std::result::Result<Conversation, String> {
    let turns = TURNS.iter().find_map(|&name| object.get(name)?.as_array());
    let turns = turns.ok_or_else(|| format!("no array of turns: expected {}", TURNS.join(", ")))?;
    if let Some(history) = turns.last().and_then(history) {
        return Ok(history);
    }
    let mut conversation = Conversation {
        turns: Vec::new(),
        left_out: 0,
    };
    for (turn, at) in turns.iter().zip(1..) {
        let what = || format!("turn {at} has no text: expected {}", TEXTS.join(", "));
        match turn {
            Value::String(text) => conversation.turns.push((None, one_line(text))),
            Value::Object(turn) => match spoken(turn).ok_or_else(what)? {
                Some(spoken) => conversation.turns.push(spoken),
                None => conversation.left_out += 1,
            },
            _ => return Err(what()),
        }
    }
    Ok(conversation)
}

/// The speaker and the text of a turn; `Some(None)` if nobody speaks.
fn spoken(turn: &Object) -> Option<Option<(Option<String>, String)>> {
    let (key, name) = SPEAKERS
        .iter()
        .find_map(|&key| Some((key, turn.get(key)?.as_str()?)))
        .unzip();
    let is_prompt = matches!(key, Some("role" | "from"))
        && name.is_some_and(|name| PROMPTS.contains(&name.to_lowercase().as_str()));
    let is_call = CALLS
        .iter()
        .any(|&key| turn.get(key).is_some_and(|call| !call.is_null()));
    let Some(content) = TEXTS.iter().find_map(|&key| turn.get(key)) else {
        return is_call.then_some(None);
    };
    let text = match content {
        Value::String(text) => one_line(text),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            one_line(&texts.collect::<Vec<&str>>().join(" "))
        }
        // A call of a tool.
        Value::Null => return Some(None),
        _ => return None,
    };
    match is_prompt || (is_call && text.is_empty()) {
        true => Some(None),
        false => Some(Some((name.map(str::to_owned), text))),
    }
}

/// The conversation of Persona-Chat's JSON: the last entry has all turns before the last, and its last candidate is that turn.
fn history(entry: &Value) -> Option<Conversation> {
    let history = entry.get("history")?.as_array()?;
    let reply = entry
        .get("candidates")
        .and_then(|all| all.as_array()?.last());
    let texts = history.iter().chain(reply);
    let turns = texts.map(|text| Some((None, one_line(text.as_str()?))));
    let turns: Vec<_> = turns.collect::<Option<_>>()?;
    Some(Conversation { turns, left_out: 0 })
}

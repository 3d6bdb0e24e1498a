//! The columns of tables, by the names in their first row.

use crate::read::languages::{choose, is_language};
use crate::read::pairs::PairTable;
use crate::read::rows::Dialect;
use crate::read::turns::TurnTable;

/// Names of the two sides of a pair.
const SIDES: [(&str, &str); 8] = [
    ("source", "target"),
    ("src", "tgt"),
    ("src", "trg"),
    ("source_text", "target_text"),
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("prompt", "completion"),
    ("prompt", "response"),
];

/// Names of languages in English, as title rows have them.
const LANGUAGES: [&str; 24] = [
    "arabic",
    "bengali",
    "chinese",
    "czech",
    "danish",
    "dutch",
    "english",
    "finnish",
    "french",
    "german",
    "greek",
    "hebrew",
    "hindi",
    "hungarian",
    "italian",
    "japanese",
    "korean",
    "norwegian",
    "polish",
    "portuguese",
    "russian",
    "spanish",
    "swedish",
    "turkish",
];

/// Names of the columns of turns; underscores, dashes and spaces do not matter.
const DIALOGUES: [&str; 10] = [
    "dialogue",
    "dialog",
    "dialogueid",
    "dialogid",
    "conversation",
    "conversationid",
    "convid",
    "chatid",
    "threadid",
    "sessionid",
];
const TURNS: [&str; 6] = [
    "turn",
    "turnid",
    "turnnumber",
    "turnno",
    "turnindex",
    "utteranceidx",
];
const SPEAKERS: [&str; 7] = [
    "speaker",
    "speakerid",
    "role",
    "author",
    "from",
    "sender",
    "participant",
];
const TEXTS: [&str; 5] = ["text", "utterance", "message", "content", "turntext"];

/// A name without case and separators.
fn plain(title: &str) -> String {
    let title = title.trim().to_lowercase();
    title.replace(['_', '-', ' '], "")
}

/// The names of two fields that are the sides of a pair: of `languages` if they are asked for, else by what such fields are called.
pub(crate) fn side_names<'n>(
    names: &[&'n str],
    languages: Option<&(String, String)>,
) -> Option<(&'n str, &'n str)> {
    if let Some((from, to)) = languages {
        return Some((choose(from, names)?, choose(to, names)?));
    }
    let named = |wanted: &str| {
        names
            .iter()
            .find(|name| plain(name) == plain(wanted))
            .copied()
    };
    let by_name = |&(source, target): &(&str, &str)| Some((named(source)?, named(target)?));
    SIDES.iter().find_map(by_name).or_else(|| {
        let is_language = |name: &&&str| {
            let title = plain(name);
            // Indonesian and Norwegian, but in a table an identifier and a number.
            !["id", "no"].contains(&title.as_str())
                && (is_language(name.trim()) || LANGUAGES.contains(&title.as_str()))
        };
        let mut languages = names.iter().filter(is_language);
        match (languages.next(), languages.next(), languages.next()) {
            (Some(source), Some(target), None) => Some((*source, *target)),
            _ => None,
        }
    })
}

/// The table of pairs with these titles, if they name both sides.
pub(crate) fn pair_table(
    titles: &[String],
    dialect: Dialect,
    languages: Option<&(String, String)>,
) -> Option<PairTable> {
    let names: Vec<&str> = titles.iter().map(String::as_str).collect();
    let (source, target) = side_names(&names, languages)?;
    let at = |side: &str| names.iter().position(|name| *name == side);
    Some(PairTable {
        dialect,
        source: at(source)?,
        target: at(target)?,
        titles: Some(titles.to_vec()),
    })
}

/// The table of turns with these titles, if they name the text and the conversation, or at least who speaks.
pub(crate) fn turn_table(titles: &[String], dialect: Dialect) -> Option<TurnTable> {
    let at = |names: &[&str]| {
        titles
            .iter()
            .position(|title| names.contains(&plain(title).as_str()))
    };
    let (dialogue, speaker) = (at(&DIALOGUES), at(&SPEAKERS));
    // Without a column of conversations, only these tell a conversation from messages of any kind.
    let is_conversation = dialogue.is_some() || at(&["speaker", "role"]).is_some();
    Some(TurnTable {
        dialect,
        dialogue,
        turn: at(&TURNS),
        speaker,
        text: at(&TEXTS).filter(|_| is_conversation)?,
        titles: Some(titles.to_vec()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn sides_are_found_by_their_names() {
        let columns = |names: &[&str], languages: Option<(&str, &str)>| {
            let languages = languages.map(|(from, to)| (from.to_owned(), to.to_owned()));
            let table = pair_table(&titles(names), Dialect::Tabs, languages.as_ref());
            table.map(|table| (table.source, table.target))
        };
        assert_eq!(
            columns(&["id", "Sentence1", "sentence2"], None),
            Some((1, 2))
        );
        assert_eq!(columns(&["English", "German"], None), Some((0, 1)));
        assert_eq!(
            columns(&["id", "deu", "eng"], Some(("en", "de"))),
            Some((2, 1))
        );
        assert_eq!(columns(&["de", "en", "fr"], None), None);
        assert_eq!(columns(&["de", "en"], Some(("fr", "en"))), None);
        assert_eq!(columns(&["Danke.", "Thank you."], None), None);
    }

    #[test]
    fn turns_need_a_text_and_a_conversation() {
        let table = |names: &[&str]| turn_table(&titles(names), Dialect::Quoted(b','));
        let ubuntu = table(&["folder", "dialogueID", "date", "from", "to", "text"]).unwrap();
        assert_eq!(
            (ubuntu.dialogue, ubuntu.speaker, ubuntu.text),
            (Some(1), Some(3), 5)
        );
        let turns = table(&["Dialogue ID", "Turn", "Role", "Utterance"]).unwrap();
        assert_eq!((turns.turn, turns.text), (Some(1), 3));
        assert_eq!(table(&["speaker", "text"]).unwrap().dialogue, None);
        assert_eq!(table(&["text", "label"]), None);
        assert_eq!(table(&["dialogue", "label"]), None);
    }
}

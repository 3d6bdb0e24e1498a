//! Explanations of the names of breakdowns and kinds of tokens.

/// What a model must do to predict a word of this kind; the kinds are those of the village.
pub(crate) fn phenomenon(name: &str) -> Option<&'static str> {
    Some(match name {
        "local" => "know fixed phrases of up to four words",
        "class" => "know that a rare word behaves like its class",
        "world" => "know facts from the training text: who makes what, and who comes from where",
        "agreement" => "remember number, gender or tense over 5 to 20 words",
        "state" => "track where people and things are",
        "repeat" => "find a name, number or phrase in the last two sentences",
        "recall" => "find a name, number or phrase 30 to 150 words back",
        "reply" => "remember the question, the speaker and what they said",
        "sum" => "calculate",
        "free" => "guess: the choice is random",
        _ => return None,
    })
}

/// The heading of a breakdown.
pub(crate) fn heading(breakdown: &str) -> String {
    match breakdown {
        "phenomenon" => "By kind of word".to_owned(),
        "occurrences in train" => "By frequency in the training text".to_owned(),
        "seen before in the document" => {
            "By whether the word occurred before in the same document".to_owned()
        }
        "place in the line" => "By position in the line".to_owned(),
        other => format!("By {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_names_are_not_explained() {
        assert_eq!(phenomenon("sum"), Some("calculate"));
        assert_eq!(phenomenon("anaphor agreement"), None);
        assert_eq!(heading("length"), "By length");
    }
}

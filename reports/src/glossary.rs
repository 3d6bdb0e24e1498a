//! What the names on the page mean: what each entry brought, and what each kind of token asks of a model.

use harness::{EntryId, Track};

/// What was new about an entry, or what it is there for, in a sentence; nothing for one that is not known here.
pub(crate) fn what_changed(id: &EntryId) -> Option<&'static str> {
    Some(match (id.track, id.era.as_str(), id.variant.as_str()) {
        (Track::LanguageModelling, "baselines", "uniform") => {
            "Every word is as likely as any other: what knowing nothing costs."
        }
        (Track::LanguageModelling, "baselines", "unigram") => {
            "A word is as likely as it was frequent, whatever stands before it."
        }
        (Track::LanguageModelling, "ngram", "stupid-backoff") => {
            "Counts of up to five words in a row; where they were never seen together, a fixed share of what fewer words say. \
             Nothing is estimated, so it could be counted on two trillion words."
        }
        (Track::LanguageModelling, "ngram", "kneser-ney") => {
            "The same counts, discounted; what is saved goes to words that follow many different others. It is older (1995, 1998), \
             and what the paper of 2007 measured itself by."
        }
        (Track::LanguageModelling, "ngram", "kneser-ney-cache") => {
            "The same, and what was just said is likelier to be said again."
        }
        (Track::LanguageModelling, "word2vec", _) => {
            "Words became vectors, so that what is learnt of one serves those like it; this one sees two words back and not their \
             order."
        }
        (Track::LanguageModelling, "seq2seq", _) => {
            "A state is carried from word to word, and gates decide what it keeps: context has no set length any more."
        }
        (Track::LanguageModelling, "chatbot", _) => {
            "The same cells as a chatbot uses them, on plain text: a line is a turn, and attention looks back at the lines before."
        }
        (Track::LanguageModelling, "transformer", _) => {
            "No state: each word looks back at all others by attention, and all words of a text are learnt from at once."
        }
        (Track::LanguageModelling, "oracle", _) => {
            "The generator itself, which knows the probability of every word it wrote."
        }
        (Track::Translation, "baselines", "copy") => "The source as it stands.",
        (Track::Translation, "baselines", _) => {
            "Each word by the one it was most often paired with, in the order of the source (IBM Model 1)."
        }
        (Track::Translation, "seq2seq", "attention") => {
            "Before each word the decoder looks back at the words of the source, so that one vector need not hold them all."
        }
        (Track::Translation, "seq2seq", _) => {
            "One LSTM reads the sentence into a vector, from its end to its beginning, and another writes the translation from it."
        }
        (Track::Translation, "transformer", _) => {
            "Attention alone, within the source, within the translation and between them."
        }
        (Track::Conversation, "baselines", "i-do-not-know") => {
            "The same reply to everything: seldom senseless, never specific, which is why one is not told without the other."
        }
        (Track::Conversation, "baselines", _) => {
            "The reply that followed, in the training text, on the turn most like this one."
        }
        (Track::Conversation, "ngram", _) => {
            "Continues the text; of what was asked it sees the last four words."
        }
        (Track::Conversation, "chatbot", _) => {
            "A network learns to reply from conversations alone, with no rules and no goal."
        }
        (Track::Words, "word2vec", "skip-gram") => {
            "Vectors from which a word's neighbours are foretold."
        }
        (Track::Words, "word2vec", "cbow") => "Vectors whose mean foretells the word between them.",
        _ => return None,
    })
}

/// What one must do to predict a word of this kind; the kinds are those of the village.
pub(crate) fn phenomenon(name: &str) -> Option<&'static str> {
    Some(match name {
        "local" => "know fixed phrases of up to four words",
        "class" => "know that a rare word behaves like its class",
        "world" => "have read before who makes what, and who comes from where",
        "agreement" => "remember number, gender or tense over 5 to 20 words",
        "state" => "follow where people and things are now",
        "repeat" => "look back a sentence or two for a name, a number, a phrase",
        "recall" => "look back 30 to 150 words for them",
        "reply" => "remember the question, the speaker and what they said",
        "sum" => "calculate",
        "free" => "guess: nothing foretells it",
        _ => return None,
    })
}

/// The heading of a breakdown.
pub(crate) fn heading(breakdown: &str) -> String {
    match breakdown {
        "phenomenon" => "By what a word asks of the model".to_owned(),
        "occurrences in train" => "By how often a word occurs in the training text".to_owned(),
        "seen before in the document" => {
            "By whether the word was there before in the same document".to_owned()
        }
        "place in the line" => "By a word's place in its line".to_owned(),
        other => format!("By {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_explained() {
        let own = EntryId::language_model(None, "llama", "seven");
        assert_eq!(what_changed(&own), None);
        let known = EntryId::language_model(2017, "transformer", "decoder");
        assert!(what_changed(&known).unwrap().contains("attention"));
        assert_eq!(phenomenon("anaphor agreement"), None);
        assert_eq!(heading("length"), "By length");
    }
}

use super::dictionary::Dictionary;
use super::meaning::{
    Clause, Connective, Definiteness, Meaning, Nominal, NounPhrase, Number, Polarity, Relation,
    Tense,
};
use super::oracle::Language;
use crate::lexicon::Word;
use crate::settings::Settings;

/// The word of the world with this spelling.
fn word(dictionary: &Dictionary, text: &str) -> Word {
    let at = dictionary.world.words.iter().position(|word| word == text);
    Word(u16::try_from(at.expect("a word of the world")).unwrap())
}

/// A noun phrase from the spelling of its words; an empty adjective means none.
fn noun(
    dictionary: &Dictionary,
    text: &str,
    number: Number,
    definiteness: Definiteness,
    adjectives: [&str; 2],
) -> NounPhrase {
    NounPhrase {
        noun: word(dictionary, text),
        number,
        definiteness,
        adjectives: adjectives
            .map(|adjective| (!adjective.is_empty()).then(|| word(dictionary, adjective))),
    }
}

/// "The happy kings did not eat any small red pears in the mill, because a dog will sleep near Anna."
fn example(dictionary: &Dictionary) -> Meaning {
    use Definiteness::{Definite, Indefinite};
    let kings = noun(dictionary, "king", Number::Plural, Definite, ["happy", ""]);
    let pears = noun(
        dictionary,
        "pear",
        Number::Plural,
        Indefinite,
        ["small", "red"],
    );
    let mill = noun(dictionary, "mill", Number::Singular, Definite, [""; 2]);
    let dog = noun(dictionary, "dog", Number::Singular, Indefinite, [""; 2]);
    let anna = word(dictionary, "Anna");
    let first = Clause {
        subject: Nominal::NounPhrase(kings),
        verb: word(dictionary, "ate"),
        tense: Tense::Past,
        polarity: Polarity::Negative,
        object: Some(pears),
        place: Some((Relation::In, Nominal::NounPhrase(mill))),
    };
    let second = Clause {
        subject: Nominal::NounPhrase(dog),
        verb: word(dictionary, "slept"),
        tense: Tense::Future,
        polarity: Polarity::Positive,
        object: None,
        place: Some((Relation::Near, Nominal::Person(anna))),
    };
    Meaning {
        first,
        second: Some((Connective::Because, second)),
    }
}

#[test]
fn word_order_and_agreement_match_a_hand_written_example() {
    let dictionary = Dictionary::new(&Settings::default());
    let meaning = example(&dictionary);
    assert_eq!(
        Language::English.most_probable(&dictionary, &meaning),
        "the happy kings did not eat any small red pears in the mill because a dog will sleep near Anna ."
    );
    let noun = |text| &dictionary.nouns[&word(&dictionary, text)].stems[0].0;
    let adjective = |text| &dictionary.adjectives[&word(&dictionary, text)].stems[0].0;
    let verb = |text| &dictionary.verbs[&word(&dictionary, text)].stems[0].0;
    let reason = format!("{} Annanud lo {}ur dezha", noun("dog"), verb("slept"));
    let kings = format!("{}imos {}im", noun("king"), adjective("happy"));
    let pears = format!(
        "{}imen {}imen {}imen",
        noun("pear"),
        adjective("red"),
        adjective("small")
    );
    let (mill, eat) = (noun("mill"), verb("ate"));
    assert_eq!(
        Language::Umric.most_probable(&dictionary, &meaning),
        format!("{reason} {kings} {mill}osari {pears} nu {eat}avun .")
    );
}

#[test]
fn ungrammatical_sentences_are_rejected() {
    let dictionary = Dictionary::new(&Settings::default());
    for (good, bad) in [
        ("a dog cannot sleep .", "an dog cannot sleep ."),
        ("the dogs do not sleep .", "the dogs does not sleep ."),
        ("the dogs sleep .", "the dog sleep ."),
        ("Otto ate some pears .", "Otto ate any pears ."),
        ("Otto ate some pears .", "Otto ate some pear ."),
        ("Otto ate a pear .", "Otto ate a hat ."),
        ("Otto ate a pear .", "Otto slept a pear ."),
        ("Otto ate a pear .", "Otto ate ."),
        ("Otto ate a small red pear .", "Otto ate a red small pear ."),
        ("a dog slept in a mill .", "a mill slept in a dog ."),
        ("a dog slept near Otto .", "a dog slept in Otto ."),
        (
            "a dog slept while a cat slept .",
            "a dog slept while a cat will sleep .",
        ),
    ] {
        assert!(
            Language::English.read(&dictionary, good).is_some(),
            "{good}"
        );
        assert!(Language::English.read(&dictionary, bad).is_none(), "{bad}");
    }
}

//! Hand-written dialogues with known verdicts.

use proptest::prelude::*;

use super::sampler::{Sampler, job, person, text, town};
use super::*;

/// A dialogue with greetings of two people and these turns.
fn dialogue_of(first: &str, second: &str, later: &[&str]) -> Vec<String> {
    let greetings = [
        format!("hello , I am {first} ."),
        format!("hello {first} , I am {second} ."),
    ];
    let later = later.iter().map(|&turn| turn.to_owned());
    greetings.into_iter().chain(later).collect()
}

#[test]
fn a_speaker_is_from_one_town_only() {
    let turns = dialogue_of("Dennis", "Haruka", &["where is your home ?"]);
    let turns = [
        &turns[..2],
        &["are you well ?".into()],
        &["where is your home ?".into()],
    ]
    .concat();
    let dennis = person("Dennis");
    let elsewhere = Sampler::new(1).other_than(&VILLAGE.world.town_names, town(&dennis));
    assert!(sensible(&turns, &format!("I am from {} .", town(&dennis))));
    assert!(sensible(
        &turns,
        &format!("My home is in {}.", town(&dennis))
    ));
    assert!(!sensible(&turns, &format!("I am from {elsewhere} .")));
    assert!(!sensible(&turns, "I am from here ."));
}

#[test]
fn a_pet_stays_the_same() {
    let turns = dialogue_of(
        "Dennis",
        "Haruka",
        &[
            "I have a red cat . do you have a pet ?",
            "I do not know . what is your pet ?",
        ],
    );
    assert!(sensible(&turns, "I keep a red cat ."));
    assert!(!sensible(&turns, "I keep a red dog ."));
    assert!(!sensible(&turns, "I keep a green cat ."));
    // Dennis owns the red cat, not Haruka.
    assert!(sensible(
        &turns[..3],
        "I have a green dog . what is your work ?"
    ));
}

#[test]
fn two_ages_within_a_reply_contradict_each_other() {
    let turns = dialogue_of("Dennis", "Haruka", &["how old are you ?"]);
    assert!(sensible(&turns, "I am forty two years old ."));
    assert!(!sensible(
        &turns,
        "I am forty two years old . I turned forty one in spring ."
    ));
}

#[test]
fn a_meeting_binds_both_speakers() {
    let turns = dialogue_of(
        "Dennis",
        "Haruka",
        &[
            "shall we meet again ?",
            "let us meet at the mill on monday .",
            "I see .",
        ],
    );
    let place = [&turns[..], &["where did we want to meet ?".into()]].concat();
    assert!(sensible(&place[..5], "when did we want to meet ?"));
    assert!(sensible(&place, "at the mill ."));
    assert!(!sensible(&place, "at the school ."));
    assert!(!sensible(&place, "on monday ."));
}

#[test]
fn a_meeting_must_be_agreed_first() {
    let turns = dialogue_of("Dennis", "Haruka", &["where did we want to meet ?"]);
    assert!(!sensible(&turns, "at the mill ."));
    assert!(sensible(&turns, "I do not know ."));
    assert!(!sensible(&turns[..2], "where did we want to meet ?"));
}

#[test]
fn sums_must_be_right() {
    let turns = dialogue_of("Dennis", "Haruka", &["I see . how much is nine and four ?"]);
    assert!(sensible(&turns, "that makes thirteen ."));
    assert!(sensible(&turns, "the answer is thirteen . that is nice ."));
    assert!(!sensible(&turns, "that makes twelve ."));
    assert!(!sensible(&turns, "that is nice ."));
    let beyond = dialogue_of("Dennis", "Haruka", &["what is nine and twenty ?"]);
    assert!(!sensible(&beyond, "that makes twenty ."));
    let below = dialogue_of("Dennis", "Haruka", &["what is two less twenty ?"]);
    assert!(!sensible(&below, "that makes one ."));
}

#[test]
fn makers_must_match_their_product() {
    let [first, second] = [0, 1].map(|at| &VILLAGE.world.jobs[at]);
    let [makers, product] = [first.plural, first.product].map(text);
    let turns = dialogue_of("Dennis", "Haruka", &[&format!("who makes {product} ?")]);
    assert!(sensible(&turns, &format!("{makers} make {product} .")));
    assert!(!sensible(
        &turns,
        &format!("{} make {product} .", text(second.plural))
    ));
    // True, but off topic.
    let other = [second.plural, second.product].map(text);
    assert!(!sensible(
        &turns,
        &format!("{} make {} .", other[0], other[1])
    ));
}

#[test]
fn greetings_come_first_and_goodbyes_last() {
    let turns = dialogue_of("Dennis", "Haruka", &[]);
    assert!(sensible(&[], "hello , I am Dennis ."));
    assert!(sensible(&turns[..1], "hello Dennis , I am Haruka ."));
    assert!(!sensible(&turns[..1], "hello Haruka , I am Dennis ."));
    assert!(!sensible(&turns[..1], "hello Dennis , I am Dennis ."));
    assert!(!sensible(&turns, "hello Haruka , I am Dennis ."));
    assert!(sensible(&turns, "that is nice . goodbye Haruka ."));
    assert!(!sensible(&turns, "goodbye Dennis ."));
    assert!(!sensible(&turns, "goodbye Haruka . that is nice ."));
    let left = dialogue_of("Dennis", "Haruka", &["goodbye Haruka ."]);
    assert!(sensible(&left, "goodbye Dennis ."));
    assert!(!sensible(&left, "I see ."));
}

#[test]
fn yes_and_no_must_be_true() {
    let haruka = person("Haruka");
    let (home, work) = (town(&haruka), job(&haruka));
    let elsewhere = Sampler::new(1).other_than(&VILLAGE.world.town_names, home);
    let [here, there] = [home, elsewhere]
        .map(|town| dialogue_of("Dennis", "Haruka", &[&format!("are you from {town} ?")]));
    let [yes, no] = ["yes", "no"].map(|word| format!("{word} , I am a {work} from {home} ."));
    assert!(sensible(&here, &yes) && !sensible(&here, &no));
    assert!(sensible(&there, &no) && !sensible(&there, &yes));
}

#[test]
fn an_unnamed_speaker_must_match_some_person() {
    let haruka = person("Haruka");
    let somewhere = Sampler::new(1).other_than(&VILLAGE.world.town_names, town(&haruka));
    let turns = ["who are you ?".to_owned()];
    assert!(sensible(
        &turns,
        &format!("my name is Haruka . I am from {} .", town(&haruka))
    ));
    assert!(!sensible(
        &turns,
        &format!("my name is Haruka . I am from {somewhere} .")
    ));
    assert!(!sensible(&turns, "my name is Haruka . my name is Dennis ."));
}

#[test]
fn every_sentence_of_a_reply_must_parse() {
    let turns = dialogue_of(
        "Dennis",
        "Haruka",
        &["blue is the why of mills .", "time flies !"],
    );
    assert!(sensible(&turns, "I see ."));
    assert!(sensible(&turns, "Sometimes i eat a pear."));
    for reply in [
        "",
        " ",
        ".",
        "I see",
        "I see . I see .",
        "yes .",
        "I see . mills of why .",
    ] {
        assert!(!sensible(&turns, reply), "{reply:?}");
    }
}

#[test]
fn generic_replies_are_not_specific() {
    let [statements, question_wordings] =
        ["I see .", "how old are you ?"].map(|turn| dialogue_of("Dennis", "Haruka", &[turn]));
    for reply in [
        "I see .",
        "that is nice .",
        "how lovely .",
        "where are you from ?",
    ] {
        assert!(
            sensible(&statements, reply) && !specific(&statements, reply),
            "{reply}"
        );
    }
    for reply in ["I do not know .", "that is a good question ."] {
        assert!(
            sensible(&question_wordings, reply) && !specific(&question_wordings, reply),
            "{reply}"
        );
    }
    assert!(specific(&question_wordings, "I am forty two years old ."));
    assert!(specific(
        &statements,
        &format!("I am from {} .", town(&person("Haruka")))
    ));
    assert!(specific(&statements, "goodbye Dennis ."));
    assert!(!specific(&statements, "goodbye Haruka ."));
}

#[test]
fn settings_that_forbid_all_questions_still_have_a_judge() {
    let shares = crate::Shares {
        reply: 0.0,
        world: 0.0,
        sum: 0.0,
        ..Default::default()
    };
    let settings = Settings {
        shares,
        conversations: 0.0,
        words_per_class: 3,
        ..Settings::default()
    };
    let judge = VillageJudge::new(Village::new(&settings).unwrap());
    assert!(judge.is_sensible(&["I see ."], "how lovely ."));
    assert!(!judge.is_specific(&["who are you ?"], "I do not know ."));
}

proptest! {
    #[test]
    fn no_text_makes_the_judge_panic(turns in prop::collection::vec(".{0,40}", 0..4), reply in ".*") {
        sensible(&turns, &reply);
        specific(&turns, &reply);
    }

    #[test]
    fn no_words_make_the_judge_panic(words in prop::collection::vec(0..VILLAGE.words().len(), 0..60)) {
        let words: Vec<&str> = words.iter().map(|&word| VILLAGE.words()[word].as_str()).collect();
        let turns: Vec<String> = words.chunks(8).map(|turn| turn.join(" ")).collect();
        sensible(&turns, &turns.concat());
    }
}

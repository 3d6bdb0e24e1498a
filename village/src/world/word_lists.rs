//! Reads the built-in word lists.

use std::collections::HashMap;

use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// The forms of a word: the columns of its list.
pub(crate) type Forms = Vec<String>;

/// The word lists. The seed shuffles each into its order of frequency.
#[derive(Debug)]
pub(super) struct WordLists {
    pub(super) names: Vec<Forms>,
    pub(super) towns: Vec<Forms>,
    pub(super) jobs: Vec<Forms>,
    /// Classes of things: name, things, verbs.
    pub(super) classes: Vec<(String, Vec<Forms>, Vec<Forms>)>,
    pub(super) activities: Vec<Forms>,
    pub(super) feelings: Vec<Forms>,
    pub(super) qualities: Vec<Forms>,
    pub(super) colours: Vec<Forms>,
    pub(super) weathers: Vec<Forms>,
    pub(super) places: Vec<Forms>,
    pub(super) kin: Vec<Forms>,
    pub(super) people: Vec<Forms>,
}

impl WordLists {
    pub(super) fn read(max_words: usize, random: &mut ChaCha8Rng) -> WordLists {
        let mut shuffled = |text: &str, section: &str| {
            let mut forms = sections(text)
                .remove(section)
                .expect("the lists have this section")
                .1;
            forms.shuffle(random);
            forms.truncate(if max_words == 0 {
                usize::MAX
            } else {
                max_words
            });
            forms
        };
        let (things, verbs) = (
            include_str!("../../words/things.txt"),
            include_str!("../../words/verbs.txt"),
        );
        let adjectives = include_str!("../../words/adjectives.txt");
        let kin = include_str!("../../words/kin.txt");
        let mut classes: Vec<(usize, String)> = sections(things)
            .into_iter()
            .map(|(name, (order, _))| (order, name))
            .collect();
        classes.sort();
        WordLists {
            names: shuffled(include_str!("../../words/names.txt"), ""),
            towns: shuffled(include_str!("../../words/towns.txt"), ""),
            jobs: shuffled(include_str!("../../words/jobs.txt"), ""),
            classes: classes
                .into_iter()
                .map(|(_, name)| {
                    let (things, verbs) = (shuffled(things, &name), shuffled(verbs, &name));
                    (name, things, verbs)
                })
                .collect(),
            activities: shuffled(verbs, "activity"),
            feelings: shuffled(adjectives, "feeling"),
            qualities: shuffled(adjectives, "quality"),
            colours: shuffled(adjectives, "colour"),
            weathers: shuffled(adjectives, "weather"),
            places: shuffled(include_str!("../../words/places.txt"), ""),
            kin: shuffled(kin, "kin"),
            people: shuffled(kin, "people"),
        }
    }
}

/// The sections of a list by name, each with its index among them.
fn sections(text: &str) -> HashMap<String, (usize, Vec<Forms>)> {
    let mut sections: HashMap<String, (usize, Vec<Forms>)> = HashMap::new();
    let mut section = String::new();
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            name.clone_into(&mut section);
            continue;
        }
        let order = sections.len();
        let forms = line.split(' ').map(str::to_owned).collect();
        sections
            .entry(section.clone())
            .or_insert((order, Vec::new()))
            .1
            .push(forms);
    }
    sections
}

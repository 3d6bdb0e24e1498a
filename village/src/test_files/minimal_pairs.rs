//! Minimal pairs for each phenomenon in BLiMP's format: the beginning of a document, and the same text with one word
//! replaced by an impossible one.

use std::collections::BTreeMap;

use corpus::MinimalPair;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::choices::{Table, Writer};
use crate::lexicon::{Word, w};
use crate::numbers::{MAX_NUMBER, number, value};
use crate::oracle::NullObserver;
use crate::phenomenon::Phenomenon;
use crate::village::Village;
use crate::world::{Role, World};

/// Maximum number of pairs per phenomenon.
const PAIRS_PER_PHENOMENON: usize = 100;
/// Maximum length of a text, in words. Most texts are shorter than a network's window.
const MAX_WORDS: usize = 160;
/// Maximum number of documents that are searched for a rare phenomenon.
const MAX_DOCUMENTS: usize = 1000;

/// Draws equally many pairs for each phenomenon, except for unpredictable words.
pub(crate) fn minimal_pairs(village: &Village, random: &mut ChaCha8Rng) -> Vec<MinimalPair> {
    let mut found: BTreeMap<Phenomenon, Vec<MinimalPair>> = Phenomenon::ALL
        .into_iter()
        .filter(|&phenomenon| phenomenon != Phenomenon::Free)
        .map(|phenomenon| (phenomenon, Vec::new()))
        .collect();
    for _ in 0..MAX_DOCUMENTS {
        let mut writer = Writer::new(random);
        village.write(&mut writer);
        let (words, tags) = (writer.words, writer.tags);
        for (&phenomenon, pairs) in found
            .iter_mut()
            .filter(|(_, pairs)| pairs.len() < PAIRS_PER_PHENOMENON)
        {
            let has_tag = |&at: &usize| tags[at] == phenomenon.tag();
            let positions: Vec<usize> = (1..words.len().min(MAX_WORDS)).filter(has_tag).collect();
            if !positions.is_empty() {
                let at = positions[random.random_range(0..positions.len())];
                pairs.extend(pair(village, &words, at, phenomenon, random));
            }
        }
        if found
            .values()
            .all(|pairs| pairs.len() >= PAIRS_PER_PHENOMENON)
        {
            break;
        }
    }
    found.into_values().flatten().collect()
}

/// The document up to the end of the line of word `at`, and the same text with a foil at this position.
fn pair(
    village: &Village,
    words: &[Word],
    at: usize,
    phenomenon: Phenomenon,
    random: &mut ChaCha8Rng,
) -> Option<MinimalPair> {
    let line_end = at + words[at..].iter().position(|&word| word == w!("<eos>"))?;
    if line_end == at {
        return None;
    }
    let good = &words[..line_end];
    let mut bad = good.to_vec();
    bad[at] = foil(&village.world, &words[..at], words[at], phenomenon, random)?;
    // The foil must be impossible: another name may be just as good.
    (village.read(&bad, &mut NullObserver) == Some(at)).then(|| MinimalPair {
        good: text(&village.world, good),
        bad: text(&village.world, &bad),
        paradigm: format!("{}_{}", phenomenon.name(), kind(&village.world, words[at])),
        phenomenon: phenomenon.name().to_owned(),
        field: "village".to_owned(),
    })
}

/// Lines of words, which are separated by spaces.
fn text(world: &World, words: &[Word]) -> String {
    let lines = words.split(|&word| word == w!("<eos>"));
    let line = |words: &[Word]| {
        words
            .iter()
            .map(|&word| world.text(word))
            .collect::<Vec<_>>()
            .join(" ")
    };
    lines.map(line).collect::<Vec<_>>().join("\n")
}

/// The kind of the wrong word.
fn kind(world: &World, word: Word) -> &'static str {
    match world.role(word) {
        Role::ClosedClass if value(word).is_some() => "number",
        Role::ClosedClass => "grammar",
        Role::Name(_) => "name",
        Role::ThingSingular(_) | Role::ThingPlural(_) | Role::Product(_) => "thing",
        Role::VerbPast(_) | Role::VerbBase(_) => "verb",
        Role::Town(_) | Role::Demonym(_) => "town",
        Role::JobSingular(_) | Role::JobPlural(_) => "maker",
        Role::Other => "word",
    }
}

/// Closed-class words that can be confused with each other.
const CONFUSABLE: [&[Word]; 8] = [
    &[w!("was"), w!("were"), w!("is"), w!("are"), w!("will")],
    &[w!("her"), w!("his")],
    &[w!("she"), w!("he")],
    &[w!("it"), w!("them")],
    &[w!("they"), w!("it")],
    &[w!("at"), w!("with")],
    &[w!("the"), w!("a"), w!("to"), w!("of"), w!("about")],
    &[w!("yes"), w!("no")],
];

/// A word of the same kind that is wrong at this position.
fn foil(
    world: &World,
    before: &[Word],
    word: Word,
    phenomenon: Phenomenon,
    random: &mut ChaCha8Rng,
) -> Option<Word> {
    let draw = |words: &[Word], random: &mut ChaCha8Rng| {
        let others: Vec<Word> = words
            .iter()
            .copied()
            .filter(|&other| other != word)
            .collect();
        (!others.is_empty()).then(|| others[random.random_range(0..others.len())])
    };
    if phenomenon == Phenomenon::State && matches!(world.role(word), Role::Name(_)) {
        // The foil is a person of the story: a stranger would be too easy.
        let names: Vec<Word> = before
            .iter()
            .copied()
            .filter(|&word| matches!(world.role(word), Role::Name(_)))
            .collect();
        return draw(&names, random);
    }
    if let Some(number_) = value(word) {
        let near = [
            number_.saturating_sub(1).max(1),
            (number_ + 1).min(MAX_NUMBER),
        ];
        return draw(&near.map(number), random);
    }
    match (phenomenon, world.role(word)) {
        // The foil is drawn like the original word, because its frequency must not give it away.
        (Phenomenon::Class, Role::ThingSingular(_)) => {
            Some(world.things_singular.at(random.random()))
        }
        (Phenomenon::Class, Role::VerbPast(_)) => draw(world.verbs_past.words(), random),
        _ => match tables(world)
            .into_iter()
            .find(|table| table.prob(word) > 0.0)
        {
            Some(table) => Some(table.at(random.random())).filter(|&other| other != word),
            None => draw(
                CONFUSABLE
                    .iter()
                    .find(|candidates| candidates.contains(&word))?,
                random,
            ),
        },
    }
}

/// The open classes.
fn tables(world: &World) -> Vec<&Table> {
    let classes = world
        .classes
        .iter()
        .flat_map(|class| [&class.singular, &class.plural, &class.past, &class.base]);
    let others = [
        &world.names,
        &world.town_names,
        &world.jobs_singular,
        &world.jobs_plural,
        &world.products,
        &world.feelings,
        &world.qualities,
        &world.colours,
        &world.places_singular,
        &world.places_plural,
    ];
    others.into_iter().chain(classes).collect()
}

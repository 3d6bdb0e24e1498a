//! Minimal pairs for each phenomenon in BLiMP's format: the beginning of a document as it can be, and the same with one
//! word that makes it impossible.

use std::collections::BTreeMap;

use corpus::MinimalPair;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::choices::{Table, Writer};
use crate::lexicon::{Word, w};
use crate::numbers::{LARGEST, number, value};
use crate::oracle::NullObserver;
use crate::phenomenon::Phenomenon;
use crate::village::Village;
use crate::world::{Role, World};

/// Pairs of each phenomenon.
const PAIRS_PER_PHENOMENON: usize = 100;
/// Longest text of a pair, in words: most contexts are shorter than a network's window.
const MAX_WORDS: usize = 160;
/// Documents that are looked through before a rare phenomenon is given up.
const MAX_DOCUMENTS: usize = 1000;

/// Draws the pairs, equally many for each phenomenon; what nothing predicts has none.
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

/// The document up to the end of the line of word `at`, and the same with a foil in its place.
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
    // Only what cannot be is wrong: another name may do as well.
    (village.read(&bad, &mut NullObserver) == Some(at)).then(|| MinimalPair {
        good: text(&village.world, good),
        bad: text(&village.world, &bad),
        paradigm: format!("{}_{}", phenomenon.name(), kind(&village.world, words[at])),
        phenomenon: phenomenon.name().to_owned(),
        field: "village".to_owned(),
    })
}

/// Lines, each of words divided by spaces.
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

/// What sort of word is wrong.
fn kind(world: &World, word: Word) -> &'static str {
    match world.role(word) {
        Role::Closed if value(word).is_some() => "number",
        Role::Closed => "grammar",
        Role::Name(_) => "name",
        Role::ThingSingular(_) | Role::ThingPlural(_) | Role::Product(_) => "thing",
        Role::VerbPast(_) | Role::VerbBase(_) => "verb",
        Role::Town(_) | Role::Demonym(_) => "town",
        Role::JobSingular(_) | Role::JobPlural(_) => "maker",
        Role::Other => "word",
    }
}

/// Words of the grammar that are mistaken for each other.
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

/// A word of the same sort that should not stand there.
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
        // The other person of the story, not a stranger.
        let names: Vec<Word> = before
            .iter()
            .copied()
            .filter(|&word| matches!(world.role(word), Role::Name(_)))
            .collect();
        return draw(&names, random);
    }
    if let Some(number_) = value(word) {
        let near = [number_.saturating_sub(1).max(1), (number_ + 1).min(LARGEST)];
        return draw(&near.map(number), random);
    }
    match (phenomenon, world.role(word)) {
        // As frequent as what should stand there: else frequency would tell them apart.
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

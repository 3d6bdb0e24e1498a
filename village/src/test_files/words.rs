//! Word tests: analogies in the format of word2vec's `questions-words`, and graded similarities.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::lexicon::Word;
use crate::world::{Gender, Role, World};

/// Maximum number of questions per category.
const QUESTIONS_PER_CATEGORY: usize = 500;
/// Number of word pairs with a similarity.
const SIMILARITY_PAIRS: usize = 400;

/// Analogies by category: `: name`, then lines `a b c d`, for a is to b as c is to d.
pub(crate) fn analogies(
    world: &World,
    is_used: &dyn Fn(Word) -> bool,
    random: &mut ChaCha8Rng,
) -> String {
    let towns = world
        .towns
        .iter()
        .map(|town| (town.name, town.demonym))
        .collect();
    let makers = world
        .jobs
        .iter()
        .map(|job| (job.plural, job.product))
        .collect();
    // As in the original questions, the names of grammatical categories begin with `gram`.
    let categories: [(&str, Vec<(Word, Word)>); 5] = [
        ("gender", world.genders.clone()),
        ("place-and-people", towns),
        ("maker-and-thing", makers),
        ("gram1-plural", world.plurals.clone()),
        ("gram2-past-tense", world.tenses.clone()),
    ];
    let mut text = String::new();
    for (name, mut pairs) in categories {
        text += &format!(": {name}\n");
        // Words that never occur in training cannot be learned.
        pairs.retain(|&(a, b)| is_used(a) && is_used(b));
        pairs.shuffle(random);
        for (a, b) in questions(pairs.len(), random) {
            let words = [pairs[a].0, pairs[a].1, pairs[b].0, pairs[b].1];
            text += &words.map(|word| world.text(word)).join(" ");
            text.push('\n');
        }
    }
    text
}

/// Ordered pairs of distinct indices below `length`: all of them, or a random sample of the maximum size.
fn questions(length: usize, random: &mut ChaCha8Rng) -> Vec<(usize, usize)> {
    let different = |a: usize| (0..length).filter(move |&b| b != a).map(move |b| (a, b));
    let mut all: Vec<(usize, usize)> = (0..length).flat_map(different).collect();
    all.shuffle(random);
    all.truncate(QUESTIONS_PER_CATEGORY);
    all.sort_unstable();
    all
}

/// Word pairs with a similarity from 0 to 10, separated by tabs. It is Wu and Palmer's measure (1994) on the world's
/// taxonomy: twice the depth of the lowest common class divided by the sum of both depths.
pub(crate) fn similarities(
    world: &World,
    is_used: &dyn Fn(Word) -> bool,
    random: &mut ChaCha8Rng,
) -> String {
    let all: Vec<(Word, Vec<String>)> = (0..world.words.len())
        .map(|index| Word(index as u16))
        .filter(|&word| is_used(word))
        .filter_map(|word| Some((word, classification(world, word)?)))
        .collect();
    let mut text = String::new();
    // A very restricted village may have no such words.
    let pairs = if all.is_empty() { 0 } else { SIMILARITY_PAIRS };
    for index in 0..pairs {
        // Few random pairs are similar, so every other pair is drawn from one class.
        let (first, path) = &all[random.random_range(0..all.len())];
        let alike = |other: &&(Word, Vec<String>)| {
            other.0 != *first && (index % 2 == 0 || common_depth(&other.1, path) + 2 > path.len())
        };
        let candidates: Vec<_> = all.iter().filter(alike).collect();
        if candidates.is_empty() {
            continue;
        }
        let (second, other) = candidates[random.random_range(0..candidates.len())];
        let similarity =
            20.0 * common_depth(path, other) as f64 / (path.len() + other.len()) as f64;
        text += &format!(
            "{}\t{}\t{similarity:.2}\n",
            world.text(*first),
            world.text(*second)
        );
    }
    text
}

fn common_depth(a: &[String], b: &[String]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// The classes of a word from the widest to the narrowest; none for closed-class words.
fn classification(world: &World, word: Word) -> Option<Vec<String>> {
    let path = |names: &[&str]| Some(names.iter().map(|&name| name.to_owned()).collect());
    match world.role(word) {
        Role::ClosedClass | Role::Other => None,
        Role::Name(index) => match world.people[index].gender {
            Gender::Female => path(&["noun", "person", "name", "female"]),
            Gender::Male => path(&["noun", "person", "name", "male"]),
        },
        Role::Town(_) => path(&["noun", "place", "town"]),
        Role::Demonym(_) => path(&["adjective", "people"]),
        Role::JobSingular(_) => path(&["noun", "person", "maker", "one"]),
        Role::JobPlural(_) => path(&["noun", "person", "maker", "many"]),
        Role::Product(_) => path(&["noun", "thing", "product", "many"]),
        Role::ThingSingular(class) => path(&["noun", "thing", &class.to_string(), "one"]),
        Role::ThingPlural(class) => path(&["noun", "thing", &class.to_string(), "many"]),
        Role::VerbPast(class) => path(&["verb", &class.to_string(), "past"]),
        Role::VerbBase(class) => path(&["verb", &class.to_string(), "base"]),
    }
}

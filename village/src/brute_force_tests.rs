//! Tests the reader against brute force on tiny villages: its probability of every text must equal the sum over all
//! derivations of the text. For some texts every prefix is compared, too.

use crate::choices::all_texts::all_texts;
use crate::choices::{Distribution, Observer, Table};
use crate::document;
use crate::lexicon::Word;
use crate::oracle::NullObserver;
use crate::phenomenon::Phenomenon;
use crate::settings::{Settings, Shares};
use crate::village::Village;
use crate::world::World;

/// Few words per class and one sentence between beginning and end: smaller than the settings allow.
fn tiny(conversations: f64, shares: Shares) -> Village {
    let has_recall = shares.recall > 0.0;
    let settings = Settings {
        conversations,
        shares,
        recall_from: 0,
        recall_to: if has_recall { 25 } else { 15 },
        turns_from: 3,
        turns_to: 3,
        words_per_class: if has_recall { 3 } else { 2 },
        ..Settings::default()
    };
    let mut world = World::new(&settings);
    // Small classes keep the number of texts within what the test can enumerate: three portable things, of which the
    // two people have two, and few words in the facts.
    let few = |table: &Table, max: usize| Table::zipf(table.words()[..max].to_vec(), 1.0);
    world.portable = few(&world.portable, if has_recall { 2 } else { 3 });
    if !has_recall {
        world.qualities = few(&world.qualities, 1);
    }
    if has_recall {
        world.places_singular = few(&world.places_singular, 1);
        world.colours = few(&world.colours, 2);
        world.qualities = few(&world.qualities, 2);
        world.classes[world.flowers].singular = few(&world.classes[world.flowers].singular, 2);
    }
    Village { world, settings }
}

/// ln p of each word.
#[derive(Default)]
struct LogProbs(Vec<f64>);

impl Observer for LogProbs {
    fn choice(
        &mut self,
        _: usize,
        _: &Distribution<'_>,
        _: Phenomenon,
        outcome: Option<(Word, f64)>,
    ) {
        self.0.extend(outcome.map(|(_, prob)| prob.ln()));
    }

    fn skipped(&mut self, _: usize) {}
}

/// Number of texts whose prefixes are compared, too.
const PREFIX_CHECKS: usize = 12;

/// Compares every text with brute force, and for some texts each prefix. Returns the number of texts.
fn check_all_texts(village: &Village) -> usize {
    let texts_by_words = all_texts(20_000_000, |path| {
        document::generate(path, &village.world, &village.settings).map(drop)
    });
    let texts: Vec<(&Vec<Word>, f64)> = texts_by_words
        .iter()
        .map(|(text, &prob)| (text, prob))
        .collect();
    let total: f64 = texts.iter().map(|(_, prob)| prob).sum();
    assert!((total - 1.0).abs() < 1e-9, "the texts sum to {total}");
    for (index, (text, prob)) in texts.iter().enumerate() {
        let mut scores = LogProbs::default();
        assert_eq!(village.read(text, &mut scores), None);
        let read: f64 = scores.0.iter().sum();
        assert!((read - prob.ln()).abs() < 1e-9, "{read} and {}", prob.ln());
        if index % texts.len().div_ceil(PREFIX_CHECKS) == 0 {
            check_prefixes(&texts, text, &scores.0);
        }
    }
    texts.len()
}

/// p(word | previous words) is the probability of all texts with the longer prefix divided by that of all texts with
/// the shorter one.
fn check_prefixes(texts: &[(&Vec<Word>, f64)], text: &[Word], scores: &[f64]) {
    let mut before = 1.0;
    for length in 1..=text.len() {
        let prefix = &text[..length];
        let from = texts.partition_point(|(other, _)| other.as_slice() < prefix);
        let with_prefix = texts[from..]
            .iter()
            .take_while(|(other, _)| other.starts_with(prefix));
        let prob: f64 = with_prefix.map(|(_, prob)| prob).sum();
        assert!((scores[length - 1] - (prob / before).ln()).abs() < 1e-9);
        before = prob;
    }
}

/// Dialogues test the arithmetic: a single story with it has millions of texts.
#[test]
fn story_probabilities_equal_brute_force() {
    let kinds: [fn(&mut Shares); 7] = [
        |shares| shares.local = 1.0,
        |shares| shares.class = 1.0,
        |shares| shares.world = 1.0,
        |shares| shares.agreement = 1.0,
        |shares| shares.state = 1.0,
        |shares| shares.recall = 1.0,
        |shares| (shares.free, shares.local) = (1.0, 0.5),
    ];
    for kind in kinds {
        let mut shares = Shares::NONE;
        kind(&mut shares);
        let texts = check_all_texts(&tiny(0.0, shares));
        println!("{texts}");
        assert!(texts >= 100, "{texts}");
    }
}

#[test]
fn dialogue_probabilities_equal_brute_force() {
    let kinds: [fn(&mut Shares); 4] = [
        |shares| (shares.local, shares.world) = (0.3, 1.0),
        |shares| (shares.class, shares.free) = (1.0, 0.5),
        |shares| shares.reply = 1.0,
        |shares| (shares.sum, shares.free) = (1.0, 1.0),
    ];
    for kind in kinds {
        let mut shares = Shares::NONE;
        kind(&mut shares);
        let texts = check_all_texts(&tiny(1.0, shares));
        println!("{texts}");
        assert!(texts >= 70, "{texts}");
    }
}

#[test]
fn an_impossible_text_has_a_word_of_probability_zero() {
    let village = tiny(0.5, Shares::default());
    assert_eq!(
        village.read(&[Word(0), Word(0)], &mut NullObserver),
        Some(0)
    );
}

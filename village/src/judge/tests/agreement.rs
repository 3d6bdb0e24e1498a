//! Agreement of the judge with labels that are known by construction, by kind of reply.

use super::cases::{GENERIC, Kind, RIGHT, WRONG};
use super::sampler::Sampler;
use super::*;
use crate::judge::contexts::dialogue;

/// Cases per kind.
const CASES_PER_KIND: usize = 100;

/// Prints for each kind how often the verdict is `expected`, and returns the share of the worst kind: an average
/// would hide a missing rule.
fn agreement(kinds: &[Kind], expected: bool, judge: fn(&[String], &str) -> bool) -> f64 {
    let mut sampler = Sampler::new(7);
    let mut worst = CASES_PER_KIND;
    for (kind, make) in kinds {
        let mut right = 0;
        for _ in 0..CASES_PER_KIND {
            let (context, reply) = make(&mut sampler);
            match judge(&context.turns, &reply) == expected {
                true => right += 1,
                false => println!("  {kind}: {:#?} -> {reply}", context.turns),
            }
        }
        println!("{kind:28} {right} of {CASES_PER_KIND}");
        worst = worst.min(right);
    }
    worst as f64 / CASES_PER_KIND as f64
}

#[test]
fn right_replies_are_sensible() {
    assert!(agreement(&RIGHT, true, sensible) >= 0.95);
}

#[test]
fn wrong_replies_are_not_sensible() {
    assert!(agreement(&WRONG, false, sensible) >= 0.95);
}

#[test]
fn facts_are_specific() {
    assert!(agreement(&RIGHT[3..], true, specific) >= 0.95);
}

#[test]
fn generic_replies_are_sensible_but_not_specific() {
    assert!(agreement(&GENERIC, true, sensible) >= 0.95);
    assert!(agreement(&GENERIC, false, specific) >= 0.95);
}

/// A default world, a world so small that people share towns, jobs and tastes, and one with longer dialogues.
fn villages() -> [Village; 3] {
    let small = Settings {
        words_per_class: 3,
        ..Settings::default()
    };
    let long = Settings {
        turns_from: 10,
        turns_to: 40,
        ..Settings::default()
    };
    [Settings::default(), small, long].map(|settings| Village::new(&settings).unwrap())
}

#[test]
fn the_generator_never_contradicts_itself() {
    const CONVERSATIONS: usize = 500;
    for village in villages() {
        let judge = VillageJudge::new(village.clone());
        let mut random = Sampler::new(8).0;
        for _ in 0..CONVERSATIONS {
            let turns = dialogue(&village, &mut random);
            let turns: Vec<&str> = turns.iter().map(String::as_str).collect();
            for (at, reply) in turns.iter().enumerate() {
                let before = &turns[..at];
                assert!(judge.is_sensible(before, reply), "{before:#?} -> {reply}");
            }
        }
    }
}

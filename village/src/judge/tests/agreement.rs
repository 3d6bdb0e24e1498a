//! How often the judge agrees with labels that are known by construction, kind by kind.

use super::cases::{GENERIC, Kind, RIGHT, WRONG};
use super::sampler::Sampler;
use super::*;
use crate::judge::contexts::dialogue;

/// Cases of each kind.
const EACH: usize = 100;

/// Prints in how many cases of each kind the answer is `expected`, and returns the share in the
/// worst kind: over all of them the best would hide a rule that is missing.
fn agreement(kinds: &[Kind], expected: bool, judge: fn(&[String], &str) -> bool) -> f64 {
    let mut sampler = Sampler::new(7);
    let mut worst = EACH;
    for (kind, make) in kinds {
        let mut right = 0;
        for _ in 0..EACH {
            let (context, reply) = make(&mut sampler);
            match judge(&context.turns, &reply) == expected {
                true => right += 1,
                false => println!("  {kind}: {:#?} -> {reply}", context.turns),
            }
        }
        println!("{kind:28} {right} of {EACH}");
        worst = worst.min(right);
    }
    worst as f64 / EACH as f64
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
fn what_says_nothing_is_sensible_but_not_specific() {
    assert!(agreement(&GENERIC, true, sensible) >= 0.95);
    assert!(agreement(&GENERIC, false, specific) >= 0.95);
}

/// Worlds so small that people share towns, jobs and tastes, and conversations of other lengths.
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

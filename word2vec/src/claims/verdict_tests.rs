//! Verdicts on measurements for which each claim must hold, must not hold, or cannot be decided.

use harness::Claim;
use harness::Finding;
use harness::Verdict::{self, DoesNotHold, Holds, NotDecided};

use super::experiment_data::Outcome;
use super::offsets::Accuracies;
use super::output_layers::{Cell, Table};
use super::phrases::{Measured, Pairs};
use super::{
    architecture_comparison, cbow_faster, cbow_syntactic, claim, dimension_and_data,
    negative_sampling_beats_tree, noise_exponent, offsets, one_epoch_twice_the_text, phrases,
    skip_gram_semantic, subsampling_helps_the_tree_most, subsampling_speeds_up, window,
};

/// Five repetitions that differ little, and five that differ much.
const CLOSE: [f64; 5] = [0.0, 0.1, -0.1, 0.05, -0.05];
const FAR: [f64; 5] = [0.0, 40.0, -40.0, 30.0, -30.0];

fn any() -> Claim {
    claim("id", "statement", "evidence", "2013a, section")
}

fn verdict(finding: &Finding) -> Verdict {
    finding.decision().verdict()
}

/// An outcome with this accuracy in all groups.
fn outcome(accuracy: f64, seconds: f64) -> Outcome {
    Outcome {
        total: accuracy,
        semantic: Some(accuracy),
        syntactic: Some(accuracy),
        coverage: 100.0,
        seconds,
        tokens: 1e6,
    }
}

/// Outcomes around an accuracy and a time.
fn outcomes(accuracy: f64, seconds: f64, noise: [f64; 5]) -> Vec<Outcome> {
    let one = |noise: f64| outcome(accuracy + noise, seconds + noise / 10.0);
    noise.map(one).to_vec()
}

/// Outcomes of two systems; the second one does not vary.
fn pairs(first: f64, second: f64, noise: [f64; 5]) -> Vec<[Outcome; 2]> {
    let both = outcomes(first, 1.0, noise).into_iter();
    both.map(|own| [own, outcome(second, 1.0)]).collect()
}

#[test]
fn an_architecture_must_lead_on_its_questions() {
    let semantic = |first, second, noise| {
        let measured = pairs(first, second, noise);
        let group = &skip_gram_semantic::GROUP;
        verdict(&architecture_comparison::finding(any(), group, &measured))
    };
    assert_eq!(semantic(50.0, 30.0, CLOSE), Holds);
    assert_eq!(semantic(30.0, 50.0, CLOSE), DoesNotHold);
    assert_eq!(semantic(50.0, 40.0, FAR), NotDecided);
    let syntactic = |first, second, noise| {
        let measured = pairs(first, second, noise);
        let group = &cbow_syntactic::GROUP;
        verdict(&architecture_comparison::finding(any(), group, &measured))
    };
    assert_eq!(syntactic(30.0, 50.0, CLOSE), Holds);
    assert_eq!(syntactic(50.0, 30.0, CLOSE), DoesNotHold);
    assert_eq!(syntactic(40.0, 50.0, FAR), NotDecided);
}

#[test]
fn speeds_are_compared_with_the_required_ratio() {
    type Compare = fn(Claim, &[[f64; 2]]) -> Finding;
    let cases: [(Compare, f64); 2] = [
        (cbow_faster::finding, 1.0),
        (subsampling_speeds_up::finding, 2.0),
    ];
    for (finding, required) in cases {
        let of = |ratio: f64| verdict(&finding(any(), &CLOSE.map(|noise| [1.0, ratio + noise])));
        assert_eq!(of(required + 0.5), Holds);
        assert_eq!(of(required - 0.5), DoesNotHold);
        assert_eq!(of(required), NotDecided);
    }
}

#[test]
fn high_dimensions_must_gain_more_from_text() {
    // The accuracy of 25 and of 200 dimensions rises by these in the last two doublings.
    let of = |low: f64, high: f64, noise: [f64; 5]| {
        let row = |gain: f64| vec![1.0, 1.0, 1.0, 1.0, 1.0, 1.0 + gain];
        let grid = |noise| vec![row(low), row(low), row(high), row(high + noise)];
        verdict(&dimension_and_data::finding(any(), 1e6, &noise.map(grid)))
    };
    assert_eq!(of(4.0, 10.0, CLOSE), Holds);
    assert_eq!(of(10.0, 4.0, CLOSE), DoesNotHold);
    assert_eq!(of(4.0, 10.0, FAR), NotDecided);
}

#[test]
fn more_text_may_cost_a_point_but_no_time() {
    let of = |lead: f64, seconds: f64, noise: [f64; 5]| {
        let once = outcomes(50.0 + lead, seconds, noise);
        let measured: Vec<_> = once
            .into_iter()
            .map(|own| [own, outcome(50.0, 3.0)])
            .collect();
        verdict(&one_epoch_twice_the_text::finding(any(), &measured))
    };
    assert_eq!(of(0.0, 2.0, CLOSE), Holds);
    assert_eq!(of(-0.5, 2.0, CLOSE), Holds);
    assert_eq!(of(-3.0, 2.0, CLOSE), DoesNotHold);
    assert_eq!(of(9.0, 4.0, CLOSE), DoesNotHold);
    assert_eq!(of(9.0, 2.0, FAR), NotDecided);
}

/// Accuracies of negative sampling, the same subsampled, hierarchical softmax, the same subsampled.
fn table(accuracies: [f64; 4], noise: [f64; 5]) -> Table {
    // The noise of each cell is another order of the same deviations.
    let mut table = Table::default();
    for cell in Cell::ALL {
        let mut own = noise;
        own.rotate_left(cell as usize);
        table.0[cell as usize] = outcomes(accuracies[cell as usize], 1.0, own);
    }
    table
}

#[test]
fn output_layers_are_compared_with_and_without_subsampling() {
    let beats = |accuracies, noise| {
        verdict(&negative_sampling_beats_tree::finding(
            any(),
            &table(accuracies, noise),
        ))
    };
    assert_eq!(beats([59.0, 60.0, 47.0, 55.0], CLOSE), Holds);
    assert_eq!(beats([47.0, 60.0, 59.0, 55.0], CLOSE), DoesNotHold);
    assert_eq!(beats([59.0, 60.0, 47.0, 55.0], FAR), NotDecided);
    let helps = |accuracies, noise| {
        verdict(&subsampling_helps_the_tree_most::finding(
            any(),
            &table(accuracies, noise),
        ))
    };
    assert_eq!(helps([59.0, 60.0, 47.0, 55.0], CLOSE), Holds);
    assert_eq!(helps([59.0, 69.0, 47.0, 55.0], CLOSE), DoesNotHold);
    // It costs both, though hierarchical softmax less.
    assert_eq!(helps([59.0, 40.0, 47.0, 45.0], CLOSE), DoesNotHold);
    assert_eq!(helps([59.0, 60.0, 47.0, 55.0], FAR), NotDecided);
}

#[test]
fn three_quarters_must_beat_both_ends() {
    let of = |uniform, own, unigram, noise: [f64; 5]| {
        let row = |accuracy, noise| outcomes(accuracy, 1.0, noise);
        let flat = [0.0; 5];
        let measured = [
            row(uniform, flat),
            row(0.0, flat),
            row(own, noise),
            row(unigram, flat),
        ];
        verdict(&noise_exponent::finding(any(), &measured))
    };
    assert_eq!(of(10.0, 20.0, 15.0, CLOSE), Holds);
    assert_eq!(of(30.0, 20.0, 15.0, CLOSE), DoesNotHold);
    assert_eq!(of(10.0, 20.0, 25.0, CLOSE), DoesNotHold);
    assert_eq!(of(10.0, 20.0, 15.0, FAR), NotDecided);
}

#[test]
fn a_large_window_must_be_better_and_slower() {
    let of = |better: f64, seconds: f64, noise: [f64; 5]| {
        let measured = [
            outcomes(20.0, 1.0, [0.0; 5]),
            outcomes(20.0, 1.0, [0.0; 5]),
            outcomes(20.0 + better, seconds, noise),
        ];
        verdict(&window::finding(any(), &measured))
    };
    assert_eq!(of(5.0, 2.0, CLOSE), Holds);
    assert_eq!(of(-5.0, 2.0, CLOSE), DoesNotHold);
    assert_eq!(of(5.0, 0.5, CLOSE), DoesNotHold);
    assert_eq!(of(5.0, 2.0, FAR), NotDecided);
}

#[test]
fn offsets_must_beat_chance_tenfold_and_the_nearest_word() {
    let of = |trained: f64, chance, nearest, noise: [f64; 5]| {
        let one = |noise: f64| Accuracies {
            trained: outcome(trained + noise, 1.0),
            chance,
            random: 0.1,
            nearest,
        };
        verdict(&offsets::finding(any(), &noise.map(one)))
    };
    assert_eq!(of(30.0, 0.1, 5.0, CLOSE), Holds);
    assert_eq!(of(30.0, 5.0, 5.0, CLOSE), DoesNotHold);
    assert_eq!(of(30.0, 0.1, 40.0, CLOSE), DoesNotHold);
    assert_eq!(of(30.0, 0.1, 5.0, FAR), NotDecided);
}

#[test]
fn phrases_must_recur_more_often_than_frequent_pairs() {
    let of = |share: f64, noise: [f64; 5]| {
        let one = |noise: f64| Measured {
            of_phrases: Some(share + noise),
            of_frequent: 50.0,
            joined: 10,
            longer: Vec::new(),
        };
        verdict(&phrases::finding(any(), &noise.map(one)))
    };
    assert_eq!(of(90.0, CLOSE), Holds);
    assert_eq!(of(30.0, CLOSE), DoesNotHold);
    assert_eq!(of(60.0, FAR), NotDecided);
    let none = Measured {
        of_phrases: None,
        of_frequent: 50.0,
        joined: 0,
        longer: Vec::new(),
    };
    assert_eq!(verdict(&phrases::finding(any(), &[none])), NotDecided);
}

#[test]
fn pairs_that_do_not_recur_are_no_collocations() {
    // 1 2 occurs in every second line, among many other words: 5 times as often as the 25 / 110 by chance is not enough for a
    // lift of 10, so the words are rarer.
    let text: Vec<u32> = (0..40)
        .flat_map(|at| [1, 2, 10 + at, 60 + at, 110 + at, 0])
        .collect();
    let rare: Vec<u32> = (0..4).flat_map(|at| [5, 6, 200 + at, 0]).collect();
    let held_out = Pairs::of(&[text, rare].concat(), 0);
    // 5 6: 4 of 172 pairs of words, each word 4 times: lift 4 · 172 / 16 = 43. 1 2: 40 · 172 / 1600 = 4.3. 3 4 does not occur.
    assert_eq!(held_out.collocation_percentage(&[(5, 6)]), Some(100.0));
    assert_eq!(
        held_out.collocation_percentage(&[(5, 6), (1, 2)]),
        Some(50.0)
    );
    assert_eq!(
        held_out.collocation_percentage(&[(5, 6), (3, 4)]),
        Some(50.0)
    );
    assert_eq!(held_out.collocation_percentage(&[(3, 4)]), Some(0.0));
    assert_eq!(held_out.collocation_percentage(&[]), None);
}

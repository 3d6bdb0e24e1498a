//! Every experiment on a small text, and what they compute, worked by hand.

use std::ops::ControlFlow;
use std::path::Path;

use corpus::{Corpus, OnExisting, Settings, Source, Watch, prepare};
use harness::{CurvePoint, Laboratory, Progress, Scale, Silent, Training, Verdict};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::coverage::coverage;
use super::experiments;
use super::higher_orders::best_order;
use super::rerank::{candidates, choose, corrupt};
use super::shard_balance::{Shards, imbalance};
use super::statistics::{by_size, fit, series, steps};
use crate::config::{Config, Scores};
use crate::model::Model;

/// Lines of words of which each depends on the last: rank r of what may follow comes with a chance of about 1 / r^2.
/// Every fifth is a word of a language of many rare words, for without those Kneser-Ney has no discounts.
fn corpus(folder: &Path) -> Corpus {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut text = String::new();
    let mut word = 0_u64;
    for _ in 0..8_000 {
        for _ in 0..random.random_range(5..12) {
            let rank = (1.0 / random.random_range(0.003..1.0_f64)) as u64;
            word = (word * 31 + rank * rank * 7) % 401;
            match random.random_bool(0.2) {
                true => {
                    let rare = random.random_range(0.0..11.5_f64).exp() as u64;
                    text.push_str(&format!("r{rare} "));
                }
                false => text.push_str(&format!("w{word} ")),
            }
        }
        text.push('\n');
    }
    let path = folder.join("text.txt");
    std::fs::write(&path, text).unwrap();
    let source = Source::find(path.to_str().unwrap()).unwrap();
    let (target, settings) = (folder.join("prepared"), Settings::default());
    prepare(
        &source,
        &target,
        &settings,
        OnExisting::Refuse,
        &mut Watch::silent(),
    )
    .unwrap()
}

#[test]
fn every_claim_is_decided_from_one_value_for_each_seed() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let laboratory = Laboratory {
        corpus: &corpus,
        seeds: &[1, 2, 3],
        scale: Scale::Small,
    };
    for experiment in experiments() {
        let id = experiment.claim().id;
        let finding = experiment.run(&laboratory, &mut Silent).unwrap();
        println!("{id}: {} {}", finding.verdict, finding.measured);
        assert_eq!(finding.claim, experiment.claim());
        assert_eq!(finding.values.len(), 3, "{id}: {}", finding.measured);
        assert!(
            finding.values.iter().all(|value| value.is_finite()),
            "{finding:?}"
        );
        assert!(!finding.measured.contains("NaN"), "{}", finding.measured);
        let bounds = match id.as_str() {
            // What the text was made for: a word tells much of the next.
            "more-data" | "coverage" | "shard-balance" | "cheap-to-build" => 0.0..f64::INFINITY,
            "any-alpha" => f64::NEG_INFINITY..0.05 + 1e-12,
            "raw-is-enough" => 0.0..1.0 + 1e-12,
            _ => -10.0..10.0,
        };
        assert!(
            finding.values.iter().all(|value| bounds.contains(value)),
            "{finding:?}"
        );
        if ["more-data", "shard-balance"].contains(&id.as_str()) {
            assert_eq!(finding.verdict, Verdict::Holds, "{finding:?}");
        }
    }
}

/// Asks to stop, at once.
struct Stop;

impl Progress for Stop {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

#[test]
fn every_experiment_can_be_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let laboratory = Laboratory {
        corpus: &corpus,
        seeds: &[1],
        scale: Scale::Small,
    };
    for experiment in experiments() {
        let stopped = experiment.run(&laboratory, &mut Stop);
        assert!(
            matches!(stopped, Err(harness::Error::Interrupted)),
            "{}",
            experiment.claim().id
        );
    }
}

/// "1 2 3 4 5 | 1 2 3 4 6 |", ended by 0.
const TEXT: [u32; 12] = [1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 6, 0];

fn train(scores: Scores) -> Model {
    let config = Config {
        scores,
        ..Config::default()
    };
    config
        .train(&TEXT, 8, 0, &mut Training::new(&mut Silent))
        .unwrap()
}

#[test]
fn statistics_worked_by_hand() {
    let line = fit(&[(1.0, 3.0), (2.0, 5.0), (3.0, 7.0)]);
    assert!((line.slope - 2.0).abs() < 1e-12 && (line.r_squared - 1.0).abs() < 1e-12);
    // Means 2 and 2; xx = 2, yy = 6, xy = 3: slope 3/2, r^2 = 9 / 12.
    let line = fit(&[(1.0, 1.0), (2.0, 1.0), (3.0, 4.0)]);
    assert!((line.slope - 1.5).abs() < 1e-12 && (line.r_squared - 0.75).abs() < 1e-12);
    assert_eq!(by_size(&[vec![1.0, 2.0], vec![3.0, 6.0]]), [2.0, 4.0]);
    assert_eq!(steps(&[1.0, 4.0, 2.0]).collect::<Vec<_>>(), [3.0, -2.0]);
    assert_eq!(series(&[1.0, 0.256], 2), "1.00, 0.26");
    assert_eq!(best_order(&[3.0, 2.0, 2.0, 2.5]), 2);
}

#[test]
fn coverage_counts_the_five_grams_within_lines() {
    let model = train(Scores::Raw);
    assert_eq!(coverage(&model, &TEXT, 0).unwrap(), 1.0);
    // 5-grams: <s> 1 2 3 4, 1 2 3 4 7 and 2 3 4 7 <eos>, of which the first occurs; the second line has none.
    assert_eq!(
        coverage(&model, &[1, 2, 3, 4, 7, 0, 1, 2, 0], 0).unwrap(),
        1.0 / 3.0
    );
}

#[test]
fn two_words_keep_ngrams_with_their_contexts() {
    assert_eq!(imbalance(&[1, 2, 3, 2]), 1.5);
    // 3-grams: <s> 1 2, 1 2 3, 2 3 4, 3 4 5, 3 4 6, 4 5 0, 4 6 0; one 4-gram less, and again one 5-gram less.
    let shards = Shards::of(train(Scores::Raw).store(), 1);
    assert_eq!(shards.long, 7 + 6 + 5);
    assert_eq!(shards.local[..2], [18, 18]);
    assert!(shards.local[2] < 5, "{shards:?}");
}

#[test]
fn corrupted_sentences_differ_in_one_word_or_one_exchange() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let sentence = [1, 2, 3, 4, 5, 0];
    for _ in 0..200 {
        let corrupted = corrupt(&sentence, 0, &[6, 0, 7], &mut random);
        let places: Vec<usize> = (0..6).filter(|&at| corrupted[at] != sentence[at]).collect();
        match places[..] {
            [at] => assert!(at < 5 && [6, 7].contains(&corrupted[at])),
            [at, next] => {
                assert!(next == at + 1 && next < 5);
                assert_eq!(
                    [corrupted[at], corrupted[next]],
                    [sentence[next], sentence[at]]
                );
            }
            _ => panic!("{corrupted:?}"),
        }
    }
    assert_eq!(corrupt(&[1, 1, 0], 0, &[1], &mut random), [1, 1, 0]);
}

#[test]
fn the_sentence_of_the_training_text_is_chosen() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let sentences = candidates(&TEXT, 0, &[5, 6, 7], 10, &mut random);
    assert_eq!(sentences.len(), 2);
    assert!(sentences.iter().all(|candidates| candidates.len() == 10));
    let mut only_longer = vec![vec![7, 0], vec![1, 2, 3, 4, 5, 0]];
    for scores in [Scores::Raw, Scores::Renormalised] {
        only_longer.reverse();
        let best = choose(&train(scores), &[only_longer.clone()]).unwrap();
        assert_eq!(only_longer[best[0]], [1, 2, 3, 4, 5, 0]);
    }
}

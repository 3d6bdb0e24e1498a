//! The computations of the experiments, on texts of a few words.

use harness::{Silent, Training};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::coverage::coverage;
use super::higher_orders::best_order;
use super::rerank::{candidates, choose, corrupt};
use super::shard_balance::{Shards, imbalance};
use super::summary_statistics::{comma_separated, differences, fit, mean_by_size};
use crate::config::{Config, Scores};
use crate::model::Model;

/// Two lines, "1 2 3 4 5" and "1 2 3 4 6"; 0 is `<eos>`.
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
    assert_eq!(mean_by_size(&[vec![1.0, 2.0], vec![3.0, 6.0]]), [2.0, 4.0]);
    assert_eq!(
        differences(&[1.0, 4.0, 2.0]).collect::<Vec<_>>(),
        [3.0, -2.0]
    );
    assert_eq!(comma_separated(&[1.0, 0.256], 2), "1.00, 0.26");
    assert_eq!(best_order(&[3.0, 2.0, 2.0, 2.5]), 2);
}

#[test]
fn coverage_counts_the_five_grams_within_lines() {
    let model = train(Scores::Raw);
    assert_eq!(coverage(&model, &TEXT, 0).unwrap(), 1.0);
    // 5-grams: <s> 1 2 3 4, 1 2 3 4 7 and 2 3 4 7 <eos>, of which the first is stored; the second line has no 5-gram.
    assert_eq!(
        coverage(&model, &[1, 2, 3, 4, 7, 0, 1, 2, 0], 0).unwrap(),
        1.0 / 3.0
    );
}

#[test]
fn hashing_two_words_keeps_ngrams_with_their_contexts() {
    assert_eq!(imbalance(&[1, 2, 3, 2]), 1.5);
    // 3-grams: <s> 1 2, 1 2 3, 2 3 4, 3 4 5, 3 4 6, 4 5 0, 4 6 0; there are one fewer 4-grams and two fewer 5-grams.
    let shards = Shards::of(train(Scores::Raw).store(), 1);
    assert_eq!(shards.long, 7 + 6 + 5);
    assert_eq!(shards.local[..2], [18, 18]);
    assert!(shards.local[2] < 5, "{shards:?}");
}

#[test]
fn corrupted_sentences_differ_in_one_word_or_one_swap() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let sentence = [1, 2, 3, 4, 5, 0];
    for _ in 0..200 {
        let corrupted = corrupt(&sentence, 0, &[6, 0, 7], &mut rng);
        let positions: Vec<usize> = (0..6).filter(|&at| corrupted[at] != sentence[at]).collect();
        match positions[..] {
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
    assert_eq!(corrupt(&[1, 1, 0], 0, &[1], &mut rng), [1, 1, 0]);
}

#[test]
fn the_sentence_of_the_training_text_is_chosen() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let sentences = candidates(&TEXT, 0, &[5, 6, 7], 10, &mut rng);
    assert_eq!(sentences.len(), 2);
    assert!(sentences.iter().all(|candidates| candidates.len() == 10));
    let mut only_longer = vec![vec![7, 0], vec![1, 2, 3, 4, 5, 0]];
    for scores in [Scores::Raw, Scores::Renormalised] {
        only_longer.reverse();
        let best = choose(&train(scores), &[only_longer.clone()]).unwrap();
        assert_eq!(only_longer[best[0]], [1, 2, 3, 4, 5, 0]);
    }
}

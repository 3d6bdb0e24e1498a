//! Tests of the evaluator with stand-in models: correct ones, and ones that are unnormalised, look ahead, are inconsistent or
//! fail.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use harness::checks::{Property, check_language_model};
use harness::{
    Baseline, Error, Generator, LanguageModel, Precision, Protocol, Result, Sampling, TestSet,
    evaluate,
};

/// The fault of a stand-in.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Unnormalised,
    LooksAhead,
    DisagreesWithItself,
    Impossible,
    NotANumber,
    Crashes,
    ForgetsTokens,
    WrongWords,
    TooFewWords,
    WrongDistributions,
    NotDeterministic,
}

/// A model of four words: the cyclic successor of the last word has p = 1/2, the others share the rest.
struct StandIn {
    fault: Fault,
    calls: std::sync::atomic::AtomicU32,
}

impl StandIn {
    fn new(fault: Fault) -> StandIn {
        StandIn {
            fault,
            calls: 0.into(),
        }
    }

    fn log_prob(&self, before: Option<u32>, token: u32) -> f64 {
        let expected = before.map_or(0, |before| (before + 1) % 4);
        let p: f64 = if token == expected { 0.5 } else { 1.0 / 6.0 };
        match self.fault {
            Fault::Unnormalised => (p * 1.001).ln(),
            Fault::Impossible if token == 3 => f64::NEG_INFINITY,
            Fault::NotANumber => f64::NAN,
            _ => p.ln(),
        }
    }
}

impl LanguageModel for StandIn {
    fn vocab_size(&self) -> usize {
        4
    }

    fn precision(&self) -> Precision {
        Precision::Counts
    }

    fn score(&self, tokens: &[u32]) -> Result<Vec<f64>> {
        if self.fault == Fault::Crashes {
            return Err(Error::Model {
                model: "stand-in".into(),
                what: "out of order".into(),
            });
        }
        let calls = self
            .calls
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut scores: Vec<f64> = (0..tokens.len())
            .map(|at| self.log_prob(at.checked_sub(1).map(|before| tokens[before]), tokens[at]))
            .collect();
        match self.fault {
            // A window that is one token too long.
            Fault::LooksAhead => {
                (1..tokens.len()).for_each(|at| scores[at - 1] += 1e-3 * f64::from(tokens[at]))
            }
            Fault::DisagreesWithItself => scores.iter_mut().for_each(|score| *score -= 1e-3),
            Fault::ForgetsTokens => drop(scores.pop()),
            Fault::NotDeterministic => scores
                .iter_mut()
                .for_each(|score| *score += f64::from(calls) * 1e-9),
            _ => {}
        }
        Ok(scores)
    }

    fn next(&self, context: &[u32]) -> Result<Vec<f64>> {
        let words = match self.fault {
            Fault::WrongWords => 5,
            Fault::TooFewWords => 2,
            _ => 4,
        };
        Ok((0..words)
            .map(|token| self.log_prob(context.last().copied(), token))
            .collect())
    }

    fn distributions(
        &self,
        tokens: &[u32],
        positions: &[usize],
        visit: &mut dyn FnMut(usize, &[f64]),
    ) -> Result<()> {
        for &position in positions {
            let at = if self.fault == Fault::WrongDistributions {
                position.saturating_sub(1)
            } else {
                position
            };
            visit(position, &self.next(&tokens[..at])?);
        }
        Ok(())
    }
}

impl Generator for StandIn {}

fn stream() -> Vec<u32> {
    (0..60_u32).map(|at| (at + at * at / 7) % 4).collect()
}

fn set() -> TestSet {
    TestSet {
        tokens: stream(),
        eos: 3,
        unk: Some(2),
        train_counts: vec![5, 4, 3, 2],
        ..TestSet::default()
    }
}

fn violated(fault: Fault) -> Option<Property> {
    check_language_model(&StandIn::new(fault), &stream())
        .err()
        .map(|violation| violation.property)
}

#[test]
fn checks_find_each_fault_and_no_other() {
    assert_eq!(violated(Fault::None), None);
    assert_eq!(violated(Fault::Unnormalised), Some(Property::SumsToOne));
    assert_eq!(violated(Fault::NotANumber), Some(Property::Repeats));
    assert_eq!(violated(Fault::DisagreesWithItself), Some(Property::Agrees));
    assert_eq!(violated(Fault::LooksAhead), Some(Property::Agrees));
    assert_eq!(violated(Fault::Crashes), Some(Property::Answers));
    assert_eq!(violated(Fault::ForgetsTokens), Some(Property::Answers));
    assert_eq!(violated(Fault::WrongWords), Some(Property::SumsToOne));
    assert_eq!(violated(Fault::TooFewWords), Some(Property::SumsToOne));
    assert_eq!(
        violated(Fault::WrongDistributions),
        Some(Property::WalksAlike)
    );
    assert_eq!(violated(Fault::NotDeterministic), Some(Property::Repeats));
}

/// Looks ahead in both `score` and `next`, so that only changing the future reveals it.
struct Peeking(Vec<u32>);

impl LanguageModel for Peeking {
    fn vocab_size(&self) -> usize {
        4
    }

    fn precision(&self) -> Precision {
        Precision::Counts
    }

    fn score(&self, tokens: &[u32]) -> Result<Vec<f64>> {
        // Recognises the whole stream and is then confident of every token.
        let probability = if tokens == self.0 { 0.9_f64 } else { 0.25 };
        Ok(tokens.iter().map(|_| probability.ln()).collect())
    }

    fn next(&self, context: &[u32]) -> Result<Vec<f64>> {
        let truth = self.0[context.len()];
        Ok((0..4)
            .map(|token| {
                if token == truth {
                    0.9_f64.ln()
                } else {
                    (0.1_f64 / 3.0).ln()
                }
            })
            .collect())
    }
}

#[test]
fn looking_ahead_is_detected_by_changing_the_future() {
    let violation = check_language_model(&Peeking(stream()), &stream()).unwrap_err();
    assert_eq!(violation.property, Property::DoesNotLookAhead);
}

#[test]
fn a_correct_model_is_evaluated_correctly() {
    let outcome = evaluate(&StandIn::new(Fault::None), &set(), Protocol::default()).unwrap();
    let evaluation = outcome.evaluation;
    let tokens = stream();
    let is_hit = |&at: &usize| {
        let expected = at
            .checked_sub(1)
            .map_or(0, |before| (tokens[before] + 1) % 4);
        tokens[at] == expected
    };
    let hits = (0..60).filter(is_hit).count();
    // The unknown word does not count as a word that was found.
    let known: Vec<usize> = (0..60).filter(|&at| tokens[at] != 2).collect();
    let known_hits = known.iter().copied().filter(is_hit).count();
    let expected =
        (-(hits as f64 * 0.5_f64.ln() + (60 - hits) as f64 * (1.0_f64 / 6.0).ln()) / 60.0).exp();
    assert!((evaluation.perplexity.unwrap() - expected).abs() < 1e-12);
    let accuracy = evaluation.accuracy.as_ref().unwrap();
    assert_eq!(accuracy.positions, known.len());
    assert!((accuracy.top1 - known_hits as f64 / known.len() as f64).abs() < 1e-12);
    assert_eq!(accuracy.top5, 1.0);
    assert_eq!(evaluation.measure(), "perplexity without <unk>");
    assert_eq!(evaluation.compared(), evaluation.perplexity_without_unk);
    assert!(evaluation.audit.passed() && evaluation.bits_per_byte.is_none());
}

#[test]
fn a_model_that_fails_the_audit_gets_no_perplexity() {
    for (fault, word) in [
        (Fault::Unnormalised, "sum to"),
        (Fault::DisagreesWithItself, "`next` gives"),
        (Fault::Impossible, "-inf"),
        (Fault::NotANumber, "NaN"),
        (Fault::WrongWords, "vocabulary of 4"),
        (Fault::TooFewWords, "vocabulary of 4"),
        (Fault::WrongDistributions, "`distributions` gives"),
    ] {
        let outcome = evaluate(&StandIn::new(fault), &set(), Protocol::default()).unwrap();
        let evaluation = outcome.evaluation;
        assert!(
            evaluation.audit.fault.as_ref().unwrap().contains(word),
            "{evaluation:?}"
        );
        assert_eq!(
            (evaluation.perplexity, evaluation.bits_per_token),
            (None, None)
        );
    }
}

#[test]
fn every_evaluation_round_trips_through_json() {
    let faults = [
        Fault::None,
        Fault::Impossible,
        Fault::NotANumber,
        Fault::Unnormalised,
    ];
    let one_token = TestSet {
        tokens: vec![3],
        ..set()
    };
    for (fault, set) in faults
        .into_iter()
        .flat_map(|fault| [(fault, set()), (fault, one_token.clone())])
    {
        let evaluation = evaluate(&StandIn::new(fault), &set, Protocol::default())
            .unwrap()
            .evaluation;
        let text = serde_json::to_string(&evaluation).unwrap();
        assert_eq!(
            serde_json::from_str::<harness::Evaluation>(&text).unwrap(),
            evaluation,
            "{text}"
        );
    }
}

#[test]
fn unsuitable_models_are_errors() {
    for fault in [Fault::Crashes, Fault::ForgetsTokens] {
        assert!(evaluate(&StandIn::new(fault), &set(), Protocol::default()).is_err());
    }
    let other_size = evaluate(&Baseline::uniform(5), &set(), Protocol::default());
    assert!(
        other_size
            .unwrap_err()
            .to_string()
            .contains("predicts 5 words")
    );
}

#[test]
fn baselines_pass_every_check() {
    let stream = stream();
    check_language_model(&Baseline::uniform(4), &stream).unwrap();
    check_language_model(&Baseline::unigram(&[5, 0, 3, 2]), &stream).unwrap();
}

#[test]
fn generation_is_greedy_or_seeded_and_stops_at_the_stop_token() {
    let model = StandIn::new(Fault::None);
    let greedy = Sampling {
        temperature: 0.0,
        ..Sampling::default()
    };
    assert_eq!(model.generate(&[1], 4, None, greedy).unwrap(), [2, 3, 0, 1]);
    assert_eq!(model.generate(&[1], 4, Some(3), greedy).unwrap(), [2, 3]);
    let draw = |seed| {
        model
            .generate(
                &[1],
                50,
                None,
                Sampling {
                    seed,
                    ..Sampling::default()
                },
            )
            .unwrap()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

//! Tokens, BLEU and chrF compared with sacreBLEU (`golden/translation.py`).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::borrow::Cow;

use harness::{Bleu, BleuSettings, bleu_with, chrf, tokenize_13a};
use serde::Deserialize;

#[derive(Deserialize)]
struct Golden {
    tokens: Vec<Tokens>,
    pairs: Vec<Pair>,
    scores: Vec<Scores>,
}

#[derive(Deserialize)]
struct Tokens {
    text: String,
    tokens: String,
}

#[derive(Deserialize)]
struct Pair {
    hypothesis: String,
    references: Vec<String>,
}

#[derive(Deserialize)]
struct Scores {
    range: [usize; 2],
    references: Which,
    settings: BleuSettings,
    signature: String,
    bleu: f64,
    precisions: [f64; 4],
    brevity_penalty: f64,
    hypothesis_length: u64,
    reference_length: u64,
    chrf: f64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    First,
    All,
}

impl Pair {
    fn references(&self, which: Which) -> &[String] {
        match which {
            Which::First => &self.references[..1],
            Which::All => &self.references,
        }
    }
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("golden/translation.json")).unwrap()
}

fn assert_same(ours: f64, theirs: f64, what: &str) {
    let same = (ours - theirs).abs() <= 1e-9 * theirs.abs();
    assert!(same, "{what}: {ours} instead of {theirs}");
}

#[test]
fn tokens_match_sacrebleu() {
    let golden = golden();
    assert_eq!(golden.tokens.len(), 63);
    for Tokens { text, tokens } in &golden.tokens {
        assert_eq!(&tokenize_13a(text), tokens, "{text:?}");
    }
}

#[test]
fn bleu_matches_sacrebleu_in_every_setting() {
    let golden = golden();
    assert_eq!((golden.pairs.len(), golden.scores.len()), (200, 168));
    for there in &golden.scores {
        let pairs = &golden.pairs[there.range[0]..there.range[1]];
        let hypotheses: Vec<&str> = pairs.iter().map(|pair| &*pair.hypothesis).collect();
        let references = pairs.iter().map(|pair| pair.references(there.references));
        let references: Vec<Vec<&str>> = references
            .map(|texts| texts.iter().map(String::as_str).collect())
            .collect();
        let here = bleu_with(there.settings, &hypotheses, &references);
        let what = format!(
            "{:?} {:?} {}",
            there.range, there.references, there.signature
        );
        assert_bleu(&here, there, &what);
        let ours = there.settings.signature();
        assert!(there.signature.contains(&ours), "{what}: {ours}");
    }
}

fn assert_bleu(here: &Bleu, there: &Scores, what: &str) {
    assert_same(here.score, there.bleu, what);
    assert_same(here.brevity_penalty, there.brevity_penalty, what);
    for (ours, theirs) in here.precisions.into_iter().zip(there.precisions) {
        assert_same(ours, theirs, what);
    }
    assert_eq!(here.hypothesis_length, there.hypothesis_length, "{what}");
    assert_eq!(here.reference_length, there.reference_length, "{what}");
}

#[test]
fn chrf_matches_sacrebleu() {
    let golden = golden();
    for there in &golden.scores {
        let pairs = &golden.pairs[there.range[0]..there.range[1]];
        let case = there.settings.case;
        let hypotheses: Vec<Cow<'_, str>> = pairs
            .iter()
            .map(|pair| case.apply(&pair.hypothesis))
            .collect();
        let references: Vec<Vec<Cow<'_, str>>> = pairs
            .iter()
            .map(|pair| pair.references(there.references))
            .map(|texts| texts.iter().map(|text| case.apply(text)).collect())
            .collect();
        let here = chrf(
            &borrowed(&hypotheses),
            &references
                .iter()
                .map(|texts| borrowed(texts))
                .collect::<Vec<_>>(),
        );
        let what = format!("{:?} {:?} {case:?}", there.range, there.references);
        assert_same(here, there.chrf, &what);
    }
}

fn borrowed<'t>(texts: &'t [Cow<'_, str>]) -> Vec<&'t str> {
    texts.iter().map(|text| &**text).collect()
}

//! Evaluation on minimal pairs with a unigram model; expected values are computed by hand.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use corpus::{
    MinimalPair, OnExisting, Settings, Source, Split, SplitRule, Text, TokenizerKind, Watch,
    prepare,
};
use harness::{Baseline, judge_minimal_pairs};

fn pair(paradigm: &str, phenomenon: &str, good: &str, bad: &str) -> MinimalPair {
    MinimalPair {
        good: good.to_owned(),
        bad: bad.to_owned(),
        paradigm: paradigm.to_owned(),
        phenomenon: phenomenon.to_owned(),
        field: "syntax".to_owned(),
    }
}

#[test]
fn accuracy_is_the_share_of_pairs_and_a_tie_counts_half() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.txt");
    std::fs::write(&text, "often often often often rare .\n").unwrap();
    let source = Source::find(text.to_str().unwrap()).unwrap();
    let settings = Settings {
        tokens: TokenizerKind::Whitespace,
        split: SplitRule::None,
        ..Settings::default()
    };
    let target = folder.path().join("corpus");
    let corpus = prepare(
        &source,
        &target,
        &settings,
        OnExisting::Refuse,
        &mut Watch::silent(),
    )
    .unwrap();
    let counts = corpus
        .split(Split::Train)
        .unwrap()
        .counts(corpus.vocab().len());
    let model = Baseline::unigram(&counts);
    let pairs = [
        // First paradigm: a correct pair, a wrong one and a tie give 1/2. Punctuation is separated before lookup.
        pair("order", "agreement", "often.", "rare."),
        pair("order", "agreement", "rare", "often"),
        pair("order", "agreement", "often rare", "rare often"),
        // Second paradigm: all correct, with a word that is not in the corpus.
        pair("words", "agreement", "often", "never"),
    ];
    let result = judge_minimal_pairs(&model, corpus.codec(), &pairs).unwrap();
    assert_eq!((result.pairs, result.pairs_with_unknown), (4, 1));
    assert_eq!(result.by_paradigm["order"], 0.5);
    assert_eq!(result.by_paradigm["words"], 1.0);
    assert_eq!(result.by_phenomenon["agreement"], 0.625);
    assert_eq!(result.accuracy, 0.625);
    assert_eq!(result.accuracy_without_unknown, Some(0.5));
}

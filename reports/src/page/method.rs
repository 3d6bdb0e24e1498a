//! How the numbers came about, in words.

use harness::Budget;
use maud::{Markup, html};

use super::parts::swatch;
use crate::data::RunData;
use crate::human;

/// The protocol, what is missing, and the version.
pub(crate) fn method(data: &RunData) -> Markup {
    let record = &data.record;
    html! {
        h2 { "How this was measured" }
        ol {
            @for sentence in protocol(data) { li { (sentence) } }
        }
        @if let Some(source) = &record.minimal_pairs {
            p { "Minimal pairs: " (source) "." }
        }
        @if !record.word_tests.is_empty() {
            p { "Tests of words: " (record.word_tests.join(", ")) "." }
        }
        @if !record.skipped.is_empty() {
            h3 { "Skipped" }
            ul { @for reason in &record.skipped { li { (reason) } } }
        }
        (settings(data))
        p.quiet {
            "Made by eras " (record.version) " from the run's records. Every chart lies beside this page in charts/ as SVG \
             and PNG, every table in tables/ as CSV."
        }
    }
}

/// What each entry was trained with, to be unfolded.
fn settings(data: &RunData) -> Markup {
    let entries = data.entries.iter();
    let known = entries.filter_map(|entry| Some((entry, entry.config.as_deref()?)));
    let known: Vec<_> = known.filter(|(_, config)| !config.is_empty()).collect();
    html! {
        @if !known.is_empty() {
            h3 { "Settings" }
            @for (entry, config) in known {
                details {
                    summary { (swatch(&entry.id.era)) (entry.id.label()) " " span.quiet { (entry.id.track) } }
                    pre { (config) }
                }
            }
        }
    }
}

fn protocol(data: &RunData) -> [String; 5] {
    let corpus = &data.record.corpus;
    let tokens = data.test_tokens().map(human::thousands);
    let mut audits = data
        .language_models()
        .map(|record| &record.evaluation.audit);
    let contexts = audits.next().map_or(100, |audit| audit.contexts);
    [
        format!(
            "Each of the {} tokens of the test split, the ends of lines included, is predicted exactly once, from \
             earlier tokens of the split and nothing later; how many of those a model uses is its own affair.",
            tokens.unwrap_or_else(|| "many".to_owned())
        ),
        format!(
            "Perplexity is exp of the mean of −ln p over all of them; it can be compared only among models that \
             predict the same vocabulary, here {} words, <unk> counted as one of them and, in a column of its own, \
             left out.",
            human::thousands(corpus.vocabulary as u64)
        ),
        format!(
            "At {contexts} contexts drawn at random each model's probabilities must sum to 1 and agree with its scores; a \
             model that fails this audit is not a distribution and gets no perplexity."
        ),
        "Whether a difference is more than chance is decided by a paired bootstrap over documents, or over 20 stretches \
         of the text where it has fewer than 10 documents (1,000 resamples, 95 % interval); the same vary in standard \
         errors, except in those of top-1 and top-5, where positions drawn at random do."
            .to_owned(),
        format!(
            "The budget of each entry was {}, with seed {}; who counts takes what that takes. Validation does not count against \
             a budget in time. Each was trained once: another seed gives slightly other numbers.",
            budget(data.record.budget),
            data.record.seed
        ),
    ]
}

/// A budget in words.
pub(crate) fn budget(budget: Budget) -> String {
    match budget {
        Budget::EraDefault => "each era's own number of epochs".to_owned(),
        Budget::Time(time) => format!("{} of training", human::duration(time.as_secs_f64())),
        Budget::Tokens(tokens) => format!("{} training tokens", human::thousands(tokens)),
        Budget::Epochs(1.0) => "1 epoch".to_owned(),
        Budget::Epochs(epochs) => format!("{epochs} epochs"),
    }
}

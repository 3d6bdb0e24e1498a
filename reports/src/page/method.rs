//! The section on method.

use harness::{Budget, RunRecord};
use maud::{Markup, html};

use super::parts::swatch;
use crate::data::RunData;
use crate::human;

/// The protocol, what is missing, and the version.
pub(crate) fn method(data: &RunData) -> Markup {
    let record = &data.record;
    html! {
        h2 { "Method" }
        ol {
            @for sentence in protocol(data) { li { (sentence) } }
        }
        @if let Some(source) = &record.minimal_pairs {
            p { "Minimal pairs: " (source) "." }
        }
        @if !record.word_tests.is_empty() {
            p { "Word tests: " (record.word_tests.join(", ")) "." }
        }
        @if !record.skipped.is_empty() {
            h3 { "Skipped" }
            ul { @for reason in &record.skipped { li { (reason) } } }
        }
        (settings(data))
        p.quiet {
            "The run was begun with Eras " (record.version) ". All charts are in charts/ as SVG and PNG, all tables in tables/ as \
             CSV, beside this page."
        }
    }
}

/// The settings of each entry, folded.
fn settings(data: &RunData) -> Markup {
    let entries = data.entries.iter();
    let known = entries.filter_map(|entry| Some((entry, entry.config.as_deref()?)));
    let known: Vec<_> = known.filter(|(_, config)| !config.is_empty()).collect();
    html! {
        @if !known.is_empty() {
            h3 { "Settings" }
            @for (entry, config) in known {
                details {
                    summary { (swatch(data.eras.mark(&entry.id))) (entry.id.label()) " " span.quiet { (entry.id.track) } }
                    pre { (config) }
                }
            }
        }
    }
}

fn protocol(data: &RunData) -> [String; 5] {
    let corpus = &data.record.corpus;
    let tokens = data.test_tokens();
    let tokens = tokens.map(|count| format!("{} ", human::thousands(count)));
    let mut audits = data
        .language_models()
        .map(|record| &record.evaluation.audit);
    let contexts = audits.next().map_or(100, |audit| audit.contexts);
    [
        format!(
            "Each of the {}tokens of the test split, ends of lines included, is predicted exactly once, from earlier tokens of \
             the split only; models may use any amount of preceding context.",
            tokens.unwrap_or_default()
        ),
        format!(
            "Perplexity is exp of the mean of −ln p over these tokens. It is comparable only between models with the same \
             vocabulary, here {} types including <unk>. {}",
            human::thousands(corpus.vocabulary as u64),
            unknown_words(data)
        ),
        format!(
            "In {contexts} random contexts the probabilities of each model must sum to 1 and agree with its scores. A model that \
             fails this audit does not define a distribution and gets no perplexity."
        ),
        "The significance of differences is tested by a paired bootstrap over documents, or over 20 segments of the text if it \
         has, in effect, fewer than 10 documents of equal size (1,000 resamples, 95 % interval). Standard errors use the same \
         units, except those of top-1 and top-5 accuracy, which use random positions."
            .to_owned(),
        format!(
            "The budget of each entry is {}, the seed {}; count-based models ignore time budgets. Validation does not count \
             towards a time budget. Each entry is trained once; another seed gives slightly different numbers.",
            budget(&data.record),
            data.record.seed
        ),
    ]
}

/// How unknown words are treated.
fn unknown_words(data: &RunData) -> String {
    let mut models = data.language_models();
    let unknown = models.next().map_or(0, |record| record.evaluation.unknown);
    match unknown {
        0 => "A separate column leaves <unk> out.".to_owned(),
        _ => format!(
            "The {} tokens that are <unk> are left out of answer, charts, differences, breakdowns (but for their own row), accuracy and \
             the perplexity on the validation split; learning curves hold them. Figures published for texts with <unk>, such as \
             WikiText-2, count them: compare those with the column \"perplexity\".",
            human::thousands(unknown)
        ),
    }
}

/// The budget of each entry as text, with the preset and the settings that the run was given.
pub(crate) fn budget(record: &RunRecord) -> String {
    let text = match record.budget {
        Budget::EraDefault => "its era's default number of epochs".to_owned(),
        Budget::Time(time) => format!("{} of training", human::duration(time.as_secs_f64())),
        Budget::Tokens(tokens) => format!("{} training tokens", human::thousands(tokens)),
        Budget::Epochs(1.0) => "1 epoch".to_owned(),
        Budget::Epochs(epochs) => format!("{epochs} epochs"),
    };
    match record.overrides() {
        None => text,
        Some(overrides) => format!("{text}, {overrides}"),
    }
}

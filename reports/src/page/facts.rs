//! The run at a glance, at the head of the page.

use harness::CorpusRecord;
use maud::{Markup, html};

use super::budget;
use crate::data::RunData;
use crate::human;

/// Corpus, budget, seed and machine, and a warning if a split is too small.
pub(super) fn facts(data: &RunData) -> Markup {
    let (record, corpus) = (&data.record, &data.record.corpus);
    let machine = &record.machine;
    let memory = machine
        .memory
        .map(|memory| format!(", {} memory", human::bytes(memory)));
    let facts = [
        ("corpus", corpus.name.clone()),
        ("tokens", splits(corpus)),
        (
            "vocabulary",
            format!("{} types", human::thousands(corpus.vocabulary as u64)),
        ),
        ("tokenizer", corpus.tokenizer.clone()),
        ("budget of each entry", budget(record)),
        ("seed", record.seed.to_string()),
        (
            "machine",
            format!(
                "{}, {} threads{}, {}{}",
                machine.processor,
                machine.threads,
                memory.unwrap_or_default(),
                machine.system,
                record.networks_on()
            ),
        ),
        ("started", record.started.clone()),
    ];
    html! {
        dl.facts {
            @for (name, value) in &facts {
                div { dt { (name) } dd dir="auto" { (value) } }
            }
        }
        @for small in corpus.small_splits() { p { strong { "Warning: " } (small.to_string()) "." } }
    }
}

/// Tokens of each split, in the order in which they are used.
fn splits(corpus: &CorpusRecord) -> String {
    let mut splits: Vec<(&String, &u64)> = corpus.tokens.iter().collect();
    let order = ["train", "valid", "test"];
    let place = |name: &str| order.iter().position(|known| *known == name);
    splits.sort_by_key(|(name, _)| place(name).unwrap_or(order.len()));
    let splits = splits.iter();
    let texts = splits.map(|(name, count)| format!("{} {name}", human::thousands(**count)));
    texts.collect::<Vec<_>>().join(" · ")
}

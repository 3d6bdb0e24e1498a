//! `eras evaluate`.

use harness::TestSet;
use serde_json::json;

use crate::args::EvaluateOptions;
use crate::evaluation::{HEADER, fault, grammar, judge, minimal_pairs, row, subject};
use crate::output::{say, say_json, table};
use crate::progress::Bar;
use crate::{corpora, eras};
use std::path::Path;

pub(crate) fn run(workspace: &Path, options: EvaluateOptions) -> anyhow::Result<()> {
    let pairs = minimal_pairs(options.minimal_pairs.as_deref())?;
    let corpus = corpora::open(workspace, Some(&options.corpus))?;
    let eras::Opened { card, model, .. } = eras::open(&options.model)?;
    card.check_vocab(&options.model, &corpus.vocab_checksum())?;
    let set = TestSet::of(&corpus, options.split)?;
    let mut bar = Bar::new(&options.model.display().to_string());
    bar.show("evaluating");
    let judgement = judge(
        &*model,
        &set,
        corpus.codec(),
        pairs.as_deref(),
        options.seed,
    )?;
    drop(bar);
    let evaluation = &judgement.evaluated.evaluation;
    if options.json {
        return say_json(&json!({
            "model": options.model, "era": card.era, "variant": card.variant, "corpus": corpus.name(),
            "split": options.split, "evaluation": evaluation, "minimal_pairs": judgement.minimal_pairs,
            "seconds": judgement.seconds,
        }));
    }
    let label = format!("{}/{}", card.era, card.variant);
    say(&subject(&set, corpus.name(), options.split))?;
    say(&table(&HEADER, &[row(&label, evaluation)]))?;
    let grammar = grammar(&label, judgement.minimal_pairs.as_ref());
    grammar.map_or(Ok(()), |grammar| say(&grammar))?;
    fault(&label, evaluation).map_or(Ok(()), |fault| say(&fault))
}

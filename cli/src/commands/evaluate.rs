//! `eras evaluate`.

use corpus::Corpus;
use harness::{
    BleuSettings, ModelCard, SentencePair, TestSet, breakdowns, cells, judge_conversation,
    judge_translation,
};
use serde_json::json;

use crate::args::EvaluateOptions;
use crate::eras::responders::{self, Talks};
use crate::eras::translators;
use crate::evaluation::{
    CONVERSATIONS_HEADER, HEADER, TRANSLATIONS_HEADER, conversations_row, fault, grammar, judge,
    minimal_pairs, row, subject, translations_row,
};
use crate::output::{say, say_json, table, thousands, usage};
use crate::progress::Bar;
use crate::{corpora, eras};
use std::path::Path;

pub(crate) fn run(workspace: &Path, options: EvaluateOptions) -> anyhow::Result<()> {
    let pairs = minimal_pairs(options.minimal_pairs.as_deref())?;
    let corpus = corpora::open(workspace, Some(&options.corpus))?;
    let card = ModelCard::open(&options.model);
    let is = |kind: fn(&ModelCard) -> bool| card.as_ref().is_ok_and(kind);
    if options.conversation || is(responders::is_responder) {
        return conversations(&corpus, &options);
    }
    if is(translators::is_translator) {
        return translations(&corpus, &options);
    }
    let eras::Opened { card, model, .. } = eras::open(&options.model)?;
    card.check_vocab(&options.model, &corpus.vocab_checksum())?;
    let set = TestSet::of(&corpus, options.split)?;
    let against = options.against.as_deref().map(eras::open).transpose()?;
    if let (Some(other), Some(folder)) = (&against, &options.against) {
        other.card.check_vocab(folder, &corpus.vocab_checksum())?;
    }
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
    fault(&label, evaluation).map_or(Ok(()), |fault| say(&fault))?;
    against.map_or(Ok(()), |other| {
        losses(&set, &judgement.evaluated.log_probs, &other)
    })
}

/// Where a model loses against another.
fn losses(set: &TestSet, log_probs: &[f64], other: &eras::Opened) -> anyhow::Result<()> {
    let narrow =
        |log_probs: &[f64]| -> Vec<f32> { log_probs.iter().map(|&number| number as f32).collect() };
    let (own, reference) = (narrow(log_probs), narrow(&other.model.score(&set.tokens)?));
    let name = format!("{}/{}", other.card.era, other.card.variant);
    for breakdown in breakdowns(set) {
        let rows: Vec<Vec<String>> = cells(set, &breakdown, &own, &reference)
            .into_iter()
            .map(|cell| {
                vec![
                    cell.cell,
                    thousands(cell.tokens),
                    format!("{:.3}", cell.excess),
                    format!("{:.3}", cell.standard_error),
                    format!(
                        "{:.4}",
                        cell.excess * cell.tokens as f64 / set.tokens.len() as f64
                    ),
                ]
            })
            .collect();
        let header = [
            &breakdown.name[..],
            "tokens",
            "nats each",
            "+-",
            "nats of all",
        ];
        say(&format!("\nlost against {name}\n{}", table(&header, &rows)))?;
    }
    Ok(())
}

/// A translator is judged by the corpus' sentence pairs.
fn translations(corpus: &Corpus, options: &EvaluateOptions) -> anyhow::Result<()> {
    if options.minimal_pairs.is_some() {
        return Err(usage(
            "--minimal-pairs: for language models, not for translators",
        ));
    }
    if options.against.is_some() {
        return Err(usage("--against: for language models, not for translators"));
    }
    let (source, target) = corpus.pairs()?;
    let (card, translator) = translators::open(&options.model)?;
    card.check_vocab(&options.model, &target.vocab_checksum())?;
    let pairs = SentencePair::of(&source, &target, options.split)?;
    let mut bar = Bar::new(&options.model.display().to_string());
    bar.show("translating");
    let settings = BleuSettings::of(&target);
    let judged = judge_translation(&*translator, &pairs, settings)?.evaluation;
    drop(bar);
    if options.json {
        return say_json(&json!({
            "model": options.model, "era": card.era, "variant": card.variant, "corpus": corpus.name(),
            "split": options.split, "evaluation": judged,
        }));
    }
    let label = format!("{}/{}", card.era, card.variant);
    say(&format!(
        "{} sentences of {} ({}), BLEU {}",
        judged.sentences,
        corpus.name(),
        options.split,
        judged.signature
    ))?;
    say(&table(
        &TRANSLATIONS_HEADER,
        &[translations_row(&label, &judged)],
    ))
}

/// One who replies is judged by the corpus' conversations.
fn conversations(corpus: &Corpus, options: &EvaluateOptions) -> anyhow::Result<()> {
    if options.minimal_pairs.is_some() || options.against.is_some() {
        return Err(usage(
            "--minimal-pairs, --against: for language models, not for those who only reply",
        ));
    }
    let (card, responder) = responders::open_responder(&options.model)?;
    card.check_vocab(&options.model, &corpus.vocab_checksum())?;
    let talks = Talks::of(corpus, options.split)?;
    let mut bar = Bar::new(&options.model.display().to_string());
    bar.show("replying");
    let protocol = talks.protocol(&card, options.turns);
    let judged = judge_conversation(&*responder, &talks.dialogues, &protocol)?.evaluation;
    drop(bar);
    if options.json {
        return say_json(&json!({
            "model": options.model, "era": card.era, "variant": card.variant, "corpus": corpus.name(),
            "split": options.split, "evaluation": judged,
        }));
    }
    let label = format!("{}/{}", card.era, card.variant);
    say(&format!(
        "{} replies of {} ({}), {} tokens; {} replies given",
        thousands(judged.replies),
        corpus.name(),
        options.split,
        thousands(judged.tokens),
        thousands(judged.given)
    ))?;
    say(&table(
        &CONVERSATIONS_HEADER,
        &[conversations_row(&label, &judged)],
    ))?;
    for found in &judged.by_turns {
        let perplexity = found.perplexity;
        let perplexity = perplexity.map_or("-".to_owned(), |value| format!("{value:.2}"));
        say(&format!(
            "perplexity after {} turns: {perplexity}",
            found.turns
        ))?;
    }
    for example in &judged.examples {
        say(&format!(
            "\n{}\n  followed by: {}\n  its reply:   {}",
            example.turns.join("\n"),
            example.reference,
            example.reply
        ))?;
    }
    Ok(())
}

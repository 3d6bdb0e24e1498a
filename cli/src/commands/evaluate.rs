//! `eras evaluate`.

use std::path::Path;
use std::time::Instant;

use corpus::Corpus;
use eras_list::ERAS;
use harness::{
    BleuSettings, ConversationProtocol, Dialogue, Model, ModelCard, Opened, Protocol, SentencePair,
    TestSet, TextModel, TextTable, Translator, breakdowns, cells, evaluate, judge_conversation,
    judge_minimal_pairs, judge_translation, minimal_pairs_sentence,
};
use serde::Serialize;
use serde_json::json;

use crate::args::EvaluateOptions;
use crate::output::{say, say_json, say_table, table, thousands, usage};
use crate::progress::Bar;
use crate::test_evaluations::Noted;
use crate::{corpora, models, tests};

pub(crate) fn run(workspace: &Path, options: EvaluateOptions) -> anyhow::Result<()> {
    let corpus = corpora::open(workspace, Some(&options.corpus))?;
    let opened = models::open(&options.model)?;
    match opened.model {
        Model::Text(_) if options.conversation => replies(&corpus, opened, &options),
        Model::Text(text) => text_model(&corpus, &opened.card, &text, &options),
        Model::Responder(_) => replies(&corpus, opened, &options),
        Model::Translator(_) if options.conversation => Err(usage(format!(
            "--conversation: {} is a translator and cannot reply",
            options.model.display()
        ))),
        Model::Translator(translator) => {
            translations(&corpus, &opened.card, &*translator, &options)
        }
        Model::Vectors(_) => Err(usage(format!(
            "{}: word vectors do not predict text; evaluate them with `eras words MODEL evaluate`",
            options.model.display()
        ))),
    }
}

/// Evaluates a language model on the tokens of a split.
fn text_model(
    corpus: &Corpus,
    card: &ModelCard,
    text: &TextModel,
    options: &EvaluateOptions,
) -> anyhow::Result<()> {
    let pairs = tests::minimal_pairs(options.minimal_pairs.as_deref())?;
    card.check_vocab(&options.model, &corpus.vocab_checksum())?;
    let set = TestSet::of(corpus, options.split)?;
    let against = options
        .against
        .as_deref()
        .map(models::open_text)
        .transpose()?;
    if let (Some((other, _)), Some(folder)) = (&against, &options.against) {
        other.check_vocab(folder, &corpus.vocab_checksum())?;
    }
    let bar = busy(options, "evaluating");
    let began = Instant::now();
    let protocol = Protocol {
        seed: options.seed,
        ..Protocol::default()
    };
    let evaluated = evaluate(&*text.model, &set, protocol)?;
    let pairs = pairs.as_deref();
    let minimal_pairs = pairs
        .map(|pairs| judge_minimal_pairs(&*text.model, corpus.codec(), pairs))
        .transpose()?;
    let seconds = began.elapsed().as_secs_f64();
    drop(bar);
    let evaluation = &evaluated.evaluation;
    let noted = Noted::of(&options.model, options.split);
    if options.json {
        let mut record = about(card, corpus, options, evaluation, noted);
        record["minimal_pairs"] = json!(minimal_pairs);
        record["seconds"] = json!(seconds);
        return say_json(&record);
    }
    say(&format!(
        "{} tokens of {} ({}), vocabulary {}",
        thousands(set.tokens.len() as u64),
        corpus.name(),
        options.split,
        thousands(set.vocab_size() as u64)
    ))?;
    let mut results: TextTable = evaluation.table(&card.label());
    let pairs = minimal_pairs.as_ref();
    let sentence = pairs.map(|pairs| minimal_pairs_sentence(&card.label(), pairs));
    results.notes.splice(0..0, sentence);
    say_table(&results)?;
    say_noted(noted)?;
    against.map_or(Ok(()), |other| losses(&set, &evaluated.log_probs, &other))
}

/// The JSON fields that all evaluations share.
fn about(
    card: &ModelCard,
    corpus: &Corpus,
    options: &EvaluateOptions,
    evaluation: &impl Serialize,
    noted: Option<Noted>,
) -> serde_json::Value {
    let mut record = json!({
        "model": options.model.to_string_lossy(), "era": card.era, "variant": card.variant, "corpus": corpus.name(),
        "split": options.split, "evaluation": evaluation,
    });
    if let Some(noted) = noted {
        record["test_evaluations"] = noted.json();
    }
    record
}

/// Prints how often the test split has been evaluated.
fn say_noted(noted: Option<Noted>) -> anyhow::Result<()> {
    noted.map_or(Ok(()), |noted| say(noted.sentence()))
}

/// A bar while the model is busy.
fn busy(options: &EvaluateOptions, what: &str) -> Bar {
    let mut bar = Bar::new(&options.model.display().to_string());
    bar.show(what);
    bar
}

/// Where a model does worse than another.
fn losses(
    set: &TestSet,
    log_probs: &[f64],
    (other_card, other): &(ModelCard, TextModel),
) -> anyhow::Result<()> {
    let narrow =
        |log_probs: &[f64]| -> Vec<f32> { log_probs.iter().map(|&number| number as f32).collect() };
    let (own, reference) = (narrow(log_probs), narrow(&other.model.score(&set.tokens)?));
    let name = other_card.label();
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
            "nats per token",
            "std. error",
            "contribution",
        ];
        say(&format!(
            "\nloss above that of {name}\n{}",
            table(&header, &rows)
        ))?;
    }
    Ok(())
}

/// Refuses options that are for language models only.
fn refuse_text_options(options: &EvaluateOptions, kind: &str) -> anyhow::Result<()> {
    let given = [
        ("--minimal-pairs", options.minimal_pairs.is_some()),
        ("--against", options.against.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(usage(format!(
            "{option} applies to language models, not to {kind}"
        ))),
        None => Ok(()),
    }
}

/// Evaluates a translator on the sentence pairs of a split.
fn translations(
    corpus: &Corpus,
    card: &ModelCard,
    translator: &dyn Translator,
    options: &EvaluateOptions,
) -> anyhow::Result<()> {
    refuse_text_options(options, "translators")?;
    let (source, target) = corpus.pairs()?;
    card.check_vocab(&options.model, &target.vocab_checksum())?;
    let pairs = SentencePair::of(&source, &target, options.split)?;
    let bar = busy(options, "translating");
    let evaluation = judge_translation(translator, &pairs, BleuSettings::of(&target))?.evaluation;
    drop(bar);
    let noted = Noted::of(&options.model, options.split);
    if options.json {
        return say_json(&about(card, corpus, options, &evaluation, noted));
    }
    say(&format!(
        "{} sentences of {} ({}), BLEU {}",
        evaluation.sentences,
        corpus.name(),
        options.split,
        evaluation.signature
    ))?;
    say_table(&evaluation.table(&card.label()))?;
    say_noted(noted)
}

/// Evaluates a dialogue model, or a language model, on the dialogues of a split.
fn replies(corpus: &Corpus, opened: Opened, options: &EvaluateOptions) -> anyhow::Result<()> {
    refuse_text_options(options, "dialogue models")?;
    let Opened {
        card, role, model, ..
    } = opened;
    card.check_vocab(&options.model, &corpus.vocab_checksum())?;
    let responder = model
        .into_responder()
        .expect("it is a language or dialogue model");
    let dialogues = Dialogue::of(corpus, options.split)?;
    let judge = ERAS.judge(corpus)?;
    let bar = busy(options, "replying");
    let protocol = ConversationProtocol::for_role(role, options.turns, judge.as_deref());
    let evaluation = judge_conversation(&*responder, &dialogues, &protocol)?.evaluation;
    drop(bar);
    let noted = Noted::of(&options.model, options.split);
    if options.json {
        return say_json(&about(&card, corpus, options, &evaluation, noted));
    }
    say(&format!(
        "{} replies of {} ({}), {} tokens; {} replies generated",
        thousands(evaluation.replies),
        corpus.name(),
        options.split,
        thousands(evaluation.tokens),
        thousands(evaluation.given)
    ))?;
    say_table(&evaluation.table(&card.label()))?;
    say_noted(noted)?;
    for found in &evaluation.by_turns {
        let perplexity = found.perplexity;
        let perplexity = perplexity.map_or("-".to_owned(), |value| format!("{value:.2}"));
        say(&format!(
            "perplexity after {} turns: {perplexity}",
            found.turns
        ))?;
    }
    for example in &evaluation.examples {
        say(&format!(
            "\n{}\n  reference: {}\n  reply:     {}",
            example.turns.join("\n"),
            example.reference,
            example.reply
        ))?;
    }
    Ok(())
}

//! `eras compare`.

use std::path::Path;

use anyhow::Context;
use corpus::Codec;
use harness::{EntryFolder, EntryId, State, TextModel, Track, read_run_record};
use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use crate::args::CompareOptions;
use crate::choice;
use crate::models::open_text;
use crate::output::{complain, say, say_json, table, usage, visible};
use crate::progress::{Bar, check};

/// Width of the bar for probability 1, in characters.
const BAR: f64 = 30.0;
/// Width of the table of words, in characters.
const LINE: usize = 100;

/// What an entry predicts for a text.
struct Prediction {
    id: EntryId,
    /// The most probable next words.
    next: Vec<(String, f64)>,
    /// Each word of the text with its probability.
    words: Vec<(String, f64)>,
}

pub(crate) fn run(options: &CompareOptions) -> anyhow::Result<()> {
    let record = read_run_record(&options.run)?;
    let chosen = choice::entries(&options.eras)?;
    let mut ids: Vec<&EntryId> = record.entries.iter().collect();
    ids.retain(|id| {
        id.track == Track::LanguageModelling
            && (options.eras.is_empty() || chosen.iter().any(|entry| entry.id() == **id))
    });
    ids.sort_by_key(|id| id.order());
    let mut predictions = Vec::new();
    let mut bar = Bar::new(&options.run.display().to_string());
    for id in ids {
        check()?;
        let folder = EntryFolder::open(&id.folder(&options.run));
        if folder.state() != State::Done {
            complain(&format!(
                "{id}: has no model yet; continue the run with eras run --resume"
            ));
            continue;
        }
        bar.show(&id.label());
        let prediction =
            ask(id, &folder.model(), options).with_context(|| format!("{id} cannot be queried"))?;
        predictions.push(prediction);
    }
    drop(bar);
    if predictions.is_empty() {
        return Err(usage(format!(
            "{}: none of these entries is a trained language model of this run",
            options.run.display()
        )));
    }
    if options.json {
        let pairs = |words: &[(String, f64)]| -> Vec<_> {
            let object = |(word, p): &(String, f64)| json!({ "word": word, "probability": p });
            words.iter().map(object).collect()
        };
        let predictions = predictions.iter().map(|prediction| {
            json!({ "entry": prediction.id, "next": pairs(&prediction.next), "words": pairs(&prediction.words) })
        });
        return say_json(
            &json!({ "text": options.text, "predictions": predictions.collect::<Vec<_>>() }),
        );
    }
    show_next(&predictions)?;
    show_words(&predictions)
}

fn ask(id: &EntryId, model: &Path, options: &CompareOptions) -> anyhow::Result<Prediction> {
    let (_, TextModel { codec, model }) = open_text(model)?;
    // The text is the beginning of a line, which follows the end of another.
    let mut context = vec![codec.vocab().eos()];
    context.extend(codec.encode(&options.text)?);
    let scores = model.score(&context)?;
    let words = (1..context.len()).map(|at| (word(&codec, context[at]), scores[at].exp()));
    let mut next: Vec<(u32, f64)> = (0..).zip(model.next(&context)?).collect();
    next.sort_by(|a, b| b.1.total_cmp(&a.1));
    next.truncate(options.top);
    Ok(Prediction {
        id: id.clone(),
        words: words.collect(),
        next: next
            .into_iter()
            .map(|(token, log_prob)| (word(&codec, token), log_prob.exp()))
            .collect(),
    })
}

/// A token in readable form: subwords show their spaces.
fn word(codec: &Codec, token: u32) -> String {
    visible(codec.vocab().token(token))
}

fn percent(probability: f64) -> String {
    match 100.0 * probability {
        share if share >= 9.95 => format!("{share:.0} %"),
        share if share >= 0.095 => format!("{share:.1} %"),
        share => format!("{share:.3} %"),
    }
}

/// The most probable next words of each entry, with bars.
fn show_next(predictions: &[Prediction]) -> anyhow::Result<()> {
    let all = predictions.iter().flat_map(|prediction| &prediction.next);
    let longest = all.map(|(word, _)| word.width()).max().unwrap_or(0);
    for prediction in predictions {
        say(&format!(
            "{:>4}  {}",
            prediction.id.year_text(),
            prediction.id.label()
        ))?;
        for (word, probability) in &prediction.next {
            let bar = "█".repeat((BAR * probability).round() as usize);
            let room = " ".repeat(longest - word.width());
            say(&format!(
                "      {word}{room}  {:>8}  {bar}",
                percent(*probability)
            ))?;
        }
    }
    Ok(())
}

/// The probability of each word of the text: a row per entry, as many words per table as fit.
fn show_words(predictions: &[Prediction]) -> anyhow::Result<()> {
    let words: Vec<&str> = predictions[0]
        .words
        .iter()
        .map(|(word, _)| &word[..])
        .collect();
    let labels = predictions
        .iter()
        .map(|prediction| prediction.id.label().chars().count());
    let labels = labels.max().unwrap_or(0);
    let mut first = 0;
    while first < words.len() {
        let mut room = LINE.saturating_sub(labels);
        let fitting = words[first..].iter().take_while(|word| {
            let width = 2 + word.width().max(7);
            let fits = width <= room;
            room = room.saturating_sub(width);
            fits
        });
        let last = first + fitting.count().max(1);
        let header: Vec<&str> = std::iter::once("entry")
            .chain(words[first..last].iter().copied())
            .collect();
        let rows = predictions.iter().map(|prediction| {
            let cells = prediction.words[first..last]
                .iter()
                .map(|(_, p)| percent(*p));
            std::iter::once(prediction.id.label())
                .chain(cells)
                .collect()
        });
        say("")?;
        say(&table(&header, &rows.collect::<Vec<Vec<String>>>()))?;
        first = last;
    }
    if words.is_empty() {
        return Ok(());
    }
    let best = predictions.iter().map(|prediction| {
        let sum: f64 = prediction.words.iter().map(|(_, p)| p.ln()).sum();
        (prediction.id.label(), -sum / words.len() as f64)
    });
    say("")?;
    let rows = best.map(|(label, nats)| vec![label, format!("{:.2}", nats.exp())]);
    say(&table(&["entry", "perplexity"], &rows.collect::<Vec<_>>()))
}

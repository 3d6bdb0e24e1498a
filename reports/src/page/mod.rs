//! The page: one file with everything in it, readable on a screen of any width and on paper.

mod method;
mod parts;

use harness::{CorpusRecord, EntryId, Sample, Track};
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::data::{Entry, RunData};
use crate::glossary::{heading, phenomenon, what_changed};
use crate::human;
use crate::table::{Cell, Table};
pub(crate) use method::budget;
use method::method;
use parts::{figure, swatch, table};

/// A chart as the page shows it.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// The name of its files.
    pub(crate) name: String,
    /// How to read it.
    pub(crate) reading: String,
    /// For a page or a screen.
    pub(crate) wide: String,
    /// For a phone.
    pub(crate) narrow: String,
}

/// Everything on the page that is not a line of `data`.
#[derive(Debug)]
pub(crate) struct Content<'a> {
    /// The run.
    pub(crate) data: &'a RunData,
    /// Which entry is best.
    pub(crate) answer: Vec<String>,
    /// Perplexity by year.
    pub(crate) perplexity: Option<Figure>,
    /// Quality.
    pub(crate) results: Table,
    /// Whether differences are more than chance.
    pub(crate) comparisons: Option<Table>,
    /// Entries without a result.
    pub(crate) unfinished: Option<Table>,
    /// Where entries differ.
    pub(crate) breakdowns: Vec<(String, Figure, Table)>,
    /// Grammar by phenomenon.
    pub(crate) grammar: Option<(Figure, Table)>,
    /// How sentences were translated.
    pub(crate) translation: Vec<Table>,
    /// How well replies were foreseen.
    pub(crate) replies: Option<Figure>,
    /// What was replied.
    pub(crate) conversation: Vec<Table>,
    /// What word vectors know.
    pub(crate) words: Vec<Table>,
    /// Where some words are.
    pub(crate) word_maps: Vec<Figure>,
    /// Time and space.
    pub(crate) costs: Table,
    /// Learning curves.
    pub(crate) curves: Vec<Figure>,
    /// How each era grows with the text.
    pub(crate) growth: Option<(Figure, Table)>,
    /// What each era needed to reach the others' best.
    pub(crate) reached: Option<Table>,
    /// What became of the papers' claims.
    pub(crate) claims: Option<Table>,
    /// What should be findings about them, and why it cannot be read.
    pub(crate) unreadable: Vec<String>,
    /// How large the papers' models were.
    pub(crate) published: Option<(Figure, Table)>,
}

/// The whole page.
pub(crate) fn page(content: &Content<'_>) -> String {
    let title = format!("Eras on {}", content.data.record.corpus.name);
    let main = html! {
        (answer(content))
        (learned(content))
        (cost(content))
        (growth(content))
        (translation(content))
        (conversation(content))
        (words(content))
        (samples(content.data))
        (claims(content))
        (published(content))
        (method(content.data))
    };
    sheet(&title, &facts(content.data), &main)
}

/// Several runs beside each other.
pub(crate) fn side_by_side(
    facts: &Table,
    are_comparable: bool,
    chart: Option<&Figure>,
    tables: &[Table],
) -> String {
    let main = html! {
        h2 { "Results" }
        @if !are_comparable {
            p {
                strong { "The runs are of different texts. " }
                "Perplexities can be compared only among models that predict the same tokens of the same text; bits per byte also \
                 between corpora of the same text that were cut in different ways."
            }
        }
        @if let Some(chart) = chart { (figure(chart)) }
        @for found in tables { (table(found)) }
        @if tables.is_empty() { p { "No entry of these runs has a result yet." } }
    };
    sheet("Eras, run by run", &table(facts), &main)
}

fn sheet(title: &str, head: &Markup, main: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(include_str!("style.css"))) }
            }
            body {
                h1 { (title) }
                (head)
                main { (main) }
                script { (PreEscaped(include_str!("sort.js"))) }
            }
        }
    };
    page.into_string()
}

fn facts(data: &RunData) -> Markup {
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
            format!("{} words", human::thousands(corpus.vocabulary as u64)),
        ),
        ("cut by", corpus.tokenizer.clone()),
        ("budget of each entry", budget(record.budget)),
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
        ("begun", record.started.clone()),
    ];
    html! {
        dl.facts {
            @for (name, value) in &facts {
                div { dt { (name) } dd { (value) } }
            }
        }
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

fn answer(content: &Content<'_>) -> Markup {
    let corpus = &content.data.record.corpus;
    let has_bits = content
        .data
        .language_models()
        .any(|record| record.evaluation.bits_per_byte.is_some());
    let faults = content.data.language_models().filter_map(|record| {
        Some((
            record.entry.label(),
            record.evaluation.audit.fault.as_ref()?,
        ))
    });
    html! {
        h2 { "The answer" }
        p.answer { (content.answer.join(" ")) }
        @if content.data.entries.is_empty() {
            p { "This run has no entries." }
        } @else if !content.data.entries.iter().any(Entry::has_result) {
            p { "No entry of this run has a result yet." }
        } @else {
            @if let Some(chart) = &content.perplexity { (figure(chart)) }
            (changes(content.data, Track::LanguageModelling))
            (table(&content.results))
            @if !has_bits { p.quiet { "Bits per byte: " (corpus.bits_per_byte) } }
            @for (label, fault) in faults {
                p { strong { (label) " is not a distribution" } ": " (fault) ". It has no perplexity." }
            }
            @if content.data.is_stale {
                p.quiet { "results.csv is of other entries than the evaluations; this page follows the evaluations." }
            }
        }
        @if let Some(comparisons) = &content.comparisons { (table(comparisons)) }
        @if let Some(unfinished) = &content.unfinished { (table(unfinished)) }
    }
}

/// What was new about each entry of a track.
fn changes(data: &RunData, track: Track) -> Markup {
    let ids = data.of_track(track).map(|entry| &entry.id);
    let known: Vec<(&EntryId, &str)> = ids.filter_map(|id| Some((id, what_changed(id)?))).collect();
    html! {
        @if !known.is_empty() {
            dl.changes {
                @for (id, sentence) in known {
                    dt { (swatch(&id.era)) (id.label()) " " span.quiet { (id.year_text()) } }
                    dd { (sentence) }
                }
            }
        }
    }
}

/// What the kinds of tokens in a table's first column ask of a model, where that is known.
fn kinds(numbers: &Table) -> Markup {
    let names = numbers.rows.iter().filter_map(|row| match row.first() {
        Some(Cell::Text(name)) => Some(name.as_str()),
        _ => None,
    });
    let known: Vec<(&str, &str)> = names
        .filter_map(|name| Some((name, phenomenon(name)?)))
        .collect();
    html! {
        @if !known.is_empty() {
            p.caption { "To predict a word of each kind, one must:" }
            dl.changes {
                @for (name, task) in known { dt { (name) } dd { (task) } }
            }
        }
    }
}

fn learned(content: &Content<'_>) -> Markup {
    html! {
        @if !content.breakdowns.is_empty() || content.grammar.is_some() {
            h2 { "What each era learned" }
            @for (name, chart, numbers) in &content.breakdowns {
                h3 { (heading(name)) }
                (figure(chart))
                (kinds(numbers))
                (table(numbers))
            }
            @if let Some((chart, numbers)) = &content.grammar {
                h3 { "Which of two sentences is right" }
                (figure(chart))
                (table(numbers))
            }
        }
    }
}

fn translation(content: &Content<'_>) -> Markup {
    html! {
        @if !content.translation.is_empty() {
            h2 { "Sentences in another language" }
            p {
                "BLEU is the share of phrases of up to four words that a translation has in common with its reference, chrF the \
                 same for phrases of characters."
                @if content.data.translators().any(|record| record.entry.era == "oracle") {
                    " The oracle knows both languages, but not which of several right words the reference chose."
                }
            }
            (changes(content.data, Track::Translation))
            @for found in &content.translation { (table(found)) }
        }
    }
}

fn conversation(content: &Content<'_>) -> Markup {
    html! {
        @if !content.conversation.is_empty() {
            h2 { "Replies" }
            p {
                "A reply is sensible if it answers what was asked and contradicts nothing that is known, and specific if it would \
                 not fit half of all conversations; only in the village does anybody know. Distinct-1 and distinct-2 are the share of \
                 different words, and pairs of words, in all that an entry said; consistent is the share of questions that get the \
                 same answer in other words."
                @if content.data.responders().any(|record| record.entry.era == "oracle") {
                    " The oracle hears the whole conversation, all others the last turns."
                }
            }
            (changes(content.data, Track::Conversation))
            @if let Some(chart) = &content.replies { (figure(chart)) }
            @for found in &content.conversation { (table(found)) }
            (talks(content.data))
        }
    }
}

/// A conversation of each entry with itself.
fn talks(data: &RunData) -> Markup {
    let talks: Vec<_> = data
        .responders()
        .filter(|record| record.evaluation.talk.len() > 1)
        .collect();
    html! {
        @if !talks.is_empty() {
            p.prompt { "The same first turn, and what every entry made of it, talking to itself" }
            div.samples {
                @for record in talks {
                    div style=(parts::border(&record.entry.era)) {
                        (swatch(&record.entry.era)) strong { (record.entry.label()) }
                        " " span.quiet { (record.entry.year_text()) }
                        ol.talk { @for turn in &record.evaluation.talk { li { (turn) } } }
                    }
                }
            }
        }
    }
}

fn words(content: &Content<'_>) -> Markup {
    html! {
        @if !content.words.is_empty() {
            h2 { "Words as points of a space" }
            p {
                "Analogies ask what is to c as b is to a; the answer is the word nearest to v(b) − v(a) + v(c), and only the \
                 very word is right. Pairs of words ask whether those that people find alike are close to each other."
            }
            (changes(content.data, Track::Words))
            @for found in &content.words { (table(found)) }
            @for chart in &content.word_maps { (figure(chart)) }
        }
    }
}

fn cost(content: &Content<'_>) -> Markup {
    html! {
        @if !content.costs.rows.is_empty() || !content.curves.is_empty() {
            h2 { "What it cost" }
            @if !content.costs.rows.is_empty() { (table(&content.costs)) }
            @for chart in &content.curves { (figure(chart)) }
            @if let Some(reached) = &content.reached { (table(reached)) }
        }
    }
}

fn growth(content: &Content<'_>) -> Markup {
    html! {
        @if let Some((chart, numbers)) = &content.growth {
            h2 { "How it grows" }
            (figure(chart))
            (table(numbers))
        }
    }
}

fn claims(content: &Content<'_>) -> Markup {
    html! {
        @if content.claims.is_some() || !content.unreadable.is_empty() {
            h2 { "Claims" }
            @if let Some(claims) = &content.claims { (table(claims)) }
            @if !content.unreadable.is_empty() {
                p.quiet {
                    "Findings that cannot be read, left by another version perhaps; eras reproduce makes them again: "
                    (content.unreadable.join("; ")) "."
                }
            }
        }
    }
}

fn published(content: &Content<'_>) -> Markup {
    html! {
        @if let Some((chart, numbers)) = &content.published {
            h2 { "Published scale" }
            (figure(chart))
            (table(numbers))
        }
    }
}

/// What was written, each token shaded by its probability where that is known.
fn continuation(sample: &Sample, era: &str) -> Markup {
    if sample.tokens.is_empty() {
        return html! { (sample.continuation) };
    }
    html! {
        @for token in &sample.tokens {
            span style=(parts::shade(era, token.probability)) title=(human::percent(token.probability)) { (token.text) }
        }
    }
}

fn samples(data: &RunData) -> Markup {
    let mut prompts: Vec<&str> = Vec::new();
    for sample in data.entries.iter().flat_map(|entry| &entry.samples) {
        if !prompts.contains(&sample.prompt.as_str()) {
            prompts.push(&sample.prompt);
        }
    }
    html! {
        @if !prompts.is_empty() {
            h2 { "The same prompt, continued by every era" }
            p { "The deeper the colour behind a word, the more probable its model found it." }
            @for prompt in prompts {
                p.prompt { @if prompt.is_empty() { "(from nothing)" } @else { "“" (prompt) " …”" } }
                div.samples {
                    @for entry in &data.entries {
                        @for sample in entry.samples.iter().filter(|sample| sample.prompt == prompt) {
                            div style=(parts::border(&entry.id.era)) {
                                (swatch(&entry.id.era)) strong { (entry.id.label()) }
                                " " span.quiet { (entry.id.year_text()) }
                                blockquote { (continuation(sample, &entry.id.era)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use plotters::style::RGBColor;

    use super::parts::DEEPEST;
    use crate::style::{ERAS, GRID, INK, PAPER, QUIET, contrast, era_colour, hex, mix};

    const SHEET: &str = include_str!("style.css");

    #[test]
    fn the_style_sheet_knows_the_colours_of_the_charts() {
        for colour in [INK, QUIET, GRID, PAPER] {
            let rule = format!("svg [fill=\"{}\"]", hex(colour));
            assert!(SHEET.contains(&rule), "{rule}");
        }
    }

    /// The value of a variable on a light and on a dark screen.
    fn variable(name: &str) -> [RGBColor; 2] {
        let name = format!("--{name}: #");
        let values = SHEET.match_indices(&name).map(|(at, _)| {
            let digits = &SHEET[at + name.len()..][..6];
            let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
            RGBColor(channel(0), channel(2), channel(4))
        });
        values.collect::<Vec<_>>().try_into().unwrap()
    }

    #[test]
    fn text_can_be_read_on_light_and_on_dark_screens() {
        for scheme in [0, 1] {
            for ground in ["paper", "raised"] {
                let ground = variable(ground)[scheme];
                for ink in ["ink", "quiet"] {
                    let found = contrast(variable(ink)[scheme], ground);
                    assert!(found >= 4.5, "{ink} on {}: {found:.2}", hex(ground));
                }
                for era in ERAS {
                    let shaded = mix(era_colour(era), ground, DEEPEST / 100.0);
                    let found = contrast(variable("ink")[scheme], shaded);
                    assert!(found >= 4.5, "{era} on {}: {found:.2}", hex(ground));
                }
            }
        }
    }
}

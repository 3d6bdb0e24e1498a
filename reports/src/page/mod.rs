//! The page: one self-contained file, readable on screens of any width and on paper.

mod facts;
mod method;
mod parts;
mod samples;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::data::{Entry, RunData};
use crate::table::Table;
pub(crate) use method::budget;
pub(crate) use parts::{Figure, border, figure, ideas, swatch, table};

/// Everything on the page that is not read from `data` directly.
pub(crate) struct Content<'a> {
    /// The run.
    pub(crate) data: &'a RunData,
    /// Which entry is best, a sentence per element.
    pub(crate) answer: Vec<String>,
    /// Entries without a result.
    pub(crate) unfinished: Option<Table>,
    /// The section of each track that has results.
    pub(crate) tracks: Vec<Option<Markup>>,
    /// Time, computation and space.
    pub(crate) costs: Option<Markup>,
    /// What each borrowed idea is worth.
    pub(crate) ablations: Option<Markup>,
    /// The papers' claims.
    pub(crate) claims: Option<Markup>,
    /// The scale of published systems.
    pub(crate) published: Option<Markup>,
}

/// The whole page.
pub(crate) fn page(content: &Content<'_>) -> String {
    let title = format!("Eras on {}", content.data.record.corpus.name);
    let main = html! {
        (answer(content))
        @for section in content.tracks.iter().flatten() { (section) }
        @if let Some(section) = &content.costs { (section) }
        (samples::samples(content.data))
        @for section in [&content.ablations, &content.claims, &content.published].into_iter().flatten() { (section) }
        (method::method(content.data))
    };
    sheet(&title, &facts::facts(content.data), &main)
}

/// Several runs side by side.
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
                strong { "The runs use different texts. " }
                "Perplexity per token is comparable only within one prepared corpus, bits per byte also between tokenizers of \
                 the same text. Of different texts one may be harder to predict than another."
            }
        }
        @if let Some(chart) = chart { (figure(chart)) }
        @for found in tables { (table(found)) }
        @if tables.is_empty() { p { "No entry of these runs has a result yet." } }
    };
    sheet("Eras: runs side by side", &table(facts), &main)
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

fn answer(content: &Content<'_>) -> Markup {
    let data = content.data;
    html! {
        h2 { "The answer" }
        p.answer { (content.answer.join(" ")) }
        @if data.entries.is_empty() {
            p { "This run has no entries." }
        } @else if !data.entries.iter().any(Entry::has_result) {
            p { "No entry of this run has a result yet." }
        }
        @if let Some(unfinished) = &content.unfinished { (table(unfinished)) }
    }
}

#[cfg(test)]
mod tests {
    use plotters::style::RGBColor;

    use super::parts::DEEPEST;
    use crate::style::{
        BASELINE, GRID, INK, PALETTE, PAPER, QUIET, UNKNOWN_ERA, contrast, hex, mix,
    };

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
                for colour in [PALETTE.as_slice(), &[BASELINE, UNKNOWN_ERA, INK]].concat() {
                    let shaded = mix(colour, ground, DEEPEST / 100.0);
                    let found = contrast(variable("ink")[scheme], shaded);
                    assert!(
                        found >= 4.5,
                        "{} on {}: {found:.2}",
                        hex(colour),
                        hex(ground)
                    );
                }
            }
        }
    }
}

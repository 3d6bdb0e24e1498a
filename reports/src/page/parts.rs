//! Components of the page.

use harness::{EntryId, Track};
use maud::{Markup, PreEscaped, html};
use plotters::style::RGBColor;

use crate::data::{Entry, RunData};
use crate::eras::Mark;
use crate::style::{INK, hex};
use crate::table::{Cell, Table};
use crate::unfinished::state;

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

/// A chart in two widths, of which the page shows one.
pub(crate) fn figure(figure: &Figure) -> Markup {
    let alternative = format!(
        "Chart, {}. {}",
        figure.name.replace('-', " "),
        figure.reading
    );
    html! {
        figure {
            div.wide role="img" aria-label=(alternative) { (inline(&figure.wide)) }
            div.narrow role="img" aria-label=(alternative) { (inline(&figure.narrow)) }
            figcaption { (figure.reading) }
        }
    }
}

/// An SVG within HTML needs no name space. Its text was escaped when it was drawn.
fn inline(svg: &str) -> Markup {
    PreEscaped(svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1))
}

/// A table that scrolls horizontally if it is too wide; tables with numbers can be sorted.
pub(crate) fn table(table: &Table) -> Markup {
    let class = |is_number: bool| is_number.then_some("number");
    let sortable = table.columns.iter().any(|column| column.is_number);
    let sortable = sortable.then_some("sortable");
    html! {
        p.caption { (table.caption) }
        div.scroll tabindex="0" {
            table class=[sortable] aria-label=(table.caption) {
                thead {
                    tr {
                        @for column in &table.columns {
                            th scope="col" class=[class(column.is_number)] { (breakable(&column.title)) }
                        }
                    }
                }
                tbody {
                    @for row in &table.rows {
                        tr {
                            @for (cell, column) in row.iter().zip(&table.columns) {
                                td class=[class(column.is_number)] dir=[direction(cell)] data-value=[sortable.and(cell.value())] { (content(cell)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Text may be of the corpus, and then runs in the direction of its own script.
fn direction(cell: &Cell) -> Option<&'static str> {
    matches!(cell, Cell::Text(_)).then_some("auto")
}

/// A title that may be broken after a slash.
fn breakable(title: &str) -> Markup {
    html! {
        @for part in title.split_inclusive('/') { (part) wbr; }
    }
}

fn content(cell: &Cell) -> Markup {
    html! {
        @if let Cell::Entry(label, mark) = cell {
            span.entry {
                (swatch(*mark))
                span { (breakable(label)) }
            }
        } @else {
            (cell.shown())
        }
    }
}

/// The mark of an entry: a square in the era's colour, a frame if it borrows ideas.
pub(crate) fn swatch(mark: Mark) -> Markup {
    let colour = css(mark.colour);
    let style = match mark.is_hollow {
        true => format!("box-shadow:inset 0 0 0 2px {colour}"),
        false => format!("background:{colour}"),
    };
    html! { span.swatch style=(style) {} }
}

/// A border in an era's colour.
pub(crate) fn border(colour: RGBColor) -> String {
    format!("border-color:{}", css(colour))
}

/// Percentage of the era's colour behind a word of probability 1; text stays legible on it.
pub(super) const DEEPEST: f64 = 40.0;

/// The background of a word of this probability.
pub(super) fn shade(colour: RGBColor, probability: f64) -> String {
    let part = DEEPEST * probability.clamp(0.0, 1.0).sqrt();
    let colour = css(colour);
    format!("background:color-mix(in srgb, {colour} {part:.0}%, transparent)")
}

/// The idea of each entry of a track.
pub(crate) fn ideas(data: &RunData, track: Track) -> Markup {
    let entries = data.of_track(track);
    let known: Vec<(&Entry, &str)> = entries
        .filter_map(|entry| Some((entry, data.eras.idea(&entry.id)?)))
        .collect();
    html! {
        @if !known.is_empty() {
            dl.ideas {
                @for (entry, idea) in known {
                    @let id = &entry.id;
                    dt { (swatch(data.eras.mark(id))) (id.label()) " " span.quiet { (id.year_text()) } }
                    dd {
                        @if let Some((state, _)) = state(data, entry) { strong { "No result: " (state) ". " } }
                        (idea) (borrowed(data, id))
                    }
                }
            }
            @if data.of_track(track).any(|entry| data.eras.mark(&entry.id).is_hollow) {
                p.quiet {
                    "A hollow mark is an entry that borrows ideas which its era's paper does not have; its year is that of the \
                     youngest. What each of them is worth alone is in the table “What was learnt since”, if eras ablate has \
                     measured it."
                }
            }
        }
    }
}

/// The ideas of other papers that an entry borrows, as a sentence.
fn borrowed(data: &RunData, id: &EntryId) -> Markup {
    let ideas = data.borrowed_ideas(id).iter().map(ToString::to_string);
    let ideas: Vec<String> = ideas.collect();
    html! {
        @if !ideas.is_empty() { " " span.quiet { "Borrowed: " (ideas.join(", ")) "." } }
    }
}

/// A colour; that of text changes in dark mode.
fn css(colour: RGBColor) -> String {
    match colour {
        INK => "var(--ink)".to_owned(),
        other => hex(other),
    }
}

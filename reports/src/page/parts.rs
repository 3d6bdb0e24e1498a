//! Pieces that recur on the page.

use maud::{Markup, PreEscaped, html};
use plotters::style::RGBColor;

use super::Figure;
use crate::style::{INK, era_colour, hex};
use crate::table::{Cell, Table};

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

/// A table that scrolls by itself where it is too wide; one with numbers can be sorted.
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
                                td class=[class(column.is_number)] data-value=[sortable.and(cell.value())] { (content(cell)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A title that may be broken after a slash.
fn breakable(title: &str) -> Markup {
    html! {
        @for part in title.split_inclusive('/') { (part) wbr; }
    }
}

fn content(cell: &Cell) -> Markup {
    html! {
        @if let Cell::Entry(label, colour) = cell {
            span.entry {
                span.swatch style=(format!("background:{}", css(*colour))) {}
                span { (breakable(label)) }
            }
        } @else {
            (cell.shown())
        }
    }
}

/// A little square in the era's colour.
pub(crate) fn swatch(era: &str) -> Markup {
    html! { span.swatch style=(format!("background:{}", css(era_colour(era)))) {} }
}

/// A border in the era's colour.
pub(crate) fn border(era: &str) -> String {
    format!("border-color:{}", css(era_colour(era)))
}

/// Per cent of the era's colour behind a word that is certain; text stays readable on it.
pub(crate) const DEEPEST: f64 = 40.0;

/// The ground of a word with this probability.
pub(crate) fn shade(era: &str, probability: f64) -> String {
    let part = DEEPEST * probability.clamp(0.0, 1.0).sqrt();
    let colour = css(era_colour(era));
    format!("background:color-mix(in srgb, {colour} {part:.0}%, transparent)")
}

/// A colour; that of text is another one on a dark screen.
fn css(colour: RGBColor) -> String {
    match colour {
        INK => "var(--ink)".to_owned(),
        other => hex(other),
    }
}

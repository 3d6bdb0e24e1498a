//! What the entries generate.

use harness::Sample;
use maud::{Markup, html};
use plotters::style::RGBColor;

use super::parts::{border, shade, swatch};
use crate::data::RunData;
use crate::human;

/// The continuation of a prompt, each token shaded by its probability where that is known.
fn continuation(sample: &Sample, colour: RGBColor) -> Markup {
    if sample.tokens.is_empty() {
        return html! { (sample.continuation) };
    }
    html! {
        @for token in &sample.tokens {
            span style=(shade(colour, token.probability)) title=(human::percent(token.probability)) { (token.text) }
        }
    }
}

/// Every prompt with the continuations of all entries.
pub(super) fn samples(data: &RunData) -> Markup {
    let mut prompts: Vec<&str> = Vec::new();
    for sample in data.entries.iter().flat_map(|entry| &entry.samples) {
        if !prompts.contains(&sample.prompt.as_str()) {
            prompts.push(&sample.prompt);
        }
    }
    html! {
        @if !prompts.is_empty() {
            h2 { "Samples" }
            p { "The same prompts, continued by every era. A deeper colour behind a word means a higher probability." }
            @for prompt in prompts {
                p.prompt { @if prompt.is_empty() { "(empty prompt)" } @else { "“" (prompt) " …”" } }
                div.samples {
                    @for entry in &data.entries {
                        @for sample in entry.samples.iter().filter(|sample| sample.prompt == prompt) {
                            div style=(border(data.eras.colour(&entry.id.era))) {
                                (swatch(data.eras.colour(&entry.id.era))) strong { (entry.id.label()) }
                                " " span.quiet { (entry.id.year_text()) }
                                blockquote { (continuation(sample, data.eras.colour(&entry.id.era))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

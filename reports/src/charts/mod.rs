//! Charts: each draws itself at any width on any backend.

mod attention_map;
mod axis;
mod curves;
mod heat_map;
mod legible;
mod ranking;
mod scale;
mod word_map;
mod zipf;

use std::path::Path;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::prelude::{BitMapBackend, DrawingBackend, IntoDrawingArea, SVGBackend};

use crate::error::{Error, Result};
use crate::files::{beside, move_into_place, write_atomically};
use crate::style::{PAPER, SCALE, register_fonts};
use legible::Legible;

pub use attention_map::AttentionMap;
pub(crate) use curves::{Abscissa, Curve, Curves};
pub(crate) use heat_map::{HeatMap, Values};
pub(crate) use ranking::{Ranking, RankingRow};
pub(crate) use scale::{Mark, ScaleChart, ScaleRow};
pub use word_map::WordMap;
pub use zipf::zipf_chart;

/// A drawing area that a whole chart is drawn on.
pub(crate) type Canvas<DB> = DrawingArea<DB, Shift>;

/// The result of drawing on a backend.
pub(crate) type Drawn<DB, T = ()> =
    std::result::Result<T, DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// A chart. Sizes are in shown pixels; see [`SCALE`].
pub(crate) trait Chart {
    /// The name of its files, without extension.
    fn name(&self) -> String;

    /// How high it is when it is `width` wide.
    fn height(&self, width: u32) -> u32;

    /// Draws it on a canvas that is `width` wide.
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, width: u32) -> Drawn<DB>;
}

/// The chart as an SVG of its own.
pub(crate) fn svg(chart: &impl Chart, width: u32) -> Result<String> {
    register_fonts()?;
    let (size, mut text) = (drawn_size(chart, width), String::new());
    draw(chart, SVGBackend::with_string(&mut text, size), width)?;
    let drawn = format!(r#"width="{}" height="{}""#, size.0, size.1);
    let shown = format!(r#"width="{}" height="{}""#, width, size.1 / SCALE);
    Ok(text.replacen(&drawn, &shown, 1))
}

/// Writes the chart, as SVG or PNG by the extension of the file.
fn write_picture(chart: &impl Chart, width: u32, path: &Path) -> Result<()> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => write_atomically(path, svg(chart, width)?.as_bytes()),
        Some("png") => write_png(chart, width, path),
        _ => Err(Error::corrupt(
            path,
            "the name of a picture must end in .svg or .png",
        )),
    }
}

/// Writes the chart as a bitmap.
pub(crate) fn write_png(chart: &impl Chart, width: u32, path: &Path) -> Result<()> {
    register_fonts()?;
    let temporary = beside(path);
    let size = drawn_size(chart, width);
    let drawn = draw(chart, Legible(BitMapBackend::new(&temporary, size)), width);
    drawn.inspect_err(|_| {
        // The first error is the one to report; a leftover is harmless.
        let _ = std::fs::remove_file(&temporary);
    })?;
    move_into_place(&temporary, path)
}

fn drawn_size(chart: &impl Chart, width: u32) -> (u32, u32) {
    (SCALE * width, SCALE * chart.height(width))
}

fn draw<DB: DrawingBackend>(chart: &impl Chart, backend: DB, width: u32) -> Result<()> {
    let canvas = backend.into_drawing_area();
    let drawn = canvas
        .fill(&PAPER)
        .and_then(|()| chart.draw(&canvas, width))
        .and_then(|()| canvas.present());
    drawn.map_err(|error| Error::drawing(&chart.name(), error))
}

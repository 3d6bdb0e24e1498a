//! Charts: each draws itself at any width on any backend.

mod attention_map;
mod axis;
mod coarse;
mod curves;
mod fonts;
mod heat_map;
mod lettering;
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
use lettering::Lettering;

pub use attention_map::AttentionMap;
pub use coarse::MissingLetters;
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
    let text = text.replacen(&drawn, &shown, 1);
    // The first element is the root.
    Ok(text.replacen(">\n", &format!(">\n{DIRECTION}\n"), 1))
}

/// The first letter with a direction decides that of a text, as in bitmaps.
const DIRECTION: &str = "<style>text{unicode-bidi:plaintext}</style>";

/// Writes the chart, as SVG or PNG by the extension of the file; returns the letters that the picture could not show as they are.
fn write_picture(chart: &impl Chart, width: u32, path: &Path) -> Result<MissingLetters> {
    let mut missing = MissingLetters::default();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("svg") => write_atomically(path, svg(chart, width)?.as_bytes())?,
        Some("png") => write_png(chart, width, path, &mut missing)?,
        _ => {
            return Err(Error::corrupt(
                path,
                "the name of a picture must end in .svg or .png",
            ));
        }
    }
    Ok(missing)
}

/// Writes the chart as a bitmap, and notes the letters that no font has.
pub(crate) fn write_png(
    chart: &impl Chart,
    width: u32,
    path: &Path,
    missing: &mut MissingLetters,
) -> Result<()> {
    register_fonts()?;
    let temporary = beside(path);
    let size = drawn_size(chart, width);
    let backend = Lettering {
        bitmap: BitMapBackend::new(&temporary, size),
        missing,
    };
    draw(chart, backend, width).inspect_err(|_| {
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

//! Sizes of systems in the order of the years: parameters, tokens and FLOPs on one logarithmic axis.

use plotters::element::{Circle, PathElement, Polygon};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor};

use super::axis::{LogAxis, log_rows};
use super::{Canvas, Chart, Drawn};
use crate::human;
use crate::style::{CHARACTER, INK, PAPER, QUIET, fit, line, px, text};

/// Below this width labels are above their marks instead of before them.
const ROOM_FOR_LABELS: u32 = 520;
/// Room for the year before a label.
const YEAR: f64 = 42.0;
const LONGEST_LABEL: usize = 31;
/// Room for the legend above the rows.
const LEGEND: f64 = 26.0;
const QUANTITIES: [&str; 3] = ["parameters", "tokens seen", "FLOPs"];

/// A number of a system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    pub(crate) value: f64,
    /// Drawn hollow.
    pub(crate) is_estimate: bool,
}

/// A system.
#[derive(Debug, Clone)]
pub(crate) struct ScaleRow {
    /// The year of the idea, as text.
    pub(crate) year: String,
    pub(crate) label: String,
    pub(crate) colour: RGBColor,
    /// Whether it is of the run that is reported.
    pub(crate) is_ours: bool,
    /// Parameters, tokens, FLOPs, where they are known.
    pub(crate) marks: [Option<Mark>; 3],
}

/// A row for each system.
#[derive(Debug, Clone)]
pub(crate) struct ScaleChart {
    /// From top to bottom.
    pub(crate) rows: Vec<ScaleRow>,
}

impl ScaleChart {
    fn axis(&self, width: u32) -> LogAxis {
        let marks = self.rows.iter().flat_map(|row| row.marks);
        let most = if width < ROOM_FOR_LABELS { 4 } else { 8 };
        LogAxis::covering(
            marks.flatten().map(|mark| mark.value),
            most,
            "parameters, tokens or FLOPs (log scale)",
        )
    }

    fn label_width(&self, width: u32) -> f64 {
        if width < ROOM_FOR_LABELS {
            return 10.0;
        }
        let lengths = self.rows.iter().map(|row| row.label.chars().count());
        let longest = lengths.max().unwrap_or(0).min(LONGEST_LABEL);
        YEAR + 14.0 + CHARACTER * longest as f64
    }
}

impl Chart for ScaleChart {
    fn name(&self) -> String {
        "published-scale".to_owned()
    }

    fn height(&self, width: u32) -> u32 {
        let row = if width < ROOM_FOR_LABELS { 40 } else { 23 };
        LEGEND as u32 + row * self.rows.len() as u32 + 52
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, width: u32) -> Drawn<DB> {
        let axis = self.axis(width);
        let is_narrow = width < ROOM_FOR_LABELS;
        let room = [LEGEND, self.label_width(width), 2.0 * CHARACTER];
        let plot = log_rows(canvas, &axis, self.rows.len(), room, human::power)?;
        for (index, row) in self.rows.iter().enumerate() {
            let middle = index as f64 + if is_narrow { 0.72 } else { 0.5 };
            let at = |value: f64| plot.backend_coord(&(value, middle));
            let marks = row
                .marks
                .map(|mark| mark.map(|mark| (at(mark.value), mark)));
            let known: Vec<(i32, i32)> = marks.iter().flatten().map(|(at, _)| *at).collect();
            if let (Some(&first), Some(&last)) = (known.iter().min(), known.iter().max()) {
                canvas.draw(&PathElement::new(vec![first, last], line(row.colour, 1.0)))?;
            }
            for (quantity, mark) in marks.into_iter().enumerate() {
                if let Some((at, mark)) = mark {
                    draw_mark(canvas, quantity, at, row.colour, mark.is_estimate)?;
                }
            }
            draw_label(canvas, row, at(axis.low()), is_narrow)?;
        }
        draw_legend(canvas, is_narrow)
    }
}

/// A square, a disc or a rhombus, by the quantity.
fn draw_mark<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    quantity: usize,
    (x, y): (i32, i32),
    colour: RGBColor,
    is_estimate: bool,
) -> Drawn<DB> {
    let shape = |r: i32, colour: RGBColor| {
        let polygon = |corners: [(i32, i32); 4]| {
            let corners: Vec<_> = corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
            canvas.draw(&Polygon::new(corners, colour.filled()))
        };
        match quantity {
            0 => polygon([(-r, -r), (r, -r), (r, r), (-r, r)]),
            1 => canvas.draw(&Circle::new((x, y), r, colour.filled())),
            _ => polygon([
                (0, -r * 4 / 3),
                (r * 4 / 3, 0),
                (0, r * 4 / 3),
                (-r * 4 / 3, 0),
            ]),
        }
    };
    shape(px(4.0), colour)?;
    match is_estimate {
        true => shape(px(2.3), PAPER),
        false => Ok(()),
    }
}

fn draw_label<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    row: &ScaleRow,
    left: (i32, i32),
    is_narrow: bool,
) -> Drawn<DB> {
    let y = left.1 - if is_narrow { px(17.0) } else { 0 };
    let start = px(if is_narrow { 10.0 } else { 2.0 });
    let pos = Pos::new(HPos::Left, VPos::Center);
    canvas.draw_text(&row.year, &text(QUIET).pos(pos), (start, y))?;
    let start = start + px(YEAR);
    if row.is_ours {
        draw_mark(canvas, 1, (start + px(4.0), y), row.colour, false)?;
    }
    let indent = if row.is_ours { px(13.0) } else { 0 };
    let label = fit(&row.label, LONGEST_LABEL - usize::from(row.is_ours));
    canvas.draw_text(&label, &text(INK).pos(pos), (start + indent, y))
}

fn draw_legend<DB: DrawingBackend>(canvas: &Canvas<DB>, is_narrow: bool) -> Drawn<DB> {
    let pos = Pos::new(HPos::Left, VPos::Center);
    let (mut x, y) = (10.0, px(LEGEND / 2.0));
    for (quantity, name) in QUANTITIES.iter().enumerate() {
        draw_mark(canvas, quantity, (px(x), y), INK, false)?;
        canvas.draw_text(name, &text(INK).pos(pos), (px(x + 9.0), y))?;
        x += 26.0 + CHARACTER * name.chars().count() as f64;
    }
    if is_narrow {
        return Ok(());
    }
    draw_mark(canvas, 1, (px(x), y), INK, true)?;
    canvas.draw_text("an estimate", &text(INK).pos(pos), (px(x + 9.0), y))
}

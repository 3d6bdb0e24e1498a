//! A measure of every entry, lower is better: a point for each on a logarithmic scale.

use plotters::element::{Circle, DashedPathElement, PathElement, Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::{LogAxis, log_rows};
use super::{Canvas, Chart, Drawn};
use crate::eras::Mark;
use crate::human;
use crate::style::{CHARACTER, INK, PAPER, QUIET, fit, line, px, text};

/// Below this width labels are above their points instead of before them.
const ROOM_FOR_LABELS: u32 = 520;

/// Bytes of a measure's name that leave room for the scale on a narrow chart.
const LONGEST_MEASURE: usize = 16;

/// Room for the year before a label.
const YEAR: f64 = 42.0;

/// An entry of the chart.
#[derive(Debug, Clone)]
pub(crate) struct RankingRow {
    /// Era and variant.
    pub(crate) label: String,
    /// The year of the idea, as text.
    pub(crate) year: String,
    /// The mark of the entry.
    pub(crate) mark: Mark,
    /// None if the audit failed.
    pub(crate) value: Option<f64>,
}

/// A point per entry on a logarithmic scale.
#[derive(Debug, Clone)]
pub(crate) struct Ranking {
    /// The name of its files.
    pub(crate) name: &'static str,
    /// What is measured: the title of the axis.
    pub(crate) measure: &'static str,
    /// Of what it is measured, shown where there is room.
    pub(crate) of: &'static str,
    /// From top to bottom.
    pub(crate) rows: Vec<RankingRow>,
    /// The value of the oracle.
    pub(crate) floor: Option<f64>,
}

impl Ranking {
    fn axis(&self, width: u32) -> LogAxis {
        let values = self.rows.iter().filter_map(|row| row.value);
        let is_narrow = width < ROOM_FOR_LABELS;
        let most = if is_narrow { 4 } else { 7 };
        let of = if is_narrow { "" } else { self.of };
        // A long name leaves no room for the scale, which the ticks show as well.
        let scale = match is_narrow && self.measure.len() > LONGEST_MEASURE {
            true => "",
            false => "log scale, ",
        };
        let title = format!("{}{of} ({scale}lower is better)", self.measure);
        LogAxis::covering(values, most, &title)
    }

    fn label_width(&self, width: u32) -> f64 {
        if width < ROOM_FOR_LABELS {
            return 10.0;
        }
        let longest = self.rows.iter().map(|row| row.label.chars().count()).max();
        YEAR + 14.0 + CHARACTER * longest.unwrap_or(0).min(LONGEST_LABEL) as f64
    }
}

/// Characters of a label that are shown.
const LONGEST_LABEL: usize = 34;

impl Chart for Ranking {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn height(&self, width: u32) -> u32 {
        let row = if width < ROOM_FOR_LABELS { 46 } else { 30 };
        // Above the rows the floor's label, below them ticks and title.
        24 + row * self.rows.len() as u32 + 52
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, width: u32) -> Drawn<DB> {
        let (axis, rows) = (self.axis(width), self.rows.len() as f64);
        let is_narrow = width < ROOM_FOR_LABELS;
        // Room for the number after the last point.
        let room = [24.0, self.label_width(width), 8.0 * CHARACTER];
        let mut plot = log_rows(canvas, &axis, self.rows.len(), room, human::tick)?;
        if let Some(floor) = self.floor {
            let ends = [(floor, 0.0), (floor, rows)];
            let dashes = DashedPathElement::new(ends, px(4.0), px(4.0), line(INK, 1.0));
            plot.draw_series([dashes])?;
            let label = format!("floor {}", human::decimal(floor));
            let at = plot.backend_coord(&(floor, 0.0));
            let pos = Pos::new(HPos::Left, VPos::Bottom);
            canvas.draw_text(
                &label,
                &text(INK).pos(pos),
                (at.0 - px(6.0), at.1 - px(3.0)),
            )?;
        }
        for (index, row) in self.rows.iter().enumerate() {
            let middle = index as f64 + if is_narrow { 0.72 } else { 0.5 };
            let left = plot.backend_coord(&(axis.low(), middle));
            let at = match row.value {
                Some(value) => plot.backend_coord(&(value, middle)),
                None => plot.backend_coord(&(self.floor.unwrap_or(0.0).max(axis.low()), middle)),
            };
            draw_point(canvas, row, left, at)?;
            draw_label(canvas, row, left, is_narrow)?;
        }
        Ok(())
    }
}

fn draw_point<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    row: &RankingRow,
    left: (i32, i32),
    at: (i32, i32),
) -> Drawn<DB> {
    let after = (at.0 + px(11.0), at.1);
    let before = Pos::new(HPos::Left, VPos::Center);
    let Some(value) = row.value else {
        let style = text(QUIET).pos(before);
        return canvas.draw(&Text::new("not a distribution", after, style));
    };
    let colour = row.mark.colour;
    canvas.draw(&PathElement::new(vec![left, at], line(colour, 2.0)))?;
    canvas.draw(&Circle::new(at, px(5.5), colour.filled()))?;
    if row.mark.is_hollow {
        canvas.draw(&Circle::new(at, px(3.5), PAPER.filled()))?;
    }
    let value = human::decimal(value);
    canvas.draw(&Text::new(value, after, text(INK).pos(before)))
}

fn draw_label<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    row: &RankingRow,
    left: (i32, i32),
    is_narrow: bool,
) -> Drawn<DB> {
    let y = left.1 - if is_narrow { px(19.0) } else { 0 };
    let start = px(if is_narrow { 10.0 } else { 2.0 });
    let label = fit(&row.label, LONGEST_LABEL);
    if is_narrow {
        // The floor's line runs behind the label.
        let length = YEAR + CHARACTER * label.chars().count() as f64;
        let corners = [(start, y - px(9.0)), (start + px(length), y + px(9.0))];
        canvas.draw(&Rectangle::new(corners, PAPER.filled()))?;
    }
    let pos = Pos::new(HPos::Left, VPos::Center);
    canvas.draw_text(&row.year, &text(QUIET).pos(pos), (start, y))?;
    canvas.draw_text(&label, &text(INK).pos(pos), (start + px(YEAR), y))
}

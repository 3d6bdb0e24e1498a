//! The excess loss of entries by kinds of token, or their accuracy by phenomena: a column per entry, a row per kind.

use plotters::element::{Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, RGBColor};

use super::{Canvas, Chart, Drawn};
use crate::human::signed;
use crate::style::{BETTER, CHARACTER, INK, QUIET, WORSE, columns_of, fit, mix, px, text, text_on};

const ROW: f64 = 26.0;
const LONGEST_ENTRY: usize = 34;
/// A chart narrower than this does not name its breakdown, and shortens names of rows.
const ROOM_FOR_TITLE: u32 = 520;
/// A column narrower than this shows colours only.
const ROOM_FOR_NUMBER: f64 = 44.0;
/// The colour of no difference.
const EVEN: RGBColor = RGBColor(0xF4, 0xF4, 0xF4);

/// A heat map of one breakdown.
#[derive(Debug, Clone)]
pub(crate) struct HeatMap {
    /// The name of its files.
    pub(crate) name: String,
    /// The name of the breakdown.
    pub(crate) breakdown: String,
    /// Era and variant, with the era's colour.
    pub(crate) entries: Vec<(String, RGBColor)>,
    /// A kind, and the value of each entry on it.
    pub(crate) rows: Vec<(String, Vec<Option<f64>>)>,
    /// What the values are.
    pub(crate) values: Values,
}

/// What a heat map shows.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Values {
    /// Excess loss over a reference in nats per token; full colour from `limit`, which is the same for all breakdowns of a report.
    Losses {
        /// The excess that has full colour.
        limit: f64,
    },
    /// The accuracy on minimal pairs; chance is one half.
    Shares,
}

impl Values {
    /// How much worse than the reference, or than chance; 1 and −1 have full colour.
    fn depth(self, value: f64) -> f64 {
        let depth = match self {
            Values::Losses { limit } => (value / limit).clamp(-1.0, 1.0),
            Values::Shares => 1.0 - 2.0 * value,
        };
        if depth.is_finite() { depth } else { 0.0 }
    }

    fn shown(self, value: f64) -> String {
        match self {
            Values::Losses { .. } => signed(value, 2),
            Values::Shares => format!("{:.0}", 100.0 * value),
        }
    }

    /// Five values across the scale of colours, and their meaning.
    fn key(self) -> ([f64; 5], String) {
        match self {
            Values::Losses { limit } => (
                [-1.0, -0.5, 0.0, 0.5, 1.0].map(|part| part * limit),
                format!("excess loss in nats per token; full colour from {limit:.2}"),
            ),
            Values::Shares => (
                [0.0, 0.25, 0.5, 0.75, 1.0],
                "accuracy in %; chance is 50".to_owned(),
            ),
        }
    }
}

/// Where things are, in shown pixels.
struct Layout {
    has_title: bool,
    characters: usize,
    left: f64,
    top: f64,
    column: f64,
}

impl HeatMap {
    fn layout(&self, width: u32) -> Layout {
        let has_title = width >= ROOM_FOR_TITLE;
        let characters = if has_title { 28 } else { 16 };
        let names = self.rows.iter().map(|(cell, _)| columns_of(cell));
        let title = has_title.then(|| columns_of(&self.breakdown));
        let longest = names.chain(title).max().unwrap_or(0).min(characters);
        let left = 16.0 + CHARACTER * longest as f64;
        let labels = self.entries.iter().map(|(label, _)| columns_of(label));
        let top = 18.0 + CHARACTER * labels.max().unwrap_or(0).min(LONGEST_ENTRY) as f64;
        let column = (f64::from(width) - left) / self.entries.len().max(1) as f64;
        Layout {
            has_title,
            characters,
            left,
            top,
            column: column.min(84.0),
        }
    }

    fn colour(&self, value: f64) -> RGBColor {
        let depth = self.values.depth(value);
        mix(if depth > 0.0 { WORSE } else { BETTER }, EVEN, depth.abs())
    }

    fn draw_entries<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, layout: &Layout) -> Drawn<DB> {
        let pos = Pos::new(HPos::Left, VPos::Center);
        for (index, (label, colour)) in self.entries.iter().enumerate() {
            let left = layout.left + layout.column * index as f64;
            let bar = [
                (px(left + 1.0), px(layout.top - 7.0)),
                (px(left + layout.column - 1.0), px(layout.top - 2.0)),
            ];
            canvas.draw(&Rectangle::new(bar, colour.filled()))?;
            let style = text(INK).transform(FontTransform::Rotate270).pos(pos);
            let at = (px(left + layout.column / 2.0), px(layout.top - 12.0));
            canvas.draw_text(&fit(label, LONGEST_ENTRY), &style, at)?;
        }
        let style = text(QUIET).pos(Pos::new(HPos::Left, VPos::Bottom));
        let at = (px(2.0), px(layout.top - 2.0));
        match layout.has_title {
            true => canvas.draw_text(&fit(&self.breakdown, layout.characters), &style, at),
            false => Ok(()),
        }
    }

    fn draw_row<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        layout: &Layout,
        index: usize,
    ) -> Drawn<DB> {
        let (cell, values) = &self.rows[index];
        let top = layout.top + ROW * index as f64;
        let style = text(INK).pos(Pos::new(HPos::Left, VPos::Center));
        let at = (px(2.0), px(top + ROW / 2.0));
        canvas.draw_text(&fit(cell, layout.characters), &style, at)?;
        for (column, value) in values.iter().enumerate() {
            if let Some(value) = value.filter(|value| value.is_finite()) {
                let left = layout.left + layout.column * column as f64;
                self.draw_cell(canvas, (left, top), layout.column, value)?;
            }
        }
        Ok(())
    }

    fn draw_cell<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        (left, top): (f64, f64),
        width: f64,
        value: f64,
    ) -> Drawn<DB> {
        let ground = self.colour(value);
        let corners = [
            (px(left + 1.0), px(top + 1.0)),
            (px(left + width - 1.0), px(top + ROW - 1.0)),
        ];
        canvas.draw(&Rectangle::new(corners, ground.filled()))?;
        if width < ROOM_FOR_NUMBER {
            return Ok(());
        }
        let style = text(text_on(ground)).pos(Pos::new(HPos::Center, VPos::Center));
        let middle = (px(left + width / 2.0), px(top + ROW / 2.0));
        canvas.draw(&Text::new(self.values.shown(value), middle, style))
    }

    /// The legend: five colours and their meaning.
    fn draw_key<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, top: f64, width: u32) -> Drawn<DB> {
        let step = f64::from(width).min(420.0) / 5.0;
        let (values, meaning) = self.values.key();
        for (index, value) in values.into_iter().enumerate() {
            self.draw_cell(canvas, (step * index as f64, top), step, value)?;
        }
        let style = text(QUIET).pos(Pos::new(HPos::Left, VPos::Top));
        let at = (px(2.0), px(top + ROW + 6.0));
        canvas.draw_text(&meaning, &style, at)
    }
}

impl Chart for HeatMap {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn height(&self, width: u32) -> u32 {
        let rows = ROW * self.rows.len() as f64;
        (self.layout(width).top + rows + 14.0 + ROW + 26.0).ceil() as u32
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, width: u32) -> Drawn<DB> {
        let layout = self.layout(width);
        self.draw_entries(canvas, &layout)?;
        for index in 0..self.rows.len() {
            self.draw_row(canvas, &layout, index)?;
        }
        let below = layout.top + ROW * self.rows.len() as f64 + 14.0;
        self.draw_key(canvas, below, width)
    }
}

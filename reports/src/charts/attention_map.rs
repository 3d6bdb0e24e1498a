//! Attention as heat maps: a panel per head, a row per token, dark where the row's token attends.

use std::path::Path;

use plotters::element::{Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform};

use super::{Canvas, Chart, Drawn, MissingLetters, write_picture};
use crate::error::Result;
use crate::style::{
    CHARACTER, GRID, INK, PAPER, QUIET, TEXT, WIDE, WORSE, columns_of, fit, line, mix, px, text,
    text_on,
};

/// The attention of the heads of a model.
#[derive(Debug, Clone)]
pub struct AttentionMap {
    /// What it shows.
    pub title: String,
    /// The tokens that attend (queries), in their order.
    pub rows: Vec<String>,
    /// The tokens that are attended to (keys), in their order.
    pub columns: Vec<String>,
    /// Whether tokens attend to themselves and earlier tokens only: cells of later tokens are blank.
    pub is_causal: bool,
    /// The name of each head, and for each row the share of its attention that each column has.
    pub heads: Vec<(String, Vec<Vec<f64>>)>,
}

const TITLE: f64 = 28.0;
/// Room for the name of a head.
const NAME: f64 = 22.0;
const GAP: f64 = 14.0;
const MAX_LABEL_CHARACTERS: usize = 14;
const PER_ROW: usize = 4;
/// The largest number of heads that is drawn large.
const FEW: usize = 8;
const MARGIN: f64 = 6.0;
const LARGEST_CELL: f64 = 52.0;
/// A smaller cell has no room for its number.
const ROOM_FOR_NUMBER: f64 = 46.0;
/// Shares below this are not written.
const LEAST_NUMBER: f64 = 0.005;

/// Where things are, in shown pixels.
struct Layout {
    per_row: usize,
    /// Room for tokens, to the left of a row of panels and above each panel; none where cells are too small for text.
    labels: f64,
    panel: (f64, f64),
    cell: f64,
}

impl AttentionMap {
    /// Writes the maps, as SVG or PNG by the extension of the file; returns the letters that a PNG could not show as they are.
    ///
    /// # Errors
    /// As for [`crate::WordMap::write`].
    pub fn write(&self, path: &Path) -> Result<MissingLetters> {
        write_picture(self, WIDE, path)
    }

    fn layout(&self, width: u32) -> Layout {
        let [rows, columns] = [&self.rows, &self.columns].map(|side| side.len().max(1) as f64);
        let tokens = self.rows.iter().chain(&self.columns);
        let longest = tokens.map(|token| columns_of(token)).max();
        let labels = 8.0 + CHARACTER * longest.unwrap_or(0).min(MAX_LABEL_CHARACTERS) as f64;
        let cell = |labels: f64, per_row: usize| {
            let room = f64::from(width) - MARGIN - labels - GAP * per_row as f64;
            (room / per_row as f64 / columns).min(LARGEST_CELL)
        };
        let most = self.heads.len().clamp(1, PER_ROW);
        // A few heads are drawn so large that tokens can be read; many are drawn as an overview.
        let choices = match self.heads.len() {
            ..=FEW => [most, most.min(2), 1],
            _ => [most; 3],
        };
        let legible = choices
            .into_iter()
            .find(|&per_row| cell(labels, per_row) >= TEXT);
        let (per_row, labels) = match legible {
            Some(per_row) => (per_row, labels),
            None => (most, 0.0),
        };
        let cell = cell(labels, per_row);
        Layout {
            per_row,
            labels,
            panel: (cell * columns, cell * rows),
            cell,
        }
    }

    fn row_height(layout: &Layout) -> f64 {
        NAME + layout.labels + layout.panel.1 + GAP
    }

    fn draw_head<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<DB>,
        layout: &Layout,
        (left, top): (f64, f64),
        (name, rows): &(String, Vec<Vec<f64>>),
    ) -> Drawn<DB> {
        let at = (px(left), px(top + NAME / 2.0));
        let style = text(QUIET).pos(Pos::new(HPos::Left, VPos::Center));
        canvas.draw_text(name, &style, at)?;
        let top = top + NAME + layout.labels;
        if layout.labels > 0.0 {
            let pos = Pos::new(HPos::Left, VPos::Center);
            let style = text(INK).transform(FontTransform::Rotate270).pos(pos);
            for (column, token) in self.columns.iter().enumerate() {
                let x = left + layout.cell * (column as f64 + 0.5);
                canvas.draw_text(
                    &fit(token, MAX_LABEL_CHARACTERS),
                    &style,
                    (px(x), px(top - 4.0)),
                )?;
            }
        }
        let ink = WORSE;
        for (row, shares) in rows.iter().enumerate() {
            let attended = match self.is_causal {
                true => row + 1,
                false => shares.len(),
            };
            for (column, &share) in shares.iter().enumerate().take(attended) {
                let corner = |column: usize, row: usize| {
                    let x = left + layout.cell * column as f64;
                    (px(x), px(top + layout.cell * row as f64))
                };
                let ground = mix(ink, PAPER, share.clamp(0.0, 1.0));
                let corners = [corner(column, row), corner(column + 1, row + 1)];
                canvas.draw(&Rectangle::new(corners, ground.filled()))?;
                if layout.cell >= ROOM_FOR_NUMBER && share >= LEAST_NUMBER {
                    let style = text(text_on(ground)).pos(Pos::new(HPos::Center, VPos::Center));
                    let x = left + layout.cell * (column as f64 + 0.5);
                    let y = top + layout.cell * (row as f64 + 0.5);
                    let number = format!("{:.0} %", 100.0 * share);
                    canvas.draw(&Text::new(number, (px(x), px(y)), style))?;
                }
            }
        }
        let frame = [
            (px(left), px(top)),
            (px(left + layout.panel.0), px(top + layout.panel.1)),
        ];
        canvas.draw(&Rectangle::new(frame, line(GRID, 1.0)))
    }
}

impl Chart for AttentionMap {
    fn name(&self) -> String {
        "attention".to_owned()
    }

    fn height(&self, width: u32) -> u32 {
        let layout = self.layout(width);
        let rows = self.heads.len().div_ceil(layout.per_row) as f64;
        (TITLE + rows * Self::row_height(&layout)).ceil() as u32
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, width: u32) -> Drawn<DB> {
        let layout = self.layout(width);
        let style = text(INK).pos(Pos::new(HPos::Left, VPos::Center));
        canvas.draw_text(&fit(&self.title, 90), &style, (px(MARGIN), px(TITLE / 2.0)))?;
        for (index, head) in self.heads.iter().enumerate() {
            let (row, column) = (index / layout.per_row, index % layout.per_row);
            let top = TITLE + Self::row_height(&layout) * row as f64;
            let left = MARGIN + layout.labels + (layout.panel.0 + GAP) * column as f64;
            self.draw_head(canvas, &layout, (left, top), head)?;
            if column == 0 && layout.labels > 0.0 {
                let style = text(INK).pos(Pos::new(HPos::Right, VPos::Center));
                for (token, y) in self.rows.iter().zip(0..) {
                    let y = top + NAME + layout.labels + layout.cell * (f64::from(y) + 0.5);
                    let at = (px(MARGIN + layout.labels - 5.0), px(y));
                    canvas.draw_text(&fit(token, MAX_LABEL_CHARACTERS), &style, at)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(tokens: usize, heads: usize) -> AttentionMap {
        let row = |row: usize| {
            let share = 1.0 / (row + 1) as f64;
            (0..tokens)
                .map(|column| if column <= row { share } else { 0.0 })
                .collect()
        };
        AttentionMap {
            title: "a <map>".to_owned(),
            rows: (0..tokens).map(|token| format!("w{token}&")).collect(),
            columns: (0..tokens).map(|token| format!("w{token}&")).collect(),
            is_causal: true,
            heads: (1..=heads)
                .map(|head| (format!("head {head}"), (0..tokens).map(row).collect()))
                .collect(),
        }
    }

    #[test]
    fn heads_are_labelled_and_tokens_too_where_there_is_space() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.svg");
        map(3, 1).write(&path).unwrap();
        let one = std::fs::read_to_string(&path).unwrap();
        for expected in [
            "head 1",
            "w2&amp;",
            "a &lt;map&gt;",
            "33 %",
            "50 %",
            "100 %",
        ] {
            assert!(one.contains(expected), "{expected}");
        }
        // Six cells of a triangle, the paper, the frame.
        assert_eq!(one.matches("<rect").count(), 8);
        // As many as fit beside each other with their tokens.
        for (tokens, heads, per_row) in [(3, 8, 4), (17, 8, 2), (40, 8, 1), (60, 8, 4), (17, 9, 4)]
        {
            assert_eq!(map(tokens, heads).layout(WIDE).per_row, per_row, "{tokens}");
        }
        map(60, 8).write(&path).unwrap();
        let many = std::fs::read_to_string(&path).unwrap();
        assert!(many.contains("head 8") && !many.contains("w2&amp;"));
        let error = map(3, 1).write(&folder.path().join("map.jpg")).unwrap_err();
        assert!(error.to_string().contains(".svg or .png"), "{error}");
    }

    #[test]
    fn cross_attention_has_the_tokens_of_both_texts() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.svg");
        let across = AttentionMap {
            rows: vec!["one".to_owned(), "two".to_owned()],
            columns: vec!["eins".to_owned(), "zwei".to_owned(), "drei".to_owned()],
            is_causal: false,
            heads: vec![(
                "head 1".to_owned(),
                vec![vec![0.5, 0.25, 0.25], vec![0.1, 0.8, 0.1]],
            )],
            ..map(0, 0)
        };
        across.write(&path).unwrap();
        let drawn = std::fs::read_to_string(&path).unwrap();
        assert!(drawn.contains("two") && drawn.contains("drei") && drawn.contains("80 %"));
        // Six cells, the paper, the frame.
        assert_eq!(drawn.matches("<rect").count(), 8);
    }
}

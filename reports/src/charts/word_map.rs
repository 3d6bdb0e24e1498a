//! Words as labelled points in a plane, with lines between pairs.

use std::path::Path;

use plotters::element::{Circle, PathElement};
use plotters::prelude::DrawingBackend;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Canvas, Chart, Drawn, MissingLetters, write_picture};
use crate::error::Result;
use crate::human::{percent, slug};
use crate::style::{
    BETTER, CHARACTER, GRID, INK, QUIET, TEXT, WIDE, columns_of, fit, line, px, text,
};

/// A map of words.
#[derive(Debug, Clone)]
pub struct WordMap {
    /// What it shows.
    pub title: String,
    /// Each word and where it is.
    pub words: Vec<(String, [f64; 2])>,
    /// Pairs of indices into `words` to join by a line.
    pub lines: Vec<(usize, usize)>,
    /// The part of the variance that each direction has.
    pub shares: [f64; 2],
}

const TITLE: f64 = 26.0;
const PLOT: f64 = 520.0;
const FOOT: f64 = 24.0;
/// Room for labels at the sides, and above and below.
const SIDE: f64 = 90.0;
const EDGE: f64 = 24.0;
const RADIUS: f64 = 4.0;
const MAX_LABEL_CHARACTERS: usize = 24;

/// A box of a label, in shown pixels: left, top, width, height.
type Area = [f64; 4];

impl WordMap {
    /// Writes the map, as SVG or PNG by the extension of the file; returns the letters that a PNG could not show as they are.
    ///
    /// # Errors
    /// [`crate::Error::Io`], [`crate::Error::Drawing`]; [`crate::Error::Corrupt`] for another extension.
    pub fn write(&self, path: &Path) -> Result<MissingLetters> {
        write_picture(self, WIDE, path)
    }

    /// Where the words are, in shown pixels below the title; both directions have the same scale.
    fn places(&self, width: u32) -> Vec<[f64; 2]> {
        let range = |axis: usize| {
            let values = self.words.iter().map(|(_, point)| point[axis]);
            let least = values.clone().fold(f64::INFINITY, f64::min);
            (least, values.fold(f64::NEG_INFINITY, f64::max))
        };
        let (x, y) = (range(0), range(1));
        let room = [f64::from(width) - 2.0 * SIDE, PLOT - 2.0 * EDGE];
        let scale = |room: f64, (least, most): (f64, f64)| room / (most - least).max(1e-12);
        let scale = scale(room[0], x).min(scale(room[1], y));
        let middle = |(least, most): (f64, f64)| (least + most) / 2.0;
        let place = |(_, point): &(String, [f64; 2])| {
            [
                f64::from(width) / 2.0 + scale * (point[0] - middle(x)),
                PLOT / 2.0 - scale * (point[1] - middle(y)),
            ]
        };
        self.words.iter().map(place).collect()
    }
}

/// A box for each label, beside its point where the fewest others are in the way, and the side of the box that its text
/// keeps to: widths are estimates.
fn labels(names: &[String], places: &[[f64; 2]], width: f64) -> Vec<(Area, HPos)> {
    let points: Vec<Area> = places
        .iter()
        .map(|[x, y]| [x - RADIUS, y - RADIUS, 2.0 * RADIUS, 2.0 * RADIUS])
        .collect();
    let mut taken: Vec<(Area, HPos)> = Vec::new();
    for (name, [x, y]) in names.iter().zip(places) {
        let (wide, high) = (CHARACTER * columns_of(name) as f64, TEXT + 3.0);
        let gap = RADIUS + 3.0;
        // Right, left, above, below, then the corners.
        let (right, left, centre) = (x + gap, x - gap - wide, x - wide / 2.0);
        let (above, below, level) = (y - gap - high, y + gap, y - high / 2.0);
        let candidates = [
            ([right, level], HPos::Left),
            ([left, level], HPos::Right),
            ([centre, above], HPos::Center),
            ([centre, below], HPos::Center),
            ([right, above], HPos::Left),
            ([right, below], HPos::Left),
            ([left, above], HPos::Right),
            ([left, below], HPos::Right),
        ];
        let cost = |&([left, top], _): &([f64; 2], HPos)| {
            let area = [left, top, wide, high];
            let others = taken
                .iter()
                .map(|(area, _)| area)
                .chain(&points)
                .map(|other| overlap(&area, other));
            let inside = overlap(&area, &[0.0, 0.0, width, PLOT]);
            others.sum::<f64>() + 10.0 * (wide * high - inside)
        };
        let best = candidates.iter().min_by(|a, b| cost(a).total_cmp(&cost(b)));
        if let Some(&([left, top], side)) = best {
            taken.push(([left, top, wide, high], side));
        }
    }
    taken
}

fn overlap(a: &Area, b: &Area) -> f64 {
    let along = |axis: usize| {
        let end = (a[axis] + a[axis + 2]).min(b[axis] + b[axis + 2]);
        (end - a[axis].max(b[axis])).max(0.0)
    };
    along(0) * along(1)
}

impl Chart for WordMap {
    fn name(&self) -> String {
        slug("word-map", &self.title)
    }

    fn height(&self, _width: u32) -> u32 {
        (TITLE + PLOT + FOOT) as u32
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, width: u32) -> Drawn<DB> {
        let (above, rest) = canvas.split_vertically(px(TITLE));
        let (plot, below) = rest.split_vertically(px(PLOT));
        let left = Pos::new(HPos::Left, VPos::Center);
        let title = fit(&self.title, 90);
        above.draw_text(&title, &text(INK).pos(left), (px(4.0), px(TITLE / 2.0)))?;
        let [first, second] = self.shares.map(percent);
        let foot = format!("→ {first} of the variance, ↑ {second}");
        below.draw_text(&foot, &text(QUIET).pos(left), (px(4.0), px(FOOT / 2.0)))?;
        let frame = [
            (0.0, 0.0),
            (f64::from(width), 0.0),
            (f64::from(width), PLOT),
            (0.0, PLOT),
            (0.0, 0.0),
        ];
        let frame = frame.map(|(x, y)| (px(x), px(y)));
        plot.draw(&PathElement::new(frame, line(GRID, 1.0)))?;
        let places = self.places(width);
        let at = |place: usize| (px(places[place][0]), px(places[place][1]));
        for &(from, to) in &self.lines {
            plot.draw(&PathElement::new([at(from), at(to)], line(GRID, 1.5)))?;
        }
        let names: Vec<String> = self
            .words
            .iter()
            .map(|(word, _)| fit(word, MAX_LABEL_CHARACTERS))
            .collect();
        let labels = labels(&names, &places, f64::from(width));
        for (place, (name, ([left, top, wide, high], side))) in
            names.iter().zip(&labels).enumerate()
        {
            plot.draw(&Circle::new(at(place), px(RADIUS), BETTER.filled()))?;
            let x = match side {
                HPos::Left => *left,
                HPos::Center => left + wide / 2.0,
                HPos::Right => left + wide,
            };
            let style = text(INK).pos(Pos::new(*side, VPos::Center));
            plot.draw_text(name, &style, (px(x), px(top + high / 2.0)))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(words: &[(&str, [f64; 2])]) -> WordMap {
        WordMap {
            title: "a <map>".to_owned(),
            words: words
                .iter()
                .map(|(word, point)| ((*word).to_owned(), *point))
                .collect(),
            lines: vec![(0, 1)],
            shares: [0.5, 0.25],
        }
    }

    #[test]
    fn every_word_is_labelled_and_the_title_escaped() {
        let folder = tempfile::tempdir().unwrap();
        let map = map(&[
            ("france", [0.0, 0.0]),
            ("paris", [1.0, 0.1]),
            ("x&y", [0.5, -1.0]),
        ]);
        let path = folder.path().join("map.svg");
        map.write(&path).unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        for expected in ["france", "paris", "x&amp;y", "a &lt;map&gt;", "50.0 %"] {
            assert!(picture.contains(expected), "{expected}");
        }
        let path = folder.path().join("map.png");
        map.write(&path).unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
        let error = map.write(&folder.path().join("map.jpg")).unwrap_err();
        assert!(error.to_string().contains(".svg or .png"), "{error}");
    }

    #[test]
    fn bitmaps_show_words_in_every_script() {
        let folder = tempfile::tempdir().unwrap();
        let bytes = |first: &str, second: &str| {
            let path = folder.path().join(format!("{first}.png"));
            let words = [(first, [0.0, 0.0]), (second, [1.0, 0.5])];
            map(&words).write(&path).unwrap();
            std::fs::read(path).unwrap()
        };
        for [one, other, more] in [
            ["国王", "女王", "孩子"],
            ["한국", "사람", "나라"],
            ["นก", "งู", "ปลา"],
            ["שלום", "בית", "מלך"],
        ] {
            assert_ne!(bytes(one, more), bytes(other, more), "{one} {other}");
        }
    }

    #[test]
    fn labels_of_close_points_do_not_overlap() {
        let names: Vec<String> = ["alpha", "beta", "gamma"].map(str::to_owned).into();
        let places = [[300.0, 200.0], [304.0, 203.0], [302.0, 207.0]];
        let labels = labels(&names, &places, 760.0);
        for (at, (label, _)) in labels.iter().enumerate() {
            for (other, _) in &labels[..at] {
                assert!(overlap(label, other) < 1e-9, "{label:?} {other:?}");
            }
        }
    }
}

//! Curves of perplexity: on the validation sample against time or computation, on the test split against the amount of training
//! text.

use plotters::element::{Circle, DashedPathElement, PathElement, Polygon};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor};

use super::axis::{LogAxis, LogLog, log_log};
use super::{Canvas, Chart, Drawn};
use crate::style::{CHARACTER, INK, TEXT, fit, line, px, text};

/// Height of the plot above the legend.
const PLOT: u32 = 340;
const LEGEND_ROW: f64 = 22.0;
const LONGEST_LABEL: usize = 34;
/// Length of the line before a label of the legend.
const SWATCH: f64 = 26.0;

/// What a curve is drawn against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Abscissa {
    /// Seconds of training.
    Seconds,
    /// FLOPs of training, as each era counts them.
    Flops,
    /// Tokens of the text that was trained on.
    Text,
}

/// The curve of one entry; a single point is an entry that is trained in one step.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    /// Era and variant.
    pub(crate) label: String,
    /// The era's colour.
    pub(crate) colour: RGBColor,
    /// How many entries of the same era precede it; decides dashes and marker.
    pub(crate) sibling: usize,
    /// Abscissa and perplexity.
    pub(crate) points: Vec<(f64, f64)>,
}

/// Learning curves of several entries.
#[derive(Debug, Clone)]
pub(crate) struct Curves {
    /// The abscissa.
    pub(crate) abscissa: Abscissa,
    /// One per entry.
    pub(crate) curves: Vec<Curve>,
}

impl Curves {
    fn axes(&self, width: u32) -> (LogAxis, LogAxis) {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let title = match self.abscissa {
            Abscissa::Seconds => "seconds of training (log scale)",
            Abscissa::Flops => "FLOPs of training (log scale)",
            Abscissa::Text => "tokens of training text (log scale)",
        };
        let most = (width / 90) as usize;
        let x = LogAxis::covering(points().map(|point| point.0), most, title);
        let y_title = match self.abscissa {
            Abscissa::Text => "test perplexity (log scale)",
            _ => "validation perplexity (log scale)",
        };
        let y = LogAxis::covering(points().map(|point| point.1), 9, y_title);
        (x, y)
    }

    /// Where each label of the legend begins: column in pixels and row.
    fn legend(&self, width: u32) -> Vec<(f64, usize)> {
        let (mut x, mut row) = (0.0, 0);
        let mut places = Vec::new();
        for curve in &self.curves {
            let length = curve.label.chars().count().min(LONGEST_LABEL) as f64;
            let needed = SWATCH + 24.0 + CHARACTER * length;
            if x > 0.0 && x + needed > f64::from(width) {
                (x, row) = (0.0, row + 1);
            }
            places.push((x, row));
            x += needed;
        }
        places
    }

    fn draw_legend<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, width: u32) -> Drawn<DB> {
        let pos = Pos::new(HPos::Left, VPos::Center);
        for (curve, (x, row)) in self.curves.iter().zip(self.legend(width)) {
            let y = px(f64::from(PLOT) + LEGEND_ROW * (row as f64 + 0.7));
            let (start, end) = ((px(x + 2.0), y), (px(x + 2.0 + SWATCH), y));
            if curve.points.len() > 1 {
                draw_path(canvas, curve, vec![start, end])?;
            }
            draw_marker(canvas, curve, end)?;
            let label = fit(&curve.label, LONGEST_LABEL);
            canvas.draw_text(&label, &text(INK).pos(pos), (end.0 + px(8.0), y))?;
        }
        Ok(())
    }
}

fn draw_path<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    curve: &Curve,
    points: Vec<(i32, i32)>,
) -> Drawn<DB> {
    let style = line(curve.colour, 2.0);
    let (dash, gap) = match curve.sibling % 4 {
        0 => return canvas.draw(&PathElement::new(points, style)),
        1 => (7.0, 4.0),
        2 => (2.0, 3.0),
        _ => (12.0, 3.0),
    };
    canvas.draw(&DashedPathElement::new(points, px(dash), px(gap), style))
}

/// The end of a curve; its shape distinguishes entries of an era, as the dashes do.
fn draw_marker<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    curve: &Curve,
    (x, y): (i32, i32),
) -> Drawn<DB> {
    let (r, style) = (px(4.0), curve.colour.filled());
    let polygon = |corners: &[(i32, i32)]| {
        let corners: Vec<_> = corners.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
        canvas.draw(&Polygon::new(corners, style))
    };
    match curve.sibling % 4 {
        0 => canvas.draw(&Circle::new((x, y), r, style)),
        1 => polygon(&[(-r, -r), (r, -r), (r, r), (-r, r)]),
        2 => polygon(&[(0, -r - r / 4), (r + r / 4, r), (-r - r / 4, r)]),
        _ => polygon(&[
            (0, -r - r / 3),
            (r + r / 3, 0),
            (0, r + r / 3),
            (-r - r / 3, 0),
        ]),
    }
}

fn draw_curve<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    plot: &LogLog<'_, DB>,
    curve: &Curve,
) -> Drawn<DB> {
    let place = |point: &(f64, f64)| plot.backend_coord(point);
    let points: Vec<(i32, i32)> = curve.points.iter().map(place).collect();
    let last = points.last().copied();
    if points.len() > 1 {
        draw_path(canvas, curve, points)?;
    }
    match last {
        Some(end) => draw_marker(canvas, curve, end),
        None => Ok(()),
    }
}

impl Chart for Curves {
    fn name(&self) -> String {
        match self.abscissa {
            Abscissa::Seconds => "learning-curves-by-seconds",
            Abscissa::Flops => "learning-curves-by-flops",
            Abscissa::Text => "scaling",
        }
        .to_owned()
    }

    fn height(&self, width: u32) -> u32 {
        let rows = self.legend(width).last().map_or(0, |(_, row)| row + 1);
        PLOT + (LEGEND_ROW * rows as f64 + TEXT / 2.0).ceil() as u32
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, width: u32) -> Drawn<DB> {
        let (above, _) = canvas.split_vertically(px(f64::from(PLOT)));
        let (x, y) = self.axes(width);
        let plot = log_log(&above, &x, &y)?;
        for curve in &self.curves {
            draw_curve(canvas, &plot, curve)?;
        }
        self.draw_legend(canvas, width)
    }
}

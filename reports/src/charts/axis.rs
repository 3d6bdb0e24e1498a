//! Logarithmic axes with ticks at round numbers, and the frame of a plot between two of them.

use std::ops::Range;

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::combinators::{BindKeyPoints, IntoLogRange, LogCoord, WithKeyPoints};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::DrawingBackend;

use super::{Canvas, Drawn};
use crate::human;
use crate::style::{CHARACTER, GRID, INK, QUIET, TEXT, line, no_line, px, text};

/// What plotters maps values by.
pub(crate) type LogRange = WithKeyPoints<LogCoord<f64>>;

/// A plot between two logarithmic axes.
pub(crate) type LogLog<'a, DB> = ChartContext<'a, DB, Cartesian2d<LogRange, LogRange>>;

/// A logarithmic axis.
#[derive(Debug, Clone)]
pub(crate) struct LogAxis {
    range: Range<f64>,
    ticks: Vec<f64>,
    title: String,
}

impl LogAxis {
    /// An axis that covers the positive ones of `values` with a little room, with at most `most` ticks.
    pub(crate) fn covering(values: impl Iterator<Item = f64>, most: usize, title: &str) -> LogAxis {
        let usable = values.filter(|value| value.is_finite() && *value > 0.0);
        let (low, high) = usable.fold((f64::INFINITY, 0.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let (low, high) = if low <= high {
            (low, high)
        } else {
            (1.0, 10.0)
        };
        // A tenth of what is covered, and at least a factor that can be seen.
        let room = (high / low).powf(0.06).max(1.08);
        let range = low / room..high * room;
        LogAxis {
            ticks: ticks(&range, most),
            range,
            title: title.to_owned(),
        }
    }

    /// The axis as a coordinate of plotters.
    pub(crate) fn coordinate(&self) -> LogRange {
        let range = self.range.clone().log_scale();
        range.with_key_points(self.ticks.clone())
    }

    /// The smallest value shown.
    pub(crate) fn low(&self) -> f64 {
        self.range.start
    }

    /// What the axis shows, with its unit.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    fn widest_tick(&self) -> f64 {
        let lengths = self
            .ticks
            .iter()
            .map(|&tick| human::tick(tick).chars().count());
        CHARACTER * lengths.max().unwrap_or(1) as f64
    }
}

/// Round numbers within a range: as many as fit of 1-2-3-5, 1-2-5, 1-3 and powers of ten, or even steps.
fn ticks(range: &Range<f64>, most: usize) -> Vec<f64> {
    const MANTISSAS: [&[f64]; 4] = [&[1.0, 2.0, 3.0, 5.0], &[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];
    let sets = MANTISSAS
        .iter()
        .map(|mantissas| multiples(range, mantissas));
    let fitting = sets.into_iter().find(|set| set.len() <= most);
    match fitting {
        Some(set) if set.len() >= 3 => set,
        // A single tick has no scale: then there are more than fit by the estimate.
        Some(_) => (most.max(1)..=most + FINER)
            .map(|most| even_steps(range, most))
            .find(|steps| steps.len() >= 2)
            .unwrap_or_else(|| vec![range.start, range.end]),
        None => {
            let powers = multiples(range, &[1.0]);
            let every = powers.len().div_ceil(most.max(1));
            powers.into_iter().step_by(every).collect()
        }
    }
}

/// How many more even steps are tried until two ticks are within the range.
const FINER: usize = 20;

fn multiples(range: &Range<f64>, mantissas: &[f64]) -> Vec<f64> {
    let decades = range.start.log10().floor() as i32..=range.end.log10().ceil() as i32;
    decades
        .flat_map(|decade| mantissas.iter().map(move |m| m * 10_f64.powi(decade)))
        .filter(|tick| range.contains(tick))
        .collect()
}

fn even_steps(range: &Range<f64>, most: usize) -> Vec<f64> {
    let rough = (range.end - range.start) / most.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|mantissa| mantissa * power);
    let step = step
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let first = (range.start / step).ceil() as i64;
    let last = (range.end / step).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// Draws axes, ticks and grid; the data come after.
pub(crate) fn log_log<'a, DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    x: &LogAxis,
    y: &LogAxis,
) -> Drawn<DB, LogLog<'a, DB>> {
    let mut plot = ChartBuilder::on(canvas)
        .margin_top(px(12.0))
        .margin_left(px(4.0))
        .margin_right(px(16.0))
        .x_label_area_size(px(3.6 * TEXT))
        .y_label_area_size(px(y.widest_tick() + 2.2 * TEXT))
        .build_cartesian_2d(x.coordinate(), y.coordinate())?;
    plot.configure_mesh()
        .bold_line_style(line(GRID, 0.5))
        .light_line_style(no_line())
        .axis_style(line(QUIET, 0.75))
        .label_style(text(INK))
        .axis_desc_style(text(INK))
        .x_label_formatter(&|tick| human::tick(*tick))
        .y_label_formatter(&|tick| human::tick(*tick))
        .x_desc(x.title())
        .y_desc(y.title())
        .draw()?;
    Ok(plot)
}

/// A plot of rows along one logarithmic axis.
pub(crate) type Rows<'a, DB> = ChartContext<'a, DB, Cartesian2d<LogRange, RangedCoordf64>>;

/// Draws the axis and its grid, with so much room above, before and after the rows; the data come after.
pub(crate) fn log_rows<'a, DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    x: &LogAxis,
    rows: usize,
    [above, before, after]: [f64; 3],
    tick: fn(f64) -> String,
) -> Drawn<DB, Rows<'a, DB>> {
    let mut plot = ChartBuilder::on(canvas)
        .margin_top(px(above))
        .margin_left(px(before))
        .margin_right(px(after))
        .x_label_area_size(px(3.6 * TEXT))
        .build_cartesian_2d(x.coordinate(), rows as f64..0.0)?;
    plot.configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .bold_line_style(line(GRID, 0.5))
        .light_line_style(no_line())
        .axis_style(line(QUIET, 0.75))
        .label_style(text(INK))
        .axis_desc_style(text(INK))
        .x_label_formatter(&|value| tick(*value))
        .x_desc(x.title())
        .draw()?;
    Ok(plot)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(ticks(&(40.0..700.0), 8), [50.0, 100.0, 200.0, 300.0, 500.0]);
        assert_eq!(ticks(&(40.0..700.0), 4), [50.0, 100.0, 200.0, 500.0]);
        assert_eq!(ticks(&(0.5..2e6), 8).len(), 7);
        assert_eq!(ticks(&(0.5..2e9), 5), [1.0, 100.0, 1e4, 1e6, 1e8]);
    }

    #[test]
    fn a_short_range_has_ticks() {
        assert_eq!(ticks(&(91.0..104.0), 5), [95.0, 100.0]);
        let axis = LogAxis::covering([7.0].into_iter(), 6, "one value");
        assert!(axis.ticks.len() >= 2, "{axis:?}");
    }

    #[test]
    fn no_axis_has_a_single_tick() {
        for most in 3..9 {
            for hundredth in 100..1000 {
                let value = f64::from(hundredth) / 100.0;
                for far in [1.0, 1.01, 1.2, 1.6, 2.5, 9.0, 1e3, 1e7] {
                    let axis = LogAxis::covering([value, value * far].into_iter(), most, "");
                    let shown: BTreeSet<String> =
                        axis.ticks.iter().copied().map(human::tick).collect();
                    assert!(shown.len() >= 2, "{most} {axis:?}");
                    let covered = axis.range.start..=axis.range.end;
                    assert!(
                        axis.ticks.iter().all(|tick| covered.contains(tick)),
                        "{axis:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn values_without_a_logarithm_are_ignored() {
        let values = [0.0, f64::NAN, -3.0, f64::INFINITY, 10.0, 100.0];
        let axis = LogAxis::covering(values.into_iter(), 6, "");
        assert!(axis.low() > 5.0 && axis.range.end < 200.0, "{axis:?}");
    }
}

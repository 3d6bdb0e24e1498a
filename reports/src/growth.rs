//! Perplexity against the amount of training text.

use harness::ScalingRow;
use maud::{Markup, html};

use crate::charts::{Abscissa, Curve, Curves};
use crate::data::RunData;
use crate::eras::era_of;
use crate::error::Result;
use crate::human;
use crate::page::{figure, table as show};
use crate::table::{Cell, Column, Table};
use crate::writer::Writer;

/// An entry on several sizes of the text, the smallest first.
struct Growth {
    label: String,
    /// Tokens and perplexity.
    points: Vec<(f64, f64)>,
}

/// In the order of the run; rows without a logarithm are left out.
fn growths(data: &RunData) -> Vec<Growth> {
    let mut all: Vec<Growth> = Vec::new();
    for row in &data.scaling {
        let point = (row.tokens as f64, row.perplexity);
        if point.0 < 1.0 || point.1 <= 0.0 || !point.1.is_finite() {
            continue;
        }
        let label = format!("{}/{}", row.era, row.variant);
        match all.iter_mut().find(|known| known.label == label) {
            Some(known) => known.points.push(point),
            None => all.push(Growth {
                label,
                points: vec![point],
            }),
        }
    }
    for growth in &mut all {
        growth.points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    all
}

/// The section of the page; none where no entry was trained on parts of the text.
pub(crate) fn section(data: &RunData, writer: &mut Writer) -> Result<Option<Markup>> {
    let (Some(chart), Some(table)) = (chart(data), table(data)) else {
        return Ok(None);
    };
    let reading = "How to read it: the steeper a curve, the more its entry gains from more text; where a curve is flat, more text \
                   does not help.";
    let chart = writer.chart(&chart, reading.to_owned())?;
    let table = writer.table(table)?;
    Ok(Some(html! {
        h2 { "Scaling with the size of the text" }
        (figure(&chart))
        (show(&table))
    }))
}

/// Perplexity against tokens, a curve for each entry.
fn chart(data: &RunData) -> Option<Curves> {
    let mut curves: Vec<Curve> = Vec::new();
    for growth in growths(data) {
        let colour = data.eras.colour(era_of(&growth.label));
        let sibling = curves.iter().filter(|known| known.colour == colour).count();
        curves.push(Curve {
            label: growth.label,
            colour,
            sibling,
            points: growth.points,
        });
    }
    let some = curves.iter().any(|curve| curve.points.len() > 1);
    some.then_some(Curves {
        abscissa: Abscissa::Text,
        curves,
    })
}

/// The least-squares line of ln y against log2 x: its slope, and the share of the variance that it explains.
fn fit(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    if points.len() < 3 {
        return None;
    }
    let points: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.log2(), y.ln())).collect();
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let moment = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        points
            .iter()
            .map(|point| of(point.0 - x, point.1 - y))
            .sum()
    };
    let (xx, xy, yy) = (
        moment(&|dx, _| dx * dx),
        moment(&|dx, dy| dx * dy),
        moment(&|_, dy| dy * dy),
    );
    (xx > 0.0 && yy > 0.0).then(|| (xy / xx, xy * xy / (xx * yy)))
}

/// A row per entry, a column per size; the last columns have the gain per doubling of the text.
fn table(data: &RunData) -> Option<Table> {
    let mut sizes: Vec<u64> = data
        .scaling
        .iter()
        .map(|row: &ScalingRow| row.tokens)
        .collect();
    sizes.sort_unstable();
    sizes.dedup();
    let growths = growths(data);
    if growths.is_empty() {
        return None;
    }
    let rows = growths.iter().map(|growth| {
        let at = |size: &u64| {
            let point = growth.points.iter().find(|point| point.0 == *size as f64);
            Cell::number(point.map(|point| point.1), human::decimal)
        };
        let fitted = fit(&growth.points);
        let slope = Cell::number(fitted.map(|(slope, _)| -slope), |nats| {
            human::signed(nats, 3)
        });
        let explained = Cell::number(fitted.map(|(_, share)| share), |share| {
            format!("{share:.3}")
        });
        std::iter::once(data.eras.label_cell(&growth.label))
            .chain(sizes.iter().map(at))
            .chain([slope, explained])
            .collect()
    });
    Some(Table {
        name: "scaling".to_owned(),
        caption: format!(
            "Test {} after training on the first N tokens of the text; reduction of the loss per doubling of the text, in nats \
             per token, from a linear fit in log-log space, and r² of the fit.",
            data.measure()
        ),
        rows: rows.collect(),
        columns: std::iter::once(Column::words("entry"))
            .chain(
                sizes
                    .iter()
                    .map(|&size| Column::numbers(&human::thousands(size))),
            )
            .chain([Column::numbers("nats per doubling"), Column::numbers("r²")])
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_trend_is_fitted() {
        // A tenth of a nat with every doubling.
        let points: Vec<(f64, f64)> = (0..5)
            .map(|at| (1000.0 * 2_f64.powi(at), 50.0 * (-0.1 * f64::from(at)).exp()))
            .collect();
        let (slope, explained) = fit(&points).unwrap();
        assert!((slope + 0.1).abs() < 1e-9 && (explained - 1.0).abs() < 1e-9);
        assert_eq!(fit(&points[..2]), None);
        assert_eq!(fit(&[(1.0, 2.0), (2.0, 2.0), (4.0, 2.0)]), None);
    }
}

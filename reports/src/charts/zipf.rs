//! How often the n-th most frequent word occurs (Zipf 1935): the shape of a corpus in one chart.

use plotters::element::{DashedPathElement, PathElement};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::{LogAxis, log_log};
use super::{Canvas, Chart, Drawn, svg};
use crate::error::Result;
use crate::style::{BETTER, INK, QUIET, WIDE, fit, line, px, text};

const TITLE: f64 = 26.0;
const PLOT: u32 = 400;
/// Points of the line; more could not be distinguished.
const POINTS: usize = 300;

struct Zipf<'a> {
    title: &'a str,
    /// Rank and occurrences, thinned.
    points: Vec<(f64, f64)>,
}

/// Rank against occurrences, both on logarithmic scales, as an SVG; the dashed line is Zipf's law.
///
/// # Errors
/// [`crate::Error::Drawing`] if the drawing library fails.
pub fn zipf_chart(counts_by_rank: &[u64], title: &str) -> Result<String> {
    let mut counts: Vec<u64> = counts_by_rank.iter().copied().filter(|&n| n > 0).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let points = ranks(counts.len())
        .into_iter()
        .filter(|&rank| rank > 0)
        .map(|rank| (rank as f64, counts[rank - 1] as f64))
        .collect();
    svg(&Zipf { title, points }, WIDE)
}

/// Ranks from 1 to `last`, evenly spread on a logarithmic scale.
fn ranks(last: usize) -> Vec<usize> {
    let rank = |i: usize| (last as f64).powf(i as f64 / (POINTS - 1) as f64).round() as usize;
    let mut ranks: Vec<usize> = (0..POINTS).map(|i| rank(i).min(last)).collect();
    ranks.dedup();
    ranks
}

impl Chart for Zipf<'_> {
    fn name(&self) -> String {
        "zipf".to_owned()
    }

    fn height(&self, _width: u32) -> u32 {
        TITLE as u32 + PLOT
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<DB>, width: u32) -> Drawn<DB> {
        let (above, below) = canvas.split_vertically(px(TITLE));
        let pos = Pos::new(HPos::Left, VPos::Center);
        let title = fit(self.title, 90);
        above.draw_text(&title, &text(INK).pos(pos), (px(4.0), px(TITLE / 2.0)))?;
        let [(_, most), .., (last, _)] = self.points.as_slice() else {
            let middle = Pos::new(HPos::Center, VPos::Center);
            let at = (px(f64::from(width) / 2.0), px(f64::from(PLOT) / 2.0));
            return below.draw_text("fewer than two words", &text(QUIET).pos(middle), at);
        };
        let ranks = self.points.iter().map(|point| point.0);
        let counts = self.points.iter().map(|point| point.1);
        let x = LogAxis::covering(ranks, 8, "rank of the word (log scale)");
        let y = LogAxis::covering(counts.chain([1.0]), 8, "occurrences (log scale)");
        let mut plot = log_log(&below, &x, &y)?;
        // occurrences = occurrences of the first / rank, as far as it is at least one.
        let end = most.min(*last);
        let law = [(1.0, *most), (end, most / end)];
        plot.draw_series([DashedPathElement::new(
            law,
            px(5.0),
            px(4.0),
            line(QUIET, 1.0),
        )])?;
        let middle = ((end.ln() / 2.0).exp(), most / (end.ln() / 2.0).exp());
        let at = plot.backend_coord(&middle);
        let style = text(QUIET).pos(Pos::new(HPos::Right, VPos::Top));
        let at = (at.0 - px(8.0), at.1 - px(TITLE - 8.0));
        below.draw_text("Zipf's law: occurrences × rank is constant", &style, at)?;
        plot.draw_series([PathElement::new(self.points.clone(), line(BETTER, 2.0))])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_rise_from_the_first_to_the_last() {
        for last in [1, 2, 10, 33_278] {
            let ranks = ranks(last);
            assert_eq!((ranks[0], ranks[ranks.len() - 1]), (1, last));
            assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn the_chart_labels_its_axes_and_escapes_its_title() {
        let counts: Vec<u64> = (1..1000).map(|rank| 50_000 / rank).collect();
        let picture = zipf_chart(&counts, "a <b> & \"c\"").unwrap();
        assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"));
        assert!(picture.contains("occurrences (log scale)"));
        assert!(picture.contains("a &lt;b&gt; &amp; &quot;c&quot;"));
    }

    #[test]
    fn without_words_the_chart_is_empty() {
        assert!(
            zipf_chart(&[], "nothing")
                .unwrap()
                .contains("fewer than two words")
        );
        assert!(
            zipf_chart(&[0, 7], "one")
                .unwrap()
                .contains("fewer than two words")
        );
    }
}

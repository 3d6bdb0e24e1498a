//! Dimension and text must grow together.

use harness::{
    Claim, Experiment, ExperimentContext, Finding, MOST_FREQUENT, Progress, Result, decide,
    judge_analogies,
};

use super::bench::{Bench, Notebook, accuracy, mean, series, settings};
use super::{claim, finding};
use crate::config::{Architecture, Config};

/// CBOW, as in the paper's table, in four dimensions at six sizes. The verdict is made from the last two doublings: do
/// the most dimensions gain more by them than the fewest?
pub(super) struct DimensionAndData(pub(super) Notebook);

const DIMENSIONS: [usize; 4] = [25, 50, 100, 200];

/// How often the text is halved.
const DOUBLINGS: u32 = 5;
/// The last doublings, whose gain is looked at.
const LAST: u32 = 2;

/// Accuracies by dimension, then by size, the smallest text first.
type Grid = Vec<Vec<f64>>;

impl Experiment for DimensionAndData {
    fn claim(&self) -> Claim {
        claim(
            "dimension-and-data",
            "Dimension and text must grow together: with few dimensions, more text soon helps no more.",
            "From 196 M to 783 M words CBOW gains 4.1 points in 50 dimensions, 3.5 in 100, 7.3 in 300, 9.6 in 600.",
            "2013a, table 2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context, &self.0)?;
        let (mut grids, mut leads) = (Vec::new(), Vec::new());
        for &seed in context.seeds {
            let grid = grid(&bench, seed, progress)?;
            leads.push(gain(&grid[DIMENSIONS.len() - 1]) - gain(&grid[0]));
            grids.push(grid);
        }
        let decision = decide(&leads, 0.0);
        let by_dimension = |at: usize| {
            let mean_at = |size: usize| mean(&column(&grids, |grid| grid[at][size]));
            let row: Vec<f64> = (0..=DOUBLINGS as usize).map(mean_at).collect();
            format!(
                "{} dimensions {} (gain {:.2})",
                DIMENSIONS[at],
                series(&row, 2),
                gain(&row)
            )
        };
        let rows: Vec<String> = (0..DIMENSIONS.len()).map(by_dimension).collect();
        let measured = format!(
            "From {} to {} tokens {} dimensions gain {:.2} ± {:.2} percentage points more than {} (below 0: less). \
             Accuracies in per cent at {DOUBLINGS} doublings up to there: {}. (CBOW, as in the table; asked are the \
             questions whose words the text before the last {LAST} doublings knows, of smaller texts those that they know.)",
            bench.length(LAST),
            bench.length(0),
            DIMENSIONS[DIMENSIONS.len() - 1],
            decision.mean,
            decision.margin,
            DIMENSIONS[0],
            rows.join("; "),
        );
        Ok(finding(self.claim(), decision, measured, leads))
    }
}

fn column(grids: &[Grid], of: impl Fn(&Grid) -> f64) -> Vec<f64> {
    grids.iter().map(of).collect()
}

/// What the last doublings add to the accuracy.
fn gain(row: &[f64]) -> f64 {
    let last = row.len() - 1;
    row[last] - row[last - LAST as usize]
}

fn grid(bench: &Bench<'_>, seed: u64, progress: &mut dyn Progress) -> Result<Grid> {
    let questions = bench.questions_within(&bench.text(seed, LAST))?;
    let mut grid = vec![Vec::new(); DIMENSIONS.len()];
    for halvings in (0..=DOUBLINGS).rev() {
        let text = bench.text(seed, halvings);
        for (row, dimension) in grid.iter_mut().zip(DIMENSIONS) {
            let config = Config {
                dimension,
                ..settings(Architecture::Cbow)
            };
            let trained = bench.train(&config, &text, seed, progress)?;
            let result = judge_analogies(&trained.vectors, &questions, MOST_FREQUENT);
            row.push(accuracy(&result.total)?);
        }
    }
    Ok(grid)
}

//! Claim: dimension and text must grow together.

use harness::{
    Claim, Experiment, ExperimentContext, Finding, MOST_FREQUENT, Progress, Result, decide,
    judge_analogies,
};

use super::experiment_data::{
    ExperimentData, TrainingCache, accuracy, comma_separated, mean, settings,
};
use super::{claim, finding};
use crate::config::{Architecture, Config};

/// Trains CBOW, as the paper's table does, with four dimensions at six sizes of the text. The verdict tests whether the highest
/// dimension gains more from the last two doublings than the lowest.
pub(super) struct DimensionAndData(pub(super) TrainingCache);

const DIMENSIONS: [usize; 4] = [25, 50, 100, 200];

/// Number of doublings: the sizes are 1/32, 1/16, … 1.
const DOUBLINGS: u32 = 5;
/// Number of last doublings whose gain is compared.
const LAST: u32 = 2;

/// Accuracies by dimension, then by size, the smallest text first.
type Grid = Vec<Vec<f64>>;

impl Experiment for DimensionAndData {
    fn claim(&self) -> Claim {
        claim(
            "dimension-and-data",
            "Dimension and text must grow together: with few dimensions, more text soon stops helping.",
            "From 196 M to 783 M words CBOW gains 4.1 points with 50 dimensions, 3.5 with 100, 7.3 with 300 and 9.6 with 600.",
            "2013a, table 2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let data = ExperimentData::open(context, &self.0)?;
        let (mut grids, mut leads) = (Vec::new(), Vec::new());
        for &seed in context.seeds {
            let grid = grid(&data, seed, progress)?;
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
                comma_separated(&row, 2),
                gain(&row)
            )
        };
        let rows: Vec<String> = (0..DIMENSIONS.len()).map(by_dimension).collect();
        let measured = format!(
            "From {} to {} tokens {} dimensions gain {:.2} ± {:.2} percentage points more than {} (negative: less). \
             Accuracies in percent over {DOUBLINGS} doublings: {}. (CBOW, as in the table; only questions whose words occur in \
             the text before the last {LAST} doublings, for smaller texts those whose words they contain.)",
            data.length(LAST),
            data.length(0),
            DIMENSIONS[DIMENSIONS.len() - 1],
            decision.mean,
            decision.margin,
            DIMENSIONS[0],
            rows.join("; "),
        );
        Ok(finding(self.claim(), decision, measured, leads))
    }
}

/// One value of each grid.
fn column(grids: &[Grid], of: impl Fn(&Grid) -> f64) -> Vec<f64> {
    grids.iter().map(of).collect()
}

/// The gain in accuracy from the last doublings.
fn gain(row: &[f64]) -> f64 {
    let last = row.len() - 1;
    row[last] - row[last - LAST as usize]
}

/// The accuracies of all dimensions at all sizes.
fn grid(data: &ExperimentData<'_>, seed: u64, progress: &mut dyn Progress) -> Result<Grid> {
    let questions = data.questions_within(&data.text(seed, LAST))?;
    let mut grid = vec![Vec::new(); DIMENSIONS.len()];
    for halvings in (0..=DOUBLINGS).rev() {
        let text = data.text(seed, halvings);
        for (row, dimension) in grid.iter_mut().zip(DIMENSIONS) {
            let config = Config {
                dimension,
                ..settings(Architecture::Cbow)
            };
            let trained = data.train(&config, &text, seed, progress)?;
            let result = judge_analogies(&trained.vectors, &questions, MOST_FREQUENT);
            row.push(accuracy(&result.total)?);
        }
    }
    Ok(grid)
}

//! Claim: dimension and text must grow together.

use harness::{
    AnalogySection, Claim, Criterion, Experiment, ExperimentContext, Finding, MOST_FREQUENT,
    Progress, Result, judge_analogies,
};

use super::claim;
use super::experiment_data::{ExperimentData, NO_QUESTIONS, TrainingCache};
use super::summary_statistics::{comma_separated, mean};
use crate::config::{Architecture, Config};

/// Trains CBOW, as the paper's table does, with four dimensions at six sizes of the text. The claim requires that the highest
/// dimension gains more from the last two doublings than the lowest.
pub(super) struct DimensionAndData(pub(super) TrainingCache);

const DIMENSIONS: [usize; 4] = [25, 50, 100, 200];

/// Number of doublings: the sizes are 1/32, 1/16, … 1.
const DOUBLINGS: u32 = 5;
/// Number of last doublings whose gain is compared.
const LAST: u32 = 2;

/// Accuracies in percent by dimension, then by size, the smallest text first; NaN where a text is so small that none of the questions
/// can be asked.
pub(super) type Grid = Vec<Vec<f64>>;

impl Experiment for DimensionAndData {
    fn claim(&self) -> Claim {
        claim(
            "dimension-and-data",
            "Dimension and text must grow together: the last two doublings of the text help 200 dimensions more than 25.",
            "From 196 M to 783 M words CBOW gains 4.1 points with 50 dimensions, 3.5 with 100, 7.3 with 300 and 9.6 with 600.",
            "2013a, table 2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let (mut grids, mut tokens) = (Vec::new(), Vec::new());
        for data in ExperimentData::all(context, &self.0)? {
            let questions = data.questions_within(&data.text(LAST))?;
            if questions.iter().all(|section| section.questions.is_empty()) {
                return Ok(Finding::untested(self.claim(), NO_QUESTIONS));
            }
            grids.push(grid(&data, &questions, progress)?);
            tokens.push(data.length(0) as f64);
        }
        Ok(finding(self.claim(), mean(&tokens), &grids))
    }
}

/// The finding from the accuracies of each repetition; `tokens` is the mean length of the whole text.
pub(super) fn finding(claim: Claim, tokens: f64, grids: &[Grid]) -> Finding {
    let highest = DIMENSIONS.len() - 1;
    let leads = column(grids, |grid| gain(&grid[highest]) - gain(&grid[0]));
    let lead = Criterion::above("lead in the gain, percentage points", leads, 0.0);
    let by_dimension = |at: usize| {
        let mean_at = |size: usize| mean(&column(grids, |grid| grid[at][size]));
        let row: Vec<f64> = (0..=DOUBLINGS as usize)
            .map(mean_at)
            .filter(|mean| mean.is_finite())
            .collect();
        format!(
            "{} dimensions {} (gain {:.2})",
            DIMENSIONS[at],
            comma_separated(&row, 2),
            gain(&row)
        )
    };
    let rows: Vec<String> = (0..DIMENSIONS.len()).map(by_dimension).collect();
    let sentence = format!(
        "From {:.0} to {tokens:.0} tokens {} dimensions gain {lead} percentage points more than {} (negative: less). Accuracies in \
         percent over {DOUBLINGS} doublings, without texts too small for any question: {}. (CBOW, as in the table; only questions whose words occur in the text before the \
         last {LAST} doublings, for smaller texts those whose words they contain.)",
        tokens / f64::from(1 << LAST),
        DIMENSIONS[highest],
        DIMENSIONS[0],
        rows.join("; "),
    );
    Finding::new(claim, sentence, vec![lead])
}

/// One value of each grid.
fn column(grids: &[Grid], of: impl Fn(&Grid) -> f64) -> Vec<f64> {
    grids.iter().map(of).collect()
}

/// The gain in accuracy from the last doublings.
fn gain(row: &[f64]) -> f64 {
    let last = row.len() - 1;
    row[last] - row[last.saturating_sub(LAST as usize)]
}

/// The accuracies of all dimensions at all sizes.
fn grid(
    data: &ExperimentData<'_>,
    questions: &[AnalogySection],
    progress: &mut dyn Progress,
) -> Result<Grid> {
    let mut grid = vec![Vec::new(); DIMENSIONS.len()];
    for halvings in (0..=DOUBLINGS).rev() {
        let text = data.text(halvings);
        for (row, dimension) in grid.iter_mut().zip(DIMENSIONS) {
            let config = Config {
                dimension,
                ..data.settings(Architecture::Cbow)
            };
            let trained = data.train(&config, &text, progress)?;
            let result = judge_analogies(&trained.vectors, questions, MOST_FREQUENT);
            let accuracy = result.total.accuracy().unwrap_or(f64::NAN);
            row.push(100.0 * accuracy);
        }
    }
    Ok(grid)
}

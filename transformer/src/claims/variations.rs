//! Table 3 in miniature: one thing changed at a time.

use harness::{Claim, Experiment, Finding, Laboratory, Progress, Result, Verdict, decide};
use neural::bench::finding;

use super::{Bench, Notebook, Outcome, claim, config, mean_of, outcomes, rises};
use crate::shape::Positions;
use crate::translation::Config;

/// A setting that is to be worse, or no better, than the one that experiments begin from.
struct Variation {
    notebook: Notebook,
    id: &'static str,
    statement: &'static str,
    evidence: &'static str,
    place: &'static str,
    /// What it is called in the finding.
    name: &'static str,
    change: fn(Config) -> Config,
    expected: Expected,
}

/// What the paper says of a variation, against the model as it is.
#[derive(Clone, Copy)]
enum Expected {
    /// Higher perplexity.
    Worse,
    /// Higher perplexity, and lower BLEU without it: what label smoothing does.
    OtherMeasures,
    /// Perplexity within this many nats.
    Alike(f64),
}

/// All of them, in the order of the table.
pub(super) fn all(notebook: &Notebook) -> Vec<Box<dyn Experiment>> {
    let variation = |id, statement, evidence, row, name, change, expected| {
        let notebook = notebook.clone();
        Box::new(Variation {
            notebook,
            id,
            statement,
            evidence,
            place: row,
            name,
            change,
            expected,
        }) as Box<dyn Experiment>
    };
    use Expected::{Alike, OtherMeasures, Worse};
    vec![
        variation(
            "one-head",
            "A single head is worse than several",
            "perplexity 5.29 for 4.92, BLEU 24.9 for 25.8",
            "table 3, A",
            "one head",
            |config| Config { heads: 1, ..config },
            Worse,
        ),
        variation(
            "many-heads",
            "Too many heads are worse, too",
            "with 32 of 16 numbers perplexity 5.01 for 4.92, BLEU 25.4 for 25.8",
            "table 3, A",
            "heads of 4 numbers",
            |config| Config {
                heads: config.width / 4,
                ..config
            },
            Worse,
        ),
        variation(
            "narrow-keys",
            "Smaller keys are worse",
            "with d_k = 16 for 64 perplexity 5.16 for 4.92, BLEU 25.1 for 25.8",
            "table 3, B",
            "keys of a quarter of the numbers",
            |config| Config {
                key_width: (config.width / config.heads / 4).max(1),
                ..config
            },
            Worse,
        ),
        variation(
            "fewer-layers",
            "Fewer layers are worse",
            "with 2 for 6 perplexity 6.11 for 4.92, BLEU 23.7 for 25.8",
            "table 3, C",
            "one layer",
            |config| Config {
                layers: 1,
                ..config
            },
            Worse,
        ),
        variation(
            "narrow",
            "A narrower model is worse",
            "with 256 for 512 perplexity 5.75 for 4.92, BLEU 24.5 for 25.8",
            "table 3, C",
            "half the width",
            |config| Config {
                width: config.width / 2,
                feed_forward: config.feed_forward / 2,
                ..config
            },
            Worse,
        ),
        variation(
            "no-dropout",
            "Dropout is very helpful against overfitting",
            "without it perplexity 5.77 for 4.92, BLEU 24.6 for 25.8",
            "table 3, D",
            "no dropout",
            |config| Config {
                dropout: 0.0,
                ..config
            },
            Worse,
        ),
        variation(
            "smoothing",
            "Label smoothing costs perplexity, but improves BLEU",
            "without it perplexity 4.67 for 4.92, BLEU 25.3 for 25.8",
            "section 5.4; table 3, D",
            "no label smoothing",
            |config| Config {
                smoothing: 0.0,
                ..config
            },
            OtherMeasures,
        ),
        variation(
            "learnt-positions",
            "Learnt positions are as good as sinusoids",
            "perplexity 4.92 for 4.92, BLEU 25.7 for 25.8",
            "table 3, E",
            "learnt positions",
            |config| Config {
                positions: Positions::Learned,
                ..config
            },
            Alike(0.05),
        ),
    ]
}

impl Experiment for Variation {
    fn claim(&self) -> Claim {
        claim(self.id, self.statement, self.evidence, self.place)
    }

    fn run(&self, laboratory: &Laboratory<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(laboratory, &self.notebook)?;
        let base = config(&bench);
        let configs = [base.clone(), (self.change)(base)];
        let found = outcomes(&bench, laboratory, &configs, progress)?;
        let bleu = |outcome: &Outcome| outcome.evaluation.bleu;
        let nats = rises(&found[0], &found[1], Outcome::nats);
        let measured = format!(
            "{}: perplexity {:.2} for {:.2}, BLEU {:.1} for {:.1}",
            self.name,
            mean_of(&found[1], Outcome::nats).exp(),
            mean_of(&found[0], Outcome::nats).exp(),
            mean_of(&found[1], bleu),
            mean_of(&found[0], bleu)
        );
        let verdict = match self.expected {
            Expected::Worse => decide(&nats, 0.0).verdict,
            Expected::OtherMeasures => {
                let falls: Vec<f64> = nats.iter().map(|rise| -rise).collect();
                let losses = rises(&found[1], &found[0], bleu);
                both(decide(&falls, 0.0).verdict, decide(&losses, 0.0).verdict)
            }
            Expected::Alike(bound) => {
                let above = decide(&nats, -bound).verdict;
                let below: Vec<f64> = nats.iter().map(|rise| -rise).collect();
                both(above, decide(&below, -bound).verdict)
            }
        };
        Ok(finding(self.claim(), verdict, measured, nats))
    }
}

/// What two statements come to if both are to hold.
fn both(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Holds, Verdict::Holds) => Verdict::Holds,
        (Verdict::DoesNotHold, _) | (_, Verdict::DoesNotHold) => Verdict::DoesNotHold,
        _ => Verdict::NotDecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_must_hold() {
        use Verdict::{DoesNotHold, Holds, NotDecided};
        assert_eq!(both(Holds, Holds), Holds);
        assert_eq!(both(Holds, NotDecided), NotDecided);
        assert_eq!(both(NotDecided, DoesNotHold), DoesNotHold);
    }
}

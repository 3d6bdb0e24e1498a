//! Table 3 in miniature: one setting changed at a time.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, Verdict, decide};
use neural::experiments::finding;

use super::{
    Outcome, TrainingCache, TranslationExperiment, claim, config, mean_of, outcomes, rises,
};
use crate::stack_config::Positions;
use crate::translation::Config;

/// A change to the base configuration and its expected effect.
struct Variation {
    cache: TrainingCache,
    id: &'static str,
    statement: &'static str,
    evidence: &'static str,
    section: &'static str,
    /// Its name in the finding.
    name: &'static str,
    change: fn(Config) -> Config,
    expected: Expected,
}

/// The expected effect relative to the base model.
#[derive(Clone, Copy)]
enum Expected {
    /// Higher perplexity.
    Worse,
    /// Lower perplexity but lower BLEU: the effect of removing label smoothing.
    OtherMeasures,
    /// Perplexity within this many nats.
    Within(f64),
}

/// All of them, in the order of the table.
pub(super) fn all(cache: &TrainingCache) -> Vec<Box<dyn Experiment>> {
    let variation = |id, statement, evidence, row, name, change, expected| {
        let cache = cache.clone();
        Box::new(Variation {
            cache,
            id,
            statement,
            evidence,
            section: row,
            name,
            change,
            expected,
        }) as Box<dyn Experiment>
    };
    use Expected::{OtherMeasures, Within, Worse};
    vec![
        variation(
            "one-head",
            "A single head is worse than several",
            "perplexity 5.29 instead of 4.92, BLEU 24.9 instead of 25.8",
            "table 3, A",
            "one head",
            |config| Config {
                num_heads: 1,
                ..config
            },
            Worse,
        ),
        variation(
            "many-heads",
            "Too many heads are worse",
            "32 heads of size 16: perplexity 5.01 instead of 4.92, BLEU 25.4 instead of 25.8",
            "table 3, A",
            "heads of size 4",
            |config| Config {
                num_heads: config.d_model / 4,
                ..config
            },
            Worse,
        ),
        variation(
            "narrow-keys",
            "Smaller keys are worse",
            "d_k = 16 instead of 64: perplexity 5.16 instead of 4.92, BLEU 25.1 instead of 25.8",
            "table 3, B",
            "d_k a quarter of the size",
            |config| Config {
                d_k: (config.d_model / config.num_heads / 4).max(1),
                ..config
            },
            Worse,
        ),
        variation(
            "fewer-layers",
            "Fewer layers are worse",
            "2 layers instead of 6: perplexity 6.11 instead of 4.92, BLEU 23.7 instead of 25.8",
            "table 3, C",
            "one layer",
            |config| Config {
                num_layers: 1,
                ..config
            },
            Worse,
        ),
        variation(
            "narrow",
            "A narrower model is worse",
            "d_model = 256 instead of 512: perplexity 5.75 instead of 4.92, BLEU 24.5 instead of 25.8",
            "table 3, C",
            "half of d_model and d_ff",
            |config| Config {
                d_model: config.d_model / 2,
                d_ff: config.d_ff / 2,
                ..config
            },
            Worse,
        ),
        variation(
            "no-dropout",
            "Dropout is very helpful against overfitting",
            "without it: perplexity 5.77 instead of 4.92, BLEU 24.6 instead of 25.8",
            "table 3, D",
            "no dropout",
            |config| Config {
                dropout: 0.0,
                ..config
            },
            Worse,
        ),
        variation(
            "label_smoothing",
            "Label smoothing hurts perplexity but improves BLEU",
            "without it: perplexity 4.67 instead of 4.92, BLEU 25.3 instead of 25.8",
            "section 5.4; table 3, D",
            "no label smoothing",
            |config| Config {
                label_smoothing: 0.0,
                ..config
            },
            OtherMeasures,
        ),
        variation(
            "learnt-positions",
            "Learned positions are as good as sinusoids",
            "perplexity 4.92 in both cases, BLEU 25.7 instead of 25.8",
            "table 3, E",
            "learned positions",
            |config| Config {
                positions: Positions::Learned,
                ..config
            },
            Within(0.05),
        ),
    ]
}

impl Experiment for Variation {
    fn claim(&self) -> Claim {
        claim(self.id, self.statement, self.evidence, self.section)
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = TranslationExperiment::open(context, &self.cache)?;
        let base = config(&bench);
        let configs = [base.clone(), (self.change)(base)];
        let found = outcomes(&bench, context, &configs, progress)?;
        let bleu = |outcome: &Outcome| outcome.evaluation.bleu;
        let nats = rises(&found[0], &found[1], Outcome::nats);
        let measured = format!(
            "{}: perplexity {:.2} instead of {:.2}, BLEU {:.1} instead of {:.1}",
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
            Expected::Within(bound) => {
                let above = decide(&nats, -bound).verdict;
                let below: Vec<f64> = nats.iter().map(|rise| -rise).collect();
                both(above, decide(&below, -bound).verdict)
            }
        };
        Ok(finding(self.claim(), verdict, measured, nats))
    }
}

/// The verdict of two statements that must both hold.
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

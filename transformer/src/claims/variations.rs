//! Table 3 in miniature: one setting changed at a time.

use harness::{Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result};
use neural::experiments::column;

use super::{Row, TrainingCache, bleu, claim, measure, perplexity};
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
pub(super) enum Expected {
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
            "A single head has a higher perplexity than several",
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
            "Too many heads have a higher perplexity: heads of size 4",
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
            "Smaller keys have a higher perplexity",
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
            "Fewer layers have a higher perplexity",
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
            "A narrower model has a higher perplexity",
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
            "Dropout lowers perplexity",
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
            "Learned positions are as good as sinusoids: perplexity differs by less than 0.05 nats per token",
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
        let variants = |base: Config| [base.clone(), (self.change)(base)];
        let measured = measure(&self.cache, context, variants, progress)?;
        Ok(finding(self.claim(), self.name, self.expected, &measured))
    }
}

/// The finding from the quality with the base configuration and with the changed one.
pub(super) fn finding(
    claim: Claim,
    name: &str,
    expected: Expected,
    measured: &[Row<2>],
) -> Finding {
    let rises = || column(measured, |[base, changed]| changed.nats - base.nats);
    let rise = "rise of the cross-entropy, nats per token";
    let criteria = match expected {
        Expected::Worse => vec![Criterion::above(rise, rises(), 0.0)],
        Expected::OtherMeasures => {
            let falls = column(measured, |[base, changed]| base.bleu - changed.bleu);
            vec![
                Criterion::below(rise, rises(), 0.0),
                Criterion::above("fall of BLEU", falls, 0.0),
            ]
        }
        Expected::Within(bound) => vec![
            Criterion::above(rise, rises(), -bound),
            Criterion::below(rise, rises(), bound),
        ],
    };
    let sentence = format!(
        "{name}: perplexity {:.2} instead of {:.2} ({:.3} nats per token), BLEU {:.1} instead of {:.1}",
        perplexity(measured, 1),
        perplexity(measured, 0),
        criteria[0],
        bleu(measured, 1),
        bleu(measured, 0),
    );
    Finding::new(claim, sentence, criteria)
}

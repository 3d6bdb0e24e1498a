//! CBOW reads faster.

use harness::{Claim, Experiment, ExperimentContext, Finding, Progress, Result, decide};

use super::bench::{Bench, Notebook, mean, settings};
use super::{claim, finding};
use crate::config::{Architecture, Config};

/// One pass of both over the same text, the least time of three runs each.
pub(super) struct CbowFaster(pub(super) Notebook);

impl Experiment for CbowFaster {
    fn claim(&self) -> Claim {
        claim(
            "cbow-faster",
            "CBOW reads more words in a second than skip-gram.",
            "One day against three on 783 M words in 300 dimensions, 2 days on 140 cores against 2.5 on 125 in 1000.",
            "2013a, tables 5 and 6",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let bench = Bench::open(context, &self.0)?;
        let (mut ratios, mut skip_grams, mut cbows) = (Vec::new(), Vec::new(), Vec::new());
        let configs = [Architecture::SkipGram, Architecture::Cbow].map(|architecture| Config {
            epochs: 1.0,
            ..settings(architecture)
        });
        for &seed in context.seeds {
            let [skip_gram, cbow] = bench.speeds(&configs, seed, progress)?;
            ratios.push(cbow / skip_gram);
            skip_grams.push(skip_gram);
            cbows.push(cbow);
        }
        let decision = decide(&ratios, 1.0);
        let measured = format!(
            "CBOW reads {:.2} ± {:.2} times as many words in a second as skip-gram: {:.0} thousand against {:.0} (all \
             threads together, {} tokens, {} dimensions, window {}, one machine).",
            decision.mean,
            decision.margin,
            mean(&cbows) / 1e3,
            mean(&skip_grams) / 1e3,
            bench.length(0),
            configs[0].dimension,
            configs[0].window,
        );
        Ok(finding(self.claim(), decision, measured, ratios))
    }
}

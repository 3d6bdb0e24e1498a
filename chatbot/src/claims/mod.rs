//! The paper's claims, each with a miniature experiment. Each repetition trains on its own part of the dialogues and is tested on
//! its own part of the test dialogues; experiments share trained models. Each experiment measures in `run`; its function `finding`
//! turns measurements into a finding.
//!
//! The claim that people prefer the chatbot to a rule-based bot is left to `eras judge`.

mod against_ngrams;
mod closed;
mod context;
mod generic;
mod inconsistent;
#[cfg(test)]
mod verdict_tests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use corpus::{Corpus, Split};
use harness::{
    Claim, ConversationEvaluation, ConversationProtocol, Dialogue, Experiment, ExperimentContext,
    Progress, Repetition, Result, Scale, Training, Variety, judge_conversation,
};
use neural::TrainingConfig;

use crate::{Config, TUNED_PRESETS as PRESETS};

/// Minimum number of epochs of all dialogues, enough for differences to show.
const EPOCHS: f64 = 2.0;

/// Evaluations of trained chatbots by part of the corpus, preset and seed.
#[derive(Clone, Default)]
struct TrainingCache(Rc<RefCell<HashMap<String, Rc<Outcome>>>>);

impl fmt::Debug for TrainingCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrainingCache({})", self.0.borrow().len())
    }
}

/// The evaluation of a trained chatbot.
#[derive(Debug)]
struct Outcome {
    /// Evaluation on the test dialogues.
    evaluation: ConversationEvaluation,
    /// Variety of the reference replies to the same prompts.
    references: Variety,
}

impl TrainingCache {
    /// Trains and evaluates the preset of the scale on a repetition's part of a corpus, or returns it from the cache.
    fn train(
        &self,
        corpus: &Corpus,
        scale: Scale,
        repetition: &Repetition,
        progress: &mut dyn Progress,
    ) -> Result<Rc<Outcome>> {
        let preset = match scale {
            Scale::Small => PRESETS[0],
            Scale::Full => PRESETS[2],
        };
        let Repetition {
            index, of, seed, ..
        } = repetition;
        let key = format!("{} {preset} {index} {of} {seed}", corpus.content_checksum());
        if let Some(known) = self.0.borrow().get(&key) {
            return Ok(known.clone());
        }
        let config = Config::tuned_preset(preset).expect("the preset exists");
        // A repetition reads its part of the dialogues more often, for the same number of steps as with all dialogues.
        let config = Config {
            training: TrainingConfig {
                epochs: config.training.epochs.max(EPOCHS) * *of as f64,
                ..config.training
            },
            ..config
        };
        let mut training = Training::new(progress);
        training.seed = *seed;
        let chatbot = config.train(corpus, &mut training)?;
        let dialogues = Dialogue::of(corpus, Split::Test)?;
        let judged = judge_conversation(&chatbot, &dialogues, &ConversationProtocol::default())?;
        let references = judged.replies.iter().map(|item| &item.reference[..]);
        let outcome = Rc::new(Outcome {
            references: Variety::of(&references.collect::<Vec<_>>()),
            evaluation: judged.evaluation,
        });
        self.0.borrow_mut().insert(key, outcome.clone());
        Ok(outcome)
    }

    /// The outcomes of all repetitions on the context's corpus.
    fn all(
        &self,
        context: &ExperimentContext<'_>,
        progress: &mut dyn Progress,
    ) -> Result<Vec<Rc<Outcome>>> {
        let repetitions = context.repetitions()?;
        let train = |own: &Repetition| self.train(&own.corpus, context.scale, own, progress);
        repetitions.iter().map(train).collect()
    }
}

/// The era's experiments, in the order of the paper.
pub fn experiments() -> Vec<Box<dyn Experiment>> {
    let cache = TrainingCache::default();
    vec![
        Box::new(against_ngrams::AgainstNgrams(cache.clone())),
        Box::new(context::Context(cache.clone())),
        Box::new(closed::Closed(cache.clone())),
        Box::new(generic::Generic(cache.clone())),
        Box::new(inconsistent::Inconsistent(cache)),
    ]
}

fn claim(id: &str, statement: &str, evidence: &str, section: &str) -> Claim {
    Claim {
        id: id.to_owned(),
        statement: statement.to_owned(),
        evidence: evidence.to_owned(),
        source: format!("Vinyals and Le 2015, {section}"),
    }
}

//! The paper's claims, each with a miniature experiment. Each repetition uses another seed; experiments share trained models.
//!
//! The comparison with n-grams is in the program, which knows both eras. The claim that people prefer the chatbot to a rule-based
//! bot is left to `eras judge`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

use corpus::{Corpus, Split};
use harness::{
    Claim, ConversationEvaluation, ConversationProtocol, Dialogue, Experiment, ExperimentContext,
    Finding, Progress, Result, Scale, Training, Variety, Verdict, decide, judge_conversation,
};
use neural::experiments::{finding, mean};

use crate::{Config, TUNED_PRESETS as PRESETS};

/// Evaluations of trained chatbots by corpus, preset and seed.
#[derive(Clone, Default)]
pub struct TrainingCache(Rc<RefCell<HashMap<String, Rc<Outcome>>>>);

impl fmt::Debug for TrainingCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TrainingCache({})", self.0.borrow().len())
    }
}

/// The evaluation of a trained chatbot.
#[derive(Debug)]
pub struct Outcome {
    /// Evaluation on the test dialogues.
    pub evaluation: ConversationEvaluation,
    /// Variety of the reference replies to the same prompts.
    pub references: Variety,
}

impl TrainingCache {
    /// Trains and evaluates the preset of the context's scale with a seed, or returns it from the cache.
    ///
    /// # Errors
    /// As training and evaluation.
    ///
    /// # Panics
    /// If the era has no such preset.
    pub fn train(
        &self,
        context: &ExperimentContext<'_>,
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<Rc<Outcome>> {
        self.train_on(context.corpus, context.scale, seed, progress)
    }

    fn train_on(
        &self,
        corpus: &Corpus,
        scale: Scale,
        seed: u64,
        progress: &mut dyn Progress,
    ) -> Result<Rc<Outcome>> {
        let preset = match scale {
            Scale::Small => PRESETS[0],
            Scale::Full => PRESETS[2],
        };
        let key = format!("{} {preset} {seed}", corpus.content_checksum());
        if let Some(known) = self.0.borrow().get(&key) {
            return Ok(known.clone());
        }
        let config = Config::tuned_preset(preset).expect("the preset exists");
        let config = Config {
            training: config.training.at_least(2.0),
            ..config
        };
        let mut training = Training::new(progress);
        training.seed = seed;
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

    fn all(
        &self,
        context: &ExperimentContext<'_>,
        progress: &mut dyn Progress,
    ) -> Result<Vec<Rc<Outcome>>> {
        let seeds = context.seeds.iter();
        seeds
            .map(|&seed| self.train(context, seed, progress))
            .collect()
    }
}

/// The era's experiments, in the order of the paper.
pub fn experiments(cache: &TrainingCache) -> Vec<Box<dyn Experiment>> {
    vec![
        Box::new(Context(cache.clone())),
        Box::new(Closed(cache.clone())),
        Box::new(Generic(cache.clone())),
        Box::new(Inconsistent(cache.clone())),
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

/// Longer context lowers perplexity.
struct Context(TrainingCache);

impl Experiment for Context {
    fn claim(&self) -> Claim {
        claim(
            "context",
            "A longer dialogue context lowers the perplexity of replies",
            "the whole dialogue is the context",
            "sections 3 and 4.1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut by_turns: Vec<(usize, Vec<f64>)> = Vec::new();
        for outcome in self.0.all(context, progress)? {
            for (at, found) in outcome.evaluation.by_turns.iter().enumerate() {
                if by_turns.len() <= at {
                    by_turns.push((found.turns, Vec::new()));
                }
                by_turns[at].1.push(found.perplexity.unwrap_or(f64::NAN));
            }
        }
        let of = |turns: usize| {
            let found = by_turns.iter().find(|(known, _)| *known == turns);
            found.map_or(&[][..], |(_, values)| values)
        };
        let gains: Vec<f64> = of(1)
            .iter()
            .zip(of(3))
            .map(|(one, three)| (one / three).ln())
            .collect();
        let parts: Vec<String> = by_turns
            .iter()
            .map(|(turns, values)| format!("{:.2} after {turns}", mean(values)))
            .collect();
        let measured = format!("perplexity of replies {} turns", parts.join(", "));
        Ok(finding(
            self.claim(),
            decide(&gains, 0.0).verdict,
            measured,
            gains,
        ))
    }
}

/// A closed domain has a lower perplexity than an open one.
struct Closed(TrainingCache);

impl Experiment for Closed {
    fn claim(&self) -> Claim {
        claim(
            "closed",
            "A closed domain is easier than an open one",
            "perplexity 8 on help-desk dialogues, 17 on film subtitles",
            "sections 4.3.1 and 4.3.2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let Some(open) = context.other else {
            let measured = "not tested: needs a second corpus of an open domain";
            return Ok(finding(
                self.claim(),
                Verdict::NotDecided,
                measured.to_owned(),
                Vec::new(),
            ));
        };
        let mut found = [Vec::new(), Vec::new()];
        for &seed in context.seeds {
            for (found, corpus) in found.iter_mut().zip([context.corpus, open]) {
                let outcome = self.0.train_on(corpus, context.scale, seed, progress)?;
                found.push(outcome.evaluation.perplexity.unwrap_or(f64::NAN));
            }
        }
        let [closed, opened] = &found;
        let gains: Vec<f64> = closed
            .iter()
            .zip(opened)
            .map(|(closed, open)| (open / closed).ln())
            .collect();
        let measured = format!(
            "perplexity of replies {:.2} on {}, {:.2} on {}",
            mean(closed),
            context.corpus.name(),
            mean(opened),
            open.name()
        );
        let verdict = decide(&gains, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, gains))
    }
}

/// Replies are generic.
struct Generic(TrainingCache);

impl Experiment for Generic {
    fn claim(&self) -> Claim {
        claim(
            "generic",
            "Replies are short and generic",
            "stated, with sample conversations",
            "section 5",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let outcomes = self.0.all(context, progress)?;
        let of = |value: &dyn Fn(&Outcome) -> f64| -> Vec<f64> {
            outcomes.iter().map(|outcome| value(outcome)).collect()
        };
        let own = of(&|outcome| outcome.evaluation.common);
        let people = of(&|outcome| outcome.references.common);
        let distinct = of(&|outcome| outcome.evaluation.distinct[1]);
        let of_people = of(&|outcome| outcome.references.distinct[1]);
        let excess: Vec<f64> = own
            .iter()
            .zip(&people)
            .map(|(own, people)| own - people)
            .collect();
        let measured = format!(
            "share of the ten most common replies: {:.1} %, in the corpus {:.1} %; distinct-2: {:.3}, in the corpus {:.3}",
            100.0 * mean(&own),
            100.0 * mean(&people),
            mean(&distinct),
            mean(&of_people)
        );
        Ok(finding(
            self.claim(),
            decide(&excess, 0.0).verdict,
            measured,
            excess,
        ))
    }
}

/// Answers to paraphrased questions differ.
struct Inconsistent(TrainingCache);

/// Required share of paraphrased questions with the same answer.
const CONSISTENT: f64 = 0.9;

impl Experiment for Inconsistent {
    fn claim(&self) -> Claim {
        claim(
            "inconsistent",
            "Paraphrased questions get different answers",
            "asked about its job, it is a lawyer, then a doctor",
            "section 4.3.1",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let outcomes = self.0.all(context, progress)?;
        let consistent = outcomes.iter().map(|outcome| outcome.evaluation.consistent);
        let values: Vec<f64> = consistent.map(|share| CONSISTENT - share).collect();
        let measured = format!(
            "{:.0} % of paraphrased questions get the same answer",
            100.0 * (CONSISTENT - mean(&values))
        );
        Ok(finding(
            self.claim(),
            decide(&values, 0.0).verdict,
            measured,
            values,
        ))
    }
}

//! The claim that compares the chatbot with n-grams trained on the same dialogues.

use corpus::Split;
use harness::{
    Claim, ConversationProtocol, Dialogue, Experiment, ExperimentContext, Finding,
    LanguageModelResponder, Progress, Result, Sampling, Training, decide, judge_conversation,
};
use neural::experiments::{finding, mean};

use crate::claims::TrainingCache;

/// It predicts replies better than n-grams trained on the same dialogues.
pub(crate) struct AgainstNgrams(pub(crate) TrainingCache);

impl Experiment for AgainstNgrams {
    fn claim(&self) -> Claim {
        Claim {
            id: "ngrams".to_owned(),
            statement: "It predicts replies better than n-grams trained on the same dialogues"
                .to_owned(),
            evidence: "perplexity 8 and 18 on help-desk dialogues, 17 and 28 on film subtitles"
                .to_owned(),
            source: "Vinyals and Le 2015, sections 4.3.1 and 4.3.2".to_owned(),
        }
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let corpus = context.corpus;
        let ngrams = ngram::Config::preset("kneser-ney").expect("the preset exists");
        let (text, vocab) = (corpus.split(Split::Train)?, corpus.vocab());
        let mut training = Training::new(progress);
        let model = ngrams
            .train(&text, vocab.len(), vocab.eos(), &mut training)
            .map_err(harness::Error::from)?;
        let ngrams = LanguageModelResponder {
            model: Box::new(model),
            codec: corpus.codec().clone(),
            how: Sampling::default(),
        };
        let dialogues = Dialogue::of(corpus, Split::Test)?;
        let scored = ConversationProtocol {
            by_turns: Vec::new(),
            given: 1,
            ..ConversationProtocol::default()
        };
        let theirs = judge_conversation(&ngrams, &dialogues, &scored)?.evaluation;
        let theirs = theirs.perplexity.unwrap_or(f64::INFINITY);
        let (mut gains, mut own) = (Vec::new(), Vec::new());
        for &seed in context.seeds {
            let outcome = self.0.train(context, seed, progress)?;
            let perplexity = outcome.evaluation.perplexity.unwrap_or(f64::INFINITY);
            gains.push((theirs / perplexity).ln());
            own.push(perplexity);
        }
        let measured = format!(
            "perplexity of replies after three turns: {:.2}; Kneser-Ney n-grams of order 5: {theirs:.2}",
            mean(&own)
        );
        let verdict = decide(&gains, 0.0).verdict;
        Ok(finding(self.claim(), verdict, measured, gains))
    }
}

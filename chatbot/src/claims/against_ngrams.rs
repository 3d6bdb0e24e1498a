//! The claim that compares the chatbot with n-grams trained on the same dialogues.

use corpus::{Corpus, Split};
use harness::{
    Claim, ConversationProtocol, Criterion, Dialogue, Experiment, ExperimentContext, Finding,
    LanguageModelResponder, Progress, Result, Sampling, Training, judge_conversation,
};
use neural::experiments::{column, mean};

use super::{TrainingCache, claim};

/// It predicts replies better than n-grams trained on the same dialogues.
#[derive(Debug)]
pub(super) struct AgainstNgrams(pub(super) TrainingCache);

impl Experiment for AgainstNgrams {
    fn claim(&self) -> Claim {
        claim(
            "ngrams",
            "It predicts replies better than n-grams trained on the same dialogues",
            "perplexity 8 and 18 on help-desk dialogues, 17 and 28 on film subtitles",
            "sections 4.3.1 and 4.3.2",
        )
    }

    fn run(&self, context: &ExperimentContext<'_>, progress: &mut dyn Progress) -> Result<Finding> {
        let mut measured = Vec::new();
        for own in context.repetitions()? {
            let outcome = self.0.train(&own.corpus, context.scale, &own, progress)?;
            let perplexity = outcome.evaluation.perplexity.unwrap_or(f64::INFINITY);
            measured.push([perplexity, perplexity_of_ngrams(&own.corpus, progress)?]);
        }
        Ok(finding(self.claim(), &measured))
    }
}

/// The perplexity of replies by Kneser-Ney n-grams of order 5.
fn perplexity_of_ngrams(corpus: &Corpus, progress: &mut dyn Progress) -> Result<f64> {
    let config = ngram::Config::preset("kneser-ney").expect("the preset exists");
    let (text, vocab) = (corpus.split(Split::Train)?, corpus.vocab());
    let model = config
        .train(
            &text,
            vocab.len(),
            vocab.eos(),
            &mut Training::new(progress),
        )
        .map_err(harness::Error::from)?;
    let responder = LanguageModelResponder {
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
    let evaluation = judge_conversation(&responder, &dialogues, &scored)?.evaluation;
    Ok(evaluation.perplexity.unwrap_or(f64::INFINITY))
}

/// The finding from the perplexities of the chatbot and of n-grams.
pub(super) fn finding(claim: Claim, measured: &[[f64; 2]]) -> Finding {
    let gains = column(measured, |[own, ngrams]| (ngrams / own).ln());
    let gain = Criterion::above("gain over n-grams, nats per token", gains, 0.0);
    let sentence = format!(
        "perplexity of replies after three turns: {:.2}; Kneser-Ney n-grams of order 5: {:.2}; a gain of {gain} nats per token",
        mean(&column(measured, |pair| pair[0])),
        mean(&column(measured, |pair| pair[1])),
    );
    Finding::new(claim, sentence, vec![gain])
}

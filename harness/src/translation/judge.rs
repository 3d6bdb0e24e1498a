//! Evaluation of translators: every source sentence of a split is translated once and compared with its target.

use super::bleu::{BleuSettings, bleu_with};
use super::chrf::chrf;
use super::evaluation::{LengthBucket, TranslationEvaluation, TranslationExample};
use super::text::words;
use crate::answers::Request;
use crate::checked::{Check, require};
use crate::error::Result;
use crate::metrics::perplexity;
use crate::model::Translator;

/// A sentence and its translation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentencePair {
    /// The source sentence.
    pub source: String,
    /// The target sentence.
    pub target: String,
}

/// An evaluation, and the translations it is based on.
#[derive(Debug, Clone)]
pub struct Translated {
    /// The numbers.
    pub evaluation: TranslationEvaluation,
    /// The translation of each sentence of the split.
    pub translations: Vec<String>,
}

/// The buckets by length: minimum and maximum number of source words.
const LENGTHS: [(usize, Option<usize>); 6] = [
    (1, Some(5)),
    (6, Some(10)),
    (11, Some(15)),
    (16, Some(20)),
    (21, Some(30)),
    (31, None),
];

/// Number of examples in the record.
const EXAMPLES: usize = 5;

fn asked(question: &'static str) -> Request {
    Request {
        who: "the translator",
        question,
    }
}

/// Evaluates a translator on the sentence pairs of a split. `settings` are BLEU's; chrF uses the same case.
///
/// # Errors
/// [`crate::Error::Setting`] if there is no pair; [`crate::Error::Model`] if the translator fails, or gives a wrong number of
/// answers or invalid log-probabilities.
///
/// ```
/// use harness::{BleuSettings, CopySource, SentencePair, judge_translation};
///
/// let pair = SentencePair { source: "Anna und Emil in Berlin".into(), target: "Anna and Emil in Berlin".into() };
/// let judged = judge_translation(&CopySource, &[pair], BleuSettings::default())?;
/// assert_eq!(judged.translations, ["Anna und Emil in Berlin"]);
/// assert_eq!(judged.evaluation.bleu_precisions[0], 80.0);
/// # Ok::<(), harness::Error>(())
/// ```
pub fn judge_translation(
    translator: &dyn Translator,
    pairs: &[SentencePair],
    settings: BleuSettings,
) -> Result<Translated> {
    require(&[Check::new(
        !pairs.is_empty(),
        "pairs",
        pairs.len(),
        "must be at least 1",
    )])?;
    let sources: Vec<&str> = pairs.iter().map(|pair| pair.source.as_str()).collect();
    let translations = translator.translate(&sources)?;
    asked("translate").check_number(translations.len(), pairs.len())?;
    let bleu = bleu_of(settings, pairs.iter().zip(&translations));
    let (perplexity, tokens) = perplexity_of(translator, pairs)?;
    let evaluation = TranslationEvaluation {
        sentences: pairs.len() as u64,
        bleu: bleu.score,
        bleu_precisions: bleu.precisions,
        brevity_penalty: bleu.brevity_penalty,
        chrf: chrf_of(settings, pairs, &translations),
        signature: settings.signature(),
        perplexity,
        tokens,
        by_length: by_length(settings, pairs, &translations),
        examples: examples(pairs, &translations),
    };
    Ok(Translated {
        evaluation,
        translations,
    })
}

fn bleu_of<'t>(
    settings: BleuSettings,
    translated: impl Iterator<Item = (&'t SentencePair, &'t String)>,
) -> super::Bleu {
    let (references, hypotheses): (Vec<Vec<&str>>, Vec<&str>) = translated
        .map(|(pair, translation)| (vec![pair.target.as_str()], translation.as_str()))
        .unzip();
    bleu_with(settings, &hypotheses, &references)
}

fn chrf_of(settings: BleuSettings, pairs: &[SentencePair], translations: &[String]) -> f64 {
    let targets = pairs.iter().map(|pair| settings.case.apply(&pair.target));
    let hypotheses = translations.iter().map(|text| settings.case.apply(text));
    let (targets, hypotheses): (Vec<_>, Vec<_>) = targets.zip(hypotheses).unzip();
    let references: Vec<Vec<&str>> = targets.iter().map(|target| vec![&**target]).collect();
    let hypotheses: Vec<&str> = hypotheses.iter().map(|text| &**text).collect();
    chrf(&hypotheses, &references)
}

/// Perplexity of the targets, and the number of their tokens; none and 0 from a translator without probabilities.
fn perplexity_of(
    translator: &dyn Translator,
    pairs: &[SentencePair],
) -> Result<(Option<f64>, u64)> {
    let targets: Vec<&str> = pairs.iter().map(|pair| pair.target.as_str()).collect();
    let Some(tokens) = translator.perplexity_tokens(&targets) else {
        return Ok((None, 0));
    };
    let both: Vec<(&str, &str)> = pairs
        .iter()
        .map(|pair| (pair.source.as_str(), pair.target.as_str()))
        .collect();
    let log_probs = translator.score_pairs(&both)?;
    asked("score_pairs").check_log_probs(&log_probs, &targets)?;
    let perplexity = perplexity(log_probs.iter().sum(), tokens);
    Ok((Some(perplexity).filter(|value| value.is_finite()), tokens))
}

/// Sources without words belong to no bucket.
fn by_length(
    settings: BleuSettings,
    pairs: &[SentencePair],
    translations: &[String],
) -> Vec<LengthBucket> {
    let lengths: Vec<usize> = pairs
        .iter()
        .map(|pair| words(&pair.source).count())
        .collect();
    let bucket = |&(from, to): &(usize, Option<usize>)| {
        let is_in = |length: usize| length >= from && to.is_none_or(|to| length <= to);
        let chosen = (0..pairs.len()).filter(|&at| is_in(lengths[at]));
        let sentences = chosen.clone().count() as u64;
        (sentences > 0).then(|| LengthBucket {
            from,
            to,
            sentences,
            bleu: bleu_of(settings, chosen.map(|at| (&pairs[at], &translations[at]))).score,
        })
    };
    LENGTHS.iter().filter_map(bucket).collect()
}

fn examples(pairs: &[SentencePair], translations: &[String]) -> Vec<TranslationExample> {
    let count = pairs.len().min(EXAMPLES);
    let example = |number: usize| {
        let at = number * pairs.len() / count;
        TranslationExample {
            source: pairs[at].source.clone(),
            reference: pairs[at].target.clone(),
            translation: translations[at].clone(),
        }
    };
    (0..count).map(example).collect()
}

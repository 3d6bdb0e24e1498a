//! BLEU: n-gram overlap of translations with references.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::text::{is_space, phrases, words};
use super::tokenizer::tokenize_13a;

/// The largest n of n-grams.
const ORDER: usize = 4;

/// What [`bleu`] measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bleu {
    /// From 0 to 100; larger is better.
    pub score: f64,
    /// Smoothed precisions of n-grams of 1 to 4 words, in per cent.
    pub precisions: [f64; ORDER],
    /// The brevity penalty; 1: none.
    pub brevity_penalty: f64,
    /// Words of all hypotheses.
    pub hypothesis_length: u64,
    /// Words of the references; for each sentence, the reference nearest in length counts.
    pub reference_length: u64,
}

/// How text is normalised before [`bleu_with`] compares it. The default is sacreBLEU's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BleuSettings {
    /// The tokenizer.
    pub tokenizer: BleuTokenizer,
    /// Whether capitals count.
    pub case: BleuCase,
}

/// The tokenizer of hypotheses and references.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BleuTokenizer {
    /// None: words are already separated by spaces.
    #[serde(rename = "none")]
    None,
    /// [`tokenize_13a`], which results on published test sets are reported with.
    #[default]
    #[serde(rename = "13a")]
    V13a,
}

/// Whether capitals count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BleuCase {
    /// Case-sensitive: `The` and `the` are two words.
    #[default]
    Cased,
    /// All text is lower-cased first.
    LowerCase,
}

impl BleuSettings {
    /// The settings as a sacreBLEU signature, so that scores can be compared.
    ///
    /// ```
    /// let settings = harness::BleuSettings::default();
    /// assert_eq!(settings.signature(), "case:mixed|eff:no|tok:13a|smooth:exp");
    /// ```
    pub fn signature(self) -> String {
        let case = match self.case {
            BleuCase::Cased => "mixed",
            BleuCase::LowerCase => "lc",
        };
        let tokenizer = match self.tokenizer {
            BleuTokenizer::None => "none",
            BleuTokenizer::V13a => "13a",
        };
        format!("case:{case}|eff:no|tok:{tokenizer}|smooth:exp")
    }

    /// The text with its words divided by spaces.
    fn cut(self, text: &str) -> Cow<'_, str> {
        let text = self.case.apply(text);
        match self.tokenizer {
            BleuTokenizer::None => text,
            // As there, the end is bare before a hyphen could join the last line with nothing.
            BleuTokenizer::V13a => tokenize_13a(text.trim_end_matches(is_space)).into(),
        }
    }
}

impl BleuCase {
    /// The normalised text.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            BleuCase::Cased => text.into(),
            BleuCase::LowerCase => text.to_lowercase().into(),
        }
    }
}

/// BLEU-4 of a whole corpus (Papineni et al. 2002, section 2.3), on text that is divided by spaces:
///
/// ```text
/// BLEU = BP · exp( 1/4 · Σ_{n=1..4} ln p_n )        BP = min(1, exp(1 − r/c))
/// ```
///
/// p_n is the share of the hypotheses' n-grams that occur in a reference, with counts clipped to those of the reference;
/// c is the length of the hypotheses and r that of the references, for each sentence the one nearest in length (the
/// shorter of two equally near). The k-th p_n without a match is smoothed to 1 / (2^k · number of n-grams).
///
/// The result equals that of sacreBLEU (Post 2018) with `tokenize="none"` and its default smoothing, `exp`. As
/// there, a corpus without any match scores 0, and so does one without any sentence of four words.
///
/// `references` has one or several references for each hypothesis.
///
/// # Panics
/// If there are more or fewer lists of references than hypotheses, or if such a list is empty.
///
/// ```
/// let score = harness::bleu(&["the dog ate a pear ."], &[vec!["the dog ate a plum ."]]);
/// // 5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 quadruples.
/// let expected = 100.0 * (5.0 / 6.0 * 3.0 / 5.0 * 2.0 / 4.0 * 1.0 / 3.0f64).powf(0.25);
/// assert!((score.score - expected).abs() < 1e-9);
/// ```
pub fn bleu(hypotheses: &[&str], references: &[Vec<&str>]) -> Bleu {
    let as_it_stands = BleuSettings {
        tokenizer: BleuTokenizer::None,
        case: BleuCase::Cased,
    };
    bleu_with(as_it_stands, hypotheses, references)
}

/// The same on raw text, which is normalised first.
///
/// # Panics
/// As [`bleu`].
///
/// ```
/// use harness::{BleuSettings, bleu_with};
///
/// let references = [vec!["It costs 1,234.5 ."]];
/// let score = bleu_with(BleuSettings::default(), &["It costs 1,234.5."], &references);
/// assert!((score.score - 100.0).abs() < 1e-9);
/// assert_eq!(score.hypothesis_length, 4);
/// ```
pub fn bleu_with(settings: BleuSettings, hypotheses: &[&str], references: &[Vec<&str>]) -> Bleu {
    assert_eq!(
        hypotheses.len(),
        references.len(),
        "each hypothesis has its references"
    );
    let mut counts = Counts::default();
    for (hypothesis, references) in hypotheses.iter().zip(references) {
        let references: Vec<_> = references.iter().map(|text| settings.cut(text)).collect();
        counts.add(&settings.cut(hypothesis), &references);
    }
    let brevity_penalty = counts.brevity_penalty();
    let precisions = counts.precisions();
    let mean_log = precisions.iter().map(|p| p.ln()).sum::<f64>() / ORDER as f64;
    Bleu {
        // Rounding can lift a perfect score above its bound.
        score: (brevity_penalty * mean_log.exp()).min(100.0),
        precisions,
        brevity_penalty,
        hypothesis_length: counts.hypothesis_length,
        reference_length: counts.reference_length,
    }
}

/// Counts over the corpus, by n.
#[derive(Debug, Default)]
struct Counts {
    matches: [u64; ORDER],
    totals: [u64; ORDER],
    hypothesis_length: u64,
    reference_length: u64,
}

impl Counts {
    fn add(&mut self, hypothesis: &str, references: &[Cow<'_, str>]) {
        let hypothesis: Vec<&str> = words(hypothesis).collect();
        let references: Vec<Vec<&str>> = references
            .iter()
            .map(|reference| words(reference).collect())
            .collect();
        let lengths = references.iter().map(Vec::len);
        let nearest = lengths.min_by_key(|&length| (length.abs_diff(hypothesis.len()), length));
        self.hypothesis_length += hypothesis.len() as u64;
        self.reference_length += nearest.expect("each hypothesis has a reference") as u64;
        for order in 1..=ORDER {
            let in_references: Vec<_> = references
                .iter()
                .map(|reference| phrases(reference, order))
                .collect();
            for (phrase, count) in phrases(&hypothesis, order) {
                let most = in_references
                    .iter()
                    .map(|counts| counts.get(phrase).copied().unwrap_or(0))
                    .max();
                self.totals[order - 1] += count;
                self.matches[order - 1] += count.min(most.unwrap_or(0));
            }
        }
    }

    fn brevity_penalty(&self) -> f64 {
        let (length, reference) = (self.hypothesis_length, self.reference_length);
        if length >= reference {
            return 1.0;
        }
        // Without a single word the ratio is infinite and the penalty 0.
        (1.0 - reference as f64 / length as f64).exp()
    }

    fn precisions(&self) -> [f64; ORDER] {
        if self.matches == [0; ORDER] {
            return [0.0; ORDER];
        }
        let mut smooth = 1.0;
        std::array::from_fn(|at| match (self.matches[at], self.totals[at]) {
            (_, 0) => 0.0,
            (0, total) => {
                smooth *= 2.0;
                100.0 / (smooth * total as f64)
            }
            (matches, total) => 100.0 * matches as f64 / total as f64,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ngram_counts_are_clipped_by_the_maximum_of_one_reference() {
        // Papineni et al. 2002, section 2.1, example 2: two of the seven.
        let references = ["the cat is on the mat", "there is a cat on the mat"];
        let score = bleu(&["the the the the the the the"], &[references.to_vec()]);
        assert_eq!(score.precisions[0], 100.0 * 2.0 / 7.0);
        assert_eq!((score.hypothesis_length, score.reference_length), (7, 7));
    }

    #[test]
    fn the_shorter_of_two_equally_close_references_is_used() {
        let score = bleu(&["a b c"], &[vec!["a b c d", "a b"]]);
        assert_eq!(score.reference_length, 2);
        assert_eq!(score.brevity_penalty, 1.0);
    }

    #[test]
    fn empty_hypotheses_score_zero() {
        assert_eq!(bleu(&[], &[]).score, 0.0);
        let empty = bleu(&[""], &[vec!["a b c d"]]);
        assert_eq!((empty.score, empty.brevity_penalty), (0.0, 0.0));
    }
}

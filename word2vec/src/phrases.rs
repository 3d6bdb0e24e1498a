//! Phrases: pairs of words that occur together far more often than by chance become one word (2013b, section 4).
//!
//! The algorithm is that of the C program `word2phrase`, with two differences: pairs across line ends are not counted, and a pair is
//! not confused with a word of the text that is spelt like the phrase.

use std::ops::ControlFlow;

use corpus::{Text, TokenId, Vocab};
use harness::Progress;
use rustc_hash::FxHashMap;

use crate::chunks::chunk_ranges;
use crate::error::Result;

/// A phrase of two words, each of which may be a phrase of an earlier pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// The words joined by underscores: `new_york`.
    pub name: String,
    /// Number of words of the text in the phrase.
    pub words: usize,
    /// Count of the pair.
    pub count: u64,
    /// (count - min_count) / (count of the first) / (count of the second) * (words of the text), in f32 as in the C program (2013b,
    /// eq. 6, times the number of words).
    pub score: f32,
    /// The pass that found the phrase, from 0.
    pub pass: usize,
}

/// The phrases of all passes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phrases {
    /// For each pass, the phrase of each pair of tokens.
    passes: Vec<FxHashMap<(TokenId, TokenId), TokenId>>,
    /// All phrases; their tokens follow those of the vocabulary.
    joined: Vec<Phrase>,
    vocab_size: usize,
}

/// Maximum number of pairs counted at once, about half a gigabyte. When there are more, rare pairs are dropped, as in the C program.
const MAX_PAIRS: usize = 1 << 24;

impl Phrases {
    /// Learns phrases in a number of passes over a text. Words and pairs must occur at least `min_count` times, and the score of
    /// a pair must exceed `threshold`. The threshold is halved with each pass, because longer phrases are rarer.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] on interruption.
    pub fn learn(
        text: &(impl Text + ?Sized),
        vocab: &Vocab,
        min_count: u64,
        (passes, threshold): (usize, f64),
        progress: &mut dyn Progress,
    ) -> Result<Phrases> {
        let mut phrases = Phrases {
            vocab_size: vocab.len(),
            ..Phrases::default()
        };
        for pass in 0..passes {
            let threshold = (threshold / 2_f64.powi(pass as i32)) as f32;
            let counts = phrases.count(text, vocab.eos(), progress)?;
            phrases.select_phrases(&counts, min_count, threshold, vocab);
        }
        Ok(phrases)
    }

    /// All phrases in order of passes, and in each pass by descending score.
    pub fn joined(&self) -> &[Phrase] {
        &self.joined
    }

    /// Number of tokens of the vocabulary and phrases together.
    pub(crate) fn vocab_size(&self, vocab: &Vocab) -> usize {
        vocab.len() + self.joined.len()
    }

    /// The text of a token or phrase.
    pub fn name<'a>(&'a self, token: TokenId, vocab: &'a Vocab) -> &'a str {
        match (token as usize).checked_sub(vocab.len()) {
            Some(phrase) => &self.joined[phrase].name,
            None => vocab.token(token),
        }
    }

    /// Joins the phrases in a text, pass by pass. Line ends are not part of any phrase.
    pub fn join(&self, tokens: &mut Vec<TokenId>) {
        for pairs in &self.passes {
            let mut end = 0;
            // A phrase is not joined again in the same pass.
            let mut previous = None;
            for at in 0..tokens.len() {
                let token = tokens[at];
                let phrase = previous.and_then(|previous| pairs.get(&(previous, token)));
                previous = match phrase {
                    Some(&phrase) => {
                        tokens[end - 1] = phrase;
                        None
                    }
                    None => {
                        tokens[end] = token;
                        end += 1;
                        Some(token)
                    }
                };
            }
            tokens.truncate(end);
        }
    }

    fn count(
        &self,
        text: &(impl Text + ?Sized),
        eos: TokenId,
        progress: &mut dyn Progress,
    ) -> Result<PairCounts> {
        let mut counts = PairCounts::default();
        counts.words.resize(self.vocab_size + self.joined.len(), 0);
        let mut previous = None;
        for chunk in chunk_ranges(text.len()) {
            let start = chunk.start;
            let mut tokens = text.read(chunk);
            self.join(&mut tokens);
            for token in tokens {
                previous = match token == eos {
                    true => None,
                    false => {
                        counts.add(previous, token);
                        Some(token)
                    }
                };
            }
            let (done, total) = (start as u64, Some(text.len() as u64));
            if progress.tick("joining phrases", done, total) == ControlFlow::Break(()) {
                return Err(harness::Error::Interrupted.into());
            }
        }
        Ok(counts)
    }

    /// Adds a pass with the pairs whose score exceeds the threshold.
    fn select_phrases(
        &mut self,
        counts: &PairCounts,
        min_count: u64,
        threshold: f32,
        vocab: &Vocab,
    ) {
        let pass = self.passes.len();
        let total = counts.words.iter().sum::<u64>() as f32;
        let count = |token: TokenId| counts.words[token as usize];
        let mut best: Vec<(f32, (TokenId, TokenId), u64)> = Vec::new();
        for (&(a, b), &pair_count) in &counts.pairs {
            if pair_count < min_count || count(a) < min_count || count(b) < min_count {
                continue;
            }
            let score = (pair_count - min_count) as f32 / count(a) as f32 / count(b) as f32 * total;
            if score > threshold {
                best.push((score, (a, b), pair_count));
            }
        }
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut pairs = FxHashMap::default();
        for (score, (a, b), count) in best {
            let words = |token: TokenId| match (token as usize).checked_sub(vocab.len()) {
                Some(phrase) => self.joined[phrase].words,
                None => 1,
            };
            let phrase = Phrase {
                name: format!("{}_{}", self.name(a, vocab), self.name(b, vocab)),
                words: words(a) + words(b),
                count,
                score,
                pass,
            };
            let token = self.vocab_size(vocab) as TokenId;
            self.joined.push(phrase);
            pairs.insert((a, b), token);
        }
        self.passes.push(pairs);
    }
}

/// The counts of words and of adjacent pairs.
#[derive(Debug, Default)]
struct PairCounts {
    /// The count of each token and phrase, without line ends.
    words: Vec<u64>,
    pairs: FxHashMap<(TokenId, TokenId), u64>,
    /// The count up to which pairs were dropped.
    dropped: u64,
}

impl PairCounts {
    fn add(&mut self, previous: Option<TokenId>, token: TokenId) {
        self.words[token as usize] += 1;
        let Some(previous) = previous else { return };
        *self.pairs.entry((previous, token)).or_default() += 1;
        if self.pairs.len() > MAX_PAIRS {
            self.dropped += 1;
            let rare = self.dropped;
            self.pairs.retain(|_, count| *count > rare);
        }
    }
}

#[cfg(test)]
mod tests {
    use harness::Silent;

    use super::*;

    fn learn(lines: &str, min_count: u64, passes: usize, threshold: f64) -> (Phrases, Vec<String>) {
        let words: std::collections::BTreeSet<&str> = lines.split_whitespace().collect();
        let vocab = Vocab::new(std::iter::once("<eos>").chain(words)).unwrap();
        let mut tokens = Vec::new();
        for line in lines.lines() {
            tokens.extend(line.split(' ').map(|word| vocab.id(word).unwrap()));
            tokens.push(vocab.eos());
        }
        let schedule = (passes, threshold);
        let phrases =
            Phrases::learn(&tokens[..], &vocab, min_count, schedule, &mut Silent).unwrap();
        phrases.join(&mut tokens);
        let names = tokens
            .iter()
            .map(|&token| phrases.name(token, &vocab).to_owned());
        (phrases.clone(), names.collect())
    }

    #[test]
    fn scores_equal_those_worked_by_hand_and_pairs_do_not_cross_lines() {
        // a 3, b 5, c 2 of 10 words; a b occurs 3 times, b c twice, c a once, c b across a line end.
        let (phrases, names) = learn("a b c a b\na b c\nb b", 1, 1, 1.0);
        let [phrase] = phrases.joined() else {
            panic!("{phrases:?}");
        };
        assert_eq!(
            (phrase.name.as_str(), phrase.count, phrase.words),
            ("a_b", 3, 2)
        );
        assert_eq!(phrase.score, 2.0 / 3.0 / 5.0 * 10.0);
        let expected = "a_b c a_b <eos> a_b c <eos> b b <eos>";
        assert_eq!(names.join(" "), expected);
    }

    #[test]
    fn a_second_pass_finds_longer_phrases_and_phrases_in_a_pass_do_not_overlap() {
        let lines =
            "x new york city y\nnew york city x\ny new york city\n".repeat(4) + "new york x\nx y";
        let (phrases, names) = learn(&lines, 2, 2, 1.2);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(names.contains(&"new_york_city"), "{phrases:?}");
        let longest = phrases
            .joined()
            .iter()
            .max_by_key(|phrase| phrase.words)
            .unwrap();
        assert_eq!((longest.words, longest.pass), (3, 1));
        // The first pass joins `new york` and therefore not `york city`.
        assert!(!names.contains(&"york_city"));
    }

    #[test]
    fn rare_words_are_not_joined() {
        let (phrases, _) = learn("a b\na b\na b\nc d", 4, 2, 0.1);
        assert!(phrases.joined().is_empty());
    }
}

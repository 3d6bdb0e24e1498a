//! Phrases: pairs of words that occur together far more often than by chance become one word (2013b, section 4).
//!
//! As the C program `word2phrase`, with two differences: pairs over the end of a line are not counted, and a pair is not
//! taken for a word of the text that is spelt like both with a line between.

use std::ops::ControlFlow;

use corpus::{Text, TokenId, Vocab};
use harness::Progress;
use rustc_hash::FxHashMap;

use crate::blocks::blocks;
use crate::error::Result;

/// Two words that are joined.
#[derive(Debug, Clone, PartialEq)]
pub struct Phrase {
    /// The words with lines between: `new_york`.
    pub name: String,
    /// How many words of the text they are.
    pub words: usize,
    /// How often they stood together.
    pub count: u64,
    /// (count - min_count) / (count of the first) / (count of the second) * (words of the text), in f32 as in the program.
    pub score: f32,
    /// The pass that joined them, from 0.
    pub pass: usize,
}

/// What is joined, pass by pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phrases {
    /// Of each pass, the phrase that a pair of tokens becomes.
    passes: Vec<FxHashMap<(TokenId, TokenId), TokenId>>,
    /// Their tokens follow those of the vocabulary.
    joined: Vec<Phrase>,
    vocab_size: usize,
}

/// Pairs that are counted at a time; when there are more, the rare ones are forgotten, as in the program. About half a
/// gigabyte.
const MOST_PAIRS: usize = 1 << 24;

impl Phrases {
    /// Learns phrases in so many passes over a text. Words and pairs must occur `min_count` times, and score more than
    /// `threshold`, which is halved from pass to pass: longer phrases are rarer.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] when interrupted.
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
            let counted = phrases.count(text, vocab.eos(), progress)?;
            phrases.join_best(&counted, min_count, threshold, vocab);
        }
        Ok(phrases)
    }

    /// All phrases, those of the first pass first, in each the best first.
    pub fn joined(&self) -> &[Phrase] {
        &self.joined
    }

    /// Tokens of the vocabulary and phrases together.
    pub(crate) fn vocab_size(&self, vocab: &Vocab) -> usize {
        vocab.len() + self.joined.len()
    }

    /// What a token or a phrase is called.
    pub fn name<'a>(&'a self, token: TokenId, vocab: &'a Vocab) -> &'a str {
        match (token as usize).checked_sub(vocab.len()) {
            Some(phrase) => &self.joined[phrase].name,
            None => vocab.token(token),
        }
    }

    /// Joins the phrases of a stretch of text. Ends of lines are part of no phrase.
    pub fn join(&self, tokens: &mut Vec<TokenId>) {
        for pairs in &self.passes {
            let mut end = 0;
            // What has become a phrase in this pass is not joined again.
            let mut before = None;
            for at in 0..tokens.len() {
                let token = tokens[at];
                let phrase = before.and_then(|before| pairs.get(&(before, token)));
                before = match phrase {
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
    ) -> Result<Counted> {
        let mut counted = Counted::default();
        counted.words.resize(self.vocab_size + self.joined.len(), 0);
        let mut before = None;
        for block in blocks(text.len()) {
            let start = block.start;
            let mut tokens = text.read(block);
            self.join(&mut tokens);
            for token in tokens {
                before = match token == eos {
                    true => None,
                    false => {
                        counted.add(before, token);
                        Some(token)
                    }
                };
            }
            let (done, total) = (start as u64, Some(text.len() as u64));
            if progress.tick("joining phrases", done, total) == ControlFlow::Break(()) {
                return Err(harness::Error::Interrupted.into());
            }
        }
        Ok(counted)
    }

    /// Makes a pass of the pairs that score enough.
    fn join_best(&mut self, counted: &Counted, min_count: u64, threshold: f32, vocab: &Vocab) {
        let pass = self.passes.len();
        let total = counted.words.iter().sum::<u64>() as f32;
        let count = |token: TokenId| counted.words[token as usize];
        let mut best: Vec<(f32, (TokenId, TokenId), u64)> = Vec::new();
        for (&(a, b), &together) in &counted.pairs {
            if together < min_count || count(a) < min_count || count(b) < min_count {
                continue;
            }
            let score = (together - min_count) as f32 / count(a) as f32 / count(b) as f32 * total;
            if score > threshold {
                best.push((score, (a, b), together));
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

/// How often words and pairs of them occur.
#[derive(Debug, Default)]
struct Counted {
    /// Of each token and phrase; those of ends of lines are not counted.
    words: Vec<u64>,
    pairs: FxHashMap<(TokenId, TokenId), u64>,
    /// Pairs that are as rare as this were forgotten.
    forgotten: u64,
}

impl Counted {
    fn add(&mut self, before: Option<TokenId>, token: TokenId) {
        self.words[token as usize] += 1;
        let Some(before) = before else { return };
        *self.pairs.entry((before, token)).or_default() += 1;
        if self.pairs.len() > MOST_PAIRS {
            self.forgotten += 1;
            let rare = self.forgotten;
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
        let how = (passes, threshold);
        let phrases = Phrases::learn(&tokens[..], &vocab, min_count, how, &mut Silent).unwrap();
        phrases.join(&mut tokens);
        let names = tokens
            .iter()
            .map(|&token| phrases.name(token, &vocab).to_owned());
        (phrases.clone(), names.collect())
    }

    #[test]
    fn scores_are_those_worked_by_hand_and_lines_are_not_joined_over() {
        // a 3, b 5, c 2 of 10 words; a b stand together 3 times, b c twice, c a once, c b over the end of a line.
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
    fn a_second_pass_makes_longer_phrases_and_none_overlap_within_a_pass() {
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
        // The first pass could not join `york city`, whose first word it had used.
        assert!(!names.contains(&"york_city"));
    }

    #[test]
    fn rare_words_are_left_alone() {
        let (phrases, _) = learn("a b\na b\na b\nc d", 4, 2, 0.1);
        assert!(phrases.joined().is_empty());
    }
}

//! Tests of word vectors: analogies or similarity.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::questions::{has_words, is_section, questions_of_lines};
use super::similarity::{has_scores, pairs_of_lines};
use super::table::read_lines;
use super::{
    AnalogiesResult, AnalogySection, SimilarityPair, SimilarityResult, Vectors, judge_analogies,
    judge_similarity,
};
use crate::error::Result;

/// A test of word vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct WordTest {
    /// The name of its file.
    pub name: String,
    /// The questions.
    pub questions: WordQuestions,
}

/// The questions of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum WordQuestions {
    /// a is to b as c is to what?
    Analogies(Vec<AnalogySection>),
    /// How alike are two words?
    Similarity(Vec<SimilarityPair>),
}

/// The result of a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WordTestResult {
    /// The name of the test's file.
    pub test: String,
    /// The answers.
    #[serde(flatten)]
    pub answers: WordAnswers,
}

/// The answers to a test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WordAnswers {
    /// Of analogies.
    Analogies(AnalogiesResult),
    /// Of pairs of words.
    Similarity(SimilarityResult),
}

impl WordTest {
    /// Reads a test and detects its kind: pairs have scores; analogies have sections, which begin with a colon, or four words in
    /// each line.
    ///
    /// # Errors
    /// As [`read_analogies`](super::read_analogies) and [`read_similarity`](super::read_similarity).
    pub fn read(path: &Path) -> Result<WordTest> {
        let lines = read_lines(path)?;
        let are_analogies =
            lines.iter().any(is_section) || (has_words(&lines) && !has_scores(&lines));
        let questions = match are_analogies {
            true => WordQuestions::Analogies(questions_of_lines(path, &lines)?),
            false => WordQuestions::Similarity(pairs_of_lines(path, &lines)?),
        };
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(WordTest {
            name: name.to_string_lossy().into_owned(),
            questions,
        })
    }

    /// Puts the questions to vectors; analogies know the `most_frequent` words only, see [`judge_analogies`].
    pub fn judge(&self, vectors: &Vectors, most_frequent: usize) -> WordTestResult {
        WordTestResult {
            test: self.name.clone(),
            answers: match &self.questions {
                WordQuestions::Analogies(sections) => {
                    WordAnswers::Analogies(judge_analogies(vectors, sections, most_frequent))
                }
                WordQuestions::Similarity(pairs) => {
                    WordAnswers::Similarity(judge_similarity(vectors, pairs))
                }
            },
        }
    }
}

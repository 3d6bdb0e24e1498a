//! A map of word vectors: the words of a test of analogies in a plane, and their pairs.

use serde::{Deserialize, Serialize};

use super::{Vectors, WordQuestions, WordTest};
use crate::projection::principal_components;

/// Maximum number of pairs on a map; more would overlap.
const PAIRS: usize = 12;
/// Minimum number of pairs on a map.
const FEWEST: usize = 3;

/// Words on their first two principal components, as in Mikolov et al. 2013b, figure 2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordPlane {
    /// The section of the test that the words are from.
    pub section: String,
    /// Each word and where it is.
    pub words: Vec<(String, [f64; 2])>,
    /// Pairs of places in `words` that stand in the section's relation.
    pub pairs: Vec<(usize, usize)>,
    /// The part of the variance that each direction has.
    pub shares: [f64; 2],
}

impl WordPlane {
    /// Of the pairs of the first section of which the vectors know enough; nothing where there is none.
    pub fn of(vectors: &Vectors, test: &WordTest) -> Option<WordPlane> {
        let WordQuestions::Analogies(sections) = &test.questions else {
            return None;
        };
        sections.iter().find_map(|section| {
            let pairs = known_pairs(vectors, &section.questions);
            match pairs.len() < FEWEST {
                true => None,
                false => draw(vectors, &section.name, &pairs),
            }
        })
    }
}

/// The first pairs of the questions of which both words are known, each once.
fn known_pairs(vectors: &Vectors, questions: &[[String; 4]]) -> Vec<(usize, usize)> {
    let id = |word: &str| {
        vectors
            .id(word)
            .or_else(|| vectors.id(&word.to_lowercase()))
    };
    let mut pairs = Vec::new();
    for (a, b) in questions.iter().flat_map(|[a, b, c, d]| [(a, b), (c, d)]) {
        if let (Some(a), Some(b)) = (id(a), id(b))
            && a != b
            && !pairs.contains(&(a, b))
        {
            pairs.push((a, b));
        }
        if pairs.len() == PAIRS {
            break;
        }
    }
    pairs
}

fn draw(vectors: &Vectors, section: &str, pairs: &[(usize, usize)]) -> Option<WordPlane> {
    let mut ids: Vec<usize> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
    ids.sort_unstable();
    ids.dedup();
    let words: Vec<&String> = ids.iter().map(|&id| &vectors.words()[id]).collect();
    // At length 1, as analogies compare them.
    let unit = words.iter().map(|word| vectors.combine(&[word], &[]).ok());
    let unit: Vec<Vec<f32>> = unit.collect::<Option<_>>()?;
    let unit: Vec<&[f32]> = unit.iter().map(Vec::as_slice).collect();
    let found = principal_components(&unit).ok()?;
    let place = |id: usize| ids.binary_search(&id).ok();
    let pairs = pairs.iter().map(|&(a, b)| Some((place(a)?, place(b)?)));
    Some(WordPlane {
        section: section.to_owned(),
        words: words.into_iter().cloned().zip(found.points).collect(),
        pairs: pairs.collect::<Option<_>>()?,
        shares: found.shares,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test_of(questions: &[[&str; 4]]) -> WordTest {
        let questions = questions.iter().map(|words| words.map(str::to_owned));
        WordTest {
            name: "questions".to_owned(),
            questions: WordQuestions::Analogies(vec![super::super::AnalogySection {
                name: "capitals".to_owned(),
                questions: questions.collect(),
            }]),
        }
    }

    #[test]
    fn pairs_of_a_relation_are_connected_once_and_unknown_words_omitted() {
        let words = ["a", "b", "c", "d", "e", "f"].map(str::to_owned).to_vec();
        let values = [
            [0.0, 1.0],
            [1.0, 1.0],
            [0.0, 2.0],
            [1.0, 2.0],
            [0.5, 3.0],
            [1.5, 3.0],
        ];
        let vectors = Vectors::new(words, 2, values.concat()).unwrap();
        let test = test_of(&[
            ["a", "b", "C", "d"],
            ["a", "b", "e", "f"],
            ["x", "b", "a", "a"],
        ]);
        let plane = WordPlane::of(&vectors, &test).unwrap();
        assert_eq!(plane.section, "capitals");
        assert_eq!(plane.pairs, [(0, 1), (2, 3), (4, 5)]);
        assert_eq!(plane.words.len(), 6);
        assert!((plane.shares.iter().sum::<f64>() - 1.0).abs() < 1e-6);
        let few = test_of(&[["a", "b", "c", "d"]]);
        assert_eq!(WordPlane::of(&vectors, &few), None);
    }
}

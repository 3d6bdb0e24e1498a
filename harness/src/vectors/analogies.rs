//! Analogies: a is to b as c is to what? (Mikolov et al. 2013a, section 4)

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::spelling::Folded;
use super::{Vectors, dot, row};

/// Vocabulary of the released program's test: the most frequent words.
pub const MOST_FREQUENT: usize = 30_000;

/// Questions of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalogySection {
    /// Its name, for instance `capital-world`; a name that begins with `gram` is one of grammar.
    pub name: String,
    /// a, b, c, and the correct answer d.
    pub questions: Vec<[String; 4]>,
}

/// How many questions were answered, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Questions with the right answer.
    pub right: usize,
    /// Questions asked: those of which all four words are known.
    pub asked: usize,
    /// All questions.
    pub total: usize,
}

impl Tally {
    /// Share of right answers among the questions asked; none if none was.
    pub fn accuracy(&self) -> Option<f64> {
        (self.asked > 0).then(|| self.right as f64 / self.asked as f64)
    }

    /// Share of the questions that could be asked; none if there was none.
    pub fn coverage(&self) -> Option<f64> {
        (self.total > 0).then(|| self.asked as f64 / self.total as f64)
    }

    fn add(&mut self, other: Tally) {
        self.right += other.right;
        self.asked += other.asked;
        self.total += other.total;
    }
}

/// The answers to one section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionResult {
    /// The section's name.
    pub name: String,
    /// Its questions.
    #[serde(flatten)]
    pub tally: Tally,
}

/// The answers to all sections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalogiesResult {
    /// Each section, in the order of the file.
    pub sections: Vec<SectionResult>,
    /// Sum of the sections that are not of grammar.
    pub semantic: Tally,
    /// Sum of the sections whose names begin with `gram`.
    pub syntactic: Tally,
    /// Sum of all.
    pub total: Tally,
}

/// Answers each question with the word nearest to v(b) - v(a) + v(c), all vectors at length 1.
///
/// As in the released `compute-accuracy`, only the `most_frequent` words are known ([`MOST_FREQUENT`] there), case is ignored,
/// questions with an unknown word are skipped, the words of a question are excluded as answers, and only an exact match is
/// correct. As in gensim, other capitalisations of the question's words are excluded too.
pub fn judge_analogies(
    vectors: &Vectors,
    sections: &[AnalogySection],
    most_frequent: usize,
) -> AnalogiesResult {
    let folded = Folded::new(&vectors.words()[..vectors.len().min(most_frequent)]);
    let ids = |question: &[String; 4]| {
        let [a, b, c, d] = question.each_ref().map(|word| folded.id(word));
        Some([a?, b?, c?, d?])
    };
    let known: Vec<Vec<[usize; 4]>> = sections
        .iter()
        .map(|section| section.questions.iter().filter_map(ids).collect())
        .collect();
    let mut answers = answer(vectors, &folded, &known.concat()).into_iter();
    let mut result = AnalogiesResult {
        sections: Vec::with_capacity(sections.len()),
        semantic: Tally::default(),
        syntactic: Tally::default(),
        total: Tally::default(),
    };
    for (section, asked) in sections.iter().zip(&known) {
        let answers = answers.by_ref().take(asked.len());
        let tally = Tally {
            right: (asked.iter().zip(answers))
                .filter(|(question, answer)| Some(question[3]) == *answer)
                .count(),
            asked: asked.len(),
            total: section.questions.len(),
        };
        result.total.add(tally);
        match section.name.starts_with("gram") {
            true => result.syntactic.add(tally),
            false => result.semantic.add(tally),
        }
        result.sections.push(SectionResult {
            name: section.name.clone(),
            tally,
        });
    }
    result
}

/// Candidates per tile: few enough that their cosines with all words of the questions fit into the cache.
const TILE: usize = 128;

/// The questions, by the few different words that they are made of.
///
/// The cosine with v(b) - v(a) + v(c) is, but for a factor that is the same for all candidates, the sum of three
/// cosines between words. The 19,544 questions of Mikolov et al. have only 905 different words, so taking those cosines
/// once per word and candidate, and not once per question, is twenty times less work.
struct QuestionWords<'a> {
    vectors: &'a Vectors,
    /// Candidates are 0..this.
    candidates: usize,
    /// The different words.
    words: Vec<usize>,
    /// For each of them, all candidates of the same spelling: itself, and perhaps some with other capitals.
    spellings: Vec<Vec<usize>>,
    /// a, b and c as places in `words`.
    questions: Vec<[usize; 3]>,
}

/// The best candidate so far, and the sum of its cosines.
type Best = (f32, Option<usize>);

/// The answer to each question, as the first word of that spelling.
fn answer(vectors: &Vectors, folded: &Folded, questions: &[[usize; 4]]) -> Vec<Option<usize>> {
    let words = QuestionWords::new(vectors, folded, questions);
    let nothing = || vec![(f32::NEG_INFINITY, None); questions.len()];
    let tiles = words.candidates.div_ceil(TILE);
    let best = (0..tiles)
        .into_par_iter()
        .fold(nothing, |mut best, tile| {
            let end = words.candidates.min((tile + 1) * TILE);
            words.improve(&mut best, tile * TILE..end);
            best
        })
        .reduce(nothing, |mut best, later| {
            for (best, later) in best.iter_mut().zip(later) {
                // Ties go to the first, the more frequent word, regardless of the order of threads.
                if later.0 > best.0 {
                    *best = later;
                }
            }
            best
        });
    best.into_iter()
        .map(|(_, id)| id.map(|id| folded.first[id]))
        .collect()
}

impl<'a> QuestionWords<'a> {
    fn new(vectors: &'a Vectors, folded: &Folded, questions: &[[usize; 4]]) -> QuestionWords<'a> {
        let mut places = FxHashMap::default();
        let mut words = Vec::new();
        let questions = questions.iter().map(|&[a, b, c, _]| {
            [a, b, c].map(|word| {
                *places.entry(word).or_insert_with(|| {
                    words.push(word);
                    words.len() - 1
                })
            })
        });
        let questions = questions.collect();
        let mut spellings = vec![Vec::new(); words.len()];
        for (id, first) in folded.first.iter().enumerate() {
            if let Some(&place) = places.get(first) {
                spellings[place].push(id);
            }
        }
        QuestionWords {
            vectors,
            candidates: folded.first.len(),
            words,
            spellings,
            questions,
        }
    }

    /// Lets the candidates of one tile compete.
    fn improve(&self, best: &mut [Best], tile: Range<usize>) {
        let cosines = self.cosines(tile.clone());
        let mut sums = [f32::NEG_INFINITY; TILE];
        for (best, &question) in best.iter_mut().zip(&self.questions) {
            let [a, b, c] = question.map(|place| row(&cosines, tile.len(), place));
            for (((sum, a), b), c) in sums.iter_mut().zip(a).zip(b).zip(c) {
                *sum = b - a + c;
            }
            for &id in question.iter().flat_map(|&place| &self.spellings[place]) {
                if tile.contains(&id) {
                    sums[id - tile.start] = f32::NEG_INFINITY;
                }
            }
            let largest = largest(&sums);
            if largest > best.0 {
                let place = sums.iter().position(|&sum| sum == largest);
                *best = (largest, place.map(|place| tile.start + place));
            }
        }
    }

    /// The cosine of each word of the questions with each candidate of a tile, [word, candidate].
    fn cosines(&self, tile: Range<usize>) -> Vec<f32> {
        let (unit, dimension) = (self.vectors.unit(), self.vectors.dimension());
        let candidates = &unit[tile.start * dimension..tile.end * dimension];
        let mut cosines = Vec::with_capacity(self.words.len() * tile.len());
        for &word in &self.words {
            let word = row(unit, dimension, word);
            cosines.extend(
                candidates
                    .chunks_exact(dimension)
                    .map(|other| dot(word, other)),
            );
        }
        cosines
    }
}

/// The largest of some numbers, none of which is NaN.
fn largest(numbers: &[f32; TILE]) -> f32 {
    let larger = |a: f32, b: f32| if a > b { a } else { b };
    // Side by side, as the sums of a dot product.
    let mut lanes = [f32::NEG_INFINITY; 16];
    for chunk in numbers.as_chunks::<16>().0 {
        for (lane, &number) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, number);
        }
    }
    lanes.into_iter().fold(f32::NEG_INFINITY, larger)
}

//! Independent repetitions of an experiment.

use corpus::{Corpus, Split};

use super::ExperimentContext;
use crate::error::{Error, Result};

/// A repetition of an experiment. It trains and tests on its own parts of the splits, so that repetitions differ by the
/// training text, the test text and the random numbers, as independent repetitions do; only the vocabulary is shared.
#[derive(Debug, Clone)]
pub struct Repetition {
    /// Its number, from 0.
    pub index: usize,
    /// The number of repetitions.
    pub of: usize,
    /// Seed of its random numbers.
    pub seed: u64,
    /// Its part of the corpus.
    pub corpus: Corpus,
    /// Its part of the other corpus, where there is one.
    pub other: Option<Corpus>,
}

impl ExperimentContext<'_> {
    /// The repetitions, one for each seed.
    ///
    /// # Errors
    /// [`Error::Unsuited`] if a split is too short to be divided.
    pub fn repetitions(&self) -> Result<Vec<Repetition>> {
        let of = self.seeds.len();
        let repetition = |(index, &seed): (usize, &u64)| {
            Ok(Repetition {
                index,
                of,
                seed,
                corpus: part(self.corpus, index, of)?,
                other: self.other.map(|other| part(other, index, of)).transpose()?,
            })
        };
        self.seeds.iter().enumerate().map(repetition).collect()
    }
}

impl Repetition {
    /// Its part of a list: every n-th item, so that parts of sorted lists are alike.
    pub fn part_of<T: Clone>(&self, items: &[T]) -> Vec<T> {
        let own = items.iter().skip(self.index).step_by(self.of);
        own.cloned().collect()
    }
}

/// A part of the corpus with some text in every split.
fn part(corpus: &Corpus, index: usize, of: usize) -> Result<Corpus> {
    let part = corpus.part(index, of);
    let mut sides = vec![part.clone()];
    if part.has_pairs() {
        let (source, target) = part.pairs()?;
        sides.extend([source, target]);
    }
    for side in &sides {
        for split in Split::ALL {
            if side.has(split) && side.split(split)?.is_empty() {
                return Err(Error::Unsuited {
                    corpus: side.name().to_owned(),
                    what: format!(
                        "its {split} split is too short for {of} repetitions, each of which needs a part of its own; use \
                         fewer (--repetitions) or a larger corpus"
                    ),
                });
            }
        }
    }
    Ok(part)
}

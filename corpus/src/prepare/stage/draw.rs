//! Draws held-out splits document by document, with a seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::error::{EmptySplitCause, Error, Result};
use crate::split::Split;

/// In how many documents each held-out split gets one.
pub(crate) const GROUP: u64 = 20;

/// Assigns documents 0, 1, 2, … in order without knowing how many there will be: of every 20 in a row, each
/// held-out split gets one, drawn at random. A text with fewer documents is one group.
#[derive(Debug)]
pub(crate) struct Draw {
    group: u64,
    held_out: Vec<Split>,
    random: ChaCha8Rng,
    chosen: Vec<u64>,
    next: u64,
}

impl Draw {
    /// `documents` are known so far: all there are, or at least a group.
    pub(crate) fn new(documents: u64, held_out: &[Split], seed: u64) -> Result<Draw> {
        let fewest = held_out.len() as u64 + 1;
        if documents < fewest {
            let split = held_out.first().copied().unwrap_or(Split::Train);
            let cause = EmptySplitCause::TooFewDocuments {
                documents,
                needed: fewest,
            };
            return Err(Error::EmptySplit { split, cause });
        }
        let random = ChaCha8Rng::seed_from_u64(seed);
        let group = documents.min(GROUP);
        Ok(Draw {
            group,
            held_out: held_out.to_vec(),
            random,
            chosen: Vec::new(),
            next: 0,
        })
    }

    /// The split of the next document.
    pub(crate) fn assign(&mut self) -> Split {
        let place = self.next % self.group;
        if place == 0 {
            self.choose();
        }
        self.next += 1;
        let held = self.chosen.iter().position(|&chosen| chosen == place);
        held.map_or(Split::Train, |index| self.held_out[index])
    }

    fn choose(&mut self) {
        self.chosen.clear();
        while self.chosen.len() < self.held_out.len() {
            let candidate = self.random.random_range(0..self.group);
            if !self.chosen.contains(&candidate) {
                self.chosen.push(candidate);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_gives_each_held_out_split_one_document_in_twenty() {
        let held_out = [Split::Valid, Split::Test];
        let mut draw = Draw::new(1000, &held_out, 7).unwrap();
        let drawn: Vec<Split> = (0..1000).map(|_| draw.assign()).collect();
        for split in held_out {
            assert_eq!(drawn.iter().filter(|&&s| s == split).count(), 50);
        }
        let mut again = Draw::new(1000, &held_out, 7).unwrap();
        assert!(drawn.iter().all(|&split| again.assign() == split));
        let mut other = Draw::new(1000, &held_out, 8).unwrap();
        assert!(drawn.iter().any(|&split| other.assign() != split));
    }

    #[test]
    fn three_documents_are_the_fewest() {
        let held_out = [Split::Valid, Split::Test];
        let mut draw = Draw::new(3, &held_out, 1).unwrap();
        let mut drawn: Vec<Split> = (0..3).map(|_| draw.assign()).collect();
        drawn.sort();
        assert_eq!(drawn, Split::ALL);
        assert!(matches!(
            Draw::new(2, &held_out, 1),
            Err(Error::EmptySplit {
                split: Split::Valid,
                ..
            })
        ));
    }
}

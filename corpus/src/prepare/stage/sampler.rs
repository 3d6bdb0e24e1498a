//! Random assignment of documents to splits.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::error::{EmptySplitCause, Error, Result};
use crate::split::Split;

/// Size of a group of documents, of which each held-out split gets one.
pub(crate) const GROUP: u64 = 20;

/// Assigns documents to splits in order, without knowing their number: of every 20 consecutive documents, each held-out
/// split gets one, drawn at random. A text with fewer documents is one group.
#[derive(Debug)]
pub(crate) struct SplitSampler {
    group: u64,
    held_out: Vec<Split>,
    random: ChaCha8Rng,
    chosen: Vec<u64>,
    next: u64,
}

impl SplitSampler {
    /// `documents` is the number known so far: the total, or at least a group.
    pub(crate) fn new(documents: u64, held_out: &[Split], seed: u64) -> Result<SplitSampler> {
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
        Ok(SplitSampler {
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
    fn each_held_out_split_gets_one_document_in_twenty() {
        let held_out = [Split::Valid, Split::Test];
        let mut sampler = SplitSampler::new(1000, &held_out, 7).unwrap();
        let drawn: Vec<Split> = (0..1000).map(|_| sampler.assign()).collect();
        for split in held_out {
            assert_eq!(drawn.iter().filter(|&&s| s == split).count(), 50);
        }
        let mut again = SplitSampler::new(1000, &held_out, 7).unwrap();
        assert!(drawn.iter().all(|&split| again.assign() == split));
        let mut other = SplitSampler::new(1000, &held_out, 8).unwrap();
        assert!(drawn.iter().any(|&split| other.assign() != split));
    }

    #[test]
    fn three_documents_suffice_for_three_splits() {
        let held_out = [Split::Valid, Split::Test];
        let mut sampler = SplitSampler::new(3, &held_out, 1).unwrap();
        let mut drawn: Vec<Split> = (0..3).map(|_| sampler.assign()).collect();
        drawn.sort();
        assert_eq!(drawn, Split::ALL);
        assert!(matches!(
            SplitSampler::new(2, &held_out, 1),
            Err(Error::EmptySplit {
                split: Split::Valid,
                ..
            })
        ));
    }
}

//! Random assignment of documents, or of passages, to splits.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::split::Split;

/// Size of a group of units, of which each held-out split gets one.
pub(crate) const GROUP: u64 = 20;

/// Assigns units to splits in order, without knowing their number: of every 20 consecutive units, each held-out split gets
/// one, drawn at random. A text with fewer units is one group.
#[derive(Debug)]
pub(super) struct SplitSampler {
    group: u64,
    held_out: Vec<Split>,
    random: ChaCha8Rng,
    chosen: Vec<u64>,
    next: u64,
}

impl SplitSampler {
    /// `units` is the number known so far, more than there are held-out splits; each `attempt` is a draw of its own.
    pub(super) fn new(units: u64, held_out: &[Split], seed: u64, attempt: u64) -> SplitSampler {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(attempt);
        SplitSampler {
            group: units.clamp(held_out.len() as u64 + 1, GROUP),
            held_out: held_out.to_vec(),
            random,
            chosen: Vec::new(),
            next: 0,
        }
    }

    /// The split of the next unit.
    pub(super) fn assign(&mut self) -> Split {
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

    const HELD_OUT: [Split; 2] = [Split::Valid, Split::Test];

    fn drawn(units: u64, seed: u64, attempt: u64) -> Vec<Split> {
        let mut sampler = SplitSampler::new(units, &HELD_OUT, seed, attempt);
        (0..units).map(|_| sampler.assign()).collect()
    }

    #[test]
    fn each_held_out_split_gets_one_unit_in_twenty() {
        let first = drawn(1000, 7, 0);
        for split in HELD_OUT {
            assert_eq!(first.iter().filter(|&&s| s == split).count(), 50);
        }
        assert_eq!(drawn(1000, 7, 0), first);
        assert_ne!(drawn(1000, 8, 0), first);
        assert_ne!(drawn(1000, 7, 1), first);
    }

    #[test]
    fn three_units_suffice_for_three_splits() {
        let mut drawn = drawn(3, 1, 0);
        drawn.sort();
        assert_eq!(drawn, Split::ALL);
    }
}

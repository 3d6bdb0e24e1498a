//! Bucketing: batches of sentence pairs with similar lengths, so that there is little padding.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// How pairs are grouped into batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucketing {
    /// By similar lengths of both sides.
    ByLength,
    /// By equal source length, so that sources need no padding.
    BySourceLength,
    /// In random order, without regard to length.
    Random,
}

/// The batches of each epoch, in a new random order.
#[derive(Debug)]
pub struct PairBatches {
    /// Lengths of source and target.
    lengths: Vec<(usize, usize)>,
    bucketing: Bucketing,
    tokens: usize,
    seed: u64,
    /// The epoch that the batches belong to.
    epoch: u64,
    batches: Vec<Vec<usize>>,
}

impl PairBatches {
    /// Batches of pairs with these lengths of source and target. A batch has at most `tokens` tokens on each side, padding
    /// included (Vaswani et al. 2017, section 5.1); a longer pair is a batch of its own.
    pub fn new(
        lengths: Vec<(usize, usize)>,
        bucketing: Bucketing,
        tokens: usize,
        seed: u64,
    ) -> PairBatches {
        let mut batches = PairBatches {
            lengths,
            bucketing,
            tokens,
            seed,
            epoch: 0,
            batches: Vec::new(),
        };
        batches.draw(0);
        batches
    }

    /// Number of batches per epoch, the same for all epochs.
    pub fn per_epoch(&self) -> u64 {
        self.batches.len() as u64
    }

    /// The pairs of the batch with this number, counted through all epochs; empty if there are no pairs.
    pub fn batch(&mut self, number: u64) -> &[usize] {
        let per_epoch = self.per_epoch().max(1);
        if number / per_epoch != self.epoch {
            self.draw(number / per_epoch);
        }
        let batch = self.batches.get((number % per_epoch) as usize);
        batch.map_or(&[], |batch| &batch[..])
    }

    fn draw(&mut self, epoch: u64) {
        let generator = |epoch: u64| ChaCha8Rng::seed_from_u64(self.seed ^ epoch.rotate_left(32));
        let mut random = generator(epoch);
        let mut order: Vec<usize> = (0..self.lengths.len()).collect();
        // All epochs must have the same number of batches: sorted pairs are split at the same lengths in each epoch, and random
        // batches contain the same pairs in each epoch.
        match self.bucketing {
            Bucketing::Random => order.shuffle(&mut generator(0)),
            Bucketing::ByLength | Bucketing::BySourceLength => order.shuffle(&mut random),
        }
        match self.bucketing {
            Bucketing::ByLength => order.sort_by_key(|&pair| {
                let (source, target) = self.lengths[pair];
                (source.max(target), source, target)
            }),
            Bucketing::BySourceLength => order.sort_by_key(|&pair| self.lengths[pair]),
            Bucketing::Random => {}
        }
        self.batches.clear();
        let (mut longest, mut first) = (0, 0);
        for pair in order {
            let (source, target) = self.lengths[pair];
            let longer = longest.max(source).max(target);
            let fits = self.bucketing != Bucketing::BySourceLength || source == first;
            match self.batches.last_mut() {
                Some(batch) if fits && (batch.len() + 1) * longer <= self.tokens => {
                    batch.push(pair);
                    longest = longer;
                }
                _ => {
                    self.batches.push(vec![pair]);
                    (longest, first) = (source.max(target), source);
                }
            }
        }
        self.batches.shuffle(&mut random);
        self.epoch = epoch;
    }
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::*;

    const TOKENS: usize = 200;

    fn lengths() -> Vec<(usize, usize)> {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut lengths: Vec<(usize, usize)> = (0..500)
            .map(|_| (random.random_range(1..40), random.random_range(1..40)))
            .collect();
        lengths.push((300, 2));
        lengths
    }

    #[test]
    fn each_epoch_has_every_pair_once_with_little_padding() {
        let lengths = lengths();
        let mut batches = PairBatches::new(lengths.clone(), Bucketing::ByLength, TOKENS, 3);
        let per_epoch = batches.per_epoch();
        let mut epochs = Vec::new();
        for epoch in 0..3 {
            let mut epoch_batches: Vec<Vec<usize>> = Vec::new();
            let (mut held, mut filled) = (0, 0);
            for number in epoch * per_epoch..(epoch + 1) * per_epoch {
                let batch = batches.batch(number).to_vec();
                for side in [|of: (usize, usize)| of.0, |of: (usize, usize)| of.1] {
                    let of_rows = batch.iter().map(|&pair| side(lengths[pair]));
                    let rows = batch.len() * of_rows.clone().max().unwrap();
                    assert!(rows <= TOKENS || batch.len() == 1);
                    held += of_rows.sum::<usize>();
                    filled += rows;
                }
                epoch_batches.push(batch);
            }
            let mut all: Vec<usize> = epoch_batches.iter().flatten().copied().collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..lengths.len()));
            // Half of each random batch of lengths up to 40 would be padding.
            assert!(held * 10 > filled * 6, "{held} {filled}");
            epochs.push(epoch_batches);
        }
        assert_ne!(epochs[0], epochs[1]);
        let mut again = PairBatches::new(lengths, Bucketing::ByLength, TOKENS, 3);
        assert_eq!(again.batch(per_epoch + 2), &epochs[1][2][..]);
        assert_eq!(again.batch(0), &epochs[0][0][..]);
        assert!(
            PairBatches::new(Vec::new(), Bucketing::ByLength, TOKENS, 3)
                .batch(5)
                .is_empty()
        );
    }

    #[test]
    fn buckets_by_source_length_have_one_source_length() {
        let lengths = lengths();
        let mut batches = PairBatches::new(lengths.clone(), Bucketing::BySourceLength, TOKENS, 3);
        let mut all = Vec::new();
        for number in 0..batches.per_epoch() {
            let batch = batches.batch(number).to_vec();
            assert!(
                batch
                    .iter()
                    .all(|&pair| lengths[pair].0 == lengths[batch[0]].0)
            );
            let longest = batch
                .iter()
                .map(|&pair| lengths[pair].0.max(lengths[pair].1));
            assert!(batch.len() == 1 || batch.len() * longest.max().unwrap() <= TOKENS);
            all.extend(batch);
        }
        all.sort_unstable();
        assert!(all.into_iter().eq(0..lengths.len()));
    }

    #[test]
    fn random_batches_have_every_pair_in_each_epoch() {
        let lengths = lengths();
        let mut batches = PairBatches::new(lengths.clone(), Bucketing::Random, TOKENS, 3);
        let per_epoch = batches.per_epoch();
        let mut orders = Vec::new();
        for epoch in 0..3 {
            let numbers = epoch * per_epoch..(epoch + 1) * per_epoch;
            let order: Vec<usize> = numbers.flat_map(|at| batches.batch(at).to_vec()).collect();
            let mut all = order.clone();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..lengths.len()));
            orders.push(order);
        }
        assert_ne!(orders[0], orders[1]);
        let mut again = PairBatches::new(lengths, Bucketing::Random, TOKENS, 3);
        let later = 2 * per_epoch..3 * per_epoch;
        assert!(
            later
                .flat_map(|at| again.batch(at).to_vec())
                .eq(orders[2].iter().copied())
        );
    }
}

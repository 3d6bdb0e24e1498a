//! Sentence pairs in batches: pairs of like lengths together, so that little is filled up.

use corpus::{Corpus, Split, TokenId};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::streams::ids;

/// The sentences of a split on one side of pairs, without their ends.
///
/// # Errors
/// As [`Corpus::split`].
pub fn sentences(side: &Corpus, split: Split) -> corpus::Result<Vec<Vec<TokenId>>> {
    let stream = side.split(split)?;
    let eos = side.vocab().eos();
    let sentence = |span: &corpus::Span| {
        let mut tokens = stream.read(span.range());
        tokens.pop_if(|last| *last == eos);
        tokens
    };
    Ok(stream.documents.iter().map(sentence).collect())
}

/// How alike the pairs of a batch are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alike {
    /// Of nearly the same lengths.
    Nearly,
    /// Their sources have one length, so that a network without a mask can read them.
    Sources,
    /// As they come: what the others are to be compared with.
    NotAtAll,
}

/// Which pairs are read in which batch. Each pass over the pairs puts others together, and in another order.
#[derive(Debug)]
pub struct PairBatches {
    /// Tokens of source and target.
    lengths: Vec<(usize, usize)>,
    alike: Alike,
    tokens: usize,
    seed: u64,
    /// The pass whose batches these are.
    pass: u64,
    batches: Vec<Vec<usize>>,
}

impl PairBatches {
    /// Batches of pairs with these numbers of tokens in source and target. A batch has at most `tokens` of each, what
    /// rows are filled up with included (Vaswani et al. 2017, section 5.1); a longer pair is a batch of its own.
    pub fn new(
        lengths: Vec<(usize, usize)>,
        alike: Alike,
        tokens: usize,
        seed: u64,
    ) -> PairBatches {
        let mut batches = PairBatches {
            lengths,
            alike,
            tokens,
            seed,
            pass: 0,
            batches: Vec::new(),
        };
        batches.draw(0);
        batches
    }

    /// Batches of a pass; all passes have as many.
    pub fn in_pass(&self) -> u64 {
        self.batches.len() as u64
    }

    /// The pairs of the batch with this number, counted on through all passes; none where there are no pairs.
    pub fn batch(&mut self, number: u64) -> &[usize] {
        let in_pass = self.in_pass().max(1);
        if number / in_pass != self.pass {
            self.draw(number / in_pass);
        }
        let batch = self.batches.get((number % in_pass) as usize);
        batch.map_or(&[], |batch| &batch[..])
    }

    fn draw(&mut self, pass: u64) {
        let of_pass = |pass: u64| ChaCha8Rng::seed_from_u64(self.seed ^ pass.rotate_left(32));
        let mut random = of_pass(pass);
        let mut order: Vec<usize> = (0..self.lengths.len()).collect();
        // All passes must have as many batches: cuts fall at the same lengths in each, and where pairs are put together
        // as they come, they are in each pass the same.
        match self.alike {
            Alike::NotAtAll => order.shuffle(&mut of_pass(0)),
            Alike::Nearly | Alike::Sources => order.shuffle(&mut random),
        }
        match self.alike {
            Alike::Nearly => order.sort_by_key(|&pair| {
                let (source, target) = self.lengths[pair];
                (source.max(target), source, target)
            }),
            Alike::Sources => order.sort_by_key(|&pair| self.lengths[pair]),
            Alike::NotAtAll => {}
        }
        self.batches.clear();
        let (mut longest, mut first) = (0, 0);
        for pair in order {
            let (source, target) = self.lengths[pair];
            let longer = longest.max(source).max(target);
            let fits = self.alike != Alike::Sources || source == first;
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
        self.pass = pass;
    }
}

/// Sentences as rows, filled up at the end with `filler`: ids, `[rows, longest]`.
pub fn padded(rows: &[&[TokenId]], filler: TokenId, device: Device) -> Tensor {
    let longest = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    let mut all = Vec::with_capacity(rows.len() * longest);
    for row in rows {
        all.extend_from_slice(row);
        all.resize(all.len() + longest - row.len(), filler);
    }
    ids(&all, device).view([rows.len() as i64, longest as i64])
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
    fn each_pass_has_every_pair_once_within_the_limit_and_little_is_filled_up() {
        let lengths = lengths();
        let mut batches = PairBatches::new(lengths.clone(), Alike::Nearly, TOKENS, 3);
        let in_pass = batches.in_pass();
        let mut passes = Vec::new();
        for pass in 0..3 {
            let mut pass_of: Vec<Vec<usize>> = Vec::new();
            let (mut held, mut filled) = (0, 0);
            for number in pass * in_pass..(pass + 1) * in_pass {
                let batch = batches.batch(number).to_vec();
                for side in [|of: (usize, usize)| of.0, |of: (usize, usize)| of.1] {
                    let of_rows = batch.iter().map(|&pair| side(lengths[pair]));
                    let rows = batch.len() * of_rows.clone().max().unwrap();
                    assert!(rows <= TOKENS || batch.len() == 1);
                    held += of_rows.sum::<usize>();
                    filled += rows;
                }
                pass_of.push(batch);
            }
            let mut all: Vec<usize> = pass_of.iter().flatten().copied().collect();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..lengths.len()));
            // Random pairs of lengths up to 40 would be half filled up.
            assert!(held * 10 > filled * 6, "{held} {filled}");
            passes.push(pass_of);
        }
        assert_ne!(passes[0], passes[1]);
        let mut again = PairBatches::new(lengths, Alike::Nearly, TOKENS, 3);
        assert_eq!(again.batch(in_pass + 2), &passes[1][2][..]);
        assert_eq!(again.batch(0), &passes[0][0][..]);
        assert!(
            PairBatches::new(Vec::new(), Alike::Nearly, TOKENS, 3)
                .batch(5)
                .is_empty()
        );
    }

    #[test]
    fn sources_of_a_batch_have_one_length_where_that_is_asked_for() {
        let lengths = lengths();
        let mut batches = PairBatches::new(lengths.clone(), Alike::Sources, TOKENS, 3);
        let mut all = Vec::new();
        for number in 0..batches.in_pass() {
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
    fn pairs_as_they_come_are_all_read_in_each_pass() {
        let lengths = lengths();
        let mut batches = PairBatches::new(lengths.clone(), Alike::NotAtAll, TOKENS, 3);
        let in_pass = batches.in_pass();
        let mut orders = Vec::new();
        for pass in 0..3 {
            let numbers = pass * in_pass..(pass + 1) * in_pass;
            let order: Vec<usize> = numbers.flat_map(|at| batches.batch(at).to_vec()).collect();
            let mut all = order.clone();
            all.sort_unstable();
            assert!(all.into_iter().eq(0..lengths.len()));
            orders.push(order);
        }
        assert_ne!(orders[0], orders[1]);
        let mut again = PairBatches::new(lengths, Alike::NotAtAll, TOKENS, 3);
        let later = 2 * in_pass..3 * in_pass;
        assert!(
            later
                .flat_map(|at| again.batch(at).to_vec())
                .eq(orders[2].iter().copied())
        );
    }

    #[test]
    fn rows_are_filled_up_at_their_ends() {
        let rows = padded(&[&[1, 2, 3], &[4], &[]], 9, Device::Cpu);
        assert_eq!(rows.size(), [3, 3]);
        let numbers: Vec<i64> = Vec::try_from(rows.flatten(0, -1)).unwrap();
        assert_eq!(numbers, [1, 2, 3, 4, 9, 9, 9, 9, 9]);
    }
}

//! Batches of windows of a text: consecutive windows of parallel streams, or windows in random order.

use corpus::{Text, TokenId};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Tensor};

use crate::tensors::token_tensor;

/// Splits a text into batches of windows.
#[derive(Debug)]
pub struct TextBatches<'a, T: ?Sized> {
    text: &'a T,
    /// Input before the first token of the text.
    bos: TokenId,
    rows: usize,
    window: usize,
    order: Order,
    seed: u64,
    device: Device,
    /// The current epoch and the starts of its windows, for random order.
    epoch_starts: Option<(u64, Vec<usize>)>,
}

/// The order of windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Each window continues the previous one of the same stream, for networks that carry a state.
    Sequential,
    /// Random, a new order in each epoch.
    Shuffled,
}

/// A batch of windows.
#[derive(Debug)]
pub struct TextBatch {
    /// Input tokens, `[rows, window]`: the token before each target.
    pub inputs: Tensor,
    /// Target tokens, `[rows, window]`.
    pub targets: Tensor,
    /// Whether the windows do not continue those of the previous batch, so that a carried state must be reset.
    pub resets_state: bool,
}

impl<'a, T: Text + ?Sized> TextBatches<'a, T> {
    /// Batches of `rows` windows of `window` tokens; both are reduced for short texts.
    pub fn new(
        text: &'a T,
        bos: TokenId,
        (rows, window): (usize, usize),
        order: Order,
        seed: u64,
        device: Device,
    ) -> TextBatches<'a, T> {
        let window = window.min(text.len()).max(1);
        TextBatches {
            text,
            bos,
            rows: rows.min(text.len() / window).max(1),
            window,
            order,
            seed,
            device,
            epoch_starts: None,
        }
    }

    /// Tokens per batch.
    pub fn tokens(&self) -> u64 {
        (self.rows * self.window) as u64
    }

    /// Tokens of the text.
    pub fn text_tokens(&self) -> u64 {
        self.text.len() as u64
    }

    /// The batch with this number, counted through all epochs. The windows of each epoch start at other positions.
    pub fn batch(&mut self, number: u64) -> TextBatch {
        let (starts, resets_state) = match self.order {
            Order::Sequential => self.sequential(number),
            Order::Shuffled => (self.shuffled(number), true),
        };
        let mut tokens = Vec::with_capacity(self.rows * (self.window + 1));
        for start in starts {
            match start {
                0 => tokens.push(self.bos),
                _ => tokens.extend(self.text.read(start - 1..start)),
            }
            tokens.extend(self.text.read(start..start + self.window));
        }
        let shape = [self.rows as i64, self.window as i64 + 1];
        let tokens = token_tensor(&tokens, self.device).view(shape);
        let window = self.window as i64;
        TextBatch {
            inputs: tokens.narrow(1, 0, window).contiguous(),
            targets: tokens.narrow(1, 1, window).contiguous(),
            resets_state,
        }
    }

    /// The random generator of an epoch.
    fn random(&self, epoch: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.seed ^ epoch.rotate_left(32))
    }

    /// Starts of the windows of a batch, one per stream, and whether they continue no earlier windows.
    fn sequential(&self, number: u64) -> (Vec<usize>, bool) {
        let length = self.text.len() / self.rows;
        // One window per stream is reserved for the random offset.
        let per_epoch = (length / self.window).saturating_sub(1).max(1) as u64;
        let (epoch, position) = (number / per_epoch, (number % per_epoch) as usize);
        let room = length - per_epoch as usize * self.window;
        let offset = match epoch {
            0 => 0,
            _ => self.random(epoch).random_range(0..=room),
        };
        let start = |row| row * length + offset + position * self.window;
        ((0..self.rows).map(start).collect(), position == 0)
    }

    /// Starts of the windows of a batch in random order.
    fn shuffled(&mut self, number: u64) -> Vec<usize> {
        let windows = (self.text.len() / self.window)
            .saturating_sub(1)
            .max(self.rows);
        let per_epoch = (windows / self.rows) as u64;
        let (epoch, position) = (number / per_epoch, (number % per_epoch) as usize);
        if self
            .epoch_starts
            .as_ref()
            .is_none_or(|(of, _)| *of != epoch)
        {
            let mut random = self.random(epoch);
            let offset = random.random_range(0..=self.text.len() - windows * self.window);
            let mut starts: Vec<usize> = (0..windows).map(|at| offset + at * self.window).collect();
            starts.shuffle(&mut random);
            self.epoch_starts = Some((epoch, starts));
        }
        let starts = self
            .epoch_starts
            .as_ref()
            .map_or(&[][..], |(_, starts)| starts);
        starts[position * self.rows..(position + 1) * self.rows].to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(tensor: &Tensor) -> Vec<i64> {
        Vec::try_from(tensor.flatten(0, -1)).unwrap()
    }

    #[test]
    fn sequential_windows_continue_and_inputs_precede_targets() {
        let text: Vec<TokenId> = (100..120).collect();
        let mut batches = TextBatches::new(&text, 7, (2, 3), Order::Sequential, 1, Device::Cpu);
        let [first, second] = [0, 1].map(|number| batches.batch(number));
        assert_eq!(numbers(&first.inputs), [7, 100, 101, 109, 110, 111]);
        assert_eq!(numbers(&first.targets), [100, 101, 102, 110, 111, 112]);
        assert_eq!(numbers(&second.inputs), [102, 103, 104, 112, 113, 114]);
        assert!(first.resets_state && !second.resets_state && batches.batch(2).resets_state);
        // A later epoch starts at another offset within each stream.
        let starts: Vec<i64> = (1..20)
            .map(|epoch| numbers(&batches.batch(2 * epoch).targets)[0])
            .collect();
        assert!(starts.iter().all(|start| (100..=104).contains(start)));
        assert!(starts.iter().any(|&start| start != 100));
    }

    #[test]
    fn a_short_text_makes_small_batches() {
        let text: Vec<TokenId> = vec![5, 6, 7];
        for order in [Order::Sequential, Order::Shuffled] {
            let mut batches = TextBatches::new(&text, 0, (16, 128), order, 1, Device::Cpu);
            assert_eq!(batches.tokens(), 3);
            for number in 0..5 {
                assert_eq!(numbers(&batches.batch(number).targets), [5, 6, 7]);
            }
        }
    }

    #[test]
    fn each_shuffled_epoch_has_each_window_once_in_a_new_order() {
        let text: Vec<TokenId> = (100..163).collect();
        let mut batches = TextBatches::new(&text, 7, (2, 5), Order::Shuffled, 1, Device::Cpu);
        let mut epochs = Vec::new();
        for epoch in 0..3 {
            // Eleven windows of five tokens make five batches of two.
            let batches = (0..5).map(|position| batches.batch(5 * epoch + position));
            let mut firsts = Vec::new();
            for batch in batches {
                assert!(batch.resets_state);
                let (inputs, targets) = (numbers(&batch.inputs), numbers(&batch.targets));
                for (before, target) in inputs.iter().zip(&targets) {
                    assert!(before + 1 == *target || (*before, *target) == (7, 100));
                }
                firsts.extend([targets[0], targets[5]]);
            }
            epochs.push(firsts.clone());
            firsts.sort_unstable();
            assert!(
                firsts.windows(2).all(|pair| pair[1] - pair[0] >= 5),
                "{firsts:?}"
            );
        }
        assert!(epochs[0] != epochs[1] && epochs[1] != epochs[2]);
        assert!(!epochs[0].is_sorted());
    }
}

//! Text as windows: in streams side by side, each cut into windows that follow each other, or in random order.

use corpus::{Text, TokenId};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, Tensor};

/// Where windows of a text are taken from.
#[derive(Debug)]
pub struct Streams<'a, T: ?Sized> {
    text: &'a T,
    /// What stands before the first token of the text.
    before: TokenId,
    rows: usize,
    window: usize,
    order: Order,
    seed: u64,
    device: Device,
    /// A pass and where its windows begin, for those in random order.
    shuffled: Option<(u64, Vec<usize>)>,
}

/// Which window follows which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The next of the same stream, for networks that carry a state along.
    Running,
    /// Any other, in each pass another one: what neighbouring windows have in common is not learnt at their place.
    Shuffled,
}

/// A batch of windows.
#[derive(Debug)]
pub struct Window {
    /// What is read, `[rows, window]`: what stands before each target.
    pub inputs: Tensor,
    /// What is to be predicted, `[rows, window]`.
    pub targets: Tensor,
    /// Whether it does not follow the batch before: a state that was carried along begins anew.
    pub begins: bool,
}

impl<'a, T: Text + ?Sized> Streams<'a, T> {
    /// Windows of `window` tokens in `rows` streams, both less where the text is short.
    pub fn new(
        text: &'a T,
        before: TokenId,
        (rows, window): (usize, usize),
        order: Order,
        seed: u64,
        device: Device,
    ) -> Streams<'a, T> {
        let window = window.min(text.len()).max(1);
        Streams {
            text,
            before,
            rows: rows.min(text.len() / window).max(1),
            window,
            order,
            seed,
            device,
            shuffled: None,
        }
    }

    /// Tokens of a batch.
    pub fn tokens(&self) -> u64 {
        (self.rows * self.window) as u64
    }

    /// Tokens of the text.
    pub fn text_tokens(&self) -> u64 {
        self.text.len() as u64
    }

    /// The batch with this number. After the last of a pass comes the first of the next, whose windows begin at other
    /// places.
    pub fn batch(&mut self, number: u64) -> Window {
        let (starts, begins) = match self.order {
            Order::Running => self.running(number),
            Order::Shuffled => (self.drawn(number), true),
        };
        let mut tokens = Vec::with_capacity(self.rows * (self.window + 1));
        for start in starts {
            match start {
                0 => tokens.push(self.before),
                _ => tokens.extend(self.text.read(start - 1..start)),
            }
            tokens.extend(self.text.read(start..start + self.window));
        }
        let shape = [self.rows as i64, self.window as i64 + 1];
        let tokens = ids(&tokens, self.device).view(shape);
        let window = self.window as i64;
        Window {
            inputs: tokens.narrow(1, 0, window).contiguous(),
            targets: tokens.narrow(1, 1, window).contiguous(),
            begins,
        }
    }

    /// What a pass draws from.
    fn random(&self, pass: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.seed ^ pass.rotate_left(32))
    }

    /// Where the windows of a batch begin, each in its stream, and whether they follow no others.
    fn running(&self, number: u64) -> (Vec<usize>, bool) {
        let length = self.text.len() / self.rows;
        // What an offset leaves of each stream.
        let in_pass = (length / self.window).saturating_sub(1).max(1) as u64;
        let (pass, place) = (number / in_pass, (number % in_pass) as usize);
        let room = length - in_pass as usize * self.window;
        let offset = match pass {
            0 => 0,
            _ => self.random(pass).random_range(0..=room),
        };
        let start = |row| row * length + offset + place * self.window;
        ((0..self.rows).map(start).collect(), place == 0)
    }

    /// Where the windows of a batch begin, in the order that the pass draws.
    fn drawn(&mut self, number: u64) -> Vec<usize> {
        let windows = (self.text.len() / self.window)
            .saturating_sub(1)
            .max(self.rows);
        let in_pass = (windows / self.rows) as u64;
        let (pass, place) = (number / in_pass, (number % in_pass) as usize);
        if self.shuffled.as_ref().is_none_or(|(of, _)| *of != pass) {
            let mut random = self.random(pass);
            let offset = random.random_range(0..=self.text.len() - windows * self.window);
            let mut starts: Vec<usize> = (0..windows).map(|at| offset + at * self.window).collect();
            starts.shuffle(&mut random);
            self.shuffled = Some((pass, starts));
        }
        let starts = self.shuffled.as_ref().map_or(&[][..], |(_, starts)| starts);
        starts[place * self.rows..(place + 1) * self.rows].to_vec()
    }
}

/// Tokens, or places, as a tensor of ids, `[length]`. A GPU gets them without being waited for: what is copied from ordinary
/// memory is out of it when the call returns, and up to 64 KiB of it do not wait for the work before them.
pub fn ids(tokens: &[TokenId], device: Device) -> Tensor {
    let tokens: Vec<i32> = tokens.iter().map(|&token| token as i32).collect();
    Tensor::from_slice(&tokens)
        .to_device_(device, Kind::Int, true, false)
        .to_kind(Kind::Int64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(tensor: &Tensor) -> Vec<i64> {
        Vec::try_from(tensor.flatten(0, -1)).unwrap()
    }

    #[test]
    fn rows_go_on_where_they_stopped_and_inputs_stand_before_targets() {
        let text: Vec<TokenId> = (100..120).collect();
        let mut streams = Streams::new(&text, 7, (2, 3), Order::Running, 1, Device::Cpu);
        let [first, second] = [0, 1].map(|number| streams.batch(number));
        assert_eq!(numbers(&first.inputs), [7, 100, 101, 109, 110, 111]);
        assert_eq!(numbers(&first.targets), [100, 101, 102, 110, 111, 112]);
        assert_eq!(numbers(&second.inputs), [102, 103, 104, 112, 113, 114]);
        assert!(first.begins && !second.begins && streams.batch(2).begins);
        // A later pass begins elsewhere, within its own stream.
        let starts: Vec<i64> = (1..20)
            .map(|pass| numbers(&streams.batch(2 * pass).targets)[0])
            .collect();
        assert!(starts.iter().all(|start| (100..=104).contains(start)));
        assert!(starts.iter().any(|&start| start != 100));
    }

    #[test]
    fn a_short_text_makes_small_batches() {
        let text: Vec<TokenId> = vec![5, 6, 7];
        for order in [Order::Running, Order::Shuffled] {
            let mut streams = Streams::new(&text, 0, (16, 128), order, 1, Device::Cpu);
            assert_eq!(streams.tokens(), 3);
            for number in 0..5 {
                assert_eq!(numbers(&streams.batch(number).targets), [5, 6, 7]);
            }
        }
    }

    #[test]
    fn a_shuffled_pass_has_each_window_once_and_the_next_another_order() {
        let text: Vec<TokenId> = (100..163).collect();
        let mut streams = Streams::new(&text, 7, (2, 5), Order::Shuffled, 1, Device::Cpu);
        let mut passes = Vec::new();
        for pass in 0..3 {
            // Eleven windows of five tokens make five batches of two.
            let batches = (0..5).map(|place| streams.batch(5 * pass + place));
            let mut firsts = Vec::new();
            for batch in batches {
                assert!(batch.begins);
                let (inputs, targets) = (numbers(&batch.inputs), numbers(&batch.targets));
                for (before, target) in inputs.iter().zip(&targets) {
                    assert!(before + 1 == *target || (*before, *target) == (7, 100));
                }
                firsts.extend([targets[0], targets[5]]);
            }
            passes.push(firsts.clone());
            firsts.sort_unstable();
            assert!(
                firsts.windows(2).all(|pair| pair[1] - pair[0] >= 5),
                "{firsts:?}"
            );
        }
        assert!(passes[0] != passes[1] && passes[1] != passes[2]);
        assert!(!passes[0].is_sorted());
    }
}

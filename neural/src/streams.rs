//! Text as windows: as many streams side by side as a batch has rows, each cut into windows that follow each other.

use corpus::{Text, TokenId};
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
    seed: u64,
    device: Device,
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
        seed: u64,
        device: Device,
    ) -> Streams<'a, T> {
        let window = window.min(text.len()).max(1);
        Streams {
            text,
            before,
            rows: rows.min(text.len() / window).max(1),
            window,
            seed,
            device,
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
    pub fn batch(&self, number: u64) -> Window {
        let length = self.text.len() / self.rows;
        // What an offset leaves of each stream.
        let in_pass = (length / self.window).saturating_sub(1).max(1) as u64;
        let (pass, place) = (number / in_pass, (number % in_pass) as usize);
        let room = length - in_pass as usize * self.window;
        let offset = match pass {
            0 => 0,
            _ => {
                let mut random = ChaCha8Rng::seed_from_u64(self.seed ^ pass.rotate_left(32));
                random.random_range(0..=room)
            }
        };
        let mut tokens = Vec::with_capacity(self.rows * (self.window + 1));
        for row in 0..self.rows {
            let start = row * length + offset + place * self.window;
            match start {
                0 => tokens.push(i64::from(self.before)),
                _ => tokens.extend(self.text.read(start - 1..start).into_iter().map(i64::from)),
            }
            let read = self.text.read(start..start + self.window);
            tokens.extend(read.into_iter().map(i64::from));
        }
        let shape = [self.rows as i64, self.window as i64 + 1];
        let tokens = Tensor::from_slice(&tokens)
            .view(shape)
            .to_device(self.device);
        let window = self.window as i64;
        Window {
            inputs: tokens.narrow(1, 0, window).contiguous(),
            targets: tokens.narrow(1, 1, window).contiguous(),
            begins: place == 0,
        }
    }
}

/// Tokens as a tensor of ids, `[length]`.
pub fn ids(tokens: &[TokenId], device: Device) -> Tensor {
    let tokens: Vec<i64> = tokens.iter().map(|&token| i64::from(token)).collect();
    Tensor::from_slice(&tokens)
        .to_kind(Kind::Int64)
        .to_device(device)
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
        let streams = Streams::new(&text, 7, (2, 3), 1, Device::Cpu);
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
        let streams = Streams::new(&text, 0, (16, 128), 1, Device::Cpu);
        assert_eq!(streams.tokens(), 3);
        for number in 0..5 {
            assert_eq!(numbers(&streams.batch(number).targets), [5, 6, 7]);
        }
    }
}

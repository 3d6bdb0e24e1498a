//! Dropout (Srivastava et al. 2014), with a random generator of its own on the CPU.
//!
//! libtorch draws all CPU random numbers sequentially from one generator per process, which takes a tenth of a small model's
//! step and makes concurrent training runs affect each other's numbers. Here each training thread has its own generator,
//! which the trainer seeds for each step, so that a resumed run draws the same numbers.

use std::cell::Cell;

use tch::{Device, Kind, Tensor};

/// Whether a forward pass is part of training or of evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Dropout is active.
    Train,
    /// Dropout is inactive.
    Eval,
}

/// A dropout layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    /// Probability of setting a number to 0.
    pub rate: f64,
}

impl Dropout {
    /// Any shape; the identity in evaluation.
    pub fn forward(self, x: Tensor, mode: Mode) -> Tensor {
        match mode {
            Mode::Train if self.rate > 0.0 => dropout(&x, self.rate),
            _ => x,
        }
    }
}

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// Seeds the generator of the calling thread.
pub(crate) fn seed_dropout(seed: u64) {
    STATE.set(seed);
}

/// The next 64 random bits (SplitMix64; Steele et al. 2014).
fn next() -> u64 {
    let state = STATE.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
    STATE.set(state);
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// Each number uses 16 random bits.
const LEVELS: f64 = 65_536.0;

/// Sets numbers to 0 with probability `rate` and scales the others by 1 / (1 - rate). Any shape.
fn dropout(x: &Tensor, rate: f64) -> Tensor {
    let dropped = (rate * LEVELS).round();
    if x.device() != Device::Cpu {
        return x.dropout(rate, true);
    }
    if dropped <= 0.0 {
        return x.shallow_clone();
    }
    let kept = (LEVELS / (LEVELS - dropped)) as f32;
    let mask = match x.kind() {
        // bf16 is the upper half of an f32, rounded.
        Kind::BFloat16 => mask(
            x.numel(),
            dropped,
            ((kept.to_bits() + 0x8000) >> 16) as u16,
            u16::to_ne_bytes,
        ),
        _ => mask(x.numel(), dropped, kept, f32::to_ne_bytes),
    };
    let kind = match x.kind() {
        Kind::BFloat16 => Kind::BFloat16,
        _ => Kind::Float,
    };
    x * Tensor::from_data_size(&mask, &x.size(), kind).to_kind(x.kind())
}

/// `kept` or 0 for each of `numbers` numbers, as bytes.
fn mask<T: Copy + Default, const N: usize>(
    numbers: usize,
    dropped: f64,
    kept: T,
    bytes: fn(T) -> [u8; N],
) -> Vec<u8> {
    let limit = dropped as u64;
    let mut mask = vec![0; numbers * N];
    let kept = bytes(kept);
    for four in mask.chunks_mut(4 * N) {
        let mut random = next();
        for number in four.chunks_exact_mut(N) {
            if random & 0xFFFF >= limit {
                number.copy_from_slice(&kept);
            }
            random >>= 16;
        }
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensors::to_f64s;

    #[test]
    fn dropout_keeps_the_mean_and_is_repeatable() {
        for kind in [Kind::Float, Kind::BFloat16] {
            let x = Tensor::full([100, 1_001], 3.0, (kind, Device::Cpu));
            for share in [0.1, 0.25, 0.5] {
                seed_dropout(7);
                let first = dropout(&x, share);
                assert_eq!((first.kind(), first.size()), (kind, x.size()));
                let found = to_f64s(&first);
                let zeros = found.iter().filter(|&&number| number == 0.0).count() as f64;
                assert!((zeros / found.len() as f64 - share).abs() < 0.01);
                let mean = found.iter().sum::<f64>() / found.len() as f64;
                assert!((mean - 3.0).abs() < 0.05, "{kind:?} {share} {mean}");
                let again = dropout(&x, share);
                assert_ne!(to_f64s(&again), found);
                seed_dropout(7);
                assert_eq!(to_f64s(&dropout(&x, share)), found);
            }
            assert_eq!(dropout(&x, 0.0), x);
        }
    }

    #[test]
    fn gradients_flow_where_numbers_are_kept() {
        seed_dropout(1);
        let x = Tensor::full([50], 2.0, (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let dropped = dropout(&x, 0.5);
        dropped.sum(Kind::Float).backward();
        let (passed, gradient) = (to_f64s(&dropped), to_f64s(&x.grad()));
        assert!(
            passed
                .iter()
                .zip(gradient)
                .all(|(number, gradient)| *number == 2.0 * gradient)
        );
    }
}

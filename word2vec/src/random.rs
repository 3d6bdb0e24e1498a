//! Random numbers as the C program draws them.

/// The linear congruential generator of the C program; a thread's number is its seed.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The whole state after a step. Its low bits are of short periods.
    #[inline]
    pub(crate) fn step(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(25_214_903_917).wrapping_add(11);
        self.0
    }

    /// Uniform among all u32.
    #[inline]
    pub(crate) fn draw(&mut self) -> u32 {
        (self.step() >> 32) as u32
    }

    /// Uniform below a bound.
    #[inline]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.draw()) * u64::from(bound)) >> 32) as u32
    }

    /// Uniform from 0 to 1, in steps of 1/65536, as the C program draws them.
    #[inline]
    pub(crate) fn coarse(&mut self) -> f32 {
        (self.step() & 0xFFFF) as f32 / 65_536.0
    }
}

//! The random number generator of the C program.

/// The linear congruential generator of the C program, where the seed is the number of the thread.
#[derive(Debug, Clone)]
pub(crate) struct Lcg(u64);

impl Lcg {
    pub(crate) fn new(seed: u64) -> Lcg {
        Lcg(seed)
    }

    /// Advances the generator and returns its state, whose low bits have short periods.
    #[inline]
    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(25_214_903_917).wrapping_add(11);
        self.0
    }

    /// Uniform over all u32.
    #[inline]
    pub(crate) fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }

    /// Uniform in `0..bound`.
    #[inline]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        ((u64::from(self.next_u32()) * u64::from(bound)) >> 32) as u32
    }

    /// Uniform in [0, 1) in steps of 1/65536, as in the C program.
    #[inline]
    pub(crate) fn next_f32(&mut self) -> f32 {
        (self.next_u64() & 0xFFFF) as f32 / 65_536.0
    }
}

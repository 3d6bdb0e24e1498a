//! Vectors of eight f32, portable and with AVX2.
//!
//! # Why shared numbers are no data race
//!
//! Threads read and write the same rows without locks. In Rust's memory model a plain load that meets a store of another thread is
//! undefined behaviour, on every processor. So every load and store of a vector is, element by element, a relaxed atomic one:
//!
//! - The portable kernel says so: it goes through [`AtomicU32`].
//! - The compiler turns a row of relaxed atomic loads into single loads, never into one of a vector. The AVX2 kernel therefore
//!   loads and stores with inline assembly. An `asm!` block is sound if what it does could be written in Rust; this one does the
//!   same as eight relaxed atomic loads or stores, because an aligned `vmovaps` neither tears an aligned number of four bytes nor
//!   invents one: Intel and AMD document that aligned accesses of 16 bytes are atomic on processors with AVX, and one of 32 bytes
//!   consists of one or two of those. The compiler cannot look into the block, so it cannot assume that memory stays the same
//!   between two loads, as it may for plain ones.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A vector of eight f32.
pub(super) trait SimdVector: Copy {
    /// All elements equal.
    unsafe fn splat(number: f32) -> Self;
    /// Loads eight numbers from an aligned address, each as if by a relaxed atomic load.
    unsafe fn load(from: *const f32) -> Self;
    /// Stores eight numbers to an aligned address, each as if by a relaxed atomic store.
    unsafe fn store(self, to: *mut f32);
    /// Loads eight numbers that belong to this thread.
    unsafe fn load_own(from: *const f32) -> Self;
    /// Stores eight numbers that belong to this thread.
    unsafe fn store_own(self, to: *mut f32);
    /// self + a b.
    unsafe fn add_product(self, a: Self, b: Self) -> Self;
    /// self + other.
    unsafe fn add(self, other: Self) -> Self;
    /// The sum of all elements.
    unsafe fn sum(self) -> f32;
}

/// Number of elements of a [`SimdVector`].
pub(super) const WIDTH: usize = 8;

/// The portable implementation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Portable([f32; WIDTH]);

impl Portable {
    #[inline(always)]
    fn zip(self, other: Portable, f: impl Fn(f32, f32) -> f32) -> Portable {
        Portable(std::array::from_fn(|at| f(self.0[at], other.0[at])))
    }
}

impl SimdVector for Portable {
    #[inline(always)]
    unsafe fn splat(number: f32) -> Portable {
        Portable([number; WIDTH])
    }

    #[inline(always)]
    unsafe fn load(from: *const f32) -> Portable {
        // SAFETY: the caller guarantees eight aligned numbers, which are only accessed like this while they are shared.
        let number = |at| unsafe { AtomicU32::from_ptr(from.cast_mut().cast::<u32>().add(at)) };
        Portable(std::array::from_fn(|at| {
            f32::from_bits(number(at).load(Relaxed))
        }))
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut f32) {
        for (at, number) in self.0.iter().enumerate() {
            // SAFETY: as above.
            let place = unsafe { AtomicU32::from_ptr(to.cast::<u32>().add(at)) };
            place.store(number.to_bits(), Relaxed);
        }
    }

    #[inline(always)]
    unsafe fn load_own(from: *const f32) -> Portable {
        // SAFETY: the caller guarantees eight numbers.
        Portable(unsafe { from.cast::<[f32; WIDTH]>().read() })
    }

    #[inline(always)]
    unsafe fn store_own(self, to: *mut f32) {
        // SAFETY: the caller guarantees eight numbers.
        unsafe { to.cast::<[f32; WIDTH]>().write(self.0) }
    }

    #[inline(always)]
    unsafe fn add_product(self, a: Portable, b: Portable) -> Portable {
        let product = a.zip(b, |a, b| a * b);
        self.zip(product, |sum, product| sum + product)
    }

    #[inline(always)]
    unsafe fn add(self, other: Portable) -> Portable {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn sum(self) -> f32 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}

/// AVX2 with fused multiply-add, which x86 processors have had since 2013.
#[cfg(target_arch = "x86_64")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Avx2(std::arch::x86_64::__m256);

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{Avx2, SimdVector};
    use std::arch::{asm, x86_64 as x86};

    /// Loads eight numbers; the header says why with assembly.
    #[inline]
    #[target_feature(enable = "avx")]
    unsafe fn load(from: *const f32) -> x86::__m256 {
        let numbers;
        // SAFETY: the caller guarantees 32 valid bytes, aligned to 32.
        unsafe {
            asm!(
                "vmovaps {numbers}, ymmword ptr [{from}]",
                numbers = lateout(ymm_reg) numbers,
                from = in(reg) from,
                options(pure, readonly, nostack, preserves_flags),
            );
        }
        numbers
    }

    /// Stores eight numbers; the header says why with assembly.
    #[inline]
    #[target_feature(enable = "avx")]
    unsafe fn store(numbers: x86::__m256, to: *mut f32) {
        // SAFETY: the caller guarantees 32 valid bytes, aligned to 32.
        unsafe {
            asm!(
                "vmovaps ymmword ptr [{to}], {numbers}",
                numbers = in(ymm_reg) numbers,
                to = in(reg) to,
                options(nostack, preserves_flags),
            );
        }
    }

    // SAFETY of all: the processor has AVX2 and FMA, because only kernels chosen for it use this type; the caller guarantees that
    // addresses are valid and aligned.
    impl SimdVector for Avx2 {
        #[inline(always)]
        unsafe fn splat(number: f32) -> Avx2 {
            Avx2(unsafe { x86::_mm256_set1_ps(number) })
        }

        #[inline(always)]
        unsafe fn load(from: *const f32) -> Avx2 {
            Avx2(unsafe { load(from) })
        }

        #[inline(always)]
        unsafe fn store(self, to: *mut f32) {
            unsafe { store(self.0, to) }
        }

        #[inline(always)]
        unsafe fn load_own(from: *const f32) -> Avx2 {
            Avx2(unsafe { x86::_mm256_load_ps(from) })
        }

        #[inline(always)]
        unsafe fn store_own(self, to: *mut f32) {
            unsafe { x86::_mm256_store_ps(to, self.0) }
        }

        #[inline(always)]
        unsafe fn add_product(self, a: Avx2, b: Avx2) -> Avx2 {
            Avx2(unsafe { x86::_mm256_fmadd_ps(a.0, b.0, self.0) })
        }

        #[inline(always)]
        unsafe fn add(self, other: Avx2) -> Avx2 {
            Avx2(unsafe { x86::_mm256_add_ps(self.0, other.0) })
        }

        #[inline(always)]
        unsafe fn sum(self) -> f32 {
            unsafe {
                let halves = x86::_mm_add_ps(
                    x86::_mm256_castps256_ps128(self.0),
                    x86::_mm256_extractf128_ps::<1>(self.0),
                );
                let pairs = x86::_mm_add_ps(halves, x86::_mm_movehl_ps(halves, halves));
                let last = x86::_mm_shuffle_ps::<1>(pairs, pairs);
                x86::_mm_cvtss_f32(x86::_mm_add_ss(pairs, last))
            }
        }
    }
}

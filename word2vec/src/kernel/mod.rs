//! The inner loop: some input vectors, each set against some output vectors.
//!
//! For inputs x_m and outputs y_n with labels l_n (1: belongs together, 0: does not) the gradient of the logistic loss is
//! g_mn = l_n - sigma(x_m . y_n), and a step at rate alpha is
//!
//! ```text
//! x_m += alpha sum_n g_mn y_n        y_n += alpha sum_m g_mn x_m        (2013b, eq. 4)
//! ```
//!
//! The C program takes one pair (m, n) after the other and reads both vectors anew for each. Here all products of the
//! step are made first, then all changes in one pass, a tile of outputs staying in registers: six of them and their
//! changes fill the sixteen registers of AVX2. Each vector is read twice and written once for a whole window.
#![allow(unsafe_code)]

mod lanes;
#[cfg(test)]
mod tests;

use crate::sigmoid::{Saturated, Sigmoid};
use lanes::{Lanes, Portable, WIDTH};

/// What the processor can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kernel {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// A right or a wrong answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) vector: *mut f32,
    /// 1 if the inputs should point to it, 0 if they should not.
    pub(crate) label: f32,
    /// What a product beyond the sigmoid's table means.
    pub(crate) saturated: Saturated,
}

/// What a step needs beside the vectors; kept from step to step.
#[derive(Debug)]
pub(crate) struct Step {
    kernel: Kernel,
    /// Numbers of a vector, a multiple of [`WIDTH`].
    stride: usize,
    sigmoid: Sigmoid,
    pub(crate) inputs: Vec<*mut f32>,
    pub(crate) outputs: Vec<Output>,
    /// alpha g, for each input those of all outputs.
    gradients: Vec<f32>,
    /// Change of each input, where the outputs are more than a tile.
    changes: Scratch,
}

/// Outputs that are worked on at once.
const TILE: usize = 6;

impl Step {
    /// For vectors of so many numbers, all aligned as those of a matrix are.
    pub(crate) fn new(kernel: Kernel, stride: usize) -> Step {
        assert!(stride.is_multiple_of(WIDTH));
        Step {
            kernel,
            stride,
            sigmoid: Sigmoid::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            gradients: Vec::new(),
            changes: Scratch::default(),
        }
    }

    /// Moves inputs and outputs.
    ///
    /// # Safety
    /// All pointers are to `stride` numbers, aligned to 32 bytes, which nobody else holds a reference to.
    #[inline]
    pub(crate) unsafe fn run(&mut self, rate: f32) {
        // SAFETY: the caller's; and the kernel was found to fit the processor.
        unsafe {
            match self.kernel {
                Kernel::Portable => self.run_by::<Portable>(rate, false),
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => run_avx2(self, rate, false),
            }
        }
    }

    /// The same, where the only input is a mean that nobody keeps: it stays, and its change is the answer.
    ///
    /// # Safety
    /// As [`Step::run`].
    #[inline]
    pub(crate) unsafe fn run_for_change(&mut self, rate: f32) -> *const f32 {
        // SAFETY: as above.
        unsafe {
            match self.kernel {
                Kernel::Portable => self.run_by::<Portable>(rate, true),
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => run_avx2(self, rate, true),
            }
        }
        self.changes.row(0, self.stride)
    }

    /// The mean of vectors.
    ///
    /// # Safety
    /// As [`Step::run`], of `vectors` and `mean`.
    #[inline]
    pub(crate) unsafe fn mean(&self, vectors: &[*mut f32], mean: *mut f32) {
        // SAFETY: as above.
        unsafe {
            match self.kernel {
                Kernel::Portable => mean_by::<Portable>(vectors, mean, self.stride),
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => mean_avx2(vectors, mean, self.stride),
            }
        }
    }

    /// Adds the same change to vectors.
    ///
    /// # Safety
    /// As [`Step::run`], of `vectors` and `change`.
    #[inline]
    pub(crate) unsafe fn add(&self, vectors: &[*mut f32], change: *const f32) {
        // SAFETY: as above.
        unsafe {
            match self.kernel {
                Kernel::Portable => add_by::<Portable>(vectors, change, self.stride),
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => add_avx2(vectors, change, self.stride),
            }
        }
    }

    /// Sum of the logistic losses of the last step, before it.
    pub(crate) fn loss(&self, rate: f32) -> f64 {
        let losses = self.gradients.iter().map(|gradient| {
            // |g| is the probability that was given to the wrong answer.
            let wrong = f64::from((gradient / rate).abs());
            match wrong.is_finite() {
                true => -(1.0 - wrong.min(1.0 - 1e-6)).ln(),
                false => f64::NAN,
            }
        });
        losses.sum()
    }

    #[inline(always)]
    unsafe fn run_by<L: Lanes>(&mut self, rate: f32, only_change: bool) {
        let (inputs, outputs) = (self.inputs.len(), self.outputs.len());
        self.gradients.resize(inputs * outputs, 0.0);
        // SAFETY: the caller's, of all pointers.
        unsafe {
            for from in (0..outputs).step_by(TILE) {
                match outputs - from {
                    1 => self.products::<L, 1>(from),
                    2 => self.products::<L, 2>(from),
                    3 => self.products::<L, 3>(from),
                    4 => self.products::<L, 4>(from),
                    5 => self.products::<L, 5>(from),
                    _ => self.products::<L, TILE>(from),
                }
            }
            for (products, _) in self.gradients.chunks_mut(outputs.max(1)).zip(0..inputs) {
                for (product, output) in products.iter_mut().zip(&self.outputs) {
                    *product = rate
                        * self
                            .sigmoid
                            .gradient(*product, output.label, output.saturated);
                }
            }
            let aside = only_change || outputs > TILE;
            if aside {
                self.changes.clear(inputs, self.stride);
            }
            for from in (0..outputs).step_by(TILE) {
                match outputs - from {
                    1 => self.changes::<L, 1>(from, aside),
                    2 => self.changes::<L, 2>(from, aside),
                    3 => self.changes::<L, 3>(from, aside),
                    4 => self.changes::<L, 4>(from, aside),
                    5 => self.changes::<L, 5>(from, aside),
                    _ => self.changes::<L, TILE>(from, aside),
                }
            }
            if aside && !only_change {
                for (number, &input) in self.inputs.iter().enumerate() {
                    add_by::<L>(&[input], self.changes.row(number, self.stride), self.stride);
                }
            }
        }
    }

    /// x_m . y_n of all inputs and N outputs.
    #[inline(always)]
    unsafe fn products<L: Lanes, const N: usize>(&mut self, from: usize) {
        let ys = self.tile::<N>(from);
        let outputs = self.outputs.len();
        // SAFETY: the caller's.
        unsafe {
            for (pair, products) in self
                .inputs
                .chunks(2)
                .zip(self.gradients.chunks_mut(2 * outputs))
            {
                if let [a, b] = *pair {
                    let sums = dots::<L, 2, N>([a, b], ys, self.stride);
                    products[from..from + N].copy_from_slice(&sums[0]);
                    products[outputs + from..outputs + from + N].copy_from_slice(&sums[1]);
                } else {
                    let sums = dots::<L, 1, N>([pair[0]], ys, self.stride);
                    products[from..from + N].copy_from_slice(&sums[0]);
                }
            }
        }
    }

    #[inline(always)]
    fn tile<const N: usize>(&self, from: usize) -> [*mut f32; N] {
        let mut tile = [std::ptr::null_mut(); N];
        for (vector, output) in tile.iter_mut().zip(&self.outputs[from..]) {
            *vector = output.vector;
        }
        tile
    }

    /// Moves N outputs, and all inputs by what these have to say; `aside` adds that to `changes` instead.
    #[inline(always)]
    unsafe fn changes<L: Lanes, const N: usize>(&mut self, from: usize, aside: bool) {
        let ys = self.tile::<N>(from);
        let outputs = self.outputs.len();
        // SAFETY: the caller's.
        unsafe {
            for at in (0..self.stride).step_by(WIDTH) {
                let mut y = [L::splat(0.0); N];
                for n in 0..N {
                    y[n] = L::load(ys[n].add(at));
                }
                let mut moved = [L::splat(0.0); N];
                for (number, &input) in self.inputs.iter().enumerate() {
                    let gradients = self.gradients.as_ptr().add(number * outputs + from);
                    let place = input.add(at);
                    let x = L::load(place);
                    let to = match aside {
                        true => self.changes.row(number, self.stride).add(at),
                        false => place,
                    };
                    let mut sum = match aside {
                        true => L::load(to),
                        false => x,
                    };
                    for n in 0..N {
                        let gradient = L::splat(*gradients.add(n));
                        sum = sum.add_product(gradient, y[n]);
                        moved[n] = moved[n].add_product(gradient, x);
                    }
                    sum.store(to);
                }
                // Read once more: the same output may be among them twice.
                for n in 0..N {
                    let place = ys[n].add(at);
                    L::load(place).add(moved[n]).store(place);
                }
            }
        }
    }
}

impl Kernel {
    /// The fastest for this processor.
    pub(crate) fn best() -> Kernel {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
        {
            return Kernel::Avx2;
        }
        Kernel::Portable
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn run_avx2(step: &mut Step, rate: f32, only_change: bool) {
    // SAFETY: the caller's.
    unsafe { step.run_by::<lanes::Avx2>(rate, only_change) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn mean_avx2(vectors: &[*mut f32], mean: *mut f32, stride: usize) {
    // SAFETY: the caller's.
    unsafe { mean_by::<lanes::Avx2>(vectors, mean, stride) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn add_avx2(vectors: &[*mut f32], change: *const f32, stride: usize) {
    // SAFETY: the caller's.
    unsafe { add_by::<lanes::Avx2>(vectors, change, stride) }
}

/// Products of M inputs and N outputs.
#[inline(always)]
unsafe fn dots<L: Lanes, const M: usize, const N: usize>(
    xs: [*mut f32; M],
    ys: [*mut f32; N],
    stride: usize,
) -> [[f32; N]; M] {
    // SAFETY: the caller's.
    unsafe {
        let mut sums = [[L::splat(0.0); N]; M];
        for at in (0..stride).step_by(WIDTH) {
            let mut x = [L::splat(0.0); M];
            for m in 0..M {
                x[m] = L::load(xs[m].add(at));
            }
            for n in 0..N {
                let y = L::load(ys[n].add(at));
                for m in 0..M {
                    sums[m][n] = sums[m][n].add_product(x[m], y);
                }
            }
        }
        let mut products = [[0.0; N]; M];
        for m in 0..M {
            for n in 0..N {
                products[m][n] = sums[m][n].sum();
            }
        }
        products
    }
}

#[inline(always)]
unsafe fn mean_by<L: Lanes>(vectors: &[*mut f32], mean: *mut f32, stride: usize) {
    // SAFETY: the caller's.
    unsafe {
        let share = L::splat(1.0 / vectors.len() as f32);
        for at in (0..stride).step_by(WIDTH) {
            let mut sum = L::splat(0.0);
            for &vector in vectors {
                sum = sum.add(L::load(vector.add(at)));
            }
            L::splat(0.0).add_product(sum, share).store(mean.add(at));
        }
    }
}

#[inline(always)]
unsafe fn add_by<L: Lanes>(vectors: &[*mut f32], change: *const f32, stride: usize) {
    // SAFETY: the caller's.
    unsafe {
        for &vector in vectors {
            for at in (0..stride).step_by(WIDTH) {
                let place = vector.add(at);
                L::load(place).add(L::load(change.add(at))).store(place);
            }
        }
    }
}

/// Rows of numbers that one thread has for itself.
#[derive(Debug, Default)]
pub(crate) struct Scratch(Vec<Aligned>);

#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(32))]
struct Aligned([f32; WIDTH]);

impl Scratch {
    /// Rows of zeros.
    pub(crate) fn clear(&mut self, rows: usize, stride: usize) {
        self.0.clear();
        self.0.resize(rows * stride / WIDTH, Aligned::default());
    }

    /// The beginning of a row.
    #[inline]
    pub(crate) fn row(&mut self, row: usize, stride: usize) -> *mut f32 {
        let start: *mut f32 = self.0.as_mut_ptr().cast();
        start.wrapping_add(row * stride)
    }
}

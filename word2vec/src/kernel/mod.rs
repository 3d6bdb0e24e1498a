//! The inner loop: one step of gradient descent on all pairs of some input and output vectors.
//!
//! For inputs x_m and outputs y_n with labels l_n (1: positive, 0: negative), the gradient of the log-likelihood is
//! g_mn = l_n - sigma(x_m . y_n), and a step with learning rate alpha is
//!
//! ```text
//! x_m += alpha sum_n g_mn y_n        y_n += alpha sum_m g_mn x_m        (2013b, eq. 4)
//! ```
//!
//! The C program processes the pairs (m, n) one by one and reads both vectors each time. This kernel first computes all dot
//! products of the step and then all updates. It processes outputs in tiles that stay in registers: six outputs and their updates
//! fill the sixteen registers of AVX2. For a whole window each vector is read twice and written once.
#![allow(unsafe_code)]

#[cfg(test)]
mod repeated_tests;
mod simd;
#[cfg(test)]
mod tests;

use crate::sigmoid::{Saturation, SigmoidTable};
use simd::{Portable, SimdVector, WIDTH};

/// The instruction set that is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kernel {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// An output vector with its label.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) vector: *mut f32,
    /// 1 for a positive example, 0 for a negative one.
    pub(crate) label: f32,
    /// The treatment of products outside the sigmoid's table.
    pub(crate) saturation: Saturation,
}

/// What becomes of the updates of the inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InputUpdate {
    /// They are added to the inputs.
    Apply,
    /// They stay in [`Step::updates`].
    Return,
}

/// Where the updates of the inputs are accumulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accumulator {
    /// In the inputs, if all outputs fit into one tile.
    Inputs,
    /// In [`Step::updates`], so that all tiles use the old inputs.
    Updates,
}

/// A step and its working memory, which is reused from step to step.
#[derive(Debug)]
pub(crate) struct Step {
    kernel: Kernel,
    /// Length of a vector with its padding, a multiple of [`WIDTH`].
    stride: usize,
    sigmoid: SigmoidTable,
    pub(crate) inputs: Vec<*mut f32>,
    pub(crate) outputs: Vec<Output>,
    /// alpha g_mn: `[inputs, outputs]`; before that, the dot products.
    gradients: Vec<f32>,
    /// Updates of the inputs, if they are accumulated separately.
    updates: AlignedRows,
}

/// Number of outputs per tile.
const TILE: usize = 6;

impl Step {
    /// A step for vectors of length `stride`, aligned like the rows of a matrix.
    pub(crate) fn new(kernel: Kernel, stride: usize) -> Step {
        assert!(stride.is_multiple_of(WIDTH));
        Step {
            kernel,
            stride,
            sigmoid: SigmoidTable::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            gradients: Vec::new(),
            updates: AlignedRows::default(),
        }
    }

    /// Updates inputs and outputs.
    ///
    /// # Safety
    /// All pointers must be aligned to 32 bytes and valid for `stride` numbers, to which no references exist.
    #[inline]
    pub(crate) unsafe fn run(&mut self, rate: f32) {
        // SAFETY: guaranteed by the caller; the kernel matches the processor.
        unsafe {
            match self.kernel {
                Kernel::Portable => self.run_with::<Portable>(rate, InputUpdate::Apply),
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => run_avx2(self, rate, InputUpdate::Apply),
            }
        }
    }

    /// Updates the outputs only and returns the update of the single input, for a temporary input such as the mean of CBOW.
    ///
    /// # Safety
    /// As [`Step::run`].
    #[inline]
    pub(crate) unsafe fn run_for_input_update(&mut self, rate: f32) -> *const f32 {
        // SAFETY: as above.
        unsafe {
            match self.kernel {
                Kernel::Portable => self.run_with::<Portable>(rate, InputUpdate::Return),
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => run_avx2(self, rate, InputUpdate::Return),
            }
        }
        self.updates.row(0, self.stride)
    }

    /// Writes the mean of `vectors` to `mean`.
    ///
    /// # Safety
    /// As [`Step::run`], for `vectors` and `mean`.
    #[inline]
    pub(crate) unsafe fn mean(&self, vectors: &[*mut f32], mean: *mut f32) {
        // SAFETY: as above.
        unsafe {
            match self.kernel {
                Kernel::Portable => mean_with::<Portable>(vectors, mean, self.stride),
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => mean_avx2(vectors, mean, self.stride),
            }
        }
    }

    /// Adds `update` to each of `vectors`.
    ///
    /// # Safety
    /// As [`Step::run`], for `vectors` and `update`.
    #[inline]
    pub(crate) unsafe fn add(&self, vectors: &[*mut f32], update: *const f32) {
        // SAFETY: as above.
        unsafe {
            match self.kernel {
                Kernel::Portable => add_with::<Portable>(vectors, update, self.stride),
                #[cfg(target_arch = "x86_64")]
                Kernel::Avx2 => add_avx2(vectors, update, self.stride),
            }
        }
    }

    /// The sum of the logistic losses over all pairs of the last step, before its update.
    pub(crate) fn loss(&self, rate: f32) -> f64 {
        let losses = self.gradients.iter().map(|gradient| {
            // |g| is the probability of the wrong label.
            let wrong = f64::from((gradient / rate).abs());
            match wrong.is_finite() {
                true => -(1.0 - wrong.min(1.0 - 1e-6)).ln(),
                false => f64::NAN,
            }
        });
        losses.sum()
    }

    /// Runs the step with the instructions of `L`.
    #[inline(always)]
    unsafe fn run_with<L: SimdVector>(&mut self, rate: f32, input_update: InputUpdate) {
        let (inputs, outputs) = (self.inputs.len(), self.outputs.len());
        self.gradients.resize(inputs * outputs, 0.0);
        // SAFETY: guaranteed by the caller for all pointers.
        unsafe {
            for from in (0..outputs).step_by(TILE) {
                match outputs - from {
                    1 => self.dot_products::<L, 1>(from),
                    2 => self.dot_products::<L, 2>(from),
                    3 => self.dot_products::<L, 3>(from),
                    4 => self.dot_products::<L, 4>(from),
                    5 => self.dot_products::<L, 5>(from),
                    _ => self.dot_products::<L, TILE>(from),
                }
            }
            for (products, _) in self.gradients.chunks_mut(outputs.max(1)).zip(0..inputs) {
                for (product, output) in products.iter_mut().zip(&self.outputs) {
                    *product = rate
                        * self
                            .sigmoid
                            .gradient(*product, output.label, output.saturation);
                }
            }
            let accumulator = match input_update == InputUpdate::Return || outputs > TILE {
                true => Accumulator::Updates,
                false => Accumulator::Inputs,
            };
            if accumulator == Accumulator::Updates {
                self.updates.clear(inputs, self.stride);
            }
            for from in (0..outputs).step_by(TILE) {
                match outputs - from {
                    1 => self.update_tile::<L, 1>(from, accumulator),
                    2 => self.update_tile::<L, 2>(from, accumulator),
                    3 => self.update_tile::<L, 3>(from, accumulator),
                    4 => self.update_tile::<L, 4>(from, accumulator),
                    5 => self.update_tile::<L, 5>(from, accumulator),
                    _ => self.update_tile::<L, TILE>(from, accumulator),
                }
            }
            if accumulator == Accumulator::Updates && input_update == InputUpdate::Apply {
                for (number, &input) in self.inputs.iter().enumerate() {
                    add_with::<L>(&[input], self.updates.row(number, self.stride), self.stride);
                }
            }
        }
    }

    /// x_m . y_n of all inputs and a tile of N outputs.
    #[inline(always)]
    unsafe fn dot_products<L: SimdVector, const N: usize>(&mut self, from: usize) {
        let ys = self.tile::<N>(from);
        let outputs = self.outputs.len();
        // SAFETY: guaranteed by the caller.
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

    /// The vectors of a tile of N outputs.
    #[inline(always)]
    fn tile<const N: usize>(&self, from: usize) -> [*mut f32; N] {
        let mut tile = [std::ptr::null_mut(); N];
        for (vector, output) in tile.iter_mut().zip(&self.outputs[from..]) {
            *vector = output.vector;
        }
        tile
    }

    /// Updates a tile of N outputs and adds its contribution to the updates of all inputs.
    #[inline(always)]
    unsafe fn update_tile<L: SimdVector, const N: usize>(
        &mut self,
        from: usize,
        accumulator: Accumulator,
    ) {
        let ys = self.tile::<N>(from);
        // In variables of this function, because a store could change a field as far as the compiler knows.
        let (stride, outputs) = (self.stride, self.outputs.len());
        let (inputs, gradients) = (&self.inputs[..], self.gradients.as_ptr());
        let updates = self.updates.row(0, stride);
        // SAFETY: guaranteed by the caller.
        unsafe {
            for at in (0..stride).step_by(WIDTH) {
                let mut y = [L::splat(0.0); N];
                for n in 0..N {
                    y[n] = L::load(ys[n].add(at));
                }
                let mut update = [L::splat(0.0); N];
                for (number, &input) in inputs.iter().enumerate() {
                    let gradients = gradients.add(number * outputs + from);
                    let address = input.add(at);
                    let x = L::load(address);
                    let own = updates.wrapping_add(number * stride + at);
                    let mut sum = match accumulator {
                        Accumulator::Updates => L::load_own(own),
                        Accumulator::Inputs => x,
                    };
                    for n in 0..N {
                        let gradient = L::splat(*gradients.add(n));
                        sum = sum.add_product(gradient, y[n]);
                        update[n] = update[n].add_product(gradient, x);
                    }
                    match accumulator {
                        Accumulator::Updates => sum.store_own(own),
                        Accumulator::Inputs => sum.store(address),
                    }
                }
                // The output is loaded again, because a tile may contain the same output twice.
                for n in 0..N {
                    let address = ys[n].add(at);
                    L::load(address).add(update[n]).store(address);
                }
            }
        }
    }
}

impl Kernel {
    /// The fastest kernel that the processor supports.
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
unsafe fn run_avx2(step: &mut Step, rate: f32, input_update: InputUpdate) {
    // SAFETY: guaranteed by the caller.
    unsafe { step.run_with::<simd::Avx2>(rate, input_update) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn mean_avx2(vectors: &[*mut f32], mean: *mut f32, stride: usize) {
    // SAFETY: guaranteed by the caller.
    unsafe { mean_with::<simd::Avx2>(vectors, mean, stride) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn add_avx2(vectors: &[*mut f32], update: *const f32, stride: usize) {
    // SAFETY: guaranteed by the caller.
    unsafe { add_with::<simd::Avx2>(vectors, update, stride) }
}

/// The dot products of M inputs and N outputs.
#[inline(always)]
unsafe fn dots<L: SimdVector, const M: usize, const N: usize>(
    xs: [*mut f32; M],
    ys: [*mut f32; N],
    stride: usize,
) -> [[f32; N]; M] {
    // SAFETY: guaranteed by the caller.
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
unsafe fn mean_with<L: SimdVector>(vectors: &[*mut f32], mean: *mut f32, stride: usize) {
    // SAFETY: guaranteed by the caller.
    unsafe {
        let share = L::splat(1.0 / vectors.len() as f32);
        for at in (0..stride).step_by(WIDTH) {
            let mut sum = L::splat(0.0);
            for &vector in vectors {
                sum = sum.add(L::load(vector.add(at)));
            }
            L::splat(0.0)
                .add_product(sum, share)
                .store_own(mean.add(at));
        }
    }
}

#[inline(always)]
unsafe fn add_with<L: SimdVector>(vectors: &[*mut f32], update: *const f32, stride: usize) {
    // SAFETY: guaranteed by the caller.
    unsafe {
        for &vector in vectors {
            for at in (0..stride).step_by(WIDTH) {
                let address = vector.add(at);
                L::load(address)
                    .add(L::load_own(update.add(at)))
                    .store(address);
            }
        }
    }
}

/// Aligned rows of numbers that belong to one thread.
#[derive(Debug, Default)]
pub(crate) struct AlignedRows(Vec<Aligned>);

#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(32))]
struct Aligned([f32; WIDTH]);

impl AlignedRows {
    /// Resizes to `rows` rows of zeros.
    pub(crate) fn clear(&mut self, rows: usize, stride: usize) {
        self.0.clear();
        self.0.resize(rows * stride / WIDTH, Aligned::default());
    }

    /// A pointer to a row.
    #[inline]
    pub(crate) fn row(&mut self, row: usize, stride: usize) -> *mut f32 {
        let start: *mut f32 = self.0.as_mut_ptr().cast();
        start.wrapping_add(row * stride)
    }
}

//! Matrices of f32 with aligned rows, and shared access for several threads.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Sixteen numbers, which fill a cache line.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(64))]
struct CacheLine([f32; LINE]);

const LINE: usize = 16;

/// Rows of equal length, each aligned to a cache line and padded with zeros, which no step changes.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    lines: Vec<CacheLine>,
    rows: usize,
    dimension: usize,
}

impl Matrix {
    pub(crate) fn zeros(rows: usize, dimension: usize) -> Matrix {
        let lines = vec![CacheLine::default(); rows * dimension.div_ceil(LINE)];
        Matrix {
            lines,
            rows,
            dimension,
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    fn lines_per_row(&self) -> usize {
        self.dimension.div_ceil(LINE)
    }

    /// Length of a row with its padding.
    pub(crate) fn stride(&self) -> usize {
        self.lines_per_row() * LINE
    }

    /// A row without its padding.
    pub(crate) fn row(&self, row: usize) -> &[f32] {
        let lines = self.lines_per_row();
        let lines = &self.lines[row * lines..(row + 1) * lines];
        &floats(lines)[..self.dimension]
    }

    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f32] {
        let lines = self.lines_per_row();
        let lines = &mut self.lines[row * lines..(row + 1) * lines];
        &mut floats_mut(lines)[..self.dimension]
    }

    pub(crate) fn is_finite(&self) -> bool {
        floats(&self.lines).iter().all(|number| number.is_finite())
    }

    /// Access for several threads at once.
    pub(crate) fn share(&mut self) -> SharedMatrix<'_> {
        SharedMatrix {
            stride: self.stride(),
            rows: self.rows,
            dimension: self.dimension,
            start: self.lines.as_mut_ptr().cast(),
            lifetime: std::marker::PhantomData,
        }
    }
}

#[allow(unsafe_code)]
fn floats(lines: &[CacheLine]) -> &[f32] {
    // SAFETY: a cache line is exactly sixteen f32.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * LINE) }
}

#[allow(unsafe_code)]
fn floats_mut(lines: &mut [CacheLine]) -> &mut [f32] {
    // SAFETY: a cache line is exactly sixteen f32.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * LINE) }
}

/// A matrix that threads read and write without locks (Niu et al. 2011, *Hogwild*). If two threads update a row at once, one of the
/// updates may be lost, as in all implementations of word2vec.
///
/// While a matrix is shared, its numbers are accessed through pointers only, no references to them exist, and every access is a
/// relaxed atomic one of four bytes: `read_row` here, and the loads and stores of the kernel (`kernel/simd.rs` says how). So each
/// load yields a number that some thread has stored, and there is no data race.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SharedMatrix<'a> {
    start: *mut f32,
    rows: usize,
    dimension: usize,
    stride: usize,
    lifetime: std::marker::PhantomData<&'a mut Matrix>,
}

#[allow(unsafe_code)]
// SAFETY: the matrix is mutably borrowed for 'a, row pointers are in bounds, and all accesses are atomic, see above.
unsafe impl Send for SharedMatrix<'_> {}
#[allow(unsafe_code)]
// SAFETY: as above.
unsafe impl Sync for SharedMatrix<'_> {}

impl SharedMatrix<'_> {
    /// A pointer to a row.
    #[inline]
    pub(crate) fn row(&self, row: u32) -> *mut f32 {
        assert!((row as usize) < self.rows);
        self.start.wrapping_add(row as usize * self.stride)
    }

    /// The numbers of a row, which other threads may be writing.
    pub(crate) fn read_row(&self, row: u32) -> impl Iterator<Item = f32> + use<> {
        let (start, dimension) = (self.row(row), self.dimension);
        #[allow(unsafe_code)]
        // SAFETY: the row is in bounds and aligned, and all accesses while the matrix is shared are atomic.
        let number = move |at| unsafe { AtomicU32::from_ptr(start.wrapping_add(at).cast()) };
        (0..dimension).map(move |at| f32::from_bits(number(at).load(Relaxed)))
    }

    /// Length of a row with its padding.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// Prefetches a row that will be used soon.
    #[inline]
    pub(crate) fn prefetch(&self, row: u32) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            let start = self.row(row);
            for line in (0..self.stride).step_by(LINE) {
                #[allow(unsafe_code)]
                // SAFETY: a prefetch does not access memory and is allowed for any address.
                unsafe {
                    _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(line).cast());
                }
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = row;
    }
}

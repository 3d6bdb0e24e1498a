//! Vectors in memory, and the way several threads write them.

/// Sixteen numbers, a line of a processor's cache.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

const LINE: usize = 16;

/// Rows of equal length, each begun at a line of the cache and filled up with zeros, which no step changes.
#[derive(Debug, Clone)]
pub(crate) struct Matrix {
    lines: Vec<Line>,
    rows: usize,
    dimension: usize,
}

impl Matrix {
    pub(crate) fn zeros(rows: usize, dimension: usize) -> Matrix {
        let lines = vec![Line::default(); rows * dimension.div_ceil(LINE)];
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

    /// Numbers of a row, zeros at its end included.
    pub(crate) fn stride(&self) -> usize {
        self.lines_per_row() * LINE
    }

    /// A row without the zeros at its end.
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

    /// For threads that write at once.
    pub(crate) fn share(&mut self) -> Shared<'_> {
        Shared {
            stride: self.stride(),
            rows: self.rows,
            dimension: self.dimension,
            start: self.lines.as_mut_ptr().cast(),
            lent: std::marker::PhantomData,
        }
    }
}

#[allow(unsafe_code)]
fn floats(lines: &[Line]) -> &[f32] {
    // SAFETY: a line is sixteen numbers and nothing else.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * LINE) }
}

#[allow(unsafe_code)]
fn floats_mut(lines: &mut [Line]) -> &mut [f32] {
    // SAFETY: a line is sixteen numbers and nothing else.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * LINE) }
}

/// A matrix that all threads read and write without waiting (Niu et al. 2011, *Hogwild*). Two that write a row at once may
/// lose one of the two small changes; that is the bargain, and it is part of every word2vec there is.
///
/// No reference to the numbers is ever made while it is shared: they are reached through pointers only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shared<'a> {
    start: *mut f32,
    rows: usize,
    dimension: usize,
    stride: usize,
    lent: std::marker::PhantomData<&'a mut Matrix>,
}

#[allow(unsafe_code)]
// SAFETY: whoever holds it may be on another thread: the matrix is lent for 'a, and rows are in its bounds. Numbers that
// are written while they are read are read as one or the other: loads and stores of aligned numbers are whole on every
// processor that this runs on.
unsafe impl Send for Shared<'_> {}
#[allow(unsafe_code)]
// SAFETY: as above.
unsafe impl Sync for Shared<'_> {}

impl Shared<'_> {
    /// The beginning of a row.
    #[inline]
    pub(crate) fn row(&self, row: u32) -> *mut f32 {
        assert!((row as usize) < self.rows);
        self.start.wrapping_add(row as usize * self.stride)
    }

    /// The numbers of a row, while others may write them.
    pub(crate) fn read(&self, row: u32) -> impl Iterator<Item = f32> + use<> {
        let (start, dimension) = (self.row(row), self.dimension);
        #[allow(unsafe_code)]
        // SAFETY: the row is in bounds, and its numbers are read one by one, never borrowed.
        (0..dimension).map(move |at| unsafe { start.wrapping_add(at).read_volatile() })
    }

    /// Numbers of a row, zeros at its end included.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// Asks the processor for a row that will be used soon.
    #[inline]
    pub(crate) fn fetch(&self, row: u32) {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
            let start = self.row(row);
            for line in (0..self.stride).step_by(LINE) {
                #[allow(unsafe_code)]
                // SAFETY: a hint without effect on memory, allowed for any address.
                unsafe {
                    _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(line).cast());
                }
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = row;
    }
}

//! Hints to the processor.

/// Asks the processor for a byte that will be read soon: several such waits at once take no longer than one.
#[inline]
pub(crate) fn fetch(data: &[u8], at: usize) {
    if let Some(byte) = data.get(at) {
        fetch_place(byte);
    }
}

#[inline]
#[allow(unsafe_code)]
pub(crate) fn fetch_place(place: *const u8) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint without effect on memory, allowed for any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(place.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

//! Prefetch instructions.

/// Prefetches a byte that will be read soon, so that the waits for several bytes overlap.
#[inline]
pub(crate) fn prefetch(data: &[u8], at: usize) {
    if let Some(byte) = data.get(at) {
        prefetch_address(byte);
    }
}

/// Prefetches the cache line of an address.
#[inline]
#[allow(unsafe_code)]
pub(crate) fn prefetch_address(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch does not access memory and is allowed for any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

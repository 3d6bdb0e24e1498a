//! Memory: checks before allocation, out-of-memory errors, and settings of the allocator.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tch::Device;

use crate::error::{Error, Result};

/// libtorch's messages for exhausted memory, on a GPU and on the CPU.
const OUT_OF_MEMORY: [&str; 3] = ["out of memory", "allocate memory", "not enough memory"];

/// Fails if `needed` bytes exceed the machine's free memory. GPU memory is not checked: only an allocation shows whether it
/// suffices.
pub(crate) fn require_memory(device: Device, needed: u64) -> Result<()> {
    match harness::available_memory() {
        Some(available) if device == Device::Cpu && needed > available => Err(Error::Memory {
            needed: needed >> 20,
            available: available >> 20,
        }),
        _ => Ok(()),
    }
}

/// Runs a part of a training step and turns libtorch's out-of-memory panic into an error; other panics are bugs and propagate.
pub(crate) fn catch_out_of_memory<T>(step: u64, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let message = panic.downcast_ref::<String>().map_or("", |text| text);
        let matches = |line: &&str| OUT_OF_MEMORY.iter().any(|words| line.contains(words));
        match message.lines().find(matches) {
            Some(line) => Err(Error::StepMemory {
                step,
                what: line.trim().chars().take(200).collect(),
            }),
            None => resume_unwind(panic),
        }
    })
}

/// Makes glibc keep freed memory for the next training step, which allocates as much again.
///
/// Otherwise glibc maps every large tensor anew, and the kernel clears it page by page, which takes a fifth of a step with a
/// large vocabulary.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn keep_memory() {
    #[allow(unsafe_code)]
    // SAFETY: mallopt may be called at any time; it changes where later allocations come from.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn keep_memory() {}

/// Returns freed memory to the system after training; [`crate::ComputeConfig::apply`] makes the allocator keep it until then.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn release_memory() {
    #[allow(unsafe_code)]
    // SAFETY: malloc_trim may be called at any time; it releases only memory that is not allocated.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Returns freed memory to the system after training; [`crate::ComputeConfig::apply`] makes the allocator keep it until then.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn release_memory() {}

//! Atomic writing of files and folders, and memory-mapped files.

pub(crate) mod files;
pub(crate) mod map;
pub(crate) mod staging;

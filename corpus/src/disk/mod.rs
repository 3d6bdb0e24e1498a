//! Files that are whole or absent, and files mapped into memory.

pub(crate) mod files;
pub(crate) mod map;
pub(crate) mod staging;

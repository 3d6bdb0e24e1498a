//! The binary format of the crate `fst`, version 3, written and read node by node.
//!
//! A file that is written here is a valid FST: the crate opens, verifies and queries it (the tests do). What the crate's
//! own builder and reader could not give:
//!
//! - The builder looks for shared endings in a table of all kinds of nodes, wherever they are. N-grams share none but
//!   the last one or two words; a far ending takes a longer address than a copy would; and the search takes most of the
//!   time. Here only chains are shared, and only with what is near.
//! - It minimises outputs along the path; a count belongs to one n-gram and not to those that continue it.
//! - Addresses are distances, so that parts can be built in parallel and put into one file, under one root.
//! - The crate's reader panics at addresses that do not exist; here damage reads as "there is no such edge".
//!
//! ```text
//! header    version 3, type: u64 each
//! nodes     children before their parents; an address is that of a node's last byte, 0 the end of a key
//! footer    number of keys, address of the root: u64 each; masked CRC-32C of all before: u32
//!
//! node with one edge, to the node before it, output 0          [input] 11cccccc
//! node with one edge          output, distance, sizes, [input] 10cccccc
//! node with n edges   outputs, distances, inputs (last edge first), [index of 256 if n > 32], sizes, [n], 00nnnnnn
//! ```
//! c: number of a common byte value, or 0 where `input` holds it; n: the number of edges, or 0 where it stands in a byte
//! of its own (1 for 256); sizes: bytes of a distance in the high four bits, bytes of an output in the low four.

mod read;
mod write;

pub(crate) use read::{Many, Step, edges, find, is_single, open};
pub(crate) use write::{Edge, Part, Writer};

/// The byte values that a node with a single edge holds in its first byte, most common first: part of the format.
pub(crate) const COMMON: &[u8; 63] =
    b"te/oasripcnw.hlm-du012g=:bf3y5&_4v9678k%?xCDASFIBEjPTzRNM+LOqHG";

/// Where a key ends and nothing follows.
pub(crate) const LEAF: u64 = 0;

const VERSION: u64 = 3;
pub(crate) const HEADER: usize = 16;
const FOOTER: usize = 20;
/// Nodes with more edges have an index.
const INDEXED: usize = 32;

#[cfg(test)]
mod tests;

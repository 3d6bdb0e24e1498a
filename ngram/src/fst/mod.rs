//! The binary format of the crate `fst`, version 3, written and read node by node.
//!
//! The written files are valid FSTs, which the crate `fst` can open, verify and query; the tests check this. This module replaces
//! the crate's own builder and reader because:
//!
//! - The crate's builder searches for shared suffixes in a table of all nodes. N-grams share only their last one or two words, the
//!   address of a distant suffix takes more space than a copy, and the search takes most of the time. Here only chains are shared,
//!   and only with nearby nodes.
//! - The crate distributes outputs along a path, but a count belongs to one n-gram and not to its extensions.
//! - Addresses are relative here, so that parts can be built in parallel and concatenated under one root.
//! - The crate's reader panics on invalid addresses; here a damaged edge reads as absent.
//!
//! ```text
//! header    version 3, type: u64 each
//! nodes     children before parents; the address of a node is that of its last byte, address 0 is the end of a key
//! footer    number of keys, address of the root: u64 each; masked CRC-32C of everything before: u32
//!
//! node with one edge to the preceding node, output 0           [input] 11cccccc
//! node with one edge          output, distance, sizes, [input] 10cccccc
//! node with n edges   outputs, distances, inputs (last edge first), [index of 256 if n > 32], sizes, [n], 00nnnnnn
//! ```
//! c: number of a common byte value, or 0 if the byte `input` holds the value; n: the number of edges, or 0 if a separate byte
//! holds it (1 for 256); sizes: bytes per distance in the high four bits, bytes per output in the low four.

mod read;
mod write;

pub(crate) use read::{MultiEdgeNode, Transition, find, for_each_edge, has_single_edge, open};
pub(crate) use write::{Edge, Part, Writer};

/// The byte values that a node with a single edge encodes in its state byte, most common first; part of the format.
pub(crate) const COMMON: &[u8; 63] =
    b"te/oasripcnw.hlm-du012g=:bf3y5&_4v9678k%?xCDASFIBEjPTzRNM+LOqHG";

/// The address that ends a key.
pub(crate) const LEAF: u64 = 0;

const VERSION: u64 = 3;
pub(crate) const HEADER: usize = 16;
const FOOTER: usize = 20;
/// Nodes with more edges than this have an index.
const MAX_UNINDEXED: usize = 32;

#[cfg(test)]
mod tests;

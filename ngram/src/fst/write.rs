//! Writing nodes.

use std::io::{self, Write};

use super::{COMMON, FOOTER, HEADER, LEAF, MAX_UNINDEXED, VERSION};

/// An edge of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) input: u8,
    pub(crate) output: u64,
    /// Address of the target node.
    pub(crate) target: u64,
}

/// Writes nodes, children before parents.
#[derive(Debug)]
pub(crate) struct Writer<W> {
    to: W,
    buffer: Vec<u8>,
    /// Address of the first byte of the buffer.
    start: u64,
    /// Address of the last node.
    last: u64,
    checksum: u32,
    /// Number of keys.
    keys: u64,
    /// A hash table of nodes with one edge and output 0, for sharing.
    cached: Vec<CachedNode>,
}

/// A node with one edge and output 0, and its address.
#[derive(Debug, Clone, Copy, Default)]
struct CachedNode {
    input: u8,
    target: u64,
    address: u64,
}

/// Size, checksum and number of keys of a finished part, whose addresses are relative to its beginning.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) bytes: u64,
    pub(crate) checksum: u32,
    pub(crate) keys: u64,
}

/// Number of nodes in the hash table.
const CACHE_SIZE: usize = 1 << 14;
/// Largest distance at which sharing a node saves space: what two bytes can address.
const MAX_SHARING_DISTANCE: u64 = 65_535;

/// Size of the write buffer in bytes.
const BUFFER_SIZE: usize = 1 << 18;

impl<W: Write> Writer<W> {
    /// Begins a part of a file. [`Writer::shift`] of the file, at the position of the part, must be added to its addresses.
    pub(crate) fn part(to: W) -> Writer<W> {
        Writer {
            to,
            buffer: Vec::with_capacity(BUFFER_SIZE),
            // Address 0 ends a key, so addresses of a part begin as they would after a header.
            start: HEADER as u64,
            last: LEAF,
            checksum: 0,
            keys: 0,
            cached: vec![CachedNode::default(); CACHE_SIZE],
        }
    }

    /// Begins a file.
    pub(crate) fn file(to: W) -> Writer<W> {
        let mut writer = Writer::part(to);
        writer.start = 0;
        writer.buffer.extend(VERSION.to_le_bytes());
        writer.buffer.extend(0_u64.to_le_bytes());
        writer
    }

    /// The offset to add to the addresses of a part that is appended here.
    pub(crate) fn shift(&self) -> u64 {
        self.address() - HEADER as u64
    }

    fn address(&self) -> u64 {
        self.start + self.buffer.len() as u64
    }

    /// Increments the number of keys.
    #[inline]
    pub(crate) fn count_key(&mut self) {
        self.keys += 1;
    }

    /// Writes a node and returns its address. `edges` are in order of their inputs; a node without edges is the end of a key.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn node(&mut self, edges: &[Edge]) -> io::Result<u64> {
        if self.buffer.len() >= BUFFER_SIZE - 8192 {
            self.flush()?;
        }
        match edges {
            [] => return Ok(LEAF),
            [edge] if edge.output == 0 => return Ok(self.shared_edge(edge)),
            [edge] => self.one_edge(edge),
            _ => self.many_edges(edges),
        }
        self.last = self.address() - 1;
        Ok(self.last)
    }

    /// Shares an equal node that was written recently, because keys often have equal ends.
    fn shared_edge(&mut self, edge: &Edge) -> u64 {
        let hash = (edge.target ^ u64::from(edge.input) << 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let slot = (hash >> 32) as usize % CACHE_SIZE;
        let cached = self.cached[slot];
        let is_near =
            cached.address != LEAF && self.address() - cached.address <= MAX_SHARING_DISTANCE;
        if is_near && (cached.input, cached.target) == (edge.input, edge.target) {
            return cached.address;
        }
        match edge.target == self.last && edge.target != LEAF {
            true => self.input(edge.input, 0b1100_0000),
            false => self.one_edge(edge),
        }
        self.last = self.address() - 1;
        self.cached[slot] = CachedNode {
            input: edge.input,
            target: edge.target,
            address: self.last,
        };
        self.last
    }

    fn one_edge(&mut self, edge: &Edge) {
        let start = self.address();
        let output_size = match edge.output {
            0 => 0,
            output => self.number(output),
        };
        let size = self.number(distance(start, edge.target));
        self.buffer.push(size << 4 | output_size);
        self.input(edge.input, 0b1000_0000);
    }

    fn input(&mut self, input: u8, kind: u8) {
        match COMMON_NUMBER[usize::from(input)] {
            0 => self.buffer.extend([input, kind]),
            number => self.buffer.push(kind | number),
        }
    }

    fn many_edges(&mut self, edges: &[Edge]) {
        let start = self.address();
        let widest = |number: &dyn Fn(&Edge) -> u64| {
            edges
                .iter()
                .map(|edge| size(number(edge)))
                .max()
                .unwrap_or(0)
        };
        let output_size = match edges.iter().all(|edge| edge.output == 0) {
            true => 0,
            false => widest(&|edge| edge.output),
        };
        let distance_size = widest(&|edge| distance(start, edge.target));
        for edge in edges.iter().rev() {
            put(&mut self.buffer, edge.output, output_size);
        }
        for edge in edges.iter().rev() {
            put(
                &mut self.buffer,
                distance(start, edge.target),
                distance_size,
            );
        }
        self.buffer
            .extend(edges.iter().rev().map(|edge| edge.input));
        if edges.len() > MAX_UNINDEXED {
            // 255 marks absent edges; in a node with 256 edges none is absent.
            let mut index = [255_u8; 256];
            for (number, edge) in edges.iter().enumerate() {
                index[usize::from(edge.input)] = number as u8;
            }
            self.buffer.extend(index);
        }
        self.buffer.push(distance_size << 4 | output_size);
        match edges.len() {
            count @ ..=63 => self.buffer.push(count as u8),
            256 => self.buffer.extend([1, 0]),
            count => self.buffer.extend([count as u8, 0]),
        }
    }

    /// Appends a number in as few little-endian bytes as possible; returns how many.
    fn number(&mut self, number: u64) -> u8 {
        let size = size(number);
        put(&mut self.buffer, number, size);
        size
    }

    fn flush(&mut self) -> io::Result<()> {
        self.checksum = crc32c::crc32c_append(self.checksum, &self.buffer);
        self.start += self.buffer.len() as u64;
        self.to.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends a part.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn finish_part(mut self) -> io::Result<(W, Part)> {
        self.flush()?;
        self.to.flush()?;
        let part = Part {
            bytes: self.start - HEADER as u64,
            checksum: self.checksum,
            keys: self.keys,
        };
        Ok((self.to, part))
    }

    /// Appends a part to the file.
    ///
    /// # Errors
    /// I/O errors, also if `from` is shorter than the part.
    pub(crate) fn append(&mut self, part: &Part, from: &mut dyn io::Read) -> io::Result<()> {
        self.flush()?;
        let copied = io::copy(from, &mut self.to)?;
        if copied != part.bytes {
            return Err(io::Error::other("a part of the n-grams was cut short"));
        }
        let (before, bytes) = (self.checksum, part.bytes as usize);
        self.checksum = crc32c::crc32c_combine(before, part.checksum, bytes);
        self.start += part.bytes;
        self.keys += part.keys;
        Ok(())
    }

    /// Ends a file.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn finish_file(mut self, root: u64) -> io::Result<W> {
        self.buffer.extend(self.keys.to_le_bytes());
        self.buffer.extend(root.to_le_bytes());
        self.flush()?;
        // The format masks the CRC, because CRCs of data that contain CRCs are weak.
        let masked = self.checksum.rotate_right(15).wrapping_add(0xA282_EAD8);
        self.to.write_all(&masked.to_le_bytes())?;
        self.to.flush()?;
        debug_assert!(self.start >= (HEADER + FOOTER - 4) as u64);
        Ok(self.to)
    }
}

/// The distance from the beginning of a node to its target; 0 for the end of a key.
fn distance(start: u64, target: u64) -> u64 {
    match target {
        LEAF => 0,
        target => start - target,
    }
}

/// Bytes needed for a number; at least one, because the crate `fst` reads no fewer.
fn size(number: u64) -> u8 {
    (8 - (number | 1).leading_zeros() / 8) as u8
}

fn put(buffer: &mut Vec<u8>, number: u64, size: u8) {
    buffer.extend_from_slice(&number.to_le_bytes()[..usize::from(size)]);
}

/// The index of a byte value in [`COMMON`], from 1; 0 for all others.
const COMMON_NUMBER: [u8; 256] = {
    let mut numbers = [0; 256];
    let mut at = 0;
    while at < COMMON.len() {
        numbers[COMMON[at] as usize] = at as u8 + 1;
        at += 1;
    }
    numbers
};

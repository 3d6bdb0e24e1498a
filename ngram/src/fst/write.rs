//! Writing nodes.

use std::io::{self, Write};

use super::{COMMON, FOOTER, HEADER, INDEXED, LEAF, VERSION};

/// An edge of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) input: u8,
    pub(crate) output: u64,
    /// Address of the node it leads to.
    pub(crate) target: u64,
}

/// Writes nodes one after the other, children first.
#[derive(Debug)]
pub(crate) struct Writer<W> {
    to: W,
    buffer: Vec<u8>,
    /// Address of the first byte of the buffer.
    begins: u64,
    /// Address of the last node.
    last: u64,
    checksum: u32,
    /// Number of keys.
    keys: u64,
    /// Nodes with one edge without output, by what they are.
    recent: Vec<Recent>,
}

/// A node with one edge without output, and where it is.
#[derive(Debug, Clone, Copy, Default)]
struct Recent {
    input: u8,
    target: u64,
    address: u64,
}

/// A finished part of a file: nodes whose addresses count from its beginning.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) bytes: u64,
    pub(crate) checksum: u32,
    pub(crate) keys: u64,
}

/// Number of nodes that are remembered.
const RECENT: usize = 1 << 14;
/// How far back a remembered node is worth to be used again: as far as an address of two bytes reaches.
const NEAR: u64 = 65_535;

/// Bytes that are held back before they are written.
const BUFFER: usize = 1 << 18;

impl<W: Write> Writer<W> {
    /// A part of a file; its addresses are right once [`Writer::shift`] of its place is added.
    pub(crate) fn part(to: W) -> Writer<W> {
        Writer {
            to,
            buffer: Vec::with_capacity(BUFFER),
            // Address 0 means something else: let part addresses be what they would be right after a header.
            begins: HEADER as u64,
            last: LEAF,
            checksum: 0,
            keys: 0,
            recent: vec![Recent::default(); RECENT],
        }
    }

    /// The beginning of a file.
    pub(crate) fn file(to: W) -> Writer<W> {
        let mut writer = Writer::part(to);
        writer.begins = 0;
        writer.buffer.extend(VERSION.to_le_bytes());
        writer.buffer.extend(0_u64.to_le_bytes());
        writer
    }

    /// What must be added to addresses of a part that is put here.
    pub(crate) fn shift(&self) -> u64 {
        self.address() - HEADER as u64
    }

    fn address(&self) -> u64 {
        self.begins + self.buffer.len() as u64
    }

    /// Counts a key.
    #[inline]
    pub(crate) fn count_key(&mut self) {
        self.keys += 1;
    }

    /// Writes a node; its address. The edges are in order of their inputs; a node without any is the end of a key.
    ///
    /// # Errors
    /// Those of the file below.
    pub(crate) fn node(&mut self, edges: &[Edge]) -> io::Result<u64> {
        if self.buffer.len() >= BUFFER - 8192 {
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

    /// A node like one that was written a moment ago is that one; the ends of keys are often alike.
    fn shared_edge(&mut self, edge: &Edge) -> u64 {
        let hash = (edge.target ^ u64::from(edge.input) << 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let place = (hash >> 32) as usize % RECENT;
        let recent = self.recent[place];
        let is_near = recent.address != LEAF && self.address() - recent.address <= NEAR;
        if is_near && (recent.input, recent.target) == (edge.input, edge.target) {
            return recent.address;
        }
        match edge.target == self.last && edge.target != LEAF {
            true => self.input(edge.input, 0b1100_0000),
            false => self.one_edge(edge),
        }
        self.last = self.address() - 1;
        self.recent[place] = Recent {
            input: edge.input,
            target: edge.target,
            address: self.last,
        };
        self.last
    }

    fn one_edge(&mut self, edge: &Edge) {
        let begins = self.address();
        let output_size = match edge.output {
            0 => 0,
            output => self.number(output),
        };
        let size = self.number(distance(begins, edge.target));
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
        let begins = self.address();
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
        let distance_size = widest(&|edge| distance(begins, edge.target));
        for edge in edges.iter().rev() {
            put(&mut self.buffer, edge.output, output_size);
        }
        for edge in edges.iter().rev() {
            put(
                &mut self.buffer,
                distance(begins, edge.target),
                distance_size,
            );
        }
        self.buffer
            .extend(edges.iter().rev().map(|edge| edge.input));
        if edges.len() > INDEXED {
            // 255 says that there is no such edge; where there are 256 edges, all are there.
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

    /// Appends a number in as few bytes as hold it, lowest first; their number.
    fn number(&mut self, number: u64) -> u8 {
        let size = size(number);
        put(&mut self.buffer, number, size);
        size
    }

    fn flush(&mut self) -> io::Result<()> {
        self.checksum = crc32c::crc32c_append(self.checksum, &self.buffer);
        self.begins += self.buffer.len() as u64;
        self.to.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends a part.
    ///
    /// # Errors
    /// Those of the file below.
    pub(crate) fn finish_part(mut self) -> io::Result<(W, Part)> {
        self.flush()?;
        self.to.flush()?;
        let part = Part {
            bytes: self.begins - HEADER as u64,
            checksum: self.checksum,
            keys: self.keys,
        };
        Ok((self.to, part))
    }

    /// Puts a part into the file.
    ///
    /// # Errors
    /// Those of the files below.
    pub(crate) fn append(&mut self, part: &Part, from: &mut dyn io::Read) -> io::Result<()> {
        self.flush()?;
        let copied = io::copy(from, &mut self.to)?;
        if copied != part.bytes {
            return Err(io::Error::other("a part of the n-grams was cut short"));
        }
        let (before, bytes) = (self.checksum, part.bytes as usize);
        self.checksum = crc32c::crc32c_combine(before, part.checksum, bytes);
        self.begins += part.bytes;
        self.keys += part.keys;
        Ok(())
    }

    /// Ends a file.
    ///
    /// # Errors
    /// Those of the file below.
    pub(crate) fn finish_file(mut self, root: u64) -> io::Result<W> {
        self.buffer.extend(self.keys.to_le_bytes());
        self.buffer.extend(root.to_le_bytes());
        self.flush()?;
        // The format hides the checksum, lest a checksum of data that hold it comes out odd.
        let masked = self.checksum.rotate_right(15).wrapping_add(0xA282_EAD8);
        self.to.write_all(&masked.to_le_bytes())?;
        self.to.flush()?;
        debug_assert!(self.begins >= (HEADER + FOOTER - 4) as u64);
        Ok(self.to)
    }
}

/// From the beginning of a node to the node it leads to; 0 for the end of a key.
fn distance(begins: u64, target: u64) -> u64 {
    match target {
        LEAF => 0,
        target => begins - target,
    }
}

/// Bytes that hold a number; at least one, as the crate reads no fewer.
fn size(number: u64) -> u8 {
    (8 - (number | 1).leading_zeros() / 8) as u8
}

fn put(buffer: &mut Vec<u8>, number: u64, size: u8) {
    buffer.extend_from_slice(&number.to_le_bytes()[..usize::from(size)]);
}

/// The number of a common byte value, from 1; 0 for the others.
const COMMON_NUMBER: [u8; 256] = {
    let mut numbers = [0; 256];
    let mut at = 0;
    while at < COMMON.len() {
        numbers[COMMON[at] as usize] = at as u8 + 1;
        at += 1;
    }
    numbers
};

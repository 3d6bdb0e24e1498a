//! Reading nodes. The bytes may be damaged; an impossible node or edge reads as absent.

use super::{COMMON, FOOTER, HEADER, LEAF, MAX_UNINDEXED, VERSION};
use crate::fst::Edge;

/// An edge found for an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transition {
    pub(crate) output: u64,
    pub(crate) target: u64,
    /// Whether it is the node's only edge.
    pub(crate) is_only_edge: bool,
}

/// Checks header and footer; returns the address of the root.
///
/// # Errors
/// A description of what is wrong.
pub(crate) fn open(data: &[u8]) -> Result<u64, String> {
    let word = |at: usize| {
        let bytes = data.get(at..at + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    if data.len() < HEADER + FOOTER {
        return Err(format!("{} bytes are too few for an FST", data.len()));
    }
    match word(0) {
        Some(VERSION) => {}
        version => return Err(format!("format version {version:?}, expected {VERSION}")),
    }
    let root = word(data.len() - FOOTER + 8).unwrap_or(LEAF);
    match (HEADER as u64..(data.len() - FOOTER) as u64).contains(&root) {
        true => Ok(root),
        false => Err("the address of the root is out of bounds".to_owned()),
    }
}

/// The edge of a node with this input, if there is one.
#[inline]
pub(crate) fn find(data: &[u8], node: u64, input: u8) -> Option<Transition> {
    let at = node as usize;
    let state = *data.get(at)?;
    if state & 0b1000_0000 == 0 {
        return MultiEdgeNode::read(data, node)?.find(data, input);
    }
    let (only, before) = single_input(data, at, state)?;
    if only != input {
        return None;
    }
    single_edge(data, state, before).map(|(output, target)| Transition {
        output,
        target,
        is_only_edge: true,
    })
}

/// Whether a node has a single edge. Only such nodes may be shared by several paths.
#[inline]
pub(crate) fn has_single_edge(data: &[u8], node: u64) -> bool {
    data.get(node as usize)
        .is_some_and(|state| state & 0b1000_0000 != 0)
}

/// Calls `visit` with each edge of a node, in order of inputs, and with whether it is the node's only edge, until `visit` returns
/// `None`.
pub(crate) fn for_each_edge(
    data: &[u8],
    node: u64,
    visit: &mut dyn FnMut(Edge, bool) -> Option<()>,
) -> Option<()> {
    if node == LEAF {
        return Some(());
    }
    let at = node as usize;
    let state = *data.get(at)?;
    if state & 0b1000_0000 != 0 {
        let (input, before) = single_input(data, at, state)?;
        let (output, target) = single_edge(data, state, before)?;
        return visit(
            Edge {
                input,
                output,
                target,
            },
            true,
        );
    }
    let node = MultiEdgeNode::read(data, node)?;
    (0..node.count).try_for_each(|number| {
        let input = *data.get(node.inputs + node.count - 1 - number)?;
        let step = node.edge(data, number)?;
        visit(
            Edge {
                input,
                output: step.output,
                target: step.target,
            },
            step.is_only_edge,
        )
    })
}

/// The input of a node with one edge, and the end of the preceding bytes.
#[inline]
fn single_input(data: &[u8], at: usize, state: u8) -> Option<(u8, usize)> {
    match state & 0b0011_1111 {
        0 => {
            let before = at.checked_sub(1)?;
            Some((*data.get(before)?, before))
        }
        number => Some((COMMON[usize::from(number) - 1], at)),
    }
}

/// Output and target of a node's only edge; `before` is the end of the bytes that precede the input.
#[inline]
fn single_edge(data: &[u8], state: u8, before: usize) -> Option<(u64, u64)> {
    if state & 0b0100_0000 != 0 {
        return Some((0, before.checked_sub(1)? as u64));
    }
    let sizes_at = before.checked_sub(1)?;
    let (distance_size, output_size) = sizes(*data.get(sizes_at)?)?;
    let distance_at = sizes_at.checked_sub(distance_size)?;
    let start = distance_at.checked_sub(output_size)?;
    let distance = number(data, distance_at, distance_size)?;
    Some((number(data, start, output_size)?, target(start, distance)?))
}

/// The layout of a node with several edges.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MultiEdgeNode {
    count: usize,
    /// Offset of the index, if there is one. Below: offsets of inputs, distances and outputs, each with the last edge first.
    index: Option<usize>,
    inputs: usize,
    distances: usize,
    distance_size: usize,
    outputs: usize,
    output_size: usize,
}

impl MultiEdgeNode {
    /// Reads the layout at the end of a node, which must not have a single edge.
    #[inline]
    pub(crate) fn read(data: &[u8], node: u64) -> Option<MultiEdgeNode> {
        let at = node as usize;
        let state = *data.get(at)?;
        // A final state would have an output; the writer never creates one.
        if state & 0b1100_0000 != 0 {
            return None;
        }
        let (count, before) = match state {
            0 => match *data.get(at.checked_sub(1)?)? {
                0 => return None,
                1 => (256, at - 1),
                count => (usize::from(count), at - 1),
            },
            count => (usize::from(count), at),
        };
        let sizes_at = before.checked_sub(1)?;
        let (distance_size, output_size) = sizes(*data.get(sizes_at)?)?;
        let has_index = count > MAX_UNINDEXED;
        let index = sizes_at.checked_sub(if has_index { 256 } else { 0 })?;
        let inputs = index.checked_sub(count)?;
        let distances = inputs.checked_sub(count * distance_size)?;
        let outputs = distances.checked_sub(count * output_size)?;
        Some(MultiEdgeNode {
            count,
            index: has_index.then_some(index),
            inputs,
            distances,
            distance_size,
            outputs,
            output_size,
        })
    }

    #[inline]
    fn find(&self, data: &[u8], input: u8) -> Option<Transition> {
        self.edge(data, self.number(data, input)?)
    }

    /// Offset of an input's entry in the index, if the node has one.
    #[inline]
    pub(crate) fn index_of(&self, input: u8) -> Option<usize> {
        self.index.map(|index| index + usize::from(input))
    }

    /// The number of the edge with this input, if there is one.
    #[inline]
    pub(crate) fn number(&self, data: &[u8], input: u8) -> Option<usize> {
        match self.index_of(input) {
            Some(offset) => {
                let number = usize::from(*data.get(offset)?);
                // 255 marks absent edges; it is a valid number only in nodes with 256 edges.
                (number < self.count).then_some(number)
            }
            None => {
                let inputs = data.get(self.inputs..self.inputs + self.count)?;
                Some(self.count - 1 - inputs.iter().position(|&other| other == input)?)
            }
        }
    }

    /// Offsets of an edge's distance and output.
    #[inline]
    pub(crate) fn offsets(&self, edge: usize) -> [usize; 2] {
        let from_the_end = self.count - 1 - edge;
        [
            self.distances + from_the_end * self.distance_size,
            self.outputs + from_the_end * self.output_size,
        ]
    }

    /// The edge with a number.
    #[inline]
    pub(crate) fn edge(&self, data: &[u8], edge: usize) -> Option<Transition> {
        let [distance, output] = self.offsets(edge);
        Some(Transition {
            output: number(data, output, self.output_size)?,
            target: target(self.outputs, number(data, distance, self.distance_size)?)?,
            is_only_edge: self.count == 1,
        })
    }
}

#[inline]
fn sizes(byte: u8) -> Option<(usize, usize)> {
    let (distance, output) = (usize::from(byte >> 4), usize::from(byte & 15));
    (distance <= 8 && output <= 8).then_some((distance, output))
}

#[inline]
fn number(data: &[u8], at: usize, size: usize) -> Option<u64> {
    if size == 0 {
        return Some(0);
    }
    // The footer follows every number, so that eight bytes can be read at once and the excess masked.
    let bytes = data.get(at..at + 8)?;
    let word = u64::from_le_bytes(bytes.try_into().ok()?);
    Some(word & (u64::MAX >> (64 - 8 * size as u32)))
}

/// Distances always lead backwards, so that every walk ends, even through damaged nodes.
#[inline]
fn target(start: usize, distance: u64) -> Option<u64> {
    match distance {
        0 => Some(LEAF),
        distance => (start as u64).checked_sub(distance),
    }
}

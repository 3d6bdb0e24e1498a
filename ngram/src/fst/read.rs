//! Reading nodes, of bytes that may be damaged: what cannot be is not there.

use super::{COMMON, FOOTER, HEADER, INDEXED, LEAF, VERSION};
use crate::fst::Edge;

/// Where an input leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) output: u64,
    pub(crate) target: u64,
    /// Whether the node has no other edge.
    pub(crate) is_only: bool,
}

/// Checks header and footer; the address of the root.
///
/// # Errors
/// What is wrong, in words.
pub(crate) fn open(data: &[u8]) -> Result<u64, String> {
    let word = |at: usize| {
        let bytes = data.get(at..at + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    if data.len() < HEADER + FOOTER {
        return Err(format!("{} bytes are no FST", data.len()));
    }
    match word(0) {
        Some(VERSION) => {}
        version => return Err(format!("format {version:?} where {VERSION} is read")),
    }
    let root = word(data.len() - FOOTER + 8).unwrap_or(LEAF);
    match (HEADER as u64..(data.len() - FOOTER) as u64).contains(&root) {
        true => Ok(root),
        false => Err("the address of the root is out of bounds".to_owned()),
    }
}

/// Follows the edge of a node that has this input, if there is one.
#[inline]
pub(crate) fn find(data: &[u8], node: u64, input: u8) -> Option<Step> {
    let at = node as usize;
    let state = *data.get(at)?;
    if state & 0b1000_0000 == 0 {
        return Many::read(data, node)?.find(data, input);
    }
    let (only, before) = single_input(data, at, state)?;
    if only != input {
        return None;
    }
    single_edge(data, state, before).map(|(output, target)| Step {
        output,
        target,
        is_only: true,
    })
}

/// Whether a node has a single edge; such nodes may be shared by several ways to them, others are not.
#[inline]
pub(crate) fn is_single(data: &[u8], node: u64) -> bool {
    data.get(node as usize)
        .is_some_and(|state| state & 0b1000_0000 != 0)
}

/// Calls `visit` with each edge of a node, in order of inputs, and whether it is the only one, until it says to stop.
pub(crate) fn edges(
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
    let many = Many::read(data, node)?;
    (0..many.count).try_for_each(|number| {
        let input = *data.get(many.inputs + many.count - 1 - number)?;
        let step = many.step(data, number)?;
        visit(
            Edge {
                input,
                output: step.output,
                target: step.target,
            },
            step.is_only,
        )
    })
}

/// The input of a node with one edge, and the place that what stands before it ends at.
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

/// Output and target of the edge of a node with one edge; `before` is where its last part ends.
#[inline]
fn single_edge(data: &[u8], state: u8, before: usize) -> Option<(u64, u64)> {
    if state & 0b0100_0000 != 0 {
        return Some((0, before.checked_sub(1)? as u64));
    }
    let sizes_at = before.checked_sub(1)?;
    let (distance_size, output_size) = sizes(*data.get(sizes_at)?)?;
    let distance_at = sizes_at.checked_sub(distance_size)?;
    let begins = distance_at.checked_sub(output_size)?;
    let distance = number(data, distance_at, distance_size)?;
    Some((
        number(data, begins, output_size)?,
        target(begins, distance)?,
    ))
}

/// A node with any number of edges.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Many {
    count: usize,
    /// Where the index is, if there is one; where inputs, distances and outputs begin; the last edge comes first.
    index: Option<usize>,
    inputs: usize,
    distances: usize,
    distance_size: usize,
    outputs: usize,
    output_size: usize,
}

impl Many {
    /// Reads the end of a node, which has not a single edge.
    #[inline]
    pub(crate) fn read(data: &[u8], node: u64) -> Option<Many> {
        let at = node as usize;
        let state = *data.get(at)?;
        // A final state would hold an output of its own; none is ever written.
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
        let indexed = count > INDEXED;
        let index = sizes_at.checked_sub(if indexed { 256 } else { 0 })?;
        let inputs = index.checked_sub(count)?;
        let distances = inputs.checked_sub(count * distance_size)?;
        let outputs = distances.checked_sub(count * output_size)?;
        Some(Many {
            count,
            index: indexed.then_some(index),
            inputs,
            distances,
            distance_size,
            outputs,
            output_size,
        })
    }

    #[inline]
    fn find(&self, data: &[u8], input: u8) -> Option<Step> {
        self.step(data, self.number(data, input)?)
    }

    /// Where the number of an edge stands, in nodes that have an index.
    #[inline]
    pub(crate) fn index_of(&self, input: u8) -> Option<usize> {
        self.index.map(|index| index + usize::from(input))
    }

    /// The number of the edge with this input, if there is one.
    #[inline]
    pub(crate) fn number(&self, data: &[u8], input: u8) -> Option<usize> {
        match self.index_of(input) {
            Some(place) => {
                let number = usize::from(*data.get(place)?);
                // 255 is a number only where there are 256.
                (number < self.count).then_some(number)
            }
            None => {
                let inputs = data.get(self.inputs..self.inputs + self.count)?;
                Some(self.count - 1 - inputs.iter().position(|&other| other == input)?)
            }
        }
    }

    /// Where distance and output of an edge stand.
    #[inline]
    pub(crate) fn places(&self, edge: usize) -> [usize; 2] {
        let from_the_end = self.count - 1 - edge;
        [
            self.distances + from_the_end * self.distance_size,
            self.outputs + from_the_end * self.output_size,
        ]
    }

    /// The edge of a number.
    #[inline]
    pub(crate) fn step(&self, data: &[u8], edge: usize) -> Option<Step> {
        let [distance, output] = self.places(edge);
        Some(Step {
            output: number(data, output, self.output_size)?,
            target: target(self.outputs, number(data, distance, self.distance_size)?)?,
            is_only: self.count == 1,
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
    // A number is never at the end of a file: eight bytes can be read at once and the others cut off.
    let bytes = data.get(at..at + 8)?;
    let word = u64::from_le_bytes(bytes.try_into().ok()?);
    Some(word & (u64::MAX >> (64 - 8 * size as u32)))
}

/// Distances only lead towards the beginning, so that no walk is endless.
#[inline]
fn target(begins: usize, distance: u64) -> Option<u64> {
    match distance {
        0 => Some(LEAF),
        distance => (begins as u64).checked_sub(distance),
    }
}

//! Batched look-ups with interleaved memory accesses.
//!
//! A look-up is a chain of dependent reads, each of which waits for memory: the node's kind, its index, the edge, the next node.
//! The look-ups of a batch are interleaved: each reads what was prefetched for it, prefetches what it needs next and yields. The
//! waits overlap and take little longer in total than those of a single look-up.

use super::{NgramNode, Store, prefetch};
use crate::fst::{LEAF, MultiEdgeNode, Transition, find, has_single_edge};
use crate::word_code::Codeword;

/// The look-up of a word after an n-gram.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lookup {
    context: NgramNode,
    code: Codeword,
    /// Number of bytes of the code followed so far.
    at: u8,
    node: u64,
    output: u64,
    is_only: bool,
    stage: Stage,
    /// The n-gram, once it has been found.
    pub(crate) ngram: Option<NgramNode>,
}

/// What the look-up reads next; it has been prefetched.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// The last bytes of a node.
    Node,
    /// The index of a large node.
    Index(MultiEdgeNode),
    /// An edge of a large node, given its number.
    Edge(MultiEdgeNode, usize),
}

impl Lookup {
    pub(crate) fn new(store: &Store, context: NgramNode, word: u32) -> Lookup {
        Lookup {
            context,
            code: store.code.encode(word),
            at: 0,
            node: context.node,
            output: 0,
            is_only: true,
            stage: Stage::Node,
            ngram: None,
        }
    }

    /// Reads what was prefetched and prefetches the next; `None` when the look-up has ended.
    #[inline]
    fn advance(&mut self, store: &Store) -> Option<()> {
        let data = &store.fst[..];
        let input = self.code.as_slice()[usize::from(self.at)];
        let transition = match self.stage {
            Stage::Node if self.node == LEAF => return None,
            Stage::Node if has_single_edge(data, self.node) => find(data, self.node, input)?,
            Stage::Node => {
                let node = MultiEdgeNode::read(data, self.node)?;
                match node.index_of(input) {
                    Some(offset) => {
                        prefetch(data, offset);
                        self.stage = Stage::Index(node);
                        return Some(());
                    }
                    None => {
                        let number = node.number(data, input)?;
                        return self.prefetch_edge(data, node, number);
                    }
                }
            }
            Stage::Index(node) => {
                let number = node.number(data, input)?;
                return self.prefetch_edge(data, node, number);
            }
            Stage::Edge(node, number) => node.edge(data, number)?,
        };
        self.follow(store, transition)
    }

    #[inline]
    fn prefetch_edge(&mut self, data: &[u8], node: MultiEdgeNode, number: usize) -> Option<()> {
        let [distance, output] = node.offsets(number);
        prefetch(data, distance);
        prefetch(data, output);
        self.stage = Stage::Edge(node, number);
        Some(())
    }

    #[inline]
    fn follow(&mut self, store: &Store, transition: Transition) -> Option<()> {
        self.node = transition.target;
        self.output = self.output.wrapping_add(transition.output);
        self.is_only &= transition.is_only_edge;
        self.at += 1;
        self.stage = Stage::Node;
        store.prefetch_node(self.node);
        if usize::from(self.at) < self.code.as_slice().len() {
            return Some(());
        }
        let payload = store.payload(self.context, self.output, self.is_only);
        let ngram = NgramNode {
            node: self.node,
            order: self.context.order + 1,
            payload,
        };
        store.prefetch_statistics(ngram);
        self.ngram = Some(ngram);
        None
    }
}

/// Runs all look-ups to completion; `active` is a reusable buffer for the indices of unfinished look-ups.
pub(crate) fn run(store: &Store, lookups: &mut [Lookup], active: &mut Vec<u32>) {
    active.clear();
    active.extend(0..lookups.len() as u32);
    while !active.is_empty() {
        active.retain(|&number| lookups[number as usize].advance(store).is_some());
    }
}

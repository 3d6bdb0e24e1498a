//! Many look-ups at once.
//!
//! A look-up is a chain of reads that each wait for memory: the node's kind, its index, the edge, the next node. The
//! look-ups of a batch take turns: each reads what was fetched for it, asks for what it needs next, and gives way. The
//! waits of all then take little longer than those of one.

use super::{Gram, Store, fetch};
use crate::code::Bytes;
use crate::fst::{LEAF, Many, Step, find, is_single};

/// A word that is looked for after an n-gram.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lookup {
    context: Gram,
    code: Bytes,
    /// Bytes of the code that are behind.
    at: u8,
    node: u64,
    output: u64,
    is_only: bool,
    stage: Stage,
    /// The n-gram, once it is found.
    pub(crate) found: Option<Gram>,
}

/// What is read next, and was asked for.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// The last bytes of a node.
    Node,
    /// The index of a large node.
    Index(Many),
    /// An edge of a large node, by its number.
    Edge(Many, usize),
}

impl Lookup {
    pub(crate) fn new(store: &Store, context: Gram, word: u32) -> Lookup {
        Lookup {
            context,
            code: store.code.encode(word),
            at: 0,
            node: context.node,
            output: 0,
            is_only: true,
            stage: Stage::Node,
            found: None,
        }
    }

    /// Takes a turn; whether another is needed.
    #[inline]
    fn turn(&mut self, store: &Store) -> Option<()> {
        let data = &store.fst[..];
        let input = self.code.as_slice()[usize::from(self.at)];
        let step = match self.stage {
            Stage::Node if self.node == LEAF => return None,
            Stage::Node if is_single(data, self.node) => find(data, self.node, input)?,
            Stage::Node => {
                let many = Many::read(data, self.node)?;
                match many.index_of(input) {
                    Some(place) => {
                        fetch(data, place);
                        self.stage = Stage::Index(many);
                        return Some(());
                    }
                    None => {
                        let number = many.number(data, input)?;
                        return self.ask_for_edge(data, many, number);
                    }
                }
            }
            Stage::Index(many) => {
                let number = many.number(data, input)?;
                return self.ask_for_edge(data, many, number);
            }
            Stage::Edge(many, number) => many.step(data, number)?,
        };
        self.follow(store, step)
    }

    #[inline]
    fn ask_for_edge(&mut self, data: &[u8], many: Many, number: usize) -> Option<()> {
        let [distance, output] = many.places(number);
        fetch(data, distance);
        fetch(data, output);
        self.stage = Stage::Edge(many, number);
        Some(())
    }

    #[inline]
    fn follow(&mut self, store: &Store, step: Step) -> Option<()> {
        self.node = step.target;
        self.output = self.output.wrapping_add(step.output);
        self.is_only &= step.is_only;
        self.at += 1;
        self.stage = Stage::Node;
        store.fetch_node(self.node);
        if usize::from(self.at) < self.code.as_slice().len() {
            return Some(());
        }
        let payload = store.payload(self.context, self.output, self.is_only);
        let gram = Gram {
            node: self.node,
            order: self.context.order + 1,
            payload,
        };
        store.fetch_row(gram);
        self.found = Some(gram);
        None
    }
}

/// Runs all look-ups to their ends; `active` is room for the numbers of those that are under way.
pub(crate) fn run(store: &Store, lookups: &mut [Lookup], active: &mut Vec<u32>) {
    active.clear();
    active.extend(0..lookups.len() as u32);
    while !active.is_empty() {
        active.retain(|&number| lookups[number as usize].turn(store).is_some());
    }
}

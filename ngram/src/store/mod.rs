//! Where n-grams lie: one memory-mapped FST for all orders.
//!
//! A key is an n-gram that nothing continues: the codes of its words, first word first. Every shorter n-gram is a
//! beginning of keys, and its node is where the walk along its words ends; so its followers lie together, a text is
//! walked by carrying the nodes of its last one, two, … words, and nothing is stored twice.
//!
//! *The number of an n-gram* (its payload) is the sum of the outputs of its last word's edges. It is arranged so that it
//! is 0 for most n-grams, for outputs of 0 take no byte:
//!
//! - [`Payloads::Counts`]: count - 1, or number of a level where counts are rounded. Where an n-gram has a single follower, what that falls short of the n-gram's own
//!   number: nothing, but at the ends of the text.
//! - [`Payloads::Rows`]: number of a [`Row`] in a table; for n-grams of the highest order, as above.
//! - [`Payloads::Explicit`]: as given.
//!
//! Forward or reversed? With reversed keys a walk per token finds all n-grams that end there, one cache miss after the
//! other; with forward keys the same n-grams are found from the nodes of the last token, misses that a processor can
//! wait for at once, and the words that follow a context can be listed, without which there is neither a distribution
//! nor a normaliser.

pub(crate) mod batch;
mod build;
mod disk;
mod header;
mod levels;
mod make;
mod prefetch;

use std::path::Path;
use std::sync::OnceLock;

use corpus::TokenId;
use harness::Error as Fault;

pub(crate) use disk::{Bytes, FST, HEADER};
pub(crate) use header::PartEnd;
pub use header::{Header, Payloads, Row};
pub(crate) use levels::{Levels, levels};
pub(crate) use make::{Ingredients, make};
use prefetch::{fetch, fetch_place};

use crate::code::Code;
use crate::error::Result;
use crate::fst::{self, LEAF};

/// An n-gram that occurs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Gram {
    node: u64,
    /// Its number of words.
    pub order: u8,
    /// Its number.
    pub payload: u64,
}

impl Gram {
    /// Whether anything follows it.
    pub fn has_followers(self) -> bool {
        self.node != LEAF
    }

    /// One of so many shares of all n-grams.
    pub(crate) fn shard(self, shards: usize) -> usize {
        (self.node.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize % shards
    }
}

/// N-grams of up to six words.
#[derive(Debug)]
pub struct Store {
    /// What is known of it.
    pub header: Header,
    code: Code,
    root: u64,
    fst: Bytes,
    rows: Bytes,
    /// The words, where a table of them was made.
    unigrams: OnceLock<Vec<Gram>>,
}

impl Store {
    /// Words in the longest n-gram.
    pub fn order(&self) -> usize {
        self.header.order
    }

    /// V.
    pub fn vocab_size(&self) -> usize {
        self.header.vocab_size
    }

    /// The word before each sentence.
    pub fn bos(&self) -> TokenId {
        self.header.vocab_size as TokenId
    }

    /// Bytes of the n-grams.
    pub fn bytes(&self) -> u64 {
        (self.fst.len() + self.rows.len()) as u64
    }

    /// The empty n-gram, which all words follow that occur. Its number means nothing.
    #[inline]
    pub fn root(&self) -> Gram {
        Gram {
            node: self.root,
            order: 0,
            payload: 0,
        }
    }

    /// The n-gram with one more word at its end, if it occurs. The word must be below V, or [`Store::bos`].
    #[inline]
    pub fn follower(&self, gram: Gram, word: TokenId) -> Option<Gram> {
        if gram.order == 0
            && let Some(unigrams) = self.unigrams.get()
        {
            return unigrams
                .get(word as usize)
                .copied()
                .filter(|unigram| unigram.order == 1);
        }
        self.walk_to(gram, word)
    }

    fn walk_to(&self, gram: Gram, word: TokenId) -> Option<Gram> {
        let data = &self.fst[..];
        let code = self.code.encode(word);
        let (mut node, mut output, mut is_only) = (gram.node, 0_u64, true);
        for &input in code.as_slice() {
            if node == LEAF {
                return None;
            }
            let step = fst::find(data, node, input)?;
            node = step.target;
            output = output.wrapping_add(step.output);
            is_only &= step.is_only;
        }
        self.fetch_node(node);
        let payload = self.payload(gram, output, is_only);
        Some(Gram {
            node,
            order: gram.order + 1,
            payload,
        })
    }

    /// Asks for a node, which is wanted when the next word comes.
    #[inline]
    fn fetch_node(&self, node: u64) {
        fetch(&self.fst, node as usize);
        fetch(&self.fst, (node as usize).saturating_sub(64));
    }

    /// Asks for a word's place in the table of words, where there is one.
    #[inline]
    pub(crate) fn fetch_word(&self, word: TokenId) {
        if let Some(gram) = self
            .unigrams
            .get()
            .and_then(|unigrams| unigrams.get(word as usize))
        {
            fetch_place(std::ptr::from_ref(gram).cast());
        }
    }

    /// A word as an n-gram, its node and row asked for.
    #[inline]
    pub(crate) fn unigram(&self, word: TokenId) -> Option<Gram> {
        let gram = self.follower(self.root(), word)?;
        self.fetch_node(gram.node);
        self.fetch_row(gram);
        Some(gram)
    }

    /// Asks for the row of an n-gram.
    #[inline]
    fn fetch_row(&self, gram: Gram) {
        if self.header.payloads == Payloads::Rows && usize::from(gram.order) < self.header.order {
            fetch(
                &self.rows,
                (gram.payload as usize).saturating_mul(4 * Row::NUMBERS),
            );
        }
    }

    /// Makes a table of the words, for long texts: it takes as long as some hundred thousand look-ups.
    pub(crate) fn make_table(&self) {
        self.unigrams.get_or_init(|| {
            let words = 0..=self.bos();
            words
                .map(|word| self.walk_to(self.root(), word).unwrap_or_default())
                .collect()
        });
    }

    /// Calls `visit` with every word that follows, in the order of codes.
    pub fn followers(&self, gram: Gram, visit: &mut dyn FnMut(TokenId, Gram)) {
        // Damage ends the walk: what follows it is not there.
        let _ = self.walk(gram, gram.node, &mut Vec::with_capacity(3), 0, true, visit);
    }

    fn walk(
        &self,
        gram: Gram,
        node: u64,
        code: &mut Vec<u8>,
        output: u64,
        is_only: bool,
        visit: &mut dyn FnMut(TokenId, Gram),
    ) -> Option<()> {
        fst::edges(&self.fst, node, &mut |edge, only_here| {
            code.push(edge.input);
            let (output, is_only) = (output.wrapping_add(edge.output), is_only && only_here);
            if code.len() == self.code.length(code[0]) {
                let payload = self.payload(gram, output, is_only);
                visit(
                    self.code.decode(code)?,
                    Gram {
                        node: edge.target,
                        order: gram.order + 1,
                        payload,
                    },
                );
            } else {
                self.walk(gram, edge.target, code, output, is_only, visit)?;
            }
            code.pop();
            Some(())
        })
    }

    #[inline]
    fn payload(&self, gram: Gram, output: u64, is_only: bool) -> u64 {
        match self.header.payloads {
            Payloads::Counts if is_only && gram.order > 0 => gram.payload.wrapping_sub(output),
            Payloads::Rows if output > 0 && usize::from(gram.order) + 1 < self.header.order => {
                output.wrapping_add(self.rows_begin(gram.node))
            }
            _ => output,
        }
    }

    /// Whether no other n-gram has the same node, so that what is known of a node's words is known of it.
    pub(crate) fn has_own_node(&self, gram: Gram) -> bool {
        !fst::is_single(&self.fst, gram.node)
    }

    /// The n-gram that these words are, if it occurs.
    pub fn find(&self, words: &[TokenId]) -> Option<Gram> {
        words
            .iter()
            .try_fold(self.root(), |gram, &word| self.follower(gram, word))
    }

    #[inline]
    fn rows_begin(&self, node: u64) -> u64 {
        let parts = &self.header.parts;
        let part = parts.partition_point(|part| part.end <= node);
        parts.get(part).map_or(0, |part| part.rows)
    }

    /// What a text that is walked should carry along of an n-gram: its row, where it has one.
    #[inline]
    pub(crate) fn note(&self, gram: Gram) -> Row {
        match self.header.payloads {
            Payloads::Rows if usize::from(gram.order) < self.header.order => self.row(gram),
            _ => Row::default(),
        }
    }

    /// How often an n-gram occurs, where its number tells.
    #[inline]
    pub fn count(&self, gram: Gram) -> u64 {
        Levels(&self.header.levels).count(gram.payload)
    }

    /// The row of an n-gram that is shorter than the longest; of the empty one, where that is asked for.
    #[inline]
    pub fn row(&self, gram: Gram) -> Row {
        if gram.order == 0 {
            return self.header.root;
        }
        let from = (gram.payload as usize).saturating_mul(4 * Row::NUMBERS);
        let Some(bytes) = self.rows.get(from..from.saturating_add(4 * Row::NUMBERS)) else {
            return Row::ONCE;
        };
        let numbers = bytes.as_chunks::<4>().0;
        Row::of_numbers(std::array::from_fn(|at| u32::from_le_bytes(numbers[at])))
    }

    pub(crate) fn new(header: Header, fst: Bytes, rows: Bytes, path: &Path) -> Result<Store> {
        if let Some(fault) = header.fault() {
            let what = format!("{HEADER}: {fault}; train the model again");
            return Err(Fault::corrupt(path, what).into());
        }
        let root = fst::open(&fst)
            .map_err(|what| Fault::corrupt(path, format!("{what}; train the model again")))?;
        let code = Code::new(header.vocab_size + 1)?;
        Ok(Store {
            header,
            code,
            root,
            fst,
            rows,
            unigrams: OnceLock::new(),
        })
    }
}

//! The n-gram store: one memory-mapped FST for all orders.
//!
//! A key is an n-gram without followers, encoded as the codes of its words, first word first. Every shorter n-gram is a prefix of
//! keys and ends at a node, whose edges lead to its followers. Nothing is stored twice, and a text is scored by carrying along the
//! nodes of its last one, two, … words.
//!
//! The *payload* of an n-gram is the sum of the outputs along the code of its last word. Outputs of 0 take no space, so payloads
//! are chosen to be 0 for most n-grams:
//!
//! - [`PayloadKind::Counts`]: count - 1, or the index of a quantisation level. If an n-gram has a single follower, the output is
//!   the difference between the payloads of both, which is 0 except at the ends of the text.
//! - [`PayloadKind::KneserNey`]: the index of [`NgramStatistics`] in a table; at the highest order, a count as above.
//! - [`PayloadKind::Backoff`]: the packed probability and backoff weight.
//!
//! Keys are stored forward rather than reversed. With reversed keys, one walk finds all n-grams that end in a token, but its cache
//! misses are sequential. With forward keys, the look-ups start at independent nodes, so that their misses overlap, and the
//! followers of a context can be listed, which distributions and normalisers need.

mod assemble;
pub(crate) mod batch;
mod disk;
mod header;
mod levels;
mod part_builder;
mod prefetch;

use std::path::Path;
use std::sync::OnceLock;

use corpus::TokenId;
use harness::Error as HarnessError;

pub(crate) use assemble::{StoreInput, assemble};
pub(crate) use disk::{Bytes, FST, HEADER};
pub(crate) use header::PartEnd;
pub use header::{Header, NgramStatistics, PayloadKind};
pub(crate) use levels::{Levels, levels};
use prefetch::{prefetch, prefetch_address};

use crate::error::Result;
use crate::fst::{self, LEAF};
use crate::word_code::WordCode;

/// A stored n-gram.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NgramNode {
    /// Address of its node in the FST.
    node: u64,
    /// Number of words.
    pub order: u8,
    /// The payload; [`PayloadKind`] gives its meaning.
    pub payload: u64,
}

impl NgramNode {
    /// Whether longer n-grams begin with it.
    pub fn has_followers(self) -> bool {
        self.node != LEAF
    }

    /// A hash of the n-gram below `shards`.
    pub(crate) fn shard(self, shards: usize) -> usize {
        (self.node.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize % shards
    }
}

/// A store of n-grams of up to six words.
#[derive(Debug)]
pub struct Store {
    /// The header.
    pub header: Header,
    code: WordCode,
    /// Address of the root node.
    root: u64,
    fst: Bytes,
    /// The table of [`NgramStatistics`].
    statistics: Bytes,
    /// A table of all unigrams, if it was built.
    unigrams: OnceLock<Vec<NgramNode>>,
}

impl Store {
    /// Number of words in the longest n-gram.
    pub fn order(&self) -> usize {
        self.header.order
    }

    /// V, the size of the vocabulary without `<s>`.
    pub fn vocab_size(&self) -> usize {
        self.header.vocab_size
    }

    /// The id of `<s>`, which precedes each sentence.
    pub fn bos(&self) -> TokenId {
        self.header.vocab_size as TokenId
    }

    /// Size of the n-grams in bytes.
    pub fn bytes(&self) -> u64 {
        (self.fst.len() + self.statistics.len()) as u64
    }

    /// The empty n-gram, whose followers are the unigrams. Its payload has no meaning.
    #[inline]
    pub fn root(&self) -> NgramNode {
        NgramNode {
            node: self.root,
            order: 0,
            payload: 0,
        }
    }

    /// The n-gram extended by a word, if it is stored. The word must be below V, or [`Store::bos`].
    #[inline]
    pub fn follower(&self, ngram: NgramNode, word: TokenId) -> Option<NgramNode> {
        if ngram.order == 0
            && let Some(unigrams) = self.unigrams.get()
        {
            return unigrams
                .get(word as usize)
                .copied()
                .filter(|unigram| unigram.order == 1);
        }
        self.find_follower(ngram, word)
    }

    /// As [`Store::follower`], without the unigram table.
    fn find_follower(&self, ngram: NgramNode, word: TokenId) -> Option<NgramNode> {
        let data = &self.fst[..];
        let code = self.code.encode(word);
        let (mut node, mut output, mut is_only_path) = (ngram.node, 0_u64, true);
        for &input in code.as_slice() {
            if node == LEAF {
                return None;
            }
            let transition = fst::find(data, node, input)?;
            node = transition.target;
            output = output.wrapping_add(transition.output);
            is_only_path &= transition.is_only_edge;
        }
        self.prefetch_node(node);
        let payload = self.payload(ngram, output, is_only_path);
        Some(NgramNode {
            node,
            order: ngram.order + 1,
            payload,
        })
    }

    /// Prefetches a node, which the look-up of the next word reads.
    #[inline]
    fn prefetch_node(&self, node: u64) {
        prefetch(&self.fst, node as usize);
        prefetch(&self.fst, (node as usize).saturating_sub(64));
    }

    /// Prefetches a word's entry in the unigram table, if there is one.
    #[inline]
    pub(crate) fn prefetch_unigram(&self, word: TokenId) {
        if let Some(ngram) = self
            .unigrams
            .get()
            .and_then(|unigrams| unigrams.get(word as usize))
        {
            prefetch_address(std::ptr::from_ref(ngram).cast());
        }
    }

    /// The unigram of a word; its node and statistics are prefetched.
    #[inline]
    pub(crate) fn unigram(&self, word: TokenId) -> Option<NgramNode> {
        let ngram = self.follower(self.root(), word)?;
        self.prefetch_node(ngram.node);
        self.prefetch_statistics(ngram);
        Some(ngram)
    }

    /// Prefetches the statistics of an n-gram.
    #[inline]
    fn prefetch_statistics(&self, ngram: NgramNode) {
        if self.header.payloads == PayloadKind::KneserNey
            && usize::from(ngram.order) < self.header.order
        {
            prefetch(
                &self.statistics,
                (ngram.payload as usize).saturating_mul(4 * NgramStatistics::FIELDS),
            );
        }
    }

    /// Builds a table of all unigrams, for long texts: it takes as long as some hundred thousand look-ups.
    pub(crate) fn build_unigram_table(&self) {
        self.unigrams.get_or_init(|| {
            let words = 0..=self.bos();
            words
                .map(|word| self.find_follower(self.root(), word).unwrap_or_default())
                .collect()
        });
    }

    /// Calls `visit` with every word that follows an n-gram and with the extended n-gram, in the order of codes.
    pub fn followers(&self, ngram: NgramNode, visit: &mut dyn FnMut(TokenId, NgramNode)) {
        // Damage ends the walk early.
        let _ = self.visit_followers(
            ngram,
            ngram.node,
            &mut Vec::with_capacity(3),
            0,
            true,
            visit,
        );
    }

    /// Walks the nodes within the codes of followers; `code` and `output` are those of the path so far.
    fn visit_followers(
        &self,
        ngram: NgramNode,
        node: u64,
        code: &mut Vec<u8>,
        output: u64,
        is_only_path: bool,
        visit: &mut dyn FnMut(TokenId, NgramNode),
    ) -> Option<()> {
        fst::for_each_edge(&self.fst, node, &mut |edge, is_only_edge| {
            code.push(edge.input);
            let (output, is_only_path) = (
                output.wrapping_add(edge.output),
                is_only_path && is_only_edge,
            );
            if code.len() == self.code.length(code[0]) {
                let payload = self.payload(ngram, output, is_only_path);
                visit(
                    self.code.decode(code)?,
                    NgramNode {
                        node: edge.target,
                        order: ngram.order + 1,
                        payload,
                    },
                );
            } else {
                self.visit_followers(ngram, edge.target, code, output, is_only_path, visit)?;
            }
            code.pop();
            Some(())
        })
    }

    /// The payload of a follower of `ngram`, given the sum of outputs and whether `ngram` has no other follower.
    #[inline]
    fn payload(&self, ngram: NgramNode, output: u64, is_only_path: bool) -> u64 {
        match self.header.payloads {
            PayloadKind::Counts if is_only_path && ngram.order > 0 => {
                ngram.payload.wrapping_sub(output)
            }
            PayloadKind::KneserNey
                if output > 0 && usize::from(ngram.order) + 1 < self.header.order =>
            {
                output.wrapping_add(self.first_statistics(ngram.node))
            }
            _ => output,
        }
    }

    /// Whether no other n-gram shares its node, so that the node identifies the n-gram.
    pub(crate) fn has_own_node(&self, ngram: NgramNode) -> bool {
        !fst::has_single_edge(&self.fst, ngram.node)
    }

    /// The n-gram of these words, if it is stored.
    pub fn find(&self, words: &[TokenId]) -> Option<NgramNode> {
        words
            .iter()
            .try_fold(self.root(), |ngram, &word| self.follower(ngram, word))
    }

    /// Index of the first statistics of the part that a node belongs to.
    #[inline]
    fn first_statistics(&self, node: u64) -> u64 {
        let parts = &self.header.parts;
        let part = parts.partition_point(|part| part.end <= node);
        parts.get(part).map_or(0, |part| part.rows)
    }

    /// The statistics of an n-gram that a state carries along; the default if the store has none.
    #[inline]
    pub(crate) fn carried_statistics(&self, ngram: NgramNode) -> NgramStatistics {
        match self.header.payloads {
            PayloadKind::KneserNey if usize::from(ngram.order) < self.header.order => {
                self.statistics(ngram)
            }
            _ => NgramStatistics::default(),
        }
    }

    /// The count of an n-gram whose payload is a count.
    #[inline]
    pub fn count(&self, ngram: NgramNode) -> u64 {
        Levels(&self.header.levels).count(ngram.payload)
    }

    /// The Kneser-Ney statistics of an n-gram below the highest order.
    #[inline]
    pub fn statistics(&self, ngram: NgramNode) -> NgramStatistics {
        if ngram.order == 0 {
            return self.header.root;
        }
        let from = (ngram.payload as usize).saturating_mul(4 * NgramStatistics::FIELDS);
        let Some(bytes) = self
            .statistics
            .get(from..from.saturating_add(4 * NgramStatistics::FIELDS))
        else {
            return NgramStatistics::SINGLETON;
        };
        let numbers = bytes.as_chunks::<4>().0;
        NgramStatistics::from_fields(std::array::from_fn(|at| u32::from_le_bytes(numbers[at])))
    }

    /// A store of these bytes; `path` is named in errors.
    pub(crate) fn new(header: Header, fst: Bytes, statistics: Bytes, path: &Path) -> Result<Store> {
        if let Some(inconsistency) = header.inconsistency() {
            let what = format!("{HEADER}: {inconsistency}; train the model again");
            return Err(HarnessError::corrupt(path, what).into());
        }
        let root = fst::open(&fst).map_err(|what| {
            HarnessError::corrupt(path, format!("{what}; train the model again"))
        })?;
        let code = WordCode::new(header.vocab_size + 1)?;
        Ok(Store {
            header,
            code,
            root,
            fst,
            statistics,
            unigrams: OnceLock::new(),
        })
    }
}

//! The tokens of a split, memory-mapped.

use std::ops::Range;
use std::path::Path;

use crate::disk::map::Map;
use crate::error::{Error, Result};
use crate::store::layout::is_narrow;
use crate::store::record::SplitRecord;
use crate::store::spans::Span;
use crate::token::vocab::TokenId;

/// The tokens of a split: one stream, memory-mapped.
#[derive(Debug)]
pub struct TokenStream {
    map: Map,
    narrow: bool,
    /// The visible tokens, as a range of all tokens of the split.
    visible: Range<usize>,
    /// Counts of the whole split.
    pub record: SplitRecord,
    /// Where documents begin and end.
    pub documents: Vec<Span>,
}

impl TokenStream {
    pub(super) fn open(
        path: &Path,
        vocab: usize,
        record: SplitRecord,
        documents: Vec<Span>,
    ) -> Result<TokenStream> {
        let map = Map::open(path)?;
        let bytes = map.len() as u64;
        let narrow = is_narrow(vocab);
        let width = if narrow { 2 } else { 4 };
        if Some(bytes) != record.tokens.checked_mul(width) {
            let what = format!(
                "has {bytes} bytes, expected {} tokens of {width} bytes",
                record.tokens
            );
            return Err(Error::corrupt(path, what));
        }
        let stream = TokenStream {
            map,
            narrow,
            visible: 0..record.tokens as usize,
            record,
            documents,
        };
        if let Some((at, id)) = stream
            .iter()
            .enumerate()
            .find(|&(_, id)| id as usize >= vocab)
        {
            let what = format!("token {at} has id {id}, but the vocabulary has {vocab} tokens");
            return Err(Error::corrupt(path, what));
        }
        Ok(stream)
    }

    /// Hides all tokens outside of a range; positions are then counted from its beginning.
    pub(super) fn show(&mut self, range: Range<usize>) {
        let end = range.end.min(self.len());
        let start = range.start.min(end);
        let offset = self.visible.start;
        self.visible = offset + start..offset + end;
        let (start, end) = (start as u64, end as u64);
        self.documents
            .retain(|document| document.start < end && document.end > start);
        for document in &mut self.documents {
            document.start = document.start.max(start) - start;
            document.end = document.end.min(end) - start;
        }
    }

    /// The visible tokens, as a range of all tokens of the split.
    pub(super) fn range(&self) -> Range<usize> {
        self.visible.clone()
    }

    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.visible.len()
    }

    /// Whether there are no tokens.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tokens one by one.
    pub fn iter(&self) -> impl Iterator<Item = TokenId> + '_ {
        let bytes = &*self.map;
        let Range { start, end } = self.visible;
        let (narrow, wide) = if self.narrow {
            (&bytes[2 * start..2 * end], &[][..])
        } else {
            (&[][..], &bytes[4 * start..4 * end])
        };
        let narrow = narrow
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&bytes| TokenId::from(u16::from_le_bytes(bytes)));
        narrow.chain(
            wide.as_chunks::<4>()
                .0
                .iter()
                .map(|&bytes| TokenId::from_le_bytes(bytes)),
        )
    }

    /// A copy of the tokens in `range`.
    ///
    /// # Panics
    /// If the range reaches beyond the end.
    pub fn read(&self, range: Range<usize>) -> Vec<TokenId> {
        assert!(
            range.end <= self.len(),
            "tokens {range:?} of {}",
            self.len()
        );
        let bytes = &*self.map;
        let offset = self.visible.start;
        let range = offset + range.start..offset + range.end;
        if self.narrow {
            let bytes = &bytes[2 * range.start..2 * range.end];
            bytes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|&bytes| TokenId::from(u16::from_le_bytes(bytes)))
                .collect()
        } else {
            let bytes = &bytes[4 * range.start..4 * range.end];
            bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&bytes| TokenId::from_le_bytes(bytes))
                .collect()
        }
    }

    /// A copy of all tokens.
    pub fn to_vec(&self) -> Vec<TokenId> {
        self.read(0..self.len())
    }
}

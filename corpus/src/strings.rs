//! Many short strings, numbered: one buffer for all, no allocation per string.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// Strings numbered from 0 in the order in which they were pushed.
#[derive(Debug, Clone, Default)]
pub(crate) struct StringList {
    text: String,
    /// Where each string ends in `text`; it begins where the one before it ends.
    ends: Vec<usize>,
}

impl StringList {
    pub(crate) fn push(&mut self, string: &str) {
        self.text.push_str(string);
        self.ends.push(self.text.len());
    }

    /// String number `id`.
    pub(crate) fn get(&self, id: u32) -> &str {
        let start = id
            .checked_sub(1)
            .map_or(0, |before| self.ends[before as usize]);
        &self.text[start..self.ends[id as usize]]
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator + '_ {
        (0..self.len()).map(|id| self.get(id as u32))
    }
}

/// Finds strings of a list by what they are.
///
/// A look-up in a large table waits for memory, so an entry holds all that is needed to compare: its own hash, which
/// also spares growing the table from reading every string again, and where the string lies.
#[derive(Debug, Clone, Default)]
pub(crate) struct StringIndex {
    entries: HashTable<Entry>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u64,
    start: usize,
    length: u32,
    id: u32,
}

/// The hash under which strings are found.
pub(crate) fn hash_of(string: &str) -> u64 {
    FxBuildHasher.hash_one(string)
}

impl StringIndex {
    /// The index of a whole list; of equal strings the first is found.
    pub(crate) fn of(list: &StringList) -> StringIndex {
        let mut index = StringIndex {
            entries: HashTable::with_capacity(list.len()),
        };
        let mut start = 0;
        for (id, string) in (0..).zip(list.iter()) {
            if index.find(list, string).is_none() {
                index.add(Entry {
                    hash: hash_of(string),
                    start,
                    length: string.len() as u32,
                    id,
                });
            }
            start += string.len();
        }
        index
    }

    /// The number of `string` in `list`, if it is there.
    pub(crate) fn find(&self, list: &StringList, string: &str) -> Option<u32> {
        self.find_hashed(list, hash_of(string), string)
    }

    fn find_hashed(&self, list: &StringList, hash: u64, string: &str) -> Option<u32> {
        let text = list.text.as_bytes();
        let is_it = |entry: &Entry| {
            entry.hash == hash
                && entry.length as usize == string.len()
                && &text[entry.start..entry.start + string.len()] == string.as_bytes()
        };
        self.entries.find(hash, is_it).map(|entry| entry.id)
    }

    fn add(&mut self, entry: Entry) {
        self.entries
            .insert_unique(entry.hash, entry, |entry| entry.hash);
    }
}

/// A list with its index.
#[derive(Debug, Clone, Default)]
pub(crate) struct StringTable {
    pub(crate) list: StringList,
    index: StringIndex,
}

impl StringTable {
    /// The number of `string`, whose hash is `hash`, and whether it is new.
    pub(crate) fn insert(&mut self, hash: u64, string: &str) -> (u32, bool) {
        if let Some(id) = self.index.find_hashed(&self.list, hash, string) {
            return (id, false);
        }
        let id = self.list.len() as u32;
        let start = self.list.text.len();
        self.index.add(Entry {
            hash,
            start,
            length: string.len() as u32,
            id,
        });
        self.list.push(string);
        (id, true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_keep_their_numbers() {
        let mut table = StringTable::default();
        let mut insert = |string: &str| table.insert(hash_of(string), string);
        for (string, expected) in [
            ("a", (0, true)),
            ("", (1, true)),
            ("a", (0, false)),
            ("é", (2, true)),
        ] {
            assert_eq!(insert(string), expected);
        }
        for number in 0..10_000 {
            insert(&number.to_string());
        }
        assert_eq!(
            (table.list.get(1), table.list.get(2), table.list.len()),
            ("", "é", 10_003)
        );
        assert_eq!(table.list.iter().next_back(), Some("9999"));
        let index = StringIndex::of(&table.list);
        assert_eq!(
            (
                index.find(&table.list, "9999"),
                index.find(&table.list, "b")
            ),
            (Some(10_002), None)
        );
    }
}

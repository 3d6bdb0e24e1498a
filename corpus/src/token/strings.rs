//! Numbered short strings in one common buffer, without an allocation per string.

use std::hash::BuildHasher;

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

/// The key of a string: its first bytes, which are all of most words, and a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    head: Head,
    hash: u32,
}

/// The first 15 bytes, filled up with zeros; in the highest byte the length, or [`LONG`] where that is not all.
type Head = u128;

const HEAD_BYTES: usize = 15;
const LONG: u8 = u8::MAX;

impl Key {
    /// The key of `string`.
    pub(crate) fn of(string: &str) -> Key {
        let mut bytes = [0; 16];
        let length = string.len().min(HEAD_BYTES);
        bytes[..length].copy_from_slice(&string.as_bytes()[..length]);
        Key::new(u128::from_le_bytes(bytes), string)
    }

    /// The key of `string`, which begins at byte `start` of `text`: faster than [`Key::of`], since bytes are read in
    /// one go where enough of them follow.
    #[inline]
    pub(crate) fn within(text: &str, start: usize, string: &str) -> Key {
        let bytes = text.as_bytes().get(start..start + 16);
        match bytes.and_then(|bytes| bytes.try_into().ok()) {
            Some(bytes) => {
                let length = string.len().min(HEAD_BYTES);
                let mask = (1u128 << (8 * length)) - 1;
                Key::new(u128::from_le_bytes(bytes) & mask, string)
            }
            None => Key::of(string),
        }
    }

    #[inline]
    fn new(beginning: u128, string: &str) -> Key {
        let length = string.len();
        let mark = if length <= HEAD_BYTES {
            length as u8
        } else {
            LONG
        };
        let head = beginning | u128::from(mark) << 120;
        let mut hash = fold(head as u64 ^ FACTORS[0], (head >> 64) as u64 ^ FACTORS[1]);
        if mark == LONG {
            hash = fold(
                hash ^ FACTORS[0],
                FxBuildHasher.hash_one(&string.as_bytes()[HEAD_BYTES..]),
            );
        }
        Key {
            head,
            hash: (hash >> 32) as u32,
        }
    }

    fn is_whole(self) -> bool {
        (self.head >> 120) as u8 != LONG
    }
}

/// Digits of pi: odd numbers with about as many ones as zeros.
const FACTORS: [u64; 2] = [0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7345];

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// Looks up strings of a list by content.
///
/// A lookup in a large table is bound by memory latency, so the data is compact: a slot holds 32 bits of hash, whose
/// lowest bits determine the slot, and the number of a string; a comparison reads the string's head, and its text only
/// if it is long. Collisions are resolved by linear probing. As the slot holds the hash, growing reads the old slots in
/// order and writes the new ones almost in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct StringIndex {
    slots: Vec<Slot>,
    /// By number of the string.
    heads: Vec<Head>,
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    id: u32,
}

/// A slot without a string.
const FREE: Slot = Slot {
    hash: 0,
    id: u32::MAX,
};

const FEWEST_SLOTS: usize = 16;

impl StringIndex {
    /// Has room for `strings` without growing.
    fn with_capacity(strings: usize) -> StringIndex {
        let slots = (strings / 3 * 4 + 2).next_power_of_two().max(FEWEST_SLOTS);
        StringIndex {
            slots: vec![FREE; slots],
            heads: Vec::with_capacity(strings),
        }
    }

    /// The index of a whole list; of equal strings the first is found.
    pub(crate) fn of(list: &StringList) -> StringIndex {
        let mut index = StringIndex::with_capacity(list.len());
        for (id, string) in (0..).zip(list.iter()) {
            let key = Key::of(string);
            match index.probe(list, key, string) {
                // A duplicate has a number, too.
                Ok(_) => index.heads.push(key.head),
                Err(slot) => index.add(slot, key, id),
            }
        }
        index
    }

    /// The number of `string` in `list`, if it is there.
    pub(crate) fn find(&self, list: &StringList, string: &str) -> Option<u32> {
        self.probe(list, Key::of(string), string).ok()
    }

    /// The number of a string, or the free slot where it belongs.
    #[inline]
    fn probe(&self, list: &StringList, key: Key, string: &str) -> Result<u32, usize> {
        let mask = self.slots.len() - 1;
        let mut at = key.hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot.id == FREE.id {
                return Err(at);
            }
            if slot.hash == key.hash && self.is_at(list, slot.id, key, string) {
                return Ok(slot.id);
            }
            at = (at + 1) & mask;
        }
    }

    #[inline]
    fn is_at(&self, list: &StringList, id: u32, key: Key, string: &str) -> bool {
        self.heads[id as usize] == key.head && (key.is_whole() || list.get(id) == string)
    }

    fn add(&mut self, slot: usize, key: Key, id: u32) {
        self.slots[slot] = Slot { hash: key.hash, id };
        self.heads.push(key.head);
        // The maximum load factor is 3/4.
        if self.heads.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
    }

    fn grow(&mut self) {
        let mut slots = vec![FREE; 2 * self.slots.len()];
        let mask = slots.len() - 1;
        for slot in self.slots.iter().filter(|slot| slot.id != FREE.id) {
            let mut at = slot.hash as usize & mask;
            while slots[at].id != FREE.id {
                at = (at + 1) & mask;
            }
            slots[at] = *slot;
        }
        self.slots = slots;
    }
}

/// A list with its index.
#[derive(Debug, Clone)]
pub(crate) struct StringTable {
    pub(crate) list: StringList,
    index: StringIndex,
}

impl Default for StringTable {
    fn default() -> StringTable {
        StringTable::with_capacity(0)
    }
}

impl StringTable {
    /// Has room for `strings` without growing.
    pub(crate) fn with_capacity(strings: usize) -> StringTable {
        StringTable {
            list: StringList::default(),
            index: StringIndex::with_capacity(strings),
        }
    }

    /// The number of `string`, whose key is `key`, and whether it is new.
    #[inline]
    pub(crate) fn insert(&mut self, key: Key, string: &str) -> (u32, bool) {
        match self.index.probe(&self.list, key, string) {
            Ok(id) => (id, false),
            Err(slot) => {
                let id = self.list.len() as u32;
                self.list.push(string);
                self.index.add(slot, key, id);
                (id, true)
            }
        }
    }

    /// For each string of `other`, in order, calls `number` with its number in this table and whether it is new.
    ///
    /// Strings are looked up a few at a time, so that the processor waits for several cache misses at once.
    pub(crate) fn insert_all(&mut self, other: &StringTable, mut number: impl FnMut(u32, bool)) {
        const AT_ONCE: usize = 16;
        let mut id = 0;
        for heads in other.index.heads.chunks(AT_ONCE) {
            let mut keys = [Key { head: 0, hash: 0 }; AT_ONCE];
            let mut slots = [FREE; AT_ONCE];
            let mask = self.index.slots.len() - 1;
            for (at, &head) in heads.iter().enumerate() {
                keys[at] = Key::new(
                    head & !(u128::from(LONG) << 120),
                    other.list.get(id + at as u32),
                );
                slots[at] = self.index.slots[keys[at].hash as usize & mask];
            }
            let found: [bool; AT_ONCE] = std::array::from_fn(|at| {
                let (slot, key) = (slots[at], keys[at]);
                let head = self.index.heads.get(slot.id as usize);
                slot.hash == key.hash && head == Some(&key.head) && key.is_whole()
            });
            for at in 0..heads.len() {
                if found[at] {
                    number(slots[at].id, false);
                } else {
                    let (id, new) = self.insert(keys[at], other.list.get(id + at as u32));
                    number(id, new);
                }
            }
            id += heads.len() as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_keep_their_numbers() {
        let mut table = StringTable::default();
        let mut insert = |string: &str| table.insert(Key::of(string), string);
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

    #[test]
    fn strings_with_a_common_beginning_or_end_are_distinct() {
        let strings = [
            "fifteen letters",
            "fifteen letters!",
            "fifteen letters?",
            "fifteen letters and more",
            "fifteen letters and mere",
            "",
            "\0",
            "\0\0",
        ];
        let mut table = StringTable::default();
        for (id, string) in (0..).zip(strings) {
            assert_eq!(table.insert(Key::of(string), string), (id, true));
        }
        for (id, string) in (0..).zip(strings) {
            assert_eq!(table.insert(Key::of(string), string), (id, false));
        }
    }

    #[test]
    fn the_key_does_not_depend_on_what_follows() {
        let text = "a word and averyveryverylongword and an end";
        for (start, end) in [
            (0, 1),
            (2, 6),
            (11, 31),
            (40, 43),
            (43, 43),
            (2, 17),
            (2, 18),
        ] {
            let string = &text[start..end];
            assert_eq!(
                Key::within(text, start, string),
                Key::of(string),
                "{string}"
            );
        }
    }

    #[test]
    fn merging_a_table_equals_inserting_its_strings_one_by_one() {
        let spell = |number: u32| match number % 3 {
            0 => format!("{number}"),
            1 => format!("a rather long word {number}"),
            _ => format!("{}", number / 2),
        };
        let mut other = StringTable::default();
        for number in 500..2000 {
            let string = spell(number);
            other.insert(Key::of(&string), &string);
        }
        let mut table = StringTable::default();
        for number in 0..1000 {
            let string = spell(number);
            table.insert(Key::of(&string), &string);
        }
        let mut one_by_one = table.clone();
        let mut merged = Vec::new();
        table.insert_all(&other, |id, new| merged.push((id, new)));
        let expected: Vec<(u32, bool)> = other
            .list
            .iter()
            .map(|string| one_by_one.insert(Key::of(string), string))
            .collect();
        assert_eq!(merged, expected);
        assert!(table.list.iter().eq(one_by_one.list.iter()));
    }
}

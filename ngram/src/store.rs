//! Where counts lie. The model asks a [`Store`]; how it holds them is its own affair.

use std::fs;
use std::path::Path;

use corpus::{TokenId, write_atomically};
use harness::Error as Fault;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::config::HIGHEST_ORDER;
use crate::error::Result;

/// An n-gram that occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Its number of words; the empty n-gram has none.
    pub order: u8,
    /// Its number among the n-grams of its order.
    pub index: u32,
}

/// Counts of n-grams, to be walked word by word.
pub trait Store: Send + Sync {
    /// Words in the longest n-gram.
    fn order(&self) -> usize;

    /// V.
    fn vocab_size(&self) -> usize;

    /// Number of different n-grams of an order; the empty one is the only one of order 0.
    fn nodes(&self, order: usize) -> usize;

    /// The empty n-gram, whose followers are all words that occur.
    fn root(&self) -> Node {
        Node { order: 0, index: 0 }
    }

    /// How often it occurs.
    fn count(&self, node: Node) -> u64;

    /// The n-gram with one more word at its end, if it occurs.
    fn follower(&self, node: Node, token: TokenId) -> Option<Node>;

    /// Calls `visit` with every word that follows and how often it does, in order of words.
    fn followers(&self, node: Node, visit: &mut dyn FnMut(TokenId, u64));

    /// Whether anything follows; nothing follows the longest n-grams, nor the end of the text.
    fn has_followers(&self, node: Node) -> bool;
}

/// All orders in one trie: an n-gram's followers are a run, sorted by word, in the level below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trie {
    /// Level k holds the n-grams of order k + 1; in the first, an n-gram's number is its word.
    pub(crate) levels: Vec<Level>,
}

/// The n-grams of one order, in lexicographic order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Level {
    /// Last word of each.
    pub(crate) words: Vec<TokenId>,
    /// How often each occurs.
    pub(crate) counts: Vec<u32>,
    /// Where the followers of each begin in the level below; one more at the end. Empty in the last level.
    pub(crate) begins: Vec<u32>,
}

impl Trie {
    fn level(&self, order: u8) -> &Level {
        &self.levels[usize::from(order) - 1]
    }

    fn follower_range(&self, node: Node) -> std::ops::Range<usize> {
        if node.order == 0 {
            return 0..self.levels[0].words.len();
        }
        let begins = &self.level(node.order).begins;
        let at = node.index as usize;
        match begins.is_empty() {
            true => 0..0,
            false => begins[at] as usize..begins[at + 1] as usize,
        }
    }
}

impl Store for Trie {
    fn order(&self) -> usize {
        self.levels.len()
    }

    fn vocab_size(&self) -> usize {
        self.levels[0].words.len()
    }

    fn nodes(&self, order: usize) -> usize {
        if order == 0 {
            1
        } else {
            self.levels[order - 1].words.len()
        }
    }

    fn count(&self, node: Node) -> u64 {
        match node.order {
            0 => self.levels[0]
                .counts
                .iter()
                .map(|&count| u64::from(count))
                .sum(),
            order => u64::from(self.level(order).counts[node.index as usize]),
        }
    }

    fn follower(&self, node: Node, token: TokenId) -> Option<Node> {
        let order = node.order + 1;
        if node.order == 0 {
            return (self.levels[0].counts[token as usize] > 0).then_some(Node {
                order,
                index: token,
            });
        }
        let range = self.follower_range(node);
        let below = self.levels.get(usize::from(node.order))?;
        let place = below.words[range.clone()].binary_search(&token).ok()?;
        Some(Node {
            order,
            index: (range.start + place) as u32,
        })
    }

    fn followers(&self, node: Node, visit: &mut dyn FnMut(TokenId, u64)) {
        let Some(below) = self.levels.get(usize::from(node.order)) else {
            return;
        };
        for at in self.follower_range(node) {
            if below.counts[at] > 0 {
                visit(below.words[at], u64::from(below.counts[at]));
            }
        }
    }

    fn has_followers(&self, node: Node) -> bool {
        !self.follower_range(node).is_empty()
    }
}

const FILE: &str = "counts.safetensors";

impl Trie {
    /// Writes the counts into a model folder.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let path = folder.join(FILE);
        let mut arrays = Vec::new();
        for (level, order) in self.levels.iter().zip(1..) {
            for (part, values) in [
                ("words", &level.words),
                ("counts", &level.counts),
                ("begins", &level.begins),
            ] {
                let bytes: Vec<u8> = values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect();
                arrays.push((format!("{order}.{part}"), values.len(), bytes));
            }
        }
        let refused =
            |error: safetensors::SafeTensorError| Fault::corrupt(&path, error.to_string());
        let mut views = Vec::new();
        for (name, length, bytes) in &arrays {
            views.push((
                name,
                TensorView::new(Dtype::U32, vec![*length], bytes).map_err(refused)?,
            ));
        }
        let bytes = safetensors::serialize(views, None).map_err(refused)?;
        Ok(write_atomically(&path, &bytes).map_err(Fault::from)?)
    }

    /// Reads counts of a model folder; every index is checked, so that no query can go astray.
    pub(crate) fn open(folder: &Path, order: usize, vocab_size: usize) -> Result<Trie> {
        let path = folder.join(FILE);
        let bytes = fs::read(&path).map_err(Fault::io("read", &path))?;
        let tensors = SafeTensors::deserialize(&bytes)
            .map_err(|error| Fault::corrupt(&path, error.to_string()))?;
        let array = |order: usize, part: &str| {
            let tensor = tensors.tensor(&format!("{order}.{part}"));
            let tensor = tensor.map_err(|error| Fault::corrupt(&path, error.to_string()))?;
            if tensor.dtype() != Dtype::U32 {
                return Err(Fault::corrupt(
                    &path,
                    format!("{order}.{part} is not of 32-bit numbers"),
                ));
            }
            let values = tensor
                .data()
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&bytes| u32::from_le_bytes(bytes));
            Ok::<Vec<u32>, Fault>(values.collect())
        };
        if !(1..=HIGHEST_ORDER).contains(&order) {
            return Err(Fault::corrupt(&path, format!("order {order}")).into());
        }
        let mut levels = Vec::new();
        for order in 1..=order {
            let (words, counts) = (array(order, "words")?, array(order, "counts")?);
            levels.push(Level {
                words,
                counts,
                begins: array(order, "begins")?,
            });
        }
        let trie = Trie { levels };
        match trie.fault(vocab_size) {
            None => Ok(trie),
            Some(fault) => Err(Fault::corrupt(&path, fault).into()),
        }
    }

    /// What is wrong with the arrays, if anything.
    fn fault(&self, vocab_size: usize) -> Option<String> {
        let unigrams = &self.levels[0].words;
        if unigrams.len() != vocab_size {
            return Some(format!(
                "{} unigrams, the vocabulary has {vocab_size}",
                unigrams.len()
            ));
        }
        if (0..).zip(unigrams).any(|(id, &word)| id != word) {
            return Some("the unigrams are out of order".to_owned());
        }
        (1..=self.levels.len()).find_map(|order| self.level_fault(order, vocab_size))
    }

    fn level_fault(&self, order: usize, vocab_size: usize) -> Option<String> {
        let level = &self.levels[order - 1];
        let nodes = level.words.len();
        let below = self.levels.get(order);
        let spans = match below {
            None => level.begins.is_empty(),
            Some(below) => {
                level.begins.len() == nodes + 1
                    && level.begins[0] == 0
                    && level.begins[nodes] as usize == below.words.len()
                    && level.begins.is_sorted()
            }
        };
        let known = level.words.iter().all(|&word| (word as usize) < vocab_size);
        let counted = level.counts.len() == nodes
            && (order == 1 || level.counts.iter().all(|&count| count > 0));
        if !(spans && known && counted) {
            return Some(format!("the arrays of order {order} contradict each other"));
        }
        let consistent =
            below.is_none_or(|below| (0..nodes).all(|node| followers_fit(level, below, node)));
        (!consistent).then(|| {
            format!(
                "the counts of order {} do not fit those of order {order}",
                order + 1
            )
        })
    }
}

/// Followers are in order of words, and occur together at most as often as what they follow.
fn followers_fit(level: &Level, below: &Level, node: usize) -> bool {
    let range = level.begins[node] as usize..level.begins[node + 1] as usize;
    let words = &below.words[range.clone()];
    let sum: u64 = below.counts[range]
        .iter()
        .map(|&count| u64::from(count))
        .sum();
    words.is_sorted_by(|a, b| a < b) && sum <= u64::from(level.counts[node])
}

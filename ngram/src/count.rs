//! Counting: all orders from one sort.
//!
//! Every position of the text begins an n-gram of the highest order. Packed into 128 bits, first word first, these sort
//! as numbers (in parallel); walking them in order, an n-gram of any order is a run of equal beginnings.

use corpus::TokenId;
use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::store::{Level, Trie};

/// Counts all n-grams of up to `order` words.
pub(crate) fn count(tokens: &[TokenId], vocab_size: usize, order: usize) -> Result<Trie> {
    // Words are numbered from 1 in keys: 0 is the void after the end of the text.
    let bits = usize::BITS - vocab_size.leading_zeros();
    let highest = (128 / bits) as usize;
    if order > highest {
        let bound = format!("with a vocabulary of {vocab_size} the highest order is {highest}");
        return Err(Error::Setting {
            field: "order",
            value: order.to_string(),
            bound,
        });
    }
    if tokens.len() >= u32::MAX as usize {
        let bound = format!("at most {} can be counted", u32::MAX - 1);
        return Err(Error::Setting {
            field: "tokens",
            value: tokens.len().to_string(),
            bound,
        });
    }
    let key = |at: usize| {
        (0..order).fold(0, |key: u128, place| {
            let word = tokens
                .get(at + place)
                .map_or(0, |&token| u128::from(token) + 1);
            key << bits | word
        })
    };
    let mut keys: Vec<u128> = (0..tokens.len()).into_par_iter().map(key).collect();
    keys.par_sort_unstable();
    let mut levels = walk(&keys, order, bits);
    make_dense(&mut levels[0], vocab_size);
    Ok(Trie { levels })
}

/// One pass over sorted keys makes all levels.
fn walk(keys: &[u128], order: usize, bits: u32) -> Vec<Level> {
    let mut levels = vec![Level::default(); order];
    let mask = (1_u128 << bits) - 1;
    let word = |key: u128, place: usize| (key >> (bits as usize * (order - 1 - place))) & mask;
    let mut before = 0;
    for &key in keys {
        let mut is_new = false;
        for place in 0..order {
            let token = word(key, place);
            if token == 0 {
                break;
            }
            is_new |= token != word(before, place);
            if is_new {
                let begins = levels.get(place + 1).map(|below| below.words.len() as u32);
                let level = &mut levels[place];
                level.words.push(token as TokenId - 1);
                level.counts.push(0);
                level.begins.extend(begins);
            }
            let level = &mut levels[place];
            if let Some(count) = level.counts.last_mut() {
                *count += 1;
            }
        }
        before = key;
    }
    for place in 1..order {
        let end = levels[place].words.len() as u32;
        levels[place - 1].begins.push(end);
    }
    levels
}

/// Gives every word of the vocabulary a place in the first level, so that its number is its place.
fn make_dense(level: &mut Level, vocab_size: usize) {
    let sparse = std::mem::take(level);
    level.words = (0..vocab_size as TokenId).collect();
    level.counts = vec![0; vocab_size];
    let mut next = 0;
    for token in 0..vocab_size {
        let occurs = sparse.words.get(next) == Some(&(token as TokenId));
        level.begins.extend(sparse.begins.get(next));
        if occurs {
            level.counts[token] = sparse.counts[next];
            next += 1;
        }
    }
    level.begins.extend(sparse.begins.last());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::store::{Node, Store};

    /// All n-grams by the obvious way.
    fn naive(tokens: &[TokenId], order: usize) -> BTreeMap<Vec<TokenId>, u64> {
        let mut counts = BTreeMap::new();
        for length in 1..=order {
            tokens
                .windows(length)
                .for_each(|window| *counts.entry(window.to_vec()).or_default() += 1);
        }
        counts
    }

    fn collect(
        trie: &Trie,
        node: Node,
        ngram: &mut Vec<TokenId>,
        counts: &mut BTreeMap<Vec<TokenId>, u64>,
    ) {
        let mut followers = Vec::new();
        trie.followers(node, &mut |token, count| followers.push((token, count)));
        assert!(followers.is_sorted() && trie.has_followers(node) >= !followers.is_empty());
        for (token, count) in followers {
            ngram.push(token);
            let child = trie.follower(node, token).unwrap();
            assert_eq!(trie.count(child), count);
            counts.insert(ngram.clone(), count);
            collect(trie, child, ngram, counts);
            ngram.pop();
        }
    }

    proptest! {
        #[test]
        fn counts_are_those_of_the_obvious_way(tokens in prop::collection::vec(0_u32..5, 1..60), order in 1_usize..=6) {
            let trie = count(&tokens, 6, order).unwrap();
            let mut counts = BTreeMap::new();
            collect(&trie, trie.root(), &mut Vec::new(), &mut counts);
            prop_assert_eq!(counts, naive(&tokens, order));
            prop_assert_eq!(trie.count(trie.root()), tokens.len() as u64);
        }

        #[test]
        fn counts_come_back_from_disk(tokens in prop::collection::vec(0_u32..5, 1..60), order in 1_usize..=6) {
            let folder = tempfile::tempdir().unwrap();
            let trie = count(&tokens, 6, order).unwrap();
            trie.save(folder.path()).unwrap();
            prop_assert_eq!(Trie::open(folder.path(), order, 6).unwrap(), trie);
            prop_assert!(Trie::open(folder.path(), order, 5).is_err());
        }
    }

    #[test]
    fn a_vocabulary_too_large_for_the_order_is_refused() {
        let error = count(&[0, 1], 1 << 30, 6).unwrap_err().to_string();
        assert!(error.contains("highest order is 4"), "{error}");
    }
}

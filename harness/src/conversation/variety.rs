//! The variety of replies.

use std::collections::{HashMap, HashSet};

/// How many replies count as the most common ones.
const COMMON: usize = 10;

/// The variety of a set of replies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variety {
    /// Shares of distinct words and of distinct bigrams among all: distinct-1 and distinct-2 (Li et al. 2016, section 5.2).
    /// 0 if there are none.
    pub distinct: [f64; 2],
    /// The share of replies that are one of the ten most common ones.
    pub common: f64,
}

impl Variety {
    /// The variety of these replies, split on whitespace.
    ///
    /// ```
    /// use harness::Variety;
    ///
    /// let variety = Variety::of(&["I do not know", "I do", ""]);
    /// assert_eq!(variety.distinct, [4.0 / 6.0, 3.0 / 4.0]);
    /// assert_eq!(variety.common, 1.0);
    /// ```
    pub fn of(replies: &[&str]) -> Variety {
        Variety {
            distinct: [distinct(replies, 1), distinct(replies, 2)],
            common: common(replies),
        }
    }
}

fn distinct(replies: &[&str], order: usize) -> f64 {
    let (mut different, mut all) = (HashSet::new(), 0_u64);
    for reply in replies {
        let words: Vec<&str> = reply.split_whitespace().collect();
        for ngram in words.windows(order) {
            different.insert(ngram.to_vec());
            all += 1;
        }
    }
    different.len() as f64 / all.max(1) as f64
}

fn common(replies: &[&str]) -> f64 {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for reply in replies {
        *counts.entry(reply).or_default() += 1;
    }
    let mut counts: Vec<u64> = counts.into_values().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let of_common: u64 = counts.iter().take(COMMON).sum();
    of_common as f64 / replies.len().max(1) as f64
}

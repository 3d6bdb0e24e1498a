//! IBM Model 1 (Brown et al. 1993, section 4.1): which word translates which, learnt from pairs of sentences.
//!
//! Each target word is assumed to come from one of the source words, which are equally likely a priori, or from the NULL
//! word; expectation maximisation then finds t(target | source). It starts from uniform translations; the likelihood has no
//! local maxima.
//!
//! In the paper's letters a string f is explained by a string e; here the target is explained by the source, as a
//! dictionary from source to target needs it.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::dictionary::WordByWord;
use super::judge::SentencePair;
use crate::checked::{Check, require};
use crate::error::Result;

/// How a dictionary is learnt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DictionaryConfig {
    /// Passes over the pairs. A few suffice; more overfit rare words (ours).
    pub iterations: u32,
    /// Whether target words may come from no source word.
    pub null_word: NullWord,
    /// Translations less probable than this are dropped after training, except a word's best (ours).
    pub least_probability: f64,
}

/// Whether there is a NULL word, from which target words come that no source word explains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NullWord {
    /// As in the paper.
    #[default]
    With,
    /// As in many textbooks' examples.
    Without,
}

impl Default for DictionaryConfig {
    fn default() -> DictionaryConfig {
        DictionaryConfig {
            iterations: 5,
            null_word: NullWord::With,
            least_probability: 1e-4,
        }
    }
}

impl DictionaryConfig {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] naming field, value and bound.
    pub fn validate(&self) -> Result<()> {
        require(&[
            Check::new(
                self.iterations > 0,
                "iterations",
                self.iterations,
                "must be at least 1",
            ),
            Check::share("least_probability", self.least_probability),
        ])
    }

    /// Learns a dictionary from pairs whose words are separated by spaces; the caller handles tokenization and case.
    /// The same pairs give the same dictionary, bit for bit.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] for a setting out of its bounds, or if no pair has words on both sides.
    pub fn train(&self, pairs: &[SentencePair]) -> Result<WordByWord> {
        self.validate()?;
        let numbered = Numbered::new(pairs, self.null_word);
        require(&[Check::new(
            !numbered.pairs.is_empty(),
            "pairs",
            pairs.len(),
            "at least one must have words on both sides",
        )])?;
        let mut table = Table::new(&numbered);
        for _ in 0..self.iterations {
            table.improve(&numbered.pairs);
        }
        Ok(self.dictionary(&numbered, &table))
    }

    /// The probable translations of all source words but the NULL word.
    fn dictionary(&self, numbered: &Numbered<'_>, table: &Table) -> WordByWord {
        let sources = numbered.sources.words.iter().enumerate().skip(1);
        WordByWord::new(sources.map(|(id, source)| {
            let row = table.starts[id]..table.starts[id + 1];
            let best = table.probs[row.clone()].iter().copied().fold(0.0, f64::max);
            let least = self.least_probability.min(best);
            let targets = row.filter(|&place| table.probs[place] >= least.max(f64::MIN_POSITIVE));
            let target = |place: usize| {
                let word = numbered.targets.words[table.targets[place] as usize];
                (word.to_owned(), table.probs[place])
            };
            ((*source).to_owned(), targets.map(target).collect())
        }))
    }
}

/// Words and their numbers, in the order of their first occurrence.
#[derive(Default)]
struct Words<'t> {
    words: Vec<&'t str>,
    ids: FxHashMap<&'t str, u32>,
}

impl<'t> Words<'t> {
    fn id(&mut self, word: &'t str) -> u32 {
        let next = u32::try_from(self.words.len()).expect("fewer than 2^32 different words");
        *self.ids.entry(word).or_insert_with(|| {
            self.words.push(word);
            next
        })
    }
}

/// Sentence pairs as numbers.
struct Numbered<'t> {
    /// Number 0 is the NULL word, as a text empty, which no other word is.
    sources: Words<'t>,
    targets: Words<'t>,
    /// Source, with the NULL word at its head if there is one, and target.
    pairs: Vec<[Vec<u32>; 2]>,
}

impl<'t> Numbered<'t> {
    /// Pairs without a word on one of the sides are left out.
    fn new(texts: &'t [SentencePair], null_word: NullWord) -> Numbered<'t> {
        let (mut sources, mut targets) = (Words::default(), Words::default());
        let null = sources.id("");
        let mut pairs = Vec::with_capacity(texts.len());
        for pair in texts {
            let [source, target] = [&pair.source, &pair.target].map(|text| text.split_whitespace());
            if source.clone().next().is_none() || target.clone().next().is_none() {
                continue;
            }
            let head = (null_word == NullWord::With).then_some(null);
            let source = head.into_iter().chain(source.map(|word| sources.id(word)));
            let source = source.collect();
            pairs.push([source, target.map(|word| targets.id(word)).collect()]);
        }
        Numbered {
            sources,
            targets,
            pairs,
        }
    }
}

/// t(target | source) of the words that occur together in a pair, in rows by source word. All others are 0.
struct Table {
    /// Where each source word's row begins, and where the last ends.
    starts: Vec<usize>,
    /// The target words of each row, ascending.
    targets: Vec<u32>,
    /// t(target | source), beside `targets`.
    probs: Vec<f64>,
}

impl Table {
    /// All translations are equally probable.
    fn new(numbered: &Numbered<'_>) -> Table {
        let together = together(&numbered.pairs);
        let mut starts = vec![0; numbered.sources.words.len() + 1];
        for &key in &together {
            starts[(key >> 32) as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let uniform = 1.0 / numbered.targets.words.len() as f64;
        Table {
            starts,
            probs: vec![uniform; together.len()],
            targets: together.into_iter().map(|key| key as u32).collect(),
        }
    }

    /// One pass of expectation (eq. 17) and maximisation (eq. 14).
    fn improve(&mut self, pairs: &[[Vec<u32>; 2]]) {
        let mut counts = vec![0.0; self.probs.len()];
        let mut places = Vec::new();
        for [source, target] in pairs {
            for &word in target {
                places.clear();
                places.extend(source.iter().map(|&source| self.place(source, word)));
                let sum: f64 = places.iter().map(|&place| self.probs[place]).sum();
                for &place in &places {
                    counts[place] += self.probs[place] / sum;
                }
            }
        }
        for row in self.starts.windows(2) {
            let row = &mut counts[row[0]..row[1]];
            let sum: f64 = row.iter().sum();
            row.iter_mut().for_each(|count| *count /= sum);
        }
        self.probs = counts;
    }

    fn place(&self, source: u32, target: u32) -> usize {
        let start = self.starts[source as usize];
        let row = &self.targets[start..self.starts[source as usize + 1]];
        start + row.partition_point(|&other| other < target)
    }
}

/// Size of the buffer of word pairs between deduplications: 32 MiB.
const ROOM: usize = 1 << 22;

/// All pairs of a source and a target word that occur together, ascending: the source in the upper half of the number.
/// Memory follows the number of different pairs, not that of their occurrences.
fn together(pairs: &[[Vec<u32>; 2]]) -> Vec<u64> {
    let mut keys: Vec<u64> = Vec::new();
    let mut room = ROOM;
    for [source, target] in pairs {
        for &source in source {
            let key = |&target: &u32| u64::from(source) << 32 | u64::from(target);
            keys.extend(target.iter().map(key));
        }
        if keys.len() > room {
            keys.sort_unstable();
            keys.dedup();
            room = ROOM + 2 * keys.len();
        }
    }
    keys.sort_unstable();
    keys.dedup();
    keys
}

//! Retrieval baseline: the reply that followed the most similar context in training.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use corpus::{read_text, write_atomically};
use rayon::prelude::*;

use super::dialogue::{Dialogue, Prompt};
use crate::answers::no_probabilities;
use crate::error::{Error, Result};
use crate::model::Responder;

/// Replies with the turn that followed the nearest context by cosine similarity of TF-IDF vectors (a word's count times ln of
/// contexts over contexts with the word). The earliest wins ties.
#[derive(Debug, Clone)]
pub struct Retrieval {
    dialogues: Vec<Dialogue>,
    replies: Vec<String>,
    /// An inverted index: for each word the contexts that contain it, with its weight in the normalised vector.
    contexts: HashMap<String, Vec<(u32, f32)>>,
    /// The inverse document frequency of each word: ln of contexts over contexts with the word.
    weights: HashMap<String, f32>,
    /// Number of turns in a context.
    turns: usize,
}

impl Retrieval {
    /// The file of the dialogues, in the model's folder.
    pub const FILE: &str = "conversations.tsv";

    /// Indexes all replies of the dialogues by the `turns` turns before each.
    pub fn new(dialogues: Vec<Dialogue>, turns: usize) -> Retrieval {
        let all = || dialogues.iter().flat_map(Dialogue::replies);
        let counted: Vec<Vec<(String, f32)>> =
            all().map(|(prompt, _)| words(prompt.last(turns))).collect();
        let mut holding: HashMap<String, u32> = HashMap::new();
        for (word, _) in counted.iter().flatten() {
            *holding.entry(word.clone()).or_default() += 1;
        }
        let number = counted.len() as f32;
        let weights: HashMap<String, f32> = holding
            .into_iter()
            .map(|(word, contexts)| (word, (number / contexts as f32).ln()))
            .collect();
        let mut contexts: HashMap<String, Vec<(u32, f32)>> = HashMap::new();
        for (at, counts) in (0..).zip(&counted) {
            let weighted = |(word, count): &(String, f32)| (word.clone(), count * weights[word]);
            let vector: Vec<(String, f32)> = counts.iter().map(weighted).collect();
            let length = norm(vector.iter().map(|(_, value)| *value));
            for (word, value) in vector {
                contexts.entry(word).or_default().push((at, value / length));
            }
        }
        let replies = all().map(|(_, reply)| reply.to_owned()).collect();
        Retrieval {
            dialogues,
            replies,
            contexts,
            weights,
            turns,
        }
    }

    /// Writes the dialogues into a folder.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk refuses.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let table = Dialogue::to_table(&self.dialogues);
        Ok(write_atomically(
            &folder.join(Retrieval::FILE),
            table.as_bytes(),
        )?)
    }

    /// Reads the file that [`Retrieval::save`] wrote.
    ///
    /// # Errors
    /// [`Error::Io`] without it, [`Error::Corrupt`] naming the first bad line.
    pub fn read(path: &Path, turns: usize) -> Result<Retrieval> {
        let table = read_text(path)?;
        let dialogues = Dialogue::of_table(&table).map_err(|line| {
            let what = format!("line {line} is not a turn of a dialogue; train the model again");
            Error::corrupt(path, what)
        })?;
        Ok(Retrieval::new(dialogues, turns))
    }

    /// Contexts to choose from.
    pub fn len(&self) -> usize {
        self.replies.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.replies.is_empty()
    }

    /// The reply that followed the most similar context; the first reply if no word is known.
    fn nearest(&self, prompt: Prompt<'_>) -> String {
        let mut likeness = vec![0.0; self.replies.len()];
        for (word, count) in words(prompt.last(self.turns)) {
            let Some(contexts) = self.contexts.get(&word) else {
                continue;
            };
            let value = count * self.weights[&word];
            for &(at, other) in contexts {
                likeness[at as usize] += value * other;
            }
        }
        let mut best = 0;
        for at in 1..likeness.len() {
            if likeness[at] > likeness[best] {
                best = at;
            }
        }
        self.replies.get(best).cloned().unwrap_or_default()
    }
}

/// Counts of lower-cased words, sorted by word so that sums are reproducible.
fn words(prompt: Prompt<'_>) -> Vec<(String, f32)> {
    let mut counts = BTreeMap::new();
    for turn in prompt.turns {
        for word in turn.text.split_whitespace() {
            *counts.entry(word.to_lowercase()).or_default() += 1.0;
        }
    }
    counts.into_iter().collect()
}

fn norm(values: impl Iterator<Item = f32>) -> f32 {
    let squares: f32 = values.map(|value| value * value).sum();
    squares.sqrt().max(f32::MIN_POSITIVE)
}

impl Responder for Retrieval {
    fn reply(&self, prompts: &[Prompt<'_>]) -> Result<Vec<String>> {
        Ok(prompts
            .par_iter()
            .map(|&prompt| self.nearest(prompt))
            .collect())
    }

    fn score_replies(&self, _: &[(Prompt<'_>, &str)]) -> Result<Vec<f64>> {
        Err(no_probabilities("retrieval"))
    }
}

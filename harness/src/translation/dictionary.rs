//! Word-by-word translation: each source word is replaced by its most probable translation; the order is kept.

use std::collections::BTreeMap;
use std::path::Path;

use corpus::{Lines, OnInvalid, open_text, write_atomically};

use crate::answers::no_probabilities;
use crate::error::{Error, Result};
use crate::model::Translator;

/// A dictionary, and the translator that looks up one word after the other. It is a baseline that ignores order, grammar and
/// context. [`crate::DictionaryConfig`] learns one.
///
/// Words are separated by spaces; unknown words are copied. It gives no probabilities of sentences.
///
/// ```
/// use harness::{DictionaryConfig, SentencePair, Translator};
///
/// // Koehn 2010, figure 4.3.
/// let pair = |(source, target): (&str, &str)| SentencePair { source: source.into(), target: target.into() };
/// let pairs = [("das Haus", "the house"), ("das Buch", "the book"), ("ein Buch", "a book")].map(pair);
/// let dictionary = DictionaryConfig::default().train(&pairs)?;
/// assert_eq!(dictionary.translate(&["ein Haus in Ulm"])?, ["a house in Ulm"]);
/// # Ok::<(), harness::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WordByWord {
    /// At least one translation of each source word, the most probable first.
    entries: BTreeMap<String, Vec<(String, f64)>>,
}

/// By how much the sum of a word's probabilities may exceed 1 through rounding.
const ROUNDING: f64 = 1e-6;

impl WordByWord {
    /// The model's only file: source, target and p(target | source), with tabs between.
    pub const FILE: &str = "dictionary.tsv";

    pub(super) fn new(entries: impl Iterator<Item = (String, Vec<(String, f64)>)>) -> WordByWord {
        let entries = entries.map(|(source, mut targets)| {
            targets.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            (source, targets)
        });
        WordByWord {
            entries: entries.collect(),
        }
    }

    /// The translations of a source word and their probabilities, the most probable first; nothing for an unknown word.
    pub fn translations(&self, source: &str) -> &[(String, f64)] {
        self.entries.get(source).map_or(&[], Vec::as_slice)
    }

    /// Number of probabilities.
    pub fn len(&self) -> usize {
        self.entries.values().map(Vec::len).sum()
    }

    /// Whether there is no probability.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Writes the model's only file, `dictionary.tsv`, into a folder.
    ///
    /// # Errors
    /// [`Error::Corpus`] if it cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let mut text = String::new();
        for (source, targets) in &self.entries {
            for (target, probability) in targets {
                text.push_str(&format!("{source}\t{target}\t{probability}\n"));
            }
        }
        Ok(write_atomically(
            &folder.join(WordByWord::FILE),
            text.as_bytes(),
        )?)
    }

    /// Reads that file again; the order of its lines does not matter.
    ///
    /// # Errors
    /// [`Error::Corpus`] if it cannot be read, naming file and line of what is no entry or one for the second time;
    /// [`Error::Corrupt`] if there is none, or if a word's probabilities are more than 1 together.
    pub fn read(path: &Path) -> Result<WordByWord> {
        let place = path.display().to_string();
        let mut lines = Lines::new(open_text(path)?, place, OnInvalid::Refuse);
        let mut entries: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
        while let Some(line) = lines.next_line()? {
            let (source, target, probability) = match entry(line) {
                Ok(entry) => entry,
                Err(what) => return Err(lines.malformed(what).into()),
            };
            let targets = entries.entry(source.to_owned()).or_default();
            if targets.insert(target.to_owned(), probability).is_some() {
                let what = format!("{source:?} has the translation {target:?} already");
                return Err(lines.malformed(what).into());
            }
        }
        check_sums(path, &entries)?;
        let entries = entries.into_iter();
        Ok(WordByWord::new(entries.map(|(source, targets)| {
            (source, targets.into_iter().collect())
        })))
    }
}

/// Source, target and probability, or what is wrong with a line.
fn entry(line: &str) -> std::result::Result<(&str, &str, f64), String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let &[source, target, probability] = &fields[..] else {
        let found = fields.len();
        return Err(format!(
            "an entry is source, target and probability with tabs between, here are {found} fields"
        ));
    };
    for word in [source, target] {
        if word.is_empty() || word.contains(char::is_whitespace) {
            return Err(format!("{word:?} is not a word without spaces"));
        }
    }
    match probability.parse() {
        Ok(value) if value > 0.0 && value <= 1.0 => Ok((source, target, value)),
        _ => Err(format!(
            "a probability is above 0 and at most 1, here is {probability:?}"
        )),
    }
}

fn check_sums(path: &Path, entries: &BTreeMap<String, BTreeMap<String, f64>>) -> Result<()> {
    if entries.is_empty() {
        return Err(Error::corrupt(path, "there is no entry in it"));
    }
    for (source, targets) in entries {
        let sum: f64 = targets.values().sum();
        if sum > 1.0 + ROUNDING {
            return Err(Error::corrupt(
                path,
                format!("the probabilities of {source:?} are {sum} together, which is above 1"),
            ));
        }
    }
    Ok(())
}

impl Translator for WordByWord {
    fn translate(&self, sources: &[&str]) -> Result<Vec<String>> {
        let sentence = |source: &&str| {
            let words = source.split_whitespace().map(|word| {
                let best = self.translations(word).first();
                best.map_or(word, |(target, _)| target)
            });
            words.collect::<Vec<&str>>().join(" ")
        };
        Ok(sources.iter().map(sentence).collect())
    }

    fn score_pairs(&self, _: &[(&str, &str)]) -> Result<Vec<f64>> {
        Err(no_probabilities("word by word"))
    }
}

//! The unigrams of an ARPA file: its words, their ids, and the names that mark sentences and unknown words.

use corpus::{EOS, TokenId, UNK, Vocab};
use rustc_hash::{FxHashMap, FxHashSet};

use super::lines::Lines;
use super::{BEGINNING_OF_SENTENCE, END_OF_SENTENCE, UNKNOWN};
use crate::error::Result;
use crate::explicit_backoff::{pack, unpack};

/// Names of the beginning of a sentence in files that lack `<s>`.
const OTHER_BEGINNINGS: [&str; 5] = ["<S>", "<bos>", "<BOS>", "<sos>", "<SOS>"];
/// Names of the end of a sentence in files that lack `</s>`.
const OTHER_ENDS: [&str; 3] = ["</S>", "<eos>", "<EOS>"];
/// log10 p of unknown words if a file does not list them, as in KenLM.
const MISSING_UNKNOWN: f32 = -100.0;

/// The words of a file.
pub(super) struct Words {
    pub(super) vocab: Vocab,
    /// The id of every name that n-grams may use.
    ids: FxHashMap<String, TokenId>,
    /// The packed value of every word.
    pub(super) unigrams: Vec<(TokenId, u64)>,
    /// What was assumed about names.
    pub(super) notes: Vec<String>,
}

/// A unigram of the file.
struct Unigram {
    /// As the file spells it.
    name: String,
    value: u64,
    line: u64,
}

impl Words {
    /// Reads the unigrams. Ids are those of `like`; without it they are assigned by decreasing probability, so that frequent words
    /// get short codes.
    pub(super) fn read(
        lines: &mut Lines<'_>,
        announced: u64,
        like: Option<&Vocab>,
    ) -> Result<Words> {
        let mut unigrams = listed(lines, announced)?;
        let mut notes = Vec::new();
        let mut marker = |standard: &str, others: &[&str]| -> Result<String> {
            let found = name_of_marker(lines, &unigrams, standard, others)?;
            if found != standard {
                notes.push(format!("{standard} is missing; {found} is taken for it"));
            }
            Ok(found)
        };
        let beginning = marker(BEGINNING_OF_SENTENCE, &OTHER_BEGINNINGS)?;
        let end = marker(END_OF_SENTENCE, &OTHER_ENDS)?;
        // A vocabulary of bytes or subwords has no unknown words.
        let has_unknown = like.is_none_or(|vocab| vocab.unk().is_some());
        if has_unknown && !unigrams.iter().any(|unigram| is_unknown(&unigram.name)) {
            notes.push(format!(
                "{} is missing; unknown words get log10 p = {MISSING_UNKNOWN}, as in KenLM",
                UNKNOWN[0]
            ));
            unigrams.push(Unigram {
                name: UNKNOWN[0].to_owned(),
                value: pack(MISSING_UNKNOWN, 0.0),
                line: lines.number(),
            });
        }
        keep_last_unknown(&mut unigrams);
        let place = unigrams
            .iter()
            .position(|unigram| unigram.name == beginning)
            .unwrap_or(0);
        let first = unigrams.remove(place);
        let (vocab, mut ids) = match like {
            None => numbered(lines, &mut unigrams, &end)?,
            Some(vocab) => {
                let ids = ids_of(lines, &unigrams, &end, vocab)?;
                (vocab.clone(), ids)
            }
        };
        let mut values: Vec<(TokenId, u64)> = unigrams
            .iter()
            .filter_map(|unigram| Some((*ids.get(&unigram.name)?, unigram.value)))
            .collect();
        values.push((vocab.bos(), first.value));
        if let Some(unk) = vocab.unk() {
            ids.extend(UNKNOWN.map(|name| (name.to_owned(), unk)));
        }
        ids.insert(beginning, vocab.bos());
        Ok(Words {
            vocab,
            ids,
            unigrams: values,
            notes,
        })
    }

    /// The id of a word, as the file spells it.
    pub(super) fn id(&self, name: &str) -> Option<TokenId> {
        self.ids.get(name).copied()
    }
}

/// Reads the section of the unigrams.
fn listed(lines: &mut Lines<'_>, announced: u64) -> Result<Vec<Unigram>> {
    lines.section(1, announced)?;
    let mut unigrams: Vec<Unigram> = Vec::new();
    let mut names = FxHashSet::default();
    for _ in 0..announced {
        let entry = lines.entry(1, announced)?;
        let (name, value) = (entry.words()[0].to_owned(), entry.value);
        if !names.insert(name.clone()) {
            return Err(lines.error(format!("the unigram {name} is listed twice")));
        }
        unigrams.push(Unigram {
            name,
            value,
            line: lines.number(),
        });
    }
    lines.end_of_section(1, announced)?;
    Ok(unigrams)
}

/// The name that marks the beginning or the end of sentences: `standard`, or one of `others` if the file lacks it.
fn name_of_marker(
    lines: &Lines<'_>,
    unigrams: &[Unigram],
    standard: &str,
    others: &[&str],
) -> Result<String> {
    let is_listed = |name: &&str| unigrams.iter().any(|unigram| unigram.name == *name);
    let found = std::iter::once(standard)
        .chain(others.iter().copied())
        .find(is_listed);
    found.map(str::to_owned).ok_or_else(|| {
        lines.error(format!(
            "there is no unigram {standard}, so that sentences have no marks (KenLM refuses such a file, too); train the model \
             with sentence marks, or list {standard} with log10 p = -99"
        ))
    })
}

fn is_unknown(name: &str) -> bool {
    UNKNOWN.contains(&name)
}

/// If both spellings of unknown words are listed, the last one counts, as in KenLM.
fn keep_last_unknown(unigrams: &mut Vec<Unigram>) {
    let last = unigrams
        .iter()
        .rposition(|unigram| is_unknown(&unigram.name));
    let mut at = 0;
    unigrams.retain(|unigram| {
        at += 1;
        last == Some(at - 1) || !is_unknown(&unigram.name)
    });
}

/// A vocabulary of the words by decreasing probability, and their ids.
fn numbered(
    lines: &Lines<'_>,
    unigrams: &mut [Unigram],
    end: &str,
) -> Result<(Vocab, FxHashMap<String, TokenId>)> {
    let log_prob = |unigram: &Unigram| unpack(unigram.value).0;
    unigrams.sort_by(|a, b| log_prob(b).total_cmp(&log_prob(a)));
    if let Some(other) = unigrams
        .iter()
        .find(|unigram| unigram.name == EOS && end != EOS)
    {
        let what = format!(
            "the word {EOS} is listed beside {end}, which has this name in Eras; rename the word"
        );
        return Err(lines.error_at(other.line, what));
    }
    let own_name = |unigram: &'_ Unigram| -> String {
        match &unigram.name {
            name if name == end => EOS.to_owned(),
            name if is_unknown(name) => UNK.to_owned(),
            name => name.clone(),
        }
    };
    let names: Vec<String> = unigrams.iter().map(own_name).collect();
    let vocab = Vocab::new(names.iter().map(String::as_str)).map_err(|what| lines.error(what))?;
    let ids = unigrams.iter().map(|unigram| unigram.name.clone()).zip(0..);
    Ok((vocab, ids.collect()))
}

/// The ids of the words in a given vocabulary, which must have the same words.
fn ids_of(
    lines: &Lines<'_>,
    unigrams: &[Unigram],
    end: &str,
    vocab: &Vocab,
) -> Result<FxHashMap<String, TokenId>> {
    let mut is_missing = vec![true; vocab.len()];
    let mut ids = FxHashMap::default();
    for Unigram { name, line, .. } in unigrams {
        let id = match &name[..] {
            name if name == end => Some(vocab.eos()),
            name if is_unknown(name) => vocab.unk(),
            name => vocab
                .id(name)
                .filter(|&id| id != vocab.eos() && Some(id) != vocab.unk()),
        };
        let id = id.ok_or_else(|| {
            let what =
                format!("the word {name} is not in the given vocabulary; read the file without it");
            lines.error_at(*line, what)
        })?;
        is_missing[id as usize] = false;
        ids.insert(name.clone(), id);
    }
    let missing: Vec<&str> = vocab
        .tokens()
        .zip(is_missing)
        .filter_map(|(token, is_missing)| is_missing.then_some(token))
        .collect();
    if let Some(first) = missing.first() {
        return Err(lines.error(format!(
            "the file lacks {} words of the given vocabulary, the first is {first}; read the file without it",
            missing.len()
        )));
    }
    Ok(ids)
}

//! The token streams of one folder while they are written: those of the corpus, or of one side of its sentence pairs.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::files::Writer;
use crate::disk::files::write_atomically;
use crate::error::{EmptySplitCause, Error, Result};
use crate::prepare::encode::renumber::renumber;
use crate::prepare::vocabulary_builder::RankedVocabulary;
use crate::split::Split;
use crate::store::layout::{PROVISIONAL, TEXT, split_path};
use crate::store::record::{SplitRecord, VocabularyRecord};
use crate::store::spans::{Span, SpanWriter};
use crate::token::vocab::{BOS, EOS, PAD, TokenId, Vocab};

/// One document.
#[derive(Debug, Clone, Copy)]
pub struct Passage<'a> {
    /// Indices into the composer's words; each line ends with the index of `<eos>`.
    pub tokens: &'a [TokenId],
    /// One per token; empty if the corpus has no tags.
    pub tags: &'a [u8],
    /// For a dialogue, the speaker of each line, in order; each line is a turn.
    pub speakers: Option<&'a [u8]>,
}

/// The words in the given order, if all of them can be in a vocabulary.
pub(super) fn validated(words: &[String], name: &str) -> Result<Vocab> {
    let given = Vocab::new(words.iter().map(String::as_str))
        .map_err(|what| refuse(format!("the words of {name}"), what))?;
    for (word, at) in words.iter().zip(0..) {
        let what = match word.as_str() {
            "" => "it is empty".to_owned(),
            BOS | PAD => format!("{word} cannot be in a vocabulary"),
            _ if word.bytes().any(|byte| byte.is_ascii_whitespace()) => {
                format!("{word:?} contains white space")
            }
            _ => match given.id(word) {
                Some(first) if first != at => format!("{word} is already word {first}"),
                _ => continue,
            },
        };
        return Err(refuse(format!("word {at} of {name}"), what));
    }
    Ok(given)
}

/// The splits of a folder, and their words.
#[derive(Debug)]
pub(super) struct Streams {
    folder: PathBuf,
    name: String,
    words: Vocab,
    /// Number of distinct tags.
    tags: usize,
    /// Occurrences of each word in `train`.
    counts: Vec<u64>,
    splits: BTreeMap<Split, Output>,
}

impl Streams {
    pub(super) fn new(folder: &Path, name: &str, words: Vocab, tags: usize) -> Streams {
        Streams {
            folder: folder.to_path_buf(),
            name: name.to_owned(),
            counts: vec![0; words.len()],
            words,
            tags,
            splits: BTreeMap::new(),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Checks a document, then writes it.
    pub(super) fn document(&mut self, split: Split, passage: &Passage<'_>) -> Result<()> {
        self.check(passage)
            .map_err(|what| self.refuse_next(split, what))?;
        if split == Split::Train {
            for &token in passage.tokens {
                self.counts[token as usize] += 1;
            }
        }
        let output = match self.splits.entry(split) {
            Entry::Occupied(begun) => begun.into_mut(),
            Entry::Vacant(place) => place.insert(Output::create(&self.folder, split, self.tags)?),
        };
        output.write(passage, &self.words)
    }

    /// Writes a document of one line.
    pub(super) fn sentence(&mut self, split: Split, tokens: &[TokenId]) -> Result<()> {
        let lines = count_lines(tokens, self.words.eos());
        if lines != 1 {
            let what = format!("{lines} {EOS}, expected 1 in a sentence");
            return Err(self.refuse_next(split, what));
        }
        let passage = Passage {
            tokens,
            tags: &[],
            speakers: None,
        };
        self.document(split, &passage)
    }

    /// Ranks the words, renumbers the tokens, writes `vocab.txt`.
    pub(super) fn finish(self) -> Result<(VocabularyRecord, BTreeMap<Split, SplitRecord>)> {
        if !self.splits.contains_key(&Split::Train) {
            return Err(Error::EmptySplit {
                split: Split::Train,
                cause: EmptySplitCause::NotComposed { corpus: self.name },
            });
        }
        let ranking = RankedVocabulary::of_words(&self.words, &self.counts);
        let mut records = BTreeMap::new();
        for (split, output) in self.splits {
            let mut record = output.finish()?;
            renumber(&self.folder, split, &ranking, &mut record)?;
            records.insert(split, record);
        }
        let path = self.folder.join("vocab.txt");
        write_atomically(&path, ranking.vocab.to_text().as_bytes())?;
        let vocabulary = VocabularyRecord {
            size: ranking.vocab.len(),
            types_in_train: ranking.types_in_train,
        };
        Ok((vocabulary, records))
    }

    fn check(&self, passage: &Passage<'_>) -> std::result::Result<(), String> {
        let Passage {
            tokens,
            tags,
            speakers,
        } = *passage;
        let (words, eos) = (self.words.len(), self.words.eos());
        let beyond = |&token: &TokenId| token as usize >= words;
        if let Some(at) = tokens.iter().position(beyond) {
            return Err(format!(
                "token {at} is word {}, but there are {words} words",
                tokens[at]
            ));
        }
        if tokens.last() != Some(&eos) {
            return Err(format!("its last token is not {EOS}"));
        }
        let expected = if self.tags == 0 { 0 } else { tokens.len() };
        if tags.len() != expected {
            return Err(format!("{} tags, expected {expected}", tags.len()));
        }
        let beyond = |&tag: &u8| usize::from(tag) >= self.tags;
        if let Some(at) = tags.iter().position(beyond) {
            return Err(format!(
                "token {at} has tag {}, but there are {} tags",
                tags[at], self.tags
            ));
        }
        let (turns, lines) = (speakers.map(<[u8]>::len), count_lines(tokens, eos));
        match turns {
            Some(turns) if turns != lines => Err(format!("{turns} speakers for {lines} lines")),
            _ => Ok(()),
        }
    }

    fn refuse_next(&self, split: Split, what: String) -> Error {
        let written = self.splits.get(&split);
        let next = written.map_or(0, |output| output.record.documents);
        refuse(format!("{}, document {next} of {split}", self.name), what)
    }
}

fn count_lines(tokens: &[TokenId], eos: TokenId) -> usize {
    tokens.iter().filter(|&&token| token == eos).count()
}

/// The files of a split while documents are written.
#[derive(Debug)]
struct Output {
    folder: PathBuf,
    split: Split,
    ids: Writer,
    text: Writer,
    tags: Option<Writer>,
    documents: SpanWriter,
    /// Created with the first dialogue.
    turns: Option<SpanWriter>,
    record: SplitRecord,
}

impl Output {
    fn create(folder: &Path, split: Split, tags: usize) -> Result<Output> {
        let writer = |ending| Writer::create(split_path(folder, split, ending));
        Ok(Output {
            folder: folder.to_path_buf(),
            split,
            ids: writer(PROVISIONAL)?,
            text: writer(TEXT)?,
            tags: if tags > 0 {
                Some(writer("tags")?)
            } else {
                None
            },
            documents: SpanWriter::create(&split_path(folder, split, "documents"))?,
            turns: None,
            record: SplitRecord {
                // Words contain no white space, and single spaces join them.
                lossless: true,
                ..SplitRecord::default()
            },
        })
    }

    fn write(&mut self, passage: &Passage<'_>, words: &Vocab) -> Result<()> {
        for id in passage.tokens {
            self.ids.write(&id.to_le_bytes())?;
        }
        if let Some(tags) = &mut self.tags {
            tags.write(passage.tags)?;
        }
        let lines = || passage.tokens.split_inclusive(|&id| id == words.eos());
        let text = spell(lines(), words);
        self.text.write(text.as_bytes())?;
        if let Some(speakers) = passage.speakers {
            self.write_turns(lines().map(<[TokenId]>::len), speakers)?;
        }
        let start = self.record.tokens;
        self.record.tokens += passage.tokens.len() as u64;
        self.record.lines += lines().count() as u64;
        self.record.documents += 1;
        self.record.bytes += text.len() as u64;
        let end = self.record.tokens;
        self.documents.push(Span {
            start,
            end,
            label: 0,
        })
    }

    fn write_turns(&mut self, lengths: impl Iterator<Item = usize>, who: &[u8]) -> Result<()> {
        let turns = match &mut self.turns {
            Some(turns) => turns,
            none => {
                let dialogues = self.folder.join("dialogues");
                fs::create_dir_all(&dialogues).map_err(Error::io("create", &dialogues))?;
                let path = split_path(&dialogues, self.split, "turns");
                none.insert(SpanWriter::create(&path)?)
            }
        };
        let mut start = self.record.tokens;
        for (length, &speaker) in lengths.zip(who) {
            let (end, label) = (start + length as u64, u32::from(speaker));
            turns.push(Span { start, end, label })?;
            start = end;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<SplitRecord> {
        self.ids.finish()?;
        self.text.finish()?;
        self.tags.map_or(Ok(()), Writer::finish)?;
        self.documents.finish()?;
        self.record.turns = self.turns.map_or(Ok(0), SpanWriter::finish)?;
        Ok(self.record)
    }
}

/// Lines as text: words joined by single spaces.
fn spell<'t>(lines: impl Iterator<Item = &'t [TokenId]>, words: &Vocab) -> String {
    let mut text = String::new();
    for line in lines {
        for (&id, at) in line.iter().zip(0..) {
            match at {
                _ if id == words.eos() => text.push('\n'),
                0 => text.push_str(words.token(id)),
                _ => text.extend([" ", words.token(id)]),
            }
        }
    }
    text
}

pub(super) fn refuse(place: impl Into<String>, what: impl Into<String>) -> Error {
    Error::Composition {
        place: place.into(),
        what: what.into(),
    }
}

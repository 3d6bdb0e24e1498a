//! Second step of preparation: encodes staged text as ids.
//!
//! One pass over the text tokenizes blocks of lines in parallel, each with a small dictionary of its own that stays in
//! cache. Then each block's dictionary, not its tokens, is merged into the common one, in the order of the text, so that
//! the result does not depend on the number of threads. Ids are provisional until all counts are known; a second pass,
//! over the ids alone, makes them final. Memory: the types, and a few blocks.

mod block;
mod document_spans;
pub(super) mod renumber;

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use block::{Block, LINE_END, LineEnd, Rules};
use document_spans::DocumentSpans;
use renumber::renumber;

use crate::disk::files::{Writer, sha256_of_file};
use crate::error::{EmptySplitCause, Error, Result};
use crate::prepare::vocabulary_builder::{Limits, VocabularyBuilder};
use crate::read::blocks::BlockReader;
use crate::settings::{PretrainedTokenizer, Settings, TokenizerKind};
use crate::split::Split;
use crate::store::layout::{PROVISIONAL, TEXT, split_path};
use crate::store::record::SplitRecord;
use crate::token::pretrained::Pretrained;
use crate::token::subwords::Subwords;
use crate::token::tokenizer::Tokenizer;
use crate::token::vocab::Vocab;
use crate::watch::Watch;

/// The result of encoding folders that share one vocabulary.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) vocab: Vocab,
    pub(crate) types_in_train: u64,
    /// For each folder, its splits.
    pub(crate) splits: Vec<Vec<(Split, SplitRecord)>>,
}

/// What the lines of a staged text are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineLayout {
    /// Parts of documents.
    RunningText,
    /// Turns or sentences, each of which ends in `<eos>`.
    Utterances,
}

/// Encodes every split in every folder and writes tokens, spans, `vocab.txt` and `tokenizer.json`.
pub(crate) fn encode(
    folders: &[PathBuf],
    settings: &Settings,
    layout: LineLayout,
    watch: &mut Watch<'_>,
) -> Result<Encoded> {
    let tokenizer = make_tokenizer(folders, settings, watch)?;
    let line_end = match (&tokenizer, layout) {
        (Tokenizer::Pretrained(pretrained), LineLayout::RunningText)
            if pretrained.keeps_line_ends() =>
        {
            LineEnd::InTokens
        }
        _ => LineEnd::Eos,
    };
    let total = folders.iter().map(|folder| staged_bytes(folder)).sum();
    let mut encoder = Encoder {
        builder: VocabularyBuilder::new(&tokenizer),
        rules: Rules {
            tokenizer: &tokenizer,
            case: settings.case,
            line_end,
        },
        total,
    };
    let mut splits = Vec::new();
    for folder in folders {
        let mut records = Vec::new();
        for split in Split::ALL {
            if split_path(folder, split, TEXT).exists() {
                records.push((split, encoder.first_pass(folder, split, watch)?));
            }
        }
        splits.push(records);
    }
    let limits = Limits {
        vocab: settings.vocab,
        min_count: settings.min_count,
    };
    watch.advance("numbering", 0, None)?;
    let ranking = encoder.builder.rank(limits);
    let (numbered, written) = rayon::join(
        || {
            let mut records = folders.iter().zip(&mut splits);
            records.try_for_each(|(folder, records)| {
                let mut records = records.iter_mut();
                records.try_for_each(|(split, record)| renumber(folder, *split, &ranking, record))
            })
        },
        || write_vocabulary(folders, &ranking.vocab, &tokenizer),
    );
    numbered.and(written)?;
    Ok(Encoded {
        vocab: ranking.vocab,
        types_in_train: ranking.types_in_train,
        splits,
    })
}

/// Writes `vocab.txt`, and `tokenizer.json` for subwords, into every folder.
fn write_vocabulary(folders: &[PathBuf], vocab: &Vocab, tokenizer: &Tokenizer) -> Result<()> {
    let mut files = vec![("vocab.txt", vocab.to_text())];
    if let Some(json) = tokenizer.to_json()? {
        files.push(("tokenizer.json", json));
    }
    for folder in folders {
        for (name, content) in &files {
            let path = folder.join(name);
            fs::write(&path, content).map_err(Error::io("write", &path))?;
        }
    }
    Ok(())
}

fn make_tokenizer(
    folders: &[PathBuf],
    settings: &Settings,
    watch: &mut Watch<'_>,
) -> Result<Tokenizer> {
    match (settings.tokens, &settings.pretrained) {
        (TokenizerKind::Bpe(size), _) => {
            let texts: Vec<PathBuf> = folders
                .iter()
                .map(|folder| split_path(folder, Split::Train, TEXT))
                .collect();
            // `<eos>` is the only predicted token that is not a subword.
            let subwords = Subwords::train(&texts, size - 1, settings.case, watch)?;
            Ok(Tokenizer::Subwords(Box::new(subwords)))
        }
        (TokenizerKind::Pretrained, Some(pretrained)) => Ok(Tokenizer::Pretrained(Box::new(
            open_pretrained(pretrained)?,
        ))),
        // The remaining kinds have no file.
        (kind, _) => Tokenizer::open(kind, &|name| Ok(PathBuf::from(name))),
    }
}

/// Opens an existing tokenizer, which must be the one that the settings name.
fn open_pretrained(named: &PretrainedTokenizer) -> Result<Pretrained> {
    let Some(path) = &named.path else {
        return Err(Error::Setting {
            field: "pretrained",
            value: named.name.clone(),
            bound: "the path of its tokenizer.json is needed to prepare a corpus".to_owned(),
        });
    };
    let got = sha256_of_file(path)?;
    if got != named.sha256 {
        return Err(Error::Checksum {
            path: path.clone(),
            expected: named.sha256.clone(),
            got,
            remedy: "the file has changed since it was found",
        });
    }
    Pretrained::open(path)
}

fn staged_bytes(folder: &Path) -> u64 {
    let size = |split| fs::metadata(split_path(folder, split, TEXT)).map_or(0, |about| about.len());
    Split::ALL.into_iter().map(size).sum()
}

struct Encoder<'a> {
    builder: VocabularyBuilder,
    rules: Rules<'a>,
    total: u64,
}

/// Blocks per thread that are tokenized while the blocks before them are merged.
const BLOCKS_PER_THREAD: usize = 4;

impl Encoder<'_> {
    /// Writes provisional ids and spans of a split; counts tokens if it is `train`.
    fn first_pass(
        &mut self,
        folder: &Path,
        split: Split,
        watch: &mut Watch<'_>,
    ) -> Result<SplitRecord> {
        let path = split_path(folder, split, TEXT);
        let mut reader = BlockReader::open(&path)?;
        let mut output = Output::open(folder, split)?;
        let rules = self.rules;
        let group = BLOCKS_PER_THREAD * rayon::current_num_threads();
        let mut texts = reader.next_group(group)?;
        let mut blocks: Vec<Block> = Vec::new();
        while !(texts.is_empty() && blocks.is_empty()) {
            // While these blocks are tokenized, the blocks before them are merged and the next ones are read.
            let tokenize = || -> Result<Vec<Block>> {
                let texts = texts.par_iter().with_max_len(1);
                texts
                    .map(|text| Block::tokenize(BlockReader::text(&path, text)?, rules))
                    .collect()
            };
            let merge = || {
                let bytes: usize = blocks.iter().map(|block| block.bytes).sum();
                for block in blocks {
                    self.merge(block, split, &mut output)?;
                }
                Ok((bytes, reader.next_group(group)?))
            };
            let (tokenized, merged) = rayon::join(tokenize, merge);
            let bytes;
            ((bytes, texts), blocks) = (merged?, tokenized?);
            watch.advance("encoding", bytes as u64, Some(self.total))?;
        }
        let record = output.finish()?;
        if record.lines == 0 {
            let cause = EmptySplitCause::NoLine;
            return Err(Error::EmptySplit { split, cause });
        }
        Ok(record)
    }

    /// Maps a block's tokens to their provisional ids, and writes them.
    fn merge(&mut self, mut block: Block, split: Split, output: &mut Output) -> Result<()> {
        let eos = self.builder.eos();
        let lines = block.line_ends.len() as u64;
        let ends_document = output.next_lines(block.line_ends.len())?;
        if self.rules.line_end == LineEnd::InTokens {
            block.keep_document_ends(&ends_document);
        }
        match &block.types {
            Some(types) => {
                let map = self.builder.intern_all(&types.strings);
                for id in &mut block.ids {
                    *id = if *id == LINE_END {
                        eos
                    } else {
                        map[*id as usize]
                    };
                }
                if split == Split::Train {
                    for (&id, &count) in map.iter().zip(&types.counts) {
                        self.builder.count(id, u64::from(count));
                    }
                    self.builder.count(eos, lines);
                }
            }
            None => {
                for id in &mut block.ids {
                    *id = if *id == LINE_END { eos } else { *id };
                    if split == Split::Train {
                        self.builder.count(*id, 1);
                    }
                }
            }
        }
        output.write(&block, &ends_document)
    }
}

/// The files of a split that are written in the first pass.
struct Output {
    ids: Writer,
    spans: DocumentSpans,
    record: SplitRecord,
    buffer: Vec<u8>,
}

impl Output {
    fn open(folder: &Path, split: Split) -> Result<Output> {
        Ok(Output {
            ids: Writer::create(split_path(folder, split, PROVISIONAL))?,
            spans: DocumentSpans::open(folder, split)?,
            record: SplitRecord {
                lossless: true,
                ..SplitRecord::default()
            },
            buffer: Vec::new(),
        })
    }

    /// For each of the next lines, whether it ends its document.
    fn next_lines(&mut self, lines: usize) -> Result<Vec<bool>> {
        (0..lines).map(|_| self.spans.next_line()).collect()
    }

    fn write(&mut self, block: &Block, ends_document: &[bool]) -> Result<()> {
        for (&end, &ends_document) in block.line_ends.iter().zip(ends_document) {
            let end = self.record.tokens + u64::from(end);
            self.spans.line(end, ends_document)?;
        }
        self.record.bytes += block.bytes as u64;
        self.record.tokens += block.ids.len() as u64;
        self.record.lines += block.line_ends.len() as u64;
        self.record.lossless &= block.lossless;
        self.buffer.resize(4 * block.ids.len(), 0);
        let slots = self.buffer.as_chunks_mut::<4>().0;
        for (slot, id) in slots.iter_mut().zip(&block.ids) {
            *slot = id.to_le_bytes();
        }
        self.ids.write(&self.buffer)
    }

    fn finish(mut self) -> Result<SplitRecord> {
        self.ids.finish()?;
        (self.record.documents, self.record.turns) = self.spans.finish()?;
        Ok(self.record)
    }
}

//! Second step of preparation: staged text becomes ids.
//!
//! One pass over the text: blocks of lines are cut into tokens in parallel, each with a small dictionary of its own
//! that stays in the processor's cache; then each block's dictionary, not its tokens, is merged into the common one,
//! in the order of the text, so that the result does not depend on the number of threads. Ids are provisional until
//! all counts are known; a pass over the ids alone makes them final. Memory: the types, and a few blocks.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::error::{Error, Result};
use crate::files::read_full;
use crate::lexicon::{Lexicon, Limits, Ranking};
use crate::prepare::{Settings, Watch};
use crate::prepared::{SplitRecord, is_narrow};
use crate::spans::{Span, SpanWriter};
use crate::split::Split;
use crate::stage::{LINE_COUNTS, SPEAKERS, TEXT, Writer};
use crate::strings::hash_of;
use crate::subwords::Subwords;
use crate::tokenizer::{Case, OpenTokenizer, Tokenizer, TokenizerKind};
use crate::vocab::Vocab;

/// Staged folders that shall share one vocabulary, encoded.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) vocab: Vocab,
    pub(crate) types_in_train: u64,
    /// For each folder, its splits.
    pub(crate) splits: Vec<Vec<(Split, SplitRecord)>>,
}

/// Encodes every split in every folder and writes tokens, spans, `vocab.txt` and `tokenizer.json`.
pub(crate) fn encode(
    folders: &[PathBuf],
    settings: &Settings,
    watch: &mut Watch<'_>,
) -> Result<Encoded> {
    let tokenizer = make_tokenizer(folders, settings.tokens, watch)?;
    let total = folders.iter().map(|folder| staged_bytes(folder)).sum();
    let mut encoder = Encoder {
        lexicon: Lexicon::new(&tokenizer),
        tokenizer: &tokenizer,
        case: settings.case,
        total,
    };
    let mut splits = Vec::new();
    for folder in folders {
        let mut records = Vec::new();
        for split in Split::ALL {
            if staged(folder, split, TEXT).exists() {
                records.push((split, encoder.first_pass(folder, split, watch)?));
            }
        }
        splits.push(records);
    }
    let limits = Limits {
        vocab: settings.vocab,
        min_count: settings.min_count,
    };
    let ranking = encoder.lexicon.rank(limits);
    for (folder, records) in folders.iter().zip(&mut splits) {
        for (split, record) in records {
            final_pass(folder, *split, &ranking, record)?;
        }
        crate::files::write_atomically(
            &folder.join("vocab.txt"),
            ranking.vocab.to_text().as_bytes(),
        )?;
        if let Tokenizer::Subwords(subwords) = &tokenizer {
            crate::files::write_atomically(
                &folder.join("tokenizer.json"),
                subwords.to_json()?.as_bytes(),
            )?;
        }
    }
    Ok(Encoded {
        vocab: ranking.vocab,
        types_in_train: ranking.types_in_train,
        splits,
    })
}

fn make_tokenizer(
    folders: &[PathBuf],
    kind: TokenizerKind,
    watch: &mut Watch<'_>,
) -> Result<Tokenizer> {
    let subwords = match kind {
        TokenizerKind::Bpe(size) => {
            watch.advance("learning subwords", 0, None)?;
            let texts: Vec<PathBuf> = folders
                .iter()
                .map(|folder| staged(folder, Split::Train, TEXT))
                .collect();
            // `<eos>` is the one predicted token that the subwords do not hold.
            Some(Subwords::train(&texts, size - 1)?)
        }
        _ => None,
    };
    Tokenizer::new(kind, subwords)
}

fn staged(folder: &Path, split: Split, ending: &str) -> PathBuf {
    folder.join(format!("{split}.{ending}"))
}

fn staged_bytes(folder: &Path) -> u64 {
    let size = |split| fs::metadata(staged(folder, split, TEXT)).map_or(0, |about| about.len());
    Split::ALL.into_iter().map(size).sum()
}

const PROVISIONAL: &str = "provisional";

/// Bytes of text per block: large against its dictionary's set-up, small against memory.
const BLOCK: usize = 1 << 20;

struct Encoder<'a> {
    lexicon: Lexicon,
    tokenizer: &'a Tokenizer,
    case: Case,
    total: u64,
}

impl Encoder<'_> {
    /// Writes provisional ids and spans of a split; counts tokens if it is `train`.
    fn first_pass(
        &mut self,
        folder: &Path,
        split: Split,
        watch: &mut Watch<'_>,
    ) -> Result<SplitRecord> {
        let path = staged(folder, split, TEXT);
        let mut blocks = BlockReader::open(&path)?;
        let mut ids = Writer::create(staged(folder, split, PROVISIONAL))?;
        let mut marks = Marks::open(folder, split)?;
        let mut record = SplitRecord {
            lossless: true,
            ..SplitRecord::default()
        };
        let (tokenizer, case) = (self.tokenizer, self.case);
        let mut done: Result<Vec<Block>> = Ok(Vec::new());
        loop {
            let texts = blocks.next_group(rayon::current_num_threads())?;
            let last = texts.is_empty();
            let bytes: usize = texts.iter().map(String::len).sum();
            // While the next blocks are cut, the last ones are merged.
            let cut = || {
                texts
                    .into_par_iter()
                    .map(|text| Block::cut(text, tokenizer, case))
                    .collect()
            };
            let merge = || self.write(done?, split, &mut ids, &mut marks, &mut record);
            let (next, merged) = rayon::join(cut, merge);
            (done, _) = (next, merged?);
            if last {
                break;
            }
            record.bytes += bytes as u64;
            watch.advance("encoding", bytes as u64, Some(self.total))?;
        }
        ids.finish()?;
        (record.documents, record.turns) = marks.finish()?;
        if record.lines == 0 {
            let what = "its file has no line (put text in it, remove it, or use --split random)"
                .to_owned();
            return Err(Error::EmptySplit { split, what });
        }
        Ok(record)
    }

    /// Merges blocks in the order of the text and writes their tokens.
    fn write(
        &mut self,
        blocks: Vec<Block>,
        split: Split,
        ids: &mut Writer,
        marks: &mut Marks,
        record: &mut SplitRecord,
    ) -> Result<()> {
        let mut bytes = Vec::new();
        for block in blocks {
            let block = self.merge(block, split);
            for &end in &block.line_ends {
                marks.line(record.tokens + u64::from(end))?;
            }
            record.tokens += block.ids.len() as u64;
            record.lines += block.line_ends.len() as u64;
            record.lossless &= block.exact;
            bytes.resize(4 * block.ids.len(), 0);
            let slots = bytes.as_chunks_mut::<4>().0;
            slots
                .iter_mut()
                .zip(&block.ids)
                .for_each(|(slot, id)| *slot = id.to_le_bytes());
            ids.write(&bytes)?;
        }
        Ok(())
    }

    /// Turns a block's own ids into provisional ones.
    fn merge(&mut self, mut block: Block, split: Split) -> Block {
        let eos = self.lexicon.eos();
        let mut counts: FxHashMap<u32, u64> = FxHashMap::default();
        if block.own_ids {
            let text = &block.text;
            let intern = |(hash, range): &(u64, Range<u32>)| {
                self.lexicon
                    .intern(*hash, &text[range.start as usize..range.end as usize])
            };
            let map: Vec<u32> = block.types.iter().map(intern).collect();
            for id in &mut block.ids {
                *id = if *id == LINE_END {
                    eos
                } else {
                    map[*id as usize]
                };
            }
            if split == Split::Train {
                for (&id, &count) in map.iter().zip(&block.counts) {
                    self.lexicon.count(id, count);
                }
                self.lexicon.count(eos, block.line_ends.len() as u64);
            }
            return block;
        }
        for id in &mut block.ids {
            *id = if *id == LINE_END { eos } else { *id };
            *counts.entry(*id).or_default() += 1;
        }
        if split == Split::Train {
            counts
                .into_iter()
                .for_each(|(id, count)| self.lexicon.count(id, count));
        }
        block
    }
}

/// Stands for the end of a line in a block, whose dictionary knows words only.
const LINE_END: u32 = u32::MAX;

/// Some lines, cut into tokens.
struct Block {
    text: String,
    ids: Vec<u32>,
    /// Number of tokens up to and with the end of each line.
    line_ends: Vec<u32>,
    /// Whether ids number `types` rather than being provisional already.
    own_ids: bool,
    /// The hash of each type, and where it lies in `text`.
    types: Vec<(u64, Range<u32>)>,
    counts: Vec<u64>,
    /// Whether every line can be had back from its tokens.
    exact: bool,
}

impl Block {
    fn cut(text: String, tokenizer: &Tokenizer, case: Case) -> Result<Block> {
        let lower = matches!(case, Case::Lower).then(|| text.to_lowercase());
        let changed = lower.as_ref().is_some_and(|lower| *lower != text);
        let text = lower.unwrap_or(text);
        let (ids, line_ends) = (Vec::with_capacity(text.len() / 5), Vec::new());
        let (types, counts) = (Vec::new(), Vec::new());
        let mut block = Block {
            text,
            ids,
            line_ends,
            own_ids: false,
            types,
            counts,
            exact: !changed,
        };
        match tokenizer {
            Tokenizer::Open(open) => block.cut_open(*open),
            Tokenizer::Bytes => {
                for line in block.text.split_terminator('\n') {
                    block.ids.extend(line.bytes().map(u32::from));
                    block.ids.push(LINE_END);
                    block.line_ends.push(block.ids.len() as u32);
                }
            }
            Tokenizer::Subwords(subwords) => {
                for line in block.text.split_terminator('\n') {
                    subwords.encode(line, &mut block.ids)?;
                    block.ids.push(LINE_END);
                    block.line_ends.push(block.ids.len() as u32);
                }
            }
        }
        Ok(block)
    }

    fn cut_open(&mut self, tokenizer: OpenTokenizer) {
        self.own_ids = true;
        let Block {
            text,
            ids,
            line_ends,
            types,
            counts,
            exact,
            ..
        } = self;
        let base = text.as_ptr() as usize;
        let expected_types = text.len() / 40;
        let mut dictionary: FxHashMap<&str, u32> =
            FxHashMap::with_capacity_and_hasher(expected_types, FxBuildHasher);
        for line in text.split_terminator('\n') {
            tokenizer.cut(line, |token| {
                let id = *dictionary.entry(token).or_insert_with(|| {
                    let start = (token.as_ptr() as usize - base) as u32;
                    types.push((hash_of(token), start..start + token.len() as u32));
                    counts.push(0);
                    types.len() as u32 - 1
                });
                counts[id as usize] += 1;
                ids.push(id);
            });
            ids.push(LINE_END);
            line_ends.push(ids.len() as u32);
            *exact &= tokenizer.keeps(line);
        }
    }
}

/// Reads a text in blocks of whole lines.
struct BlockReader {
    path: PathBuf,
    file: File,
    rest: Vec<u8>,
}

impl BlockReader {
    fn open(path: &Path) -> Result<BlockReader> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        Ok(BlockReader {
            path: path.to_path_buf(),
            file,
            rest: Vec::new(),
        })
    }

    fn next_group(&mut self, blocks: usize) -> Result<Vec<String>> {
        let mut group = Vec::new();
        while group.len() < blocks {
            match self.next_block()? {
                Some(block) => group.push(block),
                None => break,
            }
        }
        Ok(group)
    }

    fn next_block(&mut self) -> Result<Option<String>> {
        let mut block = std::mem::take(&mut self.rest);
        loop {
            let start = block.len();
            block.resize(start + BLOCK, 0);
            let read = read_full(&mut self.file, &mut block[start..])
                .map_err(Error::io("read", &self.path))?;
            block.truncate(start + read);
            let newline = block.iter().rposition(|&byte| byte == b'\n');
            if read < BLOCK && block.is_empty() {
                return Ok(None);
            }
            if let Some(newline) = newline {
                self.rest = block.split_off(newline + 1);
                break;
            }
            if read < BLOCK {
                break;
            }
        }
        let text = String::from_utf8(block);
        text.map(Some)
            .map_err(|_| Error::corrupt(&self.path, "not valid UTF-8"))
    }
}

/// Turns line counts and speakers into spans over tokens.
struct Marks {
    line_counts: PathBuf,
    counts: BufReader<File>,
    lines_left: u32,
    documents: SpanWriter,
    document_start: u64,
    turns: Option<(BufReader<File>, SpanWriter)>,
    line_start: u64,
}

impl Marks {
    fn open(folder: &Path, split: Split) -> Result<Marks> {
        let line_counts = staged(folder, split, LINE_COUNTS);
        let counts = File::open(&line_counts).map_err(Error::io("open", &line_counts))?;
        let speakers = staged(folder, split, SPEAKERS);
        let turns = if speakers.exists() {
            let dialogues = folder.join("dialogues");
            fs::create_dir_all(&dialogues).map_err(Error::io("create", &dialogues))?;
            let file = File::open(&speakers).map_err(Error::io("open", &speakers))?;
            Some((
                BufReader::new(file),
                SpanWriter::create(&staged(&dialogues, split, "turns"))?,
            ))
        } else {
            None
        };
        Ok(Marks {
            line_counts,
            counts: BufReader::new(counts),
            lines_left: 0,
            documents: SpanWriter::create(&staged(folder, split, "documents"))?,
            document_start: 0,
            turns,
            line_start: 0,
        })
    }

    /// A line ends before token `end`.
    fn line(&mut self, end: u64) -> Result<()> {
        let io = Error::io("read", &self.line_counts);
        if self.lines_left == 0 {
            let mut count = [0; 4];
            self.counts.read_exact(&mut count).map_err(io)?;
            self.lines_left = u32::from_le_bytes(count);
        }
        self.lines_left -= 1;
        if self.lines_left == 0 {
            self.documents.push(Span {
                start: self.document_start,
                end,
                label: 0,
            })?;
            self.document_start = end;
        }
        if let Some((speakers, turns)) = &mut self.turns {
            let mut speaker = [0];
            speakers
                .read_exact(&mut speaker)
                .map_err(Error::io("read", &self.line_counts))?;
            turns.push(Span {
                start: self.line_start,
                end,
                label: u32::from(speaker[0]),
            })?;
        }
        self.line_start = end;
        Ok(())
    }

    /// Numbers of documents and turns.
    fn finish(self) -> Result<(u64, u64)> {
        let turns = self.turns.map_or(Ok(0), |(_, turns)| turns.finish())?;
        Ok((self.documents.finish()?, turns))
    }
}

/// Writes the tokens with their final ids and removes what was provisional.
fn final_pass(
    folder: &Path,
    split: Split,
    ranking: &Ranking,
    record: &mut SplitRecord,
) -> Result<()> {
    let path = staged(folder, split, PROVISIONAL);
    let mut file = File::open(&path).map_err(Error::io("open", &path))?;
    let mut out = Writer::create(staged(folder, split, "tokens"))?;
    let narrow = is_narrow(ranking.vocab.len());
    let unk = ranking.vocab.unk();
    let width = if narrow { 2 } else { 4 };
    let (mut input, mut output) = (vec![0; 1 << 22], Vec::new());
    loop {
        let read = read_full(&mut file, &mut input).map_err(Error::io("read", &path))?;
        output.resize(read / 4 * width, 0);
        let pieces = input[..read]
            .par_chunks(1 << 18)
            .zip(output.par_chunks_mut((1 << 16) * width));
        let count = |(from, to): (&[u8], &mut [u8])| {
            let (mut unknown, mut out_of_vocabulary) = (0, 0);
            for (from, to) in from
                .as_chunks::<4>()
                .0
                .iter()
                .zip(to.chunks_exact_mut(width))
            {
                let provisional = u32::from_le_bytes(*from);
                let id = ranking.ids[provisional as usize];
                let is_unknown = Some(id) == unk;
                unknown += u64::from(is_unknown);
                out_of_vocabulary += u64::from(is_unknown && Some(provisional) != ranking.unk);
                to.copy_from_slice(&id.to_le_bytes()[..width]);
            }
            (unknown, out_of_vocabulary)
        };
        let counts = pieces
            .map(count)
            .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        record.unknown += counts.0;
        record.out_of_vocabulary += counts.1;
        out.write(&output)?;
        if read < input.len() {
            break;
        }
    }
    record.lossless &= record.out_of_vocabulary == 0;
    out.finish()?;
    for ending in [PROVISIONAL, LINE_COUNTS, SPEAKERS] {
        let path = staged(folder, split, ending);
        if path.exists() {
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
    }
    Ok(())
}

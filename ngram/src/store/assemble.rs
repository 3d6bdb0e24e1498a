//! Assembling a store: parts are built in parallel and concatenated into one FST under a common root.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use corpus::Map;
use rayon::prelude::*;

use super::part_builder::{
    BuildContext, BuildError, BuildStatistics, FinishedPart, PartBuilder, Unigram, write_root,
};
use super::{Bytes, FST, Header, Levels, NgramStatistics, PartEnd, PayloadKind, Store};
use crate::count::{Packer, Rank, Scratch, SortedNgrams};
use crate::error::{Error, Result};
use crate::fst::{LEAF, Part, Writer};
use crate::word_code::WordCode;

/// The input of [`assemble`].
pub(crate) struct StoreInput<'a> {
    pub(crate) code: &'a WordCode,
    pub(crate) packer: &'a Packer,
    pub(crate) header: Header,
    /// Minimum count of stored n-grams, by order.
    pub(crate) cutoffs: &'a [u64],
    /// The given payloads or counts to which the values of `ngrams` are indices; empty if those are counts of a text.
    pub(crate) values: &'a [u64],
    /// Ranges of first words, each of which becomes a part.
    pub(crate) parts: &'a [std::ops::Range<Rank>],
    pub(crate) ngrams: &'a SortedNgrams,
    pub(crate) continuations: &'a SortedNgrams,
    /// The folder for finished parts; `None` keeps them in memory.
    pub(crate) scratch: Option<&'a Scratch>,
}

/// Builds a store in `folder`, or in memory if that is `None`.
pub(crate) fn assemble(input: StoreInput<'_>, folder: Option<&Path>) -> Result<Store> {
    let StoreInput {
        code,
        packer,
        mut header,
        cutoffs,
        values,
        parts,
        ngrams,
        continuations,
        scratch,
    } = input;
    let words = code.sorted_words();
    let levels = header.levels.clone();
    let bos = Some(packer.rank(header.vocab_size as u32));
    let context = BuildContext {
        code,
        packing: packer.packing,
        words: &words,
        payloads: header.payloads,
        cutoffs,
        levels: Levels(&levels),
        values,
        bos,
    };
    let finished: Vec<(FinishedPart<Sink>, Part)> = (0..parts.len())
        .into_par_iter()
        .map(|number| {
            let sink = Sink::new(scratch, number)?;
            let mut builder = PartBuilder::new(&context, sink);
            let first = context.packing.pack([parts[number].start].into_iter());
            let end = parts
                .get(number + 1)
                .map(|part| context.packing.pack([part.start].into_iter()));
            builder.add_all(ngrams.range(first, end)?, continuations.range(first, end)?)?;
            Ok(builder.finish()?)
        })
        .collect::<std::result::Result<_, BuildError>>()
        .map_err(|error| to_crate_error(error, &words))?;

    let mut statistics = BuildStatistics::new(header.order);
    let (mut table, mut unigrams) = (Vec::new(), Vec::new());
    let append_parts = |writer: &mut Writer<Box<dyn Write + '_>>| -> io::Result<u64> {
        for (part, written) in finished {
            let shift = writer.shift();
            writer.append(&written, &mut part.sink.into_reader()?)?;
            let base = table.len() as u64;
            header.parts.push(PartEnd {
                end: writer.shift() + crate::fst::HEADER as u64,
                rows: base,
            });
            let relocated = |unigram: &Unigram| Unigram {
                target: if unigram.target == LEAF {
                    LEAF
                } else {
                    unigram.target + shift
                },
                payload: match (context.payloads, unigram.payload, header.order) {
                    (PayloadKind::KneserNey, 1.., 2..) => unigram.payload + base,
                    (_, payload, _) => payload,
                },
                ..*unigram
            };
            unigrams.extend(part.unigrams.iter().map(relocated));
            table.extend(part.statistics_table);
            statistics.add(&part.statistics);
        }
        write_root(&context, writer, &unigrams)
    };
    let (fst, path) = match folder {
        None => {
            let mut bytes = Vec::new();
            write(Box::new(&mut bytes), append_parts)
                .map_err(harness::Error::io("build", Path::new(FST)))?;
            (Bytes::Memory(bytes), Path::new(FST).to_path_buf())
        }
        Some(folder) => {
            let path = folder.join(FST);
            File::create(&path)
                .and_then(|file| write(Box::new(BufWriter::new(file)), append_parts))
                .map_err(harness::Error::io("write", &path))?;
            let map = Map::open(&path).map_err(harness::Error::from)?;
            (Bytes::Mapped(map), path)
        }
    };
    if context.payloads == PayloadKind::Counts {
        let counted = unigrams
            .iter()
            .filter(|unigram| Some(unigram.rank) != context.bos);
        header.tokens = counted
            .map(|unigram| context.levels.count(unigram.payload))
            .sum();
    }
    header.ngrams = statistics.ngrams;
    header.counts_of_counts = statistics.counts_of_counts;
    header.root = statistics.root;
    let table = table
        .iter()
        .flat_map(|statistics: &NgramStatistics| statistics.fields())
        .flat_map(u32::to_le_bytes)
        .collect();
    Store::new(header, fst, Bytes::Memory(table), &path)
}

/// Writes an FST whose nodes `append_parts` adds.
fn write<'a>(
    to: Box<dyn Write + 'a>,
    append_parts: impl FnOnce(&mut Writer<Box<dyn Write + 'a>>) -> io::Result<u64>,
) -> io::Result<()> {
    let mut writer = Writer::file(to);
    let root = append_parts(&mut writer)?;
    writer.finish_file(root).map(drop)
}

/// Converts ranks to words.
fn to_crate_error(error: BuildError, words: &[u32]) -> Error {
    match error {
        BuildError::Io(error) => harness::Error::io("build", Path::new(FST))(error).into(),
        BuildError::NoContext(ranks) => Error::NoContext {
            words: ranks.iter().map(|&rank| words[rank as usize - 1]).collect(),
        },
    }
}

/// The destination of a part.
enum Sink {
    Memory(Vec<u8>),
    File(BufWriter<File>, std::path::PathBuf),
}

impl Sink {
    fn new(scratch: Option<&Scratch>, number: usize) -> io::Result<Sink> {
        Ok(match scratch {
            None => Sink::Memory(Vec::new()),
            Some(scratch) => {
                let path = scratch.folder.join(format!("part-{number}"));
                Sink::File(BufWriter::new(File::create(&path)?), path)
            }
        })
    }

    fn into_reader(self) -> io::Result<Box<dyn Read>> {
        Ok(match self {
            Sink::Memory(bytes) => Box::new(io::Cursor::new(bytes)),
            Sink::File(_, path) => {
                let file = File::open(&path)?;
                // The open file remains readable.
                std::fs::remove_file(&path)?;
                Box::new(file)
            }
        })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Memory(buffer) => buffer.write(bytes),
            Sink::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Sink::Memory(_) => Ok(()),
            Sink::File(file, _) => file.flush(),
        }
    }
}

//! Putting a store together: parts in parallel, then one file with a root above them.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use corpus::Map;
use rayon::prelude::*;

use super::build::{Fault, Finished, PartBuilder, Plan, Seen, Unigram, write_root};
use super::{Bytes, FST, Header, Levels, PartEnd, Payloads, Store};
use crate::code::Code;
use crate::count::{Packer, Rank, Scratch, Sorted};
use crate::error::{Error, Result};
use crate::fst::{LEAF, Part, Writer};

/// What a store is made of.
pub(crate) struct Ingredients<'a> {
    pub(crate) code: &'a Code,
    pub(crate) packer: &'a Packer,
    pub(crate) header: Header,
    pub(crate) cutoffs: &'a [u64],
    /// What explicit records stand for.
    pub(crate) values: &'a [u64],
    pub(crate) parts: &'a [std::ops::Range<Rank>],
    pub(crate) ngrams: &'a Sorted,
    pub(crate) continuations: &'a Sorted,
    /// Where parts are kept, if not in memory.
    pub(crate) scratch: Option<&'a Scratch>,
}

/// Builds a store: in `folder` if that is given, else in memory.
pub(crate) fn make(ingredients: Ingredients<'_>, folder: Option<&Path>) -> Result<Store> {
    let Ingredients {
        code,
        packer,
        mut header,
        cutoffs,
        values,
        parts,
        ngrams,
        continuations,
        scratch,
    } = ingredients;
    let words = code.sorted_words();
    let levels = header.levels.clone();
    let bos = Some(packer.rank(header.vocab_size as u32));
    let plan = Plan {
        code,
        packing: packer.packing,
        words: &words,
        payloads: header.payloads,
        cutoffs,
        levels: Levels(&levels),
        values,
        bos,
    };
    let finished: Vec<(Finished<Sink>, Part)> = (0..parts.len())
        .into_par_iter()
        .map(|number| {
            let sink = Sink::new(scratch, number)?;
            let mut builder = PartBuilder::new(&plan, sink);
            let first = plan.packing.pack([parts[number].start].into_iter());
            let end = parts
                .get(number + 1)
                .map(|part| plan.packing.pack([part.start].into_iter()));
            builder.add_all(ngrams.range(first, end)?, continuations.range(first, end)?)?;
            Ok(builder.finish()?)
        })
        .collect::<std::result::Result<_, Fault>>()
        .map_err(|fault| named(fault, &words))?;

    let mut seen = Seen::new(header.order);
    let (mut rows, mut unigrams) = (Vec::new(), Vec::new());
    let assemble = |writer: &mut Writer<Box<dyn Write + '_>>| -> io::Result<u64> {
        for (part, written) in finished {
            let shift = writer.shift();
            writer.append(&written, &mut part.sink.into_reader()?)?;
            let base = rows.len() as u64;
            header.parts.push(PartEnd {
                end: writer.shift() + crate::fst::HEADER as u64,
                rows: base,
            });
            let place = |unigram: &Unigram| Unigram {
                target: if unigram.target == LEAF {
                    LEAF
                } else {
                    unigram.target + shift
                },
                payload: match (plan.payloads, unigram.payload, header.order) {
                    (Payloads::Rows, 1.., 2..) => unigram.payload + base,
                    (_, payload, _) => payload,
                },
                ..*unigram
            };
            unigrams.extend(part.unigrams.iter().map(place));
            rows.extend(part.row_table);
            seen.add(&part.seen);
        }
        write_root(&plan, writer, &unigrams)
    };
    let (fst, path) = match folder {
        None => {
            let mut bytes = Vec::new();
            write(Box::new(&mut bytes), assemble)
                .map_err(harness::Error::io("build", Path::new(FST)))?;
            (Bytes::Memory(bytes), Path::new(FST).to_path_buf())
        }
        Some(folder) => {
            let path = folder.join(FST);
            File::create(&path)
                .and_then(|file| write(Box::new(BufWriter::new(file)), assemble))
                .map_err(harness::Error::io("write", &path))?;
            let map = Map::open(&path).map_err(harness::Error::from)?;
            (Bytes::Mapped(map), path)
        }
    };
    if plan.payloads == Payloads::Counts {
        let counted = unigrams
            .iter()
            .filter(|unigram| Some(unigram.rank) != plan.bos);
        header.tokens = counted
            .map(|unigram| plan.levels.count(unigram.payload))
            .sum();
    }
    header.ngrams = seen.ngrams;
    header.counts_of_counts = seen.counts_of_counts;
    header.root = seen.root;
    let rows = rows
        .iter()
        .flat_map(|row| row.numbers())
        .flat_map(u32::to_le_bytes)
        .collect();
    Store::new(header, fst, Bytes::Memory(rows), &path)
}

fn write<'a>(
    to: Box<dyn Write + 'a>,
    assemble: impl FnOnce(&mut Writer<Box<dyn Write + 'a>>) -> io::Result<u64>,
) -> io::Result<()> {
    let mut writer = Writer::file(to);
    let root = assemble(&mut writer)?;
    writer.finish_file(root).map(drop)
}

fn named(fault: Fault, words: &[u32]) -> Error {
    match fault {
        Fault::Io(error) => harness::Error::io("build", Path::new(FST))(error).into(),
        Fault::NoContext(ranks) => Error::NoContext {
            words: ranks.iter().map(|&rank| words[rank as usize - 1]).collect(),
        },
    }
}

/// Where a part is written.
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
                // The file lives as long as it is open.
                std::fs::remove_file(&path)?;
                Box::new(file)
            }
        })
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Sink::Memory(held) => held.write(bytes),
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

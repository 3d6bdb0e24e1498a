//! The last pass: replaces provisional ids by final ids.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::error::{Error, Result};
use crate::prepare::vocabulary_builder::RankedVocabulary;
use crate::split::Split;
use crate::store::layout::{LINE_COUNTS, PROVISIONAL, SPEAKERS, is_narrow, split_path};
use crate::store::record::SplitRecord;

/// Tokens per parallel task.
const PIECE: u64 = 1 << 18;

/// Writes the tokens with their final ids and removes the provisional files.
pub(crate) fn renumber(
    folder: &Path,
    split: Split,
    ranking: &RankedVocabulary,
    record: &mut SplitRecord,
) -> Result<()> {
    let (from, to) = (
        split_path(folder, split, PROVISIONAL),
        split_path(folder, split, "tokens"),
    );
    // Ids of four bytes are replaced in place: no second copy on disk.
    let in_place = !is_narrow(ranking.vocab.len());
    if in_place {
        fs::rename(&from, &to).map_err(Error::io("rename to", &to))?;
    } else {
        File::create(&to).map_err(Error::io("create", &to))?;
    }
    let input = if in_place { &to } else { &from };
    let numbering = Renumbering {
        ranking,
        input,
        output: &to,
        tokens: record.tokens,
    };
    let unknown = (0..record.tokens.div_ceil(PIECE))
        .into_par_iter()
        .map(|piece| numbering.piece(piece))
        .try_reduce(Unknown::default, |a, b| Ok(a + b))?;
    record.unknown = unknown.all;
    record.out_of_vocabulary = unknown.out_of_vocabulary;
    record.lossless &= record.out_of_vocabulary == 0;
    for ending in [PROVISIONAL, LINE_COUNTS, SPEAKERS] {
        let path = split_path(folder, split, ending);
        if path.exists() {
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
    }
    Ok(())
}

struct Renumbering<'a> {
    ranking: &'a RankedVocabulary,
    input: &'a PathBuf,
    /// The same file as `input` if ids keep their width.
    output: &'a PathBuf,
    tokens: u64,
}

/// Number of `<unk>` in a piece, and how many of them are out of vocabulary.
#[derive(Debug, Clone, Copy, Default)]
struct Unknown {
    all: u64,
    out_of_vocabulary: u64,
}

impl std::ops::Add for Unknown {
    type Output = Unknown;

    fn add(self, other: Unknown) -> Unknown {
        Unknown {
            all: self.all + other.all,
            out_of_vocabulary: self.out_of_vocabulary + other.out_of_vocabulary,
        }
    }
}

impl Renumbering<'_> {
    /// Reads, renumbers and writes piece `piece`. Each piece has its own file handles, so that pieces run in parallel.
    fn piece(&self, piece: u64) -> Result<Unknown> {
        let start = piece * PIECE;
        let count = PIECE.min(self.tokens - start);
        let mut ids = vec![0; 4 * count as usize];
        let read = File::open(self.input).and_then(|mut file| {
            file.seek(SeekFrom::Start(4 * start))?;
            file.read_exact(&mut ids)
        });
        read.map_err(Error::io("read", self.input))?;
        let mut unknown = Unknown::default();
        let ids = ids.as_chunks_mut::<4>().0;
        for id in ids.iter_mut() {
            let provisional = u32::from_le_bytes(*id);
            let last = self.ranking.ids[provisional as usize];
            if Some(last) == self.ranking.vocab.unk() {
                unknown.all += 1;
                unknown.out_of_vocabulary += u64::from(Some(provisional) != self.ranking.unk);
            }
            *id = last.to_le_bytes();
        }
        let narrow: Vec<[u8; 2]>;
        let (width, bytes) = if self.input == self.output {
            (4, ids.as_flattened())
        } else {
            narrow = ids.iter().map(|&[low, high, ..]| [low, high]).collect();
            (2, narrow.as_flattened())
        };
        let file = File::options().write(true).open(self.output);
        let written = file.and_then(|mut file| {
            file.seek(SeekFrom::Start(width * start))?;
            file.write_all(bytes)
        });
        written.map_err(Error::io("write", self.output))?;
        Ok(unknown)
    }
}

//! Sorted n-grams with their counts, in memory or in sorted runs on disk.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

/// A packed n-gram and its count, or another value in place of the count.
pub(crate) type Record = (u128, u32);

/// Sorted n-grams.
#[derive(Debug)]
pub(crate) enum SortedNgrams {
    /// One key per occurrence.
    Keys(Vec<u128>),
    /// Records in several sorted files.
    Runs(Vec<Run>),
    /// One record per n-gram.
    Records(Vec<Record>),
}

/// A sorted file of records, which is deleted on drop.
#[derive(Debug)]
pub(crate) struct Run {
    path: PathBuf,
    records: u64,
}

impl Drop for Run {
    fn drop(&mut self) {
        // A leftover temporary file does no harm.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Bytes per record in a file.
const RECORD_SIZE: usize = 20;
/// Size of the read buffer in bytes.
const BUFFER_SIZE: usize = 1 << 17;

impl SortedNgrams {
    /// Sorts keys in memory.
    pub(crate) fn in_memory(mut keys: Vec<u128>) -> SortedNgrams {
        keys.par_sort_unstable();
        SortedNgrams::Keys(keys)
    }

    /// The records with keys in `first..end`, in order; no `end` means all from `first` on.
    pub(crate) fn range(&self, first: u128, end: Option<u128>) -> io::Result<Records<'_>> {
        let before = |key: u128| end.is_none_or(|end| key < end);
        Ok(match self {
            SortedNgrams::Keys(keys) => {
                let from = keys.partition_point(|&key| key < first);
                let to = keys.partition_point(|&key| before(key));
                Records::Keys(&keys[from..to])
            }
            SortedNgrams::Records(records) => {
                let from = records.partition_point(|&(key, _)| key < first);
                let to = records.partition_point(|&(key, _)| before(key));
                Records::Counted(records[from..to].iter())
            }
            SortedNgrams::Runs(runs) => {
                let mut heads = BinaryHeap::new();
                let mut readers = Vec::new();
                for run in runs {
                    let mut reader = run.open_at(first)?;
                    if let Some(record) = reader.next()? {
                        heads.push(Reverse((record, readers.len())));
                    }
                    readers.push(reader);
                }
                Records::Merge(Merge {
                    heads,
                    readers,
                    end,
                })
            }
        })
    }
}

impl Run {
    /// Writes sorted records to a file.
    pub(crate) fn write(path: PathBuf, records: impl Iterator<Item = Record>) -> io::Result<Run> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&path)?);
        let mut run = Run { path, records: 0 };
        for (key, count) in records {
            file.write_all(&key.to_le_bytes())?;
            file.write_all(&count.to_le_bytes())?;
            run.records += 1;
        }
        file.flush()?;
        Ok(run)
    }

    /// Sorts keys and writes one record with the count of each.
    pub(crate) fn of_keys(path: PathBuf, keys: &mut [u128]) -> io::Result<Run> {
        keys.par_sort_unstable();
        let groups = keys.chunk_by(|a, b| a == b);
        Run::write(path, groups.map(|group| (group[0], group.len() as u32)))
    }

    /// A reader that starts at the first record with a key of at least `first`.
    fn open_at(&self, first: u128) -> io::Result<RunReader> {
        let mut file = File::open(&self.path)?;
        let (mut low, mut high) = (0, self.records);
        while low < high {
            let middle = (low + high) / 2;
            file.seek(SeekFrom::Start(middle * RECORD_SIZE as u64))?;
            let mut key = [0; 16];
            file.read_exact(&mut key)?;
            if u128::from_le_bytes(key) < first {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        file.seek(SeekFrom::Start(low * RECORD_SIZE as u64))?;
        Ok(RunReader {
            file: BufReader::with_capacity(BUFFER_SIZE, file),
            remaining: self.records - low,
        })
    }
}

#[derive(Debug)]
struct RunReader {
    file: BufReader<File>,
    remaining: u64,
}

impl RunReader {
    fn next(&mut self) -> io::Result<Option<Record>> {
        if self.remaining == 0 {
            return Ok(None);
        }
        self.remaining -= 1;
        let (mut key, mut count) = ([0; 16], [0; 4]);
        self.file.read_exact(&mut key)?;
        self.file.read_exact(&mut count)?;
        Ok(Some((u128::from_le_bytes(key), u32::from_le_bytes(count))))
    }
}

/// An iterator over sorted records.
pub(crate) enum Records<'a> {
    Keys(&'a [u128]),
    Counted(std::slice::Iter<'a, Record>),
    Merge(Merge),
}

/// A k-way merge of runs; counts of equal n-grams are added.
pub(crate) struct Merge {
    heads: BinaryHeap<Reverse<(Record, usize)>>,
    readers: Vec<RunReader>,
    end: Option<u128>,
}

impl Records<'_> {
    /// The next n-gram and its count.
    #[inline]
    pub(crate) fn next(&mut self) -> io::Result<Option<(u128, u64)>> {
        Ok(match self {
            Records::Keys(keys) => {
                let Some((&key, rest)) = keys.split_first() else {
                    return Ok(None);
                };
                let more = rest.iter().take_while(|&&other| other == key).count();
                *keys = &rest[more..];
                Some((key, 1 + more as u64))
            }
            Records::Counted(records) => {
                records.next().map(|&(key, count)| (key, u64::from(count)))
            }
            Records::Merge(merge) => merge.next()?,
        })
    }
}

impl Merge {
    fn next(&mut self) -> io::Result<Option<(u128, u64)>> {
        let mut merged: Option<(u128, u64)> = None;
        while let Some(&Reverse(((key, count), reader))) = self.heads.peek() {
            match &mut merged {
                Some((other, _)) if *other != key => break,
                Some((_, sum)) => *sum += u64::from(count),
                None if self.end.is_some_and(|end| key >= end) => return Ok(None),
                None => merged = Some((key, u64::from(count))),
            }
            self.heads.pop();
            if let Some(record) = self.readers[reader].next()? {
                self.heads.push(Reverse((record, reader)));
            }
        }
        Ok(merged)
    }
}

/// The path of a run in `folder`.
pub(crate) fn run_path(folder: &Path, name: &str, number: usize) -> PathBuf {
    folder.join(format!("{name}-{number}.run"))
}

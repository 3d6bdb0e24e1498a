//! N-grams in order, each once with the number of times that it came: in memory, or in sorted runs on disk.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

/// An n-gram and how often it came (or what else is told of it).
pub(crate) type Record = (u128, u32);

/// Sorted n-grams.
#[derive(Debug)]
pub(crate) enum Sorted {
    /// As often as they came.
    Memory(Vec<u128>),
    /// With their counts, in files that are each sorted.
    Runs(Vec<Run>),
    /// With what is told of them, each once.
    Records(Vec<Record>),
}

/// A sorted file of records; it vanishes with this.
#[derive(Debug)]
pub(crate) struct Run {
    path: PathBuf,
    records: u64,
}

impl Drop for Run {
    fn drop(&mut self) {
        // A leftover in a folder for temporary files does no harm.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Bytes of a record in a file.
const RECORD: usize = 20;
/// Bytes of a run that are read at a time.
const BLOCK: usize = 1 << 17;

impl Sorted {
    /// Sorts n-grams in memory.
    pub(crate) fn in_memory(mut keys: Vec<u128>) -> Sorted {
        keys.par_sort_unstable();
        Sorted::Memory(keys)
    }

    /// The records from `first` on and before `end`, in order.
    pub(crate) fn range(&self, first: u128, end: Option<u128>) -> io::Result<Records<'_>> {
        let before = |key: u128| end.is_none_or(|end| key < end);
        Ok(match self {
            Sorted::Memory(keys) => {
                let from = keys.partition_point(|&key| key < first);
                let to = keys.partition_point(|&key| before(key));
                Records::Keys(&keys[from..to])
            }
            Sorted::Records(records) => {
                let from = records.partition_point(|&(key, _)| key < first);
                let to = records.partition_point(|&(key, _)| before(key));
                Records::Told(records[from..to].iter())
            }
            Sorted::Runs(runs) => {
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
    /// Writes records, already in order, into a file.
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

    /// Sorts n-grams and writes each once, with its count.
    pub(crate) fn of_keys(path: PathBuf, keys: &mut [u128]) -> io::Result<Run> {
        keys.par_sort_unstable();
        let groups = keys.chunk_by(|a, b| a == b);
        Run::write(path, groups.map(|group| (group[0], group.len() as u32)))
    }

    /// A reader from the first record that is not before `first`.
    fn open_at(&self, first: u128) -> io::Result<RunReader> {
        let mut file = File::open(&self.path)?;
        let (mut low, mut high) = (0, self.records);
        while low < high {
            let middle = (low + high) / 2;
            file.seek(SeekFrom::Start(middle * RECORD as u64))?;
            let mut key = [0; 16];
            file.read_exact(&mut key)?;
            if u128::from_le_bytes(key) < first {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        file.seek(SeekFrom::Start(low * RECORD as u64))?;
        Ok(RunReader {
            file: BufReader::with_capacity(BLOCK, file),
            left: self.records - low,
        })
    }
}

#[derive(Debug)]
struct RunReader {
    file: BufReader<File>,
    left: u64,
}

impl RunReader {
    fn next(&mut self) -> io::Result<Option<Record>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let (mut key, mut count) = ([0; 16], [0; 4]);
        self.file.read_exact(&mut key)?;
        self.file.read_exact(&mut count)?;
        Ok(Some((u128::from_le_bytes(key), u32::from_le_bytes(count))))
    }
}

/// Records in order.
pub(crate) enum Records<'a> {
    Keys(&'a [u128]),
    Told(std::slice::Iter<'a, Record>),
    Merge(Merge),
}

/// Several runs as one; what is told of equal n-grams is added up.
pub(crate) struct Merge {
    heads: BinaryHeap<Reverse<(Record, usize)>>,
    readers: Vec<RunReader>,
    end: Option<u128>,
}

impl Records<'_> {
    /// The next record.
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
            Records::Told(records) => records.next().map(|&(key, count)| (key, u64::from(count))),
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

/// A file for a run in a folder.
pub(crate) fn run_path(folder: &Path, what: &str, number: usize) -> PathBuf {
    folder.join(format!("{what}-{number}.run"))
}

//! Counting: the n-grams of highest order at every position of the text are sorted; all shorter ones are their prefixes.
//!
//! Each n-gram is packed into 128 bits, first word first, so that sorting numbers sorts n-grams. In sorted order, the
//! occurrences of an n-gram of any order are consecutive. Kneser-Ney's continuation counts are found in the same way from the
//! text read backwards. Text that does not fit into memory is sorted in chunks into files (runs), which are merged when read.

mod continuations;
pub(crate) mod files;
mod pack;
mod sorted;

use corpus::Text;
use std::path::PathBuf;
use std::sync::Mutex;

use rayon::prelude::*;

pub(crate) use continuations::continuations;
pub(crate) use pack::{Direction, Packer, Packing, Rank, SentenceMarkers};
pub(crate) use sorted::{Record, Records, Run, SortedNgrams, run_path};

use crate::error::Result;

/// Tokens per read.
const CHUNK: usize = 1 << 18;

/// A temporary folder for counting with limited memory; it is deleted on drop.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) folder: PathBuf,
    /// Bytes of memory for n-grams.
    pub(crate) bytes: usize,
}

/// Sorts all n-grams of a text. `tick` gets the number of tokens read so far and may interrupt with an error.
pub(crate) fn sorted_ngrams(
    text: &(impl Text + ?Sized),
    packer: &Packer,
    direction: Direction,
    scratch: Option<&Scratch>,
    tick: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<SortedNgrams> {
    let chunks = |range: std::ops::Range<usize>| {
        range
            .clone()
            .step_by(CHUNK)
            .map(move |from| from..range.end.min(from + CHUNK))
            .collect::<Vec<_>>()
    };
    let pack = |range: std::ops::Range<usize>, keys: &mut Vec<u128>| {
        let packed: Vec<Vec<u128>> = chunks(range)
            .into_par_iter()
            .map(|chunk| {
                let mut keys = Vec::with_capacity(chunk.len() + chunk.len() / 8);
                packer.pack(text, chunk, direction, &mut keys);
                keys
            })
            .collect();
        packed.into_iter().for_each(|chunk| keys.extend(chunk));
    };
    // Enough chunks at a time to occupy all threads, few enough to react to an interruption.
    let stride = CHUNK * 4 * rayon::current_num_threads();
    let Some(scratch) = scratch else {
        let mut keys = Vec::with_capacity(text.len() + text.len() / 16);
        for from in (0..text.len()).step_by(stride) {
            tick(from)?;
            pack(from..text.len().min(from + stride), &mut keys);
        }
        return Ok(SortedNgrams::in_memory(keys));
    };
    // The buffer of a run takes three quarters of the memory; the chunks take the rest.
    let capacity = (scratch.bytes / size_of::<u128>() * 3 / 4).max(CHUNK * 2);
    let stride = (CHUNK * rayon::current_num_threads()).min(capacity / 4);
    let name = match direction {
        Direction::Forward => "forward",
        Direction::Backward => "backward",
    };
    let write_run = |number: usize, keys: &mut [u128]| {
        Run::of_keys(run_path(&scratch.folder, name, number), keys).map_err(scratch.io_error())
    };
    let mut runs = Vec::new();
    let mut keys: Vec<u128> = Vec::with_capacity(capacity.min(text.len() * 2 + 16));
    for from in (0..text.len()).step_by(stride) {
        tick(from)?;
        let chunk = from..text.len().min(from + stride);
        // With <s> before each sentence there are at most twice as many n-grams as tokens.
        if keys.len() + 2 * chunk.len() > capacity {
            runs.push(write_run(runs.len(), &mut keys)?);
            keys.clear();
        }
        pack(chunk, &mut keys);
    }
    if runs.is_empty() {
        return Ok(SortedNgrams::in_memory(keys));
    }
    runs.push(write_run(runs.len(), &mut keys)?);
    Ok(SortedNgrams::Runs(runs))
}

impl Scratch {
    /// Creates the folder within `folder`.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn within(folder: &std::path::Path, bytes: usize) -> Result<Scratch> {
        let folder = folder.join(format!(".counting-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(harness::Error::io("create", &folder))?;
        Ok(Scratch { folder, bytes })
    }

    /// Wraps an I/O error of its files.
    pub(crate) fn io_error(&self) -> impl FnOnce(std::io::Error) -> harness::Error + '_ {
        harness::Error::io("use", &self.folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A leftover temporary folder does no harm.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The count of each rank; index 0 is the padding, which has none.
pub(crate) fn unigram_counts(
    text: &(impl Text + ?Sized),
    packer: &Packer,
    words: usize,
) -> Vec<u64> {
    let totals = Mutex::new(vec![0_u64; words + 1]);
    let range = CHUNK * 8;
    let starts: Vec<usize> = (0..text.len()).step_by(range).collect();
    starts.into_par_iter().for_each(|from| {
        let mut counts = vec![0_u64; words + 1];
        for token in text.read(from..text.len().min(from + range)) {
            counts[packer.rank(token) as usize] += 1;
        }
        let mut totals = totals
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        totals
            .iter_mut()
            .zip(counts)
            .for_each(|(total, count)| *total += count);
    });
    totals
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// N-grams per part of a store.
const PART_SIZE: u64 = 1 << 20;
/// Maximum number of parts.
const MAX_PARTS: u64 = 32;

/// Divides the ranks into ranges that begin about equally many n-grams. Independent of the number of threads, so that the
/// store's bytes are, too.
pub(crate) fn parts(unigram_counts: &[u64]) -> Vec<std::ops::Range<Rank>> {
    let total: u64 = unigram_counts.iter().sum();
    let share = total
        .div_ceil(total.div_ceil(PART_SIZE).clamp(1, MAX_PARTS))
        .max(1);
    let (mut parts, mut first, mut sum) = (Vec::new(), 1, 0);
    for (rank, count) in (0..).zip(unigram_counts).skip(1) {
        sum += count;
        if sum >= share {
            parts.push(first..rank + 1);
            (first, sum) = (rank + 1, 0);
        }
    }
    if first < unigram_counts.len() as Rank {
        parts.push(first..unigram_counts.len() as Rank);
    }
    parts
}

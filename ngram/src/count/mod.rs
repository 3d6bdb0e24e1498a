//! Counting: the longest n-gram at every position of the text, sorted; all shorter ones are their beginnings.
//!
//! Packed into 128 bits, first word first, n-grams sort as numbers, in parallel. In order, an n-gram of any length is a
//! run of equal beginnings. Kneser-Ney also asks how many different words stand before an n-gram: the same question
//! about the text read backwards. Text that does not fit into memory is sorted piece by piece into files, which are read
//! together.

mod continuations;
mod pack;
mod sorted;

use corpus::Text;
use std::path::PathBuf;
use std::sync::Mutex;

use rayon::prelude::*;

pub(crate) use continuations::continuations;
pub(crate) use pack::{Direction, Packer, Packing, Rank, Sentences};
pub(crate) use sorted::{Record, Records, Run, Sorted, run_path};

use crate::error::Result;

/// Tokens that are read at a time.
const PIECE: usize = 1 << 18;

/// Where counting may keep what does not fit into memory.
#[derive(Debug)]
pub(crate) struct Scratch {
    pub(crate) folder: PathBuf,
    /// Bytes of memory that n-grams may take.
    pub(crate) bytes: usize,
}

/// Sorts all n-grams of a text. `tick` is told the tokens read so far, and may stop.
pub(crate) fn sorted_ngrams(
    text: &(impl Text + ?Sized),
    packer: &Packer,
    direction: Direction,
    scratch: Option<&Scratch>,
    tick: &mut dyn FnMut(usize) -> Result<()>,
) -> Result<Sorted> {
    let pieces = |range: std::ops::Range<usize>| {
        range
            .clone()
            .step_by(PIECE)
            .map(move |from| from..range.end.min(from + PIECE))
            .collect::<Vec<_>>()
    };
    let pack = |range: std::ops::Range<usize>, keys: &mut Vec<u128>| {
        let packed: Vec<Vec<u128>> = pieces(range)
            .into_par_iter()
            .map(|piece| {
                let mut keys = Vec::with_capacity(piece.len() + piece.len() / 8);
                packer.pack(text, piece, direction, &mut keys);
                keys
            })
            .collect();
        packed.into_iter().for_each(|piece| keys.extend(piece));
    };
    // Enough pieces at a time to occupy all threads, few enough to hear of an interruption.
    let stride = PIECE * 4 * rayon::current_num_threads();
    let Some(scratch) = scratch else {
        let mut keys = Vec::with_capacity(text.len() + text.len() / 16);
        for from in (0..text.len()).step_by(stride) {
            tick(from)?;
            pack(from..text.len().min(from + stride), &mut keys);
        }
        return Ok(Sorted::in_memory(keys));
    };
    // A sorted run at a time; not all of the memory, as the pieces lie beside it.
    let capacity = (scratch.bytes / size_of::<u128>() * 3 / 4).max(PIECE * 2);
    let stride = (PIECE * rayon::current_num_threads()).min(capacity / 4);
    let name = match direction {
        Direction::Forward => "forward",
        Direction::Backward => "backward",
    };
    let write_run = |number: usize, keys: &mut [u128]| {
        Run::of_keys(run_path(&scratch.folder, name, number), keys).map_err(scratch.fault())
    };
    let mut runs = Vec::new();
    let mut keys: Vec<u128> = Vec::with_capacity(capacity.min(text.len() * 2 + 16));
    for from in (0..text.len()).step_by(stride) {
        tick(from)?;
        let piece = from..text.len().min(from + stride);
        // With a mark before each sentence there are at most twice as many n-grams as tokens.
        if keys.len() + 2 * piece.len() > capacity {
            runs.push(write_run(runs.len(), &mut keys)?);
            keys.clear();
        }
        pack(piece, &mut keys);
    }
    if runs.is_empty() {
        return Ok(Sorted::in_memory(keys));
    }
    runs.push(write_run(runs.len(), &mut keys)?);
    Ok(Sorted::Runs(runs))
}

impl Scratch {
    /// A new folder within another.
    ///
    /// # Errors
    /// Those of the disk.
    pub(crate) fn within(folder: &std::path::Path, bytes: usize) -> Result<Scratch> {
        let folder = folder.join(format!(".counting-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(harness::Error::io("create", &folder))?;
        Ok(Scratch { folder, bytes })
    }

    /// An error of its files.
    pub(crate) fn fault(&self) -> impl FnOnce(std::io::Error) -> harness::Error + '_ {
        harness::Error::io("use", &self.folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // The n-grams have their place now, or never will.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// How often each rank occurs, the void first.
pub(crate) fn unigram_counts(
    text: &(impl Text + ?Sized),
    packer: &Packer,
    words: usize,
) -> Vec<u64> {
    let totals = Mutex::new(vec![0_u64; words + 1]);
    let stretch = PIECE * 8;
    let starts: Vec<usize> = (0..text.len()).step_by(stretch).collect();
    starts.into_par_iter().for_each(|from| {
        let mut counts = vec![0_u64; words + 1];
        for token in text.read(from..text.len().min(from + stretch)) {
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

/// N-grams that are built as one part.
const PART: u64 = 1 << 20;
/// Most parts.
const PARTS: u64 = 32;

/// Divides the first words into ranges of about equally many n-grams. The same for any number of threads.
pub(crate) fn parts(unigram_counts: &[u64]) -> Vec<std::ops::Range<Rank>> {
    let total: u64 = unigram_counts.iter().sum();
    let share = total.div_ceil(total.div_ceil(PART).clamp(1, PARTS)).max(1);
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

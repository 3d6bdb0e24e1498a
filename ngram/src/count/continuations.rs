//! Continuation counts N1+(. w_1 … w_k): the number of distinct words that precede an n-gram.

use rayon::prelude::*;

use super::{Packing, Rank, Record, Run, Scratch, SortedNgrams, run_path};
use crate::error::Result;

/// The continuation count of each n-gram below the highest order, if it differs from its count.
///
/// N-grams at the beginning of a sentence keep their count, because no word precedes them (as in KenLM; Chen and Goodman leave
/// this open).
pub(crate) fn continuations(
    backward: &SortedNgrams,
    packing: Packing,
    parts: &[std::ops::Range<Rank>],
    bos: Option<Rank>,
    scratch: Option<&Scratch>,
) -> Result<SortedNgrams> {
    let by_part: Vec<Vec<Record>> = match scratch {
        None => parts
            .par_iter()
            .map(|part| continuations_of_part(backward, packing, part, bos))
            .collect::<std::io::Result<_>>()
            .map_err(harness::Error::io("read", std::path::Path::new("memory")))?,
        Some(scratch) => {
            // Parts are processed one by one; when the buffer is full, it is sorted into a run of its own.
            let limit = scratch.bytes / size_of::<Record>() / 2;
            let (mut runs, mut buffer): (Vec<Run>, Vec<Record>) = (Vec::new(), Vec::new());
            for part in parts {
                let records = continuations_of_part(backward, packing, part, bos);
                buffer.extend(records.map_err(scratch.io_error())?);
                if buffer.len() > limit {
                    let path = run_path(&scratch.folder, "continuations", runs.len());
                    buffer.par_sort_unstable();
                    runs.push(Run::write(path, buffer.drain(..)).map_err(scratch.io_error())?);
                }
            }
            if !runs.is_empty() {
                let path = run_path(&scratch.folder, "continuations", runs.len());
                buffer.par_sort_unstable();
                runs.push(Run::write(path, buffer.into_iter()).map_err(scratch.io_error())?);
                return Ok(SortedNgrams::Runs(runs));
            }
            vec![buffer]
        }
    };
    let mut records: Vec<Record> = Vec::with_capacity(by_part.iter().map(Vec::len).sum());
    by_part.into_iter().for_each(|part| records.extend(part));
    records.par_sort_unstable();
    Ok(SortedNgrams::Records(records))
}

/// An n-gram read backwards whose longer n-grams are still being read.
#[derive(Debug, Clone, Copy, Default)]
struct OpenNgram {
    /// The first word of the n-gram.
    rank: Rank,
    count: u64,
    /// Distinct words before it so far.
    distinct: u64,
}

/// The continuation counts of the n-grams whose last word is in `part`.
fn continuations_of_part(
    backward: &SortedNgrams,
    packing: Packing,
    part: &std::ops::Range<Rank>,
    bos: Option<Rank>,
) -> std::io::Result<Vec<Record>> {
    let end = packing.pack([part.end].into_iter());
    let mut records = backward.range(packing.pack([part.start].into_iter()), Some(end))?;
    let mut continuations = Vec::new();
    let mut open: Vec<OpenNgram> = Vec::new();
    let mut ranks = Vec::new();
    let inner = packing.order - 1;
    let mut close = |open: &[OpenNgram]| {
        let Some(last) = open.last() else { return };
        let distinct = last.distinct.max(1);
        if distinct != last.count && Some(last.rank) != bos {
            let key = packing.pack(open.iter().rev().map(|level| level.rank));
            continuations.push((key, distinct as u32));
        }
    };
    while let Some((key, count)) = records.next()? {
        packing.unpack(key, &mut ranks);
        let same = open
            .iter()
            .zip(&ranks)
            .take_while(|(open, rank)| open.rank == **rank)
            .count();
        while open.len() > same {
            close(&open);
            open.pop();
        }
        // The word before the last open n-gram, if there is one, is new, because all records differ.
        if let Some(last) = open.last_mut()
            && ranks.len() > same
        {
            last.distinct += 1;
        }
        for (position, &rank) in ranks.iter().enumerate().take(inner).skip(same) {
            let distinct = u64::from(ranks.len() > position + 1);
            open.push(OpenNgram {
                rank,
                count: 0,
                distinct,
            });
        }
        open.iter_mut().for_each(|level| level.count += count);
    }
    while !open.is_empty() {
        close(&open);
        open.pop();
    }
    Ok(continuations)
}

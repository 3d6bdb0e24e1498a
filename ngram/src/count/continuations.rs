//! How many different words stand before an n-gram: N1+(. w_1 … w_k), which Kneser-Ney takes for its count.

use rayon::prelude::*;

use super::{Packing, Rank, Record, Run, Scratch, Sorted, run_path};
use crate::error::Result;

/// Of each n-gram that is shorter than the longest, the number of different words before it, where that is not simply
/// its count. N-grams at the beginning of a sentence keep their count: nothing stands before them (Chen and Goodman
/// leave this open; KenLM does the same).
pub(crate) fn continuations(
    backward: &Sorted,
    packing: Packing,
    parts: &[std::ops::Range<Rank>],
    bos: Option<Rank>,
    scratch: Option<&Scratch>,
) -> Result<Sorted> {
    let walked: Vec<Vec<Record>> = match scratch {
        None => parts
            .par_iter()
            .map(|part| walk(backward, packing, part, bos))
            .collect::<std::io::Result<_>>()
            .map_err(harness::Error::io("read", std::path::Path::new("memory")))?,
        Some(scratch) => {
            // One part after the other, and each group of parts sorted into a file of its own.
            let limit = scratch.bytes / size_of::<Record>() / 2;
            let (mut runs, mut held): (Vec<Run>, Vec<Record>) = (Vec::new(), Vec::new());
            for part in parts {
                held.extend(walk(backward, packing, part, bos).map_err(scratch.fault())?);
                if held.len() > limit {
                    let path = run_path(&scratch.folder, "continuations", runs.len());
                    held.par_sort_unstable();
                    runs.push(Run::write(path, held.drain(..)).map_err(scratch.fault())?);
                }
            }
            if !runs.is_empty() {
                let path = run_path(&scratch.folder, "continuations", runs.len());
                held.par_sort_unstable();
                runs.push(Run::write(path, held.into_iter()).map_err(scratch.fault())?);
                return Ok(Sorted::Runs(runs));
            }
            vec![held]
        }
    };
    let mut records: Vec<Record> = Vec::with_capacity(walked.iter().map(Vec::len).sum());
    walked.into_iter().for_each(|part| records.extend(part));
    records.par_sort_unstable();
    Ok(Sorted::Records(records))
}

/// An n-gram read backwards, while more may come before it.
#[derive(Debug, Clone, Copy, Default)]
struct Open {
    rank: Rank,
    count: u64,
    distinct: u64,
}

fn walk(
    backward: &Sorted,
    packing: Packing,
    part: &std::ops::Range<Rank>,
    bos: Option<Rank>,
) -> std::io::Result<Vec<Record>> {
    let end = packing.pack([part.end].into_iter());
    let mut records = backward.range(packing.pack([part.start].into_iter()), Some(end))?;
    let mut found = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut ranks = Vec::new();
    let inner = packing.order - 1;
    let mut close = |open: &[Open]| {
        let Some(last) = open.last() else { return };
        let distinct = last.distinct.max(1);
        if distinct != last.count && Some(last.rank) != bos {
            let key = packing.pack(open.iter().rev().map(|level| level.rank));
            found.push((key, distinct as u32));
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
        // The word beyond the last open one is new, or there is none: records are all different.
        if let Some(last) = open.last_mut()
            && ranks.len() > same
        {
            last.distinct += 1;
        }
        for (place, &rank) in ranks.iter().enumerate().take(inner).skip(same) {
            let distinct = u64::from(ranks.len() > place + 1);
            open.push(Open {
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
    Ok(found)
}

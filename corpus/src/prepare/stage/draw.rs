//! The draw: whether documents or passages are drawn, and the split of each.
//!
//! Whole documents are drawn where there are many of them. Where there are few, or where they differ so much in size that
//! no draw gives each split its share, the text is cut into passages. Draws whose shares are wrong are repeated.

use super::passages::Passages;
use super::pool::StoredPool;
use super::sampler::{GROUP, SplitSampler};
use super::split_files::Options;
use crate::error::{EmptySplitCause, Error, Result};
use crate::split::{Split, effective_number};

/// Passages of a text, at most: each held-out split gets enough of them to resample, and they are as long as can be.
const PASSAGES: u64 = 500;
/// How far the share of a held-out split may be from that of an average one, relative to it.
const TOLERANCE: f64 = 0.06;
/// Number of draws tried.
const ATTEMPTS: u64 = 100;

/// Draws the split of each line in the order of the text.
pub(super) struct Draw {
    /// Where passages begin, if passages are drawn.
    passages: Option<Passages>,
    sampler: SplitSampler,
    /// The split of the current document or passage.
    current: Option<Split>,
}

impl Draw {
    /// Decides by the documents in the pool how it and the text after it are drawn.
    pub(super) fn from_pool(pool: &StoredPool, options: &Options) -> Result<Draw> {
        let whole = best_attempt(&pool.sizes, options);
        let number = effective_number(pool.sizes.iter().copied());
        let is_right = whole.is_some_and(|found| found.deviation <= TOLERANCE);
        if options
            .cut_below
            .is_some_and(|fewest| number < fewest || !is_right)
        {
            let passages = Passages::new(pool.sizes.iter().sum::<u64>() / PASSAGES);
            let sizes = pool.passage_sizes(passages.clone())?;
            // A text of few long lines has no more passages than documents.
            let has_more = sizes.len() >= pool.sizes.len().min(GROUP as usize);
            if let Some(found) = best_attempt(&sizes, options)
                && has_more
            {
                let sampler = found.sampler(&sizes, options);
                return Ok(Draw::new(Some(passages), sampler));
            }
        }
        match whole {
            Some(found) => Ok(Draw::new(None, found.sampler(&pool.sizes, options))),
            None => Err(too_few(&pool.sizes, options)),
        }
    }

    fn new(passages: Option<Passages>, sampler: SplitSampler) -> Draw {
        Draw {
            passages,
            sampler,
            current: None,
        }
    }

    /// The split of the current document or passage; none before its first line.
    pub(super) fn current(&self) -> Option<Split> {
        self.current
    }

    /// The split of the next line.
    pub(super) fn split_of(&mut self, line: &str) -> Split {
        if let Some(passages) = &mut self.passages
            && passages.opens(line)
        {
            self.current = None;
        }
        let sampler = &mut self.sampler;
        *self.current.get_or_insert_with(|| sampler.assign())
    }

    pub(super) fn end_document(&mut self) {
        match &mut self.passages {
            Some(passages) => passages.end_document(),
            None => self.current = None,
        }
    }
}

/// A draw, and how far its shares are from those that are due.
#[derive(Debug, Clone, Copy)]
struct Attempt {
    number: u64,
    deviation: f64,
}

impl Attempt {
    fn sampler(self, sizes: &[u64], options: &Options) -> SplitSampler {
        let units = sizes.len() as u64;
        SplitSampler::new(units, &options.held_out, options.seed, self.number)
    }
}

/// The first draw over units of these sizes whose shares are right, or the best one; none if there are too few units.
fn best_attempt(sizes: &[u64], options: &Options) -> Option<Attempt> {
    if sizes.len() <= options.held_out.len() {
        return None;
    }
    let mut best: Option<Attempt> = None;
    for number in 0..ATTEMPTS {
        let mut attempt = Attempt {
            number,
            deviation: 0.0,
        };
        attempt.deviation = deviation(sizes, options, attempt.sampler(sizes, options));
        if best.is_none_or(|best| attempt.deviation < best.deviation) {
            best = Some(attempt);
        }
        if attempt.deviation <= TOLERANCE {
            break;
        }
    }
    best
}

/// The largest relative difference between the bytes of a held-out split and its share of all.
fn deviation(sizes: &[u64], options: &Options, mut sampler: SplitSampler) -> f64 {
    let mut bytes = [0_u64; Split::ALL.len()];
    for &size in sizes {
        bytes[sampler.assign() as usize] += size;
    }
    let share = (sizes.len() as u64).min(GROUP) as f64;
    let due = bytes.iter().sum::<u64>() as f64 / share;
    let deviations = options.held_out.iter();
    deviations
        .map(|&split| (bytes[split as usize] as f64 / due - 1.0).abs())
        .fold(0.0, f64::max)
}

fn too_few(sizes: &[u64], options: &Options) -> Error {
    let needed = options.held_out.len() as u64 + 1;
    let cause = match options.cut_below {
        Some(_) => EmptySplitCause::TooFewLines { needed },
        None => EmptySplitCause::TooFewDocuments {
            documents: sizes.len() as u64,
            needed,
        },
    };
    let split = options.held_out.first().copied().unwrap_or(Split::Train);
    Error::EmptySplit { split, cause }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn options() -> Options {
        Options::new(&Settings::default(), vec![Split::Valid, Split::Test])
    }

    #[test]
    fn many_equal_documents_keep_the_first_draw() {
        let found = best_attempt(&[100; 200], &options()).unwrap();
        assert_eq!((found.number, found.deviation), (0, 0.0));
    }

    #[test]
    fn draws_are_repeated_until_the_shares_are_right() {
        // Every tenth document is ten times as long as the others.
        let size = |at| if at % 10 == 0 { 1000 } else { 100 };
        let sizes: Vec<u64> = (0..400).map(size).collect();
        let mut numbers = Vec::new();
        for seed in 0..8 {
            let options = Options { seed, ..options() };
            let found = best_attempt(&sizes, &options).unwrap();
            assert!(found.deviation <= TOLERANCE, "{found:?}");
            numbers.push(found.number);
        }
        assert!(numbers.iter().any(|&number| number > 0), "{numbers:?}");
    }

    #[test]
    fn there_must_be_a_unit_for_each_split() {
        assert!(best_attempt(&[1, 1], &options()).is_none());
        assert!(best_attempt(&[1, 1, 1], &options()).is_some());
    }
}

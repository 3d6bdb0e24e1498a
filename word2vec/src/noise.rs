//! Wrong words to set against the right one: drawn by count to the power of 3/4 (2013b, section 2.2).

use crate::random::Random;
use crate::words::{LINE_END, Word};

/// Draws words by their weights, each draw in constant time (Walker's alias method).
#[derive(Debug)]
pub(crate) struct Noise {
    /// For each word the threshold below which it is drawn, and the word that is drawn above.
    columns: Vec<(u32, Word)>,
}

impl Noise {
    /// Of the words by their counts; the end of lines is never drawn.
    pub(crate) fn new(counts: &[u64], exponent: f64) -> Noise {
        let weight = |(word, &count): (usize, &u64)| match word as Word {
            LINE_END => 0.0,
            _ => (count as f64).powf(exponent),
        };
        let weights: Vec<f64> = counts.iter().enumerate().map(weight).collect();
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let mut shares: Vec<f64> = weights.iter().map(|weight| weight / mean).collect();
        let mut columns: Vec<(u32, Word)> = (0..counts.len() as Word)
            .map(|word| (u32::MAX, word))
            .collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..shares.len()).partition(|&word| shares[word] < 1.0);
        while let (Some(low), Some(&high)) = (small.pop(), large.last()) {
            columns[low] = ((shares[low] * f64::from(u32::MAX)) as u32, high as Word);
            shares[high] -= 1.0 - shares[low];
            if shares[high] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        Noise { columns }
    }

    #[inline]
    pub(crate) fn draw(&self, random: &mut Random) -> Word {
        let column = random.below(self.columns.len() as u32);
        let (threshold, alias) = self.columns[column as usize];
        match random.draw() < threshold {
            true => column,
            false => alias,
        }
    }
}

/// The C program's table of 100,000,000 words, without the table: only where each word begins.
#[derive(Debug)]
pub(crate) struct Table {
    /// First place that does not hold the word any more.
    ends: Vec<u32>,
}

const PLACES: u32 = 100_000_000;

impl Table {
    pub(crate) fn new(counts: &[u64], exponent: f64) -> Table {
        let weights: Vec<f64> = counts
            .iter()
            .map(|&count| (count as f64).powf(exponent))
            .collect();
        let sum: f64 = weights.iter().sum();
        // The program walks the places and goes to the next word behind the first whose share of all places is beyond
        // the words so far; so every word gets a place at least.
        let (mut share, mut end) = (0.0, 0_u32);
        let ends = weights.iter().map(|weight| {
            share += weight / sum;
            let is_beyond = |place: u32| f64::from(place) / f64::from(PLACES) > share;
            let mut last = end.max((share * f64::from(PLACES)) as u32);
            while last > end && is_beyond(last - 1) {
                last -= 1;
            }
            while last < PLACES && !is_beyond(last) {
                last += 1;
            }
            end = (last + 1).min(PLACES);
            end
        });
        Table {
            ends: ends.collect(),
        }
    }

    /// What lies at a place.
    fn at(&self, place: u32) -> Word {
        let word = self.ends.partition_point(|&end| end <= place);
        word.min(self.ends.len() - 1) as Word
    }

    /// A word as the program draws it: not the end of lines, for which another is drawn from all alike.
    pub(crate) fn draw(&self, random: &mut Random) -> Word {
        let drawn = random.step();
        match self.at(((drawn >> 16) % u64::from(PLACES)) as u32) {
            LINE_END => (drawn % (self.ends.len() as u64 - 1) + 1) as Word,
            word => word,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_drawn_by_count_to_the_power() {
        let counts = [50, 1_000, 400, 200, 100, 30, 1];
        let noise = Noise::new(&counts, 0.75);
        let mut random = Random::new(7);
        let mut seen = [0_u32; 7];
        let draws = 400_000;
        (0..draws).for_each(|_| seen[noise.draw(&mut random) as usize] += 1);
        let sum: f64 = counts[1..].iter().map(|&n| (n as f64).powf(0.75)).sum();
        assert_eq!(seen[0], 0);
        for word in 1..7 {
            let expected = (counts[word] as f64).powf(0.75) / sum * f64::from(draws);
            let deviation = (f64::from(seen[word]) - expected) / expected.sqrt();
            assert!(deviation.abs() < 4.5, "{word}: {} {expected}", seen[word]);
        }
    }

    #[test]
    fn the_table_is_that_of_the_walk() {
        // The walk itself, with the program's own condition.
        let counts: Vec<u64> = (1..60_u64).map(|rank| 100_000 / rank / rank + 1).collect();
        let table = Table::new(&counts, 0.75);
        let sum: f64 = counts.iter().map(|&n| (n as f64).powf(0.75)).sum();
        let (mut word, mut share) = (0, (counts[0] as f64).powf(0.75) / sum);
        for place in 0..PLACES {
            if place % 997 == 0 || f64::from(place) / f64::from(PLACES) > share {
                assert_eq!(table.at(place), word as Word, "{place}");
            }
            if f64::from(place) / f64::from(PLACES) > share {
                word = (word + 1).min(counts.len() - 1);
                share += (counts[word] as f64).powf(0.75) / sum;
            }
        }
    }
}

//! The noise distribution P_n(w) of negative samples, proportional to count^(3/4) (2013b, section 2.2).

use crate::lcg::Lcg;
use crate::word_vocab::{LINE_END, WordId};

/// Samples words in constant time (Walker's alias method).
#[derive(Debug)]
pub(crate) struct NoiseDistribution {
    /// For each column the threshold below which its own word is sampled, and the alias that is sampled otherwise.
    columns: Vec<(u32, WordId)>,
}

impl NoiseDistribution {
    /// The distribution proportional to count^exponent; the line end has probability 0.
    pub(crate) fn new(counts: &[u64], exponent: f64) -> NoiseDistribution {
        let weight = |(word, &count): (usize, &u64)| match word as WordId {
            LINE_END => 0.0,
            _ => (count as f64).powf(exponent),
        };
        let weights: Vec<f64> = counts.iter().enumerate().map(weight).collect();
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let mut shares: Vec<f64> = weights.iter().map(|weight| weight / mean).collect();
        let mut columns: Vec<(u32, WordId)> = (0..counts.len() as WordId)
            .map(|word| (u32::MAX, word))
            .collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..shares.len()).partition(|&word| shares[word] < 1.0);
        while let (Some(low), Some(&high)) = (small.pop(), large.last()) {
            columns[low] = ((shares[low] * f64::from(u32::MAX)) as u32, high as WordId);
            shares[high] -= 1.0 - shares[low];
            if shares[high] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        NoiseDistribution { columns }
    }

    #[inline]
    pub(crate) fn sample(&self, rng: &mut Lcg) -> WordId {
        let column = rng.below(self.columns.len() as u32);
        let (threshold, alias) = self.columns[column as usize];
        match rng.next_u32() < threshold {
            true => column,
            false => alias,
        }
    }
}

/// The C program's unigram table of 100,000,000 words, represented by the end of each word's range.
#[derive(Debug)]
pub(crate) struct UnigramTable {
    /// For each word, the end of its range in the table.
    ends: Vec<u32>,
}

const TABLE_SIZE: u32 = 100_000_000;

impl UnigramTable {
    pub(crate) fn new(counts: &[u64], exponent: f64) -> UnigramTable {
        let weights: Vec<f64> = counts
            .iter()
            .map(|&count| (count as f64).powf(exponent))
            .collect();
        let sum: f64 = weights.iter().sum();
        // The C program fills the table from the beginning. It moves on to the next word after the first entry whose relative
        // position exceeds the cumulative probability, so every word gets at least one entry.
        let (mut share, mut end) = (0.0, 0_u32);
        let ends = weights.iter().map(|weight| {
            share += weight / sum;
            let is_beyond = |index: u32| f64::from(index) / f64::from(TABLE_SIZE) > share;
            let mut last = end.max((share * f64::from(TABLE_SIZE)) as u32);
            while last > end && is_beyond(last - 1) {
                last -= 1;
            }
            while last < TABLE_SIZE && !is_beyond(last) {
                last += 1;
            }
            end = (last + 1).min(TABLE_SIZE);
            end
        });
        UnigramTable {
            ends: ends.collect(),
        }
    }

    /// The word at an index.
    fn at(&self, index: u32) -> WordId {
        let word = self.ends.partition_point(|&end| end <= index);
        word.min(self.ends.len() - 1) as WordId
    }

    /// Samples a word as the C program does; a uniformly drawn word replaces the line end.
    pub(crate) fn sample(&self, rng: &mut Lcg) -> WordId {
        let drawn = rng.next_u64();
        match self.at(((drawn >> 16) % u64::from(TABLE_SIZE)) as u32) {
            LINE_END => (drawn % (self.ends.len() as u64 - 1) + 1) as WordId,
            word => word,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_sampled_in_proportion_to_count_to_the_power() {
        let counts = [50, 1_000, 400, 200, 100, 30, 1];
        let noise = NoiseDistribution::new(&counts, 0.75);
        let mut rng = Lcg::new(7);
        let mut seen = [0_u32; 7];
        let draws = 400_000;
        (0..draws).for_each(|_| seen[noise.sample(&mut rng) as usize] += 1);
        let sum: f64 = counts[1..].iter().map(|&n| (n as f64).powf(0.75)).sum();
        assert_eq!(seen[0], 0);
        for word in 1..7 {
            let expected = (counts[word] as f64).powf(0.75) / sum * f64::from(draws);
            let deviation = (f64::from(seen[word]) - expected) / expected.sqrt();
            assert!(deviation.abs() < 4.5, "{word}: {} {expected}", seen[word]);
        }
    }

    #[test]
    fn the_ranges_equal_those_of_the_full_table() {
        // The loop that fills the table, with the C program's own condition.
        let counts: Vec<u64> = (1..60_u64).map(|rank| 100_000 / rank / rank + 1).collect();
        let table = UnigramTable::new(&counts, 0.75);
        let sum: f64 = counts.iter().map(|&n| (n as f64).powf(0.75)).sum();
        let (mut word, mut share) = (0, (counts[0] as f64).powf(0.75) / sum);
        for index in 0..TABLE_SIZE {
            if index % 997 == 0 || f64::from(index) / f64::from(TABLE_SIZE) > share {
                assert_eq!(table.at(index), word as WordId, "{index}");
            }
            if f64::from(index) / f64::from(TABLE_SIZE) > share {
                word = (word + 1).min(counts.len() - 1);
                share += (counts[word] as f64).powf(0.75) / sum;
            }
        }
    }
}

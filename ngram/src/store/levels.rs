//! Quantised counts: fewer bits per count at the cost of exactness.

/// The representable counts in ascending order; empty if all counts are.
///
/// The smallest counts are exact, because Kneser-Ney distinguishes the counts 1, 2 and 3 and estimates discounts from the counts 1
/// to 4. Above them the levels are a geometric progression up to the largest count of the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Levels<'a>(pub(crate) &'a [u32]);

/// The largest count that is always exact.
const MAX_EXACT: u32 = 4;

/// The levels for a number of bits and the largest count; empty if all counts up to `largest` fit.
pub(crate) fn levels(bits: u8, largest: u64) -> Vec<u32> {
    let number = 1_u32 << bits;
    let largest = u32::try_from(largest).unwrap_or(u32::MAX);
    if largest <= number {
        return Vec::new();
    }
    let mut levels: Vec<u32> = (1..=MAX_EXACT).collect();
    while let Some(&last) = levels.last()
        && last < largest
    {
        // The ratio at which the remaining levels reach the largest count.
        let remaining = f64::from(number - levels.len() as u32);
        let factor = (f64::from(largest) / f64::from(last)).powf(1.0 / remaining);
        let next = (f64::from(last) * factor).round() as u32;
        levels.push(next.clamp(last + 1, largest));
    }
    levels
}

impl Levels<'_> {
    /// The index stored for a count of at least 1.
    pub(crate) fn index(self, count: u64) -> u64 {
        let Some(&largest) = self.0.last() else {
            return count - 1;
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX).min(largest);
        let above = self.0.partition_point(|&level| level < count);
        let product = |at: usize| u64::from(self.0[at]) * u64::from(self.0[above]);
        match above {
            // The nearest level by ratio.
            1.. if u64::from(count).pow(2) < product(above - 1) => above as u64 - 1,
            _ => above as u64,
        }
    }

    /// The count of an index; the largest count for an index that does not exist.
    #[inline]
    pub(crate) fn count(self, index: u64) -> u64 {
        match self.0 {
            [] => index.saturating_add(1),
            [.., largest] => {
                let level = self.0.get(index as usize).unwrap_or(largest);
                u64::from(*level)
            }
        }
    }

    /// The level nearest to a count.
    pub(crate) fn round(self, count: u32) -> u32 {
        match (self.0, count) {
            ([], _) | (_, 0) => count,
            _ => self.count(self.index(u64::from(count))) as u32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_rounded_to_the_nearest_level_and_small_ones_are_exact() {
        for (bits, widest) in [(4, 3.2), (6, 1.32), (8, 1.08)] {
            let levels = levels(bits, 1_500_000);
            assert_eq!(levels.len(), 1 << bits);
            assert_eq!(levels.last(), Some(&1_500_000));
            assert!(levels.windows(2).all(|pair| pair[0] < pair[1]));
            let levels = Levels(&levels);
            for count in (1..2_000).chain((2_000..1_500_000).step_by(997)) {
                let rounded = levels.round(count);
                assert!(count > MAX_EXACT || rounded == count);
                assert_eq!(levels.round(rounded), rounded);
                let ratio = f64::from(rounded.max(count)) / f64::from(rounded.min(count));
                assert!(
                    ratio.powi(2) <= widest * 1.05,
                    "{bits}: {count} as {rounded}"
                );
            }
        }
        assert!(levels(8, 256).is_empty());
        assert_eq!(Levels(&[]).count(Levels(&[]).index(9)), 9);
        assert_eq!(Levels(&[1, 2, 7]).count(99), 7);
    }
}

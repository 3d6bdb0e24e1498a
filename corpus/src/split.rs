//! The splits train, valid and test, their detection by file names, and whether they are large enough.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of the three parts of a corpus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Trains models; the vocabulary is counted on it.
    Train,
    /// Tunes settings.
    Valid,
    /// Yields the reported results.
    Test,
}

impl Split {
    /// All three, in the order in which they are processed.
    pub const ALL: [Split; 3] = [Split::Train, Split::Valid, Split::Test];

    /// `train`, `valid` or `test`, as in file names.
    pub fn name(self) -> &'static str {
        match self {
            Split::Train => "train",
            Split::Valid => "valid",
            Split::Test => "test",
        }
    }

    /// The split that the name of a file or of its folder denotes: `train.txt`, `val.de.gz`, `wiki.test.tokens`, `dev/a.txt`.
    pub fn of_path(path: &Path) -> Option<Split> {
        let components = path.components().rev().take(2);
        components
            .filter_map(|part| part.as_os_str().to_str())
            .find_map(|name| {
                name.split(['.', '_', '-']).take(2).find_map(|word| {
                    match word.to_lowercase().as_str() {
                        "train" | "training" => Some(Split::Train),
                        "valid" | "validation" | "val" | "dev" => Some(Split::Valid),
                        "test" => Some(Split::Test),
                        _ => None,
                    }
                })
            })
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Split {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Split, String> {
        Split::ALL
            .into_iter()
            .find(|split| split.name() == name)
            .ok_or_else(|| format!("{name}: must be train, valid or test"))
    }
}

/// A held-out split that is too small for results on it to be reliable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SmallSplit {
    /// Which split.
    pub split: Split,
    /// Its tokens.
    pub tokens: u64,
    /// Its share of the corpus.
    pub share: f64,
}

impl SmallSplit {
    /// Below this, any split is small.
    pub const FEW_TOKENS: u64 = 1_000;
    /// Below this share of the corpus, a split is small.
    pub const SMALL_SHARE: f64 = 0.01;
    /// With so many tokens, a split is large enough whatever its share.
    pub const MANY_TOKENS: u64 = 100_000;

    /// The held-out split if it is small in a corpus of `total` tokens.
    pub fn of(split: Split, tokens: u64, total: u64) -> Option<SmallSplit> {
        let share = tokens as f64 / total.max(1) as f64;
        let is_small_part = share < Self::SMALL_SHARE && tokens < Self::MANY_TOKENS;
        let is_small = tokens < Self::FEW_TOKENS || is_small_part;
        (split != Split::Train && is_small).then_some(SmallSplit {
            split,
            tokens,
            share,
        })
    }
}

impl fmt::Display for SmallSplit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SmallSplit {
            split,
            tokens,
            share,
        } = self;
        let token = if *tokens == 1 { "token" } else { "tokens" };
        let percent = 100.0 * share;
        write!(
            f,
            "the {split} split has only {tokens} {token} ({percent:.1} % of the corpus): what is measured on it may be chance"
        )
    }
}

/// The number of units of equal size that are as many in effect as units of these sizes (Kish 1965).
pub fn effective_number(sizes: impl Iterator<Item = u64>) -> f64 {
    let (sum, squares) = sizes.fold((0.0, 0.0), |(sum, squares), size| {
        let size = size as f64;
        (sum + size, squares + size * size)
    });
    match squares > 0.0 {
        true => sum * sum / squares,
        false => 0.0,
    }
}

/// How a corpus is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SplitRule {
    /// Use the splits that file names denote, else split at random: one twentieth each for valid and test.
    #[default]
    Auto,
    /// Split at random, regardless of file names.
    Random,
    /// Use everything for training.
    None,
}

impl FromStr for SplitRule {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<SplitRule, String> {
        match name {
            "auto" => Ok(SplitRule::Auto),
            "random" => Ok(SplitRule::Random),
            "none" => Ok(SplitRule::None),
            _ => Err(format!("{name}: must be auto, random or none")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_splits_are_told() {
        let test = |tokens, total| SmallSplit::of(Split::Test, tokens, total);
        assert_eq!(
            test(53, 70_000).unwrap().to_string(),
            "the test split has only 53 tokens (0.1 % of the corpus): what is measured on it may be chance"
        );
        assert!(test(999, 20_000).is_some() && test(1_000, 20_000).is_none());
        assert!(test(9_000, 1_000_000).is_some() && test(10_000, 1_000_000).is_none());
        // As in published corpora.
        assert!(test(245_569, 103_000_000).is_none());
        assert!(SmallSplit::of(Split::Train, 10, 10).is_none());
    }

    #[test]
    fn units_count_by_their_sizes() {
        assert!((effective_number([7; 60].into_iter()) - 60.0).abs() < 1e-9);
        // (9 + 9)^2 / (9^2 + 9).
        let sizes = [9, 1, 1, 1, 1, 1, 1, 1, 1, 1];
        assert!((effective_number(sizes.into_iter()) - 3.6).abs() < 1e-9);
        assert_eq!(effective_number(std::iter::empty()).to_bits(), 0);
    }

    #[test]
    fn file_names_denote_their_split() {
        for (path, expected) in [
            ("a/train.txt.zst", Some(Split::Train)),
            ("val.de.gz", Some(Split::Valid)),
            ("wiki.test.tokens", Some(Split::Test)),
            ("test_2016_flickr.en.gz", Some(Split::Test)),
            ("data/dev/0001.txt", Some(Split::Valid)),
            ("part-00.txt.zst", None),
            ("the-strain.txt", None),
        ] {
            assert_eq!(Split::of_path(Path::new(path)), expected, "{path}");
        }
    }
}

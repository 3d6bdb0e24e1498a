//! The splits train, valid and test, and their detection by file names.

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

/// How a corpus is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SplitRule {
    /// Use the splits that file names denote, else split at random.
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

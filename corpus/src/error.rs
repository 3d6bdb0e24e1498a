//! Errors: each message names the place, the value that is wrong, and what was expected.
//!
//! Messages name neither commands nor flags: a program that has them adds its remedies when it prints an error. The
//! error of the operating system or of a decoder is the error's source and not part of the message.

use std::io;
use std::path::{Path, PathBuf};

use crate::split::Split;

/// Any failure of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused an operation on a file: it is missing, not permitted, or the disk is full.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// The operation, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// A source that matches no file.
    #[error(
        "{source_name}: no such file or folder, and no file matches it as a pattern{}",
        bracket_hint(source_name)
    )]
    NotFound {
        /// The source as it was given.
        source_name: String,
    },
    /// A source without any line.
    #[error("{place}: contains no text")]
    Empty {
        /// The file, folder or archive.
        place: String,
    },
    /// Bytes that are not UTF-8.
    #[error("{place}, line {line}, byte {byte}: not valid UTF-8")]
    InvalidUtf8 {
        /// The file, with the member when it is an archive.
        place: String,
        /// Line, from 1.
        line: u64,
        /// Byte within the line, from 1.
        byte: usize,
    },
    /// A NUL byte: binary data, or UTF-16 without a byte-order mark.
    #[error(
        "{place}, line {line}, byte {byte}: NUL byte; the file may be binary, or UTF-16 without a byte-order mark"
    )]
    NulByte {
        /// The file, with the member when it is an archive.
        place: String,
        /// Line, from 1.
        line: u64,
        /// Byte within the line, from 1.
        byte: usize,
    },
    /// A line that exceeds the limit on line length.
    #[error("{place}, line {line}: longer than {limit} bytes, the maximum length of a line")]
    LineTooLong {
        /// The file, with the member when it is an archive.
        place: String,
        /// Line, from 1.
        line: u64,
        /// The limit in bytes.
        limit: usize,
    },
    /// A compressed file that is truncated or damaged.
    #[error(
        "{place}, after line {line}: the compressed data is truncated or damaged; get the file again"
    )]
    Damaged {
        /// The file.
        place: String,
        /// The last complete line.
        line: u64,
        /// The decoder's error.
        #[source]
        source: io::Error,
    },
    /// A compressed file or an archive that is sound, but cannot be unpacked here. The source names the reason and what to do.
    #[error("{place}: cannot be unpacked")]
    Unsupported {
        /// The file, with the member when it is in an archive.
        place: String,
        /// Why not, and what to do.
        #[source]
        source: io::Error,
    },
    /// A file of a known format that is not text.
    #[error("{place}: {format}, not text; {remedy}")]
    NotText {
        /// The file, with the member when it is in an archive.
        place: String,
        /// The format.
        format: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A line that does not fit the format of its file.
    #[error("{place}, line {line}: {what}")]
    Format {
        /// The file, with the member when it is an archive.
        place: String,
        /// Line, from 1.
        line: u64,
        /// Expected and found.
        what: String,
    },
    /// A line that does not fit the format which was recognised by the lines around it.
    #[error("{place}, line {line}: {what}; most lines look like {looks_like}")]
    Misfit {
        /// The file, with the member when it is an archive.
        place: String,
        /// Line, from 1.
        line: u64,
        /// Expected and found.
        what: String,
        /// What the text was taken for.
        looks_like: &'static str,
    },
    /// Files of a source that contradict each other, or a catalogue entry that is invalid.
    #[error("{place}: {what}")]
    Layout {
        /// The folder or source.
        place: String,
        /// What is wrong.
        what: String,
    },
    /// A source of JSON objects instead of text.
    #[error("{place}: {what}")]
    JsonLines {
        /// The source.
        place: String,
        /// What it holds instead of text.
        what: String,
    },
    /// Parallel files in more than two languages, of which no two were chosen.
    #[error("{place}: parallel files in {}; two languages must be chosen", languages.join(", "))]
    ManyLanguages {
        /// The source.
        place: String,
        /// The languages found, by the extensions of the files.
        languages: Vec<String>,
    },
    /// A split that would hold no token.
    #[error("the {split} split would be empty: {cause}")]
    EmptySplit {
        /// Which split.
        split: Split,
        /// Why it would be empty.
        cause: EmptySplitCause,
    },
    /// A composed corpus whose parts do not fit together.
    #[error("{place}: {what}")]
    Composition {
        /// Which word, document or file.
        place: String,
        /// Expected and found.
        what: String,
    },
    /// A setting out of its bounds.
    #[error("{field} = {value}: {bound}")]
    Setting {
        /// The setting's name.
        field: &'static str,
        /// The value that was given.
        value: String,
        /// What is allowed.
        bound: String,
    },
    /// A folder that already exists.
    #[error("{}: already exists", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A prepared corpus in a format that this version does not read.
    #[error("{}: format {found}{}; this version reads format {expected}", path.display(), origin(*found))]
    Version {
        /// The record of the corpus.
        path: PathBuf,
        /// The format of the corpus.
        found: i64,
        /// The format that is read.
        expected: u32,
    },
    /// A prepared corpus whose files contradict each other.
    #[error("{}: {what}; prepare the corpus again", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Expected and found.
        what: String,
    },
    /// A file whose checksum differs from the one on record.
    #[error("{}: its checksum is {got}, expected {expected}; {remedy}", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// SHA-256 on record.
        expected: String,
        /// SHA-256 of the file.
        got: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A part that the corpus does not have.
    #[error("corpus {name} has no {part}")]
    NoPart {
        /// The corpus.
        name: String,
        /// The part: a split, pairs, dialogues, tags.
        part: String,
    },
    /// A failure of the subword library.
    #[error("subword tokenizer: {what}")]
    Subwords {
        /// Its error.
        what: String,
    },
    /// A file or folder that is not a usable tokenizer.
    #[error("{}: {what}", path.display())]
    Tokenizer {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A name that the catalogue does not list.
    #[error("{name}: not in the catalogue, which lists {known}")]
    NotInCatalogue {
        /// The name that was asked for.
        name: String,
        /// All names, separated by commas.
        known: String,
    },
    /// A download that did not succeed.
    #[error("{url}: {what}")]
    Download {
        /// The address.
        url: String,
        /// What failed, and what to do.
        what: String,
    },
    /// The observer stopped the work.
    #[error("interrupted")]
    Interrupted,
}

/// Why a split would be empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmptySplitCause {
    /// The split's own file holds no line.
    #[error("its file has no line")]
    NoLine,
    /// There are fewer documents than splits.
    #[error("the text has {documents} document{}; splitting requires at least {needed}", if *documents == 1 { "" } else { "s" })]
    TooFewDocuments {
        /// Number of documents of the text.
        documents: u64,
        /// Number of documents needed: one for each split.
        needed: u64,
    },
    /// The text cannot be cut into as many parts as there are splits, because lines are never cut.
    #[error("the text has too few lines; splitting requires at least {needed}")]
    TooFewLines {
        /// Number of lines needed: one for each split.
        needed: u64,
    },
    /// The split of a pair depends on its source sentence, and no pair fell to the split.
    #[error("none of the sentence pairs falls to it")]
    NoPair,
    /// A composed corpus got no document for the split.
    #[error("{corpus} has no document for training")]
    NotComposed {
        /// The corpus, or the side of its sentence pairs.
        corpus: String,
    },
}

/// The crate's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether an argument or a setting is wrong, rather than a file or the machine.
    pub fn is_wrong_usage(&self) -> bool {
        matches!(
            self,
            Error::NotFound { .. } | Error::NotInCatalogue { .. } | Error::Setting { .. }
        )
    }

    /// A closure for `map_err` that adds the operation and the path.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    /// An error of reading a file, after so many lines: of the system, or of a decoder.
    pub(crate) fn unreadable(place: &str, line: u64, source: io::Error) -> Error {
        let place = place.to_owned();
        match source.kind() {
            // Decoders have errors of their own; those of the system are no damage.
            _ if source.raw_os_error().is_some() => Error::Io {
                action: "read",
                path: PathBuf::from(place),
                source,
            },
            io::ErrorKind::Unsupported => Error::Unsupported { place, source },
            _ => Error::Damaged {
                place,
                line,
                source,
            },
        }
    }

    /// The error as one of reading, for readers that have no other.
    pub(crate) fn into_io(self) -> io::Error {
        match self {
            Error::Io { source, .. }
            | Error::Damaged { source, .. }
            | Error::Unsupported { source, .. } => source,
            other => io::Error::new(io::ErrorKind::Unsupported, other.to_string()),
        }
    }

    pub(crate) fn corrupt(path: &Path, what: impl Into<String>) -> Error {
        Error::Corrupt {
            path: path.to_path_buf(),
            what: what.into(),
        }
    }
}

/// What brackets mean in a pattern, where there are any.
fn bracket_hint(pattern: &str) -> &'static str {
    match pattern.contains('[') {
        true => {
            "; in a pattern, brackets hold the characters that may stand there, and [[] is a bracket"
        }
        false => "",
    }
}

/// The version of Eras that wrote a format, where known.
fn origin(format: i64) -> &'static str {
    match format {
        1 => ", written by Eras 0.1",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_is_not_part_of_the_message() {
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        let io = Error::io("open", Path::new("a.txt"))(refused());
        assert_eq!(io.to_string(), "cannot open a.txt");
        let damaged = Error::Damaged {
            place: "a.gz".to_owned(),
            line: 3,
            source: refused(),
        };
        for error in [io, damaged] {
            let source = std::error::Error::source(&error).unwrap().to_string();
            assert!(!error.to_string().contains(&source), "{error}");
        }
    }

    #[test]
    fn other_formats_are_named_with_the_version_that_wrote_them() {
        let message = |found| {
            let path = PathBuf::from("corpus.toml");
            let error = Error::Version {
                path,
                found,
                expected: 2,
            };
            error.to_string()
        };
        assert_eq!(
            message(1),
            "corpus.toml: format 1, written by Eras 0.1; this version reads format 2"
        );
        assert_eq!(
            message(99),
            "corpus.toml: format 99; this version reads format 2"
        );
    }
}

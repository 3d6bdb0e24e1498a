//! What can go wrong between a text and a prepared corpus. Every message names the thing, the place and the remedy.
//! What the system or a decoder answered is the error's source, and is left to whoever prints the chain.

use std::io;
use std::path::{Path, PathBuf};

/// Ending of what has come of a download, as it comes.
pub(crate) const PART: &str = "part";
/// Ending of a download being unpacked, while the part is still there.
pub(crate) const UNPACKED: &str = "unpacked";

/// Everything this crate refuses, and why.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused: missing, not allowed, disk full.
    #[error("cannot {action} {}{}", path.display(), remedy(path, source))]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's answer.
        #[source]
        source: io::Error,
    },
    /// A source that matches no file.
    #[error("{source_name}: no such file or folder, and no file matches it as a pattern")]
    NotFound {
        /// The source as it was given.
        source_name: String,
    },
    /// A source without a single line.
    #[error("{place}: there is no text in it")]
    Empty {
        /// The file, folder or archive.
        place: String,
    },
    /// Bytes that are not UTF-8.
    #[error(
        "{place}, line {line}, byte {byte}: not valid UTF-8 (convert the file, or replace bad bytes by U+FFFD: eras corpus prepare ... --lossy)"
    )]
    InvalidUtf8 {
        /// The file, with the member when it is an archive.
        place: String,
        /// Line, from 1.
        line: u64,
        /// Byte within the line, from 1.
        byte: usize,
    },
    /// A NUL byte: binary data, or UTF-16.
    #[error(
        "{place}, line {line}, byte {byte}: a NUL byte (is it UTF-16 or not a text? convert it, or replace NULs by U+FFFD: eras corpus prepare ... --lossy)"
    )]
    NulByte {
        /// The file, with the member when it is an archive.
        place: String,
        /// Line, from 1.
        line: u64,
        /// Byte within the line, from 1.
        byte: usize,
    },
    /// A line too long to be one.
    #[error(
        "{place}, line {line}: longer than {limit} bytes; a line is the unit of work, so break it first (for instance: fold -s -w 2000 FILE > NEW)"
    )]
    LineTooLong {
        /// The file, with the member when it is an archive.
        place: String,
        /// Line, from 1.
        line: u64,
        /// The limit in bytes.
        limit: usize,
    },
    /// A compressed file that ends before its end mark, or is damaged.
    #[error(
        "{place}, after line {line}: the compressed data is cut short or damaged; get the file again"
    )]
    Damaged {
        /// The file.
        place: String,
        /// Last line that was read whole.
        line: u64,
        /// The decoder's answer.
        #[source]
        source: io::Error,
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
    /// Files of a folder that contradict each other.
    #[error("{place}: {what}")]
    Layout {
        /// The folder or source.
        place: String,
        /// What is wrong with it and what to do.
        what: String,
    },
    /// A split that would hold no token.
    #[error("the {split} split would be empty: {what}")]
    EmptySplit {
        /// Which split.
        split: crate::Split,
        /// How it came about, and what to do.
        what: String,
    },
    /// What a program composed does not fit together.
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
    /// A name that is taken.
    #[error("{}: exists already (choose another --name, or replace it with --force)", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// A prepared corpus that contradicts itself.
    #[error("{}: {what}; prepare the corpus again", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Expected and found.
        what: String,
    },
    /// A file whose content is not what its record says.
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
    /// A part that this corpus has not.
    #[error("corpus {name} has no {part}")]
    NoPart {
        /// The corpus.
        name: String,
        /// The part: a split, pairs, dialogues, tags.
        part: String,
    },
    /// The subword library refused.
    #[error("subword tokenizer: {what}")]
    Subwords {
        /// Its answer.
        what: String,
    },
    /// A name that the catalogue does not list.
    #[error("{name}: not in the catalogue, which has {known}")]
    NotInCatalogue {
        /// The name that was asked for.
        name: String,
        /// All names, separated by commas.
        known: String,
    },
    /// A download that did not succeed.
    #[error("{url}: {what}")]
    Download {
        /// From where.
        url: String,
        /// What happened and what to do.
        what: String,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
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

    /// A closure for `map_err` that says what was tried on which path.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        move |source| Error::Io {
            action,
            path: path.to_path_buf(),
            source,
        }
    }

    pub(crate) fn corrupt(path: &Path, what: impl Into<String>) -> Error {
        Error::Corrupt {
            path: path.to_path_buf(),
            what: what.into(),
        }
    }
}

fn remedy(path: &Path, error: &io::Error) -> &'static str {
    let is_download = path
        .extension()
        .is_some_and(|ending| ending == PART || ending == UNPACKED);
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded if is_download => {
            " (free some space and run the command again: it resumes; or choose another --workspace)"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            " (free some space or choose another --workspace; nothing half-written was kept)"
        }
        io::ErrorKind::PermissionDenied => {
            " (check the permissions, or choose another --workspace)"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_left_to_the_chain_and_the_remedy_is_not() {
        let refused = || io::Error::from(io::ErrorKind::PermissionDenied);
        let told = Error::io("open", Path::new("a.txt"))(refused());
        let remedy = "(check the permissions, or choose another --workspace)";
        assert_eq!(told.to_string(), format!("cannot open a.txt {remedy}"));
        let damaged = Error::Damaged {
            place: "a.gz".to_owned(),
            line: 3,
            source: refused(),
        };
        for error in [told, damaged] {
            let answer = std::error::Error::source(&error).unwrap().to_string();
            assert!(!error.to_string().contains(&answer), "{error}");
        }
    }

    #[test]
    fn a_full_disk_is_told_what_was_kept() {
        let full = |path: &str| {
            let error = io::Error::from(io::ErrorKind::StorageFull);
            Error::io("write", Path::new(path))(error).to_string()
        };
        assert!(full("corpora/c/train.text").contains("nothing half-written was kept"));
        let download = full("downloads/c/.train.txt.01234567.part");
        assert!(
            download.contains("it resumes") && !download.contains("nothing"),
            "{download}"
        );
    }
}

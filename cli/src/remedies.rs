//! Remedies: the command or flag that helps after an error of the corpus crate, whose messages name neither.

use std::error::Error;
use std::io::ErrorKind;

use corpus::{EmptySplitCause, is_partial_download};

/// The whole chain of an error, followed by the remedy, if any.
pub(crate) fn with_remedy(error: &anyhow::Error) -> String {
    let remedy = error.chain().find_map(corpus_error).and_then(remedy_for);
    match remedy {
        Some(remedy) => format!("{error:#} ({remedy})"),
        None => format!("{error:#}"),
    }
}

/// The corpus error in a link of the chain; crates that pass one on wrap it transparently.
fn corpus_error<'e>(link: &'e (dyn Error + 'static)) -> Option<&'e corpus::Error> {
    let harness = |error: &'e harness::Error| match error {
        harness::Error::Corpus(error) => Some(error),
        _ => None,
    };
    if let Some(error) = link.downcast_ref() {
        return Some(error);
    }
    if let Some(error) = link.downcast_ref() {
        return harness(error);
    }
    match link.downcast_ref() {
        Some(village::Error::Corpus(error)) => return Some(error),
        Some(village::Error::Harness(error)) => return harness(error),
        _ => {}
    }
    if let Some(ngram::Error::Harness(error)) = link.downcast_ref() {
        return harness(error);
    }
    if let Some(word2vec::Error::Harness(error)) = link.downcast_ref() {
        return harness(error);
    }
    None
}

/// What the user can do about an error of the corpus crate.
fn remedy_for(error: &corpus::Error) -> Option<&'static str> {
    use corpus::Error::{
        EmptySplit, Exists, InvalidUtf8, Io, JsonLines, LineTooLong, ManyLanguages, NulByte,
        Version,
    };
    Some(match error {
        InvalidUtf8 { .. } | NulByte { .. } => {
            "convert the file, or replace such bytes with U+FFFD: eras corpus prepare ... --lossy"
        }
        LineTooLong { .. } => "break the line, for instance with: fold -s -w 2000 FILE > NEW",
        JsonLines { .. } => {
            "pass minimal pairs with --minimal-pairs, convert other JSON to text, or prepare it as \
             it is: eras corpus prepare ... --kind text"
        }
        ManyLanguages { .. } => "choose two: eras corpus prepare ... --languages FROM-TO",
        EmptySplit {
            cause: EmptySplitCause::NoLine,
            ..
        } => {
            "add text to the file, remove it, or draw other splits: eras corpus prepare ... --split \
             random"
        }
        EmptySplit {
            cause: EmptySplitCause::TooFewDocuments { .. },
            ..
        } => {
            "keep all for training, or split by lines: eras corpus prepare ... --split none, or \
             --documents lines"
        }
        Exists { .. } => "choose another --name, or replace it with --force",
        Version { .. } => "prepare the corpus again: eras corpus prepare ... --force",
        Io { path, source, .. } => match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded if is_partial_download(path) => {
                "free some space and run the command again: it resumes; or choose another --workspace"
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "free some space or choose another --workspace; nothing half-written was kept"
            }
            ErrorKind::PermissionDenied => "check the permissions, or choose another --workspace",
            _ => return None,
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::*;

    fn full_disk(path: &str) -> corpus::Error {
        let error = io::Error::from(ErrorKind::StorageFull);
        corpus::Error::io("write", Path::new(path))(error)
    }

    #[test]
    fn a_full_disk_says_what_was_kept() {
        let text = with_remedy(&full_disk("corpora/c/train.text").into());
        assert!(text.contains("nothing half-written was kept"), "{text}");
        let download = with_remedy(&full_disk("downloads/c/.train.txt.01234567.part").into());
        assert!(
            download.contains("it resumes") && !download.contains("nothing"),
            "{download}"
        );
    }

    #[test]
    fn a_remedy_is_found_below_other_crates_and_context() {
        let exists = || corpus::Error::Exists { path: "a".into() };
        let harness = || harness::Error::Corpus(exists());
        for error in [
            anyhow::Error::from(exists()),
            harness().into(),
            village::Error::Corpus(exists()).into(),
            village::Error::Harness(harness()).into(),
            ngram::Error::Harness(harness()).into(),
            word2vec::Error::Harness(harness()).into(),
        ] {
            let text = with_remedy(&error.context("preparing"));
            assert!(
                text.ends_with(
                    "already exists (choose another --name, or replace it with --force)"
                ),
                "{text}"
            );
        }
        let other = anyhow::anyhow!("something else");
        assert_eq!(with_remedy(&other), "something else");
    }
}

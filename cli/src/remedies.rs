//! Remedies: the command or flag that helps after an error of a library, whose messages name neither.

use std::borrow::Cow;
use std::error::Error;
use std::io::ErrorKind;

use corpus::{EmptySplitCause, is_partial_download};

/// The whole chain of an error, followed by the remedy, if any.
pub(crate) fn with_remedy(error: &anyhow::Error) -> String {
    match error.chain().find_map(remedy) {
        Some(remedy) => format!("{error:#} ({remedy})"),
        None => format!("{error:#}"),
    }
}

/// The remedy for a link of the chain. Crates wrap the errors of others transparently, so those are not links of their own.
fn remedy(link: &(dyn Error + 'static)) -> Option<Cow<'static, str>> {
    if let Some(error) = link.downcast_ref() {
        return of_corpus(error).map(Cow::Borrowed);
    }
    if let Some(error) = link.downcast_ref() {
        return of_harness(error);
    }
    if let Some(ngram::Error::Harness(error)) = link.downcast_ref() {
        return of_harness(error);
    }
    if let Some(word2vec::Error::Harness(error)) = link.downcast_ref() {
        return of_harness(error);
    }
    match link.downcast_ref()? {
        village::Error::Corpus(error) => of_corpus(error).map(Cow::Borrowed),
        village::Error::Harness(error) => of_harness(error),
        _ => None,
    }
}

/// What the user can do about an error of the harness.
fn of_harness(error: &harness::Error) -> Option<Cow<'static, str>> {
    use harness::Error::{Corpus, Exists, Filled, Locked};
    Some(match error {
        Corpus(error) => Cow::Borrowed(of_corpus(error)?),
        Exists { path } => {
            let folder = path.display();
            format!("continue it with --resume {folder}, or choose another --out").into()
        }
        Filled { .. } => "choose another --out".into(),
        Locked { .. } => "wait for it, or choose another --out".into(),
        _ => return None,
    })
}

/// What the user can do about an error of the corpus crate.
fn of_corpus(error: &corpus::Error) -> Option<&'static str> {
    use corpus::Error::{
        EmptySplit, Exists, InvalidUtf8, Io, JsonLines, LineTooLong, ManyLanguages, Misfit,
        NulByte, Version,
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
        Misfit { .. } => {
            "mend the line, or if it is running text: eras corpus prepare ... --kind text"
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
            "add text, keep all for training, or let documents be found and cut: eras corpus prepare ... \
             --split none, or without --documents"
        }
        EmptySplit {
            cause: EmptySplitCause::TooFewLines { .. },
            ..
        } => {
            "add text, break its lines, for instance with: fold -s -w 200 FILE > NEW, or keep all for \
             training: eras corpus prepare ... --split none"
        }
        EmptySplit {
            cause: EmptySplitCause::NoPair,
            ..
        } => "add pairs, or keep all for training: eras corpus prepare ... --split none",
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
    fn the_remedy_for_a_full_disk_names_what_was_kept() {
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

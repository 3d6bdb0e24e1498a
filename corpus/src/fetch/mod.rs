//! Downloads the files of a catalogue entry: resumable, bounded in time and size, and verified by checksum.
//!
//! Received bytes go to a hidden `.part` file, which survives a broken connection, an interruption and the end of the
//! program. A complete download is unpacked to a second hidden file, and only content with the catalogue's checksum is
//! renamed to its final name, so every file that exists is correct.

pub(crate) mod catalogue;
mod part;
mod retries;
mod transfer;
mod unpack;

use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::files::sha256_of_file;
use crate::error::{Error, Result};
use crate::fetch::catalogue::{Entry, RemoteFile};
use crate::watch::Watch;

pub use part::is_partial_download;
use part::part_path;
pub use retries::RetryPolicy;
use transfer::{Fault, Transfer};

/// Downloads the missing files of `entry` into `folder/<name of the entry>`, and returns that folder.
///
/// Existing files with the right checksum are kept, so a file can also be placed there by hand. Progress is reported per
/// file: `connecting`, `downloading` (packed bytes), `checking` (unpacked bytes); and, where needed, `waiting to connect
/// again` and `starting over`.
///
/// # Errors
/// [`Error::Download`] with the address; [`Error::Checksum`] if the content has another checksum;
/// [`Error::Interrupted`] if the observer stops it, after which the next call resumes;
/// [`Error::Layout`] for an entry that no catalogue accepts; [`Error::Io`].
pub fn fetch(entry: &Entry, folder: &Path, watch: &mut Watch<'_>) -> Result<PathBuf> {
    fetch_with_retries(entry, folder, RetryPolicy::default(), watch)
}

/// As [`fetch`], with a retry policy other than the default.
///
/// # Errors
/// As for [`fetch`].
pub fn fetch_with_retries(
    entry: &Entry,
    folder: &Path,
    retries: RetryPolicy,
    watch: &mut Watch<'_>,
) -> Result<PathBuf> {
    entry.validate()?;
    let folder = folder.join(&entry.name);
    fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    for file in &entry.files {
        let target = folder.join(&file.name);
        if !is_complete(file, &target)? {
            fetch_file(file, &target, retries, watch)?;
        }
    }
    Ok(folder)
}

fn is_complete(file: &RemoteFile, path: &Path) -> Result<bool> {
    let has_size =
        fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == file.bytes);
    Ok(has_size && sha256_of_file(path)? == file.sha256)
}

/// Tries one address after the other.
fn fetch_file(
    file: &RemoteFile,
    target: &Path,
    retries: RetryPolicy,
    watch: &mut Watch<'_>,
) -> Result<()> {
    let mut failures = Vec::new();
    for url in &file.urls {
        let mut transfer = Transfer {
            file,
            url,
            target,
            retries,
            watch: &mut *watch,
        };
        match transfer.run() {
            Ok(()) => {
                // Parts from addresses that failed; if they cannot be removed they only take space.
                for url in &file.urls {
                    let _ = fs::remove_file(part_path(target, url));
                }
                return Ok(());
            }
            Err(Fault::Stop(error)) => return Err(error),
            Err(fault) => failures.push((url, fault)),
        }
    }
    Err(download_error(target, &failures))
}

fn download_error(target: &Path, failures: &[(&String, Fault)]) -> Error {
    if let [(_, Fault::WrongChecksum { expected, got })] = failures {
        return Error::Checksum {
            path: target.to_path_buf(),
            expected: expected.clone(),
            got: got.clone(),
            remedy: "the address serves different content, which was discarded",
        };
    }
    let is_broken = |(_, fault): &(_, Fault)| matches!(fault, Fault::Broken(_));
    let remedy = match failures.iter().any(is_broken) {
        true => "check the connection and download it again: it resumes".to_owned(),
        false => format!(
            "download it from another address, unpack it, and place it at {}",
            target.display()
        ),
    };
    let mut messages = failures.iter().map(|(url, fault)| (url, fault.to_string()));
    let (url, first) = messages.next().expect("an entry has an address");
    let others: String = messages
        .map(|(url, fault)| format!("; {url}: {fault}"))
        .collect();
    Error::Download {
        url: (*url).clone(),
        what: format!("{first}{others}; {remedy}"),
    }
}

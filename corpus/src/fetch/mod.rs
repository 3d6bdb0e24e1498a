//! Downloads the files of a catalogue's entry: resumed where they broke off, bounded in time and size, and checked
//! before they get their names.
//!
//! What comes from an address is kept as it comes in a hidden `.part` file, which outlives a broken connection, an
//! interruption and the program. When it is whole it is unpacked beside, and only content with the catalogue's
//! checksum is renamed to its place; so a file that is there is right.

pub(crate) mod catalogue;
mod part;
mod patience;
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
pub use patience::Patience;
use transfer::{Fault, Transfer};

/// Downloads what is missing of `entry` into `folder/<name of the entry>`, and returns that folder.
///
/// Files that are there with the right checksum are left alone, so putting one there by hand works too. Progress
/// comes file by file: `connecting`, `downloading` (bytes as they are packed), `checking` (unpacked bytes); and, where
/// they are needed, `waiting to connect again` and `starting over`.
///
/// # Errors
/// [`Error::Download`] with the address and what to do; [`Error::Checksum`] when the content is another;
/// [`Error::Interrupted`] when the observer stops it, after which the next call goes on from there;
/// [`Error::Layout`] for an entry that no catalogue accepts; [`Error::Io`].
pub fn fetch(entry: &Entry, folder: &Path, watch: &mut Watch<'_>) -> Result<PathBuf> {
    fetch_patiently(entry, folder, Patience::default(), watch)
}

/// As [`fetch`], with another patience than the default.
///
/// # Errors
/// As for [`fetch`].
pub fn fetch_patiently(
    entry: &Entry,
    folder: &Path,
    patience: Patience,
    watch: &mut Watch<'_>,
) -> Result<PathBuf> {
    entry.validate()?;
    let folder = folder.join(&entry.name);
    fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
    for file in &entry.files {
        let target = folder.join(&file.name);
        if !is_whole(file, &target)? {
            fetch_file(file, &target, patience, watch)?;
        }
    }
    Ok(folder)
}

fn is_whole(file: &RemoteFile, path: &Path) -> Result<bool> {
    let has_size =
        fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() == file.bytes);
    Ok(has_size && sha256_of_file(path)? == file.sha256)
}

/// Tries one address after the other.
fn fetch_file(
    file: &RemoteFile,
    target: &Path,
    patience: Patience,
    watch: &mut Watch<'_>,
) -> Result<()> {
    let mut failures = Vec::new();
    for url in &file.urls {
        let mut transfer = Transfer {
            file,
            url,
            target,
            patience,
            watch: &mut *watch,
        };
        match transfer.run() {
            Ok(()) => {
                // Parts from addresses that were given up; whatever remains of them is only room.
                for url in &file.urls {
                    let _ = fs::remove_file(part_path(target, url));
                }
                return Ok(());
            }
            Err(Fault::Stop(error)) => return Err(error),
            Err(fault) => failures.push((url, fault)),
        }
    }
    Err(give_up(target, &failures))
}

fn give_up(target: &Path, failures: &[(&String, Fault)]) -> Error {
    if let [(_, Fault::Wrong { expected, got })] = failures {
        return Error::Checksum {
            path: target.to_path_buf(),
            expected: expected.clone(),
            got: got.clone(),
            remedy: "the address delivers something else; nothing of it was kept",
        };
    }
    let is_broken = |(_, fault): &(_, Fault)| matches!(fault, Fault::Broken(_));
    let remedy = match failures.iter().any(is_broken) {
        true => "check the connection and download it again: it resumes".to_owned(),
        false => format!(
            "get it elsewhere, unpack it, and put it at {}",
            target.display()
        ),
    };
    let mut told = failures.iter().map(|(url, fault)| (url, fault.to_string()));
    let (url, first) = told.next().expect("an entry has an address");
    let others: String = told
        .map(|(url, fault)| format!("; {url}: {fault}"))
        .collect();
    Error::Download {
        url: (*url).clone(),
        what: format!("{first}{others}; {remedy}"),
    }
}

//! Archives of a source, unpacked: an archive is then read as the folder that it holds.

use std::fs::{self, File};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::read::archive::{Location, Member, visit_members};
use crate::read::source::{Input, Source, Visit};
use crate::read::unpack::{Archive, Packing};
use crate::split::Split;
use crate::watch::Watch;

/// An archive may unpack to this many bytes...
const MOST_BYTES: u64 = 1 << 30;
/// ...or to this many times its own size if that is more: text packs to a thousandth at best.
const MOST_RATIO: u64 = 1000;

impl Source {
    /// The source with the files of its archives, unpacked below `folder`, in place of the archives. Files of other formats than text
    /// are left out with a note, unless the source is only that.
    ///
    /// # Errors
    /// [`Error::NotText`]; [`Error::Empty`] if nothing is left; any error of reading and writing.
    pub(crate) fn unpacked(&self, folder: &Path, watch: &mut Watch<'_>) -> Result<Source> {
        let mut inputs = Vec::new();
        for (number, input) in self.inputs.iter().enumerate() {
            let content = input.content()?;
            if let Some(archive) = Packing::of(&input.path).archive(content) {
                let folder = folder.join(number.to_string());
                inputs.extend(unpack(&input.path, archive, &folder, watch)?);
            } else if let Some(error) = content.refused(&input.place()) {
                if self.inputs.len() == 1 {
                    return Err(error);
                }
                log::warn!("left out: {error}");
            } else {
                inputs.push(input.clone());
            }
        }
        if inputs.is_empty() {
            return Err(Error::Empty {
                place: self.name.clone(),
            });
        }
        Ok(Source {
            inputs,
            ..self.clone()
        })
    }
}

/// Unpacks an archive below `folder`, and returns its files in the order of their names.
fn unpack(
    path: &Path,
    archive: Archive,
    folder: &Path,
    watch: &mut Watch<'_>,
) -> Result<Vec<Input>> {
    let about = fs::metadata(path).map_err(Error::io("open", path))?;
    let most = about.len().saturating_mul(MOST_RATIO).max(MOST_BYTES);
    let name = PathBuf::from(path.file_name().unwrap_or_default());
    let mut inputs = Vec::new();
    let mut left = most;
    visit_members(archive, path, &mut |member| {
        let Member {
            at,
            content,
            mut reader,
        } = member;
        if let Some(error) = content.refused(&at.place) {
            log::warn!("left out: {error}");
            return Ok(Visit::Next);
        }
        let target = folder.join(place_of(&name, &at.name));
        let bound = || Error::Layout {
            place: path.display().to_string(),
            what: format!(
                "unpacks to more than {most} bytes, which is more than texts do; unpack it by hand if you trust it"
            ),
        };
        left = copy(&mut *reader, &target, &at, left, watch)?.ok_or_else(bound)?;
        inputs.push(Input {
            path: target,
            member: Some(at.place),
        });
        Ok(Visit::Next)
    })?;
    // Of members with the same name, the last replaces the others, as it does where archives are unpacked.
    inputs.reverse();
    inputs.sort_by(|a, b| a.path.cmp(&b.path));
    inputs.dedup_by(|a, b| a.path == b.path);
    Ok(inputs)
}

/// Where a member is written: the archive is a folder, whose name may denote the split of what it holds.
fn place_of(archive: &Path, member: &Path) -> PathBuf {
    let denotes_split = Split::of_path(archive).is_some() && Split::of_path(member).is_none();
    match (member.parent(), member.file_name()) {
        // The last two names denote splits, so the archive comes second to last.
        (Some(folders), Some(file)) if denotes_split => folders.join(archive).join(file),
        _ => archive.join(member),
    }
}

/// Writes a member; returns how many of the `left` bytes are still free, `None` if it is longer.
fn copy(
    reader: &mut dyn BufRead,
    target: &Path,
    at: &Location,
    mut left: u64,
    watch: &mut Watch<'_>,
) -> Result<Option<u64>> {
    let folder = target.parent().unwrap_or(target);
    fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let mut file = File::create(target).map_err(Error::io("create", target))?;
    loop {
        let bytes = reader
            .fill_buf()
            .map_err(|source| Error::unreadable(&at.place, 0, source))?;
        let length = bytes.len();
        if length == 0 {
            return Ok(Some(left));
        }
        match left.checked_sub(length as u64) {
            Some(rest) => left = rest,
            None => return Ok(None),
        }
        file.write_all(bytes).map_err(Error::io("write", target))?;
        reader.consume(length);
        watch.advance("unpacking", length as u64, None)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_a_folder_whose_name_may_denote_a_split() {
        let place = |archive: &str, member: &str| place_of(Path::new(archive), Path::new(member));
        assert_eq!(place("a.tar", "b/c/d.txt"), Path::new("a.tar/b/c/d.txt"));
        assert_eq!(
            place("train.tar", "b/c/d.txt"),
            Path::new("b/c/train.tar/d.txt")
        );
        assert_eq!(
            place("train.tar", "b/test/d.txt"),
            Path::new("train.tar/b/test/d.txt")
        );
    }
}

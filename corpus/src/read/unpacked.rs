//! Archives of a source, unpacked: an archive is then read as the folder that it holds.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::read::archive::{Location, Member, most_bytes, visit_members};
use crate::read::source::{Input, Source, Visit};
use crate::read::unpack::{Archive, Packing};
use crate::split::Split;
use crate::watch::Watch;

impl Source {
    /// The source with the files of its archives, unpacked below `folder`, in place of the archives. Files of other formats than text
    /// are left out with a note, unless the source is only that.
    ///
    /// # Errors
    /// [`Error::NotText`]; [`Error::Empty`] if nothing is left; any error of reading and writing.
    pub(crate) fn unpacked(&self, folder: &Path, watch: &mut Watch<'_>) -> Result<Source> {
        let (mut inputs, mut names) = (Vec::new(), BTreeSet::new());
        for (number, input) in (1..).zip(&self.inputs) {
            let content = input.content()?;
            if let Some(archive) = Packing::of(&input.path).archive(content) {
                // Side by side, so that their files can belong together: `de.zip` and `en.zip`.
                let is_new = names.insert(input.path.file_name());
                let folder = folder.join(if is_new { 0 } else { number }.to_string());
                match unpack(&input.path, archive, &folder, watch) {
                    Err(error @ Error::NotText { .. }) if self.inputs.len() > 1 => {
                        watch.note(format!("left out: {error}"));
                    }
                    unpacked => inputs.extend(unpacked?),
                }
            } else if let Some(error) = content.refused(&input.place()) {
                if self.inputs.len() == 1 {
                    return Err(error);
                }
                watch.note(format!("left out: {error}"));
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
    let most = most_bytes(path)?;
    let mut inputs = Vec::new();
    let mut left = most;
    visit_members(archive, path, &mut |member| {
        let Member {
            at,
            content,
            mut reader,
        } = member;
        if let Some(error) = content.refused(&at.place) {
            watch.note(format!("left out: {error}"));
            return Ok(Visit::Next);
        }
        let target = folder.join(place_of(path, &at.name));
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

/// Where a member is written: the archive is a folder, whose name, or that of the folder around it, may denote the split of what it
/// holds.
fn place_of(archive: &Path, member: &Path) -> PathBuf {
    let name = PathBuf::from(archive.file_name().unwrap_or_default());
    let splits = (Split::of_path(archive), Split::of_path(member));
    let ((Some(split), None), Some(folders), Some(file)) =
        (splits, member.parent(), member.file_name())
    else {
        return name.join(member);
    };
    // The last two names denote splits, so the archive comes second to last.
    let name = match Split::of_path(&name) {
        Some(_) => name,
        None => PathBuf::from(format!("{split}.{}", name.display())),
    };
    folders.join(name).join(file)
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
        assert_eq!(
            place("valid/a.tar", "b/d.txt"),
            Path::new("b/valid.a.tar/d.txt")
        );
    }
}

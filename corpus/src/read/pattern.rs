//! Patterns of file names: `*`, `?` and `[...]` within a name, `**` for any folders.
//!
//! A part of a pattern that exists as it is stands for itself, so that folders with brackets in their names can be given. Names that are
//! not UTF-8 match as if their invalid bytes were U+FFFD, which `*` and `?` match.

use std::fs;
use std::path::{Component, Path, PathBuf};

use glob::Pattern;

/// The files that match a pattern.
pub(crate) fn matching_files(pattern: &Path) -> Vec<PathBuf> {
    let mut found = vec![PathBuf::new()];
    let mut below = false;
    for part in pattern.components() {
        let Component::Normal(name) = part else {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        };
        below = name == "**";
        found = match below {
            true => found.iter().flat_map(|path| folders(path)).collect(),
            false => found
                .iter()
                .flat_map(|path| matching(path, Path::new(name)))
                .collect(),
        };
    }
    if below {
        found = found.iter().flat_map(|path| entries(path)).collect();
    }
    found.retain(|path| path.is_file());
    found
}

/// The paths in a folder whose names match a part of a pattern.
fn matching(folder: &Path, part: &Path) -> Vec<PathBuf> {
    let itself = folder.join(part);
    if itself.exists() {
        return vec![itself];
    }
    let part = part.to_string_lossy();
    let Ok(pattern) = Pattern::new(&part) else {
        return Vec::new();
    };
    if !part.contains(['*', '?', '[']) {
        return Vec::new();
    }
    let matches = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        pattern.matches(&name.to_string_lossy())
    };
    let mut matching = entries(folder);
    matching.retain(matches);
    matching
}

/// A folder and all below it. Links are not followed, which may lead in circles.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_path_buf()];
    let mut at = 0;
    while at < all.len() {
        let below = entries(&all[at]);
        all.extend(
            below
                .into_iter()
                .filter(|path| path.is_dir() && !path.is_symlink()),
        );
        at += 1;
    }
    all
}

/// What is in a folder; nothing where it cannot be read, since a pattern asks for what there is.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = match folder.as_os_str().is_empty() {
        true => fs::read_dir("."),
        false => fs::read_dir(folder),
    };
    let entries = listed.into_iter().flatten().flatten();
    entries
        .map(|entry| folder.join(entry.file_name()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that a pattern finds below a folder with these files.
    fn found(files: &[&str], pattern: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "text").unwrap();
        }
        let mut paths = matching_files(&folder.path().join(pattern));
        paths.sort();
        let below = |path: &PathBuf| {
            let path = path.strip_prefix(folder.path()).unwrap();
            path.to_str().unwrap().to_owned()
        };
        paths.iter().map(below).collect()
    }

    #[test]
    fn names_match_part_by_part() {
        let files = ["a.txt", "b.txt", "c/a.txt", "c/d/a.txt", "c/d/e.md"];
        assert_eq!(found(&files, "*.txt"), ["a.txt", "b.txt"]);
        assert_eq!(found(&files, "[b-z].txt"), ["b.txt"]);
        assert_eq!(found(&files, "?/*/*.??"), ["c/d/e.md"]);
        assert_eq!(found(&files, "**/a.txt"), ["a.txt", "c/a.txt", "c/d/a.txt"]);
        assert_eq!(found(&files, "c/**"), ["c/a.txt", "c/d/a.txt", "c/d/e.md"]);
        assert!(found(&files, "*.text").is_empty() && found(&files, "*[.txt").is_empty());
        // A folder is no file.
        assert_eq!(found(&files, "*"), ["a.txt", "b.txt"]);
    }

    #[test]
    fn a_part_that_exists_stands_for_itself() {
        let files = [
            "talks [2021]/a.txt",
            "talks 2/a.txt",
            "more/talks [2021]/b.txt",
        ];
        assert_eq!(found(&files, "talks [2021]/*.txt"), ["talks [2021]/a.txt"]);
        assert_eq!(
            found(&files, "*/talks [2021]/?.txt"),
            ["more/talks [2021]/b.txt"]
        );
        assert_eq!(found(&files, "talks [234]/*.txt"), ["talks 2/a.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf_8_are_found() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let name = std::ffi::OsStr::from_bytes(b"caf\xE9.txt");
        fs::write(folder.path().join(name), "text").unwrap();
        for pattern in ["*.txt", "caf*", "caf?.txt"] {
            let paths = matching_files(&folder.path().join(pattern));
            assert_eq!(paths, [folder.path().join(name)], "{pattern}");
        }
    }
}

//! Sources of text: files, folders and glob patterns; plain, packed, or archives of texts.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use crate::disk::files::sha256_of;
use crate::error::{Error, Result};
use crate::read::archive::{Member, visit_members};
use crate::read::content::Content;
use crate::read::lines::{Lines, OnInvalid};
use crate::read::pattern::matching_files;
use crate::read::unpack::{Packing, content_of_file, decompressed, unwrapped};

/// The files of a source, in a fixed order.
#[derive(Debug, Clone)]
pub struct Source {
    /// The source as the caller gave it.
    pub name: String,
    /// One or more files, sorted by path.
    pub inputs: Vec<Input>,
    /// Licence of the text, where the caller knows it; the corpus records it.
    pub licence: Option<String>,
}

/// One file on disk: a text or an archive of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its path.
    pub path: PathBuf,
    /// For a file that was unpacked from an archive, the archive and the names within it, for messages. It is read as it is.
    pub(crate) member: Option<String>,
}

impl Source {
    /// Resolves a file, a folder (searched recursively) or a glob pattern. A name need not be valid UTF-8.
    ///
    /// In a folder, hidden files, files that begin with `_`, READMEs and licences are skipped. A file with several links to
    /// it is read once.
    ///
    /// # Errors
    /// [`Error::NotFound`] if nothing matches; [`Error::Io`] if a folder cannot be read.
    pub fn find(name: impl AsRef<Path>) -> Result<Source> {
        Source::at(name.as_ref())
    }

    fn at(path: &Path) -> Result<Source> {
        let name = path.display().to_string();
        let mut paths = Vec::new();
        if path.is_dir() {
            paths = collect(path)?;
        } else if path.exists() {
            paths.push(path.to_path_buf());
        } else {
            let mut seen = BTreeSet::new();
            let mut files = matching_files(path);
            files.sort();
            files.retain(|path| fs::canonicalize(path).is_ok_and(|it| seen.insert(it)));
            paths = files;
        }
        paths.sort();
        if paths.is_empty() {
            return Err(match path.is_dir() {
                true => Error::Empty { place: name },
                false => Error::NotFound { source_name: name },
            });
        }
        Ok(Source {
            name,
            inputs: paths.into_iter().map(Input::new).collect(),
            licence: None,
        })
    }

    /// A short name for the source: the name of the folder or file without extensions.
    pub fn stem(&self) -> String {
        let path = fs::canonicalize(&self.name).unwrap_or_else(|_| PathBuf::from(&self.name));
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let stem = if path.is_dir() {
            name
        } else {
            name.split('.').next().unwrap_or_default().to_owned()
        };
        let clean: String = stem
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || c == '-' {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        match clean.trim_matches('-') {
            "" => "text".to_owned(),
            clean => clean.to_owned(),
        }
    }

    /// A hash of the paths, sizes and modification times of the files: unchanged sources need not be prepared again.
    ///
    /// # Errors
    /// [`Error::Io`] if a file no longer exists.
    pub fn fingerprint(&self) -> Result<String> {
        let mut text = String::new();
        for input in &self.inputs {
            let path = fs::canonicalize(&input.path).map_err(Error::io("open", &input.path))?;
            let about = fs::metadata(&path).map_err(Error::io("open", &path))?;
            text += &format!(
                "{} {} {:?}\n",
                path.display(),
                about.len(),
                about.modified().ok()
            );
        }
        Ok(sha256_of(text.as_bytes()))
    }

    /// Size on disk in bytes.
    pub fn bytes(&self) -> u64 {
        self.inputs
            .iter()
            .filter_map(|input| fs::metadata(&input.path).ok())
            .map(|about| about.len())
            .sum()
    }

    /// The first lines of the first text that has any, to detect its layout: up to `limit` lines or a megabyte.
    ///
    /// # Errors
    /// As for reading the whole source.
    pub fn peek(&self, limit: usize) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        for input in &self.inputs {
            input.check_rereadable()?;
            let mut bytes = 0;
            let peeked = input.texts(OnInvalid::Replace, &mut |text| {
                while lines.len() < limit && bytes < 1 << 20 {
                    let Some(line) = text.next_line()? else { break };
                    bytes += line.len() + 1;
                    lines.push(line.to_owned());
                }
                Ok(if lines.is_empty() {
                    Visit::Next
                } else {
                    Visit::Stop
                })
            });
            match peeked {
                // Preparation leaves it out.
                Err(Error::NotText { .. }) if self.inputs.len() > 1 => {}
                peeked => peeked?,
            }
            if !lines.is_empty() {
                break;
            }
        }
        Ok(lines)
    }
}

/// Whether to continue with the next text of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Continue.
    Next,
    /// Stop.
    Stop,
}

impl Input {
    /// A file on disk.
    pub fn new(path: impl Into<PathBuf>) -> Input {
        Input {
            path: path.into(),
            member: None,
        }
    }

    /// The file, or the archive and the names within it, for messages.
    pub fn place(&self) -> String {
        match &self.member {
            Some(place) => place.clone(),
            None => self.path.display().to_string(),
        }
    }

    /// Bytes of text in the file, where they are known without unpacking it.
    pub(crate) fn text_bytes(&self) -> Option<u64> {
        let packing = Packing::of(&self.path);
        let packed = packing.compression.is_some() || packing.archive.is_some();
        match packed && self.member.is_none() {
            true => None,
            false => Some(fs::metadata(&self.path).ok()?.len()),
        }
    }

    /// What the file is below its compression.
    pub(crate) fn content(&self) -> Result<Content> {
        match self.member {
            Some(_) => Ok(Content::Text),
            None => content_of_file(&self.path),
        }
    }

    /// Refuses what can be read only once.
    fn check_rereadable(&self) -> Result<()> {
        match fs::metadata(&self.path) {
            Ok(about) if !about.is_file() => Err(Error::Layout {
                place: self.place(),
                what: "is no file, and a corpus is read more than once; write it to a file first"
                    .to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Calls `visit` with each text in the file: once, or once for each member of an archive.
    ///
    /// # Errors
    /// Any error of reading or of `visit`; [`Error::NotText`] for a file of another format.
    pub fn texts(
        &self,
        invalid: OnInvalid,
        visit: &mut dyn FnMut(&mut Lines<'_>) -> Result<Visit>,
    ) -> Result<()> {
        self.open()?.texts(invalid, visit)
    }

    /// Opens the file and, if it is packed, starts to unpack it.
    pub(crate) fn open(&self) -> Result<Opened> {
        let reader: Box<dyn BufRead> = match self.member {
            Some(_) => {
                let file = fs::File::open(&self.path).map_err(Error::io("open", &self.path))?;
                Box::new(std::io::BufReader::with_capacity(1 << 17, file))
            }
            None => decompressed(&self.path)?,
        };
        Ok(Opened {
            input: self.clone(),
            reader,
        })
    }
}

/// An input that has been opened.
pub(crate) struct Opened {
    input: Input,
    reader: Box<dyn BufRead>,
}

impl Opened {
    /// See [`Input::texts`].
    pub(crate) fn texts(
        self,
        invalid: OnInvalid,
        visit: &mut dyn FnMut(&mut Lines<'_>) -> Result<Visit>,
    ) -> Result<()> {
        let Opened { input, reader } = self;
        let place = input.place();
        if input.member.is_some() {
            visit(&mut Lines::new(reader, place, invalid))?;
            return Ok(());
        }
        let (content, reader) =
            unwrapped(reader, &place).map_err(|source| Error::unreadable(&place, 0, source))?;
        if let Some(archive) = Packing::of(&input.path).archive(content) {
            drop(reader);
            return visit_members(archive, &input.path, &mut |member| {
                let Member {
                    at,
                    content,
                    reader,
                } = member;
                match content.refused(&at.place) {
                    Some(error) => {
                        log::warn!("left out: {error}");
                        Ok(Visit::Next)
                    }
                    None => visit(&mut Lines::new(reader, at.place, invalid)),
                }
            });
        }
        match content.refused(&place) {
            Some(error) => Err(error),
            None => visit(&mut Lines::new(reader, place, invalid)).map(|_| ()),
        }
    }
}

/// The texts below a folder, each once. Links are followed last, so that a file is listed under its own name.
fn collect(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    let mut seen = BTreeSet::new();
    let (mut waiting, mut links) = (vec![folder.to_path_buf()], VecDeque::new());
    while let Some(path) = waiting.pop().or_else(|| links.pop_front()) {
        // A path that cannot be resolved is a dangling or circular link.
        if !fs::canonicalize(&path).is_ok_and(|canonical| seen.insert(canonical)) {
            continue;
        }
        if path.is_dir() {
            let mut entries = Vec::new();
            for entry in fs::read_dir(&path).map_err(Error::io("read", &path))? {
                entries.push(entry.map_err(Error::io("read", &path))?.path());
            }
            entries.sort();
            for entry in entries.into_iter().filter(|entry| is_text_name(entry)) {
                match entry.is_symlink() {
                    true => links.push_back(entry),
                    false => waiting.push(entry),
                }
            }
        } else if path.is_file() {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Whether a file or folder may hold text, by its name.
pub(crate) fn is_text_name(path: &Path) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_uppercase();
    !(name.starts_with(['.', '_']) || name.starts_with("README") || name.starts_with("LICEN"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn all_lines(source: &Source) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        for input in &source.inputs {
            input.texts(OnInvalid::Refuse, &mut |text| {
                while let Some(line) = text.next_line()? {
                    lines.push(line.to_owned());
                }
                Ok(Visit::Next)
            })?;
        }
        Ok(lines)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_compression_yields_the_same_lines() {
        let folder = tempfile::tempdir().unwrap();
        let text = "one\ntwo\n";
        let mut archive = tar::Builder::new(Vec::new());
        for name in ["b.txt", "README.txt", "a.txt"] {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_cksum();
            archive
                .append_data(&mut header, name, text.as_bytes())
                .unwrap();
        }
        let archive = archive.into_inner().unwrap();
        let zst = |bytes: &[u8]| zstd::encode_all(bytes, 3).unwrap();
        for (name, bytes, copies) in [
            ("a.txt", text.as_bytes().to_vec(), 1),
            ("a.txt.gz", gzip(text.as_bytes()), 1),
            ("a.txt.zst", zst(text.as_bytes()), 1),
            ("a.tar", archive.clone(), 2),
            ("a.tgz", gzip(&archive), 2),
            ("a.tar.zst", zst(&archive), 2),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            let lines = all_lines(&Source::find(path.to_str().unwrap()).unwrap()).unwrap();
            assert_eq!(lines, ["one", "two"].repeat(copies), "{name}");
        }
    }

    #[test]
    fn folders_and_patterns_are_searched_in_order() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("more")).unwrap();
        for (name, text) in [
            ("b.txt", "b"),
            ("a.txt", "a"),
            ("_about.txt", "x"),
            ("more/c.txt", "c"),
            ("LICENSE", "x"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let whole = Source::find(folder.path().to_str().unwrap()).unwrap();
        assert_eq!(all_lines(&whole).unwrap(), ["a", "b", "c"]);
        let pattern = format!("{}/[ab].txt", folder.path().display());
        assert_eq!(
            all_lines(&Source::find(&pattern).unwrap()).unwrap(),
            ["a", "b"]
        );
        assert!(matches!(
            Source::find("no/such/thing"),
            Err(Error::NotFound { .. })
        ));
    }

    #[cfg(unix)]
    #[test]
    fn linked_files_are_read_once() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("text/more")).unwrap();
        fs::create_dir(at("elsewhere")).unwrap();
        for (name, text) in [
            ("text/t.txt", "t"),
            ("text/more/u.txt", "u"),
            ("elsewhere/v.txt", "v"),
        ] {
            fs::write(at(name), text).unwrap();
        }
        for (to, link) in [
            (".", "text/self"),
            ("..", "text/more/up"),
            ("t.txt", "text/a.txt"),
            ("more", "text/again"),
            ("nowhere", "text/broken"),
            ("../elsewhere", "text/other"),
        ] {
            symlink(to, at(link)).unwrap();
        }
        let source = Source::find(at("text").to_str().unwrap()).unwrap();
        assert_eq!(all_lines(&source).unwrap(), ["u", "v", "t"]);
        // Listed under their own names if they lie below the folder.
        let names = ["text/more/u.txt", "text/other/v.txt", "text/t.txt"].map(at);
        assert!(source.inputs.iter().map(|input| &input.path).eq(&names));
        let pattern = format!("{}/text/[at].txt", folder.path().display());
        assert_eq!(Source::find(&pattern).unwrap().inputs.len(), 1);
    }

    #[test]
    fn truncated_compressed_files_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let text: String = (0..20_000).map(|i| format!("line {i}\n")).collect();
        for (name, bytes) in [
            ("a.gz", gzip(text.as_bytes())),
            ("a.zst", zstd::encode_all(text.as_bytes(), 3).unwrap()),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
            let error = all_lines(&Source::find(path.to_str().unwrap()).unwrap()).unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{name}: {error}");
        }
    }
}

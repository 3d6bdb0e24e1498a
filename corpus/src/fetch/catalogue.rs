//! The catalogue of downloadable corpora: publisher, licence, addresses and checksums.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::disk::files::read_text;
use crate::error::{Error, Result};
use crate::settings::Settings;

/// Corpora by name: the built-in catalogue, or a file in the same format.
///
/// ```
/// use corpus::Catalogue;
///
/// let catalogue = Catalogue::built_in();
/// let entry = catalogue.entry("wikitext-2")?;
/// assert_eq!((entry.licence.as_str(), entry.bytes()), ("CC BY-SA 3.0", 13_175_278));
/// assert!(catalogue.entry("wikitext").unwrap_err().to_string().contains("tinyshakespeare"));
/// # Ok::<(), corpus::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// In the order of the file, as `[[corpus]]`.
    #[serde(rename = "corpus")]
    pub entries: Vec<Entry>,
}

/// One corpus of a catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name for [`fetch`](crate::fetch), and the name of its folder.
    pub name: String,
    /// Its content, in one line.
    pub title: String,
    /// Its publisher.
    pub publisher: String,
    /// Its citation.
    pub citation: String,
    /// Its licence as the publisher states it.
    pub licence: String,
    /// Settings under which results compare with published ones.
    #[serde(default)]
    pub settings: Settings,
    /// The files of its folder after download.
    pub files: Vec<RemoteFile>,
}

/// One file of a corpus. Size and checksum are of the unpacked content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteFile {
    /// A plain file name, under which the unpacked content is stored.
    pub name: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256, as 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// How the file is packed at its addresses.
    #[serde(default)]
    pub unpack: Unpack,
    /// Its addresses, tried in this order.
    pub urls: Vec<String>,
}

/// How a file is packed at its address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unpack {
    /// Not packed.
    #[default]
    None,
    /// With gzip.
    Gzip,
    /// In a zip archive, as the member of exactly this name.
    Zip(String),
}

impl Catalogue {
    /// The built-in catalogue.
    pub fn built_in() -> Catalogue {
        Catalogue::parse(include_str!("catalogue.toml"), Path::new("catalogue.toml"))
            .expect("a test reads the built-in catalogue")
    }

    /// Reads a catalogue from a file.
    ///
    /// # Errors
    /// [`Error::Io`] if the file cannot be read; [`Error::Format`] with the line, or [`Error::Layout`] with the
    /// entry, if it is not a catalogue.
    pub fn read(path: &Path) -> Result<Catalogue> {
        Catalogue::parse(&read_text(path)?, path)
    }

    /// The corpus of this name.
    ///
    /// # Errors
    /// [`Error::NotInCatalogue`] with the names in the catalogue.
    pub fn entry(&self, name: &str) -> Result<&Entry> {
        let found = self.entries.iter().find(|entry| entry.name == name);
        found.ok_or_else(|| Error::NotInCatalogue {
            name: name.to_owned(),
            known: self.names().collect::<Vec<_>>().join(", "),
        })
    }

    /// The names of all corpora, in the order of the file.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    fn parse(text: &str, path: &Path) -> Result<Catalogue> {
        let place = path.display().to_string();
        let catalogue: Catalogue = toml::from_str(text).map_err(|error| {
            let start = error.span().map_or(0, |span| span.start);
            let line = text[..start].bytes().filter(|&byte| byte == b'\n').count() as u64 + 1;
            Error::Format {
                place: place.clone(),
                line,
                what: error.message().to_owned(),
            }
        })?;
        catalogue
            .check()
            .map_err(|what| Error::Layout { place, what })?;
        Ok(catalogue)
    }

    fn check(&self) -> std::result::Result<(), String> {
        check_distinct("corpus", self.names())?;
        self.entries.iter().try_for_each(Entry::check)
    }
}

impl Entry {
    /// Size of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Checks an entry that was not read from a catalogue.
    pub(crate) fn validate(&self) -> Result<()> {
        self.check().map_err(|what| Error::Layout {
            place: "catalogue".to_owned(),
            what,
        })
    }

    fn check(&self) -> std::result::Result<(), String> {
        let here = |what: String| format!("corpus {}: {what}", self.name);
        check_plain("corpus", &self.name)?;
        let settings = self.settings.validate();
        settings.map_err(|error| here(error.to_string()))?;
        check_distinct("file", self.files.iter().map(|file| file.name.as_str())).map_err(here)?;
        self.files
            .iter()
            .try_for_each(RemoteFile::check)
            .map_err(here)
    }
}

impl RemoteFile {
    fn check(&self) -> std::result::Result<(), String> {
        check_plain("file", &self.name)?;
        let here = |what: String| Err(format!("file {}: {what}", self.name));
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if self.sha256.len() != 64 || !self.sha256.bytes().all(is_digit) {
            let digits = &self.sha256;
            return here(format!(
                "sha256 = {digits:?}: must be 64 lower-case hexadecimal digits"
            ));
        }
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        match self.urls.iter().find(|url| !is_web(url)) {
            Some(url) => here(format!("urls: {url:?} must begin with https:// or http://")),
            None if self.urls.is_empty() => here("urls: there must be at least one".to_owned()),
            None => Ok(()),
        }
    }
}

/// Names become names of files and folders, so they must stay within their folder and must not be hidden.
fn check_plain(what: &str, name: &str) -> std::result::Result<(), String> {
    let hidden = name.is_empty() || name.starts_with(['.', '_']);
    match hidden || name.contains(['/', '\\', ':', '\0']) {
        true => Err(format!("{what} {name:?}: not a plain name")),
        false => Ok(()),
    }
}

/// Checks that there is at least one name and that no two are equal.
fn check_distinct<'n>(
    what: &str,
    names: impl Iterator<Item = &'n str>,
) -> std::result::Result<(), String> {
    let mut seen = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(format!("{what} {name}: this name occurs twice"));
        }
        seen.push(name);
    }
    match seen.is_empty() {
        true => Err(format!("no {what}: there must be at least one")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Case, TokenizerKind};

    fn catalogue(name: &str, file: &str, extra: &str) -> Result<Catalogue> {
        let text = format!(
            "[[corpus]]\nname = \"{name}\"\ntitle = \"t\"\npublisher = \"p\"\ncitation = \"c\"\nlicence = \"l\"\n{extra}\n\
             [[corpus.files]]\nname = \"{file}\"\nbytes = 3\nsha256 = \"{}\"\nurls = [\"https://x.org/f\"]\n",
            "ab".repeat(32)
        );
        Catalogue::parse(&text, Path::new("own.toml"))
    }

    #[test]
    fn the_built_in_catalogue_is_valid() {
        let catalogue = Catalogue::built_in();
        let names: Vec<&str> = catalogue.names().collect();
        let expected = [
            "wikitext-2",
            "tinyshakespeare",
            "multi30k",
            "tatoeba-en-fr",
            "tatoeba-en-de",
        ];
        assert_eq!(names, expected);
        let multi30k = catalogue.entry("multi30k").unwrap();
        assert_eq!(multi30k.files.len(), 9);
        assert!(
            multi30k
                .files
                .iter()
                .all(|file| file.unpack == Unpack::Gzip)
        );
        assert_eq!(multi30k.settings.case, Case::Lower);
        assert_eq!(
            multi30k.settings.languages,
            Some(("de".into(), "en".into()))
        );
        let french = catalogue.entry("tatoeba-en-fr").unwrap();
        assert_eq!(french.files[0].unpack, Unpack::Zip("fra.txt".into()));
        let shakespeare = catalogue.entry("tinyshakespeare").unwrap();
        assert_eq!(shakespeare.settings.tokens, TokenizerKind::Chars);
        let mut urls = catalogue
            .entries
            .iter()
            .flat_map(|entry| &entry.files)
            .flat_map(|file| &file.urls);
        assert!(urls.all(|url| url.starts_with("https://")));
    }

    #[test]
    fn an_error_about_an_unknown_name_lists_the_known_ones() {
        let error = Catalogue::built_in().entry("wikitext2").unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("wikitext2") && message.contains("wikitext-2, tinyshakespeare"),
            "{message}"
        );
    }

    #[test]
    fn a_catalogue_round_trips_through_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.toml");
        std::fs::write(&path, toml::to_string(&Catalogue::built_in()).unwrap()).unwrap();
        assert_eq!(Catalogue::read(&path).unwrap(), Catalogue::built_in());
    }

    #[test]
    fn unknown_keys_are_rejected_with_their_line() {
        assert!(catalogue("a", "f.txt", "").is_ok());
        let error = catalogue("a", "f.txt", "license = \"x\"").unwrap_err();
        assert!(
            matches!(&error, Error::Format { line: 7, what, .. } if what.contains("license")),
            "{error}"
        );
    }

    #[test]
    fn names_that_leave_the_folder_are_rejected() {
        for name in [
            "..",
            "../x",
            "a/b",
            "/etc/passwd",
            "",
            ".",
            ".hidden",
            "_about",
            "c:x",
        ] {
            for error in [catalogue(name, "f.txt", ""), catalogue("a", name, "")] {
                let error = error.unwrap_err();
                assert!(
                    matches!(&error, Error::Layout { what, .. } if what.contains("not a plain name")),
                    "{error}"
                );
            }
        }
        assert!(catalogue("a", r"x\\y", "").is_err());
    }

    #[test]
    fn settings_checksums_and_addresses_are_checked() {
        let error = catalogue("a", "f.txt", "settings = { min_count = 0 }").unwrap_err();
        assert!(error.to_string().contains("corpus a"), "{error}");
        let valid = catalogue("a", "f.txt", "").unwrap();
        let with_change = |change: fn(&mut RemoteFile)| {
            let mut catalogue = valid.clone();
            change(&mut catalogue.entries[0].files[0]);
            catalogue.check().unwrap_err()
        };
        assert!(with_change(|file| file.sha256.push('0')).contains("sha256"));
        assert!(with_change(|file| file.sha256 = "AB".repeat(32)).contains("lower-case"));
        assert!(
            with_change(|file| file.urls[0] = "file:///etc/passwd".into()).contains("https://")
        );
        assert!(with_change(|file| file.urls.clear()).contains("at least one"));
        let mut twice = valid.clone();
        twice.entries.push(valid.entries[0].clone());
        assert!(twice.check().unwrap_err().contains("occurs twice"));
    }
}

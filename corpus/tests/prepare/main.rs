//! From files of every kind to prepared corpora, through the public interface.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

mod formats;
mod held_out;
mod maps;
mod pretrained;
mod real;
mod refusals;
mod splits;
mod tables;
mod tokens;

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;

use corpus::{Corpus, OnExisting, Result, Settings, Source, Split, SplitRule, Watch, prepare};
use tempfile::TempDir;

/// A temporary folder for a source and corpora.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("source")).unwrap();
        fs::create_dir(folder.path().join("corpora")).unwrap();
        Place { folder }
    }

    /// A place whose source consists of these files.
    fn with(files: &[(&str, &str)]) -> Place {
        let place = Place::new();
        for (name, content) in files {
            place.write(name, content);
        }
        place
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join("source").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn source(&self) -> Result<Source> {
        Source::find(self.folder.path().join("source").to_str().unwrap())
    }

    fn corpora(&self) -> PathBuf {
        self.folder.path().join("corpora")
    }

    fn prepare(&self, settings: &Settings) -> Result<Corpus> {
        self.prepare_watched(settings, &mut Watch::silent())
    }

    fn prepare_watched(&self, settings: &Settings, watch: &mut Watch<'_>) -> Result<Corpus> {
        let folder = self.corpora().join("corpus");
        prepare(
            &self.source()?,
            &folder,
            settings,
            OnExisting::Refuse,
            watch,
        )
    }

    /// The names of the files in the folder of corpora.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.corpora()).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

/// A corpus prepared from these files, and its place.
fn prepared(files: &[(&str, &str)], settings: &Settings) -> (Place, Corpus) {
    let place = Place::with(files);
    let corpus = place.prepare(settings).unwrap();
    (place, corpus)
}

fn tokenized_as(tokens: &str) -> Settings {
    Settings {
        tokens: tokens.parse().unwrap(),
        ..Settings::default()
    }
}

/// Everything for training, split on white space.
fn plain() -> Settings {
    Settings {
        split: SplitRule::None,
        ..tokenized_as("whitespace")
    }
}

fn text_of(corpus: &Corpus, split: Split) -> String {
    let mut text = String::new();
    corpus
        .text(split)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The shares of the tokens that the validation and the test split hold.
fn held_out_shares(corpus: &Corpus) -> [f64; 2] {
    let splits = &corpus.record.splits;
    let total: u64 = splits.values().map(|split| split.tokens).sum();
    [Split::Valid, Split::Test].map(|split| splits[&split].tokens as f64 / total as f64)
}

/// The decoded text of a split.
fn spelled(corpus: &Corpus, split: Split) -> String {
    let ids = corpus.split(split).unwrap().to_vec();
    corpus.codec().decode(&ids).unwrap()
}

/// The decoded documents of a split.
fn documents(corpus: &Corpus, split: Split) -> Vec<String> {
    let stream = corpus.split(split).unwrap();
    let spell = |span: &corpus::Span| corpus.codec().decode(&stream.read(span.range())).unwrap();
    stream.documents.iter().map(spell).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Distinct lines of repeated words.
fn lines(range: std::ops::Range<usize>) -> String {
    let line = |n: usize| {
        format!(
            "line {n} of the text, said {}.\n",
            ["Zoë", "Ann", "\"Bo\""][n % 3]
        )
    };
    range.map(line).collect()
}

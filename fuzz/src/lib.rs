//! Shared parts of the targets: a folder in memory, and small valid files to replace.
//!
//! A target's input is the content of a file from an untrusted source. If a record beside the file states its length and
//! checksum, the target updates that record, so that the reader accepts the file and the test covers the parsing of its
//! content.

use std::fs;
use std::path::{Path, PathBuf};

use corpus::{
    Corpus, FileRecord, Kind, OnExisting, Settings, Source, Split, TokenizerKind, Watch, prepare,
    sha256_of,
};
use harness::{ModelCard, Silent, Training};

pub mod models;
pub mod records;

/// A folder for the files of a target, in memory where the system has such folders.
pub fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    };
    folder.expect("a temporary folder can be created").keep()
}

/// All files below a folder, each with its relative path and content.
pub fn files_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder exists") {
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match path.is_dir() {
            true => {
                let inner = files_of(&path).into_iter();
                files.extend(inner.map(|(inner, content)| (format!("{name}/{inner}"), content)));
            }
            false => files.push((name.into_owned(), fs::read(&path).expect("the file exists"))),
        }
    }
    files.sort();
    files
}

/// Splits an input: its first byte chooses one of `count` cases, the rest is content.
pub fn choose(data: &[u8], count: usize) -> Option<(usize, &[u8])> {
    let (&first, rest) = data.split_first()?;
    Some((first as usize % count, rest))
}

/// A small prepared corpus of dialogues.
pub fn small_corpus(folder: &Path) -> Corpus {
    let turn = |at: usize| {
        let (dialogue, turn) = (at / 4, at % 4);
        format!(
            "{dialogue}\t{turn}\t{}\tthe cat {} sat on mat {}\n",
            turn % 2,
            at % 7,
            at % 3
        )
    };
    let text = (0..80).map(turn).collect();
    small(folder, Kind::Dialogues, TokenizerKind::Words, text)
}

/// A small prepared corpus of sentence pairs.
pub fn small_pairs(folder: &Path) -> Corpus {
    let pair = |at: usize| format!("a cat {}\teine Katze {}\n", at % 7, at % 7);
    let text = (0..80).map(pair).collect();
    small(folder, Kind::Pairs, TokenizerKind::Words, text)
}

/// A small prepared corpus of subwords.
pub fn small_subwords(folder: &Path) -> Corpus {
    let text = (0..80).map(|at| format!("the cat {at} sat\n\n")).collect();
    small(folder, Kind::Text, TokenizerKind::Bpe(270), text)
}

fn small(folder: &Path, kind: Kind, tokens: TokenizerKind, text: String) -> Corpus {
    let file = folder.join("text.tsv");
    fs::write(&file, text).expect("the folder can be written");
    let source = Source::find(&file).expect("the file exists");
    let settings = Settings {
        kind,
        tokens,
        ..Settings::default()
    };
    let target = folder.join("corpus");
    let refuse = OnExisting::Refuse;
    prepare(&source, &target, &settings, refuse, &mut Watch::silent())
        .expect("the text can be prepared")
}

/// Updates the lengths and checksums of these files in the corpus' record.
pub fn vouch(corpus: &Corpus, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut record = corpus.record.clone();
    for (name, content) in files {
        let file = FileRecord {
            bytes: content.len() as u64,
            sha256: sha256_of(content),
        };
        record.files.insert(name.clone(), file);
    }
    let text = toml::to_string(&record).expect("a record can be serialised");
    fs::write(corpus.folder().join("corpus.toml"), &text).expect("the folder can be written");
    text.into_bytes()
}

/// Reads everything in a corpus.
///
/// Returns whether the corpus could be opened.
pub fn read_all(folder: &Path) -> bool {
    let Ok(corpus) = Corpus::open(folder) else {
        return false;
    };
    for split in [Split::Train, Split::Valid, Split::Test] {
        if let Ok(stream) = corpus.split(split) {
            let tokens = stream.to_vec();
            let _ = corpus.codec().decode(&tokens);
        }
        let _ = corpus.tags(split);
        let _ = corpus.turns(split);
        let _ = harness::Dialogue::of(&corpus, split);
        let _ = harness::TestSet::of(&corpus, split);
    }
    if let Ok((source, target)) = corpus.pairs() {
        for split in [Split::Train, Split::Valid, Split::Test] {
            let _ = harness::SentencePair::of(&source, &target, split);
        }
        let _ = source.verify();
    }
    let _ = corpus.verify();
    true
}

/// Trains a small n-gram model in a folder; returns its card.
pub fn small_ngrams(corpus: &Corpus, folder: &Path, preset: &str) -> ModelCard {
    let config = ngram::Config {
        discount_fallback: true,
        order: 3,
        ..ngram::Config::preset(preset).expect("the preset exists")
    };
    let stream = corpus
        .split(Split::Train)
        .expect("the corpus has a training split");
    let vocab = corpus.vocab();
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    let model = config
        .train(&stream, vocab.len(), vocab.eos(), &mut training)
        .expect("the configuration is valid");
    fs::create_dir_all(folder).expect("the folder can be written");
    let checksum = corpus.vocab_checksum();
    model
        .save(folder, &checksum)
        .expect("the folder can be written");
    ModelCard::open(folder).expect("the card exists")
}

/// A valid model, one file of which is replaced temporarily.
pub struct Sound {
    folder: PathBuf,
    card: ModelCard,
    files: Vec<(String, Vec<u8>)>,
}

impl Sound {
    /// The model in a folder.
    pub fn of(folder: PathBuf, card: ModelCard) -> Sound {
        let files = files_of(&folder);
        Sound {
            folder,
            card,
            files,
        }
    }

    /// Replaces the file that the first byte of the input chooses by the rest, calls `ask`, restores the file, and returns the
    /// result. Checksums in the card are updated, unless the card itself is replaced.
    pub fn spoil<T>(&self, data: &[u8], ask: impl FnOnce(&Path) -> T) -> Option<T> {
        let (chosen, content) = choose(data, self.files.len())?;
        let (name, own) = &self.files[chosen];
        let path = self.folder.join(name);
        let vouch = || {
            let vouched = self.card.clone().write(&self.folder);
            vouched.expect("the folder can be written");
        };
        fs::write(&path, content).expect("the folder can be written");
        if name != "model.toml" {
            vouch();
        }
        let answer = ask(&self.folder);
        fs::write(&path, own).expect("the folder can be written");
        vouch();
        Some(answer)
    }

    /// The original files as inputs, with their names.
    pub fn inputs(&self) -> Vec<(String, Vec<u8>)> {
        let files = (0..).zip(&self.files);
        let input = |(at, (name, content)): (u8, &(String, Vec<u8>))| {
            (name.replace('/', "-"), [&[at], &content[..]].concat())
        };
        files.map(input).collect()
    }
}

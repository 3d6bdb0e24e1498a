//! What the targets share: a folder in memory, and small sound files to spoil.
//!
//! A target's input is what a stranger could put into a file. Where a record beside the file says how long it is and what its
//! checksum is, the target writes that record again, so that the reader gets past it: what is asked is whether content
//! alone can bring the program down.

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
    folder.expect("there is a temporary folder").keep()
}

/// Every file of a folder, and of those in it, with its content, by its name from there.
pub fn files_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("it was just made") {
        let path = entry.expect("it was just made").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match path.is_dir() {
            true => {
                let inner = files_of(&path).into_iter();
                files.extend(inner.map(|(inner, content)| (format!("{name}/{inner}"), content)));
            }
            false => files.push((
                name.into_owned(),
                fs::read(&path).expect("it was just made"),
            )),
        }
    }
    files.sort();
    files
}

/// Splits an input: its first byte chooses one of `count`, the rest is content.
pub fn choose(data: &[u8], count: usize) -> Option<(usize, &[u8])> {
    let (&first, rest) = data.split_first()?;
    Some((first as usize % count, rest))
}

/// A small prepared corpus of conversations.
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
    let source = Source::find(&file.to_string_lossy()).expect("it was just written");
    let settings = Settings {
        kind,
        tokens,
        ..Settings::default()
    };
    let target = folder.join("corpus");
    let refuse = OnExisting::Refuse;
    prepare(&source, &target, &settings, refuse, &mut Watch::silent()).expect("it is sound")
}

/// Makes the corpus' record vouch for files as they are now.
pub fn vouch(corpus: &Corpus, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut record = corpus.record.clone();
    for (name, content) in files {
        let file = FileRecord {
            bytes: content.len() as u64,
            sha256: sha256_of(content),
        };
        record.files.insert(name.clone(), file);
    }
    let text = toml::to_string(&record).expect("it was read from such a text");
    fs::write(corpus.folder().join("corpus.toml"), &text).expect("the folder can be written");
    text.into_bytes()
}

/// Asks a corpus for everything that it has.
///
/// Whether it could be opened.
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

/// A small model of n-grams in a folder, and its card.
pub fn small_ngrams(corpus: &Corpus, folder: &Path, preset: &str) -> ModelCard {
    let config = ngram::Config {
        discount_fallback: true,
        order: 3,
        ..ngram::Config::preset(preset).expect("it is one of the presets")
    };
    let stream = corpus.split(Split::Train).expect("it was just prepared");
    let vocab = corpus.vocab();
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    let model = config
        .train(&stream, vocab.len(), vocab.eos(), &mut training)
        .expect("it is sound");
    fs::create_dir_all(folder).expect("the folder can be written");
    let checksum = corpus.vocab_checksum();
    model
        .save(folder, &checksum)
        .expect("the folder can be written");
    ModelCard::open(folder).expect("it was just written")
}

/// A sound model, one file of which is another for a moment.
pub struct Sound {
    folder: PathBuf,
    card: ModelCard,
    files: Vec<(String, Vec<u8>)>,
}

impl Sound {
    /// A model that was just made.
    pub fn of(folder: PathBuf, card: ModelCard) -> Sound {
        let files = files_of(&folder);
        Sound {
            folder,
            card,
            files,
        }
    }

    /// Puts an input in the place of the file that its first byte chooses, and asks; the card vouches for it, unless it is the
    /// card. What the answer is.
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

    /// Its files, sound: an input for each.
    pub fn inputs(&self) -> Vec<(String, Vec<u8>)> {
        let files = (0..).zip(&self.files);
        let input = |(at, (name, content)): (u8, &(String, Vec<u8>))| {
            (name.replace('/', "-"), [&[at], &content[..]].concat())
        };
        files.map(input).collect()
    }
}

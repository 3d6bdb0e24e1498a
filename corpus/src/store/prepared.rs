//! Prepared corpora: memory-mapped token ids with their metadata and checks.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::disk::files::{named_file, read_whole, sha256_of, sha256_of_file};
use crate::disk::map::Map;
use crate::error::{Error, Result};
use crate::split::Split;
use crate::store::layout::is_narrow;
use crate::store::record::{FileRecord, RECORD, Record, SplitRecord, TESTS};
use crate::store::spans::{self, Span};
use crate::token::codec::Codec;
use crate::token::vocab::{TokenId, Vocab};

/// An open prepared corpus.
#[derive(Debug, Clone)]
pub struct Corpus {
    folder: PathBuf,
    /// Its metadata.
    pub record: Record,
    codec: Codec,
    /// The visible share of the training split.
    share: f64,
}

impl Corpus {
    /// Opens a folder; checks the format, file sizes and the vocabulary's checksum, and that the record lists every file
    /// that is used for training and evaluation.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Version`], [`Error::Corrupt`], [`Error::Checksum`].
    pub fn open(folder: &Path) -> Result<Corpus> {
        let record = Record::read(folder)?;
        for name in record.needed_files(folder)? {
            if !record.files.contains_key(&name) {
                let what = format!("{name} is missing from its list of files");
                return Err(Error::corrupt(&folder.join(RECORD), what));
            }
        }
        for (name, file) in &record.files {
            check_length(&named_file(folder, name)?, file)?;
        }
        let vocab_path = folder.join("vocab.txt");
        check_sha256(&vocab_path, &record.files["vocab.txt"])?;
        let locate = |name: &str| named_file(folder, name);
        let codec = Codec::read(&locate, record.settings.tokens, record.settings.case)?;
        if codec.vocab().len() != record.vocabulary.size {
            let (got, expected) = (codec.vocab().len(), record.vocabulary.size);
            let what = format!("has {got} tokens, expected {expected} according to corpus.toml");
            return Err(Error::corrupt(&vocab_path, what));
        }
        Ok(Corpus {
            folder: folder.to_path_buf(),
            record,
            codec,
            share: 1.0,
        })
    }

    /// The same corpus with a prefix of the training split: this share of its tokens, at least one.
    #[must_use]
    pub fn with_share_of_training(&self, share: f64) -> Corpus {
        Corpus {
            share,
            ..self.clone()
        }
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.record.name
    }

    /// Its vocabulary.
    pub fn vocab(&self) -> &Vocab {
        self.codec.vocab()
    }

    /// Encodes and decodes text.
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// SHA-256 of the vocabulary, recorded in models trained on the corpus.
    pub fn vocab_checksum(&self) -> String {
        sha256_of(self.vocab().to_text().as_bytes())
    }

    /// SHA-256 of the names and checksums of all files on record, sorted by name: identifies the content, independent of
    /// the name of the corpus and of its source. A run can be resumed only on the same content.
    ///
    /// The hash is computed from the record; [`Corpus::verify`] checks that the files match the record.
    pub fn content_checksum(&self) -> String {
        let files = self.record.files.iter();
        let lines = files.map(|(name, file)| format!("{name} {}\n", file.sha256));
        sha256_of(lines.collect::<String>().as_bytes())
    }

    /// Whether the corpus has a split.
    pub fn has(&self, split: Split) -> bool {
        self.record.splits.contains_key(&split)
    }

    /// The tokens of a split, memory-mapped; every id is checked once, here.
    ///
    /// # Errors
    /// [`Error::NoPart`], [`Error::Io`], [`Error::Corrupt`].
    pub fn split(&self, split: Split) -> Result<TokenStream> {
        let record = self.split_record(split)?.clone();
        let path = self.folder.join(format!("{split}.tokens"));
        let documents = spans::read(
            &self.folder.join(format!("{split}.documents")),
            record.tokens,
        )?;
        let mut stream = TokenStream::open(&path, self.vocab().len(), record, documents)?;
        stream.end_at(self.end(split)?);
        Ok(stream)
    }

    /// Number of visible tokens of a split.
    fn end(&self, split: Split) -> Result<usize> {
        let tokens = self.split_record(split)?.tokens as usize;
        Ok(match split {
            Split::Train if self.share < 1.0 => {
                ((tokens as f64 * self.share) as usize).clamp(1.min(tokens), tokens)
            }
            _ => tokens,
        })
    }

    /// The text of a split.
    ///
    /// # Errors
    /// [`Error::NoPart`], [`Error::Io`].
    pub fn text(&self, split: Split) -> Result<File> {
        self.split_record(split)?;
        let path = named_file(&self.folder, &format!("{split}.text"))?;
        File::open(&path).map_err(Error::io("open", &path))
    }

    /// The tag of each token of a split, where the corpus has tags.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] if there is not one tag per token.
    pub fn tags(&self, split: Split) -> Result<Option<Vec<u8>>> {
        if self.record.tags.is_empty() {
            return Ok(None);
        }
        let path = self.folder.join(format!("{split}.tags"));
        let tags = read_whole(&path).map_err(Error::io("read", &path))?;
        let tokens = self.split_record(split)?.tokens;
        let bad = tags
            .iter()
            .any(|&tag| usize::from(tag) >= self.record.tags.len());
        if tags.len() as u64 != tokens || bad {
            let what = format!("expected {} tags below {}", tokens, self.record.tags.len());
            return Err(Error::corrupt(&path, what));
        }
        Ok(Some(tags))
    }

    /// The turns of a split, with the speaker as label; dialogues are documents. Documents without turns are not dialogues:
    /// a split may hold both.
    ///
    /// # Errors
    /// [`Error::NoPart`] if there are none; [`Error::Io`], [`Error::Corrupt`].
    pub fn turns(&self, split: Split) -> Result<Vec<Span>> {
        let record = self.split_record(split)?;
        if record.turns == 0 {
            return Err(self.no_part("dialogues"));
        }
        let path = self.folder.join("dialogues").join(format!("{split}.turns"));
        let mut turns = spans::read(&path, record.tokens)?;
        let end = self.end(split)? as u64;
        turns.retain(|turn| turn.end <= end);
        Ok(turns)
    }

    /// Source and target side of sentence pairs: two corpora whose documents with the same index are a pair.
    ///
    /// # Errors
    /// [`Error::NoPart`] if it has none; as for [`Corpus::open`].
    pub fn pairs(&self) -> Result<(Corpus, Corpus)> {
        let pairs = self.folder.join("pairs");
        if !pairs.is_dir() {
            return Err(self.no_part("sentence pairs"));
        }
        let side = |name: &str| {
            // Refuses links out of the folder; the record of each side lists its own files.
            named_file(&self.folder, &format!("pairs/{name}/{RECORD}"))?;
            Corpus::open(&pairs.join(name))
        };
        Ok((side("source")?, side("target")?))
    }

    /// A test that comes with the corpus, for instance `analogies.txt`: a file of its folder `tests`.
    pub fn test_file(&self, name: &str) -> Option<PathBuf> {
        let name = format!("{TESTS}{name}");
        let listed = self.record.files.contains_key(&name);
        listed.then(|| self.folder.join(name))
    }

    /// Whether it has dialogues.
    pub fn has_dialogues(&self) -> bool {
        self.record.splits.values().any(|split| split.turns > 0)
    }

    /// Whether it has sentence pairs.
    pub fn has_pairs(&self) -> bool {
        self.folder.join("pairs").is_dir()
    }

    /// Compares every file with its checksum.
    ///
    /// # Errors
    /// [`Error::Checksum`] for the first file that differs; [`Error::Io`].
    pub fn verify(&self) -> Result<()> {
        for (name, file) in &self.record.files {
            check_sha256(&named_file(&self.folder, name)?, file)?;
        }
        if self.has_pairs() {
            let (source, target) = self.pairs()?;
            source.verify()?;
            target.verify()?;
        }
        Ok(())
    }

    fn split_record(&self, split: Split) -> Result<&SplitRecord> {
        self.record
            .splits
            .get(&split)
            .ok_or_else(|| self.no_part(&format!("{split} split")))
    }

    fn no_part(&self, part: &str) -> Error {
        Error::NoPart {
            name: self.record.name.clone(),
            part: part.to_owned(),
        }
    }
}

fn check_length(path: &Path, file: &FileRecord) -> Result<()> {
    let bytes = fs::metadata(path).map_err(Error::io("open", path))?.len();
    match bytes == file.bytes {
        true => Ok(()),
        false => Err(Error::corrupt(
            path,
            format!(
                "has {bytes} bytes, expected {} according to corpus.toml",
                file.bytes
            ),
        )),
    }
}

fn check_sha256(path: &Path, file: &FileRecord) -> Result<()> {
    let got = sha256_of_file(path)?;
    let remedy = "prepare the corpus again";
    match got == file.sha256 {
        true => Ok(()),
        false => Err(Error::Checksum {
            path: path.to_path_buf(),
            expected: file.sha256.clone(),
            got,
            remedy,
        }),
    }
}

/// The tokens of a split: one stream, memory-mapped.
#[derive(Debug)]
pub struct TokenStream {
    map: Map,
    narrow: bool,
    /// Number of visible tokens.
    end: usize,
    /// Counts of the whole split.
    pub record: SplitRecord,
    /// Where documents begin and end.
    pub documents: Vec<Span>,
}

impl TokenStream {
    fn open(
        path: &Path,
        vocab: usize,
        record: SplitRecord,
        documents: Vec<Span>,
    ) -> Result<TokenStream> {
        let map = Map::open(path)?;
        let bytes = map.len() as u64;
        let narrow = is_narrow(vocab);
        let width = if narrow { 2 } else { 4 };
        if Some(bytes) != record.tokens.checked_mul(width) {
            let what = format!(
                "has {bytes} bytes, expected {} tokens of {width} bytes",
                record.tokens
            );
            return Err(Error::corrupt(path, what));
        }
        let stream = TokenStream {
            map,
            narrow,
            end: record.tokens as usize,
            record,
            documents,
        };
        if let Some((at, id)) = stream
            .iter()
            .enumerate()
            .find(|&(_, id)| id as usize >= vocab)
        {
            let what = format!("token {at} has id {id}, but the vocabulary has {vocab} tokens");
            return Err(Error::corrupt(path, what));
        }
        Ok(stream)
    }

    /// Hides all tokens from position `end` on.
    fn end_at(&mut self, end: usize) {
        self.end = end.min(self.end);
        let end = self.end as u64;
        self.documents.retain(|document| document.start < end);
        if let Some(last) = self.documents.last_mut() {
            last.end = last.end.min(end);
        }
    }

    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.end
    }

    /// Whether there are no tokens.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tokens one by one.
    pub fn iter(&self) -> impl Iterator<Item = TokenId> + '_ {
        let bytes = &*self.map;
        let (narrow, wide) = if self.narrow {
            (&bytes[..2 * self.end], &[][..])
        } else {
            (&[][..], &bytes[..4 * self.end])
        };
        let narrow = narrow
            .as_chunks::<2>()
            .0
            .iter()
            .map(|&bytes| TokenId::from(u16::from_le_bytes(bytes)));
        narrow.chain(
            wide.as_chunks::<4>()
                .0
                .iter()
                .map(|&bytes| TokenId::from_le_bytes(bytes)),
        )
    }

    /// A copy of the tokens in `range`.
    ///
    /// # Panics
    /// If the range reaches beyond the end.
    pub fn read(&self, range: std::ops::Range<usize>) -> Vec<TokenId> {
        assert!(
            range.end <= self.len(),
            "tokens {range:?} of {}",
            self.len()
        );
        let bytes = &*self.map;
        if self.narrow {
            let bytes = &bytes[2 * range.start..2 * range.end];
            bytes
                .as_chunks::<2>()
                .0
                .iter()
                .map(|&bytes| TokenId::from(u16::from_le_bytes(bytes)))
                .collect()
        } else {
            let bytes = &bytes[4 * range.start..4 * range.end];
            bytes
                .as_chunks::<4>()
                .0
                .iter()
                .map(|&bytes| TokenId::from_le_bytes(bytes))
                .collect()
        }
    }

    /// A copy of all tokens.
    pub fn to_vec(&self) -> Vec<TokenId> {
        self.read(0..self.len())
    }
}

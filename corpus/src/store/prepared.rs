//! Prepared corpora: memory-mapped token ids with their metadata and checks.

use std::fs::{self, File};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::disk::files::{named_file, read_whole, sha256_of, sha256_of_file};
use crate::error::{Error, Result};
use crate::split::Split;
use crate::store::part::{Part, Unit};
use crate::store::record::{FileRecord, RECORD, Record, SplitRecord, TESTS};
use crate::store::spans::{self, Span};
use crate::store::token_stream::TokenStream;
use crate::token::codec::Codec;
use crate::token::vocab::Vocab;

/// An open prepared corpus.
#[derive(Debug, Clone)]
pub struct Corpus {
    folder: PathBuf,
    /// Its metadata.
    pub record: Record,
    codec: Codec,
    /// The visible share of the training split.
    share: f64,
    /// The visible part of every split.
    part: Part,
    /// Where parts are cut.
    unit: Unit,
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
            part: Part::WHOLE,
            unit: Unit::Line,
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

    /// The same corpus with only one of several parts of every split: number `index`, from 0, of `of`. Parts are disjoint,
    /// contiguous, of about equal length, and together the whole; they are cut between documents, or between lines where
    /// documents are long. The vocabulary stays that of the whole corpus.
    ///
    /// A part may be empty: see [`TokenStream::is_empty`].
    ///
    /// # Panics
    /// Unless `index` is below `of`.
    #[must_use]
    pub fn part(&self, index: usize, of: usize) -> Corpus {
        assert!(index < of, "part {index} of {of}");
        Corpus {
            part: Part { index, of },
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
        let range = self.part.range(&stream, self.vocab().eos(), self.unit);
        stream.show(range.start..range.end.min(self.end(split)?));
        Ok(stream)
    }

    /// The tokens of a split that are visible, as a range of all its tokens.
    fn visible(&self, split: Split) -> Result<Range<usize>> {
        match self.part {
            Part::WHOLE => Ok(0..self.end(split)?),
            _ => Ok(self.split(split)?.range()),
        }
    }

    /// The lines of a split's text that are visible, as a range of all its lines.
    ///
    /// # Errors
    /// As [`Corpus::split`].
    pub fn visible_lines(&self, split: Split) -> Result<Range<usize>> {
        if self.part == Part::WHOLE {
            return Ok(0..usize::MAX);
        }
        let (whole, visible) = (self.part(0, 1).split(split)?, self.visible(split)?);
        let ends = |range| {
            whole
                .read(range)
                .into_iter()
                .filter(|&id| id == self.vocab().eos())
        };
        let first = ends(0..visible.start).count();
        Ok(first..first + ends(visible).count())
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

    /// The text of the whole split, of which [`Corpus::visible_lines`] are visible.
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
        Ok(Some(tags[self.visible(split)?].to_vec()))
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
        let Range { start, end } = self.visible(split)?;
        let (start, end) = (start as u64, end as u64);
        turns.retain(|turn| turn.start >= start && turn.end <= end);
        for turn in &mut turns {
            (turn.start, turn.end) = (turn.start - start, turn.end - start);
        }
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
        let side = |name: &str| -> Result<Corpus> {
            // Refuses links out of the folder; the record of each side lists its own files.
            named_file(&self.folder, &format!("pairs/{name}/{RECORD}"))?;
            Ok(Corpus {
                part: self.part,
                unit: Unit::Document,
                ..Corpus::open(&pairs.join(name))?
            })
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

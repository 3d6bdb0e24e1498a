//! Corpora whose tokens a program generates.
//!
//! Documents are written as they arrive, with provisional ids: the index of each word in the program's list. Once all
//! are counted, words are ranked and a pass over the ids makes them final, as in preparation from text. Memory: the words
//! and one document.

mod streams;

use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::files::{sha256_of, write_atomically};
use crate::disk::staging::{OnExisting, Staging};
use crate::error::{Error, Result};
use crate::settings::{Case, Settings, TokenizerKind};
use crate::split::Split;
use crate::store::prepared::Corpus;
use crate::store::record::{FORMAT, Generator, Record, TESTS, record_files};
use crate::token::vocab::TokenId;

pub use streams::Passage;
use streams::{Streams, refuse, validated};

/// Metadata of a composed corpus.
#[derive(Debug, Clone, PartialEq)]
pub struct Composition {
    /// Origin of the tokens.
    pub source: String,
    /// Licence, where known.
    pub licence: Option<String>,
    /// Names of the tags, by number; empty if tokens have no tags.
    pub tags: Vec<String>,
    /// The program that generated the tokens.
    pub generator: Option<Generator>,
    /// Seed of the generator.
    pub seed: u64,
}

/// Writes a corpus document by document. The corpus appears on [`Composer::finish`]; a composer dropped before that
/// removes its files.
///
/// After an error, every further call fails, including [`Composer::finish`], so that a missing part cannot go unnoticed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use corpus::{Composer, Composition, OnExisting, Passage, Split};
///
/// # let folder = tempfile::tempdir()?;
/// let about = Composition {
///     source: "an example".to_owned(),
///     licence: None,
///     tags: Vec::new(),
///     generator: None,
///     seed: 1,
/// };
/// let words = ["dogs", "bark", "<eos>"].map(str::to_owned).to_vec();
/// let target = folder.path().join("dogs");
/// let mut composer = Composer::begin(&target, OnExisting::Refuse, words, about)?;
/// let passage = Passage { tokens: &[0, 1, 2, 1, 2], tags: &[], speakers: None };
/// composer.document(Split::Train, &passage)?;
/// let dogs = composer.finish()?;
/// // Ranked by frequency: bark, <eos>, dogs.
/// assert_eq!(dogs.split(Split::Train)?.to_vec(), [2, 0, 1, 0, 1]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Composer {
    target: PathBuf,
    staging: Staging,
    about: Composition,
    main: Streams,
    /// Whether an earlier call failed.
    failed: bool,
}

impl Composer {
    /// Begins the corpus `folder`, named after the last part of the path.
    ///
    /// # Errors
    /// [`Error::Composition`] unless the words are distinct, not empty, without ASCII white space, and include `<eos>` but
    /// not `<s>` and `<pad>`; [`Error::Setting`] for more than 256 tags or a seed that TOML cannot hold;
    /// [`Error::Exists`], [`Error::Io`].
    pub fn begin(
        folder: &Path,
        existing: OnExisting,
        words: Vec<String>,
        about: Composition,
    ) -> Result<Composer> {
        about.check()?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let words = validated(&words, &name)?;
        let staging = Staging::begin(folder, existing)?;
        let main = Streams::new(staging.folder(), &name, words, about.tags.len());
        Ok(Composer {
            target: folder.to_path_buf(),
            staging,
            about,
            main,
            failed: false,
        })
    }

    /// Writes the next document of a split.
    ///
    /// # Errors
    /// [`Error::Composition`] if the passage contradicts the words, the tags or itself; [`Error::Io`].
    pub fn document(&mut self, split: Split, passage: &Passage<'_>) -> Result<()> {
        self.attempt(|composer| composer.main.document(split, passage))
    }

    /// Writes sentence pairs, each side with its own `words`, source first. A pair is a split, the tokens of the source and
    /// those of the target; each side is one line. All pairs are written in one call.
    ///
    /// # Errors
    /// As for [`Composer::begin`] and [`Composer::document`]; [`Error::Composition`] for a second call;
    /// [`Error::EmptySplit`] without a pair for training.
    pub fn pairs(
        &mut self,
        words: [Vec<String>; 2],
        pairs: impl Iterator<Item = (Split, Vec<TokenId>, Vec<TokenId>)>,
    ) -> Result<()> {
        self.attempt(|composer| composer.write_pairs(&words, pairs))
    }

    /// Writes a further file, for instance `tests/analogies.txt`, and lists it in the record.
    ///
    /// # Errors
    /// [`Error::Composition`] unless `name` is `tests/` followed by the name of a file that does not exist yet;
    /// [`Error::Io`].
    pub fn file(&mut self, name: &str, content: &[u8]) -> Result<()> {
        self.attempt(|composer| composer.write_file(name, content))
    }

    /// Ranks the words, renumbers the tokens by rank, and renames the corpus to its folder.
    ///
    /// # Errors
    /// [`Error::EmptySplit`] without a document for training; [`Error::Composition`] if an earlier call failed;
    /// [`Error::Exists`] if the folder was created meanwhile; [`Error::Io`]. After an error no files remain.
    pub fn finish(mut self) -> Result<Corpus> {
        self.attempt(|_| Ok(()))?;
        let Composer {
            target,
            staging,
            about,
            main,
            failed: _,
        } = self;
        about.record(main, &about.tags)?;
        staging.commit()?;
        Corpus::open(&target)
    }

    /// Runs a step, unless an earlier one failed.
    fn attempt(&mut self, step: impl FnOnce(&mut Composer) -> Result<()>) -> Result<()> {
        if self.failed {
            let what = "an earlier call failed; compose the corpus again";
            return Err(refuse(self.main.name(), what));
        }
        self.failed = true;
        step(self)?;
        self.failed = false;
        Ok(())
    }

    fn write_pairs(
        &mut self,
        words: &[Vec<String>; 2],
        pairs: impl Iterator<Item = (Split, Vec<TokenId>, Vec<TokenId>)>,
    ) -> Result<()> {
        if self.staging.folder().join("pairs").exists() {
            return Err(refuse(self.main.name(), "already has sentence pairs"));
        }
        let mut source = self.side("source", &words[0])?;
        let mut target = self.side("target", &words[1])?;
        for (split, from, to) in pairs {
            source.sentence(split, &from)?;
            target.sentence(split, &to)?;
        }
        self.about.record(source, &[])?;
        self.about.record(target, &[])
    }

    fn side(&self, side: &str, words: &[String]) -> Result<Streams> {
        let name = format!("{}/{side}", self.main.name());
        let words = validated(words, &name)?;
        let folder = self.staging.folder().join("pairs").join(side);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        Ok(Streams::new(&folder, &name, words, 0))
    }

    fn write_file(&self, name: &str, content: &[u8]) -> Result<()> {
        let plain = |file: &str| !file.is_empty() && !file.starts_with('.');
        let below = name.strip_prefix(TESTS).filter(|file| plain(file));
        if below.is_none_or(|file| file.contains(['/', '\\'])) {
            let what =
                format!("the name of a file must be {TESTS} followed by a name without slashes");
            return Err(refuse(name, what));
        }
        let path = self.staging.folder().join(name);
        if path.exists() {
            return Err(refuse(name, "already exists"));
        }
        let folder = self.staging.folder().join(TESTS);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        write_atomically(&path, content)
    }
}

impl Composition {
    /// Checks the values that would otherwise fail only at the end.
    fn check(&self) -> Result<()> {
        let setting = |field, value: String, bound: String| Error::Setting {
            field,
            value,
            bound,
        };
        // A tag is a byte.
        let most_tags = 1 << u8::BITS;
        if self.tags.len() > most_tags {
            let bound = format!("at most {most_tags} tags");
            return Err(setting("tags", self.tags.len().to_string(), bound));
        }
        if i64::try_from(self.seed).is_err() {
            let bound = format!("must be at most {}, the largest integer of TOML", i64::MAX);
            return Err(setting("seed", self.seed.to_string(), bound));
        }
        Ok(())
    }

    /// Finishes the streams and writes `corpus.toml` beside them.
    fn record(&self, streams: Streams, tags: &[String]) -> Result<()> {
        let (folder, name) = (streams.folder().to_path_buf(), streams.name().to_owned());
        let (vocabulary, splits) = streams.finish()?;
        let record = Record {
            format: FORMAT,
            name,
            source: self.source.clone(),
            fingerprint: self.fingerprint(),
            licence: self.licence.clone(),
            tags: tags.to_vec(),
            generator: self.generator.clone(),
            settings: Settings {
                tokens: TokenizerKind::Whitespace,
                case: Case::Keep,
                seed: self.seed,
                ..Settings::default()
            },
            vocabulary,
            splits,
            files: record_files(&folder)?,
        };
        record.write(&folder)
    }

    /// A hash of the origin of the tokens.
    fn fingerprint(&self) -> String {
        let generator = self.generator.as_ref();
        let generator = generator.map(|program| {
            let Generator {
                name,
                version,
                settings,
            } = program;
            format!("{name} {version}\n{settings}")
        });
        let made_of = (&self.source, self.seed, generator);
        sha256_of(format!("{made_of:?}").as_bytes())
    }
}

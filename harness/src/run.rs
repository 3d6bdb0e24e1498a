//! Run folders: creating, resuming, and writing every file atomically.
//!
//! ```text
//! run.toml · results.csv · translation.csv · conversation.csv · words.csv · costs.csv · breakdowns.csv · comparisons.csv · report/
//! <era>/<variant>/<track>/   config.toml · model/ · curve.csv · evaluation.json · log_probs.f32 · samples.json · state
//! ```

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use corpus::{named_file, sha256_of_file, write_atomically};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::compare::Comparison;
use crate::conversation::{ConversationRecord, ConversationRow};
use crate::entry::EntryId;
use crate::error::{Error, Result};
use crate::format::require_format;
use crate::records::{
    BreakdownRow, CostRow, EntryRecord, FORMAT, ResultRow, RunRecord, Sample, ScalingRow,
    TrackResult, WordsRecord, WordsRow,
};
use crate::run_lock::{LOCK, lock, lock_when_free};
use crate::training::CurvePoint;
use crate::translation::{TranslationRecord, TranslationRow};

/// A run that this process writes to, with an exclusive lock on it or on one of its entries.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    /// The request and the machine.
    pub record: RunRecord,
    _lock: File,
}

/// The state of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Not started, or the program was killed.
    Open,
    /// Finished.
    Done,
    /// Failed, and why.
    Failed(String),
    /// Stopped by the user.
    Interrupted,
}

impl Run {
    /// Begins a run in a new folder.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Locked`], [`Error::Io`].
    pub fn create(folder: &Path, record: RunRecord) -> Result<Run> {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let lock = lock(folder)?;
        let path = folder.to_path_buf();
        if folder.join("run.toml").exists() {
            return Err(Error::Exists { path });
        }
        if is_filled(folder)? {
            return Err(Error::Filled { path });
        }
        let run = Run {
            folder: folder.to_path_buf(),
            record,
            _lock: lock,
        };
        run.write_record()?;
        Ok(run)
    }

    /// Changes the device of networks.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn compute_on(&mut self, device: String) -> Result<()> {
        self.record.device = device;
        self.write_record()
    }

    fn write_record(&self) -> Result<()> {
        let path = self.folder.join("run.toml");
        let text = toml::to_string_pretty(&self.record)
            .map_err(|error| Error::corrupt(&path, error.to_string()))?;
        Ok(write_atomically(&path, text.as_bytes())?)
    }

    /// Resumes a run.
    ///
    /// # Errors
    /// [`Error::Locked`], [`Error::Io`], [`Error::Corrupt`].
    pub fn resume(folder: &Path) -> Result<Run> {
        let record = read_run_record(folder)?;
        let lock = lock(folder)?;
        Ok(Run {
            folder: folder.to_path_buf(),
            record,
            _lock: lock,
        })
    }

    /// Opens a run that another process holds, to work on one of its entries. Waits while a process that is about to end still
    /// works on it.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn for_entry(folder: &Path, id: &EntryId) -> Result<Run> {
        let record = read_run_record(folder)?;
        let of_entry = id.folder(folder);
        fs::create_dir_all(&of_entry).map_err(Error::io("create", &of_entry))?;
        let lock = lock_when_free(&of_entry)?;
        Ok(Run {
            folder: folder.to_path_buf(),
            record,
            _lock: lock,
        })
    }

    /// The run's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of an entry, created if necessary.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn entry(&self, id: &EntryId) -> Result<EntryFolder> {
        let folder = id.folder(&self.folder);
        fs::create_dir_all(&folder).map_err(Error::io("create", &folder))?;
        Ok(EntryFolder { folder })
    }

    /// Compares the tables that are derived from the entries' records with these.
    ///
    /// # Errors
    /// [`Error::Corrupt`] naming the table that differs.
    pub fn verify_tables(folder: &Path, record: &RunRecord) -> Result<()> {
        for (path, expected) in derived(folder, record)? {
            if fs::read(&path).map_err(Error::io("read", &path))? != expected {
                return Err(Error::corrupt(
                    &path,
                    "it differs from the entries' records; resume the run to write it again",
                ));
            }
        }
        Ok(())
    }

    /// Writes the derived tables from the entries that are done.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn write_tables(
        &self,
        breakdowns: &[BreakdownRow],
        comparisons: &[Comparison],
    ) -> Result<()> {
        for (path, bytes) in derived(&self.folder, &self.record)? {
            write_atomically(&path, &bytes)?;
        }
        write_csv(&self.folder.join("breakdowns.csv"), breakdowns)?;
        write_csv(&self.folder.join("comparisons.csv"), comparisons)
    }

    /// The results of entries on parts of the text, so far.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn read_scaling(&self) -> Result<Vec<ScalingRow>> {
        read_csv(&self.folder.join("scaling.csv"))
    }

    /// Writes the results on parts of the text.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_scaling(&self, rows: &[ScalingRow]) -> Result<()> {
        write_csv(&self.folder.join("scaling.csv"), rows)
    }
}

/// The files whose checksums are kept, in the format of `sha256sum`.
const RECORDS: [&str; 5] = [
    "config.toml",
    "curve.csv",
    "evaluation.json",
    "log_probs.f32",
    "samples.json",
];
const CHECKSUMS: &str = "checksums.sha256";

/// The folder of one entry.
#[derive(Debug, Clone)]
pub struct EntryFolder {
    folder: PathBuf,
}

impl EntryFolder {
    /// The entry in this folder.
    pub fn open(folder: &Path) -> EntryFolder {
        EntryFolder {
            folder: folder.to_path_buf(),
        }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// The folder of its model.
    pub fn model(&self) -> PathBuf {
        self.folder.join("model")
    }

    /// The folder of its checkpoints.
    pub fn checkpoints(&self) -> PathBuf {
        self.folder.join("checkpoints")
    }

    /// How far it has come.
    pub fn state(&self) -> State {
        let text = fs::read_to_string(self.folder.join("state")).unwrap_or_default();
        match text.trim() {
            "done" => State::Done,
            "interrupted" => State::Interrupted,
            other => match other.strip_prefix("failed: ") {
                Some(reason) => State::Failed(reason.to_owned()),
                None => State::Open,
            },
        }
    }

    /// Writes the checksums of its records, then marks it as done.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn finish(&self) -> Result<()> {
        let mut lines = String::new();
        for name in RECORDS {
            let path = self.folder.join(name);
            if path.exists() {
                lines += &format!("{}  {name}\n", sha256_of_file(&path)?);
            }
        }
        write_atomically(&self.folder.join(CHECKSUMS), lines.as_bytes())?;
        self.set_state(&State::Done)
    }

    /// Compares the records with their checksums.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] naming the first that differs.
    pub fn verify(&self) -> Result<()> {
        let path = self.folder.join(CHECKSUMS);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        for (sha256, name) in text.lines().filter_map(|line| line.split_once("  ")) {
            let path = named_file(&self.folder, name)?;
            let got = sha256_of_file(&path)?;
            if got != sha256 {
                return Err(Error::corrupt(
                    &path,
                    format!("its checksum is {got}, expected {sha256}"),
                ));
            }
        }
        Ok(())
    }

    /// Writes the state.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn set_state(&self, state: &State) -> Result<()> {
        let text = match state {
            State::Open => "open".to_owned(),
            State::Done => "done".to_owned(),
            State::Failed(reason) => format!("failed: {}", reason.replace('\n', " ")),
            State::Interrupted => "interrupted".to_owned(),
        };
        Ok(write_atomically(
            &self.folder.join("state"),
            format!("{text}\n").as_bytes(),
        )?)
    }

    /// Writes the resolved configuration, before the first step.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_config(&self, config: &toml::Table) -> Result<()> {
        Ok(write_atomically(
            &self.folder.join("config.toml"),
            config.to_string().as_bytes(),
        )?)
    }

    /// Writes the learning curve.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_curve(&self, points: &[CurvePoint]) -> Result<()> {
        write_csv(&self.folder.join("curve.csv"), points)
    }

    /// Writes the evaluation: ln p of each token as f32, samples, and the record.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_evaluation(
        &self,
        record: &EntryRecord,
        log_probs: &[f64],
        samples: &[Sample],
    ) -> Result<()> {
        let bytes: Vec<u8> = log_probs
            .iter()
            .flat_map(|&log_prob| (log_prob as f32).to_le_bytes())
            .collect();
        write_atomically(&self.folder.join("log_probs.f32"), &bytes)?;
        write_json(&self.folder.join("samples.json"), &samples)?;
        self.write_record(record)
    }

    /// Writes the record only, for an entry without log-probabilities and samples.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_record<R: Serialize>(&self, record: &EntryRecord<R>) -> Result<()> {
        write_json(&self.folder.join("evaluation.json"), record)
    }

    /// Reads the learning curve; an absent one is empty.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn read_curve(&self) -> Result<Vec<CurvePoint>> {
        read_csv(&self.folder.join("curve.csv"))
    }

    /// Reads the record of a finished entry.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn read_record<R: DeserializeOwned>(&self) -> Result<EntryRecord<R>> {
        let path = self.folder.join("evaluation.json");
        let text = fs::read(&path).map_err(Error::io("read", &path))?;
        serde_json::from_slice(&text).map_err(|error| Error::corrupt(&path, error.to_string()))
    }

    /// ln p of each token of the test split.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] if there are not `tokens` of them.
    pub fn read_log_probs(&self, tokens: usize) -> Result<Vec<f32>> {
        let path = self.folder.join("log_probs.f32");
        let bytes = fs::read(&path).map_err(Error::io("read", &path))?;
        if bytes.len() != 4 * tokens {
            return Err(Error::corrupt(
                &path,
                format!("{} bytes where {} are expected", bytes.len(), 4 * tokens),
            ));
        }
        Ok(bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|&bytes| f32::from_le_bytes(bytes))
            .collect())
    }
}

/// Reads `run.toml`.
///
/// # Errors
/// [`Error::Io`], or [`Error::Corrupt`] for another version or a malformed file.
pub fn read_run_record(folder: &Path) -> Result<RunRecord> {
    let path = folder.join("run.toml");
    let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
    require_format(&path, &text, FORMAT, "begin a new run")?;
    toml::from_str(&text).map_err(|error| Error::corrupt(&path, error.to_string()))
}

/// Reads the records of a track's entries that are done, in the order of the run.
///
/// # Errors
/// [`Error::Io`], [`Error::Corrupt`].
pub fn read_entry_records<R: TrackResult + DeserializeOwned>(
    run: &Path,
    record: &RunRecord,
) -> Result<Vec<EntryRecord<R>>> {
    let of_track = record.entries.iter().filter(|id| id.track == R::TRACK);
    let folders = of_track.map(|id| EntryFolder {
        folder: id.folder(run),
    });
    folders
        .filter(|entry| entry.state() == State::Done)
        .map(|entry| entry.read_record())
        .collect()
}

/// The tables that are derived from the entries' records: their paths and what is in them.
fn derived(folder: &Path, record: &RunRecord) -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let models: Vec<EntryRecord> = read_entry_records(folder, record)?;
    let translators: Vec<TranslationRecord> = read_entry_records(folder, record)?;
    let responders: Vec<ConversationRecord> = read_entry_records(folder, record)?;
    let words: Vec<WordsRecord> = read_entry_records(folder, record)?;
    let results: Vec<ResultRow> = models.iter().map(ResultRow::of).collect();
    let costs = models.iter().map(CostRow::of);
    let costs = costs.chain(translators.iter().map(CostRow::of));
    let costs = costs.chain(responders.iter().map(CostRow::of));
    let costs: Vec<CostRow> = costs.chain(words.iter().map(CostRow::of)).collect();
    let translations: Vec<TranslationRow> = translators.iter().map(TranslationRow::of).collect();
    let conversations: Vec<ConversationRow> = responders.iter().map(ConversationRow::of).collect();
    let words: Vec<WordsRow> = words.iter().flat_map(WordsRow::of).collect();
    let mut tables = vec![
        ("results.csv", to_csv(&results)),
        ("costs.csv", to_csv(&costs)),
    ];
    if !translations.is_empty() {
        tables.push(("translation.csv", to_csv(&translations)));
    }
    if !conversations.is_empty() {
        tables.push(("conversation.csv", to_csv(&conversations)));
    }
    if !words.is_empty() {
        tables.push(("words.csv", to_csv(&words)));
    }
    let named = tables.into_iter().map(|(name, bytes)| {
        let path = folder.join(name);
        match bytes {
            Ok(bytes) => Ok((path, bytes)),
            Err(error) => Err(Error::corrupt(&path, error.to_string())),
        }
    });
    named.collect()
}

/// Reads a table of a run; an absent one is empty.
///
/// # Errors
/// [`Error::Io`], [`Error::Corrupt`].
pub fn read_csv<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let mut reader =
        csv::Reader::from_path(path).map_err(|error| Error::corrupt(path, error.to_string()))?;
    let rows: std::result::Result<Vec<T>, csv::Error> = reader.deserialize().collect();
    rows.map_err(|error| Error::corrupt(path, error.to_string()))
}

fn write_csv<T: Serialize>(path: &Path, rows: &[T]) -> Result<()> {
    let bytes = to_csv(rows).map_err(|error| Error::corrupt(path, error.to_string()))?;
    Ok(write_atomically(path, &bytes)?)
}

fn to_csv<T: Serialize>(rows: &[T]) -> std::result::Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().try_for_each(|row| writer.serialize(row))?;
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::corrupt(path, error.to_string()))?;
    Ok(write_atomically(path, (text + "\n").as_bytes())?)
}

/// Whether a folder contains anything but the lock and the remains of a failed start.
fn is_filled(folder: &Path) -> Result<bool> {
    for entry in fs::read_dir(folder).map_err(Error::io("read", folder))? {
        let name = entry.map_err(Error::io("read", folder))?.file_name();
        let name = name.to_string_lossy();
        if name != LOCK && !(name.starts_with('.') && name.ends_with(".tmp")) {
            return Ok(true);
        }
    }
    Ok(false)
}

//! Preparation of a corpus from a source: stage the text, encode it, write the record.

pub(crate) mod compose;
mod encode;
mod guess;
mod stage;
mod vocabulary_builder;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::disk::files::sha256_of;
use crate::disk::staging::{OnExisting, Staging};
use crate::error::{Error, Result};
use crate::read::formats::{Layout, detect_layout, misfit};
use crate::read::source::{Input, Source};
use crate::settings::{DocumentRule, PretrainedTokenizer, Settings, TokenizerKind};
use crate::split::{Split, SplitRule};
use crate::store::prepared::Corpus;
use crate::store::record::{FORMAT, Record, SplitRecord, VocabularyRecord, record_files};
use crate::watch::Watch;
use encode::{Encoded, LineLayout, encode};
use stage::{PairStage, Plan};

/// Prepares `source` as the corpus `folder`, named after the last part of the path. The folder appears when it is
/// complete.
///
/// # Errors
/// Any [`Error`]; no files remain then. Leftovers of a killed process are removed when the same name is prepared again.
pub fn prepare(
    source: &Source,
    folder: &Path,
    settings: &Settings,
    existing: OnExisting,
    watch: &mut Watch<'_>,
) -> Result<Corpus> {
    settings.validate()?;
    let staging = Staging::begin(folder, existing)?;
    let unpacked = staging.folder().join("unpacked");
    let staged = stage_source(
        &source.unpacked(&unpacked, watch)?,
        staging.folder(),
        settings,
        watch,
    )?;
    remove_unpacked(&unpacked)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let about = RecordInfo {
        name: &name,
        source,
        fingerprint: source.fingerprint()?,
        settings,
    };
    if staged == Staged::Pairs {
        encode_sides(staging.folder(), &about, watch)?;
    }
    let root = staging.folder().to_path_buf();
    let layout = match staged {
        Staged::Text => LineLayout::RunningText,
        Staged::Dialogues | Staged::Pairs => LineLayout::Utterances,
    };
    let encoded = encode(std::slice::from_ref(&root), settings, layout, watch)?;
    watch.advance("checking", 0, None)?;
    about.record(&root, &name, &encoded, 0)?;
    staging.commit()?;
    Corpus::open(folder)
}

/// Version of the rules by which a text is split: with other rules, it is prepared anew.
const SPLIT_RULES: u32 = 2;

/// Prepares a source under a name made of the source's name and a hash of its files and the settings, so that an unchanged
/// source is prepared once.
///
/// # Errors
/// As for [`prepare`].
pub fn prepare_once(
    source: &Source,
    corpora: &Path,
    settings: &Settings,
    watch: &mut Watch<'_>,
) -> Result<Corpus> {
    let how = serde_json::to_string(settings).map_err(|error| Error::Subwords {
        what: error.to_string(),
    })?;
    let rules = format!("{FORMAT}.{SPLIT_RULES}");
    let hash = sha256_of(format!("{rules} {how} {}", source.fingerprint()?).as_bytes());
    let folder = corpora.join(format!("{}-{}", source.stem(), &hash[..8]));
    if folder.exists() {
        return Corpus::open(&folder);
    }
    match prepare(source, &folder, settings, OnExisting::Refuse, watch) {
        // Another process prepared it meanwhile; the same name means the same content.
        Err(Error::Exists { .. }) => Corpus::open(&folder),
        prepared => prepared,
    }
}

/// Removes the files of archives, whose text is staged by now.
fn remove_unpacked(folder: &Path) -> Result<()> {
    match folder.exists() {
        true => fs::remove_dir_all(folder).map_err(Error::io("remove", folder)),
        false => Ok(()),
    }
}

/// The content of a staged source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Staged {
    Text,
    Dialogues,
    Pairs,
}

/// Stages the source.
fn stage_source(
    source: &Source,
    folder: &Path,
    settings: &Settings,
    watch: &mut Watch<'_>,
) -> Result<Staged> {
    let first_lines = source.peek(2000)?;
    if first_lines.is_empty() {
        return Err(Error::Empty {
            place: source.name.clone(),
        });
    }
    let decision = detect_layout(source, settings, &first_lines)?;
    decision.notes.into_iter().for_each(|note| watch.note(note));
    let kind = settings.kind;
    let no_fit = |looks_like: &'static str| move |error: Error| misfit(error, kind, looks_like);
    let total = |inputs: &[Input]| inputs.iter().map(Input::text_bytes).sum();
    let options = |held_out| stage::Options {
        total: total(&source.inputs),
        ..stage::Options::new(settings, held_out)
    };
    let inputs = || {
        let path = |input: &Input| input.path.clone();
        plan(source.inputs.clone(), path, settings.split)
    };
    match decision.layout {
        Layout::Text => {
            let (plan, held_out) = inputs();
            let rule = settings.documents;
            let rule = rule.resolve(&first_lines, plan.len());
            let options = stage::Options {
                cut_below: cut_below(settings.documents, rule),
                ..options(held_out)
            };
            match stage::text(folder, &plan, rule, &options, watch)? {
                stage::Content::Text => Ok(Staged::Text),
                stage::Content::Blank => Err(Error::Empty {
                    place: source.name.clone(),
                }),
            }
        }
        Layout::JsonTexts(field) => {
            let (plan, held_out) = inputs();
            stage::json_texts(folder, &plan, &field, &options(held_out), watch)
                .map_err(no_fit("JSON objects with a text"))?;
            Ok(Staged::Text)
        }
        Layout::Dialogues(dialogues, files) => {
            let path = |input: &Input| input.path.clone();
            let (plan, held_out) = plan(files, path, settings.split);
            stage::dialogues(folder, &plan, &dialogues, &options(held_out), watch)
                .map_err(no_fit("conversations"))?;
            Ok(Staged::Dialogues)
        }
        Layout::Pairs(format) => {
            let (plan, held_out) = inputs();
            let options = options(held_out);
            let mut stage = PairStage::create(folder, &options)?;
            stage
                .pairs(&plan, format, settings.swap, watch)
                .map_err(no_fit("sentence pairs"))?;
            stage.finish()?;
            Ok(Staged::Pairs)
        }
        Layout::ParallelFiles(files) => {
            // Only the two chosen languages are read.
            let read: Vec<Input> = files
                .iter()
                .flat_map(|(a, b)| [a.clone(), b.clone()])
                .collect();
            let path = |files: &(Input, Input)| files.0.path.clone();
            let (plan, held_out) = plan(files, path, settings.split);
            let options = stage::Options {
                total: total(&read),
                ..options(held_out)
            };
            let mut stage = PairStage::create(folder, &options)?;
            stage.parallel(&plan, watch)?;
            stage.finish()?;
            Ok(Staged::Pairs)
        }
    }
}

/// Effective number of documents below which a text is cut into passages, by the rule that finds its documents. Documents
/// that the user asked for are never cut.
fn cut_below(asked: DocumentRule, found: DocumentRule) -> Option<f64> {
    match (asked, found) {
        // One for each held-out split; about one, because no two files are equally long.
        (DocumentRule::Auto, DocumentRule::Files | DocumentRule::Headings) => Some(19.0),
        // Blank lines also set off chapters and headings, so a held-out split should have several.
        (DocumentRule::Auto, _) => Some(50.0),
        _ => None,
    }
}

/// Assigns each input its split, and returns the splits that must be drawn at random.
///
/// File names determine the splits if each denotes one and `train` is among them. If they denote only one held-out split,
/// it becomes the test split, and the validation split is drawn from `train`.
fn plan<T>(inputs: Vec<T>, path: impl Fn(&T) -> PathBuf, rule: SplitRule) -> (Plan<T>, Vec<Split>) {
    let named: Vec<Option<Split>> = inputs
        .iter()
        .map(|input| Split::of_path(&path(input)))
        .collect();
    let has = |split| named.contains(&Some(split));
    let use_names =
        rule == SplitRule::Auto && named.iter().all(Option::is_some) && has(Split::Train);
    let (valid, test) = (has(Split::Valid), has(Split::Test));
    let splits: Vec<Option<Split>> = match use_names {
        false => vec![None; inputs.len()],
        true if valid && test => named,
        true => {
            let pooled = |split| {
                if split == Some(Split::Train) {
                    None
                } else {
                    Some(Split::Test)
                }
            };
            named.into_iter().map(pooled).collect()
        }
    };
    let held_out = match (rule, use_names && valid, use_names && test) {
        (SplitRule::None, ..) | (_, true, true) => vec![],
        (_, false, false) => vec![Split::Valid, Split::Test],
        _ => vec![Split::Valid],
    };
    (inputs.into_iter().zip(splits).collect(), held_out)
}

/// Encodes both sides of sentence pairs: languages share subwords, but not words.
fn encode_sides(folder: &Path, about: &RecordInfo<'_>, watch: &mut Watch<'_>) -> Result<()> {
    let sides = ["source", "target"].map(|side| folder.join("pairs").join(side));
    let groups: Vec<&[PathBuf]> = match about.settings.tokens {
        TokenizerKind::Bpe(_) | TokenizerKind::Pretrained => vec![&sides],
        _ => sides.iter().map(std::slice::from_ref).collect(),
    };
    for group in groups {
        let encoded = encode(group, about.settings, LineLayout::Utterances, watch)?;
        for (index, side) in group.iter().enumerate() {
            let name = format!(
                "{}/{}",
                about.name,
                side.file_name().unwrap_or_default().to_string_lossy()
            );
            about.record(side, &name, &encoded, index)?;
        }
    }
    Ok(())
}

/// The parts of `corpus.toml` that are known before encoding.
struct RecordInfo<'a> {
    name: &'a str,
    source: &'a Source,
    fingerprint: String,
    settings: &'a Settings,
}

impl RecordInfo<'_> {
    fn record(&self, folder: &Path, name: &str, encoded: &Encoded, index: usize) -> Result<()> {
        let splits: BTreeMap<Split, SplitRecord> = encoded.splits[index].iter().cloned().collect();
        let record = Record {
            format: FORMAT,
            name: name.to_owned(),
            source: self.source.name.clone(),
            fingerprint: self.fingerprint.clone(),
            licence: self.source.licence.clone(),
            tags: Vec::new(),
            generator: None,
            settings: Settings {
                // A path on this machine is meaningless elsewhere.
                pretrained: self
                    .settings
                    .pretrained
                    .as_ref()
                    .map(PretrainedTokenizer::without_path),
                ..self.settings.clone()
            },
            vocabulary: VocabularyRecord {
                size: encoded.vocab.len(),
                types_in_train: encoded.types_in_train,
            },
            splits,
            files: record_files(folder)?,
        };
        record.write(folder)
    }
}

//! Byte-level BPE (Sennrich et al. 2016 on the byte alphabet of GPT-2), by the `tokenizers` library.
//!
//! GPT-2's pattern splits a line first; no merge crosses these boundaries. The 256 bytes can encode every text, so no
//! token is unknown, and decoding restores every byte.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde_json::Value;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{
    Decoder, DecoderWrapper, Model, ModelWrapper, OffsetReferential, OffsetType,
    PreTokenizedString, PreTokenizer, PreTokenizerWrapper, Tokenizer as Library,
};

use crate::error::{Error, Result};
use crate::read::blocks::BlockReader;
use crate::settings::Case;
use crate::watch::Watch;

/// A trained byte-level BPE; its ids are in the order of the merges.
#[derive(Debug, Clone)]
pub struct Subwords {
    inner: Library,
}

impl Subwords {
    /// Trains `size` subwords on the lines of `texts`, or fewer where no further pair occurs twice. Memory grows with the
    /// number of distinct words.
    ///
    /// `watch` may interrupt while words are counted. Merging is one uninterruptible call of the library: its time grows
    /// with the number of distinct words, not with the text.
    pub(crate) fn train(
        texts: &[PathBuf],
        size: usize,
        case: Case,
        watch: &mut Watch<'_>,
    ) -> Result<Subwords> {
        let mut alphabet: Vec<char> = ByteLevel::alphabet().into_iter().collect();
        alphabet.sort_unstable();
        let trainer = BpeTrainer::builder()
            .vocab_size(size)
            .min_frequency(2)
            .show_progress(false)
            .initial_alphabet(alphabet.into_iter().collect())
            .build();
        let words = count_words(texts, case, watch)?;
        // The library has its own map and string types.
        let words = words.into_iter().map(|(word, count)| (word.into(), count));
        let mut model = BPE::default();
        trainer
            .do_train(&words.collect(), &mut model)
            .map_err(refused)?;
        // In the same state as after reading it from a file.
        Subwords::parse(&Subwords::of(model).to_json()?)
    }

    fn of(model: BPE) -> Subwords {
        let mut library = Library::new(ModelWrapper::BPE(model));
        library.with_pre_tokenizer(Some(PreTokenizerWrapper::ByteLevel(byte_level())));
        library.with_decoder(Some(DecoderWrapper::ByteLevel(byte_level())));
        Subwords { inner: library }
    }

    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] if the file is not a byte-level BPE as [`Subwords`] writes it.
    pub fn open(path: &Path) -> Result<Subwords> {
        let text = crate::disk::files::read_text(path)?;
        let subwords =
            Subwords::parse(&text).map_err(|error| Error::corrupt(path, error.to_string()))?;
        match subwords.is_closed() {
            true => Ok(subwords),
            false => Err(Error::corrupt(
                path,
                "its ids do not run from 0 without a gap",
            )),
        }
    }

    /// Whether every id that the tokenizer can yield is below their number.
    fn is_closed(&self) -> bool {
        let size = self.size() as u32;
        let is_known = |id: u32| self.inner.get_model().id_to_token(id).is_some();
        self.inner.get_vocab_size(true) as u32 == size && (0..size).all(is_known)
    }

    /// Reads GPT-2's own files, `encoder.json` and `vocab.bpe`.
    ///
    /// # Errors
    /// [`Error::Subwords`] if they are missing or contradict each other.
    pub fn open_gpt2(vocabulary: &Path, merges: &Path) -> Result<Subwords> {
        let names = (
            vocabulary.display().to_string(),
            merges.display().to_string(),
        );
        let model = BPE::from_file(&names.0, &names.1)
            .build()
            .map_err(refused)?;
        Ok(Subwords::of(model))
    }

    /// Accepts only the parts that [`Subwords::to_json`] writes around the model: the library panics on some malformed files.
    fn parse(json: &str) -> Result<Subwords> {
        let read = |text: &str| {
            let value = serde_json::from_str::<Value>(text);
            value.map_err(|error| refused(error.into()))
        };
        let mut around = read(json)?;
        let mut expected = read(&Subwords::of(BPE::default()).to_json()?)?;
        let [model, _] =
            [&mut around, &mut expected].map(|value| value.get_mut("model").map(Value::take));
        match model {
            Some(model) if around == expected => {
                let model = serde_json::from_str(&model.to_string());
                Ok(Subwords::of(model.map_err(|error| refused(error.into()))?))
            }
            _ => Err(refused(
                "not a byte-level BPE in the form that Eras writes".into(),
            )),
        }
    }

    /// The content of `tokenizer.json`.
    pub(crate) fn to_json(&self) -> Result<String> {
        self.inner.to_string(false).map_err(refused)
    }

    /// Appends the ids of a line.
    ///
    /// # Errors
    /// [`Error::Subwords`] if the library fails, which cannot happen with a byte alphabet.
    pub fn encode(&self, line: &str, ids: &mut Vec<u32>) -> Result<()> {
        let encoding = self.inner.encode_fast(line, false).map_err(refused)?;
        ids.extend_from_slice(encoding.get_ids());
        Ok(())
    }

    /// Number of subwords.
    pub fn size(&self) -> usize {
        self.inner.get_vocab_size(false)
    }

    /// The subwords by id, bytes as GPT-2's printable characters.
    pub fn tokens(&self) -> Vec<String> {
        let model = self.inner.get_model();
        (0..self.size() as u32)
            .map(|id| model.id_to_token(id).unwrap_or_default())
            .collect()
    }

    /// The text of subwords.
    ///
    /// # Errors
    /// [`Error::Subwords`] if the library fails.
    pub fn decode(tokens: Vec<String>) -> Result<String> {
        byte_level().decode(tokens).map_err(refused)
    }
}

/// GPT-2's pattern and byte-level characters, without a space before a line.
fn byte_level() -> ByteLevel {
    ByteLevel::new(false, false, true)
}

/// The words that GPT-2's pattern yields, as byte-level characters, with their counts.
fn count_words(texts: &[PathBuf], case: Case, watch: &mut Watch<'_>) -> Result<Counts> {
    let size = |path: &PathBuf| Some(fs::metadata(path).ok()?.len());
    let total = texts.iter().map(size).sum();
    let what = "learning subwords";
    watch.advance(what, 0, total)?;
    let mut words = Counts::default();
    for path in texts {
        let mut reader = BlockReader::open(path)?;
        loop {
            let blocks = reader.next_group(rayon::current_num_threads())?;
            if blocks.is_empty() {
                break;
            }
            let counted: Vec<(usize, Counts)> = blocks
                .par_iter()
                .with_max_len(1)
                .map(|block| {
                    Ok((
                        block.len(),
                        words_of(BlockReader::text(path, block)?, case)?,
                    ))
                })
                .collect::<Result<_>>()?;
            for (bytes, counts) in counted {
                watch.advance(what, bytes as u64, total)?;
                for (word, count) in counts {
                    *words.entry(word).or_default() += count;
                }
            }
        }
    }
    Ok(words)
}

type Counts = FxHashMap<String, u64>;

fn words_of(text: &str, case: Case) -> Result<Counts> {
    let mut words = Counts::default();
    for line in text.split_terminator('\n') {
        let mut words_of_line = match case {
            Case::Keep => PreTokenizedString::from(line),
            Case::Lower => PreTokenizedString::from(line.to_lowercase()),
        };
        byte_level()
            .pre_tokenize(&mut words_of_line)
            .map_err(refused)?;
        for (word, ..) in words_of_line.get_splits(OffsetReferential::Original, OffsetType::Byte) {
            match words.get_mut(word) {
                Some(count) => *count += 1,
                None => drop(words.insert(word.to_owned(), 1)),
            }
        }
    }
    Ok(words)
}

fn refused(error: tokenizers::Error) -> Error {
    Error::Subwords {
        what: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use proptest::prelude::*;

    use super::*;
    use crate::watch::Step;

    fn trained(text: &str) -> Subwords {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.text");
        std::fs::write(&path, text).unwrap();
        Subwords::train(&[path], 280, Case::Keep, &mut Watch::silent()).unwrap()
    }

    #[test]
    fn capitals_take_no_merges_if_text_is_lowercased() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.text");
        std::fs::write(&path, "LOW low Low LOW\n").unwrap();
        let subwords = Subwords::train(&[path], 280, Case::Lower, &mut Watch::silent()).unwrap();
        let mut ids = Vec::new();
        subwords.encode("low low", &mut ids).unwrap();
        assert_eq!(ids.len(), 2);
        assert_eq!(subwords.size(), 256 + "lo low Ġlow".split(' ').count());
    }

    #[test]
    fn frequent_pairs_are_merged_first() {
        let subwords = trained("low low low lower lowest\nlow low\n");
        let mut ids = Vec::new();
        subwords.encode("low", &mut ids).unwrap();
        assert_eq!(ids.len(), 1);
        assert_eq!(subwords.tokens()[ids[0] as usize], "low");
    }

    /// The library panics on the first two.
    #[test]
    fn only_files_in_the_written_form_are_read() {
        let json = trained("low low low lower\n").to_json().unwrap();
        assert!(Subwords::parse(&json).is_ok());
        let decoder = "\"decoder\":{";
        for (from, to) in [
            (decoder, "\"decoder\":9e999,\"other\":{"),
            (decoder, "\"decoder\":{\"type\":\"WordPiece\",\"and\":{"),
            (
                "\"normalizer\":null",
                "\"normalizer\":{\"type\":\"Lowercase\"}",
            ),
            ("\"type\":\"BPE\"", "\"type\":\"Unigram\""),
            ("\"model\"", "\"modem\""),
            ("\"merges\":[", "\"merges\":[[\"no\",\"ne\"],"),
        ] {
            assert!(json.contains(from), "{from}");
            let changed = json.replacen(from, to, 1);
            assert!(Subwords::parse(&changed).is_err(), "{to}");
        }
    }

    #[test]
    fn training_reports_progress_and_can_be_interrupted() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| folder.path().join(name));
        for path in &paths {
            fs::write(path, "low lower\n".repeat(150_000)).unwrap();
        }
        let total = 2 * 1_500_000;
        for stop_at in [total / 2, total + 1] {
            let mut last = 0;
            let mut observer = |step: Step| {
                assert_eq!((step.what, step.total), ("learning subwords", Some(total)));
                last = step.done;
                match step.done >= stop_at {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            };
            let trained = Subwords::train(&paths, 280, Case::Keep, &mut Watch::new(&mut observer));
            let interrupted = matches!(trained, Err(Error::Interrupted));
            assert_eq!(interrupted, stop_at <= total, "{last} of {total}");
        }
    }

    proptest! {
        #[test]
        fn decoding_restores_every_line(line in "[^\n\0]{0,40}") {
            let subwords = trained("the cat sat on the mat\n");
            let mut ids = Vec::new();
            subwords.encode(&line, &mut ids).unwrap();
            let tokens = subwords.tokens();
            let spelled = ids.iter().map(|&id| tokens[id as usize].clone()).collect();
            prop_assert_eq!(Subwords::decode(spelled).unwrap(), line);
        }
    }
}

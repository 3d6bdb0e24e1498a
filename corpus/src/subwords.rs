//! Byte-pair encoding on bytes (Sennrich et al. 2016 on the byte alphabet of GPT-2), by the `tokenizers` library.
//!
//! A line is cut by GPT-2's pattern first; no merge crosses the cuts. Every text can be written in the 256 bytes,
//! so no token is ever unknown and decoding gives back every byte.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{
    Decoder, DecoderWrapper, Model, ModelWrapper, NormalizerWrapper, PostProcessorWrapper,
    PreTokenizerWrapper, Tokenizer as Library, TokenizerBuilder,
};

use crate::error::{Error, Result};

/// A trained subword tokenizer; ids are its own, in order of the merges.
#[derive(Debug, Clone)]
pub struct Subwords {
    library: Library,
}

impl Subwords {
    /// Learns `size` subwords from the lines of `texts`. Memory grows with the number of different words.
    pub(crate) fn train(texts: &[PathBuf], size: usize) -> Result<Subwords> {
        let mut alphabet: Vec<char> = ByteLevel::alphabet().into_iter().collect();
        alphabet.sort_unstable();
        let mut trainer = BpeTrainer::builder()
            .vocab_size(size)
            .min_frequency(2)
            .show_progress(false)
            .initial_alphabet(alphabet.into_iter().collect())
            .build();
        let byte_level = ByteLevel::new(false, false, true);
        let mut library = TokenizerBuilder::<
            BPE,
            NormalizerWrapper,
            ByteLevel,
            PostProcessorWrapper,
            ByteLevel,
        >::new()
        .with_model(BPE::default())
        .with_pre_tokenizer(Some(byte_level))
        .with_decoder(Some(byte_level))
        .build()
        .map_err(refused)?;
        let mut readers = Vec::new();
        for path in texts {
            let file = File::open(path).map_err(Error::io("open", path))?;
            readers.push(BufReader::with_capacity(1 << 18, file));
        }
        let mut failure = None;
        let lines = readers
            .into_iter()
            .flat_map(BufRead::lines)
            .map_while(|line| match line {
                Ok(line) => Some(line),
                Err(error) => {
                    failure = Some(error);
                    None
                }
            });
        library.train(&mut trainer, lines).map_err(refused)?;
        if let (Some(error), Some(path)) = (failure, texts.first()) {
            return Err(Error::io("read", path)(error));
        }
        Subwords::parse(&library.to_string(false).map_err(refused)?)
    }

    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Corrupt`] if it is not one.
    pub fn open(path: &Path) -> Result<Subwords> {
        let text = crate::files::read_text(path)?;
        Subwords::parse(&text).map_err(|error| Error::corrupt(path, error.to_string()))
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
        let byte_level = ByteLevel::new(false, false, true);
        let mut library = Library::new(ModelWrapper::BPE(model));
        library.with_pre_tokenizer(Some(PreTokenizerWrapper::ByteLevel(byte_level)));
        library.with_decoder(Some(DecoderWrapper::ByteLevel(byte_level)));
        Ok(Subwords { library })
    }

    fn parse(json: &str) -> Result<Subwords> {
        Ok(Subwords {
            library: json.parse().map_err(refused)?,
        })
    }

    /// The content of `tokenizer.json`.
    pub(crate) fn to_json(&self) -> Result<String> {
        self.library.to_string(false).map_err(refused)
    }

    /// Appends the ids of a line.
    ///
    /// # Errors
    /// [`Error::Subwords`] if the library refuses, which a byte alphabet excludes.
    pub fn encode(&self, line: &str, ids: &mut Vec<u32>) -> Result<()> {
        let encoding = self.library.encode_fast(line, false).map_err(refused)?;
        ids.extend_from_slice(encoding.get_ids());
        Ok(())
    }

    /// Number of subwords.
    pub fn size(&self) -> usize {
        self.library.get_vocab_size(false)
    }

    /// The subwords by id, in GPT-2's printable spelling of bytes.
    pub fn tokens(&self) -> Vec<String> {
        let model = self.library.get_model();
        (0..self.size() as u32)
            .map(|id| model.id_to_token(id).unwrap_or_default())
            .collect()
    }

    /// The text that subwords spell.
    ///
    /// # Errors
    /// [`Error::Subwords`] if the library refuses.
    pub fn decode(tokens: Vec<String>) -> Result<String> {
        ByteLevel::new(false, false, true)
            .decode(tokens)
            .map_err(refused)
    }
}

fn refused(error: tokenizers::Error) -> Error {
    Error::Subwords {
        what: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn trained(text: &str) -> Subwords {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.text");
        std::fs::write(&path, text).unwrap();
        Subwords::train(&[path], 280).unwrap()
    }

    #[test]
    fn frequent_pairs_are_merged_first() {
        let subwords = trained("low low low lower lowest\nlow low\n");
        let mut ids = Vec::new();
        subwords.encode("low", &mut ids).unwrap();
        assert_eq!(ids.len(), 1);
        assert_eq!(subwords.tokens()[ids[0] as usize], "low");
    }

    proptest! {
        #[test]
        fn decoding_gives_back_every_line(line in "[^\n\0]{0,40}") {
            let subwords = trained("the cat sat on the mat\n");
            let mut ids = Vec::new();
            subwords.encode(&line, &mut ids).unwrap();
            let tokens = subwords.tokens();
            let spelled = ids.iter().map(|&id| tokens[id as usize].clone()).collect();
            prop_assert_eq!(Subwords::decode(spelled).unwrap(), line);
        }
    }
}

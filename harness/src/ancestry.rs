//! Ancestry: the models that a model was initialised from, and the total cost of training them.

use std::path::Path;

use corpus::{Corpus, sha256_of};

use crate::entry::Track;
use crate::era::Entry;
use crate::error::{Error, Result};
use crate::model_folder::ModelCard;
use crate::records::AncestorRecord;
use crate::training::TrainingTotals;

impl ModelCard {
    /// The ancestors of a model that is initialised from the one in `folder`, oldest first.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::Corrupt`].
    pub fn ancestry_of_next(folder: &Path) -> Result<Vec<AncestorRecord>> {
        let card = ModelCard::open(folder)?;
        let checksum = card.checksum(folder)?;
        let mut ancestry = card.ancestry;
        ancestry.push(AncestorRecord {
            era: card.era,
            variant: card.variant,
            checksum,
            training_tokens: card.training.tokens,
            training_seconds: card.training.seconds,
            training_flops: card.training.flops,
        });
        Ok(ancestry)
    }

    /// The total cost of training, including all ancestors.
    pub fn total_training(&self) -> TrainingTotals {
        let ancestors = self.ancestry.iter().map(|ancestor| TrainingTotals {
            tokens: ancestor.training_tokens,
            seconds: ancestor.training_seconds,
            flops: ancestor.training_flops,
            end: None,
        });
        ancestors.fold(self.training, |sum, training| sum + training)
    }
}

/// The subfolder of a translator with the codec of the source language.
pub const SOURCE: &str = "source/";

/// Checks that training of an entry on `corpus` can start from the weights of the model in `folder`.
///
/// Shapes are compared when the weights are read, tensor by tensor.
///
/// # Errors
/// [`Error::InitFrom`] for an entry without weights or a model of another architecture, [`Error::OtherVocabulary`] if the
/// vocabularies of model and corpus differ, and errors of reading the model.
pub fn check_init_from(entry: &dyn Entry, folder: &Path, corpus: &Corpus) -> Result<()> {
    let refuse = |what: String| {
        Err(Error::InitFrom {
            path: folder.to_path_buf(),
            what,
        })
    };
    let label = entry.id().label();
    if !entry.starts_from_weights() {
        return refuse(format!("{label} cannot start from trained weights"));
    }
    let card = ModelCard::open(folder)?;
    if card.label() != label {
        return refuse(format!(
            "a model of {}, but {label} can only start from a model of its own architecture",
            card.label()
        ));
    }
    if entry.id().track != Track::Translation {
        return card.check_vocab(folder, &corpus.vocab_checksum());
    }
    let (source, target) = corpus.pairs()?;
    card.check_vocab(folder, &target.vocab_checksum())?;
    let sources = card.codec_in(folder, SOURCE)?;
    let checksum = sha256_of(sources.vocab().to_text().as_bytes());
    match checksum == source.vocab_checksum() {
        true => Ok(()),
        false => refuse("its source vocabulary differs from that of the corpus".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(tokens: u64) -> ModelCard {
        ModelCard {
            format: crate::model_folder::FORMAT,
            era: "gpt".to_owned(),
            variant: "decoder".to_owned(),
            vocab_checksum: String::new(),
            vocab_size: 1,
            parameters: 1,
            config: toml::Table::new(),
            training: TrainingTotals {
                tokens,
                seconds: 1.5,
                flops: 10.0,
                end: None,
            },
            ancestry: Vec::new(),
            borrowed_ideas: Vec::new(),
            test_evaluations: None,
            files: Vec::new(),
        }
    }

    #[test]
    fn costs_add_up_along_the_ancestry() {
        let folder = tempfile::tempdir().unwrap();
        card(100).write(folder.path()).unwrap();
        let ancestry = ModelCard::ancestry_of_next(folder.path()).unwrap();
        assert_eq!(ancestry.len(), 1);
        assert_eq!(ancestry[0].checksum.len(), 64);
        let second = ModelCard {
            ancestry,
            ..card(20)
        };
        assert_eq!(second.total_training().tokens, 120);
        second.write(folder.path()).unwrap();
        let third = ModelCard {
            ancestry: ModelCard::ancestry_of_next(folder.path()).unwrap(),
            ..card(3)
        };
        assert_eq!(third.ancestry.len(), 2);
        assert_eq!(third.total_training().tokens, 123);
        assert_eq!(third.total_training().seconds, 4.5);
    }
}

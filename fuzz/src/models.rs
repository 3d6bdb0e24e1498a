//! Small models of every entry in the list of eras.

use std::fs;
use std::path::Path;

use corpus::Corpus;
use eras_list::ERAS;
use harness::{
    Budget, Entry, Era, EraRole, Model, ModelCard, Prompt, Silent, TextModel, Training, Turn,
};

/// Corpora for training.
pub struct Corpora {
    /// Text and dialogues.
    pub dialogues: Corpus,
    /// Sentence pairs.
    pub pairs: Corpus,
}

impl Corpora {
    /// Small corpora of both kinds, in temporary folders.
    pub fn small() -> Corpora {
        Corpora {
            dialogues: crate::small_corpus(&crate::scratch()),
            pairs: crate::small_pairs(&crate::scratch()),
        }
    }
}

/// All entries whose models have files, except n-grams, which have a target of their own.
pub fn entries() -> Vec<&'static dyn Entry> {
    let has_files =
        |era: &&'static dyn Era| era.role() != EraRole::Oracle && era.name() != ngram::ERA;
    let eras = ERAS.eras().filter(has_files);
    eras.flat_map(|era| era.entries().iter().copied()).collect()
}

/// Trains a tiny model of an entry in a folder, with a minimal budget; returns its card.
pub fn make(entry: &dyn Entry, corpora: &Corpora, folder: &Path) -> ModelCard {
    fs::create_dir_all(folder).expect("the folder can be written");
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    training.budget = Budget::Tokens(100);
    let corpus = match entry.unsuited(&corpora.dialogues) {
        None => &corpora.dialogues,
        Some(_) => &corpora.pairs,
    };
    let trained = entry.train(&entry.tiny(), corpus, &mut training, folder);
    trained.expect("corpus and configuration are valid");
    ModelCard::open(folder).expect("the card exists")
}

/// Opens a model and uses it; returns whether it could be opened.
pub fn ask(folder: &Path) -> bool {
    let Ok(opened) = ERAS.open(folder) else {
        return false;
    };
    match opened.model {
        Model::Text(text) => score(&text),
        Model::Translator(translator) => drop(translator.translate(&["a cat 1"])),
        Model::Responder(responder) => {
            let turns = [Turn {
                speaker: 0,
                text: "the cat sat on mat 1".to_owned(),
            }];
            let prompt = Prompt {
                turns: &turns,
                speaker: 1,
            };
            let _ = responder.reply(&[prompt]);
        }
        Model::Vectors(_) => {}
    }
    true
}

fn score(text: &TextModel) {
    let words = text.model.vocab_size().max(1) as u32;
    let tokens: Vec<u32> = (0..12).map(|at| at * 5 % words).collect();
    let _ = text.model.score(&tokens);
    let _ = text.log_probs(&[("the cat", " sat")]);
}

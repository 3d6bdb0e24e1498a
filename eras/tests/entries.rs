//! Properties of every entry of every era: it trains a tiny model on a small village, and the model can be used in its track.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use corpus::{Corpus, OnExisting, Split, Watch};
use eras_list::ERAS;
use harness::checks::check_language_model;
use harness::{
    BorrowedIdea, Budget, Entry, Era, EraRole, Model, ModelCard, Prompt, SentencePair, Silent,
    Training, Turn, borrowed_ideas, require_suited,
};

/// A village of a few thousand words, with sentence pairs and dialogues.
static VILLAGE: LazyLock<(tempfile::TempDir, Corpus)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = village::Settings {
        tokens: 30_000,
        ..village::Settings::preset("small").expect("the preset exists")
    };
    let village = village::Village::new(&settings).expect("valid settings");
    let place = folder.path().join("village");
    let corpus = village.prepare(&place, OnExisting::Refuse, &mut Watch::silent());
    (folder, corpus.expect("the folder can be written"))
});

/// A tiny model of an entry, trained and reopened.
fn tiny(entry: &dyn Entry, folder: &Path) -> Model {
    let corpus = &VILLAGE.1;
    require_suited(entry, corpus).expect("the village suits every entry");
    let mut silent = Silent;
    let mut training = Training {
        budget: Budget::Tokens(200),
        ..Training::new(&mut silent)
    };
    entry
        .train(&entry.tiny(), corpus, &mut training, folder)
        .unwrap_or_else(|error| panic!("{entry:?} trains: {error}"));
    let opened = ERAS.open(folder);
    let opened = opened.unwrap_or_else(|error| panic!("{entry:?} opens: {error}"));
    assert_eq!(opened.card.era, entry.id().era);
    opened.model
}

fn check_model(entry: &dyn Entry, model: Model) {
    match model {
        Model::Text(text) => {
            let test = VILLAGE
                .1
                .split(Split::Test)
                .expect("the village has a test split");
            check_language_model(&*text.model, &test.read(0..40))
                .unwrap_or_else(|violation| panic!("{entry:?}: {violation}"));
            let scores = text.log_probs(&[("the cats", " were"), ("", "once")]);
            assert!(
                scores
                    .expect("the model scores text")
                    .iter()
                    .all(|score| score.log_prob < 0.0)
            );
        }
        Model::Translator(translator) => {
            let (source, target) = VILLAGE.1.pairs().expect("the village has sentence pairs");
            let pairs =
                SentencePair::of(&source, &target, Split::Test).expect("the pairs are consistent");
            let sources: Vec<&str> = pairs.iter().take(2).map(|pair| &pair.source[..]).collect();
            let translations = translator
                .translate(&sources)
                .expect("the model translates");
            assert_eq!(translations.len(), 2, "{entry:?}");
        }
        Model::Responder(responder) => {
            let turns = [Turn {
                speaker: 0,
                text: "where is the cat ?".to_owned(),
            }];
            let prompt = Prompt {
                turns: &turns,
                speaker: 1,
            };
            let replies = responder.reply(&[prompt, prompt]);
            assert_eq!(replies.expect("the model replies").len(), 2, "{entry:?}");
        }
        Model::Vectors(vectors) => assert!(vectors.dimension() > 0, "{entry:?}"),
    }
}

#[test]
fn every_entry_trains_a_usable_model() {
    for entry in ERAS.entries() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        check_model(entry, tiny(entry, folder.path()));
        check_listed_files(entry, folder.path());
    }
}

/// Opening a model reads only files that its card lists: without its line in the card, a file is refused by name, unless the model
/// does without it; then it opens without the file as well.
fn check_listed_files(entry: &dyn Entry, folder: &Path) {
    let card = ModelCard::open(folder).expect("the card exists");
    let path = folder.join("model.toml");
    let whole = fs::read_to_string(&path).expect("the card exists");
    for file in &card.files {
        let mut fewer = card.clone();
        fewer.files.retain(|other| other.name != file.name);
        let text = toml::to_string(&fewer).expect("a card is TOML");
        fs::write(&path, text).expect("a temporary file");
        match ERAS.open(folder) {
            Err(error) => {
                let error = error.to_string();
                let names = [file.name.as_str(), "model.toml", "train the model again"];
                assert!(
                    names.iter().all(|name| error.contains(name)),
                    "{entry:?}: {error}"
                );
            }
            Ok(_) => {
                let (there, away) = (folder.join(&file.name), folder.join(".away"));
                fs::rename(&there, &away).expect("the file exists");
                assert!(ERAS.open(folder).is_ok(), "{entry:?} reads {}", file.name);
                fs::rename(&away, &there).expect("the file exists");
            }
        }
        fs::write(&path, &whole).expect("a temporary file");
    }
    // Not even a copy of a listed file may lie outside of the folder.
    if let Some(file) = card.files.first() {
        let outside = tempfile::tempdir().expect("a temporary folder");
        let (there, copy) = (folder.join(&file.name), outside.path().join("copy"));
        fs::copy(&there, &copy).expect("the file exists");
        fs::remove_file(&there).expect("the file exists");
        std::os::unix::fs::symlink(&copy, &there).expect("a temporary folder");
        let error = ERAS.open(folder).expect_err("a link out of the folder");
        assert!(
            error
                .to_string()
                .contains("symbolic link out of its folder"),
            "{error}"
        );
    }
}

/// The ideas of other papers in the default configuration of an entry.
fn default_ideas(entry: &dyn Entry) -> Vec<BorrowedIdea> {
    let preset = entry.default_preset().and_then(|name| entry.preset(name));
    let ideas = borrowed_ideas(entry, &preset.unwrap_or_default());
    ideas.unwrap_or_else(|error| panic!("{entry:?}: {error}"))
}

#[test]
fn the_main_entry_of_an_era_has_the_ideas_of_its_paper_alone() {
    for era in ERAS.eras() {
        let Some(main) = era.main_entry() else {
            continue;
        };
        assert_eq!(main.id().year, era.year(), "{main:?}");
        let ideas = default_ideas(main);
        assert!(ideas.is_empty(), "{main:?} borrows {ideas:?}");
    }
}

#[test]
fn the_year_of_an_entry_is_that_of_its_youngest_idea() {
    for era in ERAS.eras().filter(|era| era.role() == EraRole::Era) {
        for entry in era.entries() {
            let ideas = default_ideas(*entry);
            let youngest = ideas.iter().map(|idea| idea.year).chain(era.year()).max();
            assert_eq!(entry.id().year, youngest, "{entry:?} borrows {ideas:?}");
            let is_named = entry.id().variant.ends_with("-tuned");
            assert!(!is_named || !ideas.is_empty(), "{entry:?} borrows nothing");
        }
    }
}

#[test]
fn an_added_idea_is_the_only_one_that_is_used() {
    let faithful = |entry: &&'static dyn Entry| default_ideas(*entry).is_empty();
    for entry in ERAS.entries().into_iter().filter(faithful) {
        let preset = entry.default_preset().and_then(|name| entry.preset(name));
        let config = preset.unwrap_or_default();
        for optional in entry.optional_ideas() {
            let with = optional
                .added_to(&config)
                .expect("the configuration is read");
            let found = borrowed_ideas(entry, &with).expect("the configuration is read");
            assert_eq!(found, [optional.idea().clone()], "{entry:?}");
            assert!(
                entry.check(&with).is_ok(),
                "{entry:?} with {}",
                optional.idea()
            );
        }
    }
}

#[test]
fn every_entry_describes_itself() {
    let mut ids = Vec::new();
    for entry in ERAS.entries() {
        let id = entry.id();
        assert!(!ids.contains(&id), "{id} is in the list twice");
        assert!(entry.idea().ends_with('.'), "{id}: {}", entry.idea());
        assert_eq!(ERAS.entry(&id).map(Entry::id), Some(id.clone()));
        assert!(
            entry
                .presets()
                .iter()
                .all(|name| entry.preset(name).is_some()),
            "{id}"
        );
        assert!(
            entry
                .default_preset()
                .is_none_or(|name| entry.presets().contains(&name))
        );
        ids.push(id);
    }
}

#[test]
fn eras_are_ordered_by_year() {
    let years: Vec<(bool, Option<u16>)> = ERAS
        .eras()
        .filter(|era| era.role() != EraRole::Baseline)
        .map(|era| (era.year().is_none(), era.year()))
        .collect();
    assert!(years.is_sorted(), "{years:?}");
    assert!(ERAS.eras().all(|era| era.idea().ends_with('.')));
    let mains = ERAS.eras().filter_map(Era::main_entry);
    assert!(mains.count() >= 2);
}

#[test]
fn an_unsuitable_corpus_is_rejected_with_the_reason() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("text.txt");
    std::fs::write(&file, "a b c\n".repeat(200)).expect("a temporary file");
    let source = corpus::Source::find(&file).expect("the file exists");
    let settings = corpus::Settings::default();
    let place = folder.path().join("corpus");
    let watch = &mut Watch::silent();
    let corpus = corpus::prepare(&source, &place, &settings, OnExisting::Refuse, watch);
    let corpus = corpus.expect("the text can be prepared");
    let mut refused = 0;
    for entry in ERAS.entries() {
        if let Err(error) = require_suited(entry, &corpus) {
            assert!(error.is_wrong_usage(), "{error}");
            assert!(error.to_string().contains(&entry.id().label()), "{error}");
            refused += 1;
        }
    }
    assert!(refused >= 8, "{refused}");
}

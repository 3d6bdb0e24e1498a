//! The era's entries and experiments, as the program knows them.

use std::path::Path;

use corpus::{Corpus, Split};
use harness::{
    Adaptation, Effort, Entry, EntryId, Era, Experiment, Model, ModelCard, OptionalIdea, RunSize,
    TextModel, Track, Training, config_table, list_ideas, read_config,
};
use neural::TextConfig;

use crate::{
    Chatbot, Config, LM_TUNED_VARIANT, LM_VARIANT, Lm, PRESETS, ReplyConfig, TUNED_PRESETS,
    TUNED_VARIANT, VARIANT,
};

/// The era's name, in records and on the command line.
pub const ERA: &str = "chatbot";
/// The year of the paper.
pub const YEAR: u16 = 2015;

/// The era.
#[derive(Debug)]
pub struct NeuralChatbot;

impl Era for NeuralChatbot {
    fn name(&self) -> &'static str {
        ERA
    }

    fn year(&self) -> Option<u16> {
        Some(YEAR)
    }

    fn paper(&self) -> &'static str {
        "Vinyals and Le 2015, A Neural Conversational Model"
    }

    fn idea(&self) -> &'static str {
        "A network learns to reply from dialogues alone, without rules or goals."
    }

    fn entries(&self) -> &'static [&'static dyn Entry] {
        &[
            &ChatbotEntry::Replies,
            &ChatbotEntry::TunedReplies,
            &ChatbotEntry::TunedLines,
        ]
    }

    /// Other settings change the variant of the language model.
    fn entry_of_variant(&self, variant: &str) -> Option<&'static dyn Entry> {
        let mut entries = self.entries().iter().copied();
        let exact = entries.find(|entry| entry.id().variant == variant);
        exact.or((variant == LM_VARIANT).then_some(&ChatbotEntry::TunedLines))
    }

    fn experiments(&self) -> Vec<Box<dyn Experiment>> {
        crate::experiments()
    }
}

/// The network, trained on dialogues or on the lines of plain text, as in the paper or with borrowed ideas.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ChatbotEntry {
    Replies,
    TunedReplies,
    TunedLines,
}

/// The year of the youngest borrowed idea.
const TUNED_YEAR: u16 = 2019;

impl ChatbotEntry {
    fn config(self, preset: &str) -> Option<Config> {
        match self {
            ChatbotEntry::Replies => Config::preset(preset),
            ChatbotEntry::TunedReplies => Config::tuned_preset(preset),
            ChatbotEntry::TunedLines => Config::lm_preset(preset),
        }
    }
}

impl Entry for ChatbotEntry {
    fn id(&self) -> EntryId {
        let (year, variant) = match self {
            ChatbotEntry::Replies => (YEAR, VARIANT),
            ChatbotEntry::TunedReplies => (TUNED_YEAR, TUNED_VARIANT),
            ChatbotEntry::TunedLines => (TUNED_YEAR, LM_TUNED_VARIANT),
        };
        EntryId {
            track: match self {
                ChatbotEntry::TunedLines => Track::LanguageModelling,
                _ => Track::Conversation,
            },
            ..EntryId::language_model(year, ERA, variant)
        }
    }

    fn idea(&self) -> &'static str {
        match self {
            ChatbotEntry::Replies => {
                "An LSTM learns to reply from dialogues alone, without rules or goals."
            }
            ChatbotEntry::TunedReplies => {
                "The same with what was learnt since, above all attention to earlier turns."
            }
            ChatbotEntry::TunedLines => {
                "The chatbot's network on plain text: each line is a turn, with attention over the preceding lines."
            }
        }
    }

    fn presets(&self) -> &'static [&'static str] {
        match self {
            ChatbotEntry::Replies => &PRESETS,
            _ => &TUNED_PRESETS,
        }
    }

    fn preset_for(&self, size: RunSize) -> Option<&'static str> {
        match (size.effort, size.small_vocabulary) {
            (Effort::Minutes, _) => None,
            (_, true) => Some("village"),
            (_, false) => Some("small"),
        }
    }

    fn preset(&self, name: &str) -> Option<toml::Table> {
        self.config(name).as_ref().map(config_table)
    }

    fn optional_ideas(&self) -> Vec<&'static dyn OptionalIdea> {
        list_ideas(Config::IDEAS)
    }

    fn check(&self, config: &toml::Table) -> harness::Result<()> {
        Ok(read_config::<Config>(config)?.validate()?)
    }

    fn adapt(&self, config: &mut toml::Table, to: Adaptation<'_>) {
        neural::adapt(config, to);
    }

    fn unsuited(&self, corpus: &Corpus) -> Option<String> {
        self.id().track.unsuited(corpus)
    }

    fn train(
        &self,
        config: &toml::Table,
        corpus: &Corpus,
        training: &mut Training<'_>,
        folder: &Path,
    ) -> harness::Result<()> {
        let config: Config = read_config(config)?;
        if *self != ChatbotEntry::TunedLines {
            return Ok(config.train(corpus, training)?.save(folder)?);
        }
        corpus.codec().save(folder)?;
        let (text, vocab) = (corpus.split(Split::Train)?, corpus.vocab());
        let model = config.train_on_text(&text, vocab.len(), vocab.eos(), training)?;
        Ok(model.save(folder, &corpus.vocab_checksum())?)
    }

    fn open(&self, folder: &Path, card: &ModelCard) -> harness::Result<Model> {
        Ok(match self {
            ChatbotEntry::Replies | ChatbotEntry::TunedReplies => {
                Model::Responder(Box::new(Chatbot::open(folder)?))
            }
            ChatbotEntry::TunedLines => Model::Text(TextModel {
                codec: card.codec(folder)?,
                model: Box::new(Lm::open(folder)?),
            }),
        })
    }

    fn seconds_on_village(&self) -> f64 {
        match self {
            ChatbotEntry::Replies => 72.0,
            ChatbotEntry::TunedReplies => 117.0,
            ChatbotEntry::TunedLines => 110.0,
        }
    }

    fn fills_time_budget(&self) -> bool {
        true
    }

    fn starts_from_weights(&self) -> bool {
        true
    }

    fn tiny(&self) -> toml::Table {
        let config = self.config(PRESETS[0]).unwrap_or_default();
        config_table(&Config {
            embedding_size: 8,
            hidden_size: 8,
            num_heads: config.num_heads.min(2),
            reply: ReplyConfig {
                max_length: 8,
                ..config.reply
            },
            ..config
        })
    }
}

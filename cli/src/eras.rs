//! The eras that this program knows: one `match` for each question.
//!
//! | module | holds |
//! |---|---|
//! | `config` | what the command line asks of an entry |
//! | `presets` | which preset a run trains |
//! | `train` | models made, and laid into their folders |
//! | `open` | models from their folders |
//! | `translators`, `responders` | the same for those who translate, and those who reply |

use anyhow::Context;
use corpus::Corpus;
use harness::{EntryId, Experiment, Generator, Track};

use crate::output::usage;

mod config;
mod open;
mod presets;
pub(crate) mod responders;
mod train;
pub(crate) mod translators;

pub(crate) use config::{Config, require_device};
#[cfg(feature = "neural")]
pub(crate) use open::open_decoder;
pub(crate) use open::{Opened, open, open_ngrams, open_vectors, open_words};

pub(crate) use train::Place;

/// A model that can be judged and asked to write.
pub(crate) type Model = Box<dyn Generator>;

/// A kind of model that can be trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Uniform,
    Unigram,
    StupidBackoff,
    KneserNey,
    KneserNeyCache,
    SkipGram,
    Cbow,
    CbowLm,
    #[cfg(feature = "neural")]
    Lstm,
    #[cfg(feature = "neural")]
    ChatbotLines,
    #[cfg(feature = "neural")]
    Transformer,
    Oracle,
    CopySource,
    WordByWord,
    #[cfg(feature = "neural")]
    Seq2seq,
    #[cfg(feature = "neural")]
    Attention,
    #[cfg(feature = "neural")]
    TransformerTranslator,
    OracleTranslator,
    FixedReply,
    Retrieval,
    KneserNeyTalk,
    KneserNeyCacheTalk,
    #[cfg(feature = "neural")]
    Chatbot,
    OracleTalk,
}

const BASELINES: &str = "baselines";
pub(crate) const COPY: &str = "copy";
pub(crate) const WORD_BY_WORD: &str = "word-by-word";
pub(crate) const FIXED_REPLY: &str = "i-do-not-know";
pub(crate) const RETRIEVAL: &str = "retrieval";
/// The generator itself, where the corpus has one.
pub(crate) const ORACLE: &str = "oracle";

impl Entry {
    /// All entries, in order of their years.
    pub(crate) const ALL: &[Entry] = &[
        Entry::Uniform,
        Entry::Unigram,
        Entry::StupidBackoff,
        Entry::KneserNey,
        Entry::KneserNeyCache,
        Entry::SkipGram,
        Entry::Cbow,
        Entry::CbowLm,
        #[cfg(feature = "neural")]
        Entry::Lstm,
        #[cfg(feature = "neural")]
        Entry::ChatbotLines,
        #[cfg(feature = "neural")]
        Entry::Transformer,
        Entry::Oracle,
        Entry::CopySource,
        Entry::WordByWord,
        #[cfg(feature = "neural")]
        Entry::Seq2seq,
        #[cfg(feature = "neural")]
        Entry::Attention,
        #[cfg(feature = "neural")]
        Entry::TransformerTranslator,
        Entry::OracleTranslator,
        Entry::FixedReply,
        Entry::Retrieval,
        Entry::KneserNeyTalk,
        Entry::KneserNeyCacheTalk,
        #[cfg(feature = "neural")]
        Entry::Chatbot,
        Entry::OracleTalk,
    ];

    /// Whether it trains for as long as it may; who counts takes what that takes.
    pub(crate) fn spends_time(self) -> bool {
        let counts = [BASELINES, ngram::ERA, ORACLE].contains(&self.id().era.as_str());
        // CBOW as a language model ends when passes bring nothing any more.
        !counts && self != Entry::CbowLm
    }

    /// How records name it.
    pub(crate) fn id(self) -> EntryId {
        let words = |variant: &str| EntryId {
            track: Track::Words,
            ..EntryId::language_model(word2vec::YEAR, word2vec::ERA, variant)
        };
        let translator = |year: Option<u16>, era: &str, variant: &str| EntryId {
            track: Track::Translation,
            ..EntryId::language_model(year, era, variant)
        };
        let responder = |year: Option<u16>, era: &str, variant: &str| EntryId {
            track: Track::Conversation,
            ..EntryId::language_model(year, era, variant)
        };
        // The baselines are older than all eras: Shannon's zeroth and first approximation.
        match self {
            Entry::Uniform => EntryId::language_model(1948, BASELINES, "uniform"),
            Entry::Unigram => EntryId::language_model(1948, BASELINES, "unigram"),
            Entry::StupidBackoff => {
                EntryId::language_model(ngram::YEAR, ngram::ERA, "stupid-backoff")
            }
            Entry::KneserNey => EntryId::language_model(ngram::YEAR, ngram::ERA, "kneser-ney"),
            Entry::KneserNeyCache => {
                EntryId::language_model(ngram::YEAR, ngram::ERA, "kneser-ney-cache")
            }
            Entry::SkipGram => words("skip-gram"),
            Entry::Cbow => words("cbow"),
            Entry::CbowLm => {
                EntryId::language_model(word2vec::YEAR, word2vec::ERA, word2vec::LM_VARIANT)
            }
            #[cfg(feature = "neural")]
            Entry::Lstm => {
                EntryId::language_model(seq2seq::YEAR, seq2seq::ERA, seq2seq::LM_VARIANT)
            }
            #[cfg(feature = "neural")]
            Entry::Seq2seq => translator(Some(seq2seq::YEAR), seq2seq::ERA, seq2seq::VARIANT),
            #[cfg(feature = "neural")]
            Entry::Attention => translator(Some(2015), seq2seq::ERA, seq2seq::ATTENTION),
            #[cfg(feature = "neural")]
            Entry::TransformerTranslator => translator(
                Some(transformer::YEAR),
                transformer::ERA,
                transformer::VARIANT,
            ),
            // Weaver's memorandum on translation; Brown and others' first model of it.
            Entry::CopySource => translator(Some(1949), BASELINES, COPY),
            Entry::WordByWord => translator(Some(1993), BASELINES, WORD_BY_WORD),
            Entry::OracleTranslator => translator(None, ORACLE, "translator"),
            // Weizenbaum's Eliza, who has an answer to everything; Salton and others' vectors of words.
            Entry::FixedReply => responder(Some(1966), BASELINES, FIXED_REPLY),
            Entry::Retrieval => responder(Some(1975), BASELINES, RETRIEVAL),
            Entry::KneserNeyTalk => responder(Some(ngram::YEAR), ngram::ERA, "kneser-ney"),
            Entry::KneserNeyCacheTalk => {
                responder(Some(ngram::YEAR), ngram::ERA, "kneser-ney-cache")
            }
            #[cfg(feature = "neural")]
            Entry::Chatbot => responder(Some(chatbot::YEAR), chatbot::ERA, chatbot::VARIANT),
            #[cfg(feature = "neural")]
            Entry::ChatbotLines => {
                EntryId::language_model(chatbot::YEAR, chatbot::ERA, chatbot::LM_VARIANT)
            }
            Entry::OracleTalk => responder(None, ORACLE, "village"),
            #[cfg(feature = "neural")]
            Entry::Transformer => EntryId::language_model(
                transformer::YEAR,
                transformer::ERA,
                transformer::LM_VARIANT,
            ),
            Entry::Oracle => EntryId::language_model(None, ORACLE, "village"),
        }
    }

    /// The entry of a record.
    pub(crate) fn of(id: &EntryId) -> anyhow::Result<Entry> {
        let known = Entry::ALL.iter().copied().find(|entry| entry.id() == *id);
        known.with_context(|| format!("{id}: this program has no such entry"))
    }

    /// The entries that a list of eras and entries names; all if it is empty.
    pub(crate) fn chosen(names: &[String]) -> anyhow::Result<Vec<Entry>> {
        let mut chosen = Vec::new();
        for name in names.iter().filter(|name| !name.is_empty()) {
            let matching = Entry::ALL
                .iter()
                .copied()
                .filter(|entry| entry.id().era == *name || entry.id().label() == *name);
            let before = chosen.len();
            chosen.extend(matching);
            if chosen.len() == before {
                return Err(usage(format!(
                    "{name}: no such era or entry; there are {}, or {}",
                    Entry::list(|id| id.era),
                    Entry::list(|id| id.label())
                )));
            }
        }
        let wanted = |entry: &Entry| chosen.is_empty() || chosen.contains(entry);
        Ok(Entry::ALL.iter().copied().filter(wanted).collect())
    }

    /// What all entries answer, each answer once.
    fn list(of: fn(EntryId) -> String) -> String {
        let mut names: Vec<String> = Vec::new();
        for name in Entry::ALL.iter().map(|entry| of(entry.id())) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    /// The entry that `eras train ERA` trains: the era's own.
    pub(crate) fn leading(era: &str) -> Option<Entry> {
        match era {
            ngram::ERA => Some(Entry::StupidBackoff),
            word2vec::ERA => Some(Entry::SkipGram),
            #[cfg(feature = "neural")]
            seq2seq::ERA => Some(Entry::Seq2seq),
            #[cfg(feature = "neural")]
            chatbot::ERA => Some(Entry::Chatbot),
            #[cfg(feature = "neural")]
            transformer::ERA => Some(Entry::Transformer),
            _ => None,
        }
    }

    /// Whether it can be judged by a corpus: oracles know their own only, translators need pairs, and those who reply
    /// conversations.
    pub(crate) fn fits(self, corpus: &Corpus) -> bool {
        let is_known = self.id().era != ORACLE || corpus.record.generator.is_some();
        is_known
            && match self.id().track {
                Track::Translation => corpus.has_pairs(),
                Track::Conversation => corpus.has_dialogues(),
                Track::LanguageModelling | Track::Words => true,
            }
    }
}

/// The experiments of an era.
pub(crate) fn experiments(era: &str) -> anyhow::Result<Vec<Box<dyn Experiment>>> {
    match era {
        ngram::ERA => Ok(ngram::experiments()),
        word2vec::ERA => Ok(word2vec::experiments()),
        #[cfg(feature = "neural")]
        seq2seq::ERA => Ok(seq2seq::experiments()),
        #[cfg(feature = "neural")]
        chatbot::ERA => Ok(crate::experiments::of_chatbot()),
        #[cfg(feature = "neural")]
        transformer::ERA => Ok(crate::experiments::of_transformer()),
        other => Err(usage(format!(
            "{other}: experiments are there for ngram, word2vec, seq2seq, chatbot and transformer"
        ))),
    }
}

//! A small model of every kind.

use std::fs;
use std::path::Path;

use corpus::{Codec, Corpus, Split, TokenStream};
use harness::{
    Budget, DictionaryConfig, LanguageModel, MODEL_FORMAT, ModelCard, Prompt, Responder, Retrieval,
    SentencePair, Silent, Training, Translator, Turn, WordByWord,
};


/// How a kind of model is made, and asked.
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    make: fn(&Corpora, &Path, &mut Training<'_>),
    /// Opens it and asks it for something; whether it could be opened.
    pub ask: fn(&Path) -> bool,
}

/// What models learn from.
pub struct Corpora {
    /// Conversations.
    pub talks: Corpus,
    /// Sentence pairs.
    pub pairs: Corpus,
}

impl Corpora {
    /// Both, in folders of their own.
    pub fn small() -> Corpora {
        Corpora {
            talks: crate::small_corpus(&crate::scratch()),
            pairs: crate::small_pairs(&crate::scratch()),
        }
    }
}

impl Kind {
    /// A model that has learnt next to nothing, in a folder; its card.
    pub fn make(&self, corpora: &Corpora, folder: &Path) -> ModelCard {
        fs::create_dir_all(folder).expect("the folder can be written");
        let mut silent = Silent;
        let mut training = Training::new(&mut silent);
        training.budget = Budget::Tokens(100);
        (self.make)(corpora, folder, &mut training);
        ModelCard::open(folder).expect("it was just written")
    }
}

const MADE: &str = "it is sound";

/// All of them but n-grams.
pub const KINDS: [Kind; 9] = [
    Kind {
        name: "word2vec",
        make: |corpora, folder, training| {
            let config = word2vec::Config {
                dimension: 4,
                min_count: 1,
                threads: 1,
                ..word2vec::Config::default()
            };
            let (text, codec) = text(corpora, folder);
            let vocab = codec.vocab();
            let model = config.train(&text, vocab, training).expect(MADE);
            let saved = model.save(folder, &corpora.talks.vocab_checksum(), vocab.len());
            saved.expect(MADE);
        },
        ask: |folder| word2vec::Model::open(folder).is_ok(),
    },
    Kind {
        name: "cbow-lm",
        make: |corpora, folder, training| {
            let config = word2vec::LmConfig {
                dimension: 4,
                ..word2vec::LmConfig::default()
            };
            let (text, codec) = text(corpora, folder);
            let model = config.train(&text, codec.vocab().len(), training);
            let saved = model
                .expect(MADE)
                .save(folder, &corpora.talks.vocab_checksum());
            saved.expect(MADE);
        },
        ask: |folder| score(word2vec::CbowLm::open(folder).ok()),
    },
    Kind {
        name: "lstm",
        make: |corpora, folder, training| {
            let config = seq2seq::LmConfig {
                embedding_size: 8,
                hidden_size: 8,
                bptt_length: 8,
                ..seq2seq::LmConfig::default()
            };
            let (text, codec) = text(corpora, folder);
            let vocab = codec.vocab();
            let model = config.train(&text, vocab.len(), vocab.eos(), training);
            let saved = model
                .expect(MADE)
                .save(folder, &corpora.talks.vocab_checksum());
            saved.expect(MADE);
        },
        ask: |folder| score(seq2seq::Lm::open(folder).ok()),
    },
    Kind {
        name: "decoder",
        make: |corpora, folder, training| {
            let config = transformer::LmConfig {
                d_model: 8,
                num_heads: 2,
                num_layers: 1,
                d_ff: 8,
                context_length: 16,
                ..transformer::LmConfig::default()
            };
            let (text, codec) = text(corpora, folder);
            let vocab = codec.vocab();
            let model = config.train(&text, vocab.len(), vocab.eos(), training);
            let saved = model
                .expect(MADE)
                .save(folder, &corpora.talks.vocab_checksum());
            saved.expect(MADE);
        },
        ask: |folder| score(transformer::Lm::open(folder).ok()),
    },
    Kind {
        name: "attention",
        make: |corpora, folder, training| {
            let config = seq2seq::Config {
                embedding_size: 8,
                hidden_size: 8,
                attention: true,
                ..seq2seq::Config::default()
            };
            let (source, target) = corpora.pairs.pairs().expect(MADE);
            let model = config.train(&source, &target, training);
            model.expect(MADE).save(folder).expect(MADE);
        },
        ask: |folder| translate(seq2seq::Translator::open(folder).ok()),
    },
    Kind {
        name: "encoder-decoder",
        make: |corpora, folder, training| {
            let config = transformer::Config {
                d_model: 8,
                num_heads: 2,
                num_layers: 1,
                d_ff: 8,
                max_length: 16,
                ..transformer::Config::default()
            };
            let (source, target) = corpora.pairs.pairs().expect(MADE);
            let model = config.train(&source, &target, training);
            model.expect(MADE).save(folder).expect(MADE);
        },
        ask: |folder| translate(transformer::Translator::open(folder).ok()),
    },
    Kind {
        name: "chatbot",
        make: |corpora, folder, training| {
            let default = chatbot::Config::default();
            let config = chatbot::Config {
                embedding_size: 8,
                hidden_size: 8,
                num_heads: 2,
                reply: chatbot::ReplyConfig {
                    max_length: 8,
                    ..default.reply
                },
                ..default
            };
            let model = config.train(&corpora.talks, training);
            model.expect(MADE).save(folder).expect(MADE);
        },
        ask: |folder| reply(chatbot::Chatbot::open(folder).ok()),
    },
    Kind {
        name: "retrieval",
        make: |corpora, folder, _| {
            let talks = harness::Dialogue::of(&corpora.talks, Split::Train).expect(MADE);
            Retrieval::new(talks, 3).save(folder).expect(MADE);
            write_card(folder);
        },
        ask: |folder| reply(Retrieval::open(folder, 3).ok()),
    },
    Kind {
        name: "word-by-word",
        make: |corpora, folder, _| {
            let (source, target) = corpora.pairs.pairs().expect(MADE);
            let pairs = SentencePair::of(&source, &target, Split::Train).expect(MADE);
            let dictionary = DictionaryConfig::default().train(&pairs).expect(MADE);
            dictionary.save(folder).expect(MADE);
            write_card(folder);
        },
        ask: |folder| translate(WordByWord::open(folder).ok()),
    },
];

/// What language models learn from; the folder gets the codec.
fn text<'a>(corpora: &'a Corpora, folder: &Path) -> (TokenStream, &'a Codec) {
    let codec = corpora.talks.codec();
    codec.save(folder).expect("the folder can be written");
    (corpora.talks.split(Split::Train).expect(MADE), codec)
}

/// As the program writes it for models without settings.
fn write_card(folder: &Path) {
    let card = ModelCard {
        format: MODEL_FORMAT,
        era: "baselines".to_owned(),
        variant: "some".to_owned(),
        vocab_checksum: String::new(),
        vocab_size: 1,
        parameters: 0,
        config: toml::Table::new(),
        files: Vec::new(),
    };
    card.write(folder).expect("the folder can be written");
}

fn score(model: Option<impl LanguageModel>) -> bool {
    if let Some(model) = &model {
        let words = model.vocab_size().max(1) as u32;
        let tokens: Vec<u32> = (0..12).map(|at| at * 5 % words).collect();
        let _ = model.score(&tokens);
    }
    model.is_some()
}

fn translate(model: Option<impl Translator>) -> bool {
    if let Some(model) = &model {
        let _ = model.translate(&["a cat 1"]);
    }
    model.is_some()
}

fn reply(model: Option<impl Responder>) -> bool {
    if let Some(model) = &model {
        let turns = [Turn {
            speaker: 0,
            text: "the cat sat on mat 1".to_owned(),
        }];
        let prompt = Prompt {
            turns: &turns,
            speaker: 1,
        };
        let _ = model.reply(&[prompt]);
    }
    model.is_some()
}

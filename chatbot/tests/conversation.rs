//! A chatbot trained on the village, through the public interface.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::OnceLock;

use chatbot::{Chatbot, Config, ReplyConfig};
use corpus::{Corpus, OnExisting, Split, Watch};
use harness::{Budget, Dialogue, Prompt, Responder, Silent, Training, Turn};
use neural::TrainingConfig;
use tempfile::TempDir;
use village::{Settings, Village};

fn village() -> &'static Corpus {
    static VILLAGE: OnceLock<(TempDir, Corpus)> = OnceLock::new();
    let (_, corpus) = VILLAGE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            tokens: 60_000,
            held_out: 5_000,
            pairs: 240,
            ..Settings::small()
        };
        let place = folder.path().join("village");
        let corpus = Village::new(&settings)
            .unwrap()
            .prepare(&place, OnExisting::Refuse, &mut Watch::silent())
            .unwrap();
        (folder, corpus)
    });
    corpus
}

/// One thread, because tests already run in parallel.
fn one_thread() -> neural::ComputeConfig {
    neural::ComputeConfig {
        threads: 1,
        ..neural::ComputeConfig::default()
    }
}

fn small() -> Config {
    Config {
        embedding_size: 32,
        hidden_size: 48,
        dropout: 0.0,
        batch_tokens: 512,
        compute: one_thread(),
        ..Config::default()
    }
}

fn train(config: &Config, epochs: f64) -> Chatbot {
    let mut silent = Silent;
    let mut training = Training::new(&mut silent);
    training.budget = Budget::Epochs(epochs);
    config.train(village(), &mut training).unwrap()
}

fn dialogues() -> Vec<Dialogue> {
    Dialogue::of(village(), Split::Test).unwrap()
}

#[test]
fn context_helps_and_words_are_learned() {
    let config = Config {
        training: TrainingConfig {
            learning_rate: 1e-2,
            ..small().training
        },
        ..small()
    };
    let model = train(&config, 16.0);
    let dialogues = dialogues();
    let all: Vec<(Prompt<'_>, &str)> = dialogues.iter().flat_map(Dialogue::replies).collect();
    let replies: Vec<&str> = all.iter().map(|(_, reply)| *reply).collect();
    let tokens = model.perplexity_tokens(&replies).unwrap() as f64;
    let perplexity = |turns: usize| {
        let asked: Vec<(Prompt<'_>, &str)> = all
            .iter()
            .map(|(prompt, reply)| (prompt.last(turns), *reply))
            .collect();
        let scores = model.score_replies(&asked).unwrap();
        (-scores.iter().sum::<f64>() / tokens).exp()
    };
    let (nothing, one) = (perplexity(0), perplexity(1));
    assert!(one < nothing - 0.5, "{one} {nothing}");
    // Guessing gives 1,000, a unigram model 160.
    assert!(one < 60.0, "{one}");
}

#[test]
fn scores_do_not_depend_on_the_batch_or_the_method() {
    let model = train(&small(), 1.0);
    let dialogues = dialogues();
    let asked: Vec<(Prompt<'_>, &str)> = dialogues
        .iter()
        .flat_map(Dialogue::replies)
        .take(40)
        .collect();
    let together = model.score_replies(&asked).unwrap();
    for (one, expected) in asked.iter().zip(together) {
        let alone = model.score_replies(&[*one]).unwrap()[0];
        assert!((alone - expected).abs() < 1e-3, "{alone} {expected}");
        // Token by token, carrying the state.
        let predictions = model.predictions(one.0, one.1, 3).unwrap();
        let steps: f64 = predictions
            .iter()
            .map(|prediction| prediction.log_prob)
            .sum();
        assert!((steps - expected).abs() < 1e-3, "{steps} {expected}");
    }
}

#[test]
fn a_greedy_reply_is_the_most_probable_token_at_each_step() {
    let model = train(&small(), 1.0);
    let dialogues = dialogues();
    let prompts: Vec<Prompt<'_>> = dialogues
        .iter()
        .flat_map(Dialogue::replies)
        .take(12)
        .map(|(prompt, _)| prompt)
        .collect();
    let replies = model.reply(&prompts).unwrap();
    for (&prompt, reply) in prompts.iter().zip(&replies) {
        let mut streamed = String::new();
        let how = model.config().reply;
        let returned = model
            .reply_streaming(prompt, how, 1, &mut |part| streamed += part)
            .unwrap();
        assert_eq!((&returned, &streamed), (reply, reply));
        let greedy = |prediction: &chatbot::TokenPrediction| {
            prediction.alternatives[0].1 - prediction.log_prob
        };
        let predictions = model.predictions(prompt, reply, 1).unwrap();
        let truncated = predictions.len() > how.max_length;
        for prediction in &predictions[..predictions.len() - usize::from(truncated)] {
            assert!(greedy(prediction) < 1e-3, "{prediction:?}");
        }
    }
    // A beam search finds replies that are at least as probable, except for unfinished greedy ones.
    let beam = ReplyConfig {
        beam_width: 4,
        ..model.config().reply
    };
    let found = model.reply_with(&prompts, beam, 1).unwrap();
    let score = |replies: &[String]| {
        let asked: Vec<(Prompt<'_>, &str)> = prompts
            .iter()
            .copied()
            .zip(replies.iter().map(String::as_str))
            .collect();
        model.score_replies(&asked).unwrap().iter().sum::<f64>()
    };
    assert!(score(&found) >= score(&replies) - 1e-3);
}

#[test]
fn any_input_gets_a_reply() {
    let model = train(&small(), 1.0);
    let turn = |text: &str| Turn {
        speaker: 7,
        text: text.to_owned(),
    };
    let unusual = [
        turn(""),
        turn(&"hello ".repeat(5_000)),
        turn("\u{1b}[2J \t <eos> zzz"),
    ];
    for count in 0..=unusual.len() {
        let prompt = Prompt {
            turns: &unusual[..count],
            speaker: 1,
        };
        let reply = model.reply(&[prompt]).unwrap();
        assert_eq!(reply.len(), 1);
        assert!(model.score_replies(&[(prompt, "")]).unwrap()[0] < 0.0);
    }
    assert!(model.reply(&[]).unwrap().is_empty());
    let invalid = ReplyConfig {
        temperature: -1.0,
        ..ReplyConfig::default()
    };
    let prompt = Prompt {
        turns: &unusual,
        speaker: 1,
    };
    let error = model.reply_with(&[prompt], invalid, 1).unwrap_err();
    assert!(error.to_string().starts_with("temperature = -1"), "{error}");
}

#[test]
fn a_saved_model_replies_the_same_and_another_vocabulary_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(&small(), 1.0);
    model.save(folder.path()).unwrap();
    let opened = Chatbot::open(folder.path()).unwrap();
    let turns = [Turn {
        speaker: 0,
        text: "what is your work ?".to_owned(),
    }];
    let prompt = Prompt {
        turns: &turns,
        speaker: 1,
    };
    let asked = [(prompt, "I see .")];
    assert_eq!(
        opened.reply(&[prompt]).unwrap(),
        model.reply(&[prompt]).unwrap()
    );
    assert_eq!(
        opened.score_replies(&asked).unwrap(),
        model.score_replies(&asked).unwrap()
    );
    let vocab = folder.path().join("vocab.txt");
    let text = std::fs::read_to_string(&vocab).unwrap();
    std::fs::write(&vocab, text.replacen("hello", "howdy", 1)).unwrap();
    let error = Chatbot::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("not the vocabulary"), "{error}");
}

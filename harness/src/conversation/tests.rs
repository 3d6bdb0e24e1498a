//! The track as a whole, with responders whose answers are known.

use corpus::{Codec, Vocab};

use super::*;
use crate::baselines::Baseline;
use crate::error::Result;
use crate::model::{Judge, Responder};
use crate::sampling::Sampling;

fn dialogue(turns: &[&str]) -> Dialogue {
    let turn = |(at, text): (usize, &&str)| Turn {
        speaker: at as u32 % 2,
        text: (*text).to_owned(),
    };
    Dialogue {
        turns: turns.iter().enumerate().map(turn).collect(),
    }
}

fn talks() -> Vec<Dialogue> {
    vec![
        dialogue(&[
            "where are you from ?",
            "from Bergen .",
            "is it cold there ?",
            "yes .",
        ]),
        dialogue(&["do you like tea ?", "no , coffee ."]),
        dialogue(&["alone ."]),
    ]
}

/// Repeats the last turn, and finds each turn that it is shown to halve the probability of a reply.
struct Echo;

impl Responder for Echo {
    fn reply(&self, prompts: &[Prompt<'_>]) -> Result<Vec<String>> {
        let last = |prompt: &Prompt<'_>| prompt.turns.last().map(|turn| turn.text.clone());
        Ok(prompts
            .iter()
            .map(|prompt| last(prompt).unwrap_or_default())
            .collect())
    }

    fn score_replies(&self, asked: &[(Prompt<'_>, &str)]) -> Result<Vec<f64>> {
        let score = |(prompt, _): &(Prompt<'_>, &str)| -(prompt.turns.len() as f64) * 2_f64.ln();
        Ok(asked.iter().map(score).collect())
    }

    fn perplexity_tokens(&self, replies: &[&str]) -> Option<u64> {
        Some(replies.len() as u64)
    }
}

/// Finds sense in questions, and something specific in long turns before them.
struct Questions;

impl Judge for Questions {
    fn is_sensible(&self, _: &[&str], reply: &str) -> bool {
        reply.ends_with('?')
    }

    fn is_specific(&self, turns: &[&str], _: &str) -> bool {
        turns.len() == 3
    }
}

#[test]
fn replies_are_scored_with_limited_context_and_judged_with_all_turns() {
    let protocol = ConversationProtocol {
        turns: Some(2),
        judge: Some(&Questions),
        ..ConversationProtocol::default()
    };
    let outcome = judge_conversation(&Echo, &talks(), &protocol).unwrap();
    let found = &outcome.evaluation;
    assert_eq!((found.replies, found.tokens, found.given), (4, 4, 4));
    // One, two, two and one turn: six halvings for four tokens.
    assert!((found.perplexity.unwrap() - 2_f64.powf(6.0 / 4.0)).abs() < 1e-9);
    let by_turns: Vec<f64> = found
        .by_turns
        .iter()
        .map(|of| of.perplexity.unwrap())
        .collect();
    for (found, halvings) in by_turns.iter().zip([0.0, 4.0, 6.0, 7.0]) {
        assert!(
            (found - 2_f64.powf(halvings / 4.0)).abs() < 1e-9,
            "{by_turns:?}"
        );
    }
    // Three of the four last turns are questions; one reply stands after three turns.
    assert_eq!((found.sensible, found.specific), (Some(0.75), Some(0.25)));
    assert_eq!(found.consistent, 0.0);
    assert_eq!(outcome.replies.len(), 4);
    assert_eq!(
        outcome.replies[2].turns,
        ["from Bergen .", "is it cold there ?"]
    );
    assert_eq!(outcome.replies[2].reference, "yes .");
}

#[test]
fn without_probabilities_there_is_no_perplexity_and_a_fixed_reply_is_consistent() {
    let fixed = FixedReply::default();
    let outcome = judge_conversation(&fixed, &talks(), &ConversationProtocol::default()).unwrap();
    let found = outcome.evaluation;
    assert_eq!((found.perplexity, found.tokens), (None, 0));
    assert!(found.by_turns.is_empty());
    assert_eq!((found.consistent, found.common), (1.0, 1.0));
    assert_eq!(found.sensible, None);
    let error = judge_conversation(&fixed, &[], &ConversationProtocol::default()).unwrap_err();
    assert!(error.to_string().starts_with("replies = 0"), "{error}");
}

#[test]
fn retrieval_returns_the_reply_to_the_most_similar_turn() {
    let retrieval = Retrieval::new(talks(), 1);
    let ask = |retrieval: &Retrieval, text: &str| {
        let turns = dialogue(&[text]).turns;
        let prompt = Prompt {
            turns: &turns,
            speaker: 1,
        };
        retrieval.reply(&[prompt]).unwrap().remove(0)
    };
    assert_eq!(retrieval.len(), 4);
    assert_eq!(ask(&retrieval, "Tea ?"), "no , coffee .");
    assert_eq!(ask(&retrieval, "so cold"), "yes .");
    assert_eq!(ask(&retrieval, "from where"), "from Bergen .");
    // Nothing in common with anything: the first.
    assert_eq!(ask(&retrieval, "zebra"), "from Bergen .");
    let folder = tempfile::tempdir().unwrap();
    retrieval.save(folder.path()).unwrap();
    let path = folder.path().join("conversations.tsv");
    let opened = Retrieval::read(&path, 1).unwrap();
    assert_eq!(ask(&opened, "tea"), "no , coffee .");
    std::fs::write(&path, "0\t0\t0\tgood\n0\tone\t1\tbad\n").unwrap();
    let error = Retrieval::read(&path, 1).unwrap_err().to_string();
    assert!(error.contains("line 2 is not a turn"), "{error}");
}

#[test]
fn a_language_model_replies_by_continuing_the_text() {
    let vocab = Vocab::new(["a", "b", "<unk>", "<eos>"].into_iter()).unwrap();
    // Half of all tokens are `a`, the others alike.
    let model = LanguageModelResponder {
        model: Box::new(Baseline::unigram(&[3, 1, 1, 1])),
        codec: Codec::whitespace(vocab),
        how: Sampling {
            temperature: 0.0,
            ..Sampling::default()
        },
    };
    let turns = dialogue(&["a b", "b"]).turns;
    let prompt = Prompt {
        turns: &turns,
        speaker: 0,
    };
    let scores = model
        .score_replies(&[(prompt, "a b"), (prompt, "")])
        .unwrap();
    assert!((scores[0] - (1_f64 / 2.0 / 6.0 / 6.0).ln()).abs() < 1e-12);
    assert!((scores[1] - (1_f64 / 6.0).ln()).abs() < 1e-12);
    assert_eq!(model.perplexity_tokens(&["a b", ""]), Some(4));
    // It never comes to an end.
    let reply = model.reply(&[prompt]).unwrap().remove(0);
    assert!(reply.starts_with("a a a") && reply.len() < 200, "{reply}");
}

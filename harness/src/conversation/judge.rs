//! Evaluation of responders: the replies of a split are scored given the turns before them, and some are generated.

use super::dialogue::{Dialogue, Prompt, Turn};
use super::evaluation::{ConversationEvaluation, ConversationExample, TurnsPerplexity};
use super::paraphrases::PARAPHRASES;
use super::variety::Variety;
use crate::answers::Request;
use crate::checked::{Check, require};
use crate::entry::EraRole;
use crate::error::Result;
use crate::metrics::perplexity;
use crate::model::{Judge, Responder};

/// Default number of preceding turns given as context.
pub const TURNS_SHOWN: usize = 3;

/// How responders are evaluated.
#[derive(Clone)]
pub struct ConversationProtocol<'a> {
    /// Maximum number of preceding turns given as context; none: all.
    pub turns: Option<usize>,
    /// Other numbers of turns with which perplexity is measured.
    pub by_turns: Vec<usize>,
    /// Maximum number of replies that are scored, spread evenly over the split.
    pub scored: usize,
    /// Maximum number of generated replies.
    pub given: usize,
    /// The judge that decides whether replies are sensible and specific.
    pub judge: Option<&'a dyn Judge>,
}

impl Default for ConversationProtocol<'_> {
    fn default() -> Self {
        ConversationProtocol {
            turns: Some(TURNS_SHOWN),
            by_turns: vec![0, 1, 2, 3],
            scored: 5_000,
            given: 500,
            judge: None,
        }
    }
}

impl<'a> ConversationProtocol<'a> {
    /// The protocol for a role: an oracle is given all turns, all others the last `turns`.
    pub fn for_role(role: EraRole, turns: usize, judge: Option<&'a dyn Judge>) -> Self {
        let own = ConversationProtocol {
            turns: Some(turns),
            judge,
            ..ConversationProtocol::default()
        };
        match role {
            EraRole::Oracle => ConversationProtocol {
                turns: None,
                by_turns: Vec::new(),
                ..own
            },
            EraRole::Era | EraRole::Baseline => own,
        }
    }
}

/// An evaluation, and the replies it is based on.
#[derive(Debug, Clone)]
pub struct ConversationOutcome {
    /// The numbers.
    pub evaluation: ConversationEvaluation,
    /// The generated replies.
    pub replies: Vec<ConversationExample>,
}

/// Number of examples in the record.
const EXAMPLES: usize = 5;

/// Number of turns in a dialogue of a responder with itself.
const TALK: usize = 8;

/// How many of the last turns are given as context; none: all.
#[derive(Debug, Clone, Copy)]
struct Shown(Option<usize>);

impl Shown {
    fn of(self, prompt: Prompt<'_>) -> Prompt<'_> {
        self.0.map_or(prompt, |turns| prompt.last(turns))
    }
}

fn asked(question: &'static str) -> Request {
    Request {
        who: "the responder",
        question,
    }
}

/// Evaluates a responder on the dialogues of a split. The judge is given all turns, even if the responder is not.
///
/// # Errors
/// [`crate::Error::Setting`] if there is no reply; [`crate::Error::Model`] if the responder fails, or gives a wrong number of
/// answers or invalid log-probabilities.
pub fn judge_conversation(
    responder: &dyn Responder,
    dialogues: &[Dialogue],
    protocol: &ConversationProtocol<'_>,
) -> Result<ConversationOutcome> {
    let all: Vec<(Prompt<'_>, &str)> = dialogues.iter().flat_map(Dialogue::replies).collect();
    require(&[
        Check::new(!all.is_empty(), "replies", all.len(), "must be at least 1"),
        Check::size("scored", protocol.scored),
        Check::size("given", protocol.given),
    ])?;
    let scored = spread(&all, protocol.scored);
    let texts: Vec<&str> = scored.iter().map(|(_, reply)| *reply).collect();
    let tokens = responder.perplexity_tokens(&texts);
    let shown = Shown(protocol.turns);
    let (mut of_turns, mut by_turns) = (None, Vec::new());
    if let Some(tokens) = tokens {
        of_turns = perplexity_after(responder, &scored, shown, tokens)?;
        for &turns in &protocol.by_turns {
            let perplexity = match Some(turns) == protocol.turns {
                true => of_turns,
                false => perplexity_after(responder, &scored, Shown(Some(turns)), tokens)?,
            };
            by_turns.push(TurnsPerplexity { turns, perplexity });
        }
    }
    let chosen = spread(&all, protocol.given);
    let count = chosen.len();
    let prompts: Vec<Prompt<'_>> = chosen.iter().map(|&(prompt, _)| shown.of(prompt)).collect();
    let given = replies(responder, &prompts)?;
    let variety = Variety::of(&given.iter().map(String::as_str).collect::<Vec<_>>());
    let percentage_of = |asks: fn(&dyn Judge, &[&str], &str) -> bool| {
        protocol.judge.map(|judge| {
            let yes = chosen
                .iter()
                .zip(&given)
                .filter(|((prompt, _), reply)| asks(judge, &prompt.texts(), reply));
            yes.count() as f64 / count as f64
        })
    };
    let example = |at: usize| ConversationExample {
        turns: prompts[at]
            .texts()
            .iter()
            .map(|&text| text.into())
            .collect(),
        reference: chosen[at].1.to_owned(),
        reply: given[at].clone(),
    };
    let examples = count.min(EXAMPLES);
    let evaluation = ConversationEvaluation {
        replies: scored.len() as u64,
        tokens: tokens.unwrap_or(0),
        turns: protocol.turns,
        perplexity: of_turns,
        by_turns,
        given: count as u64,
        distinct: variety.distinct,
        common: variety.common,
        consistent: consistency(responder)?,
        sensible: percentage_of(|judge, turns, reply| judge.is_sensible(turns, reply)),
        specific: percentage_of(|judge, turns, reply| judge.is_specific(turns, reply)),
        examples: (0..examples)
            .map(|at| example(at * count / examples))
            .collect(),
        talk: talk(responder, &dialogues[0], shown)?,
    };
    Ok(ConversationOutcome {
        evaluation,
        replies: (0..count).map(example).collect(),
    })
}

/// At most `most` elements, spread evenly.
fn spread<T: Copy>(all: &[T], most: usize) -> Vec<T> {
    let count = all.len().min(most);
    (0..count).map(|at| all[at * all.len() / count]).collect()
}

fn replies(responder: &dyn Responder, prompts: &[Prompt<'_>]) -> Result<Vec<String>> {
    let given = responder.reply(prompts)?;
    asked("reply").check_number(given.len(), prompts.len())?;
    Ok(given)
}

/// Perplexity of replies with `tokens` tokens in total, given `turns`; none if a reply has probability 0.
fn perplexity_after(
    responder: &dyn Responder,
    all: &[(Prompt<'_>, &str)],
    turns: Shown,
    tokens: u64,
) -> Result<Option<f64>> {
    let shown: Vec<(Prompt<'_>, &str)> = all
        .iter()
        .map(|&(prompt, reply)| (turns.of(prompt), reply))
        .collect();
    let log_probs = responder.score_replies(&shown)?;
    let replies: Vec<&str> = all.iter().map(|(_, reply)| *reply).collect();
    asked("score_replies").check_log_probs(&log_probs, &replies)?;
    let perplexity = perplexity(log_probs.iter().sum(), tokens);
    Ok(Some(perplexity).filter(|value| value.is_finite()))
}

/// Continues a dialogue after its first turn, with the responder as both speakers.
fn talk(responder: &dyn Responder, begun: &Dialogue, shown: Shown) -> Result<Vec<String>> {
    let mut turns: Vec<Turn> = begun.turns.first().cloned().into_iter().collect();
    let speakers: Vec<u32> = begun
        .turns
        .iter()
        .take(2)
        .map(|turn| turn.speaker)
        .collect();
    while let (true, Some(&speaker)) = (turns.len() < TALK, speakers.get(turns.len() % 2)) {
        let prompt = Prompt {
            turns: &turns,
            speaker,
        };
        let text = replies(responder, &[shown.of(prompt)])?.remove(0);
        if text.trim().is_empty() {
            break;
        }
        turns.push(Turn { speaker, text });
    }
    Ok(turns.into_iter().map(|turn| turn.text).collect())
}

/// The share of paraphrased questions that get the same reply.
fn consistency(responder: &dyn Responder) -> Result<f64> {
    let ask = |text: &str| Turn {
        speaker: 0,
        text: text.to_owned(),
    };
    let questions: Vec<Turn> = PARAPHRASES
        .iter()
        .flat_map(|(one, other)| [ask(one), ask(other)])
        .collect();
    let prompts: Vec<Prompt<'_>> = questions
        .chunks(1)
        .map(|turns| Prompt { turns, speaker: 1 })
        .collect();
    let replies = replies(responder, &prompts)?;
    let same = replies.chunks(2).filter(|pair| pair[0] == pair[1]);
    Ok(same.count() as f64 / PARAPHRASES.len() as f64)
}

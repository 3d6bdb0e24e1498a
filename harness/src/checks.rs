//! Properties that every language model must have. Each era's tests call [`check_language_model`].

use corpus::TokenId;

use crate::model::LanguageModel;

/// A property that a model violates.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{property}: {what}")]
#[non_exhaustive]
pub struct Violation {
    /// The property.
    pub property: Property,
    /// Where and how it is violated.
    pub what: String,
}

/// What is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Property {
    /// Any stream of known ids, including the empty one, is scored without an error.
    Answers,
    /// Each distribution sums to one.
    SumsToOne,
    /// `score` and `next` agree.
    Agrees,
    /// Later tokens do not change earlier scores.
    DoesNotLookAhead,
    /// The same question gets the same answer twice.
    Repeats,
    /// `distributions` agrees with `next`.
    WalksAlike,
}

impl std::fmt::Display for Property {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Property::Answers => "answers",
            Property::SumsToOne => "sums to one",
            Property::Agrees => "`score` agrees with `next`",
            Property::DoesNotLookAhead => "does not look ahead",
            Property::Repeats => "gives the same answer twice",
            Property::WalksAlike => "`distributions` agrees with `next`",
        })
    }
}

/// Checks all properties on a stream. Calls `next` once per token, so use 20 to 200 tokens.
///
/// # Errors
/// The first property that the model violates.
pub fn check_language_model(
    model: &dyn LanguageModel,
    tokens: &[TokenId],
) -> Result<(), Violation> {
    let tolerance = model.precision().tolerance();
    let scored = ask(model.score(tokens))?;
    require(Property::Answers, scored.len() == tokens.len(), || {
        format!("{} answers for {} tokens", scored.len(), tokens.len())
    })?;
    let empty = ask(model.score(&[]))?;
    require(Property::Answers, empty.is_empty(), || {
        "an answer for an empty stream".to_owned()
    })?;
    let again = ask(model.score(tokens))?;
    require(Property::Repeats, scored == again, || {
        "two calls of `score` differ".to_owned()
    })?;
    let mut nexts = Vec::new();
    for at in 0..tokens.len() {
        let next = ask(model.next(&tokens[..at]))?;
        check_distribution(&next, model.vocab_size(), at, tolerance)?;
        let (by_score, by_next) = (scored[at], next[tokens[at] as usize]);
        require(Property::Agrees, near(by_score, by_next, tolerance), || {
            format!("at token {at} `score` gives {by_score}, `next` gives {by_next}")
        })?;
        nexts.push(next);
    }
    check_future(model, tokens, &scored)?;
    check_walk(model, tokens, &nexts)
}

fn check_distribution(
    next: &[f64],
    vocab_size: usize,
    at: usize,
    tolerance: f64,
) -> Result<(), Violation> {
    require(Property::SumsToOne, next.len() == vocab_size, || {
        format!("{} probabilities for {vocab_size} words", next.len())
    })?;
    let sum: f64 = next.iter().map(|log_prob| log_prob.exp()).sum();
    require(Property::SumsToOne, near(sum, 1.0, tolerance), || {
        format!("after {at} tokens the sum is {sum}")
    })
}

/// The scores of the first half must not change when the second half changes or is removed.
fn check_future(
    model: &dyn LanguageModel,
    tokens: &[TokenId],
    scored: &[f64],
) -> Result<(), Violation> {
    let half = tokens.len() / 2;
    let other = |&token: &TokenId| (token + 1) % model.vocab_size() as TokenId;
    let changed: Vec<TokenId> = tokens[..half]
        .iter()
        .copied()
        .chain(tokens[half..].iter().map(other))
        .collect();
    for stream in [&changed[..], &tokens[..half]] {
        let answers = ask(model.score(stream))?;
        let bound = model.precision().tolerance();
        let differs = (0..half).find(|&at| !near(answers[at], scored[at], bound));
        require(Property::DoesNotLookAhead, differs.is_none(), || {
            format!(
                "token {} scores differently when tokens from {half} on change",
                differs.unwrap_or_default()
            )
        })?;
    }
    Ok(())
}

fn check_walk(
    model: &dyn LanguageModel,
    tokens: &[TokenId],
    nexts: &[Vec<f64>],
) -> Result<(), Violation> {
    let positions: Vec<usize> = (0..tokens.len()).step_by(3).collect();
    let mut visited = Vec::new();
    let mut apart = None;
    ask(
        model.distributions(tokens, &positions, &mut |position, distribution| {
            visited.push(position);
            let bound = model.precision().tolerance();
            let alike = distribution.len() == nexts[position].len()
                && distribution
                    .iter()
                    .zip(&nexts[position])
                    .all(|(a, b)| near(*a, *b, bound));
            if !alike {
                apart.get_or_insert(position);
            }
        }),
    )?;
    require(Property::WalksAlike, visited == positions, || {
        format!("visits {visited:?} of {positions:?}")
    })?;
    require(Property::WalksAlike, apart.is_none(), || {
        format!("differs at position {apart:?}")
    })
}

/// Also true of two equal infinities; false of NaN.
fn near(a: f64, b: f64, tolerance: f64) -> bool {
    a == b || (a - b).abs() <= tolerance
}

fn ask<T>(answer: crate::Result<T>) -> Result<T, Violation> {
    answer.map_err(|error| Violation {
        property: Property::Answers,
        what: error.to_string(),
    })
}

fn require(
    property: Property,
    holds: bool,
    what: impl FnOnce() -> String,
) -> Result<(), Violation> {
    if holds {
        Ok(())
    } else {
        Err(Violation {
            property,
            what: what(),
        })
    }
}

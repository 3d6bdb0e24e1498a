//! Parses turns: each sentence becomes a question or statement of [`acts`](crate::dialogue::acts) with the words in
//! its slots.

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::choices::{Slots, Template};
use crate::dialogue::DAYS;
use crate::dialogue::acts::{QUESTIONS, Question, STATEMENTS, Statement};
use crate::lexicon::{Word, w};
use crate::numbers::{MAX_NUMBER, TENS, number};
use crate::world::World;

/// The dialogue act of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Question(Question),
    Statement(Statement),
}

/// A parsed sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) act: Act,
    pub(super) slots: Slots,
}

impl Sentence {
    /// The word in a slot, if the sentence has it.
    pub(super) fn slot(&self, letter: char) -> Option<Word> {
        let found = self.slots.iter().find(|(name, _)| *name == letter);
        found.map(|&(_, word)| word)
    }

    /// The question, if it is one.
    pub(super) fn question(&self) -> Option<Question> {
        match self.act {
            Act::Question(question) => Some(question),
            Act::Statement(_) => None,
        }
    }

    /// The statement, if it is one.
    pub(super) fn statement(&self) -> Option<Statement> {
        match self.act {
            Act::Question(_) => None,
            Act::Statement(statement) => Some(statement),
        }
    }
}

/// The result of parsing a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parsed {
    Clear(Sentence),
    /// No wording matches. `question` says whether it ends in a question mark.
    Unclear {
        question: bool,
    },
}

/// The words that a token may stand for. There are several if they differ only in case.
type Homographs = SmallVec<[Word; 2]>;

/// Parses text into sentences.
#[derive(Debug, Clone)]
pub(super) struct Parser {
    /// All words by their lower-case text.
    words: HashMap<String, Homographs>,
    wordings: Vec<(Act, Template)>,
    /// Whether a word fits a slot, by the slot's letter and then by the word.
    allowed_words: HashMap<char, Vec<bool>>,
}

impl Parser {
    pub(super) fn new(world: &World) -> Parser {
        let mut words: HashMap<String, Homographs> = HashMap::new();
        for (index, text) in world.words.iter().enumerate() {
            let homographs = words.entry(text.to_lowercase()).or_default();
            homographs.push(Word(index as u16));
        }
        let questions = QUESTIONS.iter().flat_map(|(question, wordings)| {
            wordings
                .iter()
                .map(|&text| (Act::Question(*question), text))
        });
        let statements = STATEMENTS.iter().flat_map(|(statement, wordings)| {
            wordings
                .iter()
                .map(|&text| (Act::Statement(*statement), text))
        });
        let wordings: Vec<(Act, Template)> = questions.chain(statements).collect();
        let letters = wordings
            .iter()
            .flat_map(|(_, template)| template.iter().filter_map(|word| word.slot()));
        let allowed_words = letters
            .map(|letter| (letter, flags(world, &allowed_words(world, letter))))
            .collect();
        Parser {
            words,
            wordings,
            allowed_words,
        }
    }

    /// Parses the sentences of a turn.
    pub(super) fn parse(&self, turn: &str) -> Vec<Parsed> {
        let tokens = self.tokens(turn);
        tokens
            .split_inclusive(is_end)
            .map(|sentence| match self.sentence(sentence) {
                Some(sentence) => Parsed::Clear(sentence),
                None => Parsed::Unclear {
                    question: sentence.last().is_some_and(|end| end.contains(&w!("?"))),
                },
            })
            .collect()
    }

    /// Parses the sentences of a turn; none if any of them is unclear.
    pub(super) fn parse_all(&self, turn: &str) -> Option<Vec<Sentence>> {
        let sentences = self.parse(turn).into_iter();
        sentences
            .map(|parsed| match parsed {
                Parsed::Clear(sentence) => Some(sentence),
                Parsed::Unclear { .. } => None,
            })
            .collect()
    }

    /// Splits a turn into words and punctuation, with or without spaces between them.
    fn tokens(&self, turn: &str) -> Vec<Homographs> {
        let mut tokens = Vec::new();
        let mut word = String::new();
        for letter in turn.chars().chain([' ']) {
            let mark = match letter {
                ',' => Some(w!(",")),
                '.' | '!' => Some(w!(".")),
                '?' => Some(w!("?")),
                _ => None,
            };
            if mark.is_none() && !letter.is_whitespace() {
                word.extend(letter.to_lowercase());
                continue;
            }
            if !word.is_empty() {
                tokens.push(self.words.get(&word).cloned().unwrap_or_default());
                word.clear();
            }
            tokens.extend(mark.map(|mark| Homographs::from_slice(&[mark])));
        }
        tokens
    }

    fn sentence(&self, tokens: &[Homographs]) -> Option<Sentence> {
        self.wordings.iter().find_map(|&(act, template)| {
            let slots = self.slots(template, tokens)?;
            Some(Sentence { act, slots })
        })
    }

    /// The slots of a template, if the tokens match it.
    fn slots(&self, template: Template, tokens: &[Homographs]) -> Option<Slots> {
        if template.len() != tokens.len() {
            return None;
        }
        let mut slots = Slots::new();
        for (&expected, homographs) in template.iter().zip(tokens) {
            match expected.slot() {
                None if homographs.contains(&expected) => {}
                None => return None,
                Some(letter) => {
                    let fits = self.allowed_words.get(&letter)?;
                    let word = homographs.iter().find(|word| fits[word.index()])?;
                    slots.push((letter, *word));
                }
            }
        }
        Some(slots)
    }
}

fn is_end(token: &Homographs) -> bool {
    token.contains(&w!(".")) || token.contains(&w!("?"))
}

fn flags(world: &World, words: &[Word]) -> Vec<bool> {
    let mut flags = vec![false; world.words.len()];
    for word in words {
        flags[word.index()] = true;
    }
    flags
}

/// The words that can fill a slot, whether or not the result is true.
fn allowed_words(world: &World, letter: char) -> Vec<Word> {
    let numbers = |max: usize| (1..=max).map(number).collect();
    match letter {
        't' | 'q' => world.town_names.words().to_vec(),
        'j' => world.jobs_singular.words().to_vec(),
        'm' => world.jobs_plural.words().to_vec(),
        'p' => world.products.words().to_vec(),
        'f' => world.classes[world.foods].plural.words().to_vec(),
        'k' => world.people.iter().map(|person| person.kin.0).collect(),
        'n' | 'i' | 'g' => world.names.words().to_vec(),
        'c' => world.colours.words().to_vec(),
        'a' => world.classes[world.animals].singular.words().to_vec(),
        'x' => TENS.to_vec(),
        'y' | 'r' | 's' | 'u' | 'z' | 'o' => numbers(MAX_NUMBER),
        'l' => world.places_singular.words().to_vec(),
        'd' => DAYS.to_vec(),
        'v' => world.verbs_base.words().to_vec(),
        'h' | 'e' | 'w' => world.things_singular.words().to_vec(),
        'b' => world.activity.base.words().to_vec(),
        'A' => [world.beings_singular.words(), world.beings_plural.words()].concat(),
        'V' => vec![w!("is"), w!("are")],
        'F' => world.feelings.words().to_vec(),
        'Q' => world.qualities.words().to_vec(),
        'P' | 'R' => [world.places_singular.words(), world.places_plural.words()].concat(),
        _ => Vec::new(),
    }
}

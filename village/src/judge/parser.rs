//! What was said: each sentence of a turn as a question or statement of [`acts`](crate::talk::acts), with the words in
//! its slots.

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::choices::{Slots, Template};
use crate::dialogue::DAYS;
use crate::dialogue::acts::{QUESTIONS, Question, STATEMENTS, Statement};
use crate::lexicon::{Word, w};
use crate::numbers::{LARGEST, TENS, number};
use crate::world::World;

/// What a sentence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Question(Question),
    Statement(Statement),
}

/// A sentence that was understood.
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

    /// What is asked, if it is a question.
    pub(super) fn question(&self) -> Option<Question> {
        match self.act {
            Act::Question(question_kind) => Some(question_kind),
            Act::Statement(_) => None,
        }
    }

    /// What is told, if it is a statement.
    pub(super) fn statement(&self) -> Option<Statement> {
        match self.act {
            Act::Question(_) => None,
            Act::Statement(statement) => Some(statement),
        }
    }
}

/// A sentence as it was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Parsed {
    Clear(Sentence),
    /// Not one of the wordings, but a question if it ends like one.
    Unclear {
        question: bool,
    },
}

/// The words that a piece of text may stand for: more than one where only capitals tell them apart.
type Meanings = SmallVec<[Word; 2]>;

/// Understands text.
#[derive(Debug, Clone)]
pub(super) struct Parser {
    /// All words by their text in small letters.
    words: HashMap<String, Meanings>,
    wordings: Vec<(Act, Template)>,
    /// Which words fit a slot, by its letter and then by the word.
    fitting: HashMap<char, Vec<bool>>,
}

impl Parser {
    pub(super) fn new(world: &World) -> Parser {
        let mut words: HashMap<String, Meanings> = HashMap::new();
        for (index, text) in world.words.iter().enumerate() {
            let meanings = words.entry(text.to_lowercase()).or_default();
            meanings.push(Word(index as u16));
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
        let fitting = letters
            .map(|letter| (letter, flags(world, &fitting(world, letter))))
            .collect();
        Parser {
            words,
            wordings,
            fitting,
        }
    }

    /// The sentences of a turn.
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

    /// The sentences of a turn, if all of them are understood.
    pub(super) fn parse_all(&self, turn: &str) -> Option<Vec<Sentence>> {
        let sentences = self.parse(turn).into_iter();
        sentences
            .map(|parsed| match parsed {
                Parsed::Clear(sentence) => Some(sentence),
                Parsed::Unclear { .. } => None,
            })
            .collect()
    }

    /// Words and punctuation, also where these stand together.
    fn tokens(&self, turn: &str) -> Vec<Meanings> {
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
            tokens.extend(mark.map(|mark| Meanings::from_slice(&[mark])));
        }
        tokens
    }

    fn sentence(&self, tokens: &[Meanings]) -> Option<Sentence> {
        self.wordings.iter().find_map(|&(act, template)| {
            let slots = self.slots(template, tokens)?;
            Some(Sentence { act, slots })
        })
    }

    /// What fills the slots of a template, if the words are its own.
    fn slots(&self, template: Template, tokens: &[Meanings]) -> Option<Slots> {
        if template.len() != tokens.len() {
            return None;
        }
        let mut slots = Slots::new();
        for (&expected, meanings) in template.iter().zip(tokens) {
            match expected.slot() {
                None if meanings.contains(&expected) => {}
                None => return None,
                Some(letter) => {
                    let fits = self.fitting.get(&letter)?;
                    let word = meanings.iter().find(|word| fits[word.index()])?;
                    slots.push((letter, *word));
                }
            }
        }
        Some(slots)
    }
}

fn is_end(token: &Meanings) -> bool {
    token.contains(&w!(".")) || token.contains(&w!("?"))
}

fn flags(world: &World, words: &[Word]) -> Vec<bool> {
    let mut flags = vec![false; world.words.len()];
    for word in words {
        flags[word.index()] = true;
    }
    flags
}

/// The words that make sense in a slot, true or not.
fn fitting(world: &World, letter: char) -> Vec<Word> {
    let numbers = |most: usize| (1..=most).map(number).collect();
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
        'y' | 'r' | 's' | 'u' | 'z' | 'o' => numbers(LARGEST),
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

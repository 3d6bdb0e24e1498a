//! The words of both languages, and which of them go together.

use std::collections::HashMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::choice::SYNONYMS;
use super::coin::Mint;
use super::entries::{Adjective, English, Form, NAME_CASES, Noun, Rank, Sort, Stems, Verb};
use super::meaning::{
    Clause, Definiteness, Link, Meaning, Nominal, Number, Phrase, Polarity, Relation, Tense,
};
use super::umric_grammar::{self, Case, adjective_ending, name_form, noun_ending, verb_ending};
use crate::lexicon::Word;
use crate::settings::Settings;
use crate::world::World;

/// How many words of Umric have a synonym. With it and [`SYNONYMS`] the best translation into Umric has a BLEU of about
/// 85; into English, where words of the grammar have synonyms, of about 90.
const SYNONYM_SHARE: f64 = 0.2;

/// The stream of random numbers that the words are coined from, far from those of the documents.
const LANGUAGE_STREAM: u64 = u64::MAX;

/// All words of a world, in English and in Umric.
#[derive(Debug, Clone)]
pub(crate) struct Dictionary {
    pub(crate) world: World,
    pub(crate) nouns: HashMap<Word, Noun>,
    pub(crate) verbs: HashMap<Word, Verb>,
    pub(crate) adjectives: HashMap<Word, Adjective>,
    english: HashMap<String, English>,
    umric: HashMap<String, (Form, f64)>,
}

impl Dictionary {
    pub(crate) fn new(settings: &Settings) -> Dictionary {
        let world = World::new(settings);
        let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
        random.set_stream(LANGUAGE_STREAM);
        let grammar = umric_grammar::grammar().into_iter().map(str::to_owned);
        let mint = Mint::new(random, world.words.iter().cloned().chain(grammar));
        let dictionary = Dictionary {
            world,
            nouns: HashMap::new(),
            verbs: HashMap::new(),
            adjectives: HashMap::new(),
            english: HashMap::new(),
            umric: HashMap::new(),
        };
        let mut build = Build { dictionary, mint };
        build.all();
        build.dictionary
    }

    pub(crate) fn text(&self, word: Word) -> &str {
        self.world.text(word)
    }

    pub(crate) fn english(&self, word: &str) -> Option<&English> {
        self.english.get(word)
    }

    /// What a word is, and its probability among the synonyms.
    pub(crate) fn umric(&self, word: &str) -> Option<&(Form, f64)> {
        self.umric.get(word)
    }

    /// The words of the open classes in all forms: English, Umric.
    pub(crate) fn open_words(&self) -> [Vec<&str>; 2] {
        [
            self.english.keys().map(String::as_str).collect(),
            self.umric.keys().map(String::as_str).collect(),
        ]
    }

    /// Whether it can be said at all.
    pub(crate) fn fits(&self, meaning: &Meaning) -> bool {
        self.clause_fits(&meaning.first)
            && meaning.second.is_none_or(|(link, second)| {
                let together = link != Link::While || meaning.first.tense == second.tense;
                together && self.clause_fits(&second)
            })
    }

    fn clause_fits(&self, clause: &Clause) -> bool {
        let takes = self.verbs[&clause.verb].class;
        let given = clause
            .object
            .and_then(|object| self.nouns[&object.noun].sort.class());
        // English would need a third form of the verb.
        let told = clause.tense != Tense::Present
            || clause.polarity == Polarity::Negative
            || clause.subject.number() == Number::Many;
        told && takes == given
            && self.nominal_fits(&clause.subject, Case::Nominative)
            && clause
                .object
                .is_none_or(|object| self.phrase_fits(&object, Case::Accusative))
            && clause
                .place
                .is_none_or(|(relation, ground)| self.place_fits(relation, &ground))
    }

    fn place_fits(&self, relation: Relation, ground: &Nominal) -> bool {
        self.nominal_fits(ground, Case::of(relation))
    }

    fn nominal_fits(&self, nominal: &Nominal, case: Case) -> bool {
        match nominal {
            Nominal::Person(_) => NAME_CASES.contains(&case),
            Nominal::Phrase(phrase) => self.phrase_fits(phrase, case),
        }
    }

    fn phrase_fits(&self, phrase: &Phrase, case: Case) -> bool {
        let rank = |word: &Word| self.adjectives[word].rank;
        let ranks = phrase.adjectives.iter().flatten().map(rank);
        self.nouns[&phrase.noun].sort.cases().contains(&case)
            && ranks.clone().all(|rank| rank.cases().contains(&case))
            && ranks.is_sorted_by(|a, b| a < b)
    }
}

/// Fills a dictionary. The order in which words are coined is that of the world's tables.
#[derive(Debug)]
struct Build {
    dictionary: Dictionary,
    mint: Mint,
}

impl Build {
    fn all(&mut self) {
        let world = self.dictionary.world.clone();
        for &name in world.names.words() {
            self.name(name);
        }
        for (index, class) in world.classes.iter().enumerate() {
            let sort = match index == world.animals {
                true => Sort::Animal(index),
                false => Sort::Thing(index),
            };
            self.nouns(class.one.words(), class.many.words(), sort);
            self.verbs(class.past.words(), class.base.words(), Some(index));
        }
        // The animals among them are known already.
        let (one, many) = (world.beings.words(), world.beings_many.words());
        self.nouns(one, many, Sort::Person);
        let (one, many) = (world.places.words(), world.places_many.words());
        self.nouns(one, many, Sort::Place);
        let activity = &world.activity;
        self.verbs(activity.past.words(), activity.base.words(), None);
        self.adjectives(world.feelings.words(), Rank::Feeling);
        self.adjectives(world.qualities.words(), Rank::Quality);
        self.adjectives(world.colours.words(), Rank::Colour);
    }

    fn english(&mut self, word: Word, is: English) {
        let text = self.dictionary.text(word).to_owned();
        self.dictionary.english.insert(text, is);
    }

    fn name(&mut self, name: Word) {
        self.english(name, English::Name(name));
        for case in NAME_CASES {
            let form = name_form(self.dictionary.text(name), case);
            let is = (Form::Name(name, case), 1.0);
            self.dictionary.umric.insert(form, is);
        }
    }

    fn nouns(&mut self, one: &[Word], many: &[Word], sort: Sort) {
        for (&one, &many) in one.iter().zip(many) {
            if self.dictionary.nouns.contains_key(&one) {
                continue;
            }
            self.english(one, English::Noun(one, Number::One));
            self.english(many, English::Noun(one, Number::Many));
            let mut forms = Vec::new();
            for &case in sort.cases() {
                for number in Number::ALL {
                    for definiteness in Definiteness::ALL {
                        let form = Form::Noun(one, number, definiteness, case);
                        forms.push((noun_ending(number, definiteness, case), form));
                    }
                }
            }
            let stems = self.coin(&forms);
            let noun = Noun { many, sort, stems };
            self.dictionary.nouns.insert(one, noun);
        }
    }

    fn verbs(&mut self, past: &[Word], base: &[Word], class: Option<usize>) {
        for (&past, &base) in past.iter().zip(base) {
            self.english(past, English::Past(past));
            self.english(base, English::Base(past));
            let mut forms = Vec::new();
            for tense in Tense::ALL {
                for number in Number::ALL {
                    let form = Form::Verb(past, tense, number);
                    forms.push((verb_ending(tense, number), form));
                }
            }
            let stems = self.coin(&forms);
            let verb = Verb { base, class, stems };
            self.dictionary.verbs.insert(past, verb);
        }
    }

    fn adjectives(&mut self, words: &[Word], rank: Rank) {
        for &word in words {
            self.english(word, English::Adjective(word));
            let mut forms = Vec::new();
            for &case in rank.cases() {
                for number in Number::ALL {
                    let form = Form::Adjective(word, number, case);
                    forms.push((adjective_ending(number, case), form));
                }
            }
            let stems = self.coin(&forms);
            let adjective = Adjective { rank, stems };
            self.dictionary.adjectives.insert(word, adjective);
        }
    }

    /// Coins one or two stems, and enters all their forms.
    fn coin(&mut self, forms: &[(String, Form)]) -> Stems {
        let probs: &[f64] = match self.mint.random.random_bool(SYNONYM_SHARE) {
            true => &SYNONYMS,
            false => &[1.0],
        };
        let mut stems = Stems::new();
        for &prob in probs {
            let stem = self
                .mint
                .stem(forms.iter().map(|(ending, _)| ending.as_str()));
            for (ending, form) in forms {
                let word = [stem.as_str(), ending].concat();
                self.dictionary.umric.insert(word, (*form, prob));
            }
            stems.push((stem, prob));
        }
        stems
    }
}

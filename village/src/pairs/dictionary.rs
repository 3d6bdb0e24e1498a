//! The words of both languages, their translations and their selectional restrictions.

use std::collections::HashMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::meaning::{
    Clause, Connective, Definiteness, Meaning, Nominal, NounPhrase, Number, Polarity, Relation,
    Tense,
};
use super::stems::StemGenerator;
use super::umric_grammar::{self, Case, adjective_ending, name_form, noun_ending, verb_ending};
use super::word_entries::{
    Adjective, EnglishForm, NAME_CASES, Noun, Rank, SemanticClass, Stems, UmricForm, Verb,
};
use super::wording::SYNONYM_PROBS;
use crate::lexicon::Word;
use crate::settings::Settings;
use crate::world::World;

/// Share of Umric words with a synonym. With it and [`SYNONYM_PROBS`], the best translation has a BLEU of about 85
/// into Umric and, because grammatical words have synonyms in English, about 90 into English.
const SYNONYM_SHARE: f64 = 0.2;

/// The random stream of the Umric words, which no document uses.
const LANGUAGE_STREAM: u64 = u64::MAX;

/// All words of a world, in English and in Umric.
#[derive(Debug, Clone)]
pub(crate) struct Dictionary {
    pub(crate) world: World,
    pub(crate) nouns: HashMap<Word, Noun>,
    pub(crate) verbs: HashMap<Word, Verb>,
    pub(crate) adjectives: HashMap<Word, Adjective>,
    english: HashMap<String, EnglishForm>,
    umric: HashMap<String, (UmricForm, f64)>,
}

impl Dictionary {
    pub(crate) fn new(settings: &Settings) -> Dictionary {
        let world = World::new(settings);
        let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
        random.set_stream(LANGUAGE_STREAM);
        let grammar = umric_grammar::grammar().into_iter().map(str::to_owned);
        let stem_generator = StemGenerator::new(random, world.words.iter().cloned().chain(grammar));
        let dictionary = Dictionary {
            world,
            nouns: HashMap::new(),
            verbs: HashMap::new(),
            adjectives: HashMap::new(),
            english: HashMap::new(),
            umric: HashMap::new(),
        };
        let mut builder = DictionaryBuilder {
            dictionary,
            stem_generator,
        };
        builder.add_all();
        builder.dictionary
    }

    pub(crate) fn text(&self, word: Word) -> &str {
        self.world.text(word)
    }

    pub(crate) fn english(&self, word: &str) -> Option<&EnglishForm> {
        self.english.get(word)
    }

    /// The form of an Umric word, and its probability among its synonyms.
    pub(crate) fn umric(&self, word: &str) -> Option<&(UmricForm, f64)> {
        self.umric.get(word)
    }

    /// The open-class words in all forms: English, Umric.
    pub(crate) fn open_words(&self) -> [Vec<&str>; 2] {
        [
            self.english.keys().map(String::as_str).collect(),
            self.umric.keys().map(String::as_str).collect(),
        ]
    }

    /// Whether the grammar of both languages can express the meaning.
    pub(crate) fn fits(&self, meaning: &Meaning) -> bool {
        self.clause_fits(&meaning.first)
            && meaning.second.is_none_or(|(connective, second)| {
                let together =
                    connective != Connective::While || meaning.first.tense == second.tense;
                together && self.clause_fits(&second)
            })
    }

    fn clause_fits(&self, clause: &Clause) -> bool {
        let verb_class = self.verbs[&clause.verb].class;
        let object_class = clause
            .object
            .and_then(|object| self.nouns[&object.noun].semantic_class.class());
        // The English grammar has no third-person singular form.
        let has_english_form = clause.tense != Tense::Present
            || clause.polarity == Polarity::Negative
            || clause.subject.number() == Number::Plural;
        has_english_form
            && verb_class == object_class
            && self.nominal_fits(&clause.subject, Case::Nominative)
            && clause
                .object
                .is_none_or(|object| self.phrase_fits(&object, Case::Accusative))
            && clause
                .place
                .is_none_or(|(relation, landmark)| self.place_fits(relation, &landmark))
    }

    fn place_fits(&self, relation: Relation, landmark: &Nominal) -> bool {
        self.nominal_fits(landmark, Case::of(relation))
    }

    fn nominal_fits(&self, nominal: &Nominal, case: Case) -> bool {
        match nominal {
            Nominal::Person(_) => NAME_CASES.contains(&case),
            Nominal::NounPhrase(phrase) => self.phrase_fits(phrase, case),
        }
    }

    fn phrase_fits(&self, phrase: &NounPhrase, case: Case) -> bool {
        let rank = |word: &Word| self.adjectives[word].rank;
        let ranks = phrase.adjectives.iter().flatten().map(rank);
        self.nouns[&phrase.noun]
            .semantic_class
            .cases()
            .contains(&case)
            && ranks.clone().all(|rank| rank.cases().contains(&case))
            && ranks.is_sorted_by(|a, b| a < b)
    }
}

/// Fills a dictionary. Umric words are generated in the order of the world's tables.
#[derive(Debug)]
struct DictionaryBuilder {
    dictionary: Dictionary,
    stem_generator: StemGenerator,
}

impl DictionaryBuilder {
    fn add_all(&mut self) {
        let world = self.dictionary.world.clone();
        for &name in world.names.words() {
            self.add_name(name);
        }
        for (index, class) in world.classes.iter().enumerate() {
            let semantic_class = match index == world.animals {
                true => SemanticClass::Animal(index),
                false => SemanticClass::Thing(index),
            };
            self.add_nouns(class.singular.words(), class.plural.words(), semantic_class);
            self.add_verbs(class.past.words(), class.base.words(), Some(index));
        }
        // This adds the people: the animals among the beings have entries already.
        let (singular, plural) = (world.beings_singular.words(), world.beings_plural.words());
        self.add_nouns(singular, plural, SemanticClass::Person);
        let (singular, plural) = (world.places_singular.words(), world.places_plural.words());
        self.add_nouns(singular, plural, SemanticClass::Place);
        let activity = &world.activity;
        self.add_verbs(activity.past.words(), activity.base.words(), None);
        self.add_adjectives(world.feelings.words(), Rank::Feeling);
        self.add_adjectives(world.qualities.words(), Rank::Quality);
        self.add_adjectives(world.colours.words(), Rank::Colour);
    }

    fn add_english(&mut self, word: Word, form: EnglishForm) {
        let text = self.dictionary.text(word).to_owned();
        self.dictionary.english.insert(text, form);
    }

    fn add_name(&mut self, name: Word) {
        self.add_english(name, EnglishForm::Name(name));
        for case in NAME_CASES {
            let form = name_form(self.dictionary.text(name), case);
            let entry = (UmricForm::Name(name, case), 1.0);
            self.dictionary.umric.insert(form, entry);
        }
    }

    fn add_nouns(&mut self, singular: &[Word], plural: &[Word], semantic_class: SemanticClass) {
        for (&singular, &plural) in singular.iter().zip(plural) {
            if self.dictionary.nouns.contains_key(&singular) {
                continue;
            }
            self.add_english(singular, EnglishForm::Noun(singular, Number::Singular));
            self.add_english(plural, EnglishForm::Noun(singular, Number::Plural));
            let mut forms = Vec::new();
            for &case in semantic_class.cases() {
                for number in Number::ALL {
                    for definiteness in Definiteness::ALL {
                        let form = UmricForm::Noun(singular, number, definiteness, case);
                        forms.push((noun_ending(number, definiteness, case), form));
                    }
                }
            }
            let stems = self.add_stems(&forms);
            let noun = Noun {
                plural,
                semantic_class,
                stems,
            };
            self.dictionary.nouns.insert(singular, noun);
        }
    }

    fn add_verbs(&mut self, past: &[Word], base: &[Word], class: Option<usize>) {
        for (&past, &base) in past.iter().zip(base) {
            self.add_english(past, EnglishForm::Past(past));
            self.add_english(base, EnglishForm::Base(past));
            let mut forms = Vec::new();
            for tense in Tense::ALL {
                for number in Number::ALL {
                    let form = UmricForm::Verb(past, tense, number);
                    forms.push((verb_ending(tense, number), form));
                }
            }
            let stems = self.add_stems(&forms);
            let verb = Verb { base, class, stems };
            self.dictionary.verbs.insert(past, verb);
        }
    }

    fn add_adjectives(&mut self, words: &[Word], rank: Rank) {
        for &word in words {
            self.add_english(word, EnglishForm::Adjective(word));
            let mut forms = Vec::new();
            for &case in rank.cases() {
                for number in Number::ALL {
                    let form = UmricForm::Adjective(word, number, case);
                    forms.push((adjective_ending(number, case), form));
                }
            }
            let stems = self.add_stems(&forms);
            let adjective = Adjective { rank, stems };
            self.dictionary.adjectives.insert(word, adjective);
        }
    }

    /// Generates one or two stems and adds all their forms.
    fn add_stems(&mut self, forms: &[(String, UmricForm)]) -> Stems {
        let probs: &[f64] = match self.stem_generator.random.random_bool(SYNONYM_SHARE) {
            true => &SYNONYM_PROBS,
            false => &[1.0],
        };
        let mut stems = Stems::new();
        for &prob in probs {
            let stem = self
                .stem_generator
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

use std::collections::HashSet;

use harness::{Translator, bleu};

use super::wording::WordingSelector;
use super::*;

fn pairs(count: usize) -> Vec<Pair> {
    let pairs = Pairs::new(&Settings::default()).unwrap();
    pairs.take(count).collect()
}

#[test]
fn every_sentence_parses_to_its_meaning() {
    for settings in [
        Settings::default(),
        Settings {
            seed: 7,
            words_per_class: 3,
            ..Settings::default()
        },
    ] {
        let dictionary = Dictionary::new(&settings);
        for pair in Pairs::new(&settings).unwrap().take(3000) {
            for (language, text) in [
                (Language::English, &pair.english),
                (Language::Umric, &pair.umric),
            ] {
                let (meaning, log_prob) = language.read(&dictionary, text).expect(text);
                assert_eq!(meaning, pair.meaning, "{text}");
                assert!(log_prob <= 0.0);
            }
        }
    }
}

#[test]
fn the_seed_determines_the_sentences_and_none_occurs_twice() {
    let drawn = pairs(2000);
    assert_eq!(drawn, pairs(2000));
    let other = Settings {
        seed: 2,
        ..Settings::default()
    };
    let others: Vec<Pair> = Pairs::new(&other).unwrap().take(2000).collect();
    assert_ne!(drawn[0], others[0]);
    let english: HashSet<&str> = drawn.iter().map(|pair| pair.english.as_str()).collect();
    let umric: HashSet<&str> = drawn.iter().map(|pair| pair.umric.as_str()).collect();
    assert_eq!((english.len(), umric.len()), (2000, 2000));
}

#[test]
fn every_word_is_in_the_lists_and_the_languages_share_names_only() {
    let pairs = Pairs::new(&Settings::default()).unwrap();
    let english: HashSet<String> = pairs.english_words().into_iter().collect();
    let umric: HashSet<String> = pairs.umric_words().into_iter().collect();
    for pair in pairs.take(3000) {
        assert!(pair.english.split(' ').all(|word| english.contains(word)));
        assert!(pair.umric.split(' ').all(|word| umric.contains(word)));
    }
    let is_shared = |word: &&String| *word != "." && !word.starts_with(char::is_uppercase);
    assert_eq!(english.intersection(&umric).find(is_shared), None);
}

#[test]
fn all_word_forms_are_distinct() {
    let dictionary = Dictionary::new(&Settings::default());
    let [english, umric] = dictionary.open_words();
    let nouns = dictionary.nouns.values();
    let adjectives = dictionary.adjectives.values();
    let names = dictionary.world.names.words().len();
    assert_eq!(
        english.len(),
        names + 2 * nouns.len() + 2 * dictionary.verbs.len() + adjectives.len()
    );
    let of_nouns = nouns.map(|noun| 4 * noun.semantic_class.cases().len() * noun.stems.len());
    let of_verbs = dictionary.verbs.values().map(|verb| 10 * verb.stems.len());
    let of_adjectives = adjectives.map(|word| 2 * word.rank.cases().len() * word.stems.len());
    let forms: usize = of_nouns.chain(of_verbs).chain(of_adjectives).sum();
    assert_eq!(umric.len(), 2 * names + forms);
}

#[test]
fn synonyms_are_drawn_as_often_as_they_are_scored() {
    let drawn = pairs(10_000);
    let count = |word: &str| {
        let words = drawn.iter().flat_map(|pair| pair.english.split(' '));
        words.filter(|other| *other == word).count() as f64
    };
    let share = count("since") / (count("since") + count("because"));
    // About 1,400 samples, so three standard errors are 0.04.
    assert!((share - wording::SYNONYM_PROBS[1]).abs() < 0.04, "{share}");
}

/// Enumerates all wordings like an odometer, with the probability of each.
#[derive(Debug, Default)]
struct Odometer {
    digits: Vec<(usize, usize)>,
    at: usize,
    prob: f64,
}

impl Odometer {
    /// All wordings of a meaning with their probabilities.
    fn all(mut render: impl FnMut(&mut Odometer) -> String) -> Vec<(String, f64)> {
        let mut odometer = Odometer::default();
        let mut all = Vec::new();
        loop {
            (odometer.at, odometer.prob) = (0, 1.0);
            let text = render(&mut odometer);
            all.push((text, odometer.prob));
            while odometer.digits.last().is_some_and(|&(at, of)| at + 1 == of) {
                odometer.digits.pop();
            }
            match odometer.digits.last_mut() {
                Some((at, _)) => *at += 1,
                None => return all,
            }
        }
    }
}

impl WordingSelector for Odometer {
    fn index(&mut self, probs: &mut dyn Iterator<Item = f64>) -> usize {
        let probs: Vec<f64> = probs.collect();
        if self.at == self.digits.len() {
            self.digits.push((0, probs.len()));
        }
        let index = self.digits[self.at].0;
        self.at += 1;
        self.prob *= probs[index];
        index
    }
}

#[test]
fn the_wordings_of_a_meaning_sum_to_one_and_the_oracle_takes_the_most_probable() {
    let settings = Settings::default();
    let dictionary = Dictionary::new(&settings);
    let to_english = OracleTranslator::new(&settings, Direction::ToEnglish).unwrap();
    let from_english = OracleTranslator::new(&settings, Direction::FromEnglish).unwrap();
    for pair in pairs(200) {
        let english =
            Odometer::all(|selector| english::render(&dictionary, &pair.meaning, selector));
        let umric = Odometer::all(|selector| umric::render(&dictionary, &pair.meaning, selector));
        for (oracle, source, wordings) in [
            (&to_english, &pair.umric, english),
            (&from_english, &pair.english, umric),
        ] {
            let best = oracle.translate(&[source]).unwrap().remove(0);
            let best = oracle.score_pairs(&[(source, &best)]).unwrap()[0];
            let mut sum = 0.0;
            for (text, prob) in &wordings {
                let score = oracle.score_pairs(&[(source, text)]).unwrap()[0];
                assert!((score - prob.ln()).abs() < 1e-12, "{text}");
                assert!(score <= best + 1e-12, "{text}");
                sum += score.exp();
            }
            assert!((sum - 1.0).abs() < 1e-9, "{source}: {sum}");
        }
    }
}

#[test]
fn other_meanings_have_probability_zero_and_other_languages_are_rejected() {
    let oracle = OracleTranslator::new(&Settings::default(), Direction::FromEnglish).unwrap();
    let [one, other] = pairs(2).try_into().unwrap();
    let scores = oracle.score_pairs(&[
        (&one.english, &other.umric),
        (&one.english, "nu nu ."),
        (&one.english, ""),
    ]);
    assert_eq!(scores.unwrap(), [f64::NEG_INFINITY; 3]);
    for source in [&one.umric, "", ".", "the the the .", "Otto"] {
        let refused = oracle.translate(&[source]).unwrap_err().to_string();
        assert!(refused.contains(&format!("{source:?}")), "{refused}");
    }
}

#[test]
fn a_changed_sentence_parses_only_if_the_grammar_generates_it() {
    let dictionary = Dictionary::new(&Settings::default());
    let drawn = pairs(400);
    let (mut read, mut refused) = (0, 0);
    for (pair, other) in drawn.iter().zip(&drawn[1..]) {
        for (language, text, from) in [
            (Language::English, &pair.english, &other.english),
            (Language::Umric, &pair.umric, &other.umric),
        ] {
            for text in changes(text, from) {
                let Some((meaning, log_prob)) = language.read(&dictionary, &text) else {
                    refused += 1;
                    continue;
                };
                read += 1;
                let wordings = Odometer::all(|selector| match language {
                    Language::English => english::render(&dictionary, &meaning, selector),
                    Language::Umric => umric::render(&dictionary, &meaning, selector),
                });
                let found = wordings.iter().find(|(wording, _)| *wording == text);
                let (_, prob) = found.expect(&text);
                assert!((log_prob - prob.ln()).abs() < 1e-12, "{text}");
            }
        }
    }
    assert!(
        read > 500 && refused > 5000,
        "{read} read, {refused} refused"
    );
}

/// The sentence with each word in turn deleted, doubled, and replaced by the word of another sentence at that
/// position.
fn changes(text: &str, from: &str) -> Vec<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let from: Vec<&str> = from.split(' ').collect();
    let mut changes = Vec::new();
    for at in 0..words.len() {
        let with = |middle: &[&str]| [&words[..at], middle, &words[at + 1..]].concat().join(" ");
        changes.push(with(&[]));
        changes.push(with(&[words[at]; 2]));
        changes.push(with(&[from[at % from.len()]]));
    }
    changes
}

#[test]
fn the_best_translation_has_a_bleu_below_a_hundred() {
    let settings = Settings::default();
    let drawn = pairs(1000);
    for direction in [Direction::ToEnglish, Direction::FromEnglish] {
        let sides = drawn.iter().map(|pair| match direction {
            Direction::ToEnglish => (pair.umric.as_str(), pair.english.as_str()),
            Direction::FromEnglish => (pair.english.as_str(), pair.umric.as_str()),
        });
        let (sources, targets): (Vec<&str>, Vec<&str>) = sides.unzip();
        let oracle = OracleTranslator::new(&settings, direction).unwrap();
        let translations = oracle.translate(&sources).unwrap();
        let hypotheses: Vec<&str> = translations.iter().map(String::as_str).collect();
        let references: Vec<Vec<&str>> = targets.iter().map(|&target| vec![target]).collect();
        let score = bleu(&hypotheses, &references).score;
        println!("{direction:?}: {score:.1}");
        assert!(50.0 < score && score < 100.0);
    }
}

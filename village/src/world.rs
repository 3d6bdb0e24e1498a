//! The world: people, places, things and the facts about them. The seed fixes it.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::choices::Table;
use crate::closed_class::CLOSED_CLASS;
use crate::lexicon::Word;
use crate::settings::Settings;

mod word_lists;

pub(crate) use word_lists::Forms;
use word_lists::WordLists;

/// Grammatical gender of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gender {
    Female,
    Male,
}

/// A person and the facts about them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Person {
    pub(crate) name: Word,
    pub(crate) gender: Gender,
    /// Indices into [`World::towns`] and [`World::jobs`].
    pub(crate) town: usize,
    pub(crate) job: usize,
    /// Favourite food, in the plural.
    pub(crate) food: Word,
    /// Kinship term and name of a relative.
    pub(crate) kin: (Word, Word),
}

/// A town and the adjective for its people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Town {
    pub(crate) name: Word,
    pub(crate) demonym: Word,
}

/// A job and its product.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job {
    pub(crate) singular: Word,
    pub(crate) plural: Word,
    pub(crate) product: Word,
}

/// A class of things, and the verbs that take only these as objects.
#[derive(Debug, Clone)]
pub(crate) struct Class {
    pub(crate) singular: Table,
    pub(crate) plural: Table,
    /// Past and base forms of the verbs.
    pub(crate) past: Table,
    pub(crate) base: Table,
}

/// The word class of a word, with an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A closed-class word.
    ClosedClass,
    /// Index into [`World::people`].
    Name(usize),
    /// Index into [`World::towns`].
    Town(usize),
    /// Index into [`World::towns`].
    Demonym(usize),
    /// Index into [`World::jobs`].
    JobSingular(usize),
    /// Index into [`World::jobs`].
    JobPlural(usize),
    /// Index into [`World::jobs`].
    Product(usize),
    /// A thing in the singular; index into [`World::classes`].
    ThingSingular(usize),
    /// A thing in the plural; index into [`World::classes`].
    ThingPlural(usize),
    /// A verb in the past form; index into [`World::classes`].
    VerbPast(usize),
    /// A verb in the base form; index into [`World::classes`].
    VerbBase(usize),
    /// A word of another open class.
    Other,
}

/// All facts that the seed fixes.
#[derive(Debug, Clone)]
pub(crate) struct World {
    /// All words; a [`Word`] is an index.
    pub(crate) words: Vec<String>,
    roles: Vec<Role>,
    pub(crate) people: Vec<Person>,
    pub(crate) names: Table,
    pub(crate) towns: Vec<Town>,
    pub(crate) town_names: Table,
    pub(crate) jobs: Vec<Job>,
    pub(crate) jobs_singular: Table,
    pub(crate) jobs_plural: Table,
    pub(crate) products: Table,
    pub(crate) classes: Vec<Class>,
    /// Verbs of all classes.
    pub(crate) verbs_past: Table,
    pub(crate) verbs_base: Table,
    /// Things of all classes.
    pub(crate) things_singular: Table,
    pub(crate) things_plural: Table,
    /// Things that can be carried.
    pub(crate) portable: Table,
    pub(crate) animals: usize,
    pub(crate) foods: usize,
    pub(crate) flowers: usize,
    /// People and animals as subjects of agreement.
    pub(crate) beings_singular: Table,
    pub(crate) beings_plural: Table,
    pub(crate) activity: Activity,
    pub(crate) feelings: Table,
    pub(crate) qualities: Table,
    pub(crate) colours: Table,
    pub(crate) weathers: Table,
    pub(crate) places_singular: Table,
    pub(crate) places_plural: Table,
    /// Pairs of a male and a female word, for word tests.
    pub(crate) genders: Vec<(Word, Word)>,
    /// Pairs of singular and plural, for word tests.
    pub(crate) plurals: Vec<(Word, Word)>,
    /// Pairs of base and past form, for word tests.
    pub(crate) tenses: Vec<(Word, Word)>,
}

/// Intransitive verbs.
#[derive(Debug, Clone)]
pub(crate) struct Activity {
    pub(crate) base: Table,
    pub(crate) past: Table,
    pub(crate) ing: Table,
}

/// Exponents of Zipf's law for names, and for all other open classes.
const NAMES_EXPONENT: f64 = 1.0;
const EXPONENT: f64 = 1.0;

impl World {
    pub(crate) fn new(settings: &Settings) -> World {
        // Documents use other streams of the same seed.
        let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
        let lists = WordLists::read(settings.words_per_class, &mut random);
        let mut builder = WorldBuilder {
            words: CLOSED_CLASS.iter().map(|&word| word.to_owned()).collect(),
            roles: vec![Role::ClosedClass; CLOSED_CLASS.len()],
        };
        builder.world(&lists, &mut random)
    }

    pub(crate) fn text(&self, word: Word) -> &str {
        &self.words[word.index()]
    }

    pub(crate) fn role(&self, word: Word) -> Role {
        self.roles[word.index()]
    }

    /// The person with this name.
    pub(crate) fn person(&self, name: Word) -> &Person {
        match self.role(name) {
            Role::Name(index) => &self.people[index],
            role => panic!("{} is {role:?}, not a name", self.text(name)),
        }
    }
}

/// Assigns numbers to the words of the lists.
struct WorldBuilder {
    words: Vec<String>,
    roles: Vec<Role>,
}

impl WorldBuilder {
    fn word(&mut self, text: &str, role: Role) -> Word {
        // A closed-class word can belong to an open class, too: it keeps its number.
        if let Some(at) = CLOSED_CLASS.iter().position(|&word| word == text) {
            self.roles[at] = role;
            return Word(at as u16);
        }
        self.words.push(text.to_owned());
        self.roles.push(role);
        Word((self.words.len() - 1) as u16)
    }

    fn column(
        &mut self,
        forms: &[Forms],
        column: usize,
        role: impl Fn(usize) -> Role,
    ) -> Vec<Word> {
        let forms = forms.iter().enumerate();
        forms
            .map(|(index, forms)| self.word(&forms[column], role(index)))
            .collect()
    }

    fn others(&mut self, forms: &[Forms], column: usize) -> Vec<Word> {
        self.column(forms, column, |_| Role::Other)
    }

    fn world(&mut self, lists: &WordLists, random: &mut ChaCha8Rng) -> World {
        let zipf = |words: &[Word]| Table::zipf(words.to_vec(), EXPONENT);
        let names = self.column(&lists.names, 0, Role::Name);
        let towns = self.column(&lists.towns, 0, Role::Town);
        let demonyms = self.column(&lists.towns, 1, Role::Demonym);
        let jobs = self.column(&lists.jobs, 0, Role::JobSingular);
        let jobs_plural = self.column(&lists.jobs, 1, Role::JobPlural);
        let products: Vec<Word> = lists
            .jobs
            .iter()
            .enumerate()
            .map(|(index, forms)| {
                let drawn = random.random_range(2..forms.len());
                self.word(&forms[drawn], Role::Product(index))
            })
            .collect();
        let (mut classes, mut singulars, mut plurals_by_class) =
            (Vec::new(), Vec::new(), Vec::new());
        let (mut plurals, mut tenses) = (Vec::new(), Vec::new());
        for (index, (_, things, verbs)) in lists.classes.iter().enumerate() {
            let singular = self.column(things, 0, |_| Role::ThingSingular(index));
            let plural = self.column(things, 1, |_| Role::ThingPlural(index));
            let base = self.column(verbs, 0, |_| Role::VerbBase(index));
            let past = self.column(verbs, 2, |_| Role::VerbPast(index));
            plurals.extend(singular.iter().copied().zip(plural.iter().copied()));
            tenses.extend(base.iter().copied().zip(past.iter().copied()));
            classes.push(Class {
                singular: zipf(&singular),
                plural: zipf(&plural),
                past: zipf(&past),
                base: zipf(&base),
            });
            singulars.push(singular);
            plurals_by_class.push(plural);
        }
        let class = |name: &str| {
            let found = lists.classes.iter().position(|(class, ..)| class == name);
            found.expect("the lists have this class")
        };
        let (animals, foods, flowers) = (class("animal"), class("food"), class("flower"));
        let is_portable =
            |index: &usize| ![animals, foods, flowers, class("furniture")].contains(index);
        let portable: Vec<usize> = (0..classes.len()).filter(is_portable).collect();
        let [men, men_plural, women, women_plural] =
            [0, 1, 2, 3].map(|column| self.others(&lists.people, column));
        let people = [men.clone(), women.clone()].concat();
        let people_plural = [men_plural, women_plural].concat();
        plurals.extend(people.iter().copied().zip(people_plural.iter().copied()));
        let activity = [0, 2, 3].map(|column| self.others(&lists.activities, column));
        tenses.extend(activity[0].iter().copied().zip(activity[1].iter().copied()));
        let kin = [0, 2].map(|column| self.others(&lists.kin, column));
        let mut genders: Vec<(Word, Word)> =
            kin[0].iter().copied().zip(kin[1].iter().copied()).collect();
        genders.extend(men.into_iter().zip(women));
        let verbs = |form: fn(&Class) -> &Table| {
            let words = classes
                .iter()
                .flat_map(|class| form(class).words().to_vec());
            Table::zipf(words.collect(), 0.0)
        };
        World {
            people: draw_people(
                lists,
                &names,
                &towns,
                &jobs,
                &plurals_by_class[foods],
                &kin,
                random,
            ),
            names: Table::zipf(names, NAMES_EXPONENT),
            town_names: zipf(&towns),
            towns: towns
                .into_iter()
                .zip(demonyms)
                .map(|(name, demonym)| Town { name, demonym })
                .collect(),
            jobs_singular: zipf(&jobs),
            jobs_plural: zipf(&jobs_plural),
            products: zipf(&products),
            jobs: jobs
                .into_iter()
                .zip(jobs_plural)
                .zip(products)
                .map(|((singular, plural), product)| Job {
                    singular,
                    plural,
                    product,
                })
                .collect(),
            verbs_past: verbs(|class| &class.past),
            verbs_base: verbs(|class| &class.base),
            things_singular: mixed(&singulars),
            things_plural: mixed(&plurals_by_class),
            portable: mixed(
                &portable
                    .iter()
                    .map(|&index| singulars[index].clone())
                    .collect::<Vec<_>>(),
            ),
            beings_singular: mixed(&[people, singulars[animals].clone()]),
            beings_plural: mixed(&[people_plural, plurals_by_class[animals].clone()]),
            activity: Activity {
                base: zipf(&activity[0]),
                past: zipf(&activity[1]),
                ing: zipf(&activity[2]),
            },
            feelings: zipf(&self.others(&lists.feelings, 0)),
            qualities: zipf(&self.others(&lists.qualities, 0)),
            colours: zipf(&self.others(&lists.colours, 0)),
            weathers: zipf(&self.others(&lists.weathers, 0)),
            places_singular: zipf(&self.others(&lists.places, 0)),
            places_plural: zipf(&self.others(&lists.places, 1)),
            classes,
            animals,
            foods,
            flowers,
            genders,
            plurals,
            tenses,
            words: std::mem::take(&mut self.words),
            roles: std::mem::take(&mut self.roles),
        }
    }
}

/// Merges several classes rank by rank, so that none is rarer than another.
fn mixed(classes: &[Vec<Word>]) -> Table {
    let longest = classes.iter().map(Vec::len).max().unwrap_or(0);
    let by_rank = |rank: usize| {
        classes
            .iter()
            .filter_map(move |class| class.get(rank).copied())
    };
    Table::zipf((0..longest).flat_map(by_rank).collect(), EXPONENT)
}

/// Draws the facts about each person.
fn draw_people(
    lists: &WordLists,
    names: &[Word],
    towns: &[Word],
    jobs: &[Word],
    foods: &[Word],
    kin: &[Vec<Word>; 2],
    random: &mut ChaCha8Rng,
) -> Vec<Person> {
    let gender = |index: usize| match lists.names[index][1].as_str() {
        "f" => Gender::Female,
        _ => Gender::Male,
    };
    // Everybody has one relative: the next person in a shuffled circle.
    let mut circle: Vec<usize> = (0..names.len()).collect();
    circle.shuffle(random);
    let mut people: Vec<Person> = (0..names.len())
        .map(|index| Person {
            name: names[index],
            gender: gender(index),
            town: random.random_range(0..towns.len()),
            job: random.random_range(0..jobs.len()),
            food: foods[random.random_range(0..foods.len())],
            kin: (names[index], names[index]),
        })
        .collect();
    for (at, &index) in circle.iter().enumerate() {
        let relative = circle[(at + 1) % circle.len()];
        let words = match gender(relative) {
            Gender::Male => &kin[0],
            Gender::Female => &kin[1],
        };
        people[index].kin = (words[random.random_range(0..words.len())], names[relative]);
    }
    people
}

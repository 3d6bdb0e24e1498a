//! The village as a prepared corpus: stories and conversations with tags, sentence pairs, and tests of models.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use corpus::{Composer, Composition, Corpus, Generator, OnExisting, Passage, Split, Watch};
use rayon::prelude::*;

use crate::choices::Writer;
use crate::document::Kind;
use crate::error::{Error, Result};
use crate::lexicon::{Word, w};
use crate::pairs::Pairs;
use crate::phenomenon::Phenomenon;
use crate::settings::Settings;
use crate::test_files::{analogies, minimal_pairs, similarities};
use crate::village::{Stream, VERSION, Village};

/// Names of the files with tests, below `tests/` in the corpus' folder.
pub const ANALOGIES: &str = "analogies.txt";
/// See [`ANALOGIES`].
pub const SIMILARITIES: &str = "similarities.tsv";
/// See [`ANALOGIES`].
pub const MINIMAL_PAIRS: &str = "minimal-pairs.jsonl";

/// The generator's name in `corpus.toml`.
const GENERATOR: &str = "village";

/// Tokens that are told by one stream of random numbers: so the text does not depend on the number of threads.
const CHUNK: u64 = 1 << 16;

impl Village {
    /// Writes everything into `folder`, whose last part is the corpus' name. It appears when it is complete.
    ///
    /// # Errors
    /// [`Error::Corpus`] when the name is taken or the disk refuses, and when the watch interrupts; nothing is left then.
    pub fn prepare(
        &self,
        folder: &Path,
        existing: OnExisting,
        watch: &mut Watch<'_>,
    ) -> Result<Corpus> {
        let mut composer =
            Composer::begin(folder, existing, self.words().to_vec(), self.composition())?;
        let settings = self.settings();
        // The held-out documents first: what they tell is not told in training.
        let splits = [
            (Split::Test, settings.held_out),
            (Split::Valid, settings.held_out),
            (Split::Train, settings.tokens),
        ];
        let mut seen = SeenDocuments {
            held_out: HashSet::new(),
            counts: vec![0; self.words().len()],
        };
        let total = splits.iter().map(|(_, tokens)| tokens).sum();
        for (number, (split, tokens)) in splits.into_iter().enumerate() {
            self.write_split(
                &mut composer,
                split,
                number as u64,
                tokens,
                &mut seen,
                &mut |done| Ok(watch.advance("telling", done, Some(total))?),
            )?;
        }
        self.write_pairs(&mut composer)?;
        self.write_tests(&mut composer, &seen.counts)?;
        watch.advance("checking", 0, None)?;
        Ok(composer.finish()?)
    }

    /// The village that a corpus came from.
    ///
    /// # Errors
    /// [`Error::Foreign`] if it came from elsewhere, or from another version.
    pub fn of(corpus: &Corpus) -> Result<Village> {
        let foreign = |what: String| Error::Foreign {
            corpus: corpus.name().to_owned(),
            what,
        };
        let generator = corpus.record.generator.as_ref();
        let generator =
            generator.ok_or_else(|| foreign("the village did not make it".to_owned()))?;
        Village::of_generator(generator).map_err(|error| match error {
            Error::Foreign { what, .. } => foreign(what),
            other => other,
        })
    }

    /// The village that is on record, in a corpus or in the model folder of an oracle.
    ///
    /// # Errors
    /// [`Error::Foreign`] if it is another generator or another version; as for [`Village::new`].
    pub fn of_generator(generator: &Generator) -> Result<Village> {
        let foreign = |what: String| {
            Err(Error::Foreign {
                corpus: generator.name.clone(),
                what,
            })
        };
        if generator.name != GENERATOR {
            return foreign(format!("made by {}, not by the village", generator.name));
        }
        if generator.version != VERSION {
            let made = generator.version;
            return foreign(format!(
                "made by version {made} of the village, and this is version {VERSION}; prepare it again"
            ));
        }
        match generator.settings.clone().try_into::<Settings>() {
            Ok(settings) => Village::new(&settings),
            Err(error) => foreign(format!("its settings cannot be read: {}", error.message())),
        }
    }

    /// What is kept on record, so that oracle and judge can be rebuilt.
    pub fn generator(&self) -> Generator {
        let settings = toml::Table::try_from(self.settings());
        Generator {
            name: GENERATOR.to_owned(),
            version: VERSION,
            settings: settings.expect("settings are plain numbers"),
        }
    }

    fn composition(&self) -> Composition {
        Composition {
            source: format!("the village, version {VERSION}"),
            licence: Some("MIT OR Apache-2.0".to_owned()),
            tags: Phenomenon::ALL
                .map(|phenomenon| phenomenon.name().to_owned())
                .to_vec(),
            generator: Some(self.generator()),
            seed: self.settings().seed,
        }
    }

    /// Tells documents of a split until there are enough tokens; `progress` hears of each chunk.
    fn write_split(
        &self,
        composer: &mut Composer,
        split: Split,
        number: u64,
        tokens: u64,
        seen: &mut SeenDocuments,
        progress: &mut dyn FnMut(u64) -> Result<()>,
    ) -> Result<()> {
        let chunks: Vec<u64> = (0..tokens.div_ceil(CHUNK)).collect();
        // As many at once as there are threads, so that memory does not grow with the corpus.
        for group in chunks.chunks(2 * rayon::current_num_threads()) {
            let chunks: Vec<Chunk> = group
                .par_iter()
                .map(|&chunk| {
                    let quota = CHUNK.min(tokens - chunk * CHUNK);
                    Chunk::generate(self, Stream::Documents(number, chunk), quota as usize)
                })
                .collect();
            for chunk in &chunks {
                chunk.compose(composer, split, seen)?;
                progress(chunk.tokens.len() as u64)?;
            }
        }
        Ok(())
    }

    /// Of twenty pairs, one is for validation and one for test; no meaning occurs twice.
    fn write_pairs(&self, composer: &mut Composer) -> Result<()> {
        const GROUP: usize = 20;
        if self.settings().pairs == 0 {
            return Ok(());
        }
        let pairs = Pairs::new(self.settings())?;
        let words = [pairs.english_words(), pairs.umric_words()].map(Side::new);
        let numbered = pairs.take(self.settings().pairs as usize).enumerate();
        let split = |index: usize| match index % GROUP {
            0 => Split::Valid,
            1 => Split::Test,
            _ => Split::Train,
        };
        let sentences = numbered.map(|(index, pair)| {
            let [english, umric] = &words;
            (
                split(index),
                english.ids(&pair.english),
                umric.ids(&pair.umric),
            )
        });
        let names = words.each_ref().map(|side| side.words.clone());
        Ok(composer.pairs(names, sentences)?)
    }

    fn write_tests(&self, composer: &mut Composer, counts: &[u64]) -> Result<()> {
        let is_used = |word: Word| counts[word.index()] > 0;
        let mut random = self.random(Stream::Tests);
        composer.file(
            &format!("tests/{ANALOGIES}"),
            analogies(&self.world, &is_used, &mut random).as_bytes(),
        )?;
        composer.file(
            &format!("tests/{SIMILARITIES}"),
            similarities(&self.world, &is_used, &mut random).as_bytes(),
        )?;
        let mut lines = String::new();
        for pair in minimal_pairs(self, &mut random) {
            lines += &serde_json::to_string(&pair).expect("a pair is plain text");
            lines.push('\n');
        }
        Ok(composer.file(&format!("tests/{MINIMAL_PAIRS}"), lines.as_bytes())?)
    }
}

/// What has been told so far.
struct SeenDocuments {
    /// Hashes of the documents of test and validation: no document is in two splits.
    held_out: HashSet<u64>,
    /// How often each word occurs in training.
    counts: Vec<u64>,
}

impl SeenDocuments {
    /// Whether a document must be left out, as an earlier split has it; counts it if not.
    fn is_held_out(&mut self, tokens: &[u32], split: Split) -> bool {
        let mut hasher = DefaultHasher::new();
        tokens.hash(&mut hasher);
        let hash = hasher.finish();
        match split {
            Split::Test => {
                self.held_out.insert(hash);
                false
            }
            // A repetition within validation is left out too; it does no harm.
            Split::Valid => !self.held_out.insert(hash),
            Split::Train if self.held_out.contains(&hash) => true,
            Split::Train => {
                tokens
                    .iter()
                    .for_each(|&token| self.counts[token as usize] += 1);
                false
            }
        }
    }
}

/// Documents of one stream of random numbers.
struct Chunk {
    tokens: Vec<u32>,
    tags: Vec<u8>,
    /// Where each document ends, and what it is.
    documents: Vec<(usize, Kind)>,
}

impl Chunk {
    fn generate(village: &Village, stream: Stream, quota: usize) -> Chunk {
        let mut random = village.random(stream);
        let mut writer = Writer::new(&mut random);
        let mut documents = Vec::new();
        while writer.words.len() < quota {
            let kind = village.write(&mut writer);
            documents.push((writer.words.len(), kind));
        }
        Chunk {
            tokens: writer.words.iter().map(|word| u32::from(word.0)).collect(),
            tags: writer.tags,
            documents,
        }
    }

    fn compose(
        &self,
        composer: &mut Composer,
        split: Split,
        seen: &mut SeenDocuments,
    ) -> Result<()> {
        let end_of_line = u32::from(w!("<eos>").0);
        let mut start = 0;
        for &(end, kind) in &self.documents {
            let (tokens, tags) = (&self.tokens[start..end], &self.tags[start..end]);
            start = end;
            if seen.is_held_out(tokens, split) {
                continue;
            }
            let turns = tokens.iter().filter(|&&token| token == end_of_line).count();
            // Speakers take turns.
            let speakers: Vec<u8> = (0..turns).map(|turn| (turn % 2) as u8).collect();
            composer.document(
                split,
                &Passage {
                    tokens,
                    tags,
                    speakers: (kind == Kind::Dialogue).then_some(&speakers),
                },
            )?;
        }
        Ok(())
    }
}

/// The words of one language of the pairs.
struct Side {
    words: Vec<String>,
    ids: HashMap<String, u32>,
}

impl Side {
    fn new(mut words: Vec<String>) -> Side {
        words.extend([corpus::EOS, corpus::UNK].map(str::to_owned));
        let ids = words.iter().cloned().zip(0..).collect();
        Side { words, ids }
    }

    fn ids(&self, sentence: &str) -> Vec<u32> {
        let words = sentence.split(' ').chain([corpus::EOS]);
        words.map(|word| self.ids[word]).collect()
    }
}

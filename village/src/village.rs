//! The village as a whole: everything that one setting decides.

use crate::choices::{Observer, Reader, Stop, Writer};
use crate::document::{self, Kind};
use crate::error::Result;
use crate::lexicon::Word;
use crate::settings::Settings;
use crate::world::World;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Version of the generator: the same settings give the same bytes only within one.
pub const VERSION: u32 = 1;

/// A world and what is told of it.
#[derive(Debug, Clone)]
pub struct Village {
    pub(crate) settings: Settings,
    pub(crate) world: World,
}

/// Streams of random numbers of one seed: the world itself is drawn from the first.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// Documents of a split, by its place among the splits and the number of the chunk.
    Documents(u64, u64),
    Tests,
    Contexts,
}

impl Village {
    /// Builds the world.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming the field, its value and its bound.
    pub fn new(settings: &Settings) -> Result<Village> {
        settings.validate()?;
        Ok(Village {
            world: World::new(settings),
            settings: settings.clone(),
        })
    }

    /// Its settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All words that can occur in its documents, `<eos>` and `<unk>` among them.
    pub fn words(&self) -> &[String] {
        &self.world.words
    }

    pub(crate) fn random(&self, stream: Stream) -> ChaCha8Rng {
        let mut random = ChaCha8Rng::seed_from_u64(self.settings.seed);
        random.set_stream(match stream {
            Stream::Tests => 1,
            Stream::Contexts => 2,
            Stream::Documents(split, chunk) => 3 + split + 3 * chunk,
        });
        random
    }

    /// Writes one document.
    pub(crate) fn write(&self, writer: &mut Writer<'_>) -> Kind {
        writer.begin();
        let kind = document::generate(writer, &self.world, &self.settings);
        kind.expect("a writer has no end of its own")
    }

    /// Reads documents, one after the other, to the end of the text. After an impossible word nothing is known of the
    /// rest of its line; what follows is read as the beginning of a document.
    ///
    /// Returns where the first impossible word stands, if there is one.
    pub(crate) fn read(&self, text: &[Word], observer: &mut impl Observer) -> Option<usize> {
        let mut reader = Reader::new(text, observer);
        let mut impossible = None;
        loop {
            match document::generate(&mut reader, &self.world, &self.settings) {
                Ok(_) => reader.next_document(),
                Err(Stop::End) => return impossible,
                Err(Stop::Impossible) => {
                    impossible.get_or_insert(reader.at());
                    if !reader.skip_line() {
                        return impossible;
                    }
                }
            }
        }
    }
}

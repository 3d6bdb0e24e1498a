//! A village: the world and the documents of one setting.

use crate::choices::{Observer, Reader, Stop, Writer};
use crate::document::{self, Kind};
use crate::error::Result;
use crate::lexicon::Word;
use crate::settings::Settings;
use crate::world::World;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Version of the generator. The same settings give the same bytes only within one version.
pub const VERSION: u32 = 1;

/// A world and the settings of its documents.
#[derive(Debug, Clone)]
pub struct Village {
    pub(crate) settings: Settings,
    pub(crate) world: World,
}

/// Random streams of one seed. The world itself uses stream 0.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// Documents of a split, by the index of the split and the index of the chunk.
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

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All words that its documents can contain, including `<eos>` and `<unk>`.
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
        kind.expect("a writer never stops early")
    }

    /// Reads documents to the end of the text. After an impossible word the rest of its line is skipped, and the next
    /// line is read as the beginning of a document.
    ///
    /// Returns the position of the first impossible word, if there is one.
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

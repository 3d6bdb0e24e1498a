//! The files of a store.

use std::path::Path;

use corpus::Map;
use harness::{Error as HarnessError, ModelCard};

use super::{Header, PayloadKind, Store};
use crate::error::Result;

pub(crate) const FST: &str = "ngrams.fst";
const STATISTICS: &str = "contexts.u32";
pub(crate) const HEADER: &str = "store.toml";

/// Bytes in memory or in a file.
#[derive(Debug)]
pub(crate) enum Bytes {
    Memory(Vec<u8>),
    Mapped(Map),
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Memory(bytes) => bytes,
            Bytes::Mapped(map) => map,
        }
    }
}

impl Store {
    /// Saves the store in a model folder, except for files that were built there.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let write = |name: &str, bytes: &[u8]| {
            corpus::write_atomically(&folder.join(name), bytes).map_err(HarnessError::from)
        };
        if let Bytes::Memory(bytes) = &self.fst {
            write(FST, bytes)?;
        }
        if let Bytes::Memory(bytes) = &self.statistics
            && !bytes.is_empty()
        {
            write(STATISTICS, bytes)?;
        }
        let header = toml::to_string(&self.header)
            .map_err(|error| HarnessError::corrupt(&folder.join(HEADER), error.to_string()))?;
        Ok(write(HEADER, header.as_bytes())?)
    }

    /// Maps the store of a model folder; only the header is read.
    ///
    /// # Errors
    /// [`HarnessError::Io`], or [`HarnessError::Corrupt`] if a file is truncated or of another format.
    pub(crate) fn open(card: &ModelCard, folder: &Path) -> Result<Store> {
        let path = card.file(folder, HEADER)?;
        let text = corpus::read_text(&path).map_err(HarnessError::from)?;
        let header: Header = toml::from_str(&text)
            .map_err(|error| HarnessError::corrupt(&path, error.to_string()))?;
        let map = |name: &str| Map::open(&card.file(folder, name)?).map_err(HarnessError::from);
        let fst = Bytes::Mapped(map(FST)?);
        let statistics = match header.payloads {
            PayloadKind::KneserNey => Bytes::Mapped(map(STATISTICS)?),
            _ => Bytes::Memory(Vec::new()),
        };
        Store::new(header, fst, statistics, &folder.join(FST))
    }
}

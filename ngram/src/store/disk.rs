//! Where a store lies on disk.

use std::path::Path;

use corpus::Map;
use harness::Error as Fault;

use super::{Header, Payloads, Store};
use crate::error::Result;

pub(crate) const FST: &str = "ngrams.fst";
const ROWS: &str = "contexts.u32";
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
    /// Writes the store into a model folder, where it was not built there.
    ///
    /// # Errors
    /// Those of the disk.
    pub(crate) fn save(&self, folder: &Path) -> Result<()> {
        let write = |name: &str, bytes: &[u8]| {
            corpus::write_atomically(&folder.join(name), bytes).map_err(Fault::from)
        };
        if let Bytes::Memory(bytes) = &self.fst {
            write(FST, bytes)?;
        }
        if let Bytes::Memory(bytes) = &self.rows
            && !bytes.is_empty()
        {
            write(ROWS, bytes)?;
        }
        let header = toml::to_string(&self.header)
            .map_err(|error| Fault::corrupt(&folder.join(HEADER), error.to_string()))?;
        Ok(write(HEADER, header.as_bytes())?)
    }

    /// Maps the store of a model folder. Nothing but the header is read.
    ///
    /// # Errors
    /// [`Fault::Io`], or [`Fault::Corrupt`] for a file that was cut short or is of another format.
    pub(crate) fn open(folder: &Path) -> Result<Store> {
        let path = folder.join(HEADER);
        let text = std::fs::read_to_string(&path).map_err(Fault::io("read", &path))?;
        let header: Header =
            toml::from_str(&text).map_err(|error| Fault::corrupt(&path, error.to_string()))?;
        let map = |name: &str| Map::open(&folder.join(name)).map_err(Fault::from);
        let fst = Bytes::Mapped(map(FST)?);
        let rows = match header.payloads {
            Payloads::Rows => Bytes::Mapped(map(ROWS)?),
            _ => Bytes::Memory(Vec::new()),
        };
        Store::new(header, fst, rows, &folder.join(FST))
    }
}

//! Unpacking of a complete download: written beside the target, and renamed if the checksum is right.

use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, Write};
use std::path::Path;

use super::part::{Part, UNPACKED, hidden};
use super::transfer::{Fault, Outcome, Transfer};
use crate::disk::files::sha256_of_file;
use crate::error::Error;
use crate::fetch::catalogue::Unpack;
use crate::read::decoder::Decoder;
use crate::read::unpack::Compression;

impl Transfer<'_, '_> {
    /// Unpacks beside the target, and renames the file if its checksum is right.
    pub(super) fn unpack(&mut self, part: &mut Part) -> Outcome<()> {
        let path = hidden(self.target, UNPACKED);
        let outcome = self.write_unpacked(part, &path).and_then(|()| {
            let got = sha256_of_file(&path)?;
            if got != self.file.sha256 {
                let expected = self.file.sha256.clone();
                return Err(Fault::WrongChecksum { expected, got });
            }
            fs::rename(&path, self.target).map_err(Error::io("rename to", self.target))?;
            Ok(())
        });
        if outcome.is_err() {
            // Only the first error is reported; a leftover file is overwritten next time.
            let _ = fs::remove_file(&path);
        }
        outcome
    }

    fn write_unpacked(&mut self, part: &mut Part, path: &Path) -> Outcome<()> {
        part.file.rewind().map_err(Error::io("read", &part.path))?;
        let packed = BufReader::with_capacity(1 << 17, &part.file);
        match &self.file.unpack {
            Unpack::None => self.copy(packed, path),
            Unpack::Gzip => {
                let decoder = Decoder::new(packed, Compression::Gzip, self.url)
                    .map_err(|error| Fault::Refused(error.to_string()))?;
                self.copy(decoder, path)
            }
            Unpack::Zip(member) => {
                let refuse = |error| {
                    Fault::Refused(format!("no member {member} can be read from it ({error})"))
                };
                let mut archive = zip::ZipArchive::new(packed).map_err(refuse)?;
                self.copy(archive.by_name(member).map_err(refuse)?, path)
            }
        }
    }

    fn copy(&mut self, mut content: impl Read, path: &Path) -> Outcome<()> {
        let mut file = File::create(path).map_err(Error::io("create", path))?;
        let mut buffer = vec![0; 1 << 16];
        let mut len = 0;
        loop {
            let read = content
                .read(&mut buffer)
                .map_err(|error| Fault::Refused(format!("the packed data is damaged ({error})")))?;
            if read == 0 {
                break;
            }
            len += read as u64;
            if len > self.file.bytes {
                return Err(Fault::Refused(format!(
                    "it unpacks to more than {} bytes",
                    self.file.bytes
                )));
            }
            file.write_all(&buffer[..read])
                .map_err(Error::io("write", path))?;
            self.watch
                .advance("checking", read as u64, Some(self.file.bytes))?;
        }
        file.sync_all().map_err(Error::io("write", path))?;
        Ok(())
    }
}

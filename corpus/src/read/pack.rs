//! Writing compressed files, as [`super::unpack`] reads them.

use std::io::{self, Write};
use std::path::Path;

use super::unpack::{Compression, Packing};

/// A writer that compresses as the name of its file demands: .gz, .zst, .bz2, .xz, or nothing.
pub struct PackedWriter<W: Write>(Packed<W>);

enum Packed<W: Write> {
    Plain(W),
    Gzip(flate2::write::GzEncoder<W>),
    Zstandard(zstd::Encoder<'static, W>),
    Bzip2(bzip2::write::BzEncoder<W>),
    Xz(liblzma::write::XzEncoder<W>),
}

/// The usual levels of the programs: a model is packed once and read often, but it may be large.
const ZSTANDARD_LEVEL: i32 = 3;
const XZ_LEVEL: u32 = 6;

impl<W: Write> std::fmt::Debug for PackedWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PackedWriter")
    }
}

impl<W: Write> PackedWriter<W> {
    /// Compresses what is written to `to` as the name of `path` demands.
    ///
    /// # Errors
    /// Those of the compressor.
    pub fn new(path: &Path, to: W) -> io::Result<PackedWriter<W>> {
        Ok(PackedWriter(match Packing::of(path).compression {
            None => Packed::Plain(to),
            Some(Compression::Gzip) => Packed::Gzip(flate2::write::GzEncoder::new(
                to,
                flate2::Compression::default(),
            )),
            Some(Compression::Zstandard) => {
                Packed::Zstandard(zstd::Encoder::new(to, ZSTANDARD_LEVEL)?)
            }
            Some(Compression::Bzip2) => Packed::Bzip2(bzip2::write::BzEncoder::new(
                to,
                bzip2::Compression::default(),
            )),
            Some(Compression::Xz) => Packed::Xz(liblzma::write::XzEncoder::new(to, XZ_LEVEL)),
        }))
    }

    /// Writes the end of the compressed data; without it, the file is cut short.
    ///
    /// # Errors
    /// I/O errors.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Packed::Plain(to) => Ok(to),
            Packed::Gzip(encoder) => encoder.finish(),
            Packed::Zstandard(encoder) => encoder.finish(),
            Packed::Bzip2(encoder) => encoder.finish(),
            Packed::Xz(encoder) => encoder.finish(),
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.0 {
            Packed::Plain(to) => to,
            Packed::Gzip(encoder) => encoder,
            Packed::Zstandard(encoder) => encoder,
            Packed::Bzip2(encoder) => encoder,
            Packed::Xz(encoder) => encoder,
        }
    }
}

impl<W: Write> Write for PackedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::super::unpack::open_text;
    use super::*;
    use crate::error::Error;

    #[test]
    fn what_is_packed_is_unpacked_again_and_cut_files_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let text: String = (0..20_000).map(|line| format!("line {line}\n")).collect();
        for name in ["a.txt", "a.GZ", "a.arpa.zst", "a.bz2", "a.xz"] {
            let path = folder.path().join(name);
            let mut writer = PackedWriter::new(&path, Vec::new()).unwrap();
            writer.write_all(text.as_bytes()).unwrap();
            let bytes = writer.finish().unwrap();
            assert_eq!(bytes.len() < text.len(), name != "a.txt", "{name}");
            let read = |bytes: &[u8]| {
                std::fs::write(&path, bytes).unwrap();
                let mut unpacked = String::new();
                open_text(&path)
                    .map_err(Error::into_io)?
                    .read_to_string(&mut unpacked)
                    .map(|_| unpacked)
            };
            assert_eq!(read(&bytes).unwrap(), text, "{name}");
            // Several files in one, as `cat` makes them.
            assert_eq!(
                read(&bytes.repeat(2)).unwrap(),
                text.repeat(2),
                "{name} twice"
            );
            if name != "a.txt" {
                assert!(read(&bytes[..bytes.len() / 2]).is_err(), "{name} cut");
            }
        }
    }
}

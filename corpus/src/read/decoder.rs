//! Decompression of one stream: all its members or frames, and what follows them.
//!
//! gzip and bzip2 allow zeros behind the last member (the padding of tapes and blocks), and their programs ignore anything else that
//! follows; so does this decoder, with a note. Zstandard and xz allow neither.

use std::io::{self, BufRead, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::{self, Stream};
use zstd::zstd_safe::zstd_sys::ZSTD_ErrorCode;

use super::unpack::Compression;

/// Binary logarithm of the largest window of Zstandard that is read: 2 GiB, the most that its library can decode. A window is memory.
const WINDOW_LOG: u32 = 31;

/// Bound on the memory for a dictionary of xz: all that its program writes need less.
const XZ_MEMORY: u64 = 2 << 30;

/// Decompresses a stream.
pub(crate) enum Decoder<R: BufRead> {
    Gzip(Members<GzDecoder<R>>),
    Zstandard(zstd::Decoder<'static, R>),
    Bzip2(Members<BzDecoder<R>>),
    Xz(XzDecoder<R>),
}

impl<R: BufRead> Decoder<R> {
    /// Decompresses what `reader` yields; `place` names it in notes.
    pub(crate) fn new(reader: R, compression: Compression, place: &str) -> io::Result<Decoder<R>> {
        Ok(match compression {
            Compression::Gzip => Decoder::Gzip(Members::new(reader, place)),
            Compression::Zstandard => {
                let mut decoder = zstd::Decoder::with_buffer(reader)?;
                decoder.window_log_max(WINDOW_LOG)?;
                Decoder::Zstandard(decoder)
            }
            Compression::Bzip2 => Decoder::Bzip2(Members::new(reader, place)),
            Compression::Xz => {
                let stream = Stream::new_auto_decoder(XZ_MEMORY, stream::CONCATENATED)?;
                Decoder::Xz(XzDecoder::new_stream(reader, stream))
            }
        })
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self {
            Decoder::Gzip(members) => members.read(buffer),
            Decoder::Zstandard(decoder) => decoder.read(buffer),
            Decoder::Bzip2(members) => members.read(buffer),
            Decoder::Xz(decoder) => decoder.read(buffer),
        };
        read.map_err(explained)
    }
}

/// Tells sound streams that cannot be decoded here ([`io::ErrorKind::Unsupported`]) from damaged ones ([`io::ErrorKind::InvalidData`]).
/// Errors of the system stay as they are.
fn explained(error: io::Error) -> io::Error {
    let unsupported = |what: &str| io::Error::new(io::ErrorKind::Unsupported, what);
    let zstandard = error
        .get_ref()
        .and_then(|it| it.downcast_ref::<zstd::Error>());
    if let Some(zstandard) = zstandard {
        let is = |kind| zstandard.is(kind);
        if is(ZSTD_ErrorCode::ZSTD_error_frameParameter_windowTooLarge) {
            return unsupported(
                "it was packed with a window above 2 GiB, the most that is read; pack it again with a smaller one: zstd --long=31",
            );
        }
        if is(ZSTD_ErrorCode::ZSTD_error_memory_allocation) {
            return unsupported(
                "there is too little memory for the window it was packed with; unpack it on a machine with more: zstd -d --long=31",
            );
        }
        if is(ZSTD_ErrorCode::ZSTD_error_dictionary_wrong) {
            return unsupported(
                "it was packed with a dictionary; unpack it with: zstd -d -D DICTIONARY",
            );
        }
    }
    let xz = error
        .get_ref()
        .and_then(|it| it.downcast_ref::<stream::Error>());
    if let Some(stream::Error::MemLimit | stream::Error::Mem) = xz {
        return unsupported(
            "it needs more memory than there is, or more than 2 GiB, the most that is given; unpack it with: xz -d",
        );
    }
    match error.kind() {
        // Some decoders report damage as "other".
        io::ErrorKind::Other if error.raw_os_error().is_none() => {
            io::Error::new(io::ErrorKind::InvalidData, error)
        }
        _ => error,
    }
}

/// A decoder of one member of a stream.
pub(crate) trait Member: Read + Sized {
    type Packed: BufRead;

    /// The first bytes of a member.
    const MAGIC: &'static [u8];
    /// The name of the compression.
    const NAME: &'static str;

    fn begin(packed: Self::Packed) -> Self;

    /// What follows the member.
    fn rest(self) -> Self::Packed;
}

impl<R: BufRead> Member for GzDecoder<R> {
    type Packed = R;

    const MAGIC: &'static [u8] = b"\x1F\x8B";
    const NAME: &'static str = "gzip";

    fn begin(packed: R) -> GzDecoder<R> {
        GzDecoder::new(packed)
    }

    fn rest(self) -> R {
        self.into_inner()
    }
}

impl<R: BufRead> Member for BzDecoder<R> {
    type Packed = R;

    const MAGIC: &'static [u8] = b"BZh";
    const NAME: &'static str = "bzip2";

    fn begin(packed: R) -> BzDecoder<R> {
        BzDecoder::new(packed)
    }

    fn rest(self) -> R {
        self.into_inner()
    }
}

/// All members of a stream.
pub(crate) struct Members<D> {
    /// The current member; `None` after the last.
    decoder: Option<D>,
    place: String,
    /// Bytes after the last member that are no padding.
    ignored: u64,
}

impl<D: Member> Members<D> {
    fn new(packed: D::Packed, place: &str) -> Members<D> {
        Members {
            decoder: Some(D::begin(packed)),
            place: place.to_owned(),
            ignored: 0,
        }
    }

    /// Whether another member follows, after padding or none. Anything else is read to its end, so that it can be told.
    fn another_follows(&mut self, rest: &mut D::Packed) -> io::Result<bool> {
        loop {
            let bytes = rest.fill_buf()?;
            let (length, zeros) = (
                bytes.len(),
                bytes.iter().take_while(|&&byte| byte == 0).count(),
            );
            if length == 0 {
                return Ok(false);
            }
            let start = &bytes[zeros..];
            // The buffer may end within the first bytes; if they are no member, its decoder says so.
            let known = start.len().min(D::MAGIC.len());
            let is_member = start.starts_with(&D::MAGIC[..known]);
            rest.consume(zeros);
            if zeros < length {
                if !is_member {
                    self.ignored = io::copy(rest, &mut io::sink())?;
                }
                return Ok(is_member);
            }
        }
    }
}

impl<D: Member> Read for Members<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let read = decoder.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut rest) = self.decoder.take().map(D::rest) else {
                break;
            };
            if self.another_follows(&mut rest)? {
                self.decoder = Some(D::begin(rest));
            } else if self.ignored > 0 {
                log::warn!(
                    "{}: {} bytes after the end of the {} data were ignored",
                    self.place,
                    self.ignored,
                    D::NAME
                );
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TEXT: &[u8] = b"one\ntwo\nthree\n";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn xz(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstandard(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 3).unwrap()
    }

    /// Decodes, with buffers of several sizes.
    fn decode(packed: &[u8], compression: Compression) -> io::Result<Vec<u8>> {
        let mut last = Vec::new();
        for capacity in [1, 7, 1 << 16] {
            let reader = io::BufReader::with_capacity(capacity, packed);
            let mut decoder = Decoder::new(reader, compression, "packed")?;
            last.clear();
            decoder.read_to_end(&mut last)?;
        }
        Ok(last)
    }

    #[test]
    fn all_members_are_read_with_padding_between_and_behind_them() {
        let zeros: &[u8] = &[0; 700];
        for (packed, compression) in [
            (
                [gzip(TEXT), gzip(b""), gzip(TEXT)].concat(),
                Compression::Gzip,
            ),
            (
                [&gzip(TEXT)[..], zeros, &gzip(TEXT), zeros].concat(),
                Compression::Gzip,
            ),
            (
                [bzip2(TEXT), bzip2(b""), bzip2(TEXT)].concat(),
                Compression::Bzip2,
            ),
            (
                [&bzip2(TEXT)[..], &bzip2(TEXT), zeros].concat(),
                Compression::Bzip2,
            ),
            (
                [xz(TEXT), vec![0; 8], xz(TEXT), vec![0; 4]].concat(),
                Compression::Xz,
            ),
            (
                [zstandard(TEXT), zstandard(TEXT)].concat(),
                Compression::Zstandard,
            ),
            (
                // Frames to be skipped, of three bytes, and of none.
                [
                    &b"\x50\x2A\x4D\x18\x03\0\0\0abc"[..],
                    &zstandard(TEXT),
                    b"\x5F\x2A\x4D\x18\0\0\0\0",
                    &zstandard(TEXT),
                ]
                .concat(),
                Compression::Zstandard,
            ),
        ] {
            let text = decode(&packed, compression).unwrap();
            assert_eq!(text, TEXT.repeat(2), "{compression:?}");
        }
    }

    #[test]
    fn what_follows_the_last_member_is_counted_and_ignored() {
        let packed = [&gzip(TEXT)[..], &[0; 9], b"\0rubbish"].concat();
        let mut members = Members::<GzDecoder<&[u8]>>::new(&packed[..], "packed");
        let mut text = Vec::new();
        members.read_to_end(&mut text).unwrap();
        assert_eq!((&text[..], members.ignored), (TEXT, 7));
        let packed = [&bzip2(TEXT)[..], b"rubbish"].concat();
        assert_eq!(decode(&packed, Compression::Bzip2).unwrap(), TEXT);
    }

    #[test]
    fn cut_streams_and_cut_members_are_errors() {
        for (packed, compression) in [
            (gzip(TEXT), Compression::Gzip),
            (bzip2(TEXT), Compression::Bzip2),
            (xz(TEXT), Compression::Xz),
            (zstandard(TEXT), Compression::Zstandard),
        ] {
            let twice = packed.repeat(2);
            for length in [0, packed.len() - 1, packed.len() + 8, twice.len() - 1] {
                let decoded = decode(&twice[..length], compression);
                assert!(decoded.is_err(), "{compression:?}, {length} bytes");
            }
        }
    }

    /// A frame of Zstandard with an empty block and this window descriptor.
    fn frame(window: u8) -> Vec<u8> {
        [&b"\x28\xB5\x2F\xFD\0"[..], &[window], b"\x01\0\0"].concat()
    }

    #[test]
    fn windows_of_zstandard_are_read_up_to_2_gib() {
        // The upper five bits are the binary logarithm less 10.
        let text = decode(&frame((31 - 10) << 3), Compression::Zstandard).unwrap();
        assert!(text.is_empty());
        let error = decode(&frame((32 - 10) << 3), Compression::Zstandard).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("above 2 GiB"), "{error}");
    }
}

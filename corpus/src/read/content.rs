//! What a file is, by its first bytes: compressed, an archive, a file of another known format, or else a text.

use std::io::{self, BufRead, Chain, Cursor, Read};

use infer::MatcherType;

use super::encoding::has_byte_order_mark;
use super::unpack::Compression;
use crate::disk::files::read_full;
use crate::error::Error;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Text, or bytes that show no sign of what they are.
    Text,
    Compressed(Compression),
    Tar,
    Zip,
    Other(Format),
}

/// A format that is neither text nor an archive that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    extension: &'static str,
    mime: &'static str,
    kind: MatcherType,
}

impl Content {
    /// What a zip archive is, by the names that it has: documents of office programs and books are zip archives, whose members may
    /// stand in any order.
    pub(crate) fn of_zip(has: impl Fn(&str) -> bool) -> Content {
        let (extension, mime, kind) = if has("META-INF/container.xml") {
            ("epub", "application/epub+zip", MatcherType::Book)
        } else if has("[Content_Types].xml") {
            (
                "ooxml",
                "application/vnd.openxmlformats-officedocument",
                MatcherType::Doc,
            )
        } else if has("mimetype") {
            (
                "odf",
                "application/vnd.oasis.opendocument",
                MatcherType::Doc,
            )
        } else {
            return Content::Zip;
        };
        Content::Other(Format {
            extension,
            mime,
            kind,
        })
    }

    /// The error for a file that is no text.
    pub(crate) fn refused(self, place: &str) -> Option<Error> {
        match self {
            Content::Other(format) => Some(Error::NotText {
                place: place.to_owned(),
                format: format.name(),
                remedy: format.remedy(),
            }),
            Content::Text | Content::Compressed(_) | Content::Tar | Content::Zip => None,
        }
    }
}

impl Format {
    /// The format's usual extension and its media type.
    fn name(self) -> String {
        format!(
            "a file of type {} ({})",
            self.extension.to_uppercase(),
            self.mime
        )
    }

    /// How to get at text that it may hold.
    fn remedy(self) -> &'static str {
        match (self.kind, self.extension) {
            (_, "pdf" | "rtf" | "ps") | (MatcherType::Doc | MatcherType::Book, _) => {
                "save it as plain text"
            }
            (
                _,
                "rar" | "7z" | "bz3" | "cab" | "deb" | "ar" | "Z" | "lz" | "rpm" | "lz4" | "cpio",
            ) => "unpack it first",
            _ => "leave it out",
        }
    }
}

/// Enough for the header of a tar archive, for the names by which documents in zip archives are known, and for readers that tell
/// formats of their own by what is buffered first.
const HEAD: usize = 1 << 16;

/// A reader that gives the bytes again by which its content was recognised.
pub(crate) type Reread<R> = Chain<Cursor<Vec<u8>>, R>;

/// What a reader yields by its first bytes, and the reader as it was.
pub(crate) fn recognised<R: BufRead>(mut reader: R) -> io::Result<(Content, Reread<R>)> {
    let mut head = vec![0; HEAD];
    let length = read_full(&mut reader, &mut head)?;
    head.truncate(length);
    Ok((content_of(&head), Cursor::new(head).chain(reader)))
}

/// What a file is that begins with these bytes.
fn content_of(head: &[u8]) -> Content {
    if let Some(compression) = compression_of(head) {
        return Content::Compressed(compression);
    }
    if is_tar(head) {
        return Content::Tar;
    }
    if ZIP.iter().any(|magic| head.starts_with(magic)) {
        // Documents of office programs and books are zip archives inside.
        return match infer::get(head) {
            Some(format) if format.mime_type() != "application/zip" => other(format),
            _ => Content::Zip,
        };
    }
    match infer::get(head) {
        Some(format) if format.matcher_type() != MatcherType::Text && !may_be_text(head) => {
            other(format)
        }
        _ => Content::Text,
    }
}

fn other(format: infer::Type) -> Content {
    Content::Other(Format {
        extension: format.extension(),
        mime: format.mime_type(),
        kind: format.matcher_type(),
    })
}

/// A member, an empty archive, an archive in parts.
const ZIP: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];

/// A block of data, or the end of an empty file.
const BZIP2_BLOCKS: [&[u8]; 2] = [b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90"];

fn compression_of(head: &[u8]) -> Option<Compression> {
    match head {
        [0x1F, 0x8B, 8, ..] => Some(Compression::Gzip),
        // A frame of data, or one of the sixteen kinds of frames to be skipped.
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => {
            Some(Compression::Zstandard)
        }
        [b'B', b'Z', b'h', b'1'..=b'9', block @ ..]
            if BZIP2_BLOCKS.iter().any(|magic| block.starts_with(magic)) =>
        {
            Some(Compression::Bzip2)
        }
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Compression::Xz),
        _ => None,
    }
}

/// Whether a tar archive begins so: the oldest have no magic number, but all have a checksum.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.get(..512) else {
        return false;
    };
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u32::from(byte)).sum::<u32>();
    // The checksum itself counts as eight spaces.
    let expected = sum(&header[..148]) + 8 * u32::from(b' ') + sum(&header[156..]);
    let header = tar::Header::from_byte_slice(header);
    header.cksum().is_ok_and(|stored| stored == expected)
}

/// Whether bytes may be text in some encoding: some signatures of other formats are two letters, with which a text may begin too.
fn may_be_text(head: &[u8]) -> bool {
    if has_byte_order_mark(head) {
        return true;
    }
    // Documents in ASCII.
    if head.starts_with(b"%PDF-") || head.starts_with(b"{\\rtf") {
        return false;
    }
    // Back space, white space, the old end of a file and escape sequences occur in texts.
    let is_control = |byte: u8| byte < b' ' && !matches!(byte, 8..=13 | 0x1A | 0x1B);
    !head.contains(&0)
        && (std::str::from_utf8(head).is_ok() || !head.iter().any(|&byte| is_control(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_no_text_are_named() {
        for (head, expected) in [
            (&b"\xFF\xD8\xFF\xE0\0\x10JFIF\0"[..], "a file of type JPG (image/jpeg)"),
            (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "a file of type PNG (image/png)"),
            (b"SQLite format 3\0\x10\0", "a file of type SQLITE (application/vnd.sqlite3)"),
            (
                b"\x7FELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
                "a file of type ELF (application/x-executable)",
            ),
            (b"%PDF-1.4\n1 0 obj\n", "a file of type PDF (application/pdf)"),
            (b"7z\xBC\xAF\x27\x1C\0\x04", "a file of type 7Z (application/x-7z-compressed)"),
        ] {
            let Content::Other(format) = content_of(head) else {
                panic!("{head:?} is not recognised")
            };
            assert_eq!(format.name(), expected);
        }
    }

    #[test]
    fn texts_that_begin_like_other_formats_are_texts() {
        for head in [
            "BMW builds cars.\n",
            "MZ is Tanzania's code\u{1B}[0m\n",
            "#!/bin/sh\necho\n",
            "<!DOCTYPE html>\n<p>\n",
            "BZh9 is no archive\n",
            "PK\u{3}",
            "ustar\n",
            "",
        ] {
            assert_eq!(content_of(head.as_bytes()), Content::Text, "{head}");
        }
        // Latin-1, UTF-16 and bytes of any kind.
        for head in [
            &b"BM f\xFCr alle\n"[..],
            b"\xFF\xFEB\0M\0",
            b"\0\x01\x02\x03",
        ] {
            assert_eq!(content_of(head), Content::Text, "{head:?}");
        }
    }

    #[test]
    fn documents_in_zip_archives_are_known_by_a_name() {
        for (name, expected) in [
            ("META-INF/container.xml", "type EPUB"),
            ("[Content_Types].xml", "type OOXML"),
            ("mimetype", "type ODF"),
        ] {
            let content = Content::of_zip(|asked| asked == name);
            let error = content.refused("a.txt").unwrap().to_string();
            assert!(error.contains(expected), "{error}");
            assert!(error.ends_with("save it as plain text"), "{error}");
        }
        assert_eq!(Content::of_zip(|asked| asked == "a.txt"), Content::Zip);
    }

    #[test]
    fn archives_are_known_by_their_first_bytes() {
        let mut header = tar::Header::new_old();
        header.set_path("a.txt").unwrap();
        header.set_size(0);
        header.set_cksum();
        assert_eq!(content_of(header.as_bytes()), Content::Tar);
        assert_eq!(content_of(&[0; 512]), Content::Text);
        assert_eq!(content_of(b"PK\x05\x06\0\0"), Content::Zip);
        for (head, compression) in [
            (&b"\x1F\x8B\x08\0"[..], Compression::Gzip),
            (b"\x28\xB5\x2F\xFD\0", Compression::Zstandard),
            (b"\x5A\x2A\x4D\x18\0", Compression::Zstandard),
            (b"BZh91AY&SY\0", Compression::Bzip2),
            (b"\xFD7zXZ\0\0", Compression::Xz),
        ] {
            assert_eq!(content_of(head), Content::Compressed(compression));
        }
    }
}

//! Word vectors as files, in the two formats of the released C program, which gensim and others read and write too.
//!
//! Both begin with a line `V D`: how many words, and how many coordinates each. Then, for each word, the most frequent
//! first,
//!
//! - *text*: a line of the word and D numbers, with spaces between;
//! - *binary*: the word, a space, D little-endian f32, and a line end, which may be missing (gensim writes none).

use std::fs;
use std::io::{BufRead, ErrorKind, Read, Write};
use std::path::Path;

use corpus::{Lines, OnInvalid, open_text, write_atomically};
use harness::{Error, Result, Vectors};

/// Longest word of a binary file, in bytes: what is longer is no word, and the file no file of vectors.
const LONGEST_WORD: u64 = 1 << 16;

/// Most coordinates of a word. Where a file has no words, or is packed, its length says nothing of what is asked for.
const MOST_COORDINATES: usize = 1_000_000;

/// Longest first line, in bytes: two numbers need no more.
const LONGEST_HEADER: u64 = 128;

/// Reads vectors; whether from text or binary, the file's beginning shows. A packed file (.gz, .zst) is unpacked on the
/// way.
///
/// A binary file in whose first bytes (64 KiB) nothing but printable text occurs would be taken for text; with numbers of
/// natural vectors, some of whose bytes are none, that takes a file of very few of them.
///
/// # Errors
/// [`Error::Corrupt`] or [`Error::Corpus`] naming the file, the place and what is wrong there: a first line that is not
/// two numbers, or too large ones for the file; fewer or more words than it says; what is no number; words that
/// [`Vectors::new`] refuses.
pub fn read(path: &Path) -> Result<Vectors> {
    let mut reader = open_text(path)?;
    let start = reader.fill_buf().map_err(Error::io("read", path))?;
    let is_text = looks_like_text(&start[..start.len().min(1 << 16)]);
    let mut parts = match is_text {
        true => read_text(path, reader)?,
        false => read_binary(path, reader)?,
    };
    parts.values.shrink_to_fit();
    Vectors::new(parts.words, parts.header.dimension, parts.values).map_err(|error| match error {
        Error::Model { what, .. } => Error::corrupt(path, what),
        other => other,
    })
}

/// Writes vectors as text. The numbers are as short as they can be for the same f32 to be read again.
///
/// # Errors
/// [`Error::Corpus`] if the file cannot be written; what was there before is then untouched.
pub fn write_text(vectors: &Vectors, path: &Path) -> Result<()> {
    write(vectors, path, |bytes, vector| {
        for value in vector {
            write!(bytes, "{value:?} ")?;
        }
        Ok(())
    })
}

/// Writes vectors in binary.
///
/// # Errors
/// [`Error::Corpus`] if the file cannot be written; what was there before is then untouched.
pub fn write_binary(vectors: &Vectors, path: &Path) -> Result<()> {
    write(vectors, path, |bytes, vector| {
        bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
        Ok(())
    })
}

/// The frame of both formats. No word needs to be refused: [`Vectors`] has none with white space in it.
fn write(
    vectors: &Vectors,
    path: &Path,
    numbers: impl Fn(&mut Vec<u8>, &[f32]) -> std::io::Result<()>,
) -> Result<()> {
    let mut bytes = format!("{} {}\n", vectors.len(), vectors.dimension()).into_bytes();
    let rows = vectors.values().chunks_exact(vectors.dimension());
    for (word, vector) in vectors.words().iter().zip(rows) {
        bytes.extend(word.bytes());
        bytes.push(b' ');
        numbers(&mut bytes, vector).map_err(Error::io("write", path))?;
        bytes.push(b'\n');
    }
    Ok(write_atomically(path, &bytes)?)
}

/// What a file holds.
struct Parts {
    header: Header,
    words: Vec<String>,
    values: Vec<f32>,
}

/// The first line.
#[derive(Clone, Copy)]
struct Header {
    words: usize,
    dimension: usize,
}

impl Header {
    fn parse(path: &Path, line: &str) -> Result<Header> {
        let mut fields = line.split_whitespace().map(str::parse);
        let (Some(Ok(words)), Some(Ok(dimension)), None) =
            (fields.next(), fields.next(), fields.next())
        else {
            let begin: String = line.chars().take(40).collect();
            return Err(Error::corrupt(
                path,
                format!(
                    "line 1: {begin:?} where word vectors have two numbers, of words and of coordinates; put them there \
                     if they are missing"
                ),
            ));
        };
        let header = Header { words, dimension };
        header.check(path)?;
        Ok(header)
    }

    /// Refuses numbers that the file is too small for, before anything is made for as many words.
    fn check(&self, path: &Path) -> Result<()> {
        let Header { words, dimension } = *self;
        if dimension > MOST_COORDINATES {
            let what = format!(
                "line 1 says that words have {dimension} coordinates, more than {MOST_COORDINATES}: the file is damaged"
            );
            return Err(Error::corrupt(path, what));
        }
        // A word takes a letter and the end of the line, a number at least a digit and the space before it.
        let least = (dimension as u128 * 2 + 2).saturating_mul(words as u128);
        let length = fs::metadata(path).map_err(Error::io("read", path))?.len();
        if !is_packed(path) && least > u128::from(length) + 1 {
            return Err(Error::corrupt(
                path,
                format!(
                    "line 1 says {words} words of {dimension} coordinates, but {length} bytes cannot hold them: the file is \
                     cut short or damaged; get it again"
                ),
            ));
        }
        Ok(())
    }

    fn parts(self) -> Parts {
        Parts {
            header: self,
            words: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl Parts {
    fn cut_short(&self, path: &Path) -> Error {
        let (found, expected) = (self.words.len(), self.header.words);
        Error::corrupt(
            path,
            format!("cut short: {found} of {expected} words; get it again"),
        )
    }

    fn too_long(&self, path: &Path) -> Error {
        let expected = self.header.words;
        Error::corrupt(
            path,
            format!(
                "goes on after the {expected} words that its first line says; correct that number"
            ),
        )
    }
}

/// Whether the length of a file says nothing about its contents.
fn is_packed(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    ["gz", "tgz", "zst"].contains(&extension.to_lowercase().as_str())
}

/// Whether these bytes, the last letter of which may be cut, are text.
fn looks_like_text(bytes: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_utf8
        && bytes
            .iter()
            .all(|byte| !byte.is_ascii_control() || byte.is_ascii_whitespace())
}

fn read_text(path: &Path, reader: Box<dyn BufRead>) -> Result<Parts> {
    let mut lines = Lines::new(reader, path.display().to_string(), OnInvalid::Refuse);
    let header = Header::parse(path, lines.next_line()?.unwrap_or_default())?;
    let mut parts = header.parts();
    while parts.words.len() < header.words {
        let Some(line) = lines.next_line()? else {
            return Err(parts.cut_short(path));
        };
        let read = read_row(line, header.dimension, &mut parts.values);
        parts
            .words
            .push(read.map_err(|what| lines.malformed(what))?);
    }
    while let Some(line) = lines.next_line()? {
        if !line.trim().is_empty() {
            return Err(parts.too_long(path));
        }
    }
    Ok(parts)
}

/// The word of a line of text; its vector goes to the end of `values`.
fn read_row(
    line: &str,
    dimension: usize,
    values: &mut Vec<f32>,
) -> std::result::Result<String, String> {
    // Not every white space: a word may have a no-break space in it.
    let mut fields = line
        .split(|letter: char| letter.is_ascii_whitespace())
        .filter(|field| !field.is_empty());
    let word = fields
        .next()
        .ok_or("an empty line where a word should be")?;
    let before = values.len();
    for field in fields {
        let value = field.parse().map_err(|_| {
            format!(
                "{field:?} is no number, in the vector of {word:?} (no word may have a space in it)"
            )
        })?;
        values.push(value);
    }
    match values.len() - before {
        found if found == dimension => Ok(word.to_owned()),
        found => Err(format!(
            "{found} numbers for {word:?} where the first line says {dimension}"
        )),
    }
}

fn read_binary(path: &Path, mut reader: Box<dyn BufRead>) -> Result<Parts> {
    let mut bytes = Vec::new();
    reader
        .by_ref()
        .take(LONGEST_HEADER)
        .read_until(b'\n', &mut bytes)
        .map_err(Error::io("read", path))?;
    let header = Header::parse(path, &String::from_utf8_lossy(&bytes))?;
    let mut parts = header.parts();
    // Larger than any file; only a packed one can get here with such a number.
    let length = 4 * (header.dimension as u64).min(u64::MAX / 8);
    while parts.words.len() < header.words {
        skip_line_ends(path, &mut reader)?;
        bytes.clear();
        reader
            .by_ref()
            .take(LONGEST_WORD)
            .read_until(b' ', &mut bytes)
            .map_err(Error::io("read", path))?;
        if bytes.pop() != Some(b' ') {
            return Err(match bytes.len() as u64 + 1 < LONGEST_WORD {
                true => parts.cut_short(path),
                false => no_word(path, &parts, "goes on without an end"),
            });
        }
        let word = std::str::from_utf8(&bytes)
            .map_err(|_| no_word(path, &parts, "is not valid UTF-8"))?
            .to_owned();
        bytes.clear();
        reader
            .by_ref()
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(Error::io("read", path))?;
        if bytes.len() as u64 != length {
            return Err(parts.cut_short(path));
        }
        let (numbers, _) = bytes.as_chunks();
        parts.words.push(word);
        parts
            .values
            .extend(numbers.iter().map(|&number| f32::from_le_bytes(number)));
    }
    match skip_line_ends(path, &mut reader)? {
        true => Err(parts.too_long(path)),
        false => Ok(parts),
    }
}

/// A word of a binary file that cannot be one.
fn no_word(path: &Path, parts: &Parts, what: &str) -> Error {
    let (number, dimension) = (parts.words.len() + 1, parts.header.dimension);
    Error::corrupt(
        path,
        format!(
            "word number {number} {what}: not every vector before it has {dimension} coordinates, or the file is damaged; \
             get it again"
        ),
    )
}

/// Whether there is something behind the line ends that may come next.
fn skip_line_ends(path: &Path, reader: &mut dyn BufRead) -> Result<bool> {
    loop {
        let next = match reader.fill_buf() {
            Ok(next) => next.first().copied(),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        match next {
            None => return Ok(false),
            Some(b'\n') => reader.consume(1),
            Some(_) => return Ok(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::PathBuf;

    fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn read_bytes(bytes: &[u8]) -> Result<Vectors> {
        read(&file("vectors", bytes).1)
    }

    fn binary(ends: &str) -> Vec<u8> {
        let mut bytes = b"2 2\n".to_vec();
        for (word, vector) in [("the", [0.5_f32, -1.0]), ("é", [0.25, 2.0])] {
            bytes.extend(word.bytes().chain([b' ']));
            bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
            bytes.extend(ends.bytes());
        }
        bytes
    }

    #[test]
    fn text_and_binary_are_told_apart() {
        let text = "2 2\nthe 0.5 -1e0 \né 0.25 2.000000\n";
        for bytes in [
            text.as_bytes(),
            text.replace('\n', "\r\n").as_bytes(),
            text.trim_end().as_bytes(),
            &binary("\n"),
            &binary(""),
        ] {
            let vectors = read_bytes(bytes).unwrap();
            assert_eq!(vectors.words(), ["the", "é"]);
            assert_eq!(vectors.values(), [0.5, -1.0, 0.25, 2.0]);
        }
    }

    #[test]
    fn what_is_written_is_what_the_c_program_writes() {
        let words = ["the", "é"].map(str::to_owned).to_vec();
        let vectors = Vectors::new(words, 2, vec![0.5, -1.0, 0.25, 2.0]).unwrap();
        let (_folder, path) = file("vectors", b"");
        write_text(&vectors, &path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "2 2\nthe 0.5 -1.0 \né 0.25 2.0 \n");
        write_binary(&vectors, &path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), binary("\n"));
    }

    #[test]
    fn damage_is_named() {
        let cut = binary("\n");
        let cut = &cut[..cut.len() - 4];
        let cases: [(&[u8], &str); 20] = [
            (b"", "line 1: \"\" where"),
            (b"the 0.5 0.5\n", "line 1: \"the 0.5 0.5\" where"),
            (b"2\nthe 1\n", "line 1"),
            (b"2 2 2\n", "line 1"),
            (b"-1 2\n", "line 1"),
            (b"99999999999999999999999 2\n", "line 1"),
            (b"18446744073709551615 1000000\n", "cannot hold them"),
            (b"1000000 300\nthe 1 2 3\n", "22 bytes cannot hold them"),
            (b"1 0\nthe\n", "at least one coordinate"),
            (b"0 11111111121", "more than 1000000"),
            (b"2 1\nthe 0.50000\n\n", "line 3: an empty line"),
            (b"2 1\nthe 0.50000\n", "cut short: 1 of 2 words"),
            (b"1 1\nthe 0.5\ncat 0.5\n", "goes on after the 1 words"),
            (b"1 2\nthe 0.5 0.x5\n", "line 2: \"0.x5\" is no number"),
            (b"1 2\nthe 0.5\n\n\n", "line 2: 1 numbers for \"the\" where"),
            (b"1 1\nthe cat 0.5\n", "line 2: \"cat\" is no number"),
            (b"2 1\nthe 0.5\nthe 0.5\n", "\"the\" occurs twice"),
            (b"1 1\nthe nan\n", "the vector of \"the\" holds NaN"),
            (cut, "cut short: 1 of 2 words"),
            (
                b"1 1\n\xff\xff \0\0\0\0",
                "word number 1 is not valid UTF-8",
            ),
        ];
        for (bytes, expected) in cases {
            let message = read_bytes(bytes).unwrap_err().to_string();
            assert!(message.contains(expected), "{expected}: {message}");
            assert!(message.contains("vectors"), "{message}");
        }
        let long = [&binary("\n")[..], b"x"].concat();
        let message = read_bytes(&long).unwrap_err().to_string();
        assert!(message.contains("goes on after the 2 words"), "{message}");
        let endless = [b"1 1\n\0".to_vec(), vec![b'a'; 1 << 17]].concat();
        let message = read_bytes(&endless).unwrap_err().to_string();
        assert!(
            message.contains("word number 1 goes on without an end"),
            "{message}"
        );
        let missing = read(Path::new("no/such/file")).unwrap_err();
        assert!(missing.to_string().contains("no/such/file"), "{missing}");
    }

    #[test]
    fn a_packed_file_cannot_ask_for_memory_it_does_not_fill() {
        // The file is not packed in truth, which is an error too; the header must not be believed in any case.
        let (_folder, path) = file("vectors.gz", &binary("\n"));
        assert!(read(&path).is_err());
        let header = Header::parse(&path, "18446744073709551615 1000000").unwrap();
        let bytes = b"18446744073709551615 1000000\n\xe9\0the \0\0\0\0";
        assert_eq!(header.words, usize::MAX);
        assert!(read_binary(&path, Box::new(&bytes[..])).is_err());
        assert!(read_text(&path, Box::new(&bytes[..])).is_err());
    }

    /// Vectors of the same dimension, words distinct.
    fn any_vectors() -> impl Strategy<Value = Vectors> {
        let finite = any::<u32>()
            .prop_map(f32::from_bits)
            .prop_filter("finite", |x| x.is_finite());
        let word = "[^ \t\r\n\x0c\x00-\x1f\x7f]{1,6}";
        (1_usize..5, proptest::collection::btree_set(word, 0..8)).prop_flat_map(
            move |(dimension, words)| {
                let words: Vec<String> = words.into_iter().collect();
                proptest::collection::vec(finite.clone(), words.len() * dimension)
                    .prop_map(move |values| Vectors::new(words.clone(), dimension, values).unwrap())
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(vectors in any_vectors()) {
            let (_folder, path) = file("vectors", b"");
            let bits = |vectors: &Vectors| {
                vectors.values().iter().map(|value| value.to_bits()).collect::<Vec<_>>()
            };
            write_text(&vectors, &path).unwrap();
            let text = read(&path).unwrap();
            prop_assert_eq!(text.words(), vectors.words());
            prop_assert_eq!(bits(&text), bits(&vectors));
            write_binary(&vectors, &path).unwrap();
            prop_assume!(!looks_like_text(&fs::read(&path).unwrap()));
            let binary = read(&path).unwrap();
            prop_assert_eq!(binary.words(), vectors.words());
            prop_assert_eq!(bits(&binary), bits(&vectors));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_bytes(&bytes);
        }

        #[test]
        fn no_damage_makes_it_panic(
            vectors in any_vectors(),
            as_text in any::<bool>(),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let (_folder, path) = file("vectors", b"");
            match as_text {
                true => write_text(&vectors, &path).unwrap(),
                false => write_binary(&vectors, &path).unwrap(),
            }
            let mut bytes = fs::read(&path).unwrap();
            let place = at.index(bytes.len());
            bytes[place] = byte;
            let _ = read_bytes(&bytes);
            bytes.truncate(cut.index(bytes.len() + 1));
            let _ = read_bytes(&bytes);
        }
    }
}

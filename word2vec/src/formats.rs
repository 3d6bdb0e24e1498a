//! Files of word vectors in the two formats of the released C program, which gensim and others also use.
//!
//! Both begin with a line `V D`, the number of words and their dimension. Then follows for each word, the most frequent first,
//!
//! - *text*: a line with the word and D numbers, separated by spaces;
//! - *binary*: the word, a space, D little-endian f32, and an optional line end (gensim writes none).

use std::fs;
use std::io::{BufRead, ErrorKind, Read, Write};
use std::path::Path;

use corpus::{Lines, OnInvalid, open_text, write_atomically};
use harness::{Error, Result, Vectors};

/// Maximum length of a word in a binary file, in bytes. A longer word indicates damage or another format.
const MAX_WORD_LENGTH: u64 = 1 << 16;

/// Maximum dimension. The length of a file without words or of a compressed file does not limit what the header demands.
const MAX_DIMENSION: usize = 1_000_000;

/// Maximum length of the first line in bytes; two numbers need less.
const MAX_HEADER_LENGTH: u64 = 128;

/// Reads vectors. The beginning of the file determines whether it is text or binary. Compressed files (.gz, .zst) are
/// decompressed.
///
/// A binary file whose first 64 KiB are printable text would be taken for text. With natural vectors, some of whose bytes are not
/// printable, this only happens for a file of very few words.
///
/// # Errors
/// [`Error::Corrupt`] or [`Error::Corpus`] naming the file and the position, if the first line is not two numbers that fit the
/// size of the file, if there are fewer or more words than it says, if a value is not a number, or if [`Vectors::new`] rejects a
/// word.
pub fn read(path: &Path) -> Result<Vectors> {
    let mut reader = open_text(path)?;
    let start = reader.fill_buf().map_err(Error::io("read", path))?;
    let is_text = looks_like_text(&start[..start.len().min(1 << 16)]);
    let mut contents = match is_text {
        true => read_text(path, reader)?,
        false => read_binary(path, reader)?,
    };
    contents.values.shrink_to_fit();
    Vectors::new(contents.words, contents.header.dimension, contents.values).map_err(|error| {
        match error {
            Error::Model { what, .. } => Error::corrupt(path, what),
            other => other,
        }
    })
}

/// Writes vectors as text, with the shortest decimals that restore the same f32.
///
/// # Errors
/// [`Error::Corpus`] if the file cannot be written; an existing file is then unchanged.
pub fn write_text(vectors: &Vectors, path: &Path) -> Result<()> {
    write(vectors, path, |bytes, vector| {
        for value in vector {
            write!(bytes, "{value:?} ")?;
        }
        Ok(())
    })
}

/// Writes vectors in the binary format.
///
/// # Errors
/// [`Error::Corpus`] if the file cannot be written; an existing file is then unchanged.
pub fn write_binary(vectors: &Vectors, path: &Path) -> Result<()> {
    write(vectors, path, |bytes, vector| {
        bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
        Ok(())
    })
}

/// Writes either format; `numbers` encodes a vector. Words of [`Vectors`] contain no white space, so all can be written.
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

/// The contents of a file.
struct Contents {
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
                    "line 1: {begin:?} where two numbers are expected, the number of words and their dimension; add them \
                     if they are missing"
                ),
            ));
        };
        let header = Header { words, dimension };
        header.check(path)?;
        Ok(header)
    }

    /// Checks that the file is large enough for the header, before memory is allocated.
    fn check(&self, path: &Path) -> Result<()> {
        let Header { words, dimension } = *self;
        if dimension > MAX_DIMENSION {
            let what = format!(
                "line 1 gives the dimension {dimension}, which is more than {MAX_DIMENSION}: the file is damaged"
            );
            return Err(Error::corrupt(path, what));
        }
        // A word takes at least a letter and a line end, a number at least a space and a digit.
        let min_length = (dimension as u128 * 2 + 2).saturating_mul(words as u128);
        let length = fs::metadata(path).map_err(Error::io("read", path))?.len();
        if !is_compressed(path) && min_length > u128::from(length) + 1 {
            return Err(Error::corrupt(
                path,
                format!(
                    "line 1 says {words} words of dimension {dimension}, but {length} bytes cannot hold them: the file is \
                     cut short or damaged; get it again"
                ),
            ));
        }
        Ok(())
    }

    fn contents(self) -> Contents {
        Contents {
            header: self,
            words: Vec::new(),
            values: Vec::new(),
        }
    }
}

impl Contents {
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
                "goes on after the {expected} words announced in its first line; correct that number"
            ),
        )
    }
}

/// Whether a file is compressed, so that its length does not limit its contents.
fn is_compressed(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    ["gz", "tgz", "zst"].contains(&extension.to_lowercase().as_str())
}

/// Whether these bytes are text; the last character may be incomplete.
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

fn read_text(path: &Path, reader: Box<dyn BufRead>) -> Result<Contents> {
    let mut lines = Lines::new(reader, path.display().to_string(), OnInvalid::Refuse);
    let header = Header::parse(path, lines.next_line()?.unwrap_or_default())?;
    let mut contents = header.contents();
    while contents.words.len() < header.words {
        let Some(line) = lines.next_line()? else {
            return Err(contents.cut_short(path));
        };
        let read = read_row(line, header.dimension, &mut contents.values);
        contents
            .words
            .push(read.map_err(|what| lines.malformed(what))?);
    }
    while let Some(line) = lines.next_line()? {
        if !line.trim().is_empty() {
            return Err(contents.too_long(path));
        }
    }
    Ok(contents)
}

/// The word of a line of text; its vector is appended to `values`.
fn read_row(
    line: &str,
    dimension: usize,
    values: &mut Vec<f32>,
) -> std::result::Result<String, String> {
    // Only ASCII white space separates fields; a word may contain a no-break space.
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
                "{field:?} is not a number, in the vector of {word:?} (words must not contain spaces)"
            )
        })?;
        values.push(value);
    }
    match values.len() - before {
        found if found == dimension => Ok(word.to_owned()),
        found => Err(format!(
            "{found} numbers for {word:?}, but the first line says {dimension}"
        )),
    }
}

fn read_binary(path: &Path, mut reader: Box<dyn BufRead>) -> Result<Contents> {
    let mut bytes = Vec::new();
    reader
        .by_ref()
        .take(MAX_HEADER_LENGTH)
        .read_until(b'\n', &mut bytes)
        .map_err(Error::io("read", path))?;
    let header = Header::parse(path, &String::from_utf8_lossy(&bytes))?;
    let mut contents = header.contents();
    // Avoids an overflow; only a compressed file can get here with such a dimension.
    let length = 4 * (header.dimension as u64).min(u64::MAX / 8);
    while contents.words.len() < header.words {
        skip_line_ends(path, &mut reader)?;
        bytes.clear();
        reader
            .by_ref()
            .take(MAX_WORD_LENGTH)
            .read_until(b' ', &mut bytes)
            .map_err(Error::io("read", path))?;
        if bytes.pop() != Some(b' ') {
            return Err(match bytes.len() as u64 + 1 < MAX_WORD_LENGTH {
                true => contents.cut_short(path),
                false => invalid_word(path, &contents, "goes on without an end"),
            });
        }
        let word = std::str::from_utf8(&bytes)
            .map_err(|_| invalid_word(path, &contents, "is not valid UTF-8"))?
            .to_owned();
        bytes.clear();
        reader
            .by_ref()
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(Error::io("read", path))?;
        if bytes.len() as u64 != length {
            return Err(contents.cut_short(path));
        }
        let (numbers, _) = bytes.as_chunks();
        contents.words.push(word);
        contents
            .values
            .extend(numbers.iter().map(|&number| f32::from_le_bytes(number)));
    }
    match skip_line_ends(path, &mut reader)? {
        true => Err(contents.too_long(path)),
        false => Ok(contents),
    }
}

/// The error for an invalid word of a binary file.
fn invalid_word(path: &Path, contents: &Contents, what: &str) -> Error {
    let (number, dimension) = (contents.words.len() + 1, contents.header.dimension);
    Error::corrupt(
        path,
        format!(
            "word number {number} {what}: a preceding vector does not have the dimension {dimension}, or the file is damaged; \
             get it again"
        ),
    )
}

/// Skips line ends; returns whether anything follows.
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
    fn text_and_binary_are_distinguished() {
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
    fn files_equal_those_of_the_c_program() {
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
    fn damage_is_reported() {
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
            (b"1 2\nthe 0.5 0.x5\n", "line 2: \"0.x5\" is not a number"),
            (b"1 2\nthe 0.5\n\n\n", "line 2: 1 numbers for \"the\", but"),
            (b"1 1\nthe cat 0.5\n", "line 2: \"cat\" is not a number"),
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
    fn the_header_of_a_compressed_file_does_not_determine_memory_use() {
        // The file is not really compressed, which is an error, too; the header must not be trusted in any case.
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
        fn written_vectors_can_be_read(vectors in any_vectors()) {
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
        fn arbitrary_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read_bytes(&bytes);
        }

        #[test]
        fn damaged_files_do_not_panic(
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
            let position = at.index(bytes.len());
            bytes[position] = byte;
            let _ = read_bytes(&bytes);
            bytes.truncate(cut.index(bytes.len() + 1));
            let _ = read_bytes(&bytes);
        }
    }
}

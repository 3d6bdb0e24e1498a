//! The lines of ARPA files, in the layouts of several toolkits.
//!
//! Toolkits agree on the order of the parts and not on white space: fields are divided by any run of tabs, spaces and carriage
//! returns, blank lines mean nothing, and what stands before `\data\` is a remark. Other white space, such as a no-break space or
//! a vertical tab, belongs to words, as in KenLM and SRILM.

use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};

use crate::config::MAX_ORDER;
use crate::error::{Error, Result};
use crate::explicit_backoff::pack;

/// Longest line in bytes. An n-gram is a few words; without a limit, a file without line ends would fill the memory.
const MAX_LINE: u64 = 1 << 20;

/// What divides the fields of a line.
pub(super) const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// The lines of a file, with the number of the current one.
pub(super) struct Lines<'a> {
    path: &'a Path,
    from: &'a mut dyn BufRead,
    number: u64,
    /// The current line without white space around it.
    line: Vec<u8>,
    /// Whether the current line is to be returned once more.
    again: bool,
    /// Words in the longest n-gram.
    order: usize,
}

/// The line of one n-gram.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    words: [&'a str; MAX_ORDER],
    order: usize,
    /// Probability and backoff weight, packed.
    pub(super) value: u64,
}

impl<'a> Entry<'a> {
    /// The words, as the file spells them.
    pub(super) fn words(&self) -> &[&'a str] {
        &self.words[..self.order]
    }
}

impl<'a> Lines<'a> {
    /// Reads from `from`; `path` is named in errors.
    pub(super) fn new(path: &'a Path, from: &'a mut dyn BufRead) -> Lines<'a> {
        Lines {
            path,
            from,
            number: 0,
            line: Vec::new(),
            again: false,
            order: 0,
        }
    }

    /// The number of the current line, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// An error about the current line.
    pub(super) fn error(&self, what: impl Into<String>) -> Error {
        self.error_at(self.number, what)
    }

    /// An error about a line.
    pub(super) fn error_at(&self, line: u64, what: impl Into<String>) -> Error {
        arpa_error(self.path, line, what)
    }

    /// Reads the remarks before `\data\` and the announced number of n-grams of each order.
    pub(super) fn header(&mut self) -> Result<Vec<u64>> {
        self.skip_remarks()?;
        let mut announced = Vec::new();
        while let Some(line) = self.next()? {
            if line.starts_with(b"\\") {
                self.again = true;
                break;
            }
            let order = announced.len() + 1;
            match announcement(line, order) {
                Some(number) => announced.push(number),
                None => {
                    let found = shown(line);
                    return Err(self.error(format!("expected ngram {order}=NUMBER, found {found}")));
                }
            }
        }
        let all = announced
            .iter()
            .try_fold(0_u64, |sum, &number| sum.checked_add(number));
        if all.is_none_or(|all| all > u64::from(u32::MAX)) {
            return Err(self.error(format!("at most {} n-grams can be read", u32::MAX)));
        }
        self.order = announced.len();
        match (announced.len(), announced.first()) {
            (1..=MAX_ORDER, Some(1..)) => Ok(announced),
            (0, _) => Err(self.error("expected ngram 1=NUMBER")),
            (_, Some(0)) => Err(self.error("the header announces no unigrams")),
            (order, _) => {
                Err(self.error(format!("order {order}; at most {MAX_ORDER} can be read")))
            }
        }
    }

    /// Skips the lines before `\data\`.
    fn skip_remarks(&mut self) -> Result<()> {
        loop {
            let Some(line) = self.next()? else {
                return Err(self.error("the file ends where \\data\\ should come"));
            };
            if line == b"\\data\\" {
                return Ok(());
            }
            let other = OTHER_FORMATS
                .iter()
                .find(|(beginning, _)| line.starts_with(beginning));
            if let (1, Some((_, what))) = (self.number, other) {
                return Err(self.error(*what));
            }
        }
    }

    /// Reads the title of a section. Some programs leave out that of an order without n-grams.
    pub(super) fn section(&mut self, order: usize, announced: u64) -> Result<()> {
        let title = format!("\\{order}-grams:");
        let is_other = |line: &[u8]| line.starts_with(b"\\") && line != title.as_bytes();
        match announced == 0 && self.peek()?.is_some_and(is_other) {
            true => Ok(()),
            false => self.expect(&title),
        }
    }

    /// Checks that a section ends after the announced number of n-grams: the next line begins with a backslash.
    pub(super) fn end_of_section(&mut self, order: usize, announced: u64) -> Result<()> {
        match self.peek()? {
            Some(line) if !line.starts_with(b"\\") => {
                Err(self.error(format!("more than the announced {announced} {order}-grams")))
            }
            _ => Ok(()),
        }
    }

    /// Reads `\end\` and what follows it, so that damage at the end of a packed file is noticed. Remarks are skipped.
    pub(super) fn end(&mut self) -> Result<()> {
        self.expect("\\end\\")?;
        while let Some(line) = self.next()? {
            if line == b"\\data\\" {
                return Err(self.error("a second model begins; write each model to its own file"));
            }
        }
        Ok(())
    }

    /// Reads an n-gram: log10 p, the words, and perhaps log10 of the backoff weight.
    pub(super) fn entry(&mut self, order: usize, announced: u64) -> Result<Entry<'_>> {
        let too_few = || format!("fewer than the announced {announced} {order}-grams");
        match self.next()? {
            Some(line) if !line.starts_with(b"\\") => {}
            _ => return Err(self.error(too_few())),
        }
        let (path, number) = (self.path, self.number);
        let error = |what: String| arpa_error(path, number, what);
        let text = std::str::from_utf8(&self.line).map_err(|utf8| {
            error(format!(
                "byte {} is not UTF-8; convert the file, for instance with iconv -f latin1 -t utf8",
                utf8.valid_up_to() + 1
            ))
        })?;
        let mut fields = text.split(SPACES).filter(|field| !field.is_empty());
        let log_prob = fields.next().unwrap_or_default();
        let (mut words, mut found) = ([""; MAX_ORDER], 0);
        for (place, word) in words.iter_mut().zip(fields.by_ref().take(order)) {
            *place = word;
            found += 1;
        }
        let backoff = fields.next();
        if found < order || fields.next().is_some() {
            return Err(error(format!(
                "expected log10 p, {order} words and perhaps a weight, with tabs or spaces between"
            )));
        }
        let parse = |text: &str| {
            let number: Option<f32> = text.parse().ok().filter(|number: &f32| !number.is_nan());
            number.ok_or_else(|| error(format!("{text} is not a number")))
        };
        let (log_prob, backoff) = (parse(log_prob)?, backoff.map_or(Ok(0.0), parse)?);
        if log_prob > 0.0 {
            return Err(error(format!("log10 p = {log_prob} is above 0")));
        }
        if !backoff.is_finite() {
            return Err(error(format!("the weight {backoff} is not finite")));
        }
        if order == self.order && backoff != 0.0 {
            return Err(error(format!(
                "the weight {backoff} of an n-gram of the highest order, which is never a context (KenLM refuses it, too); is an \
                 order missing from the header? If not, remove the weights of the {order}-grams"
            )));
        }
        Ok(Entry {
            words,
            order,
            value: pack(log_prob, backoff),
        })
    }

    fn expect(&mut self, wanted: &str) -> Result<()> {
        let found = match self.next()? {
            Some(line) if line == wanted.as_bytes() => return Ok(()),
            Some(line) => format!("expected {wanted}, found {}", shown(line)),
            None => format!("the file ends where {wanted} should come"),
        };
        Err(self.error(found))
    }

    /// The next line that is not blank.
    fn next(&mut self) -> Result<Option<&[u8]>> {
        if !std::mem::take(&mut self.again) {
            loop {
                if !self.read()? {
                    return Ok(None);
                }
                let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0B;
                if !self.line.iter().all(is_space) {
                    break;
                }
            }
        }
        Ok(Some(&self.line))
    }

    /// The next line that is not blank, which stays the next.
    fn peek(&mut self) -> Result<Option<&[u8]>> {
        self.again = self.next()?.is_some();
        Ok(self.again.then_some(&self.line[..]))
    }

    /// Reads the next line, blank or not; whether there was one.
    fn read(&mut self) -> Result<bool> {
        self.line.clear();
        let mut bounded = (&mut *self.from).take(MAX_LINE);
        let read = bounded
            .read_until(b'\n', &mut self.line)
            .map_err(harness::Error::io("read", self.path))?;
        self.number += 1;
        if read as u64 == MAX_LINE {
            return Err(self.error(format!("a line of more than {MAX_LINE} bytes")));
        }
        if self.number == 1 && self.line.starts_with(b"\xEF\xBB\xBF") {
            self.line.drain(..3);
        }
        let is_space = |byte: &u8| SPACES.contains(&char::from(*byte));
        let end = self.line.iter().rposition(|byte| !is_space(byte));
        self.line.truncate(end.map_or(0, |last| last + 1));
        let start = self.line.iter().position(|byte| !is_space(byte));
        self.line.drain(..start.unwrap_or(0));
        Ok(read > 0)
    }
}

/// How files of other formats begin, and what to do with them.
const OTHER_FORMATS: &[(&[u8], &str)] = &[
    (
        b"\x1F\x8B",
        "packed with gzip; give the file a name that ends in .gz",
    ),
    (
        b"\x28\xB5\x2F\xFD",
        "packed with zstd; give the file a name that ends in .zst",
    ),
    (
        b"BZh",
        "packed with bzip2; give the file a name that ends in .bz2",
    ),
    (
        b"\xFD7zXZ",
        "packed with xz; give the file a name that ends in .xz",
    ),
    (
        b"mmap lm http://kheafield.com/code",
        "a binary model of KenLM; only the ARPA file that it was built from can be read",
    ),
    (
        b"blmt",
        "a binary model of IRSTLM; convert it with compile-lm --text=yes",
    ),
    (
        b"iARPA",
        "IRSTLM's own kind of ARPA file; convert it with compile-lm --text=yes",
    ),
    (
        b"\xFF\xFE",
        "UTF-16; convert the file with iconv -f UTF-16 -t UTF-8",
    ),
    (
        b"\xFE\xFF",
        "UTF-16; convert the file with iconv -f UTF-16 -t UTF-8",
    ),
];

/// The number in a line of the header, such as `ngram 2=61` or `ngram  2=      61`.
fn announcement(line: &[u8], order: usize) -> Option<u64> {
    let line = std::str::from_utf8(line).ok()?;
    let (label, number) = line.strip_prefix("ngram")?.split_once('=')?;
    let is_next = label.trim().parse::<usize>().ok() == Some(order);
    is_next.then(|| number.trim().parse().ok()).flatten()
}

/// A line for an error message: without control characters, and not too long.
fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let visible = text.chars().take(MAX_SHOWN).map(|character| {
        if character.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            character
        }
    });
    visible.collect()
}

/// Longest part of a line in an error message, in characters.
const MAX_SHOWN: usize = 80;

fn arpa_error(path: &Path, line: u64, what: impl Into<String>) -> Error {
    Error::Arpa {
        path: PathBuf::from(path),
        line,
        what: what.into(),
    }
}

//! Files of analogy questions.

use std::path::Path;

use super::AnalogySection;
use super::table::{Delimiter, Line, number, read_lines};
use crate::error::{Error, Result};

/// Words in a question.
const WORDS: usize = 4;

/// Reads questions in the format of `questions-words.txt`: a line `: name` begins a section, each other line is a question of four
/// words, with spaces, tabs, commas or semicolons between. Without sections, a column titled `category` gives them, or all questions
/// are one section, named after the file. A row of titles, columns after the words, blank lines, and comments that begin with `#` or
/// `//` are left out. A packed file (.gz, .zst) is unpacked on the way.
///
/// # Errors
/// [`Error::Corpus`] naming file and line of what is neither; [`Error::Corrupt`] if there is no question.
pub fn read_analogies(path: &Path) -> Result<Vec<AnalogySection>> {
    questions_of_lines(path, &read_lines(path)?)
}

/// The questions in the lines of a file.
pub(super) fn questions_of_lines(path: &Path, lines: &[Line]) -> Result<Vec<AnalogySection>> {
    let layout = Layout::detect(lines);
    let has_sections = lines.iter().any(is_section);
    let mut sections: Vec<AnalogySection> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(name) = line.text.strip_prefix(':') {
            sections.push(section(name.trim()));
            continue;
        }
        let row = layout.delimiter.fields(line);
        if at == 0 && is_title(&row) {
            continue;
        }
        let question = layout.question(&row).ok_or_else(|| {
            let found = row.len();
            line.malformed(path, format!("a question is four words, here are {found}"))
        })?;
        let own = match (has_sections, layout.category) {
            (true, _) => sections.last_mut(),
            (false, true) => Some(section_named(&mut sections, &row[0])),
            (false, false) => {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                Some(section_named(&mut sections, &name))
            }
        };
        match own {
            Some(section) => section.questions.push(question),
            None => {
                let what = "a question before the first section; begin with a line \": name\"";
                return Err(line.malformed(path, what.to_owned()));
            }
        }
    }
    match sections.iter().all(|section| section.questions.is_empty()) {
        true => Err(Error::corrupt(path, "there is no question in it")),
        false => Ok(sections),
    }
}

fn section(name: &str) -> AnalogySection {
    AnalogySection {
        name: name.to_owned(),
        questions: Vec::new(),
    }
}

/// The section of this name, which may be new.
fn section_named<'s>(sections: &'s mut Vec<AnalogySection>, name: &str) -> &'s mut AnalogySection {
    let known = sections.iter().position(|section| section.name == name);
    let at = known.unwrap_or_else(|| {
        sections.push(section(name));
        sections.len() - 1
    });
    &mut sections[at]
}

/// Whether a line begins a section.
pub(super) fn is_section(line: &Line) -> bool {
    line.text.starts_with(':')
}

/// Whether most lines hold four words or more.
pub(super) fn has_words(lines: &[Line]) -> bool {
    let delimiter = Delimiter::detect(lines.iter(), WORDS);
    let wide = lines
        .iter()
        .filter(|line| delimiter.fields(line).len() >= WORDS);
    2 * wide.count() > lines.len()
}

/// Where the words of a question stand.
struct Layout {
    delimiter: Delimiter,
    /// The column of the first word.
    first: usize,
    /// Whether the column before it is the name of the section.
    category: bool,
    /// Number of columns, if it is the same in all rows.
    width: Option<usize>,
}

impl Layout {
    fn detect(lines: &[Line]) -> Layout {
        let rows = lines.iter().filter(|line| !is_section(line));
        let delimiter = Delimiter::detect(rows.clone(), WORDS);
        let rows: Vec<Vec<String>> = rows.map(|line| delimiter.fields(line)).collect();
        let titles = rows.first().filter(|row| is_title(row));
        let first_title = titles.and_then(|row| row.first()).map(|title| bare(title));
        let category = first_title
            .as_deref()
            .is_some_and(|title| CATEGORIES.contains(&title));
        let numbered = first_title.is_some_and(|title| ["id", "index", ""].contains(&&*title));
        let is_wide = |row: &Vec<String>| row.len() > WORDS;
        let numbered = numbered
            || (rows.len() > 1
                && rows
                    .iter()
                    .all(|row| is_wide(row) && number(&row[0]).is_some()));
        let width = rows.first().map(Vec::len);
        Layout {
            delimiter,
            first: usize::from(category || numbered),
            category,
            width: width.filter(|&width| rows.iter().all(|row| row.len() == width)),
        }
    }

    /// The four words of a row. More columns are only allowed where they cannot be words with spaces.
    fn question(&self, row: &[String]) -> Option<[String; WORDS]> {
        let end = self.first + WORDS;
        let fits =
            row.len() == end || self.delimiter != Delimiter::WhiteSpace || self.width.is_some();
        let words = row.get(self.first..end).filter(|_| fits)?;
        let question = <[String; WORDS]>::try_from(words.to_vec()).ok()?;
        (!question.contains(&String::new())).then_some(question)
    }
}

/// Titles of the column that names the section.
const CATEGORIES: [&str; 6] = ["category", "section", "relation", "type", "kind", "group"];

/// Titles of other columns, without their numbers.
const TITLES: [&str; 17] = [
    "",
    "a",
    "b",
    "c",
    "d",
    "id",
    "index",
    "word",
    "wordone",
    "wordtwo",
    "wordthree",
    "wordfour",
    "source",
    "target",
    "question",
    "answer",
    "score",
];

/// Whether a row holds titles.
fn is_title(row: &[String]) -> bool {
    let titles: Vec<String> = row.iter().map(|title| bare(title)).collect();
    row.len() >= WORDS
        && titles.iter().any(|title| !title.is_empty())
        && (titles.iter()).all(|title| TITLES.contains(&&**title) || CATEGORIES.contains(&&**title))
}

/// A title in lower case and without digits and marks.
fn bare(title: &str) -> String {
    let letters = title.chars().filter(|letter| letter.is_alphabetic());
    letters.flat_map(char::to_lowercase).collect()
}

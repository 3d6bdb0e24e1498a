//! Sentence pairs of one file: tables, JSON objects, translation memories.

use serde_json::Value;

use crate::error::Result;
use crate::read::json::{Object, read_objects};
use crate::read::lines::Lines;
use crate::read::rows::{Dialect, one_line, read_rows};
use crate::read::tmx::read_tmx;

/// File formats of sentence pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PairFormat {
    Table(PairTable),
    /// The names of the two fields of an object, which may be within its `translation`.
    Json(String, String),
    /// The two languages.
    Tmx(String, String),
}

/// The columns of a table of pairs, from 0; others (attributions, scores) are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PairTable {
    pub(crate) dialect: Dialect,
    /// The first row, if it names the columns; other files may repeat it.
    pub(crate) titles: Option<Vec<String>>,
    pub(crate) source: usize,
    pub(crate) target: usize,
}

/// Reads the pairs of texts of one format.
#[derive(Debug)]
pub(crate) struct PairReader {
    format: PairFormat,
    swap: bool,
    /// Pairs of which a side has no word.
    empty: u64,
    /// Units that lack one of the languages.
    incomplete: u64,
}

impl PairReader {
    pub(crate) fn new(format: PairFormat, swap: bool) -> PairReader {
        PairReader {
            format,
            swap,
            empty: 0,
            incomplete: 0,
        }
    }

    /// Calls `visit` with the source and the target of every pair of a text.
    pub(crate) fn read(
        &mut self,
        lines: &mut Lines<'_>,
        visit: &mut dyn FnMut(&str, &str) -> Result<()>,
    ) -> Result<()> {
        let (empty, swap) = (&mut self.empty, self.swap);
        let mut visit = |source: &str, target: &str| {
            let is_empty = source.trim().is_empty() || target.trim().is_empty();
            *empty += u64::from(is_empty);
            match swap {
                true => visit(target, source),
                false => visit(source, target),
            }
        };
        match &self.format {
            PairFormat::Table(table) => read_table(lines, table, &mut visit),
            PairFormat::Json(source, target) => {
                let parse = |object: &Object| sides(object, source, target);
                read_objects(lines, parse, |(source, target)| visit(&source, &target))
            }
            PairFormat::Tmx(source, target) => {
                let languages = (source.clone(), target.clone());
                self.incomplete += read_tmx(lines, &languages, &mut visit)?;
                Ok(())
            }
        }
    }

    /// What was unusual, a sentence each.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.empty > 0 {
            notes.push(sides_without_a_word(self.empty));
        }
        if self.incomplete > 0 {
            notes.push(format!(
                "{} unit(s) lack one of the two languages and are left out",
                self.incomplete
            ));
        }
        notes
    }
}

pub(crate) fn sides_without_a_word(pairs: u64) -> String {
    format!("{pairs} pair(s) have a side without a word; they are kept")
}

fn read_table(
    lines: &mut Lines<'_>,
    table: &PairTable,
    visit: &mut dyn FnMut(&str, &str) -> Result<()>,
) -> Result<()> {
    let titles = table.titles.as_deref().unwrap_or_default();
    let mut first = true;
    read_rows(lines, table.dialect, &mut |row| {
        let is_title = !titles.is_empty() && row.fields.iter().eq(titles.iter());
        if std::mem::take(&mut first) && is_title {
            return Ok(());
        }
        if row.fields.len() == 1 && table.dialect == Dialect::Tabs {
            return Err(row.malformed("expected SOURCE<TAB>TARGET, found no tab"));
        }
        visit(row.field(table.source)?, row.field(table.target)?)
    })
}

/// The two sides of an object.
fn sides(
    object: &Object,
    source: &str,
    target: &str,
) -> std::result::Result<(String, String), String> {
    let object = within(object);
    let side = |name: &str| match object.get(name) {
        Some(Value::String(text)) => Ok(one_line(text)),
        Some(_) => Err(format!("{name:?} is not a string")),
        None => Err(format!("{name:?} is missing")),
    };
    Ok((side(source)?, side(target)?))
}

/// The object that holds the sides: `translation`, if there is one, as in data sets of Hugging Face.
pub(crate) fn within(object: &Object) -> &Object {
    let translation = object.get("translation").and_then(Value::as_object);
    translation.unwrap_or(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::lines::OnInvalid;

    fn pairs(
        format: PairFormat,
        swap: bool,
        text: &str,
    ) -> Result<(Vec<[String; 2]>, Vec<String>)> {
        let mut lines = Lines::new(Box::new(text.as_bytes()), "text".into(), OnInvalid::Refuse);
        let mut reader = PairReader::new(format, swap);
        let mut pairs = Vec::new();
        reader.read(&mut lines, &mut |source, target| {
            pairs.push([source.to_owned(), target.to_owned()]);
            Ok(())
        })?;
        Ok((pairs, reader.notes()))
    }

    fn table(titles: Option<&[&str]>) -> PairFormat {
        let titles = titles.map(|titles| titles.iter().map(|&title| title.to_owned()).collect());
        PairFormat::Table(PairTable {
            dialect: Dialect::Tabs,
            titles,
            source: 0,
            target: 1,
        })
    }

    #[test]
    fn sides_without_a_word_are_kept_and_counted() {
        let (found, notes) = pairs(table(None), false, "a\tb\tc\n\nd\t\n\te\n").unwrap();
        assert_eq!(found, [["a", "b"], ["d", ""], ["", "e"]]);
        assert_eq!(
            notes,
            ["2 pair(s) have a side without a word; they are kept"]
        );
        let (found, _) = pairs(table(None), true, "a\tb\n").unwrap();
        assert_eq!(found, [["b", "a"]]);
    }

    #[test]
    fn a_title_row_is_no_pair() {
        let titles = table(Some(&["de", "en"]));
        let (found, _) = pairs(titles.clone(), false, "de\ten\na\tb\nde\ten\n").unwrap();
        assert_eq!(found, [["a", "b"], ["de", "en"]]);
        // Another file of the source need not repeat it.
        assert_eq!(pairs(titles, false, "a\tb\n").unwrap().0, [["a", "b"]]);
    }

    #[test]
    fn objects_may_hold_their_sides_in_a_translation() {
        let text =
            "{\"translation\":{\"de\":\"a\\nb\",\"en\":\"c\"}}\n{\"de\":\"d\",\"en\":\"\"}\n";
        let format = PairFormat::Json("de".into(), "en".into());
        let (found, notes) = pairs(format.clone(), false, text).unwrap();
        assert_eq!(found, [["a b", "c"], ["d", ""]]);
        assert_eq!(notes.len(), 1);
        let error = pairs(format, false, "{\"de\":\"a\"}\n").unwrap_err();
        assert_eq!(error.to_string(), "text, line 1: \"en\" is missing");
    }
}

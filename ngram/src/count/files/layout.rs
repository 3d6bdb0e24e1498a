//! The lines of count files.
//!
//! ```text
//! new york city<TAB>4096                             SRILM (ngram-count -write), Google Web 1T
//! new york city<TAB>1999<TAB>34<TAB>12               Google Books 2012: year, count, volumes; 2009 also has pages
//! new york city<TAB>1999,34,12<TAB>2000,41,13        Google Books 2020: all years of an n-gram
//! ```

use std::path::Path;

use corpus::{BOS, EOS, UNK};

/// The n-gram of a line, its count, and whether the line is one of Google Books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted<'a> {
    pub(super) ngram: &'a str,
    pub(super) count: u64,
    pub(super) is_of_books: bool,
}

/// Reads a line; `None` if it is blank.
///
/// # Errors
/// What is wrong with the line.
pub(super) fn parse(line: &str) -> Result<Option<Counted<'_>>, String> {
    let line = line.trim_matches([' ', '\t', '\r']);
    if line.is_empty() {
        return Ok(None);
    }
    // Without a tab, the count is the last word.
    let divided = line.split_once('\t').or_else(|| line.rsplit_once(' '));
    let expected = || "expected an n-gram, a tab and a count".to_owned();
    let (ngram, numbers) = divided.ok_or_else(expected)?;
    let is_of_books = numbers.contains(['\t', ',']);
    let count = match is_of_books {
        false => number(numbers)?,
        true if numbers.contains(',') => sum_of_years(numbers)?,
        true => count_of_year(numbers)?,
    };
    Ok(Some(Counted {
        ngram,
        count,
        is_of_books,
    }))
}

/// Adds the counts of `1999,34,12<TAB>2000,41,13`.
fn sum_of_years(years: &str) -> Result<u64, String> {
    years.split('\t').try_fold(0_u64, |sum, year| {
        let mut fields = year.split(',');
        let (Some(_), Some(count), Some(_), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(format!("expected YEAR,COUNT,VOLUMES, found {year}"));
        };
        let count = number(count)?;
        sum.checked_add(count)
            .ok_or_else(|| "the counts of all years are too large".to_owned())
    })
}

/// The count in `1999<TAB>34<TAB>12` or, with pages, `1999<TAB>34<TAB>20<TAB>12`.
fn count_of_year(fields: &str) -> Result<u64, String> {
    let fields: Vec<&str> = fields.split('\t').collect();
    match fields[..] {
        [year, count, ..] if (3..=4).contains(&fields.len()) => {
            fields
                .iter()
                .try_for_each(|field| number(field).map(drop))?;
            match year.len() {
                4 => number(count),
                _ => Err(format!("expected a year, found {year}")),
            }
        }
        _ => Err(format!(
            "expected one count, or year, count and volumes, found {} numbers",
            fields.len()
        )),
    }
}

fn number(text: &str) -> Result<u64, String> {
    let text = text.trim();
    text.parse()
        .map_err(|_| format!("{text} is not a whole number below 2^64"))
}

/// The name that a word of a count file has here; `None` if it is no word but a part of speech, with which Google Books counts
/// everything a second time.
pub(super) fn name(word: &str, is_of_books: bool) -> Option<&str> {
    match word {
        BOS | "<S>" => Some(BOS),
        "</s>" | "</S>" | EOS => Some(EOS),
        UNK | "<UNK>" => Some(UNK),
        "_START_" if is_of_books => Some(BOS),
        "_END_" if is_of_books => Some(EOS),
        _ if is_of_books && is_tagged(word) => None,
        _ => Some(word),
    }
}

/// Whether a word of Google Books carries a part of speech (`run_VERB`) or is one (`_VERB_`).
fn is_tagged(word: &str) -> bool {
    const TAGS: [&str; 13] = [
        "NOUN", "VERB", "ADJ", "ADV", "PRON", "DET", "ADP", "NUM", "CONJ", "PRT", "X", ".", "ROOT",
    ];
    // Two words of which one depends on the other.
    if word.len() > 2 && word.contains("=>") {
        return true;
    }
    let Some((_, tag)) = word.trim_end_matches('_').rsplit_once('_') else {
        return false;
    };
    TAGS.contains(&tag)
}

/// Whether a file is no list of counts: the index of Google Web 1T, its vocabulary in another order, totals.
pub(super) fn is_no_list(path: &Path) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let stem = name.split('.').next().unwrap_or_default();
    name.ends_with(".idx")
        || ["total", "vocab_cs"].contains(&stem)
        || stem.contains("totalcounts")
        || stem.contains("total_counts")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layout_gives_ngram_and_count() {
        for (line, ngram, count, is_of_books) in [
            ("new york\t4096", "new york", 4096, false),
            ("new york 4096 \r", "new york", 4096, false),
            ("new york\t1999\t34\t12", "new york", 34, true),
            ("new york\t1999\t34\t20\t12", "new york", 34, true),
            ("new york\t1999,34,12\t2000,41,13", "new york", 75, true),
            ("10\u{A0}000 5\t7", "10\u{A0}000 5", 7, false),
            ("1,5\t3", "1,5", 3, false),
        ] {
            let expected = Counted {
                ngram,
                count,
                is_of_books,
            };
            assert_eq!(parse(line), Ok(Some(expected)), "{line}");
        }
        assert_eq!(parse(" \t"), Ok(None));
        for (line, expected) in [
            ("york", "a tab and a count"),
            ("new york\t-3", "-3 is not a whole number"),
            ("new york\t0.5", "0.5 is not a whole number"),
            ("new york\t1\t2", "found 2 numbers"),
            ("new york\t1999,34", "expected YEAR,COUNT,VOLUMES"),
            ("new york\t12\t34\t5", "expected a year, found 12"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn marks_are_renamed_and_parts_of_speech_are_no_words() {
        for (word, expected) in [
            ("<S>", Some("<s>")),
            ("</S>", Some("<eos>")),
            ("<UNK>", Some("<unk>")),
            ("_START_", Some("<s>")),
            ("_END_", Some("<eos>")),
            ("run_VERB", None),
            ("_VERB_", None),
            ("._.", None),
            ("run=>fast", None),
            ("snake_case", Some("snake_case")),
            ("_", Some("_")),
        ] {
            assert_eq!(name(word, true), expected, "{word}");
        }
        assert_eq!(name("run_VERB", false), Some("run_VERB"));
        assert_eq!(name("_START_", false), Some("_START_"));
    }

    #[test]
    fn files_without_counts_are_recognised() {
        for name in [
            "2gm.idx",
            "1gms/total",
            "1gms/vocab_cs.gz",
            "googlebooks-eng-all-totalcounts-20120701.txt",
        ] {
            assert!(is_no_list(Path::new(name)), "{name}");
        }
        for name in ["1gms/vocab.gz", "2gm-0000.gz", "total_eclipse.counts"] {
            assert!(!is_no_list(Path::new(name)), "{name}");
        }
    }
}

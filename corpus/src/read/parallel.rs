//! Parallel files: texts that differ only in the language that their names carry, paired line by line.
//!
//! The language may be any part of the name or a folder: `train.de`, `train.deu.txt`, `train.tok.de.gz`, `de/train.txt`,
//! `train/de`, `train-de.txt`.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::error::{Error, Result};
use crate::read::languages::{choose, is_language};
use crate::read::source::{Input, Source};
use crate::read::unpack::unpacked_name;

/// The file name and this many folders may carry the language.
const DEPTH: usize = 3;

/// Parallel files of a source; no pairs if it has none.
#[derive(Debug, Default)]
pub(crate) struct Parallel {
    /// Source file and target file.
    pub(crate) pairs: Vec<(Input, Input)>,
    /// What was left out, and why.
    pub(crate) notes: Vec<String>,
}

/// A name without its language, and the files of the languages.
type Groups = BTreeMap<String, BTreeMap<String, Input>>;

/// Finds the parallel files of `source`; `languages` selects two of several.
pub(crate) fn parallel_files(
    source: &Source,
    languages: Option<&(String, String)>,
) -> Result<Parallel> {
    let names: Vec<Vec<Name>> = source
        .inputs
        .iter()
        .map(|input| names_of(&input.path, languages))
        .collect();
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for name in names.iter().flatten() {
        let languages = found.entry(&name.stem).or_default();
        languages.insert(name.language.to_lowercase());
    }
    let is_shared = |name: &&Name| found[name.stem.as_str()].len() >= 2;
    let (mut groups, mut alone, mut others) = (Groups::new(), Vec::new(), Vec::new());
    for (input, names) in source.inputs.iter().zip(&names) {
        match (names.iter().find(is_shared), names.first()) {
            (Some(name), _) => insert(&mut groups, name, input)?,
            (None, Some(name)) => alone.push((name, input)),
            (None, None) => others.push(input),
        }
    }
    let grouped = source.inputs.len() - alone.len() - others.len();
    if grouped == 0 {
        return Ok(Parallel::default());
    }
    if languages.is_none() && 2 * grouped < source.inputs.len() {
        let what = "some files differ only in the name of a language, but most do not, so that they are not read as pairs";
        return Ok(Parallel {
            pairs: Vec::new(),
            notes: vec![format!("{}: {what}", source.name)],
        });
    }
    let (from, to) = sides(source, &groups, languages)?;
    for (name, input) in alone {
        // A side without the other is an error below.
        match [&from, &to].contains(&&name.language) {
            true => insert(&mut groups, name, input)?,
            false => others.push(input),
        }
    }
    let mut pairs = Vec::new();
    for group in groups.values_mut() {
        match (group.remove(&from), group.remove(&to)) {
            (Some(source), Some(target)) => pairs.push((source, target)),
            (None, None) => {}
            (Some(one), None) => return Err(side_is_missing(&one, &to)),
            (None, Some(one)) => return Err(side_is_missing(&one, &from)),
        }
    }
    let left_out = |input: &&Input| format!("{} is left out: it belongs to no pair", input.place());
    let mut notes: Vec<String> = others.iter().take(3).map(left_out).collect();
    if others.len() > notes.len() {
        notes.push(format!("so are {} other files", others.len() - notes.len()));
    }
    Ok(Parallel { pairs, notes })
}

fn side_is_missing(other: &Input, language: &str) -> Error {
    Error::Layout {
        place: other.place(),
        what: format!(
            "there is no such file in language {language}; add it, or move this one away"
        ),
    }
}

fn insert(groups: &mut Groups, name: &Name, input: &Input) -> Result<()> {
    let group = groups.entry(name.stem.clone()).or_default();
    match group.entry(name.language.clone()) {
        Entry::Vacant(place) => {
            place.insert(input.clone());
            Ok(())
        }
        Entry::Occupied(other) => Err(Error::Layout {
            place: input.place(),
            what: format!(
                "the same language of the same text as {}; move one of them away",
                other.get().place()
            ),
        }),
    }
}

/// The two languages, as the names of the files have them.
fn sides(
    source: &Source,
    groups: &Groups,
    languages: Option<&(String, String)>,
) -> Result<(String, String)> {
    let found: BTreeSet<&str> = groups
        .values()
        .flat_map(|group| group.keys().map(String::as_str))
        .collect();
    let found: Vec<&str> = found.into_iter().collect();
    let pick = |asked: &str| {
        let chosen = choose(asked, &found).map(str::to_owned);
        chosen.ok_or_else(|| Error::Layout {
            place: source.name.clone(),
            what: format!(
                "no files in language {asked}; the names of the files have {}",
                found.join(", ")
            ),
        })
    };
    match (languages, found.as_slice()) {
        (Some((from, to)), _) => Ok((pick(from)?, pick(to)?)),
        // `src` and `source` stand before `tgt`, `trg` and `target`.
        (None, [from, to]) => Ok(((*from).to_owned(), (*to).to_owned())),
        (None, several) => Err(Error::ManyLanguages {
            place: source.name.clone(),
            languages: several.iter().map(|&name| name.to_owned()).collect(),
        }),
    }
}

/// One way to read a path: the language, and the path with a `*` in its place.
#[derive(Debug, PartialEq, Eq)]
struct Name {
    stem: String,
    language: String,
}

/// All ways to read a path as a text in a language, the likeliest first: the last part of the file name, then those before it,
/// then the folders.
fn names_of(path: &Path, languages: Option<&(String, String)>) -> Vec<Name> {
    let asked = |part: &str| {
        languages.is_some_and(|(from, to)| {
            part.eq_ignore_ascii_case(from) || part.eq_ignore_ascii_case(to)
        })
    };
    let is_language = |part: &str| is_language(part) || asked(part);
    let path = path.to_string_lossy();
    let lower = path.to_lowercase();
    let packing = lower.len() - unpacked_name(&lower).len();
    let bare = &path[..path.len() - packing];
    let mut names = Vec::new();
    let mut end = bare.len();
    for component in bare.rsplit('/').take(DEPTH) {
        let start = end - component.len();
        for (at, part) in parts(component) {
            if is_language(part) {
                let (before, after) = (&bare[..start + at], &bare[start + at + part.len()..]);
                names.push(Name {
                    stem: format!("{before}*{after}"),
                    language: part.to_owned(),
                });
            }
        }
        end = start.saturating_sub(1);
    }
    names
}

/// Parts of a file's or folder's name with their positions: those between dots from the last to the first, each followed by what
/// stands after its last and before its first dash or underscore.
fn parts(name: &str) -> Vec<(usize, &str)> {
    let mut parts = Vec::new();
    let mut end = name.len();
    for part in name.rsplit('.') {
        let start = end - part.len();
        parts.push((start, part));
        if let Some(at) = part.rfind(['-', '_']) {
            parts.push((start + at + 1, &part[at + 1..]));
        }
        if let Some(at) = part.find(['-', '_']) {
            parts.push((start, &part[..at]));
        }
        end = start.saturating_sub(1);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(names: &[&str]) -> Source {
        Source {
            name: "folder".into(),
            inputs: names.iter().map(Input::new).collect(),
            licence: None,
        }
    }

    fn pairs(names: &[&str], languages: Option<(&str, &str)>) -> Result<Vec<[String; 2]>> {
        let languages = languages.map(|(from, to)| (from.to_owned(), to.to_owned()));
        let found = parallel_files(&source(names), languages.as_ref())?;
        let path = |input: Input| input.path.display().to_string();
        Ok(found
            .pairs
            .into_iter()
            .map(|(from, to)| [path(from), path(to)])
            .collect())
    }

    #[test]
    fn the_language_may_be_any_part_of_a_name() {
        for pair in [
            ["train.de", "train.en"],
            ["train.DE", "train.EN"],
            ["train.deu", "train.eng"],
            ["train.en", "train.pt-br"],
            ["train.en", "train.zh_Hans"],
            ["train.deu.txt", "train.eng.txt"],
            ["train.tok.de.gz", "train.tok.en"],
            ["train.de.tok", "train.en.tok"],
            ["Europarl.de-en.de", "Europarl.de-en.en"],
            ["train-de.txt", "train-en.txt"],
            ["train/de", "train/en"],
            ["data/de/train.txt.zst", "data/en/train.txt.zst"],
            ["de/train/part.1", "en/train/part.1"],
            ["train.src", "train.tgt"],
            ["train.src", "train.trg"],
            ["train.source", "train.target"],
        ] {
            assert_eq!(pairs(&pair, None).unwrap(), [pair], "{pair:?}");
            let reversed = [pair[1], pair[0]];
            assert_eq!(pairs(&reversed, None).unwrap().len(), 1, "{pair:?}");
        }
    }

    #[test]
    fn two_of_several_languages_are_chosen_by_any_of_their_codes() {
        let names = ["train.de", "train.en", "train.pt_BR"];
        assert_eq!(
            pairs(&names, None).unwrap_err().to_string(),
            "folder: parallel files in de, en, pt_BR; two languages must be chosen"
        );
        for asked in [("pt-br", "de"), ("por", "deu")] {
            let found = pairs(&names, Some(asked)).unwrap();
            assert_eq!(found, [["train.pt_BR", "train.de"]], "{asked:?}");
        }
        let error = pairs(&names, Some(("fr", "de"))).unwrap_err().to_string();
        assert_eq!(
            error,
            "folder: no files in language fr; the names of the files have de, en, pt_BR"
        );
        // Names that are no codes are languages if they are asked for.
        let found = pairs(&["a.orig", "a.simple"], Some(("orig", "simple"))).unwrap();
        assert_eq!(found, [["a.orig", "a.simple"]]);
        assert_eq!(pairs(&["a.orig", "a.simple"], None).unwrap(), [[""; 2]; 0]);
    }

    #[test]
    fn a_side_without_the_other_is_an_error() {
        for names in [
            &["train.de", "train.en", "test.de"][..],
            &["train.de", "train.en", "test.de", "test.fr"],
        ] {
            let error = pairs(names, Some(("de", "en"))).unwrap_err().to_string();
            assert!(
                error.contains("test.de: there is no such file in language en"),
                "{error}"
            );
        }
        let names = ["train.de", "train.en", "train.de.gz"];
        let error = pairs(&names, None).unwrap_err().to_string();
        assert!(error.contains("train.de.gz: the same language"), "{error}");
    }

    #[test]
    fn files_of_other_kinds_are_left_out_with_a_note() {
        let found = parallel_files(&source(&["train.de", "train.en", "notes.txt"]), None).unwrap();
        assert_eq!(found.pairs.len(), 1);
        assert_eq!(
            found.notes,
            ["notes.txt is left out: it belongs to no pair"]
        );
        for names in [
            &["a.txt", "b.txt"][..],
            &["a.c", "a.h"],
            &["a.de.txt"],
            &["novel.en", "novel.fr", "a.txt", "b.txt", "c.txt"],
        ] {
            let found = parallel_files(&source(names), None).unwrap();
            assert!(found.pairs.is_empty(), "{names:?}");
        }
    }
}

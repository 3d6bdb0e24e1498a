//! What a source holds: one function decides, from the names of its files and a sample of the text.

use crate::error::{Error, Result};
use crate::read::columns::{pair_table, side_names, turn_table};
use crate::read::json::{Object, objects_of, unread_objects};
use crate::read::pairs::{PairFormat, within};
use crate::read::parallel::parallel_files;
use crate::read::rows::Dialect;
use crate::read::samples::{Fit, Sample, is_csv, lines_of};
use crate::read::source::{Input, Source};
use crate::read::tables::{csv_pairs, no_sentences, plain_turns, tab_pairs, timed_turns};
use crate::read::tmx::{is_tmx, languages_of};
use crate::read::turns::{
    DialogueFormat, Dialogues, is_chat, is_cornell_conversation, is_cornell_line, is_numbered,
    is_transcript_heading, is_utterances,
};
use crate::settings::{Kind, Settings};

/// How the files of a source are laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    Text,
    /// Objects whose field of this name is a document.
    JsonTexts(String),
    Pairs(PairFormat),
    /// Source file and target file, line by line.
    ParallelFiles(Vec<(Input, Input)>),
    /// The files of these conversations.
    Dialogues(Dialogues, Vec<Input>),
}

/// A layout, and what there is to say about the choice.
#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) layout: Layout,
    pub(crate) notes: Vec<String>,
}

/// Decides what `source` holds. Where the kind is set, one line of its form is enough.
///
/// # Errors
/// [`Error::Layout`] if the files are not of the kind that is set, or hold no pairs in the languages that are;
/// [`Error::ManyLanguages`]; [`Error::JsonLines`] for objects that are none of the kinds.
pub(crate) fn detect_layout(
    source: &Source,
    settings: &Settings,
    first_lines: &[String],
) -> Result<Decision> {
    let languages = settings.languages.as_ref();
    if let (Some((from, to)), Kind::Text | Kind::Dialogues) = (languages, settings.kind) {
        return Err(Error::Setting {
            field: "languages",
            value: format!("{from}-{to}"),
            bound: "only sentence pairs have languages".to_owned(),
        });
    }
    let mut search = Search {
        source,
        languages,
        sample: Sample::new(first_lines),
        forced: settings.kind != Kind::Auto,
        lenient: false,
        notes: Vec::new(),
        doubts: Vec::new(),
    };
    let layout = match settings.kind {
        Kind::Text => Some(Layout::Text),
        Kind::Dialogues => search.dialogues()?,
        Kind::Pairs => search.pairs(settings.swap)?,
        Kind::Auto if languages.is_some() => search.pairs(settings.swap)?,
        Kind::Auto => search.any(settings.swap)?,
    };
    let layout = layout.ok_or_else(|| Error::Layout {
        place: source.name.clone(),
        what: match (settings.kind, languages) {
            (Kind::Dialogues, _) => {
                "no dialogues: expected DIALOGUE<TAB>TURN<TAB>SPEAKER<TAB>TEXT, a table whose first row names such columns, \
                 Persona-Chat, transcripts, turns that end in __eou__, or JSON objects with arrays of turns"
                    .to_owned()
            }
            (_, Some((from, to))) => format!(
                "no sentence pairs in {from} and {to}: expected files that differ only in the language in their names \
                 (train.{from}, train.{to}), a table whose first row names the languages, or a translation memory"
            ),
            _ => "no sentence pairs: expected two fields in each line, separated by a tab, or files that \
                  differ only in the language in their names (train.en, train.de)"
                .to_owned(),
        },
    })?;
    Ok(Decision {
        layout,
        notes: search.notes,
    })
}

/// The error of a line that does not fit a format which was recognised, not asked for.
pub(crate) fn misfit(error: Error, kind: Kind, looks_like: &'static str) -> Error {
    match error {
        Error::Format { place, line, what } if kind == Kind::Auto => Error::Misfit {
            place,
            line,
            what,
            looks_like,
        },
        other => other,
    }
}

/// The search for the layout of a source.
struct Search<'s> {
    source: &'s Source,
    languages: Option<&'s (String, String)>,
    sample: Sample<'s>,
    /// Whether the kind is set.
    forced: bool,
    /// Whether one line of a form is enough.
    lenient: bool,
    notes: Vec<String>,
    /// Why the text might be something else, if it is read as running text.
    doubts: Vec<String>,
}

impl Search<'_> {
    fn any(&mut self, swap: bool) -> Result<Option<Layout>> {
        let objects = objects_of(self.sample.lines);
        if objects.is_empty()
            && let Some(what) = unread_objects(&self.sample.full)
        {
            return Err(Error::JsonLines {
                place: self.source.name.clone(),
                what,
            });
        }
        if let Some(dialogues) = self.dialogues()? {
            return Ok(Some(dialogues));
        }
        if let Some(pairs) = self.pairs(swap)? {
            return Ok(Some(pairs));
        }
        if let Some(object) = objects.first() {
            let text = object.get("text").is_some_and(serde_json::Value::is_string);
            return match text {
                true => Ok(Some(Layout::JsonTexts("text".to_owned()))),
                false => Err(Error::JsonLines {
                    place: self.source.name.clone(),
                    what: "JSON lines, not text".to_owned(),
                }),
            };
        }
        self.compare_files()?;
        let doubt = self.doubts.first();
        let note = doubt.map(|doubt| format!("{doubt}; it is read as running text"));
        self.notes.extend(note);
        Ok(Some(Layout::Text))
    }

    /// Says if a file that is read as running text does not look like it, as the first one does.
    fn compare_files(&mut self) -> Result<()> {
        let inputs = &self.source.inputs;
        let step = inputs.len().div_ceil(MOST_FILES).max(1);
        for input in inputs.iter().skip(1).step_by(step) {
            let lines = lines_of(input, 200)?;
            let sample = Sample::new(&lines);
            if sample.full.len() < 3 {
                continue;
            }
            let pairs = tab_pairs(&sample);
            let what = if plain_turns(&sample).0 == Fit::Most {
                "conversations"
            } else if pairs.0 == Fit::Most && no_sentences(&sample, &pairs.1).is_none() {
                "sentence pairs"
            } else if !objects_of(&lines).is_empty() {
                "JSON"
            } else {
                continue;
            };
            self.notes.push(format!(
                "{} looks like {what}, but the first file does not: all are read as running text",
                input.place()
            ));
            break;
        }
        Ok(())
    }

    /// Whether lines of a form are enough to take the text for the format.
    fn accepts(&mut self, fit: Fit, what: &str) -> bool {
        if fit == Fit::Half {
            self.doubts.push(format!(
                "{}: many of the first lines look like {what}, but not nearly all",
                self.source.name
            ));
        }
        match self.lenient {
            true => fit != Fit::No,
            false => fit == Fit::Most,
        }
    }

    /// The form of nearly all lines; where the kind is set, that of any line will do.
    fn best<T>(&mut self, find: impl Fn(&mut Self) -> Result<Option<T>>) -> Result<Option<T>> {
        let found = find(self)?;
        if found.is_some() || !self.forced {
            return Ok(found);
        }
        self.lenient = true;
        find(self)
    }

    fn dialogues(&mut self) -> Result<Option<Layout>> {
        if let Some((lists, lines)) = self.cornell()? {
            let (dialogues, _) = Dialogues::of_sample(DialogueFormat::Cornell(lines), &[]);
            return Ok(Some(Layout::Dialogues(dialogues, lists)));
        }
        let Some(format) = self.best(|search| Ok(search.dialogue_format()))? else {
            return Ok(None);
        };
        let (dialogues, note) = Dialogues::of_sample(format, self.sample.lines);
        self.notes.extend(note);
        Ok(Some(Layout::Dialogues(
            dialogues,
            self.source.inputs.clone(),
        )))
    }

    fn dialogue_format(&mut self) -> Option<DialogueFormat> {
        if objects_of(self.sample.lines).first().is_some_and(is_chat) {
            return Some(DialogueFormat::Chat);
        }
        if let Some(table) = self.named(turn_table) {
            return Some(DialogueFormat::Table(table));
        }
        let (fit, table) = plain_turns(&self.sample);
        if self.accepts(
            fit,
            "turns of conversations (dialogue, turn, speaker, text)",
        ) {
            let titles = table.titles.as_ref();
            self.notes
                .extend(titles.map(|titles| names_columns(titles)));
            return Some(DialogueFormat::Table(table));
        }
        let (fit, table) = timed_turns(&self.sample);
        if self.accepts(
            fit,
            "turns of conversations (time, speaker, addressee, text)",
        ) {
            return Some(DialogueFormat::Table(table));
        }
        let fit = self.sample.fit(is_utterances);
        if self.accepts(fit, "conversations with __eou__ after each turn") {
            return Some(DialogueFormat::Utterances);
        }
        let begins = self.sample.first().starts_with("1 ");
        let fit = self.sample.fit(is_numbered);
        if begins && self.accepts(fit, "Persona-Chat") {
            return Some(DialogueFormat::PersonaChat);
        }
        let begins = is_transcript_heading(self.sample.first());
        let fit = self
            .sample
            .fit(|line| is_transcript_heading(line) || line.contains(':'));
        (begins && self.accepts(fit, "transcripts")).then_some(DialogueFormat::Transcript)
    }

    /// The lists of conversations and the file of lines of the Cornell corpus.
    fn cornell(&self) -> Result<Option<(Vec<Input>, Input)>> {
        let named = |input: &Input| input.path.to_string_lossy().contains("movie_lines");
        let inputs = &self.source.inputs;
        if !self.sample.first().contains("+++$+++") && !inputs.iter().any(named) {
            return Ok(None);
        }
        let (mut lists, mut spoken) = (Vec::new(), Vec::new());
        for input in inputs {
            let first = lines_of(input, 1)?;
            let first = first.first().map_or("", String::as_str);
            if is_cornell_conversation(first) {
                lists.push(input.clone());
            } else if is_cornell_line(first) {
                spoken.push(input.clone());
            }
        }
        match (lists.is_empty(), spoken.pop()) {
            (false, Some(lines)) if spoken.is_empty() => Ok(Some((lists, lines))),
            (true, None) => Ok(None),
            _ => Err(Error::Layout {
                place: self.source.name.clone(),
                what: "conversations of movies are read from a list and one file of lines together: movie_conversations.txt \
                       and movie_lines.txt"
                    .to_owned(),
            }),
        }
    }

    fn pairs(&mut self, swap: bool) -> Result<Option<Layout>> {
        let parallel = parallel_files(self.source, self.languages)?;
        self.notes.extend(parallel.notes);
        if !parallel.pairs.is_empty() {
            let ordered = |(source, target)| match swap {
                true => (target, source),
                false => (source, target),
            };
            let files = parallel.pairs.into_iter().map(ordered).collect();
            return Ok(Some(Layout::ParallelFiles(files)));
        }
        Ok(self.best(Self::pair_format)?.map(Layout::Pairs))
    }

    fn pair_format(&mut self) -> Result<Option<PairFormat>> {
        let languages = self.languages;
        if is_tmx(self.sample.lines) {
            return self
                .memory_languages()
                .map(|(from, to)| Some(PairFormat::Tmx(from, to)));
        }
        if let Some(object) = objects_of(self.sample.lines).first() {
            return Ok(sides_of(object, languages));
        }
        if let Some(table) = self.named(|titles, dialect| pair_table(titles, dialect, languages)) {
            return Ok(Some(PairFormat::Table(table)));
        }
        if languages.is_some() {
            // Columns without names have no languages.
            return Ok(None);
        }
        let (fit, table) = match self.csv() {
            Some(dialect) => csv_pairs(&self.sample, dialect),
            None => tab_pairs(&self.sample),
        };
        if !self.accepts(fit, "sentence pairs") {
            return Ok(None);
        }
        if let (false, Some(what)) = (self.forced, no_sentences(&self.sample, &table)) {
            self.doubts.push(format!(
                "{}: one of the two columns has {what} instead of sentences",
                self.source.name
            ));
            return Ok(None);
        }
        Ok(Some(PairFormat::Table(table)))
    }

    fn memory_languages(&self) -> Result<(String, String)> {
        if let Some(languages) = self.languages {
            return Ok(languages.clone());
        }
        match languages_of(self.sample.lines).as_slice() {
            [from, to] => Ok((from.clone(), to.clone())),
            [] | [_] => Err(Error::Layout {
                place: self.source.name.clone(),
                what: "a translation memory whose first units are not in two languages".to_owned(),
            }),
            several => Err(Error::ManyLanguages {
                place: self.source.name.clone(),
                languages: several.to_vec(),
            }),
        }
    }

    /// The dialect of comma-separated values, if the file is named so.
    fn csv(&self) -> Option<Dialect> {
        let first = self.source.inputs.first()?;
        is_csv(&first.path).then(|| self.sample.quoted())
    }

    /// The table whose columns the first row names, if `of_titles` knows them.
    fn named<T>(&mut self, of_titles: impl Fn(&[String], Dialect) -> Option<T>) -> Option<T> {
        let dialect = self.csv().unwrap_or(Dialect::Tabs);
        let rows = self.sample.rows(dialect);
        let titles = rows.first().filter(|titles| titles.len() >= 2)?;
        let table = of_titles(titles, dialect)?;
        // A line of a text may be two such words.
        let alike = rows.iter().filter(|row| row.len() == titles.len()).count();
        if rows.len() < 2 || Fit::of(alike, rows.len()) != Fit::Most {
            return None;
        }
        self.notes.push(names_columns(titles));
        Some(table)
    }
}

/// At most this many files are compared with the first.
const MOST_FILES: usize = 16;

fn names_columns(titles: &[String]) -> String {
    format!("the first row names the columns: {}", titles.join(", "))
}

/// The fields of an object that are the sides of a pair.
fn sides_of(object: &Object, languages: Option<&(String, String)>) -> Option<PairFormat> {
    let strings = within(object).iter().filter(|(_, value)| value.is_string());
    let names: Vec<&str> = strings.map(|(name, _)| name.as_str()).collect();
    let (source, target) = side_names(&names, languages)?;
    Some(PairFormat::Json(source.to_owned(), target.to_owned()))
}

#[cfg(test)]
mod tests;

//! What a source holds: one function decides, from the names of its files and a sample of the text.

use crate::error::{Error, Result};
use crate::read::columns::{pair_table, side_names, turn_table};
use crate::read::json::{Object, objects_of};
use crate::read::pairs::{PairFormat, PairTable, within};
use crate::read::parallel::parallel_files;
use crate::read::rows::Dialect;
use crate::read::samples::{Fit, Sample, is_csv, lines_of};
use crate::read::source::{Input, Source};
use crate::read::tmx::{is_tmx, languages_of};
use crate::read::turns::{
    DialogueFormat, Dialogues, TurnTable, is_chat, is_cornell_conversation, is_cornell_line,
    is_numbered, is_transcript_heading, is_utterances,
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
        notes: Vec::new(),
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

/// The search for the layout of a source.
struct Search<'s> {
    source: &'s Source,
    languages: Option<&'s (String, String)>,
    sample: Sample<'s>,
    /// Whether the kind is set.
    forced: bool,
    notes: Vec<String>,
}

impl Search<'_> {
    fn any(&mut self, swap: bool) -> Result<Option<Layout>> {
        let objects = objects_of(self.sample.lines);
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
                }),
            };
        }
        self.compare_files()?;
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
            let what = match () {
                () if plain_turns(&sample).0 == Fit::Most => "conversations",
                () if tab_pairs(&sample).0 == Fit::Most => "sentence pairs",
                () if objects_of(&lines).first().is_some() => "JSON",
                () => continue,
            };
            self.notes.push(format!(
                "{} looks like {what}, but the first file does not: all are read as running text",
                input.path.display()
            ));
            break;
        }
        Ok(())
    }

    /// Whether lines of a form are enough to take the text for the format; says so if they are only enough for doubt.
    fn accepts(&mut self, fit: Fit, what: &str) -> bool {
        if self.forced {
            return fit != Fit::No;
        }
        if fit == Fit::Half {
            self.notes.push(format!(
                "{}: many of the first lines look like {what}, but not nearly all: read as running text",
                self.source.name
            ));
        }
        fit == Fit::Most
    }

    fn dialogues(&mut self) -> Result<Option<Layout>> {
        if let Some((lists, lines)) = self.cornell()? {
            let (dialogues, _) = Dialogues::of_sample(DialogueFormat::Cornell(lines), &[]);
            return Ok(Some(Layout::Dialogues(dialogues, lists)));
        }
        let Some(format) = self.dialogue_format() else {
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
        Ok(self.pair_format()?.map(Layout::Pairs))
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
        let Some(table) = table else {
            self.notes.push(format!(
                "{}: one of the two columns has numbers only, so that it is read as running text",
                self.source.name
            ));
            return Ok(None);
        };
        let accepted = self.accepts(fit, "sentence pairs");
        Ok(accepted.then_some(PairFormat::Table(table)))
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
        is_csv(&first.path).then(|| Dialect::Quoted(self.sample.delimiter()))
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

/// Rows of the form `dialogue<TAB>turn<TAB>speaker<TAB>text`, perhaps after a row of titles.
fn plain_turns(sample: &Sample<'_>) -> (Fit, TurnTable) {
    let is_row = |line: &&str| {
        let fields: Vec<&str> = line.splitn(4, '\t').collect();
        fields.len() == 4 && fields[1].trim().parse::<u64>().is_ok()
    };
    let rows = sample.full.iter().filter(|line| is_row(line)).count();
    let titles: Vec<&str> = sample.first().split('\t').collect();
    let has_titles = titles.len() == 4 && !is_row(&sample.first()) && sample.full.len() > 1;
    let fit = Fit::of(rows, sample.full.len() - usize::from(has_titles));
    let titles = has_titles.then(|| titles.iter().map(|&title| title.to_owned()).collect());
    (fit, TurnTable::plain(titles))
}

/// Rows of two or three fields, with a number before them or between: no table if a side has numbers only.
fn tab_pairs(sample: &Sample<'_>) -> (Fit, Option<PairTable>) {
    let rows = sample.rows(Dialect::Tabs);
    let of_width = |width: usize| rows.iter().filter(|row| row.len() == width).count();
    let numbers = |column: usize| {
        let is_number = |row: &&Vec<String>| row.get(column).is_some_and(|field| is_number(field));
        Fit::of(rows.iter().filter(is_number).count(), rows.len()) == Fit::Most
    };
    let table = |source, target| PairTable {
        dialect: Dialect::Tabs,
        titles: None,
        source,
        target,
    };
    let fit = |good| Fit::of(good, rows.len());
    // `number, sentence, number, sentence`, and `number, sentence, sentence`.
    if fit(of_width(4)) == Fit::Most && numbers(0) && numbers(2) {
        return (Fit::Most, Some(table(1, 3)));
    }
    if fit(of_width(3)) == Fit::Most && numbers(0) && !numbers(1) && !numbers(2) {
        return (Fit::Most, Some(table(1, 2)));
    }
    // Lines that only begin with a tab are indented.
    let sides = |row: &&Vec<String>| {
        row.len() >= 2 && !row[0].trim().is_empty() && !row[1].trim().is_empty()
    };
    let whole = fit(rows.iter().filter(sides).count());
    let fit = match whole {
        Fit::Most | Fit::Half => fit(of_width(2) + of_width(3)),
        few => few,
    };
    let is_count = fit == Fit::Most && rows.len() > 2 && (numbers(0) || numbers(1));
    (fit, (!is_count).then(|| table(0, 1)))
}

/// Rows of two fields, of comma-separated values without titles.
fn csv_pairs(sample: &Sample<'_>, dialect: Dialect) -> (Fit, Option<PairTable>) {
    let rows = sample.rows(dialect);
    let good = rows.iter().filter(|row| row.len() == 2).count();
    let table = PairTable {
        dialect,
        titles: None,
        source: 0,
        target: 1,
    };
    (Fit::of(good, rows.len()), Some(table))
}

/// The fields of an object that are the sides of a pair.
fn sides_of(object: &Object, languages: Option<&(String, String)>) -> Option<PairFormat> {
    let strings = within(object).iter().filter(|(_, value)| value.is_string());
    let names: Vec<&str> = strings.map(|(name, _)| name.as_str()).collect();
    let (source, target) = side_names(&names, languages)?;
    Some(PairFormat::Json(source.to_owned(), target.to_owned()))
}

fn is_number(field: &str) -> bool {
    field.trim().parse::<f64>().is_ok_and(f64::is_finite)
}

#[cfg(test)]
mod tests;

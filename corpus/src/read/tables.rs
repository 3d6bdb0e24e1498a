//! Tables without titles, recognised by a sample.

use std::collections::BTreeSet;

use crate::read::pairs::PairTable;
use crate::read::rows::Dialect;
use crate::read::samples::{Fit, Sample};
use crate::read::turns::TurnTable;

/// Rows of the form `dialogue<TAB>turn<TAB>speaker<TAB>text`, perhaps after a row of titles.
pub(crate) fn plain_turns(sample: &Sample<'_>) -> (Fit, TurnTable) {
    let is_row = |line: &str| {
        let fields: Vec<&str> = line.splitn(4, '\t').collect();
        fields.len() == 4 && fields[1].trim().parse::<u64>().is_ok() && !is_number(fields[3])
    };
    let rows = sample.full.iter().filter(|line| is_row(line)).count();
    let titles: Vec<&str> = sample.first().split('\t').collect();
    // A first turn that is a number is no title.
    let has_titles = titles.len() == 4
        && titles[1].trim().parse::<u64>().is_err()
        && !is_row(sample.first())
        && sample.full.len() > 1;
    let fit = Fit::of(rows, sample.full.len() - usize::from(has_titles));
    let titles = has_titles.then(|| titles.iter().map(|&title| title.to_owned()).collect());
    (fit, TurnTable::plain(titles))
}

/// Rows of the form `time<TAB>speaker<TAB>addressee<TAB>text`, a file for each conversation, as in the Ubuntu Dialogue Corpus.
pub(crate) fn timed_turns(sample: &Sample<'_>) -> (Fit, TurnTable) {
    let is_time = |field: &str| {
        let (date, rest) = field.split_at_checked(10).unwrap_or_default();
        date.split('-')
            .filter(|part| part.parse::<u32>().is_ok())
            .count()
            == 3
            && rest.starts_with('T')
    };
    let is_row = |line: &str| {
        line.splitn(4, '\t').count() == 4 && line.split('\t').next().is_some_and(is_time)
    };
    let table = TurnTable {
        dialogue: None,
        turn: None,
        speaker: Some(1),
        ..TurnTable::plain(None)
    };
    (sample.fit(is_row), table)
}

/// Rows of two or three fields, or with numbers before the sentences.
pub(crate) fn tab_pairs(sample: &Sample<'_>) -> (Fit, PairTable) {
    let rows = sample.rows(Dialect::Tabs);
    let fit = |good| Fit::of(good, rows.len());
    let of_width = |width: usize| rows.iter().filter(|row| row.len() == width).count();
    let numbers = |column| has_numbers(&rows, column);
    let table = |source, target| PairTable {
        dialect: Dialect::Tabs,
        titles: None,
        source,
        target,
    };
    // `number, sentence, number, sentence`, and `number, sentence, sentence`.
    if fit(of_width(4)) == Fit::Most && numbers(0) && numbers(2) {
        return (Fit::Most, table(1, 3));
    }
    if fit(of_width(3)) == Fit::Most && numbers(0) && !numbers(1) && !numbers(2) {
        return (Fit::Most, table(1, 2));
    }
    // Lines that only begin with a tab are indented.
    let has_sides = |row: &&Vec<String>| {
        let words = row.iter().take(2).filter(|field| !field.trim().is_empty());
        words.count() == 2
    };
    let fit = match fit(rows.iter().filter(has_sides).count()) {
        Fit::Most | Fit::Half => fit(of_width(2) + of_width(3)),
        few => few,
    };
    (fit, table(0, 1))
}

/// Rows of two fields, of comma-separated values without titles.
pub(crate) fn csv_pairs(sample: &Sample<'_>, dialect: Dialect) -> (Fit, PairTable) {
    let rows = sample.rows(dialect);
    let good = rows.iter().filter(|row| row.len() == 2).count();
    let table = PairTable {
        dialect,
        titles: None,
        source: 0,
        target: 1,
    };
    (Fit::of(good, rows.len()), table)
}

/// What one of the two columns has instead of sentences: numbers, or labels, which are few words that come again and again.
pub(crate) fn no_sentences(sample: &Sample<'_>, table: &PairTable) -> Option<&'static str> {
    let rows = sample.rows(table.dialect);
    let columns = [table.source, table.target];
    if rows.len() > 2 && columns.iter().any(|&column| has_numbers(&rows, column)) {
        return Some("numbers");
    }
    let distinct = columns.map(|column| {
        let fields = rows.iter().filter_map(|row| row.get(column));
        fields.collect::<BTreeSet<_>>()
    });
    let is_word = |field: &&String| !field.is_empty() && !field.contains(char::is_whitespace);
    let are_labels = |fields: &BTreeSet<&String>, others: &BTreeSet<&String>| {
        let are_few = fields.len() * 10 <= rows.len() && others.len() * 2 > rows.len();
        are_few && fields.iter().all(is_word)
    };
    let [sources, targets] = &distinct;
    let labels = are_labels(sources, targets) || are_labels(targets, sources);
    labels.then_some("labels")
}

/// Whether nearly all fields of a column are numbers.
fn has_numbers(rows: &[Vec<String>], column: usize) -> bool {
    let is_number = |row: &&Vec<String>| row.get(column).is_some_and(|field| is_number(field));
    Fit::of(rows.iter().filter(is_number).count(), rows.len()) == Fit::Most
}

fn is_number(field: &str) -> bool {
    field.trim().parse::<f64>().is_ok_and(f64::is_finite)
}

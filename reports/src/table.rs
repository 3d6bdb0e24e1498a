//! Tables: shown on the page with units, written to a CSV file with plain numbers.

use crate::eras::Mark;

use crate::error::{Error, Result};
use crate::human::NOTHING;

/// A table of the report.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// The name of its file, without extension.
    pub(crate) name: String,
    /// What it shows.
    pub(crate) caption: String,
    /// Its columns.
    pub(crate) columns: Vec<Column>,
    /// Its rows, each with a cell per column.
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Its title.
    pub(crate) title: String,
    /// Whether it holds numbers, which are aligned to the right.
    pub(crate) is_number: bool,
    /// Whether its file has a column of standard errors after it.
    pub(crate) has_error: bool,
}

/// A cell.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    /// Nothing is known.
    Empty,
    /// Words.
    Text(String),
    /// An entry, marked with its era's colour.
    Entry(String, Mark),
    /// A number: as shown, and as written.
    Number(String, f64),
    /// A number with its standard error: as shown, and as written.
    Measured(String, f64, f64),
}

impl Column {
    /// A column of words.
    pub(crate) fn words(title: &str) -> Column {
        Column {
            title: title.to_owned(),
            is_number: false,
            has_error: false,
        }
    }

    /// A column of numbers.
    pub(crate) fn numbers(title: &str) -> Column {
        Column {
            is_number: true,
            ..Column::words(title)
        }
    }

    /// A column of numbers with standard errors.
    pub(crate) fn measured(title: &str) -> Column {
        Column {
            has_error: true,
            ..Column::numbers(title)
        }
    }
}

impl Cell {
    /// A number where there is one.
    pub(crate) fn number(value: Option<f64>, show: impl Fn(f64) -> String) -> Cell {
        match value.filter(|value| value.is_finite()) {
            Some(value) => Cell::Number(show(value), value),
            None => Cell::Empty,
        }
    }

    /// As on the page.
    pub(crate) fn shown(&self) -> &str {
        match self {
            Cell::Empty => NOTHING,
            Cell::Text(text) | Cell::Entry(text, _) => text,
            Cell::Number(text, _) | Cell::Measured(text, ..) => text,
        }
    }

    /// As in a file: numbers without units and in full.
    pub(crate) fn value(&self) -> Option<String> {
        match self {
            Cell::Empty => None,
            Cell::Text(text) | Cell::Entry(text, _) => Some(text.clone()),
            Cell::Number(_, value) | Cell::Measured(_, value, _) => Some(value.to_string()),
        }
    }

    fn written_error(&self) -> String {
        match self {
            Cell::Measured(_, _, error) if error.is_finite() => error.to_string(),
            _ => String::new(),
        }
    }
}

impl Table {
    /// The content of the table's file.
    pub(crate) fn csv(&self) -> Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut header = Vec::new();
        for column in &self.columns {
            header.push(column.title.clone());
            if column.has_error {
                header.push(format!("{}, standard error", column.title));
            }
        }
        let rows = self.rows.iter().map(|row| self.csv_row(row));
        let mut records = std::iter::once(header).chain(rows);
        let written = records.try_for_each(|record| writer.write_record(record));
        let fault = |what: String| Error::corrupt(self.name.as_ref(), what);
        written.map_err(|error| fault(error.to_string()))?;
        writer
            .into_inner()
            .map_err(|error| fault(error.to_string()))
    }

    fn csv_row(&self, row: &[Cell]) -> Vec<String> {
        let mut fields = Vec::new();
        for (cell, column) in row.iter().zip(&self.columns) {
            fields.push(cell.value().unwrap_or_default());
            if column.has_error {
                fields.push(cell.written_error());
            }
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_files_have_unformatted_numbers_and_columns_for_errors() {
        let table = Table {
            name: "test".to_owned(),
            caption: String::new(),
            columns: vec![
                Column::words("a, b"),
                Column::measured("c"),
                Column::numbers("d"),
            ],
            rows: vec![vec![
                Cell::Text("x \"y\"".to_owned()),
                Cell::Measured("12 % ± 1".to_owned(), 0.125, 0.01),
                Cell::number(Some(f64::NAN), |value| value.to_string()),
            ]],
        };
        let text = String::from_utf8(table.csv().unwrap()).unwrap();
        assert_eq!(
            text,
            "\"a, b\",c,\"c, standard error\",d\n\"x \"\"y\"\"\",0.125,0.01,\n"
        );
    }
}

//! A table of results as text: what `eras run` prints and tests compare.

/// Cells by row, under a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextTable {
    /// The names of the columns.
    pub header: &'static [&'static str],
    /// The rows.
    pub rows: Vec<Vec<String>>,
    /// Sentences that belong under the table.
    pub notes: Vec<String>,
}

impl TextTable {
    /// A table without notes; none without rows.
    pub fn of(header: &'static [&'static str], rows: Vec<Vec<String>>) -> Option<TextTable> {
        (!rows.is_empty()).then_some(TextTable {
            header,
            rows,
            notes: Vec::new(),
        })
    }
}

/// A number with its digits grouped by three: 1,024.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

//! Passages: a text in parts of about equal size, which begin and end with paragraphs.

/// Finds where passages begin, line by line.
///
/// A passage ends with the first paragraph that reaches the size aimed at. Shorter documents, such as headings, are in one
/// passage with what follows. Only a paragraph that makes a passage twice as long is cut at the end of a line.
#[derive(Debug, Clone)]
pub(super) struct Passages {
    target: u64,
    bytes: u64,
    has_text: bool,
    at_paragraph: bool,
}

impl Passages {
    /// Passages of about `target` bytes.
    pub(super) fn new(target: u64) -> Passages {
        Passages {
            target,
            bytes: 0,
            has_text: false,
            at_paragraph: true,
        }
    }

    /// Whether `line` opens a new passage; blank lines belong to the passage before them.
    pub(super) fn opens(&mut self, line: &str) -> bool {
        let blank = line.trim().is_empty();
        let suffices = match self.at_paragraph {
            true => self.bytes >= self.target,
            false => self.bytes >= 2 * self.target,
        };
        let opens = !blank && self.has_text && suffices;
        if opens {
            self.bytes = 0;
            self.has_text = false;
        }
        self.bytes += line.len() as u64 + 1;
        self.has_text |= !blank;
        self.at_paragraph = blank;
        opens
    }

    /// The next line begins a document, and therefore a paragraph.
    pub(super) fn end_document(&mut self) {
        self.at_paragraph = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines at which passages begin; `/` stands for the end of a document.
    fn openings(target: u64, lines: &[&str]) -> Vec<usize> {
        let mut passages = Passages::new(target);
        let mut found = Vec::new();
        for (at, &line) in lines.iter().enumerate() {
            if line == "/" {
                passages.end_document();
            } else if passages.opens(line) {
                found.push(at);
            }
        }
        found
    }

    #[test]
    fn passages_end_with_paragraphs() {
        // Five bytes a line.
        let text = ["aaaa", "aaaa", "", "bbbb", "bbbb", "", "cccc", ""];
        assert_eq!(openings(10, &text), [3, 6]);
        assert_eq!(openings(12, &text), [6]);
    }

    #[test]
    fn headings_stay_with_what_follows() {
        let text = ["I", "", "/", "aaaaaaaa", "", "/", "II", "", "/", "bbbbbbbb"];
        assert_eq!(openings(8, &text), [6]);
    }

    #[test]
    fn only_long_paragraphs_are_cut() {
        assert_eq!(openings(5, &["aaaa", "aaaa", "aaaa", "aaaa"]), [2]);
        assert_eq!(openings(0, &["", "a", "", "b", "c"]), [3, 4]);
    }
}

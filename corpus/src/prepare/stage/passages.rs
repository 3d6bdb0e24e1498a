//! Passages: a text in parts of about equal size, which begin and end with paragraphs.

/// Finds where passages begin, line by line.
///
/// A passage ends with the paragraph that reaches the size aimed at, unless that is as short as a heading, which belongs to
/// what follows. A longer paragraph is cut at the end of a line.
#[derive(Debug, Clone)]
pub(super) struct Passages {
    target: u64,
    /// Bytes of the passage.
    bytes: u64,
    /// Bytes of its last paragraph, with the blank lines that follow.
    paragraph: u64,
    has_text: bool,
    after_paragraph: bool,
}

impl Passages {
    /// Paragraphs shorter than this part of a passage may be headings.
    const HEADING: u64 = 8;

    /// Passages of about `target` bytes.
    pub(super) fn new(target: u64) -> Passages {
        Passages {
            target,
            bytes: 0,
            paragraph: 0,
            has_text: false,
            after_paragraph: true,
        }
    }

    /// Whether `line` opens a new passage; blank lines belong to the passage before them.
    pub(super) fn opens(&mut self, line: &str) -> bool {
        let blank = line.trim().is_empty();
        let opens = !blank && self.has_text && self.bytes >= self.enough();
        if opens {
            self.bytes = 0;
            self.has_text = false;
        }
        if !blank && self.after_paragraph {
            self.paragraph = 0;
        }
        let size = line.len() as u64 + 1;
        self.bytes += size;
        self.paragraph += size;
        self.has_text |= !blank;
        self.after_paragraph = blank;
        opens
    }

    /// Bytes after which the passage may end here.
    fn enough(&self) -> u64 {
        match self.after_paragraph {
            true if self.paragraph < self.target / Self::HEADING => 3 * self.target,
            true => self.target,
            false => 2 * self.target,
        }
    }

    /// The next line begins a document, and therefore a paragraph.
    pub(super) fn end_document(&mut self) {
        self.after_paragraph = true;
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
        let (long, next) = ("a".repeat(29), "b".repeat(39));
        let text = [long.as_str(), "/", "I", "", "/", &next, "/", "c"];
        assert_eq!(openings(32, &text), [7]);
        // Without the heading, the passage would have ended there.
        let text = [long.as_str(), "/", "aaaaaaaaa", "", "/", &next, "/", "c"];
        assert_eq!(openings(32, &text), [5, 7]);
    }

    #[test]
    fn only_long_paragraphs_are_cut() {
        assert_eq!(openings(5, &["aaaa", "aaaa", "aaaa", "aaaa"]), [2]);
        assert_eq!(openings(0, &["", "a", "", "b", "c"]), [3, 4]);
    }
}

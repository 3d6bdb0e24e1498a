//! Boundaries between documents.

use crate::settings::DocumentRule;

/// With at least this many files, each file is a document.
const MANY_FILES: usize = 20;

impl DocumentRule {
    /// Resolves `Auto` by the first lines and the number of files.
    pub(crate) fn resolve(self, first_lines: &[String], files: usize) -> DocumentRule {
        if self != DocumentRule::Auto {
            return self;
        }
        let first = first_lines.iter().find(|line| !is_blank(line));
        if first.is_some_and(|line| is_title(line)) {
            DocumentRule::Headings
        } else if files >= MANY_FILES {
            DocumentRule::Files
        } else if first_lines.iter().any(|line| is_blank(line)) {
            DocumentRule::BlankLines
        } else {
            DocumentRule::Lines
        }
    }
}

/// Reads a text line by line and finds where documents begin.
#[derive(Debug)]
pub(crate) struct Boundaries {
    rule: DocumentRule,
    has_content: bool,
    after_blank: bool,
}

impl Boundaries {
    pub(crate) fn new(rule: DocumentRule) -> Boundaries {
        Boundaries {
            rule,
            has_content: false,
            after_blank: false,
        }
    }

    /// Whether `line` opens a new document; blank lines belong to the document before them.
    pub(crate) fn opens(&mut self, line: &str) -> bool {
        let blank = is_blank(line);
        let opens = self.has_content
            && !blank
            && match self.rule {
                DocumentRule::Headings => is_title(line),
                DocumentRule::BlankLines => self.after_blank,
                DocumentRule::Lines => true,
                DocumentRule::Files | DocumentRule::Auto => false,
            };
        self.has_content |= !blank;
        self.after_blank = blank;
        opens
    }

    /// Starts a new text.
    pub(crate) fn restart(&mut self) {
        self.has_content = false;
        self.after_blank = false;
    }
}

fn is_blank(line: &str) -> bool {
    // Spaces of every kind look empty.
    line.trim().is_empty()
}

/// ` = Title = ` but not ` = = Section = = `.
fn is_title(line: &str) -> bool {
    let line = line.trim_ascii();
    line.len() > 4 && line.starts_with("= ") && line.ends_with(" =") && !line.starts_with("= =")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn openings(rule: DocumentRule, lines: &[&str]) -> Vec<usize> {
        let mut boundaries = Boundaries::new(rule);
        lines
            .iter()
            .enumerate()
            .filter(|(_, line)| boundaries.opens(line))
            .map(|(at, _)| at)
            .collect()
    }

    #[test]
    fn each_rule_finds_its_boundaries() {
        let text = [
            " ",
            " = One = ",
            " ",
            " = = Part = = ",
            "a",
            "b",
            " ",
            " = Two = ",
            "c",
        ];
        assert_eq!(openings(DocumentRule::Headings, &text), [7]);
        assert_eq!(openings(DocumentRule::BlankLines, &text), [3, 7]);
        assert_eq!(openings(DocumentRule::Lines, &text), [3, 4, 5, 7, 8]);
        assert_eq!(openings(DocumentRule::Files, &text), [] as [usize; 0]);
    }

    #[test]
    fn the_rule_is_detected_from_the_first_lines() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let auto = |text, files| DocumentRule::Auto.resolve(&lines(text), files);
        assert_eq!(auto("\n= A =\nx", 1), DocumentRule::Headings);
        assert_eq!(auto("x\n\ny", 20), DocumentRule::Files);
        assert_eq!(auto("x\n\ny", 1), DocumentRule::BlankLines);
        assert_eq!(auto("x\ny", 1), DocumentRule::Lines);
    }
}

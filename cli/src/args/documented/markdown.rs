//! What the checks read in a Markdown page: code, links and headings, each with its line.

/// Text of a page and the line on which it begins, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Snippet {
    pub(super) line: usize,
    pub(super) text: String,
    /// Code between backticks within a sentence, which may mention a command without its arguments.
    pub(super) is_inline: bool,
}

/// The lines of code blocks, with continued lines joined, and the code between backticks.
pub(super) fn code(page: &str) -> Vec<Snippet> {
    let (blocks, prose) = divide(page);
    let mut snippets = join_continued(blocks);
    snippets.extend(spans(&prose));
    snippets
}

/// The targets of links and images outside of code.
pub(super) fn links(page: &str) -> Vec<Snippet> {
    let (_, prose) = divide(page);
    let mut found = Vec::new();
    for (index, line) in prose.iter().enumerate() {
        // Code between backticks holds no links; it is removed pair by pair.
        let text: String = line.split('`').step_by(2).collect();
        for part in text.split("](").skip(1) {
            if let Some((target, _)) = part.split_once(')') {
                found.push(snippet(index, target.trim(), true));
            }
        }
    }
    found
}

/// The anchors of a page's headings, as repository hosts make them.
pub(super) fn anchors(page: &str) -> Vec<String> {
    let (_, prose) = divide(page);
    let headings = prose.iter().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// Lines of code blocks, and the page with those lines emptied, so that line numbers stay right.
fn divide(page: &str) -> (Vec<Snippet>, Vec<String>) {
    let mut blocks = Vec::new();
    let mut prose = Vec::new();
    let mut in_fence = false;
    for (index, line) in page.lines().enumerate() {
        let is_fence = line.trim_start().starts_with("```");
        let is_code = in_fence || line.starts_with("    ");
        in_fence ^= is_fence;
        if is_code && !is_fence {
            blocks.push(snippet(index, line, false));
        }
        let is_prose = !is_code && !is_fence;
        prose.push(if is_prose {
            line.to_owned()
        } else {
            String::new()
        });
    }
    (blocks, prose)
}

fn join_continued(lines: Vec<Snippet>) -> Vec<Snippet> {
    let mut joined: Vec<Snippet> = Vec::new();
    for line in lines {
        match joined.last_mut() {
            Some(last) if last.text.ends_with('\\') => {
                last.text.pop();
                last.text.push_str(&line.text);
            }
            _ => joined.push(line),
        }
    }
    joined
}

/// Code between backticks; it may run over the end of a line, but not over an empty line.
fn spans(prose: &[String]) -> Vec<Snippet> {
    let mut found = Vec::new();
    let mut open: Option<Snippet> = None;
    for (index, line) in prose.iter().enumerate() {
        if line.trim().is_empty() {
            open = None;
        }
        for (part_index, part) in line.split('`').enumerate() {
            if part_index > 0 {
                match open.take() {
                    Some(span) => found.push(span),
                    None => open = Some(snippet(index, "", true)),
                }
            }
            if let Some(span) = &mut open {
                // Within a table a vertical bar is written with a backslash.
                span.text.push_str(&part.replace("\\|", "|"));
            }
        }
        if let Some(span) = &mut open {
            span.text.push(' ');
        }
    }
    found
}

fn snippet(index: usize, text: &str, is_inline: bool) -> Snippet {
    Snippet {
        line: index + 1,
        text: text.to_owned(),
        is_inline,
    }
}

#[test]
fn code_is_found_with_its_line() {
    let page = "Call `eras run` or `eras\ndoctor`.\n\n    eras corpus \\\n        list\n\n```sh\neras run\n```\n";
    let found = code(page);
    let shown: Vec<(usize, &str)> = found.iter().map(|s| (s.line, s.text.trim())).collect();
    let expected = [
        (4, "eras corpus         list"),
        (8, "eras run"),
        (1, "eras run"),
        (1, "eras doctor"),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn links_in_code_are_ignored() {
    let found = links("See [a](docs/a.md#b), ![c](d.svg) and `[e](f)`.\n\n    [g](h)\n");
    let targets: Vec<&str> = found.iter().map(|s| s.text.as_str()).collect();
    assert_eq!(targets, ["docs/a.md#b", "d.svg"]);
    assert_eq!(
        anchors("# A title, *here*\n## next_one"),
        ["a-title-here", "next_one"]
    );
}

/// `MODEL`, `FIRST_RUN`, `N`: what a reader replaces.
pub(super) fn is_placeholder(word: &str) -> bool {
    !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_ascii_uppercase() || c == '_' || c == '-')
}

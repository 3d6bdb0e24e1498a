//! Shell lines as far as documentation uses them: quotes, pipes, redirections, comments, variables before a command.

/// A simple command: its words, without variables and redirections.
pub(super) type Words = Vec<String>;

/// The commands of a line.
pub(super) fn commands(line: &str) -> Vec<Words> {
    let mut commands = vec![Words::new()];
    let mut words = words(line).into_iter();
    while let Some(word) = words.next() {
        let last = commands.last_mut().expect("there is always one");
        match &word {
            Word::Operator(operator) if operator.ends_with(['<', '>']) => {
                words.next();
            }
            Word::Operator(_) => commands.push(Words::new()),
            Word::Text(text) if last.is_empty() && is_assignment(text) => {}
            Word::Text(text) => last.push(text.clone()),
        }
    }
    commands.retain(|words| !words.is_empty());
    commands
}

#[derive(Debug, PartialEq, Eq)]
enum Word {
    Text(String),
    /// `|`, `||`, `&&`, `;`, `&`, `<`, `>`, `>>`, `2>`.
    Operator(String),
}

fn words(line: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(&c) = chars.peek() {
        if c.is_whitespace() {
            chars.next();
        } else if c == '#' {
            break;
        } else if "|&;<>".contains(c) {
            let mut operator = String::new();
            while let Some(c) = chars.next_if(|c| "|&;<>".contains(*c)) {
                operator.push(c);
            }
            found.push(Word::Operator(operator));
        } else {
            let text = text(&mut chars);
            // The number of a stream before a redirection belongs to it.
            let is_stream = chars.peek() == Some(&'>') && text.parse::<u8>().is_ok();
            if !is_stream {
                found.push(Word::Text(text));
            }
        }
    }
    found
}

/// One word; quotes and backslashes are resolved.
fn text(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut text = String::new();
    let mut quote = None;
    while let Some(&c) = chars.peek() {
        match quote {
            None if c.is_whitespace() || "|&;<>".contains(c) => break,
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open => quote = None,
            Some('\'') => text.push(c),
            _ if c == '\\' => {
                chars.next();
                text.extend(chars.peek());
            }
            _ => text.push(c),
        }
        chars.next();
    }
    text
}

fn is_assignment(word: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit())
    };
    word.split_once('=').is_some_and(|(name, _)| is_name(name))
}

#[test]
fn a_line_is_split_as_by_a_shell() {
    let line = "A=1 echo 'where are you ?' | eras chat \"a b\" --seed 2 2>errors > out # a comment";
    let expected: [&[&str]; 2] = [
        &["echo", "where are you ?"],
        &["eras", "chat", "a b", "--seed", "2"],
    ];
    assert_eq!(commands(line), expected);
    assert_eq!(commands("make build && eras run; eras doctor").len(), 3);
}

//! Tokenizer 13a: the tokenization of `mteval-v13a.pl`, and of sacreBLEU after it, for BLEU.

use super::text::words;

/// The tokens of a text, divided by single spaces, as sacreBLEU's tokenizer `13a` gives them.
///
/// Lines are joined, four entities of HTML resolved, and punctuation is set apart: ASCII's marks but `'`, `-`, `.` and
/// `,` everywhere; `.` and `,` unless digits stand on both sides; `-` after a digit. Marks beyond ASCII stay where they
/// are. As there, each rule is applied once, from left to right, with matches that do not overlap:
/// `1...2` becomes `1 . . .2`.
///
/// ```
/// use harness::tokenize_13a;
///
/// assert_eq!(tokenize_13a("Pages 3-4 cost $1,234.5, don't they?"), "Pages 3 - 4 cost $ 1,234.5 , don't they ?");
/// ```
pub fn tokenize_13a(text: &str) -> String {
    let text = joined_and_resolved(text);
    let mut characters = vec![' '];
    for character in text.chars() {
        match is_set_apart(character) {
            true => characters.extend([' ', character, ' ']),
            false => characters.push(character),
        }
    }
    characters.push(' ');
    // Each sees what the one before has written.
    for rule in RULES {
        characters = rewritten(&characters, rule);
    }
    let text: String = characters.into_iter().collect();
    words(&text).collect::<Vec<_>>().join(" ")
}

/// Takes out marks of skipped text and line ends, and resolves entities. `&amp;lt;` is resolved twice, as in the script.
fn joined_and_resolved(text: &str) -> String {
    let changes = [
        ("<skipped>", ""),
        ("-\n", ""),
        ("\n", " "),
        ("&quot;", "\""),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ];
    changes
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The marks of ASCII that no word holds. The script's ranges have the space among them, which changes nothing.
fn is_set_apart(character: char) -> bool {
    character.is_ascii_punctuation() && !matches!(character, '\'' | '-' | '.' | ',')
}

/// What takes the place of two neighbours, if a rule is about them.
type Rule = fn(char, char) -> Option<[char; 4]>;

/// In the order of the script.
const RULES: [Rule; 3] = [
    point_after_non_digit,
    point_before_non_digit,
    dash_after_digit,
];

fn point_after_non_digit(before: char, point: char) -> Option<[char; 4]> {
    let applies = !before.is_ascii_digit() && matches!(point, '.' | ',');
    applies.then_some([before, ' ', point, ' '])
}

fn point_before_non_digit(point: char, after: char) -> Option<[char; 4]> {
    let applies = matches!(point, '.' | ',') && !after.is_ascii_digit();
    applies.then_some([' ', point, ' ', after])
}

fn dash_after_digit(digit: char, dash: char) -> Option<[char; 4]> {
    let applies = digit.is_ascii_digit() && dash == '-';
    applies.then_some([digit, ' ', dash, ' '])
}

/// Applies a rule from the left to neighbours that no earlier match has taken.
fn rewritten(characters: &[char], rule: Rule) -> Vec<char> {
    let mut written = Vec::with_capacity(2 * characters.len());
    let mut rest = characters;
    while let [first, after @ ..] = rest {
        let replacement = after.first().and_then(|&second| rule(*first, second));
        match replacement {
            Some(four) => {
                written.extend(four);
                rest = &after[1..];
            }
            None => {
                written.push(*first);
                rest = after;
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_punctuation_matches_that_of_the_script() {
        // The script's class: {-~ [-` space-& (-+ :-@ /
        let class = [
            '{'..='~',
            '['..='`',
            ' '..='&',
            '('..='+',
            ':'..='@',
            '/'..='/',
        ];
        for character in ('\0'..='\u{ff}').filter(|&character| character != ' ') {
            let in_class = class.iter().any(|range| range.contains(&character));
            assert_eq!(is_set_apart(character), in_class, "{character:?}");
        }
    }

    #[test]
    fn a_match_consumes_its_characters() {
        for (text, tokens) in [
            ("1...2", "1 . . .2"),
            ("1.,.2", "1 . , .2"),
            ("1.2.", "1.2 ."),
            (".5", ". 5"),
            ("5.-", "5 . -"),
            ("10--20", "10 - -20"),
        ] {
            assert_eq!(tokenize_13a(text), tokens);
        }
    }
}

//! How a text is written, by its first lines, and which tokenizer suits it.

use unicode_script::{Script, UnicodeScript};

use super::TokenizerKind;
use crate::token::vocab::UNK;

/// Lines that are needed to tell a list of words or code from a short text.
const FEWEST_LINES: usize = 20;
/// Share of the letters in scripts without spaces above which a text is [`Writing::Unspaced`].
const UNSPACED_LETTERS: f64 = 0.3;
/// Average length of words in such scripts below which spaces separate them after all.
const SEGMENTED_LENGTH: f64 = 6.0;
/// Share of lines with one word in a list of words.
const LIST_LINES: f64 = 0.9;
/// Share of distinct lines in a list of words; elsewhere, such as in a text with a token in each line, words recur.
const DISTINCT_LINES: f64 = 0.5;
/// Average length of words above which they are none.
const UNBROKEN_LENGTH: f64 = 25.0;
/// Share of [`SIGNS`] in code; in prose and in transcripts they are a tenth of that.
const CODE_SIGNS: f64 = 0.07;
/// Characters that programs use.
const SIGNS: &str = "{}()[]<>=;_/*+&|#$\\`@^~";
/// Number of subwords for a text given without settings.
const SUBWORDS: usize = 8_000;

/// How a text is written, as far as that decides which tokenizer suits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Words with spaces between them.
    Words,
    /// Already tokenised: it contains `<unk>`, or words of a script without spaces have spaces between them.
    Tokenised,
    /// Mostly in a script without spaces, such as Chinese, Japanese or Thai: words at Unicode boundaries would be single
    /// letters.
    Unspaced,
    /// A program: its names are rare words, and its spaces and signs matter.
    Code,
    /// One word a line, such as names: hardly any word recurs.
    WordList,
    /// Hardly any spaces, such as sequences of genes: each line would be one word.
    Unbroken,
}

impl Writing {
    /// How these lines are written.
    pub(crate) fn of(lines: &[String]) -> Writing {
        let lines: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
        let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
        if lines.iter().any(|line| line.contains(UNK)) {
            return Writing::Tokenised;
        }
        let counts = Counts::of(&lines);
        if counts.unspaced > UNSPACED_LETTERS * counts.letters {
            return match counts.segment_length() < SEGMENTED_LENGTH {
                true => Writing::Tokenised,
                false => Writing::Unspaced,
            };
        }
        if lines.len() >= FEWEST_LINES && counts.is_word_list(&lines) {
            Writing::WordList
        } else if counts.length() > UNBROKEN_LENGTH {
            Writing::Unbroken
        } else if lines.len() >= FEWEST_LINES && counts.signs > CODE_SIGNS * counts.characters {
            Writing::Code
        } else {
            Writing::Words
        }
    }

    /// The tokenizer that suits it.
    pub fn tokenizer(self) -> TokenizerKind {
        match self {
            Writing::Words => TokenizerKind::Words,
            Writing::Tokenised => TokenizerKind::Whitespace,
            Writing::Unspaced | Writing::Code => TokenizerKind::Bpe(SUBWORDS),
            Writing::WordList | Writing::Unbroken => TokenizerKind::Chars,
        }
    }

    /// Why `words` does not suit it; none if it does, or if the text is tokenised already.
    pub fn why_not_words(self) -> Option<&'static str> {
        match self {
            Writing::Words | Writing::Tokenised => None,
            Writing::Unspaced => Some(
                "its script has no spaces between words, which would be cut into single letters",
            ),
            Writing::Code => Some(
                "it looks like code, whose spaces would be lost and whose names are rare words",
            ),
            Writing::WordList => Some("it has one word a line, and hardly any word recurs"),
            Writing::Unbroken => {
                Some("it has hardly any spaces, so that each line would be a word")
            }
        }
    }
}

/// What is counted in the first lines of a text; numbers are floating-point, because only their ratios matter.
#[derive(Default)]
struct Counts {
    /// Characters that are not white space.
    characters: f64,
    letters: f64,
    /// Letters of scripts without spaces.
    unspaced: f64,
    signs: f64,
    /// Runs of characters that are not white space.
    words: f64,
    /// Lines of one such run.
    single: f64,
    /// Runs with letters of scripts without spaces, and their characters, in lines of several runs.
    segments: f64,
    segment_characters: f64,
}

impl Counts {
    fn of(lines: &[&str]) -> Counts {
        let mut counts = Counts::default();
        for line in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            for word in &words {
                let before = (counts.characters, counts.unspaced);
                word.chars().for_each(|character| counts.add(character));
                if words.len() > 1 && counts.unspaced > before.1 {
                    counts.segments += 1.0;
                    counts.segment_characters += counts.characters - before.0;
                }
            }
            counts.words += words.len() as f64;
            counts.single += if words.len() == 1 { 1.0 } else { 0.0 };
        }
        counts
    }

    fn add(&mut self, character: char) {
        let one = |is| if is { 1.0 } else { 0.0 };
        self.characters += 1.0;
        self.letters += one(character.is_alphabetic());
        self.unspaced += one(character.is_alphabetic() && is_unspaced(character));
        self.signs += one(SIGNS.contains(character));
    }

    /// Average length of words.
    fn length(&self) -> f64 {
        self.characters / self.words.max(1.0)
    }

    /// Average length of words in scripts without spaces, where spaces stand between them.
    fn segment_length(&self) -> f64 {
        match self.segments > 0.0 {
            true => self.segment_characters / self.segments,
            false => f64::INFINITY,
        }
    }

    fn is_word_list(&self, lines: &[&str]) -> bool {
        let number = lines.len() as f64;
        let mut distinct = lines.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        self.single >= LIST_LINES * number
            && distinct.len() as f64 >= DISTINCT_LINES * number
            && self.length() <= UNBROKEN_LENGTH
    }
}

/// Whether a letter's script has no spaces between words.
fn is_unspaced(letter: char) -> bool {
    matches!(
        letter.script(),
        Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Bopomofo
            | Script::Yi
            | Script::Thai
            | Script::Lao
            | Script::Khmer
            | Script::Myanmar
            | Script::Tibetan
            | Script::Javanese
            | Script::Balinese
            | Script::Tai_Tham
            | Script::New_Tai_Lue
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> Writing {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        Writing::of(&lines)
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_subwords() {
        for text in [
            "今天天气很好,我们去公园散步。\n他说他不去。\n",
            "私は毎朝コーヒーを飲みます。\n",
            "วันนี้อากาศดีมาก เราไปเดินเล่นที่สวนสาธารณะกัน\n",
            "ថ្ងៃនេះអាកាសធាតុល្អណាស់\n",
            "The word 天气 is 今天天气很好 and 我们去公园散步他说他不去\n",
        ] {
            assert_eq!(written(text), Writing::Unspaced, "{text}");
        }
        assert!(matches!(
            Writing::Unspaced.tokenizer(),
            TokenizerKind::Bpe(_)
        ));
        // Korean has spaces, and so has a text that quotes a Chinese name.
        for text in [
            "오늘은 날씨가 아주 좋습니다.\n",
            "The capital is called Beijing (北京).\n",
        ] {
            assert_eq!(written(text), Writing::Words, "{text}");
        }
    }

    #[test]
    fn tokenised_texts_are_split_at_spaces() {
        for text in [
            "the <unk> sat\n",
            "今天 天气 很 好 , 我们 去 公园 散步 。\n",
        ] {
            assert_eq!(written(text), Writing::Tokenised, "{text}");
        }
    }

    #[test]
    fn code_is_cut_into_subwords() {
        let rust = "fn add(a: u32, b: u32) -> u32 {\n    let sum = a + b;\n    sum\n}\n".repeat(6);
        let python =
            "def add(a, b):\n    total = a + b  # both\n    return total_of([a, b])\n".repeat(8);
        for text in [rust, python] {
            assert_eq!(written(&text), Writing::Code, "{text}");
        }
        let play = "ROMEO: (aside) Shall I hear more; or shall I speak at this?\n".repeat(30);
        assert_eq!(written(&play), Writing::Words);
    }

    #[test]
    fn words_without_a_text_are_spelled() {
        let names: String = (0..50).map(|at| format!("name{at}\n")).collect();
        assert_eq!(written(&names), Writing::WordList);
        let genes = "ACGTTGCAACGTTGCAACGTTGCAACGTTGCA\n".repeat(5);
        assert_eq!(written(&genes), Writing::Unbroken);
        // A token in each line: words recur.
        let tokens = "the\ncat\nsat\n.\n".repeat(20);
        assert_eq!(written(&tokens), Writing::Words);
        assert_eq!(written("one word\n"), Writing::Words);
        assert_eq!(written(""), Writing::Words);
    }
}

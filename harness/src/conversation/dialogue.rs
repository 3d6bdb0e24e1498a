//! Dialogues of a prepared corpus, as text.

use corpus::{Corpus, Span, Split};

use crate::error::{Error, Result};
use crate::lines::lines;

/// A turn of a dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The speaker: a number within the dialogue, or a role that all dialogues share, as in the corpus.
    pub speaker: u32,
    /// The text, one line.
    pub text: String,
}

/// A dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dialogue {
    /// The turns, in order.
    pub turns: Vec<Turn>,
}

/// The context of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompt<'a> {
    /// The preceding turns, oldest first.
    pub turns: &'a [Turn],
    /// The speaker of the reply.
    pub speaker: u32,
}

impl<'a> Prompt<'a> {
    /// The same context, cut to the last turns.
    pub fn last(self, turns: usize) -> Prompt<'a> {
        let left_out = self.turns.len().saturating_sub(turns);
        Prompt {
            turns: &self.turns[left_out..],
            ..self
        }
    }

    /// The texts of the turns.
    pub fn texts(self) -> Vec<&'a str> {
        self.turns.iter().map(|turn| turn.text.as_str()).collect()
    }
}

impl Dialogue {
    /// The dialogues of a split.
    ///
    /// # Errors
    /// [`crate::Error::Corpus`] if the corpus has none there.
    pub fn of(corpus: &Corpus, split: Split) -> Result<Vec<Dialogue>> {
        let (stream, turns) = (corpus.split(split)?, corpus.turns(split)?);
        let (tokens, eos) = (stream.to_vec(), corpus.vocab().eos());
        let lines = lines(corpus, split)?;
        let mut dialogues: Vec<Dialogue> = Vec::new();
        let (mut line, mut at, mut document, mut last) = (0, 0, 0, None);
        for turn in turns {
            let start = turn.start as usize;
            line += tokens[at..start].iter().filter(|&&id| id == eos).count();
            at = start;
            let is_over = |document: &Span| document.end <= turn.start;
            while stream.documents.get(document).is_some_and(is_over) {
                document += 1;
            }
            let spoilt = |what: &str| {
                let what = format!("{split}{what}; prepare the corpus again");
                Error::corrupt(corpus.folder(), what)
            };
            if document == stream.documents.len() {
                return Err(spoilt(".turns has turns after the last document"));
            }
            let text = lines.get(line);
            let text = text.ok_or_else(|| spoilt(".text has fewer lines than its tokens"))?;
            let turn = Turn {
                speaker: turn.label,
                text: text.clone(),
            };
            let goes_on = last.replace(document) == Some(document);
            match dialogues.last_mut().filter(|_| goes_on) {
                Some(dialogue) => dialogue.turns.push(turn),
                None => dialogues.push(Dialogue { turns: vec![turn] }),
            }
        }
        Ok(dialogues)
    }

    /// Dialogues as a table in the format of corpora: dialogue, turn, speaker, text.
    pub(super) fn to_table(dialogues: &[Dialogue]) -> String {
        let mut table = String::new();
        for (number, dialogue) in dialogues.iter().enumerate() {
            for (at, turn) in dialogue.turns.iter().enumerate() {
                table += &format!("{number}\t{at}\t{}\t{}\n", turn.speaker, turn.text);
            }
        }
        table
    }

    /// Parses the output of [`Dialogue::to_table`]; the error is the number of the first malformed line.
    pub(super) fn of_table(table: &str) -> std::result::Result<Vec<Dialogue>, usize> {
        let mut dialogues: Vec<Dialogue> = Vec::new();
        for (number, line) in table.lines().enumerate() {
            let mut fields = line.splitn(4, '\t');
            let mut count = || fields.next()?.parse::<u32>().ok();
            let (Some(_), Some(at), Some(speaker)) = (count(), count(), count()) else {
                return Err(number + 1);
            };
            let text = fields.next().ok_or(number + 1)?.to_owned();
            let turn = Turn { speaker, text };
            match dialogues.last_mut() {
                Some(dialogue) if at > 0 => dialogue.turns.push(turn),
                _ => dialogues.push(Dialogue { turns: vec![turn] }),
            }
        }
        Ok(dialogues)
    }

    /// Every turn but the first, each with its context.
    pub fn replies(&self) -> impl Iterator<Item = (Prompt<'_>, &str)> {
        (1..self.turns.len()).map(|at| {
            let turn = &self.turns[at];
            let prompt = Prompt {
                turns: &self.turns[..at],
                speaker: turn.speaker,
            };
            (prompt, turn.text.as_str())
        })
    }
}

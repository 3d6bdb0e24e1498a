//! Conversations of a prepared corpus, as text.

use corpus::{Corpus, Span, Split};

use crate::error::{Error, Result};
use crate::lines::lines;

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Who: a number within the conversation, or a part that is played in all of them, as the corpus has it.
    pub speaker: u32,
    /// Their words, a line.
    pub text: String,
}

/// A conversation, its first turn first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dialogue {
    /// What was said.
    pub turns: Vec<Turn>,
}

/// What is to be replied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prompt<'a> {
    /// What was said so far, the oldest first.
    pub turns: &'a [Turn],
    /// Who replies.
    pub speaker: u32,
}

impl<'a> Prompt<'a> {
    /// The same with the last turns only.
    pub fn last(self, turns: usize) -> Prompt<'a> {
        let left_out = self.turns.len().saturating_sub(turns);
        Prompt {
            turns: &self.turns[left_out..],
            ..self
        }
    }

    /// The words of the turns.
    pub fn texts(self) -> Vec<&'a str> {
        self.turns.iter().map(|turn| turn.text.as_str()).collect()
    }
}

impl Dialogue {
    /// The conversations of a split.
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
                return Err(spoilt(".turns goes on after the last document"));
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

    /// Conversations as a table, as readers of corpora take it: conversation, turn, speaker, text.
    pub(super) fn to_table(dialogues: &[Dialogue]) -> String {
        let mut table = String::new();
        for (number, dialogue) in dialogues.iter().enumerate() {
            for (at, turn) in dialogue.turns.iter().enumerate() {
                table += &format!("{number}\t{at}\t{}\t{}\n", turn.speaker, turn.text);
            }
        }
        table
    }

    /// The conversations of [`Dialogue::to_table`]; the number of the first line that is none of it.
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

    /// Every turn that replies to something, with what it replies to.
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

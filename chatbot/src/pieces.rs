//! Conversations as the network reads them: each turn begins with who speaks and ends with the end of a line.

use corpus::{Corpus, Split, TokenId};
use harness::Result;
use neural::{Alike, PairBatches, ids};
use tch::{Device, Tensor};

use crate::network::SPEAKERS;

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) speaker: u32,
    /// Without the end.
    pub(crate) words: Vec<TokenId>,
}

/// How turns become tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    /// V; tokens from here on say who speaks next.
    pub(crate) vocabulary: usize,
    /// The end of a line.
    pub(crate) eos: TokenId,
    /// Most words of a turn.
    pub(crate) longest: usize,
}

impl Script {
    /// Whose turn it is.
    pub(crate) fn speaker(self, speaker: u32) -> TokenId {
        self.vocabulary as TokenId + speaker % SPEAKERS as u32
    }

    /// A turn from who speaks to its end; of a long one the last words.
    pub(crate) fn turn(self, speaker: u32, words: &[TokenId], into: &mut Vec<TokenId>) {
        into.push(self.speaker(speaker));
        into.extend_from_slice(&words[words.len().saturating_sub(self.longest)..]);
        into.push(self.eos);
    }
}

/// Who speaks in documents that are no conversations.
const NARRATOR: u32 = SPEAKERS as u32 - 1;

/// What a split tells.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) conversations: Vec<Vec<Said>>,
    /// The other documents, each line of which is a turn of a narrator.
    pub(crate) stories: Vec<Vec<Said>>,
    /// Turns that are longer than the network reads.
    pub(crate) long: usize,
}

/// Reads a split, its stories only where they are wanted.
pub(crate) fn told(corpus: &Corpus, split: Split, script: Script, stories: bool) -> Result<Told> {
    let mut told = Told::default();
    if !corpus.has(split) {
        return Ok(told);
    }
    let stream = corpus.split(split)?;
    let mut turns = corpus.turns(split)?.into_iter().peekable();
    for document in &stream.documents {
        let mut all = Vec::new();
        let mut say = |speaker: u32, line: &[TokenId]| {
            let words = line.strip_suffix(&[script.eos]).unwrap_or(line).to_vec();
            told.long += usize::from(words.len() > script.longest);
            all.push(Said { speaker, words });
        };
        if turns.peek().is_some_and(|turn| turn.start < document.end) {
            while let Some(turn) = turns.next_if(|turn| turn.start < document.end) {
                say(turn.label, &stream.read(turn.range()));
            }
            told.conversations.push(all);
        } else if stories {
            let tokens = stream.read(document.range());
            let lines = tokens.split_inclusive(|&token| token == script.eos);
            lines.for_each(|line| say(NARRATOR, line));
            told.stories.push(all);
        }
    }
    Ok(told)
}

/// Texts that are learnt from, in batches of like lengths.
///
/// Each turn is read once in a pass, and is at the same time context of those after it and reply to those before. Passes cut
/// conversations into long pieces and into short ones by turns, the short ones at other places each time, so that the network
/// learns to begin anywhere in the midst of a conversation, as it does where it is shown the last turns only.
#[derive(Debug)]
pub(crate) struct Pieces {
    told: Told,
    script: Script,
    /// Turns of long pieces and of short ones; 0: there are no short ones.
    lengths: [usize; 2],
    /// Tokens of a batch.
    tokens: usize,
    /// Stories are read in the first of every so many passes.
    stories: usize,
    seed: u64,
    /// Batches in each kind of pass; the kinds follow each other over and over again.
    in_pass: Vec<u64>,
    /// Words and ends in all of them.
    words: u64,
    /// The kind that is being read.
    current: Option<(usize, Cut)>,
}

#[derive(Debug)]
struct Cut {
    texts: Vec<Vec<TokenId>>,
    batches: PairBatches,
}

/// Kinds of short cuts, at most.
const SHIFTS: usize = 8;

impl Pieces {
    /// Pieces of so many turns, by turns, in batches of so many tokens; stories in the first of every `stories` passes.
    pub(crate) fn new(
        told: Told,
        script: Script,
        (lengths, tokens, stories): ([usize; 2], usize, usize),
        seed: u64,
    ) -> Pieces {
        // All kinds of cuts, with stories and without.
        let kinds = (2 * lengths[1].min(SHIFTS)).max(1) * stories.max(1);
        let mut pieces = Pieces {
            told,
            script,
            lengths,
            tokens,
            stories,
            seed,
            in_pass: Vec::with_capacity(kinds),
            words: 0,
            current: None,
        };
        for kind in 0..kinds {
            let Cut { texts, batches } = pieces.cut(kind);
            let words = texts.iter().flatten();
            let words = words.filter(|&&token| (token as usize) < script.vocabulary);
            pieces.words += words.count() as u64;
            pieces.in_pass.push(batches.in_pass());
        }
        pieces
    }

    fn cut(&self, kind: usize) -> Cut {
        // Turns of the first piece, and of those after it.
        let (first, piece) = match self.lengths {
            [_, short] if short > 0 && kind % 2 == 1 => {
                let shift = short / 2 + kind / 2 * short.div_ceil(SHIFTS);
                (1 + shift % short, short)
            }
            [long, _] => (long, long),
        };
        let stories = match self.stories > 0 && kind.is_multiple_of(self.stories) {
            true => &self.told.stories[..],
            false => &[],
        };
        let mut texts = Vec::new();
        for conversation in self.told.conversations.iter().chain(stories) {
            let (begin, rest) = conversation.split_at(first.min(conversation.len()));
            let parts = [begin].into_iter().chain(rest.chunks(piece));
            texts.extend(parts.filter(|part| !part.is_empty()).map(|part| {
                let mut text = Vec::new();
                for said in part {
                    self.script.turn(said.speaker, &said.words, &mut text);
                }
                text
            }));
        }
        let sizes = texts.iter().map(|text| (text.len(), text.len())).collect();
        let batches = PairBatches::new(sizes, Alike::Nearly, self.tokens, self.seed);
        Cut { texts, batches }
    }

    /// Words and ends in a pass, the mean of all kinds.
    pub(crate) fn tokens_in_pass(&self) -> u64 {
        self.words / self.in_pass.len() as u64
    }

    /// The texts of the batch with this number, counted on through all passes.
    pub(crate) fn batch(&mut self, number: u64) -> Vec<&[TokenId]> {
        let all: u64 = self.in_pass.iter().sum();
        let (round, mut place) = (number / all.max(1), number % all.max(1));
        let mut kind = 0;
        while place >= self.in_pass[kind] && kind + 1 < self.in_pass.len() {
            place -= self.in_pass[kind];
            kind += 1;
        }
        let known = self.current.take().filter(|(known, _)| *known == kind);
        let cut = known.map_or_else(|| self.cut(kind), |(_, cut)| cut);
        let (_, Cut { texts, batches }) = self.current.insert((kind, cut));
        let chosen = batches.batch(round * batches.in_pass() + place);
        chosen.iter().map(|&text| &texts[text][..]).collect()
    }
}

/// Texts side by side: what is read, and which places of it predict which tokens.
pub(crate) struct Batch {
    /// `[rows, time]`, filled up at the end.
    pub(crate) inputs: Tensor,
    /// Places of the flattened rows that predict.
    pub(crate) places: Tensor,
    /// What is to be predicted there: words and ends, never who speaks.
    pub(crate) targets: Tensor,
    /// How many of each row.
    pub(crate) of_rows: Vec<usize>,
}

impl Batch {
    /// `from` is the first token of each row that is to be predicted, at least 1.
    pub(crate) fn new(rows: &[(&[TokenId], usize)], script: Script, device: Device) -> Batch {
        let time = rows
            .iter()
            .map(|(text, _)| text.len() - 1)
            .max()
            .unwrap_or(0);
        let mut inputs = Vec::with_capacity(rows.len() * time);
        let (mut places, mut targets, mut of_rows) = (Vec::new(), Vec::new(), Vec::new());
        for &(text, from) in rows {
            let (start, before) = (inputs.len(), targets.len());
            inputs.extend_from_slice(&text[..text.len() - 1]);
            for (at, &token) in text.iter().enumerate().skip(from) {
                if (token as usize) < script.vocabulary {
                    places.push((start + at - 1) as u32);
                    targets.push(token);
                }
            }
            inputs.resize(start + time, script.eos);
            of_rows.push(targets.len() - before);
        }
        Batch {
            inputs: ids(&inputs, device).view([rows.len() as i64, time as i64]),
            places: ids(&places, device),
            targets: ids(&targets, device),
            of_rows,
        }
    }

    /// Hidden states `[targets, D]` at the places that predict, of `[rows, time, D]`.
    pub(crate) fn predicting(&self, hidden: &Tensor) -> Tensor {
        hidden.flatten(0, 1).index_select(0, &self.places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: Script = Script {
        vocabulary: 10,
        eos: 9,
        longest: 3,
    };

    fn said(speaker: u32, words: &[TokenId]) -> Said {
        Said {
            speaker,
            words: words.to_vec(),
        }
    }

    #[test]
    fn turns_say_who_speaks_and_long_ones_lose_their_beginning() {
        let mut text = Vec::new();
        SCRIPT.turn(1, &[1, 2, 3, 4], &mut text);
        SCRIPT.turn(4, &[], &mut text);
        assert_eq!(text, [11, 2, 3, 4, 9, 10, 9]);
    }

    #[test]
    fn each_pass_reads_each_turn_once_and_passes_cut_at_other_places() {
        let conversation = |at: u32| (0..7).map(|turn| said(turn % 2, &[at, turn])).collect();
        let told = Told {
            conversations: (0..5).map(conversation).collect(),
            ..Told::default()
        };
        let mut pieces = Pieces::new(told, SCRIPT, ([4, 4], 40, 1), 1);
        let in_pass = pieces.in_pass.clone();
        assert_eq!(in_pass.len(), 8);
        let mut begun = [const { Vec::new() }; 2];
        let mut first = 0;
        for (pass, in_pass) in in_pass.iter().chain(&in_pass).copied().enumerate() {
            let mut words: Vec<(TokenId, TokenId)> = Vec::new();
            for number in first..first + in_pass {
                for text in pieces.batch(number) {
                    assert!(text.len() <= 16, "{text:?}");
                    begun[pass % 2].push(text[2]);
                    words.extend(text.chunks(4).map(|turn| (turn[1], turn[2])));
                }
            }
            first += in_pass;
            words.sort_unstable();
            let all = (0..5).flat_map(|at| (0..7).map(move |turn| (at, turn)));
            assert_eq!(words, all.collect::<Vec<_>>());
        }
        for (begun, expected) in begun.iter_mut().zip([&[0, 4][..], &[0, 1, 2, 3, 4, 5, 6]]) {
            begun.sort_unstable();
            begun.dedup();
            assert_eq!(begun, expected);
        }
    }

    #[test]
    fn stories_are_read_in_some_passes_only() {
        let told = || Told {
            conversations: vec![vec![said(0, &[1, 2]), said(1, &[3])]],
            stories: vec![vec![said(NARRATOR, &[4, 5, 6])]],
            long: 0,
        };
        let with_stories = |each: usize| -> Vec<bool> {
            let mut pieces = Pieces::new(told(), SCRIPT, ([4, 4], 100, each), 1);
            assert!(pieces.in_pass.iter().all(|&batches| batches == 1));
            let narrator = SCRIPT.speaker(NARRATOR);
            let mut told = |number| pieces.batch(number).iter().any(|text| text[0] == narrator);
            (0..8).map(&mut told).collect()
        };
        assert_eq!(with_stories(0), [false; 8]);
        assert_eq!(with_stories(1), [true; 8]);
        assert_eq!(with_stories(2), [true, false].repeat(4));
        let third = [true, false, false, true, false, false, true, false];
        assert_eq!(with_stories(3), third);
        // Five words and ends in each pass, four more in every third.
        let pieces = Pieces::new(told(), SCRIPT, ([4, 4], 100, 3), 1);
        assert_eq!(pieces.tokens_in_pass(), (9 + 2 * 5) / 3);
    }

    #[test]
    fn words_and_ends_are_predicted_and_nobody_guesses_who_speaks() {
        let texts: [&[TokenId]; 2] = [&[10, 1, 9, 11, 2, 9], &[10, 3, 9]];
        let batch = Batch::new(&[(texts[0], 1), (texts[1], 2)], SCRIPT, Device::Cpu);
        assert_eq!(batch.inputs.size(), [2, 5]);
        assert_eq!(batch.of_rows, [4, 1]);
        let numbers = |tensor: &Tensor| Vec::<i64>::try_from(tensor).unwrap();
        assert_eq!(numbers(&batch.places), [0, 1, 3, 4, 6]);
        assert_eq!(numbers(&batch.targets), [1, 9, 2, 9, 9]);
    }
}

//! Dialogues as token sequences, with a speaker token before each turn and the end of a line after it; batches of dialogue
//! segments.

use corpus::{Corpus, Split, TokenId};
use harness::Result;
use neural::{Bucketing, PairBatches, token_tensor};
use tch::{Device, Tensor};

use crate::network::SPEAKERS;

/// A turn of a dialogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Utterance {
    pub(crate) speaker: u32,
    /// Without the end of the line.
    pub(crate) words: Vec<TokenId>,
}

/// How turns are encoded as tokens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DialogueFormat {
    /// V; speaker tokens start here.
    pub(crate) vocab_size: usize,
    /// The end of a line.
    pub(crate) eos: TokenId,
    /// Maximum number of words of a turn.
    pub(crate) max_turn_length: usize,
}

impl DialogueFormat {
    /// The token of a speaker.
    pub(crate) fn speaker(self, speaker: u32) -> TokenId {
        self.vocab_size as TokenId + speaker % SPEAKERS as u32
    }

    /// Appends a turn: speaker, words (the last ones of a long turn), end of line.
    pub(crate) fn push_turn(self, speaker: u32, words: &[TokenId], text: &mut Vec<TokenId>) {
        text.push(self.speaker(speaker));
        text.extend_from_slice(&words[words.len().saturating_sub(self.max_turn_length)..]);
        text.push(self.eos);
    }

    /// Turns as one token sequence.
    pub(crate) fn encode(self, turns: &[Utterance]) -> Vec<TokenId> {
        let mut text = Vec::new();
        for turn in turns {
            self.push_turn(turn.speaker, &turn.words, &mut text);
        }
        text
    }
}

/// The speaker of documents that are not dialogues.
const NARRATOR: u32 = SPEAKERS as u32 - 1;

/// The documents of a split.
#[derive(Debug, Default)]
pub(crate) struct SplitDialogues {
    pub(crate) dialogues: Vec<Vec<Utterance>>,
    /// Other documents; each line is a turn of a narrator.
    pub(crate) stories: Vec<Vec<Utterance>>,
    /// Number of turns above the maximum length.
    pub(crate) truncated: usize,
}

/// Whether documents that are not dialogues are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stories {
    /// They are read.
    Include,
    /// They are skipped.
    Skip,
}

/// Reads the dialogues of a split.
pub(crate) fn read_dialogues(
    corpus: &Corpus,
    split: Split,
    format: DialogueFormat,
    stories: Stories,
) -> Result<SplitDialogues> {
    let mut found = SplitDialogues::default();
    if !corpus.has(split) {
        return Ok(found);
    }
    let stream = corpus.split(split)?;
    let mut turns = corpus.turns(split)?.into_iter().peekable();
    for document in &stream.documents {
        let mut utterances = Vec::new();
        let mut push = |speaker: u32, line: &[TokenId]| {
            let words = line.strip_suffix(&[format.eos]).unwrap_or(line).to_vec();
            found.truncated += usize::from(words.len() > format.max_turn_length);
            utterances.push(Utterance { speaker, words });
        };
        if turns.peek().is_some_and(|turn| turn.start < document.end) {
            while let Some(turn) = turns.next_if(|turn| turn.start < document.end) {
                push(turn.label, &stream.read(turn.range()));
            }
            found.dialogues.push(utterances);
        } else if stories == Stories::Include {
            let tokens = stream.read(document.range());
            let lines = tokens.split_inclusive(|&token| token == format.eos);
            lines.for_each(|line| push(NARRATOR, line));
            found.stories.push(utterances);
        }
    }
    Ok(found)
}

/// How dialogues are split into segments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SegmentConfig {
    /// Turns of a segment in even epochs.
    pub(crate) turns: usize,
    /// Turns of a segment in odd epochs; 0: the same in all epochs.
    pub(crate) short_turns: usize,
    /// Tokens per batch.
    pub(crate) batch_tokens: usize,
    /// Interval in epochs at which stories are read; 0: never.
    pub(crate) story_interval: usize,
}

/// Batches of dialogue segments of similar lengths.
///
/// Each turn is read once per epoch, as the reply to the turns before it and as the context of those after it. Epochs alternate
/// between long and short segments. The boundaries of short segments shift from epoch to epoch, so that the network learns to
/// start anywhere in a dialogue, as it must when only the last turns are given as context.
#[derive(Debug)]
pub(crate) struct SegmentBatches {
    split: SplitDialogues,
    format: DialogueFormat,
    config: SegmentConfig,
    seed: u64,
    /// Number of batches in each kind of epoch; the kinds alternate.
    batches_by_kind: Vec<u64>,
    /// Total number of predicted tokens in one epoch of each kind.
    tokens: u64,
    /// The current kind and its segmentation.
    current: Option<(usize, Segmentation)>,
}

#[derive(Debug)]
struct Segmentation {
    texts: Vec<Vec<TokenId>>,
    batches: PairBatches,
}

/// Maximum number of shifts of short segments.
const SHIFTS: usize = 8;

impl SegmentBatches {
    pub(crate) fn new(
        split: SplitDialogues,
        format: DialogueFormat,
        config: SegmentConfig,
        seed: u64,
    ) -> SegmentBatches {
        // All combinations of segment length, shift, and stories.
        let kinds = (2 * config.short_turns.min(SHIFTS)).max(1) * config.story_interval.max(1);
        let mut segments = SegmentBatches {
            split,
            format,
            config,
            seed,
            batches_by_kind: Vec::with_capacity(kinds),
            tokens: 0,
            current: None,
        };
        for kind in 0..kinds {
            let Segmentation { texts, batches } = segments.segment(kind);
            let tokens = texts.iter().flatten();
            let predicted = tokens.filter(|&&token| (token as usize) < format.vocab_size);
            segments.tokens += predicted.count() as u64;
            segments.batches_by_kind.push(batches.per_epoch());
        }
        segments
    }

    /// Splits all dialogues into segments for an epoch of this kind.
    fn segment(&self, kind: usize) -> Segmentation {
        // Turns of the first segment of a dialogue, and of the others.
        let (first, turns) = match self.config.short_turns {
            short if short > 0 && kind % 2 == 1 => {
                let shift = short / 2 + kind / 2 * short.div_ceil(SHIFTS);
                (1 + shift % short, short)
            }
            _ => (self.config.turns, self.config.turns),
        };
        let interval = self.config.story_interval;
        let stories = match interval > 0 && kind.is_multiple_of(interval) {
            true => &self.split.stories[..],
            false => &[],
        };
        let mut texts = Vec::new();
        for dialogue in self.split.dialogues.iter().chain(stories) {
            let (start, rest) = dialogue.split_at(first.min(dialogue.len()));
            let parts = [start].into_iter().chain(rest.chunks(turns));
            let parts = parts.filter(|part| !part.is_empty());
            texts.extend(parts.map(|part| self.format.encode(part)));
        }
        let sizes = texts.iter().map(|text| (text.len(), text.len())).collect();
        let (tokens, seed) = (self.config.batch_tokens, self.seed);
        let batches = PairBatches::new(sizes, Bucketing::ByLength, tokens, seed);
        Segmentation { texts, batches }
    }

    /// Predicted tokens per epoch, the mean of all kinds.
    pub(crate) fn epoch_tokens(&self) -> u64 {
        self.tokens / self.batches_by_kind.len() as u64
    }

    /// The texts of the batch with this number, counted through all epochs.
    pub(crate) fn batch(&mut self, number: u64) -> Vec<&[TokenId]> {
        let all: u64 = self.batches_by_kind.iter().sum();
        let (round, mut position) = (number / all.max(1), number % all.max(1));
        let mut kind = 0;
        while position >= self.batches_by_kind[kind] && kind + 1 < self.batches_by_kind.len() {
            position -= self.batches_by_kind[kind];
            kind += 1;
        }
        let known = self.current.take().filter(|(known, _)| *known == kind);
        let segmentation = known.map_or_else(|| self.segment(kind), |(_, known)| known);
        let (_, Segmentation { texts, batches }) = self.current.insert((kind, segmentation));
        let chosen = batches.batch(round * batches.per_epoch() + position);
        chosen.iter().map(|&text| &texts[text][..]).collect()
    }
}

/// A padded batch of texts with their targets.
pub(crate) struct Batch {
    /// `[rows, time]`, padded at the end.
    pub(crate) inputs: Tensor,
    /// Positions in the flattened rows at which targets are predicted, `[targets]`.
    pub(crate) positions: Tensor,
    /// Target tokens: words and ends of lines, but no speaker tokens, `[targets]`.
    pub(crate) targets: Tensor,
    /// Number of targets per row.
    pub(crate) row_targets: Vec<usize>,
}

impl Batch {
    /// Each row is a text and the position of its first target, at least 1.
    pub(crate) fn new(
        rows: &[(&[TokenId], usize)],
        format: DialogueFormat,
        device: Device,
    ) -> Batch {
        let time = rows
            .iter()
            .map(|(text, _)| text.len() - 1)
            .max()
            .unwrap_or(0);
        let mut inputs = Vec::with_capacity(rows.len() * time);
        let (mut positions, mut targets, mut row_targets) = (Vec::new(), Vec::new(), Vec::new());
        for &(text, from) in rows {
            let (start, before) = (inputs.len(), targets.len());
            inputs.extend_from_slice(&text[..text.len() - 1]);
            for (at, &token) in text.iter().enumerate().skip(from) {
                if (token as usize) < format.vocab_size {
                    positions.push((start + at - 1) as u32);
                    targets.push(token);
                }
            }
            inputs.resize(start + time, format.eos);
            row_targets.push(targets.len() - before);
        }
        Batch {
            inputs: token_tensor(&inputs, device).view([rows.len() as i64, time as i64]),
            positions: token_tensor(&positions, device),
            targets: token_tensor(&targets, device),
            row_targets,
        }
    }

    /// The hidden states at predicted positions.
    ///
    /// # Shapes
    /// `[rows, time, D]` to `[targets, D]`.
    pub(crate) fn select_targets(&self, hidden: &Tensor) -> Tensor {
        hidden.flatten(0, 1).index_select(0, &self.positions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: DialogueFormat = DialogueFormat {
        vocab_size: 10,
        eos: 9,
        max_turn_length: 3,
    };

    fn config(batch_tokens: usize, story_interval: usize) -> SegmentConfig {
        SegmentConfig {
            turns: 4,
            short_turns: 4,
            batch_tokens,
            story_interval,
        }
    }

    fn turn(speaker: u32, words: &[TokenId]) -> Utterance {
        Utterance {
            speaker,
            words: words.to_vec(),
        }
    }

    #[test]
    fn turns_start_with_a_speaker_token_and_long_ones_are_truncated() {
        let mut text = Vec::new();
        FORMAT.push_turn(1, &[1, 2, 3, 4], &mut text);
        FORMAT.push_turn(4, &[], &mut text);
        assert_eq!(text, [11, 2, 3, 4, 9, 10, 9]);
    }

    #[test]
    fn each_epoch_reads_each_turn_once_and_boundaries_shift() {
        let dialogue = |at: u32| {
            (0..7)
                .map(|number| turn(number % 2, &[at, number]))
                .collect()
        };
        let split = SplitDialogues {
            dialogues: (0..5).map(dialogue).collect(),
            ..SplitDialogues::default()
        };
        let mut segments = SegmentBatches::new(split, FORMAT, config(40, 1), 1);
        let batches = segments.batches_by_kind.clone();
        assert_eq!(batches.len(), 8);
        let mut begun = [const { Vec::new() }; 2];
        let mut first = 0;
        for (epoch, number_of_batches) in batches.iter().chain(&batches).copied().enumerate() {
            let mut words: Vec<(TokenId, TokenId)> = Vec::new();
            for number in first..first + number_of_batches {
                for text in segments.batch(number) {
                    assert!(text.len() <= 16, "{text:?}");
                    begun[epoch % 2].push(text[2]);
                    words.extend(text.chunks(4).map(|turn| (turn[1], turn[2])));
                }
            }
            first += number_of_batches;
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
    fn stories_are_read_in_some_epochs_only() {
        let split = || SplitDialogues {
            dialogues: vec![vec![turn(0, &[1, 2]), turn(1, &[3])]],
            stories: vec![vec![turn(NARRATOR, &[4, 5, 6])]],
            truncated: 0,
        };
        let with_stories = |each: usize| -> Vec<bool> {
            let mut segments = SegmentBatches::new(split(), FORMAT, config(100, each), 1);
            assert!(segments.batches_by_kind.iter().all(|&batches| batches == 1));
            let narrator = FORMAT.speaker(NARRATOR);
            let mut split = |number| {
                segments
                    .batch(number)
                    .iter()
                    .any(|text| text[0] == narrator)
            };
            (0..8).map(&mut split).collect()
        };
        assert_eq!(with_stories(0), [false; 8]);
        assert_eq!(with_stories(1), [true; 8]);
        assert_eq!(with_stories(2), [true, false].repeat(4));
        let third = [true, false, false, true, false, false, true, false];
        assert_eq!(with_stories(3), third);
        // Five words and ends of lines in each epoch, four more in every third.
        let segments = SegmentBatches::new(split(), FORMAT, config(100, 3), 1);
        assert_eq!(segments.epoch_tokens(), (9 + 2 * 5) / 3);
    }

    #[test]
    fn words_and_ends_are_predicted_but_not_speaker_tokens() {
        let texts: [&[TokenId]; 2] = [&[10, 1, 9, 11, 2, 9], &[10, 3, 9]];
        let batch = Batch::new(&[(texts[0], 1), (texts[1], 2)], FORMAT, Device::Cpu);
        assert_eq!(batch.inputs.size(), [2, 5]);
        assert_eq!(batch.row_targets, [4, 1]);
        let numbers = |tensor: &Tensor| Vec::<i64>::try_from(tensor).unwrap();
        assert_eq!(numbers(&batch.positions), [0, 1, 3, 4, 6]);
        assert_eq!(numbers(&batch.targets), [1, 9, 2, 9, 9]);
    }
}

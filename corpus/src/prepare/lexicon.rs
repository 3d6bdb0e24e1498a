//! Numbers tokens while the text streams by, counts those of the training split, and ranks them in the end.

use std::cmp::Reverse;

use rayon::slice::ParallelSliceMut;

use crate::token::strings::{Key, StringTable};
use crate::token::tokenizer::{Tokenizer, spell_byte};
use crate::token::vocab::{BOS, EOS, PAD, TokenId, UNK, Vocab};

/// Tokens with provisional ids: pieces of text in order of first appearance, after the marks; closed tokens in their
/// own order, before `<eos>`.
#[derive(Debug)]
pub(crate) struct Lexicon {
    tokens: StringTable,
    counts: Vec<u64>,
    eos: u32,
    unk: Option<u32>,
    /// The vocabulary of an existing tokenizer, whose ids are final.
    fixed: Option<Vocab>,
}

/// Which of the types become the vocabulary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Most predicted tokens, `<eos>` and `<unk>` included.
    pub(crate) vocab: Option<usize>,
    /// Fewest occurrences in `train`.
    pub(crate) min_count: u64,
}

/// The final vocabulary and the way from provisional ids to its own.
#[derive(Debug)]
pub(crate) struct Ranking {
    pub(crate) vocab: Vocab,
    pub(crate) ids: Vec<TokenId>,
    /// Provisional id of `<unk>`, which is not out of the vocabulary even though it becomes `<unk>`.
    pub(crate) unk: Option<u32>,
    /// Types that occur in `train`.
    pub(crate) types_in_train: u64,
}

impl Ranking {
    /// Words that were given beforehand, and how often each occurs in `train`. All are kept, even those that never do.
    pub(crate) fn of_words(words: &Vocab, counts: &[u64]) -> Ranking {
        let all = (0..words.len() as u32).collect();
        Ranking::new(all, counts, |id| words.token(id), words.unk())
    }

    /// Ranks the `kept` types by decreasing frequency, then by provisional id; the others become `<unk>`.
    fn new<'t>(
        mut kept: Vec<u32>,
        counts: &[u64],
        name: impl Fn(u32) -> &'t str,
        unk: Option<u32>,
    ) -> Ranking {
        kept.par_sort_unstable_by_key(|&id| (Reverse(counts[id as usize]), id));
        let mut ids = vec![TokenId::MAX; counts.len()];
        for (&id, rank) in kept.iter().zip(0..) {
            ids[id as usize] = rank;
        }
        if let Some(unk) = unk {
            let unk = ids[unk as usize];
            let left_out = ids.iter_mut().filter(|id| **id == TokenId::MAX);
            left_out.for_each(|id| *id = unk);
        }
        let vocab = Vocab::new(kept.iter().map(|&id| name(id)));
        Ranking {
            vocab: vocab.expect("interned tokens are distinct and hold <eos>"),
            ids,
            unk,
            types_in_train: counts.iter().filter(|&&count| count > 0).count() as u64,
        }
    }
}

/// The marks in the order of their provisional ids, where tokens are pieces of text. The last stands for the word
/// `<eos>`, which is not the mark; as no word holds an end of line, it cannot be met itself.
const MARKS: [&str; 5] = [EOS, UNK, BOS, PAD, "\n"];
const MARK_EOS: u32 = 0;
const MARK_UNK: u32 = 1;
const WORD_EOS: u32 = 4;

impl Lexicon {
    pub(crate) fn new(tokenizer: &Tokenizer) -> Lexicon {
        match tokenizer {
            Tokenizer::Open(_) => {
                let mut lexicon = Lexicon::with(MARKS.into_iter());
                (lexicon.eos, lexicon.unk) = (MARK_EOS, Some(MARK_UNK));
                lexicon
            }
            Tokenizer::Bytes => Lexicon::closed((0..=255).map(spell_byte).collect()),
            Tokenizer::Subwords(subwords) => Lexicon::closed(subwords.tokens()),
            Tokenizer::Pretrained(pretrained) => Lexicon::fixed(pretrained.vocab()),
        }
    }

    /// Provisional ids are the final ones.
    fn fixed(vocab: Vocab) -> Lexicon {
        Lexicon {
            tokens: StringTable::default(),
            counts: vec![0; vocab.len()],
            eos: vocab.eos(),
            unk: None,
            fixed: Some(vocab),
        }
    }

    fn closed(tokens: Vec<String>) -> Lexicon {
        Lexicon::with(tokens.iter().map(String::as_str).chain([EOS]))
    }

    /// The last token is `<eos>`.
    fn with<'t>(names: impl Iterator<Item = &'t str>) -> Lexicon {
        let mut tokens = StringTable::default();
        let last = names
            .map(|name| tokens.insert(Key::of(name), name).0)
            .last()
            .unwrap_or(0);
        Lexicon {
            counts: vec![0; tokens.list.len()],
            tokens,
            eos: last,
            unk: None,
            fixed: None,
        }
    }

    /// Provisional id of `<eos>`.
    pub(crate) fn eos(&self) -> u32 {
        self.eos
    }

    /// Provisional ids of pieces of text, new or known. Text that looks like `<eos>`, `<s>` or `<pad>` is a word of its
    /// own that no vocabulary can hold: [`Lexicon::rank`] makes it `<unk>`, as it does with words that were left out.
    pub(crate) fn intern_all(&mut self, tokens: &StringTable) -> Vec<u32> {
        let mut ids = Vec::with_capacity(tokens.list.len());
        self.tokens.insert_all(tokens, |id, new| {
            if new {
                self.counts.push(0);
            }
            ids.push(if id == MARK_EOS { WORD_EOS } else { id });
        });
        ids
    }

    /// Adds occurrences in the training split.
    pub(crate) fn count(&mut self, id: u32, occurrences: u64) {
        self.counts[id as usize] += occurrences;
    }

    /// Ranks by decreasing frequency, then by provisional id; a fixed vocabulary stays as it is.
    pub(crate) fn rank(mut self, limits: Limits) -> Ranking {
        let types_in_train = self.counts.iter().filter(|&&count| count > 0).count() as u64;
        if let Some(vocab) = self.fixed {
            return Ranking {
                ids: (0..vocab.len() as TokenId).collect(),
                vocab,
                // No word of a text spells it: all that is unknown is out of the vocabulary.
                unk: None,
                types_in_train,
            };
        }
        let kept: Vec<u32> = match self.unk {
            None => (0..self.tokens.list.len() as u32).collect(),
            Some(unk) => {
                let kept = self.words_within(limits);
                let all: u64 = self.counts.iter().sum();
                let known: u64 = kept.iter().map(|&id| self.counts[id as usize]).sum();
                self.counts[unk as usize] = all - known - self.counts[self.eos as usize];
                [self.eos, unk].into_iter().chain(kept).collect()
            }
        };
        let name = |id| self.tokens.list.get(id);
        Ranking {
            // Before what was left out was counted as `<unk>`.
            types_in_train,
            ..Ranking::new(kept, &self.counts, name, self.unk)
        }
    }

    /// The words that are frequent enough; what is left out counts as `<unk>` from then on.
    fn words_within(&self, limits: Limits) -> Vec<u32> {
        let words = MARKS.len() as u32..self.tokens.list.len() as u32;
        let fewest = limits.min_count.max(1);
        let mut words: Vec<u32> = words
            .filter(|&id| self.counts[id as usize] >= fewest)
            .collect();
        if let Some(vocab) = limits.vocab {
            words.par_sort_unstable_by_key(|&id| (Reverse(self.counts[id as usize]), id));
            words.truncate(vocab.saturating_sub(2));
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::tokenizer::OpenTokenizer;

    fn lexicon(text: &str) -> Lexicon {
        let mut lexicon = Lexicon::new(&Tokenizer::Open(OpenTokenizer::Whitespace));
        for line in text.lines() {
            for word in line.split_whitespace() {
                let id = intern(&mut lexicon, word);
                lexicon.count(id, 1);
            }
            lexicon.count(lexicon.eos(), 1);
        }
        lexicon
    }

    fn intern(lexicon: &mut Lexicon, word: &str) -> u32 {
        let mut table = StringTable::default();
        table.insert(Key::of(word), word);
        lexicon.intern_all(&table)[0]
    }

    fn tokens(ranking: &Ranking) -> Vec<&str> {
        ranking.vocab.tokens().collect()
    }

    #[test]
    fn ranks_by_frequency_then_appearance() {
        let ranking = lexicon("b a b\nc b\n").rank(Limits {
            vocab: None,
            min_count: 1,
        });
        assert_eq!(tokens(&ranking), ["b", EOS, "a", "c", UNK]);
        assert_eq!(ranking.ids, [1, 4, 4, 4, 4, 0, 2, 3]);
        assert_eq!(ranking.types_in_train, 4);
    }

    #[test]
    fn what_is_cut_becomes_unknown_and_moves_it_up() {
        let ranking = lexicon("b a b\nc b d\n").rank(Limits {
            vocab: Some(3),
            min_count: 1,
        });
        assert_eq!(tokens(&ranking), [UNK, "b", EOS]);
        assert_eq!(ranking.ids, [2, 0, 0, 0, 0, 1, 0, 0, 0]);
        let ranking = lexicon("b a b\nc b d\n").rank(Limits {
            vocab: None,
            min_count: 2,
        });
        assert_eq!(tokens(&ranking), [UNK, "b", EOS]);
    }

    #[test]
    fn words_that_look_like_marks_are_words_that_no_vocabulary_holds() {
        let mut lexicon = lexicon("a <unk> a <eos> <s> <pad> a a a\n");
        assert_eq!(intern(&mut lexicon, UNK), MARK_UNK);
        let words = [EOS, BOS, PAD].map(|mark| intern(&mut lexicon, mark));
        assert!(!words.contains(&MARK_EOS) && !words.contains(&MARK_UNK));
        let ranking = lexicon.rank(Limits {
            vocab: None,
            min_count: 1,
        });
        assert_eq!(tokens(&ranking), ["a", UNK, EOS]);
        assert_eq!(words.map(|id| ranking.ids[id as usize]), [1, 1, 1]);
        assert_eq!((ranking.unk, ranking.types_in_train), (Some(MARK_UNK), 6));
    }
}

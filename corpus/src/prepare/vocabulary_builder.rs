//! Builds the vocabulary: assigns provisional ids while the text streams, counts tokens of the training split, and ranks
//! them at the end.

use std::cmp::Reverse;

use rayon::slice::ParallelSliceMut;

use crate::token::strings::{Key, StringTable};
use crate::token::tokenizer::{Tokenizer, spell_byte};
use crate::token::vocab::{BOS, EOS, PAD, TokenId, UNK, Vocab};

/// Tokens with provisional ids: words in order of first appearance, after the special tokens; tokens of a closed
/// vocabulary in their own order, before `<eos>`.
#[derive(Debug)]
pub(crate) struct VocabularyBuilder {
    tokens: StringTable,
    counts: Vec<u64>,
    eos: u32,
    unk: Option<u32>,
    /// The vocabulary of an existing tokenizer, whose ids are final.
    fixed: Option<Vocab>,
}

/// Which types enter the vocabulary.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Maximum size of the vocabulary, `<eos>` and `<unk>` included.
    pub(crate) vocab: Option<usize>,
    /// Minimum number of occurrences in `train`.
    pub(crate) min_count: u64,
}

/// The final vocabulary, and the mapping from provisional ids to its ids.
#[derive(Debug)]
pub(crate) struct RankedVocabulary {
    pub(crate) vocab: Vocab,
    pub(crate) ids: Vec<TokenId>,
    /// Provisional id of `<unk>`: where the text itself says `<unk>`, it is not out of vocabulary.
    pub(crate) unk: Option<u32>,
    /// Types that occur in `train`.
    pub(crate) types_in_train: u64,
}

impl RankedVocabulary {
    /// Ranks given words by their counts in `train`. All are kept, even those that do not occur.
    pub(crate) fn of_words(words: &Vocab, counts: &[u64]) -> RankedVocabulary {
        let all = (0..words.len() as u32).collect();
        RankedVocabulary::new(all, counts, |id| words.token(id), words.unk())
    }

    /// Ranks the `kept` types by decreasing frequency, then by provisional id; the other types become `<unk>`.
    fn new<'t>(
        mut kept: Vec<u32>,
        counts: &[u64],
        name: impl Fn(u32) -> &'t str,
        unk: Option<u32>,
    ) -> RankedVocabulary {
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
        RankedVocabulary {
            vocab: vocab.expect("interned tokens are distinct and hold <eos>"),
            ids,
            unk,
            types_in_train: counts.iter().filter(|&&count| count > 0).count() as u64,
        }
    }
}

/// The special tokens in the order of their provisional ids, for an open vocabulary. The last stands for the word `<eos>`
/// in the text, which is not the special token; no word contains a line end, so its name cannot occur.
const SPECIAL_TOKENS: [&str; 5] = [EOS, UNK, BOS, PAD, "\n"];
const SPECIAL_EOS: u32 = 0;
const SPECIAL_UNK: u32 = 1;
const WORD_EOS: u32 = 4;

impl VocabularyBuilder {
    pub(crate) fn new(tokenizer: &Tokenizer) -> VocabularyBuilder {
        match tokenizer {
            Tokenizer::Open(_) => {
                let mut builder = VocabularyBuilder::with(SPECIAL_TOKENS.into_iter());
                (builder.eos, builder.unk) = (SPECIAL_EOS, Some(SPECIAL_UNK));
                builder
            }
            Tokenizer::Bytes => VocabularyBuilder::closed((0..=255).map(spell_byte).collect()),
            Tokenizer::Subwords(subwords) => VocabularyBuilder::closed(subwords.tokens()),
            Tokenizer::Pretrained(pretrained) => VocabularyBuilder::fixed(pretrained.vocab()),
        }
    }

    /// Provisional ids are the final ones.
    fn fixed(vocab: Vocab) -> VocabularyBuilder {
        VocabularyBuilder {
            tokens: StringTable::default(),
            counts: vec![0; vocab.len()],
            eos: vocab.eos(),
            unk: None,
            fixed: Some(vocab),
        }
    }

    fn closed(tokens: Vec<String>) -> VocabularyBuilder {
        VocabularyBuilder::with(tokens.iter().map(String::as_str).chain([EOS]))
    }

    /// The last name is `<eos>`.
    fn with<'t>(names: impl Iterator<Item = &'t str>) -> VocabularyBuilder {
        let mut tokens = StringTable::default();
        let last = names
            .map(|name| tokens.insert(Key::of(name), name).0)
            .last()
            .unwrap_or(0);
        VocabularyBuilder {
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

    /// Provisional ids of words, new or known. A word that looks like `<eos>`, `<s>` or `<pad>` is distinct from the special
    /// token and cannot enter a vocabulary: [`VocabularyBuilder::rank`] maps it to `<unk>`, as it does with words beyond
    /// the limits.
    pub(crate) fn intern_all(&mut self, tokens: &StringTable) -> Vec<u32> {
        let mut ids = Vec::with_capacity(tokens.list.len());
        self.tokens.insert_all(tokens, |id, new| {
            if new {
                self.counts.push(0);
            }
            ids.push(if id == SPECIAL_EOS { WORD_EOS } else { id });
        });
        ids
    }

    /// Adds occurrences in the training split.
    pub(crate) fn count(&mut self, id: u32, occurrences: u64) {
        self.counts[id as usize] += occurrences;
    }

    /// Ranks by decreasing frequency, then by provisional id; a fixed vocabulary stays as it is.
    pub(crate) fn rank(mut self, limits: Limits) -> RankedVocabulary {
        let types_in_train = self.counts.iter().filter(|&&count| count > 0).count() as u64;
        if let Some(vocab) = self.fixed {
            return RankedVocabulary {
                ids: (0..vocab.len() as TokenId).collect(),
                vocab,
                // No word of the text is `<unk>` itself, so every unknown token is out of vocabulary.
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
        RankedVocabulary {
            // Counted before words beyond the limits became `<unk>`.
            types_in_train,
            ..RankedVocabulary::new(kept, &self.counts, name, self.unk)
        }
    }

    /// The words within the limits.
    fn words_within(&self, limits: Limits) -> Vec<u32> {
        let words = SPECIAL_TOKENS.len() as u32..self.tokens.list.len() as u32;
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

    fn builder(text: &str) -> VocabularyBuilder {
        let mut builder = VocabularyBuilder::new(&Tokenizer::Open(OpenTokenizer::Whitespace));
        for line in text.lines() {
            for word in line.split_whitespace() {
                let id = intern(&mut builder, word);
                builder.count(id, 1);
            }
            builder.count(builder.eos(), 1);
        }
        builder
    }

    fn intern(builder: &mut VocabularyBuilder, word: &str) -> u32 {
        let mut table = StringTable::default();
        table.insert(Key::of(word), word);
        builder.intern_all(&table)[0]
    }

    fn tokens(ranking: &RankedVocabulary) -> Vec<&str> {
        ranking.vocab.tokens().collect()
    }

    #[test]
    fn ranks_by_frequency_then_appearance() {
        let ranking = builder("b a b\nc b\n").rank(Limits {
            vocab: None,
            min_count: 1,
        });
        assert_eq!(tokens(&ranking), ["b", EOS, "a", "c", UNK]);
        assert_eq!(ranking.ids, [1, 4, 4, 4, 4, 0, 2, 3]);
        assert_eq!(ranking.types_in_train, 4);
    }

    #[test]
    fn words_beyond_the_limits_become_unknown_and_raise_its_rank() {
        let ranking = builder("b a b\nc b d\n").rank(Limits {
            vocab: Some(3),
            min_count: 1,
        });
        assert_eq!(tokens(&ranking), [UNK, "b", EOS]);
        assert_eq!(ranking.ids, [2, 0, 0, 0, 0, 1, 0, 0, 0]);
        let ranking = builder("b a b\nc b d\n").rank(Limits {
            vocab: None,
            min_count: 2,
        });
        assert_eq!(tokens(&ranking), [UNK, "b", EOS]);
    }

    #[test]
    fn words_that_look_like_special_tokens_stay_out_of_the_vocabulary() {
        let mut builder = builder("a <unk> a <eos> <s> <pad> a a a\n");
        assert_eq!(intern(&mut builder, UNK), SPECIAL_UNK);
        let words = [EOS, BOS, PAD].map(|mark| intern(&mut builder, mark));
        assert!(!words.contains(&SPECIAL_EOS) && !words.contains(&SPECIAL_UNK));
        let ranking = builder.rank(Limits {
            vocab: None,
            min_count: 1,
        });
        assert_eq!(tokens(&ranking), ["a", UNK, EOS]);
        assert_eq!(words.map(|id| ranking.ids[id as usize]), [1, 1, 1]);
        assert_eq!(
            (ranking.unk, ranking.types_in_train),
            (Some(SPECIAL_UNK), 6)
        );
    }
}

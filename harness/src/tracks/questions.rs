//! The test data of a run, read once for all models.

use corpus::{Corpus, MinimalPair, Split, TokenId};

use crate::conversation::{ConversationProtocol, Dialogue};
use crate::entry::EraRole;
use crate::entry::Track;
use crate::error::Result;
use crate::model::Judge;
use crate::test_set::TestSet;
use crate::training::VALIDATION_TOKENS;
use crate::translation::{BleuSettings, SentencePair};
use crate::vectors::WordTest;

/// The test data of a run.
pub struct Questions {
    /// The corpus.
    pub corpus: Corpus,
    /// The tokens to predict.
    pub set: TestSet,
    /// The beginning of the validation split; empty if there is none.
    pub validation: Vec<TokenId>,
    /// Minimal pairs, where there are any.
    pub minimal_pairs: Option<Vec<MinimalPair>>,
    /// Tests of word vectors.
    pub word_tests: Vec<WordTest>,
    /// Sentences to translate.
    pub sentences: Vec<SentencePair>,
    /// Settings of BLEU.
    pub bleu: BleuSettings,
    /// Dialogues to take part in.
    pub dialogues: Vec<Dialogue>,
    /// The judge of replies, if there is one.
    pub judge: Option<Box<dyn Judge>>,
    /// Seed of all samples.
    pub seed: u64,
}

impl Questions {
    /// The test data of a split. Dialogues are read only if `tracks` contains conversation.
    ///
    /// # Errors
    /// Errors of the corpus.
    pub fn of(corpus: Corpus, split: Split, seed: u64, tracks: &[Track]) -> Result<Questions> {
        let (mut sentences, mut bleu) = (Vec::new(), BleuSettings::default());
        if corpus.has_pairs() {
            let (source, target) = corpus.pairs()?;
            sentences = SentencePair::of(&source, &target, split)?;
            bleu = BleuSettings::of(&target);
        }
        let dialogues = match tracks.contains(&Track::Conversation) {
            true => Dialogue::of(&corpus, split)?,
            false => Vec::new(),
        };
        let validation = match corpus.has(Split::Valid) {
            true => {
                let valid = corpus.split(Split::Valid)?;
                valid.read(0..valid.len().min(VALIDATION_TOKENS))
            }
            false => Vec::new(),
        };
        Ok(Questions {
            validation,
            set: TestSet::of(&corpus, split)?,
            minimal_pairs: None,
            word_tests: Vec::new(),
            sentences,
            bleu,
            dialogues,
            judge: None,
            seed,
            corpus,
        })
    }

    /// How a model is evaluated on dialogues: it is given the last turns, an oracle all turns.
    pub fn conversation_protocol(&self, role: EraRole, turns: usize) -> ConversationProtocol<'_> {
        let judge = self.judge.as_deref();
        ConversationProtocol::for_role(role, turns, judge)
    }
}

/// The tests that a run has.
#[derive(Debug, Clone, Copy)]
pub struct Tests<'a> {
    /// The corpus.
    pub corpus: &'a Corpus,
    /// Whether there are minimal pairs.
    pub minimal_pairs: bool,
    /// Whether there are tests of word vectors.
    pub word_tests: bool,
}

//! What the models of a run are asked, read once for all of them.

use corpus::{Corpus, MinimalPair, Split};

use crate::conversation::{ConversationProtocol, Dialogue};
use crate::entry::EraRole;
use crate::entry::Track;
use crate::error::Result;
use crate::model::Judge;
use crate::test_set::TestSet;
use crate::translation::{BleuSettings, SentencePair};
use crate::vectors::WordTest;

/// What is asked of a run's models.
pub struct Questions {
    /// The corpus.
    pub corpus: Corpus,
    /// The tokens to predict.
    pub set: TestSet,
    /// Minimal pairs, where there are any.
    pub minimal_pairs: Option<Vec<MinimalPair>>,
    /// Tests of word vectors.
    pub word_tests: Vec<WordTest>,
    /// Sentences to translate.
    pub sentences: Vec<SentencePair>,
    /// How translations are compared.
    pub bleu: BleuSettings,
    /// Dialogues to take part in.
    pub dialogues: Vec<Dialogue>,
    /// Who knows whether a reply makes sense.
    pub judge: Option<Box<dyn Judge>>,
    /// Seed of everything that is drawn.
    pub seed: u64,
}

impl Questions {
    /// Those of a corpus' split. Dialogues are read only if `tracks` has conversation.
    ///
    /// # Errors
    /// Whatever the corpus refuses.
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
        Ok(Questions {
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

    /// How a model is evaluated by dialogues: it sees so many of the last turns; an oracle sees all.
    pub fn conversation_protocol(&self, role: EraRole, turns: usize) -> ConversationProtocol<'_> {
        let judge = self.judge.as_deref();
        ConversationProtocol::for_role(role, turns, judge)
    }
}

/// What a run has to ask by.
#[derive(Debug, Clone, Copy)]
pub struct Tests<'a> {
    /// The corpus.
    pub corpus: &'a Corpus,
    /// Whether there are minimal pairs.
    pub minimal_pairs: bool,
    /// Whether there are tests of word vectors.
    pub word_tests: bool,
}

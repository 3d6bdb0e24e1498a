//! The translation track: BLEU, chrF, the evaluation of translators, and two baselines.
//!
//! | module | holds |
//! |---|---|
//! | `text`, `tokenizer` | words and phrases as sacreBLEU sees them; its tokenizer 13a |
//! | `bleu`, `chrf` | the metrics |
//! | `pairs` | sentences of a prepared corpus |
//! | `judge`, `evaluation` | the evaluation of a translator and its record |
//! | `baselines` | copying the source |
//! | `dictionary`, `model1` | word by word; the dictionary learnt by IBM Model 1 |

mod baselines;
mod bleu;
mod chrf;
mod dictionary;
mod evaluation;
mod judge;
mod model1;
mod pairs;
mod text;
mod tokenizer;

pub use baselines::CopySource;
pub use bleu::{Bleu, BleuCase, BleuSettings, BleuTokenizer, bleu, bleu_with};
pub use chrf::chrf;
pub use dictionary::WordByWord;
pub use evaluation::{
    LengthBucket, TranslationEvaluation, TranslationExample, TranslationRecord, TranslationRow,
};
pub use judge::{SentencePair, Translated, judge_translation};
pub use model1::{DictionaryConfig, NullWord};
pub use tokenizer::tokenize_13a;

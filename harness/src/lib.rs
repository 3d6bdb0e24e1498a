//! The harness: the interfaces of eras and models, and the protocol that evaluates them.
//!
//! *The protocol*: every token of a split is predicted exactly once, `<eos>` included, from earlier tokens of the split
//! and nothing later ([`evaluate`]); an audit checks that the output is a distribution and that the two ways of querying a
//! model agree ([`Audit`]). A model that fails gets no perplexity.
//!
//! ```
//! use harness::{Baseline, Protocol, TestSet, evaluate};
//!
//! let set = TestSet { tokens: vec![0, 1, 0, 2], eos: 2, train_counts: vec![2, 1, 1], ..TestSet::default() };
//! let judged = evaluate(&Baseline::unigram(&set.train_counts), &set, Protocol::default())?;
//! let perplexity = judged.evaluation.perplexity.unwrap_or(f64::NAN);
//! assert!((perplexity - 8f64.sqrt()).abs() < 1e-12); // (1/2 · 1/4 · 1/2 · 1/4) ^ (-1/4)
//! # Ok::<(), harness::Error>(())
//! ```
//!
//! | module | holds |
//! |---|---|
//! | `model`, `sampling` | the traits of models; sampling of tokens |
//! | `training`, `budget` | the inputs of an era's `train`, and its progress reports |
//! | `curve_end` | what the end of a learning curve says |
//! | `test_set`, `evaluate`, `audit`, `metrics` | the protocol |
//! | `breakdown`, `compare`, `minimal_pairs` | differences of models by kind of token, their significance; grammar |
//! | `vectors`, `projection` | word vectors: neighbours, analogies, similarity; projection to a plane |
//! | `translation` | BLEU, chrF, evaluation of translators; copying and a dictionary as baselines |
//! | `conversation` | evaluation of responders: perplexity, variety, sensible replies; three baselines |
//! | `era`, `era_list`, `trained_model` | the interface between the program and eras; trained models |
//! | `text_model` | language models with text in and out |
//! | `tracks` | the evaluation of models in each track of a run |
//! | `ancestry` | models that were initialised from other models |
//! | `entry`, `records`, `run`, `model_folder` | the records of runs and models on disk |
//! | `checked` | validation of settings |
//! | `baselines`, `checks`, `claims` | uniform and unigram; properties of every model; experiments that test papers |

mod ablation;
mod ancestry;
mod answers;
mod audit;
mod baselines;
mod borrowed_ideas;
mod breakdown;
mod budget;
mod checked;
pub mod checks;
mod claims;
mod compare;
mod conversation;
mod curve_end;
mod entry;
mod era;
mod era_list;
mod error;
mod evaluate;
mod format;
mod lines;
mod machine;
pub mod metrics;
mod minimal_pairs;
mod model;
mod model_folder;
mod projection;
mod records;
mod run;
mod run_lock;
mod sampling;
mod test_evaluations;
mod test_set;
mod text_model;
mod tracks;
mod trained_model;
mod training;
mod translation;
mod vectors;

pub use ablation::{Ablation, AblationRecord, IdeaLosses};
pub use ancestry::{SOURCE, check_init_from};
pub use audit::Audit;
pub use baselines::{Baseline, Baselines};
pub use borrowed_ideas::{
    BorrowedIdea, IdeaSetting, OptionalIdea, borrowed_ideas, faithful_entry, list_ideas,
};
pub use breakdown::{Breakdown, Cell, breakdowns, cells};
pub use budget::{Budget, parse_count, share_time};
pub use checked::{Check, require};
pub use claims::{
    Claim, Criterion, Decision, Experiment, ExperimentContext, Finding, FindingRecord, Judgement,
    LEVEL as SIGNIFICANCE_LEVEL, Repetition, Scale, Side, Verdict, judge, reproduce,
};
pub use compare::{Comparison, compare};
pub use conversation::{
    ConversationEvaluation, ConversationExample, ConversationOutcome, ConversationProtocol,
    ConversationRecord, ConversationRow, Dialogue, FixedReply, LanguageModelResponder, PARAPHRASES,
    Prompt, Retrieval, TURNS_SHOWN, Turn, TurnsPerplexity, Variety, judge_conversation,
};
pub use curve_end::CurveEnd;
pub use entry::{EntryId, EraRole, Track};
pub use era::{
    Adaptation, Effort, Entry, Era, NoSettings, RunSize, config_table, estimate_seconds,
    read_config, require_suited,
};
pub use era_list::{EraList, Opened};
pub use error::{Error, Result};
pub use evaluate::{Accuracy, Evaluated, Evaluation, Protocol, evaluate};
pub use machine::{available_memory, peak_memory, reset_peak_memory, usable_cores};
pub use minimal_pairs::{MinimalPairsResult, judge_minimal_pairs};
pub use model::{
    Ending, Generator, Judge, LanguageModel, Precision, Responder, Translator, WordVectors,
    check_ids,
};
pub use model_folder::{FORMAT as MODEL_FORMAT, ModelCard, ModelFile};
pub use projection::{Projection, principal_components};
pub use records::{
    AncestorRecord, BreakdownRow, CorpusRecord, Cost, CostRow, EntryRecord, EraEntryRecord,
    EraRecord, FORMAT as RECORD_FORMAT, Machine, ResultRow, RunRecord, Sample, SampledToken,
    ScalingRow, TrackResult, WordsEvaluation, WordsRecord, WordsRow,
};
pub use run::{EntryFolder, Run, State, read_csv, read_entry_records, read_run_record};
pub use run_lock::is_running;
pub use sampling::{Sampler, Sampling, sampler};
pub use test_evaluations::TestEvaluations;
pub use test_set::TestSet;
pub use text_model::{TextModel, TextScore};
pub use tracks::{
    Learned, Questions, Subject, Tests, TextTable, TrackEvaluator, Trained, evaluator, evaluators,
    failed_audit, minimal_pairs_sentence, thousands, training_notes,
};
pub use trained_model::Model;
pub use training::{
    CHECKPOINT_EVERY, CurvePoint, Progress, Silent, Training, TrainingTotals, VALIDATION_SAMPLE,
    VALIDATION_TOKENS,
};
pub use translation::{
    Bleu, BleuCase, BleuSettings, BleuTokenizer, CopySource, DictionaryConfig, LengthBucket,
    NullWord, SentencePair, Translated, TranslationEvaluation, TranslationExample,
    TranslationRecord, TranslationRow, WordByWord, bleu, bleu_with, chrf, judge_translation,
    tokenize_13a,
};
pub use vectors::{
    AnalogiesResult, AnalogySection, MOST_FREQUENT, SectionResult, SimilarityPair,
    SimilarityResult, Tally, UnknownWords, Vectors, WordAnswers, WordPlane, WordQuestions,
    WordTest, WordTestResult, judge_analogies, judge_similarity, read_analogies, read_similarity,
    spearman,
};

//! The records of a run, which are all that `reports` reads.

mod entry;
mod rows;
mod run;

pub use entry::{
    AncestorRecord, Cost, EntryRecord, Sample, SampledToken, TrackResult, WordsEvaluation,
    WordsRecord,
};
pub use rows::{BreakdownRow, CostRow, ResultRow, ScalingRow, WordsRow};
pub use run::{CorpusRecord, EraEntryRecord, EraRecord, Machine, RunRecord};

/// Version of the records; another one is refused. Version 1 is that of Eras 0.1.
pub const FORMAT: u32 = 3;

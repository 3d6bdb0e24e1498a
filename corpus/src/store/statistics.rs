//! Statistics of a prepared corpus.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::split::Split;
use crate::store::prepared::Corpus;
use crate::store::record::SplitRecord;
use crate::store::text::Text;

/// Statistics of a prepared corpus.
#[derive(Debug, Clone, Serialize)]
pub struct Statistics {
    /// The corpus' name.
    pub name: String,
    /// Where the text came from.
    pub source: String,
    /// Its licence, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Its tokenizer.
    pub tokenizer: String,
    /// V.
    pub vocabulary: usize,
    /// Distinct tokens in `train` before any limit.
    pub types_in_train: u64,
    /// Distinct tokens divided by tokens of `train`.
    pub type_token_ratio: f64,
    /// The splits.
    pub splits: BTreeMap<Split, SplitStatistics>,
    /// The most frequent tokens of `train` with their counts.
    pub most_frequent: Vec<(String, u64)>,
    /// The beginning of `train`.
    pub sample: String,
    /// Counts in `train` by rank, from the most frequent; words that do not occur are left out.
    #[serde(skip)]
    pub counts_by_rank: Vec<u64>,
}

/// Statistics of a split.
#[derive(Debug, Clone, Serialize)]
pub struct SplitStatistics {
    /// As recorded.
    #[serde(flatten)]
    pub record: SplitRecord,
    /// Share of tokens that became `<unk>` because they are not in the vocabulary.
    pub oov_rate: f64,
}

impl Statistics {
    /// Computes the statistics of a corpus, with its `top` most frequent tokens.
    ///
    /// # Errors
    /// Any error of reading it.
    pub fn of(corpus: &Corpus, top: usize) -> Result<Statistics> {
        let train = corpus.split(Split::Train)?;
        let counts = train.counts(corpus.vocab().len());
        let mut ranked: Vec<(usize, u64)> = counts
            .into_iter()
            .enumerate()
            .filter(|&(_, count)| count > 0)
            .collect();
        ranked.sort_by_key(|&(id, count)| (std::cmp::Reverse(count), id));
        let token = |id: usize| corpus.vocab().token(id as u32).to_owned();
        let record = &corpus.record;
        let splits = record.splits.iter().map(|(&split, record)| {
            let oov_rate = record.out_of_vocabulary as f64 / record.tokens.max(1) as f64;
            (
                split,
                SplitStatistics {
                    record: record.clone(),
                    oov_rate,
                },
            )
        });
        Ok(Statistics {
            name: record.name.clone(),
            source: record.source.clone(),
            licence: record.licence.clone(),
            tokenizer: record.settings.tokenizer_name(),
            vocabulary: record.vocabulary.size,
            types_in_train: record.vocabulary.types_in_train,
            type_token_ratio: record.vocabulary.types_in_train as f64 / train.len().max(1) as f64,
            splits: splits.collect(),
            most_frequent: ranked
                .iter()
                .take(top)
                .map(|&(id, count)| (token(id), count))
                .collect(),
            sample: sample(corpus)?,
            counts_by_rank: ranked.into_iter().map(|(_, count)| count).collect(),
        })
    }
}

fn sample(corpus: &Corpus) -> Result<String> {
    const BYTES: u64 = 600;
    let mut text = Vec::new();
    let file = corpus.text(Split::Train)?;
    let path = corpus.folder().join("train.text");
    file.take(BYTES)
        .read_to_end(&mut text)
        .map_err(Error::io("read", &path))?;
    let text = String::from_utf8_lossy(&text);
    let whole_lines = text.rfind('\n').filter(|_| text.len() as u64 >= BYTES);
    Ok(whole_lines
        .map_or(&*text, |end| &text[..end])
        .trim()
        .to_owned())
}

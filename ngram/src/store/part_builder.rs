//! Building a part of the store from sorted n-grams: a node is written once all its followers are complete.

use std::io::{self, Write};

use rustc_hash::FxHashMap;

use super::{Levels, NgramStatistics, PayloadKind};
use crate::count::{Packing, Rank, Records};
use crate::fst::{Edge, LEAF, Writer};
use crate::word_code::{Codeword, WordCode};

/// What the builders of all parts share.
#[derive(Debug)]
pub(crate) struct BuildContext<'a> {
    pub(crate) code: &'a WordCode,
    pub(crate) packing: Packing,
    /// The word of each rank, beginning with rank 1.
    pub(crate) words: &'a [u32],
    pub(crate) payloads: PayloadKind,
    /// Minimum count of stored n-grams, by order.
    pub(crate) cutoffs: &'a [u64],
    pub(crate) levels: Levels<'a>,
    /// The given payloads or counts to which record values are indices; empty if record values are counts of a text, where the count
    /// of an n-gram is the sum of those of the longest n-grams that begin with it.
    pub(crate) values: &'a [u64],
    /// Rank of `<s>`.
    pub(crate) bos: Option<Rank>,
}

/// An n-gram whose followers are still being read.
#[derive(Debug, Default)]
struct OpenNgram {
    /// Its last word.
    rank: Rank,
    statistics: NgramStatistics,
    count: u64,
    /// The explicit payload, if it was given.
    value: Option<u64>,
    /// Number of stored followers.
    kept: usize,
    edges: Vec<Edge>,
    /// The latest followers, whose codes have the same first byte.
    pending: Vec<Follower>,
}

/// A stored n-gram as a follower of its context.
#[derive(Debug, Clone, Copy)]
struct Follower {
    code: Codeword,
    payload: u64,
    target: u64,
}

/// A stored unigram.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unigram {
    pub(crate) rank: Rank,
    pub(crate) payload: u64,
    /// Address of its node within the part.
    pub(crate) target: u64,
}

/// Statistics of all n-grams, for the header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BuildStatistics {
    /// Number of stored n-grams of each order.
    pub(crate) ngrams: Vec<u64>,
    /// Number of n-grams of each order with the (continuation) count 1, 2, 3 and 4.
    pub(crate) counts_of_counts: Vec<[u64; 4]>,
    /// The statistics of the empty context.
    pub(crate) root: NgramStatistics,
}

impl BuildStatistics {
    pub(crate) fn new(order: usize) -> BuildStatistics {
        BuildStatistics {
            ngrams: vec![0; order],
            counts_of_counts: vec![[0; 4]; order],
            root: NgramStatistics::default(),
        }
    }

    pub(crate) fn add(&mut self, other: &BuildStatistics) {
        for (sum, ngrams) in self.ngrams.iter_mut().zip(&other.ngrams) {
            *sum += ngrams;
        }
        for (sums, counts) in self
            .counts_of_counts
            .iter_mut()
            .zip(&other.counts_of_counts)
        {
            sums.iter_mut()
                .zip(counts)
                .for_each(|(sum, count)| *sum += count);
        }
        self.root.add(&other.root);
    }
}

/// The builder of a part: the n-grams whose first word is in a range.
pub(crate) struct PartBuilder<'a, W> {
    context: &'a BuildContext<'a>,
    writer: Writer<W>,
    /// The empty n-gram, the current unigram, the current bigram, …; the first `open` + 1 are in use.
    path: Vec<OpenNgram>,
    open: usize,
    /// The index of each entry of `statistics_table`.
    statistics_index: FxHashMap<NgramStatistics, u64>,
    pub(crate) statistics_table: Vec<NgramStatistics>,
    pub(crate) unigrams: Vec<Unigram>,
    pub(crate) statistics: BuildStatistics,
}

/// Why a part cannot be built.
#[derive(Debug)]
pub(crate) enum BuildError {
    Io(io::Error),
    /// An n-gram has followers, but is itself missing.
    NoContext(Vec<Rank>),
}

impl From<io::Error> for BuildError {
    fn from(error: io::Error) -> BuildError {
        BuildError::Io(error)
    }
}

impl<'a, W: Write> PartBuilder<'a, W> {
    pub(crate) fn new(context: &'a BuildContext<'a>, to: W) -> PartBuilder<'a, W> {
        let order = context.packing.order;
        let mut builder = PartBuilder {
            context,
            writer: Writer::part(to),
            path: (0..order).map(|_| OpenNgram::default()).collect(),
            open: 0,
            statistics_index: FxHashMap::default(),
            statistics_table: Vec::new(),
            unigrams: Vec::new(),
            statistics: BuildStatistics::new(order),
        };
        if context.payloads == PayloadKind::KneserNey {
            // PayloadKind of 0 cost nothing, and most n-grams occur once.
            builder.intern_statistics(NgramStatistics::SINGLETON);
        }
        builder
    }

    /// Adds sorted n-grams, of counted text those of the highest order. `continuations` gives the continuation count of an n-gram
    /// if it differs from its count.
    pub(crate) fn add_all(
        &mut self,
        mut records: Records<'_>,
        mut continuations: Records<'_>,
    ) -> Result<(), BuildError> {
        let (mut ranks, mut previous) = (Vec::new(), Vec::new());
        let mut continuation = continuations.next()?;
        while let Some((key, value)) = records.next()? {
            let values = self.context.values;
            let value = match values {
                [] => value,
                values => values[value as usize],
            };
            std::mem::swap(&mut ranks, &mut previous);
            self.context.packing.unpack(key, &mut ranks);
            let same = ranks
                .iter()
                .zip(&previous)
                .take_while(|(a, b)| a == b)
                .count();
            let inner = ranks.len().min(self.path.len() - 1);
            self.close_to(same.min(inner))?;
            for position in self.open..inner {
                self.open_ngram(ranks[position]);
                let prefix = self
                    .context
                    .packing
                    .pack(ranks[..=position].iter().copied());
                while continuation.is_some_and(|(other, _)| other < prefix) {
                    continuation = continuations.next()?;
                }
                if let Some((other, distinct)) = continuation
                    && other == prefix
                {
                    self.path[position + 1].statistics.continuation = distinct as u32;
                }
            }
            match self.context.payloads {
                PayloadKind::Backoff if ranks.len() == inner => {
                    self.path[inner].value = Some(value);
                }
                PayloadKind::Backoff => {}
                _ if !values.is_empty() => {
                    if ranks.len() == inner {
                        self.path[inner].count = value;
                    }
                }
                _ => self.path[1..=inner]
                    .iter_mut()
                    .for_each(|ngram| ngram.count += value),
            }
            if ranks.len() > inner {
                self.leaf(ranks[inner], value)?;
            }
        }
        self.close_to(0)?;
        Ok(())
    }

    /// Ends the part.
    pub(crate) fn finish(mut self) -> io::Result<(FinishedPart<W>, crate::fst::Part)> {
        self.statistics.root = self.path[0].statistics;
        let (sink, part) = self.writer.finish_part()?;
        let finished = FinishedPart {
            sink,
            unigrams: self.unigrams,
            statistics_table: self.statistics_table,
            statistics: self.statistics,
        };
        Ok((finished, part))
    }

    fn open_ngram(&mut self, rank: Rank) {
        self.open += 1;
        let ngram = &mut self.path[self.open];
        ngram.rank = rank;
        ngram.statistics = NgramStatistics::default();
        (ngram.count, ngram.value, ngram.kept) = (0, None, 0);
        ngram.edges.clear();
        ngram.pending.clear();
    }

    fn close_to(&mut self, open: usize) -> Result<(), BuildError> {
        while self.open > open {
            self.close()?;
        }
        Ok(())
    }

    /// Ends the longest open n-gram: writes its node and adds it to its context.
    fn close(&mut self) -> Result<(), BuildError> {
        let order = self.open;
        let mut ngram = std::mem::take(&mut self.path[order]);
        let (rank, payload) = (ngram.rank, self.payload(&mut ngram, order)?);
        let kept =
            ngram.count >= self.cutoff(order) || self.context.payloads == PayloadKind::Backoff;
        let continuation = ngram.statistics.continuation;
        let target = if kept {
            self.flush(&mut ngram)?;
            if let ([edge], 1, PayloadKind::Counts) =
                (&mut ngram.edges[..], ngram.kept, self.context.payloads)
            {
                // Counts of other programs may be larger for a follower than for its context.
                edge.output = payload.wrapping_sub(edge.output);
            }
            if ngram.edges.is_empty() {
                self.writer.count_key();
            }
            self.writer.node(&ngram.edges)?
        } else {
            LEAF
        };
        self.path[order] = ngram;
        self.open -= 1;
        self.add_follower(order, rank, continuation, kept.then_some((payload, target)))
    }

    /// Adds an n-gram of the highest order.
    fn leaf(&mut self, rank: Rank, value: u64) -> Result<(), BuildError> {
        let order = self.path.len();
        let (kept, payload) = match self.context.payloads {
            PayloadKind::Backoff => (true, value),
            _ => (
                value >= self.cutoff(order),
                self.context.levels.index(value),
            ),
        };
        if kept {
            self.writer.count_key();
        }
        let count = u32::try_from(value).unwrap_or(u32::MAX);
        self.add_follower(order, rank, count, kept.then_some((payload, LEAF)))
    }

    /// Adds an n-gram to its context; `kept` is its payload and node address if it is stored.
    fn add_follower(
        &mut self,
        order: usize,
        rank: Rank,
        continuation: u32,
        stored: Option<(u64, u64)>,
    ) -> Result<(), BuildError> {
        let counted = self.context.payloads != PayloadKind::Backoff;
        let predicted = counted && (order > 1 || Some(rank) != self.context.bos);
        if let Some(counts) = self.statistics.counts_of_counts[order - 1]
            .get_mut((continuation as usize).wrapping_sub(1))
            && predicted
        {
            *counts += 1;
        }
        let context = &mut self.path[self.open];
        if predicted {
            let rounded = self.context.levels.round(continuation);
            context.statistics.count_follower(rounded, stored.is_some());
        }
        let Some((payload, target)) = stored else {
            return Ok(());
        };
        self.statistics.ngrams[order - 1] += 1;
        if order == 1 {
            self.unigrams.push(Unigram {
                rank,
                payload,
                target,
            });
            return Ok(());
        }
        context.kept += 1;
        let code = self
            .context
            .code
            .encode(self.context.words[rank as usize - 1]);
        let is_other = |last: &Follower| last.code.as_slice()[0] != code.as_slice()[0];
        if context.pending.last().is_some_and(is_other) {
            let mut ngram = std::mem::take(&mut self.path[self.open]);
            self.flush(&mut ngram)?;
            self.path[self.open] = ngram;
        }
        self.path[self.open].pending.push(Follower {
            code,
            payload,
            target,
        });
        Ok(())
    }

    fn cutoff(&self, order: usize) -> u64 {
        self.context.cutoffs.get(order - 1).copied().unwrap_or(1)
    }

    /// The payload of an n-gram below the highest order.
    fn payload(&mut self, ngram: &mut OpenNgram, order: usize) -> Result<u64, BuildError> {
        if ngram.statistics.continuation == 0 {
            ngram.statistics.continuation = u32::try_from(ngram.count).unwrap_or(u32::MAX);
        }
        let continuation = self.context.levels.round(ngram.statistics.continuation);
        match self.context.payloads {
            PayloadKind::Counts => Ok(self.context.levels.index(ngram.count)),
            PayloadKind::Backoff => ngram.value.ok_or_else(|| {
                BuildError::NoContext(
                    self.path[1..order]
                        .iter()
                        .map(|ngram| ngram.rank)
                        .chain([ngram.rank])
                        .collect(),
                )
            }),
            PayloadKind::KneserNey if ngram.kept == 0 => {
                // Without followers, only its own count matters.
                Ok(self.intern_statistics(match continuation {
                    1 => NgramStatistics::SINGLETON,
                    continuation => NgramStatistics {
                        continuation,
                        ..NgramStatistics::default()
                    },
                }))
            }
            PayloadKind::KneserNey => Ok(self.intern_statistics(NgramStatistics {
                continuation,
                ..ngram.statistics
            })),
        }
    }

    fn intern_statistics(&mut self, statistics: NgramStatistics) -> u64 {
        *self.statistics_index.entry(statistics).or_insert_with(|| {
            self.statistics_table.push(statistics);
            self.statistics_table.len() as u64 - 1
        })
    }

    fn flush(&mut self, ngram: &mut OpenNgram) -> Result<(), BuildError> {
        write_pending(&mut self.writer, &mut ngram.pending, &mut ngram.edges)?;
        Ok(())
    }
}

/// A finished part: its bytes and its contribution to the root and the header.
pub(crate) struct FinishedPart<W> {
    pub(crate) sink: W,
    pub(crate) unigrams: Vec<Unigram>,
    pub(crate) statistics_table: Vec<NgramStatistics>,
    pub(crate) statistics: BuildStatistics,
}

/// Writes the nodes within the codes of the pending followers, which share a first byte, and adds the edge to them.
fn write_pending<W: Write>(
    writer: &mut Writer<W>,
    pending: &mut Vec<Follower>,
    edges: &mut Vec<Edge>,
) -> io::Result<()> {
    if let Some(first) = pending.first() {
        let input = first.code.as_slice()[0];
        let (output, target) = write_code_nodes(writer, pending, 1)?;
        edges.push(Edge {
            input,
            output,
            target,
        });
        pending.clear();
    }
    Ok(())
}

/// Writes the nodes for all code bytes from `depth` on; returns the output and the target of the edge to them. The payload becomes
/// the output of the first edge that belongs to this word only.
fn write_code_nodes<W: Write>(
    writer: &mut Writer<W>,
    followers: &[Follower],
    depth: usize,
) -> io::Result<(u64, u64)> {
    if let [follower] = followers {
        let mut target = follower.target;
        for &input in follower.code.as_slice()[depth..].iter().rev() {
            target = writer.node(&[Edge {
                input,
                output: 0,
                target,
            }])?;
        }
        return Ok((follower.payload, target));
    }
    let mut edges = Vec::new();
    for group in followers.chunk_by(|a, b| a.code.as_slice()[depth] == b.code.as_slice()[depth]) {
        let (output, target) = write_code_nodes(writer, group, depth + 1)?;
        edges.push(Edge {
            input: group[0].code.as_slice()[depth],
            output,
            target,
        });
    }
    Ok((0, writer.node(&edges)?))
}

/// Writes the root above all parts; returns its address.
pub(crate) fn write_root<W: Write>(
    context: &BuildContext<'_>,
    writer: &mut Writer<W>,
    unigrams: &[Unigram],
) -> io::Result<u64> {
    let (mut pending, mut edges): (Vec<Follower>, _) = (Vec::new(), Vec::new());
    for unigram in unigrams {
        let code = context
            .code
            .encode(context.words[unigram.rank as usize - 1]);
        if pending
            .last()
            .is_some_and(|last| last.code.as_slice()[0] != code.as_slice()[0])
        {
            write_pending(writer, &mut pending, &mut edges)?;
        }
        pending.push(Follower {
            code,
            payload: unigram.payload,
            target: unigram.target,
        });
    }
    write_pending(writer, &mut pending, &mut edges)?;
    if edges.is_empty() {
        return Err(io::Error::other("there is no n-gram to store"));
    }
    writer.node(&edges)
}

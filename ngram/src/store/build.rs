//! Building the store from n-grams in order: nodes are written when nothing more can come below them.

use std::io::{self, Write};

use rustc_hash::FxHashMap;

use super::{Levels, Payloads, Row};
use crate::code::{Bytes, Code};
use crate::count::{Packing, Rank, Records};
use crate::fst::{Edge, LEAF, Writer};

/// What every part of a store is built with.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) code: &'a Code,
    pub(crate) packing: Packing,
    /// The word of each rank, the first for rank 1.
    pub(crate) words: &'a [u32],
    pub(crate) payloads: Payloads,
    /// Fewest occurrences of n-grams that are kept, by order.
    pub(crate) cutoffs: &'a [u64],
    pub(crate) levels: Levels<'a>,
    /// What explicit records stand for.
    pub(crate) values: &'a [u64],
    /// Rank of the word that stands before sentences.
    pub(crate) bos: Option<Rank>,
}

/// An n-gram below which there may still be more.
#[derive(Debug, Default)]
struct Level {
    rank: Rank,
    row: Row,
    count: u64,
    /// What was given explicitly.
    value: Option<u64>,
    /// Followers that are kept.
    kept: usize,
    edges: Vec<Edge>,
    /// Followers whose codes have the same first byte, the last so far.
    pending: Vec<Child>,
}

#[derive(Debug, Clone, Copy)]
struct Child {
    code: Bytes,
    payload: u64,
    target: u64,
}

/// A word at the root of the store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unigram {
    pub(crate) rank: Rank,
    pub(crate) payload: u64,
    /// Address within its part.
    pub(crate) target: u64,
}

/// What was seen of the n-grams of each order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Number of n-grams that were kept.
    pub(crate) ngrams: Vec<u64>,
    /// Number of n-grams whose (continuation) count is 1, 2, 3 and 4.
    pub(crate) counts_of_counts: Vec<[u64; 4]>,
    /// Of the empty context.
    pub(crate) root: Row,
}

impl Seen {
    pub(crate) fn new(order: usize) -> Seen {
        Seen {
            ngrams: vec![0; order],
            counts_of_counts: vec![[0; 4]; order],
            root: Row::default(),
        }
    }

    pub(crate) fn add(&mut self, other: &Seen) {
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

/// The n-grams that begin with some of the words.
pub(crate) struct PartBuilder<'a, W> {
    plan: &'a Plan<'a>,
    writer: Writer<W>,
    levels: Vec<Level>,
    /// Levels that are open, the root not counted.
    open: usize,
    rows: FxHashMap<Row, u64>,
    pub(crate) row_table: Vec<Row>,
    pub(crate) unigrams: Vec<Unigram>,
    pub(crate) seen: Seen,
}

/// What is wrong with what is built.
#[derive(Debug)]
pub(crate) enum Fault {
    Io(io::Error),
    /// An n-gram that continues one that is not there.
    NoContext(Vec<Rank>),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

impl<'a, W: Write> PartBuilder<'a, W> {
    pub(crate) fn new(plan: &'a Plan<'a>, to: W) -> PartBuilder<'a, W> {
        let order = plan.packing.order;
        let mut builder = PartBuilder {
            plan,
            writer: Writer::part(to),
            levels: (0..order).map(|_| Level::default()).collect(),
            open: 0,
            rows: FxHashMap::default(),
            row_table: Vec::new(),
            unigrams: Vec::new(),
            seen: Seen::new(order),
        };
        if plan.payloads == Payloads::Rows {
            // Payloads of 0 cost nothing, and most n-grams were seen once.
            builder.row(Row::ONCE);
        }
        builder
    }

    /// Adds n-grams in order. Of counted text these are the longest ones; `continuations` tells how many different
    /// words stand before an n-gram, where that is not its count.
    pub(crate) fn add_all(
        &mut self,
        mut records: Records<'_>,
        mut continuations: Records<'_>,
    ) -> Result<(), Fault> {
        let (mut ranks, mut before) = (Vec::new(), Vec::new());
        let mut continuation = continuations.next()?;
        while let Some((key, value)) = records.next()? {
            let value = match self.plan.payloads {
                Payloads::Explicit => self.plan.values[value as usize],
                _ => value,
            };
            std::mem::swap(&mut ranks, &mut before);
            self.plan.packing.unpack(key, &mut ranks);
            let same = ranks
                .iter()
                .zip(&before)
                .take_while(|(a, b)| a == b)
                .count();
            let inner = ranks.len().min(self.levels.len() - 1);
            self.close_to(same.min(inner))?;
            for place in self.open..inner {
                self.open_level(ranks[place]);
                let prefix = self.plan.packing.pack(ranks[..=place].iter().copied());
                while continuation.is_some_and(|(other, _)| other < prefix) {
                    continuation = continuations.next()?;
                }
                if let Some((other, distinct)) = continuation
                    && other == prefix
                {
                    self.levels[place + 1].row.continuation = distinct as u32;
                }
            }
            match self.plan.payloads {
                Payloads::Explicit if ranks.len() == inner => {
                    self.levels[inner].value = Some(value);
                }
                Payloads::Explicit => {}
                _ => self.levels[1..=inner]
                    .iter_mut()
                    .for_each(|level| level.count += value),
            }
            if ranks.len() > inner {
                self.leaf(ranks[inner], value)?;
            }
        }
        self.close_to(0)?;
        Ok(())
    }

    /// Ends the part.
    pub(crate) fn finish(mut self) -> io::Result<(Finished<W>, crate::fst::Part)> {
        self.seen.root = self.levels[0].row;
        let (sink, part) = self.writer.finish_part()?;
        let finished = Finished {
            sink,
            unigrams: self.unigrams,
            row_table: self.row_table,
            seen: self.seen,
        };
        Ok((finished, part))
    }

    fn open_level(&mut self, rank: Rank) {
        self.open += 1;
        let level = &mut self.levels[self.open];
        level.rank = rank;
        level.row = Row::default();
        (level.count, level.value, level.kept) = (0, None, 0);
        level.edges.clear();
        level.pending.clear();
    }

    fn close_to(&mut self, open: usize) -> Result<(), Fault> {
        while self.open > open {
            self.close()?;
        }
        Ok(())
    }

    /// Ends the deepest open n-gram: writes its node and tells its context of it.
    fn close(&mut self) -> Result<(), Fault> {
        let order = self.open;
        let mut level = std::mem::take(&mut self.levels[order]);
        let (rank, payload) = (level.rank, self.payload(&mut level, order)?);
        let kept = level.count >= self.cutoff(order) || self.plan.payloads == Payloads::Explicit;
        let continuation = level.row.continuation;
        let target = if kept {
            self.flush(&mut level)?;
            if let ([edge], 1, Payloads::Counts) =
                (&mut level.edges[..], level.kept, self.plan.payloads)
            {
                edge.output = payload - edge.output;
            }
            if level.edges.is_empty() {
                self.writer.count_key();
            }
            self.writer.node(&level.edges)?
        } else {
            LEAF
        };
        self.levels[order] = level;
        self.open -= 1;
        self.child(order, rank, continuation, kept.then_some((payload, target)))
    }

    /// An n-gram of the highest order.
    fn leaf(&mut self, rank: Rank, value: u64) -> Result<(), Fault> {
        let order = self.levels.len();
        let (kept, payload) = match self.plan.payloads {
            Payloads::Explicit => (true, value),
            _ => (value >= self.cutoff(order), self.plan.levels.index(value)),
        };
        if kept {
            self.writer.count_key();
        }
        self.child(order, rank, value as u32, kept.then_some((payload, LEAF)))
    }

    /// Tells a context of an n-gram that continues it.
    fn child(
        &mut self,
        order: usize,
        rank: Rank,
        continuation: u32,
        kept: Option<(u64, u64)>,
    ) -> Result<(), Fault> {
        let counted = self.plan.payloads != Payloads::Explicit;
        let predicted = counted && (order > 1 || Some(rank) != self.plan.bos);
        if let Some(counts) =
            self.seen.counts_of_counts[order - 1].get_mut((continuation as usize).wrapping_sub(1))
            && predicted
        {
            *counts += 1;
        }
        let context = &mut self.levels[self.open];
        if predicted {
            let rounded = self.plan.levels.round(continuation);
            context.row.count_follower(rounded, kept.is_some());
        }
        let Some((payload, target)) = kept else {
            return Ok(());
        };
        self.seen.ngrams[order - 1] += 1;
        if order == 1 {
            self.unigrams.push(Unigram {
                rank,
                payload,
                target,
            });
            return Ok(());
        }
        context.kept += 1;
        let code = self.plan.code.encode(self.plan.words[rank as usize - 1]);
        let is_other = |last: &Child| last.code.as_slice()[0] != code.as_slice()[0];
        if context.pending.last().is_some_and(is_other) {
            let mut level = std::mem::take(&mut self.levels[self.open]);
            self.flush(&mut level)?;
            self.levels[self.open] = level;
        }
        self.levels[self.open].pending.push(Child {
            code,
            payload,
            target,
        });
        Ok(())
    }

    fn cutoff(&self, order: usize) -> u64 {
        self.plan.cutoffs.get(order - 1).copied().unwrap_or(1)
    }

    /// What is stored of an n-gram that has followers.
    fn payload(&mut self, level: &mut Level, order: usize) -> Result<u64, Fault> {
        if level.row.continuation == 0 {
            level.row.continuation = level.count as u32;
        }
        let continuation = self.plan.levels.round(level.row.continuation);
        match self.plan.payloads {
            Payloads::Counts => Ok(self.plan.levels.index(level.count)),
            Payloads::Explicit => level.value.ok_or_else(|| {
                Fault::NoContext(
                    self.levels[1..order]
                        .iter()
                        .map(|level| level.rank)
                        .chain([level.rank])
                        .collect(),
                )
            }),
            Payloads::Rows if level.kept == 0 => {
                // Nothing follows: all that matters is its own count.
                Ok(self.row(match continuation {
                    1 => Row::ONCE,
                    continuation => Row {
                        continuation,
                        ..Row::default()
                    },
                }))
            }
            Payloads::Rows => Ok(self.row(Row {
                continuation,
                ..level.row
            })),
        }
    }

    fn row(&mut self, row: Row) -> u64 {
        *self.rows.entry(row).or_insert_with(|| {
            self.row_table.push(row);
            self.row_table.len() as u64 - 1
        })
    }

    fn flush(&mut self, level: &mut Level) -> Result<(), Fault> {
        fold_pending(&mut self.writer, &mut level.pending, &mut level.edges)?;
        Ok(())
    }
}

/// A finished part: its bytes, and what the root must know.
pub(crate) struct Finished<W> {
    pub(crate) sink: W,
    pub(crate) unigrams: Vec<Unigram>,
    pub(crate) row_table: Vec<Row>,
    pub(crate) seen: Seen,
}

/// Writes the nodes within the codes of followers that share a first byte; one edge leads to them.
fn fold_pending<W: Write>(
    writer: &mut Writer<W>,
    pending: &mut Vec<Child>,
    edges: &mut Vec<Edge>,
) -> io::Result<()> {
    if let Some(first) = pending.first() {
        let input = first.code.as_slice()[0];
        let (output, target) = fold(writer, pending, 1)?;
        edges.push(Edge {
            input,
            output,
            target,
        });
        pending.clear();
    }
    Ok(())
}

/// The nodes for all bytes from `depth` on. The payload is where the word is alone: as near to the context as can be.
fn fold<W: Write>(
    writer: &mut Writer<W>,
    children: &[Child],
    depth: usize,
) -> io::Result<(u64, u64)> {
    if let [child] = children {
        let mut target = child.target;
        for &input in child.code.as_slice()[depth..].iter().rev() {
            target = writer.node(&[Edge {
                input,
                output: 0,
                target,
            }])?;
        }
        return Ok((child.payload, target));
    }
    let mut edges = Vec::new();
    for group in children.chunk_by(|a, b| a.code.as_slice()[depth] == b.code.as_slice()[depth]) {
        let (output, target) = fold(writer, group, depth + 1)?;
        edges.push(Edge {
            input: group[0].code.as_slice()[depth],
            output,
            target,
        });
    }
    Ok((0, writer.node(&edges)?))
}

/// Writes the root above all parts; its address.
pub(crate) fn write_root<W: Write>(
    plan: &Plan<'_>,
    writer: &mut Writer<W>,
    unigrams: &[Unigram],
) -> io::Result<u64> {
    let (mut pending, mut edges): (Vec<Child>, _) = (Vec::new(), Vec::new());
    for unigram in unigrams {
        let code = plan.code.encode(plan.words[unigram.rank as usize - 1]);
        if pending
            .last()
            .is_some_and(|last| last.code.as_slice()[0] != code.as_slice()[0])
        {
            fold_pending(writer, &mut pending, &mut edges)?;
        }
        pending.push(Child {
            code,
            payload: unigram.payload,
            target: unigram.target,
        });
    }
    fold_pending(writer, &mut pending, &mut edges)?;
    if edges.is_empty() {
        return Err(io::Error::other("there is no n-gram to store"));
    }
    writer.node(&edges)
}

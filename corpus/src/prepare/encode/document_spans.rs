//! Spans of documents and turns in the token stream.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::split::Split;
use crate::store::layout::{LINE_COUNTS, SPEAKERS, split_path};
use crate::store::spans::{Span, SpanWriter};

/// Converts line counts and speakers to spans over tokens.
pub(super) struct DocumentSpans {
    line_counts: PathBuf,
    counts: BufReader<File>,
    lines_left: u32,
    documents: SpanWriter,
    document_start: u64,
    turns: Option<(BufReader<File>, SpanWriter)>,
    line_start: u64,
}

impl DocumentSpans {
    pub(super) fn open(folder: &Path, split: Split) -> Result<DocumentSpans> {
        let line_counts = split_path(folder, split, LINE_COUNTS);
        let counts = File::open(&line_counts).map_err(Error::io("open", &line_counts))?;
        let speakers = split_path(folder, split, SPEAKERS);
        let turns = if speakers.exists() {
            let dialogues = folder.join("dialogues");
            fs::create_dir_all(&dialogues).map_err(Error::io("create", &dialogues))?;
            let file = File::open(&speakers).map_err(Error::io("open", &speakers))?;
            Some((
                BufReader::new(file),
                SpanWriter::create(&split_path(&dialogues, split, "turns"))?,
            ))
        } else {
            None
        };
        Ok(DocumentSpans {
            line_counts,
            counts: BufReader::new(counts),
            lines_left: 0,
            documents: SpanWriter::create(&split_path(folder, split, "documents"))?,
            document_start: 0,
            turns,
            line_start: 0,
        })
    }

    /// Whether the next line ends its document.
    pub(super) fn next_line(&mut self) -> Result<bool> {
        let io = Error::io("read", &self.line_counts);
        if self.lines_left == 0 {
            let mut count = [0; 4];
            self.counts.read_exact(&mut count).map_err(io)?;
            self.lines_left = u32::from_le_bytes(count);
        }
        self.lines_left -= 1;
        Ok(self.lines_left == 0)
    }

    /// Records that a line ends before token `end`, and whether its document ends there too.
    pub(super) fn line(&mut self, end: u64, ends_document: bool) -> Result<()> {
        if ends_document {
            self.documents.push(Span {
                start: self.document_start,
                end,
                label: 0,
            })?;
            self.document_start = end;
        }
        if let Some((speakers, turns)) = &mut self.turns {
            let mut speaker = [0];
            speakers
                .read_exact(&mut speaker)
                .map_err(Error::io("read", &self.line_counts))?;
            turns.push(Span {
                start: self.line_start,
                end,
                label: u32::from(speaker[0]),
            })?;
        }
        self.line_start = end;
        Ok(())
    }

    /// Closes the files; returns the numbers of documents and turns.
    pub(super) fn finish(self) -> Result<(u64, u64)> {
        let turns = self.turns.map_or(Ok(0), |(_, turns)| turns.finish())?;
        Ok((self.documents.finish()?, turns))
    }
}

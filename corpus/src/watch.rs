//! Progress of long operations, and interruption.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// Progress of a preparation or a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The current step.
    pub what: &'static str,
    /// Bytes done in this step.
    pub done: u64,
    /// Bytes to do, where known.
    pub total: Option<u64>,
}

/// Shortest time between two reports to an observer.
const INTERVAL: Duration = Duration::from_millis(50);

/// Reports progress to an observer, which may stop the work.
pub struct Watch<'a> {
    observer: Option<&'a mut dyn FnMut(Step) -> ControlFlow<()>>,
    step: Step,
    last_check: u64,
    last_report: Option<Instant>,
    notes: Vec<String>,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Watch({:?})", self.step)
    }
}

impl<'a> Watch<'a> {
    /// Discards all reports.
    pub fn silent() -> Watch<'static> {
        Watch {
            observer: None,
            step: Step {
                what: "",
                done: 0,
                total: None,
            },
            last_check: 0,
            last_report: None,
            notes: Vec::new(),
        }
    }

    /// Reports to `observer`, which may stop the work.
    pub fn new(observer: &'a mut dyn FnMut(Step) -> ControlFlow<()>) -> Watch<'a> {
        Watch {
            observer: Some(observer),
            ..Watch::silent()
        }
    }

    /// Adds a note: what was decided where there was doubt, or left out.
    pub fn note(&mut self, what: impl Into<String>) {
        self.notes.push(what.into());
    }

    /// The notes since the last call, a sentence each.
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// Adds `bytes` (or other units) done in the step `what`, out of `total` where that is known.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if the observer stops the work.
    pub fn advance(&mut self, what: &'static str, bytes: u64, total: Option<u64>) -> Result<()> {
        if self.step.what != what {
            self.step = Step {
                what,
                done: 0,
                total,
            };
            (self.last_check, self.last_report) = (0, None);
        }
        self.step.done += bytes;
        // The clock is read at most a few times per megabyte, so its cost is negligible.
        if bytes > 0 && self.step.done - self.last_check < 1 << 17 && self.last_report.is_some() {
            return Ok(());
        }
        self.last_check = self.step.done;
        if self
            .last_report
            .is_some_and(|last| last.elapsed() < INTERVAL)
        {
            return Ok(());
        }
        self.last_report = Some(Instant::now());
        let flow = self.observer.as_mut().map(|observer| observer(self.step));
        match flow {
            Some(ControlFlow::Break(())) => Err(Error::Interrupted),
            _ => Ok(()),
        }
    }
}

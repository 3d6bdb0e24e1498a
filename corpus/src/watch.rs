//! Progress of long work, and the wish to stop it.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How far preparation (or a download) has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What is being done.
    pub what: &'static str,
    /// Bytes done in this step.
    pub done: u64,
    /// Bytes to do, where known.
    pub total: Option<u64>,
}

/// How often an observer is told about progress.
const INTERVAL: Duration = Duration::from_millis(50);

/// Tells an observer about progress, and asks whether to go on.
pub struct Watch<'a> {
    observer: Option<&'a mut dyn FnMut(Step) -> ControlFlow<()>>,
    step: Step,
    last_look: u64,
    told: Option<Instant>,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Watch({:?})", self.step)
    }
}

impl<'a> Watch<'a> {
    /// Tells nobody.
    pub fn silent() -> Watch<'static> {
        Watch {
            observer: None,
            step: Step {
                what: "",
                done: 0,
                total: None,
            },
            last_look: 0,
            told: None,
        }
    }

    /// Tells `observer`, which may stop the work.
    pub fn new(observer: &'a mut dyn FnMut(Step) -> ControlFlow<()>) -> Watch<'a> {
        Watch {
            observer: Some(observer),
            ..Watch::silent()
        }
    }

    /// Work of so many bytes (or other units) is done at the step `what`, of so many in all where that is known.
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
            (self.last_look, self.told) = (0, None);
        }
        self.step.done += bytes;
        // The clock is read a few times per megabyte at most: often enough to look alive, too rarely to cost.
        if bytes > 0 && self.step.done - self.last_look < 1 << 17 && self.told.is_some() {
            return Ok(());
        }
        self.last_look = self.step.done;
        if self.told.is_some_and(|told| told.elapsed() < INTERVAL) {
            return Ok(());
        }
        self.told = Some(Instant::now());
        let flow = self.observer.as_mut().map(|observer| observer(self.step));
        match flow {
            Some(ControlFlow::Break(())) => Err(Error::Interrupted),
            _ => Ok(()),
        }
    }
}

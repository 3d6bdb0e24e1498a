//! Progress on the terminal, and Ctrl-C.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use corpus::Step;
use harness::{CurvePoint, Progress};
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{complain, thousands};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// What Ctrl-C does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnInterrupt {
    /// Asks for an orderly end; a second one ends the program at once.
    Tidy,
    /// Ends the program at once: there is nothing to lose.
    Leave,
}

/// From now on Ctrl-C does this.
pub(crate) fn listen_for_interrupts(on_interrupt: OnInterrupt) -> anyhow::Result<()> {
    let handler = move || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) || on_interrupt == OnInterrupt::Leave {
            std::process::exit(130);
        }
    };
    ctrlc::set_handler(handler).context("cannot listen for Ctrl-C")
}

/// Whether to go on.
pub(crate) fn flow() -> ControlFlow<()> {
    match INTERRUPTED.load(Ordering::SeqCst) {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}

/// An error if Ctrl-C was pressed.
pub(crate) fn check() -> anyhow::Result<()> {
    match flow() {
        ControlFlow::Break(()) => Err(harness::Error::Interrupted.into()),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// A bar on standard error; it draws nothing where that is no terminal.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    label: String,
    what: String,
    /// Points of the learning curve that were reported.
    pub(crate) curve: Vec<CurvePoint>,
    tells_points: bool,
}

/// What a bar counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    Tokens,
}

impl Bar {
    /// A bar for a piece of work.
    pub(crate) fn new(label: &str) -> Bar {
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(100));
        Bar {
            bar,
            label: label.to_owned(),
            what: String::new(),
            curve: Vec::new(),
            tells_points: false,
        }
    }

    /// Points of the learning curve are told as they come.
    pub(crate) fn telling_points(mut self) -> Bar {
        self.tells_points = true;
        self
    }

    /// Shows work without a measure.
    pub(crate) fn show(&mut self, what: &str) {
        self.begin(what, None, Unit::Tokens);
    }

    /// Shows a step of the corpus crate; says whether to go on.
    pub(crate) fn step(&mut self, step: Step) -> ControlFlow<()> {
        self.advance(step.what, step.done, step.total, Unit::Bytes)
    }

    fn advance(
        &mut self,
        what: &str,
        done: u64,
        total: Option<u64>,
        unit: Unit,
    ) -> ControlFlow<()> {
        if self.what != what {
            self.begin(what, total, unit);
        }
        self.bar.set_position(done);
        flow()
    }

    fn begin(&mut self, what: &str, total: Option<u64>, unit: Unit) {
        self.what = what.to_owned();
        let template = match (total, unit) {
            (Some(_), Unit::Bytes) => {
                "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left"
            }
            (None, Unit::Bytes) => "{spinner} {msg} {bytes} {bytes_per_sec}",
            (Some(_), Unit::Tokens) => {
                "{msg} {bar:30} {human_pos}/{human_len} {per_sec} {eta} left"
            }
            (None, Unit::Tokens) => "{spinner} {msg} {elapsed}",
        };
        let style = ProgressStyle::with_template(template);
        self.bar
            .set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.reset();
        self.bar.set_message(format!("{}: {what}", self.label));
    }
}

impl Progress for Bar {
    fn point(&mut self, point: &CurvePoint) {
        if self.tells_points {
            self.bar.suspend(|| complain(&shown(point)));
        }
        self.curve.push(point.clone());
    }

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.advance(what, done, total, Unit::Tokens)
    }

    fn note(&mut self, what: &str) {
        self.bar.suspend(|| complain(what));
    }
}

/// A point of a learning curve as a line.
fn shown(point: &CurvePoint) -> String {
    let perplexity = |what: &str, loss: Option<f64>| {
        loss.map_or(String::new(), |loss| {
            format!(", {what} perplexity {:.2}", loss.exp())
        })
    };
    format!(
        "{:.0} s, {} tokens{}{}",
        point.seconds,
        thousands(point.tokens),
        perplexity("training", point.train_loss),
        perplexity("validation", point.valid_log_prob.map(|log_prob| -log_prob)),
    )
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

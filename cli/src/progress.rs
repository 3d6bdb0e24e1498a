//! Progress on the terminal, and Ctrl-C.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyhow::Context;
use corpus::Step;
use harness::{CurvePoint, Progress};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::output::{complain, harmless, thousands};

static INTERRUPTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// What Ctrl-C does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnInterrupt {
    /// Asks for an orderly end; a second one ends the program at once.
    Tidy,
    /// Ends the program at once: there is nothing to lose.
    Leave,
}

/// Installs the reaction to Ctrl-C and to termination signals of the system.
pub(crate) fn listen_for_interrupts(on_interrupt: OnInterrupt) -> anyhow::Result<()> {
    let is_last = match on_interrupt {
        OnInterrupt::Tidy => Arc::clone(&INTERRUPTED),
        OnInterrupt::Leave => Arc::new(AtomicBool::new(true)),
    };
    for signal in endings() {
        // In this order. Exits without destructors: those of libtorch would free memory that a thread still uses.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&is_last))
            .and_then(|_| flag::register(signal, Arc::clone(&INTERRUPTED)))
            .context("cannot listen for Ctrl-C")?;
    }
    Ok(())
}

/// The termination signals: of Ctrl-C, of the system and, unless it is ignored (`nohup`), of a closed terminal.
fn endings() -> Vec<i32> {
    let mut endings = vec![SIGINT, SIGTERM];
    #[cfg(unix)]
    if !ignores_hangup() {
        endings.push(signal_hook::consts::SIGHUP);
    }
    endings
}

#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // One bit per signal; SIGHUP is the first.
    ignored.is_some_and(|mask| mask & 1 == 1)
}

/// Asks for an orderly end when standard input ends: this process works for another, which keeps it open for as long as it lives.
pub(crate) fn interrupt_at_end_of_input() {
    std::thread::spawn(|| {
        // An error is an end as well.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        INTERRUPTED.store(true, Ordering::SeqCst);
    });
}

/// Whether to continue.
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

/// The lines below a growing table: the bar of the current work, and a line about the whole.
/// Both are drawn on a terminal only; rows are lines on standard error.
#[derive(Debug)]
pub(crate) struct StatusLines {
    bars: MultiProgress,
    whole: ProgressBar,
}

impl StatusLines {
    pub(crate) fn new() -> StatusLines {
        let bars = MultiProgress::new();
        let whole = bars.add(ProgressBar::new_spinner());
        whole.set_style(style("{elapsed_precise}{msg}"));
        whole.enable_steady_tick(TICK);
        StatusLines { bars, whole }
    }

    /// Sets the text about the whole, which follows the elapsed time.
    pub(crate) fn describe(&self, whole: String) {
        self.whole.set_message(whole);
    }

    /// Adds a row.
    pub(crate) fn row(&self, row: &str) {
        above(&self.whole, row);
    }

    /// The bar of the current work.
    pub(crate) fn bar(&self, label: &str) -> Bar {
        let bar = ProgressBar::new_spinner();
        Bar::on(self.bars.insert_before(&self.whole, bar), label)
    }
}

impl Drop for StatusLines {
    fn drop(&mut self) {
        self.whole.finish_and_clear();
    }
}

/// Prints a line above the bars, or plainly where none are drawn. A closed terminal is not an error.
fn above(bar: &ProgressBar, line: &str) {
    match bar.is_hidden() {
        true => complain(line),
        false => bar.println(harmless(line)),
    }
}

const TICK: Duration = Duration::from_millis(100);

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// A bar on standard error; it draws nothing if that is not a terminal.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
    label: String,
    what: String,
    /// Perplexity on the validation sample when it was last measured.
    perplexity: Option<f64>,
    /// Points of the learning curve that were reported.
    pub(crate) curve: Vec<CurvePoint>,
    prints_points: bool,
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
        Bar::on(ProgressBar::new_spinner(), label)
    }

    fn on(bar: ProgressBar, label: &str) -> Bar {
        bar.enable_steady_tick(TICK);
        Bar {
            bar,
            label: label.to_owned(),
            what: String::new(),
            perplexity: None,
            curve: Vec::new(),
            prints_points: false,
        }
    }

    /// Prints points of the learning curve as they come.
    pub(crate) fn printing_points(mut self) -> Bar {
        self.prints_points = true;
        self
    }

    /// Shows work whose amount is unknown.
    pub(crate) fn show(&mut self, what: &str) {
        self.begin(what, None, Unit::Tokens);
    }

    /// Shows a step of the corpus crate; returns whether to continue.
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
        self.bar.set_style(style(template));
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
        self.bar.reset();
        self.say();
    }

    fn say(&self) {
        let perplexity = self.perplexity.map_or(String::new(), |perplexity| {
            format!(", perplexity {perplexity:.2} so far")
        });
        self.bar
            .set_message(format!("{}: {}{perplexity}", self.label, self.what));
    }
}

impl Progress for Bar {
    fn point(&mut self, point: &CurvePoint) {
        if self.prints_points {
            above(&self.bar, &shown(point));
        }
        if let Some(log_prob) = point.valid_log_prob {
            self.perplexity = Some((-log_prob).exp());
            self.say();
        }
        self.curve.push(point.clone());
    }

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        self.advance(what, done, total, Unit::Tokens)
    }

    fn note(&mut self, what: &str) {
        above(&self.bar, what);
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

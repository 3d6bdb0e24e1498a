//! The progress of an entry, from its own process to the one that shows it: a line of JSON for each event.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use harness::{CurvePoint, Progress};
use serde::{Deserialize, Serialize};

use crate::output::complain;
use crate::progress::{Bar, flow};

/// Least time between two ticks of the same work.
const INTERVAL: Duration = Duration::from_millis(100);

/// A line on the standard output of an entry's process.
#[derive(Debug, Serialize, Deserialize)]
enum Event {
    Tick {
        what: String,
        done: u64,
        total: Option<u64>,
    },
    Point(CurvePoint),
}

/// Sends progress to the process that has started this one. Notices go to standard error, like all messages.
#[derive(Debug, Default)]
pub(super) struct Relay {
    /// The last work that was sent, and when.
    sent: Option<(String, Instant)>,
}

impl Relay {
    /// A failure is ignored: if nobody listens any more, standard input is closed too, and that ends the work.
    fn send(event: &Event) {
        let mut out = io::stdout().lock();
        let _ = serde_json::to_writer(&mut out, event)
            .map_err(io::Error::from)
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush());
    }

    fn is_due(&self, what: &str) -> bool {
        !matches!(&self.sent, Some((last, at)) if last == what && at.elapsed() < INTERVAL)
    }
}

impl Progress for Relay {
    fn point(&mut self, point: &CurvePoint) {
        Relay::send(&Event::Point(point.clone()));
    }

    fn tick(&mut self, what: &str, done: u64, total: Option<u64>) -> ControlFlow<()> {
        if self.is_due(what) {
            self.sent = Some((what.to_owned(), Instant::now()));
            Relay::send(&Event::Tick {
                what: what.to_owned(),
                done,
                total,
            });
        }
        flow()
    }

    fn note(&mut self, what: &str) {
        complain(what);
    }
}

/// Shows an event on a bar; a line that is none is ignored.
pub(super) fn show(line: &str, bar: &mut Bar) {
    match serde_json::from_str(line) {
        Ok(Event::Tick { what, done, total }) => drop(bar.tick(&what, done, total)),
        Ok(Event::Point(point)) => bar.point(&point),
        Err(_) => {}
    }
}

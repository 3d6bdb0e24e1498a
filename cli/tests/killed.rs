//! A run that is repeatedly killed and resumed produces the same results, byte for byte.
//!
//! The first kill occurs as soon as there is a checkpoint, so that every test resumes from one; the others occur at random
//! times. ERAS_KILLS sets their number (default: 2), ERAS_SEED the seed of the times. bench/reliability/README.md has the
//! figures of a longer test.

#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fixture::{Fixture, printed, read};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Token budget of each entry.
const TOKENS: u64 = 8000;

fn variable(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => default,
    }
}

fn run(fixture: &Fixture, out: &str) -> Command {
    let mut command = fixture.command();
    command.args(["run", "--checkpoint-every", "100ms"]);
    match fixture.path(out).join("run.toml").exists() {
        true => command.args(["--resume", out]),
        false => command
            .args(["--corpus", "village", "--deterministic"])
            .arg(format!("--budget=tokens={TOKENS}"))
            .args(["--out", out]),
    };
    let log = File::create(fixture.path("log")).unwrap();
    command.stdout(Stdio::null()).stderr(log);
    command
}

/// Step and path of the last checkpoint below a folder: only the entry being trained has any.
fn last_checkpoint(folder: &Path) -> Option<(u64, PathBuf)> {
    let entries = fs::read_dir(folder).ok()?;
    let all = entries.filter_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match name.strip_prefix("step-") {
            Some(step) => Some((step.parse().ok()?, path)),
            // Training is finished; its checkpoints are about to be removed.
            None if path.join("curve.csv").exists() => None,
            None => last_checkpoint(&path),
        }
    });
    all.max()
}

/// The step after which training resumed, if the program has reported it.
fn resumed_after(log: &str) -> Option<u64> {
    let (_, rest) = log.split_once("resumed after step ")?;
    rest.lines().next()?.trim().parse().ok()
}

/// Whether a checkpoint is from the middle of training: every training also writes one at its end.
fn is_from_the_middle(checkpoint: &Path) -> bool {
    let state: serde_json::Value =
        serde_json::from_str(&read(&checkpoint.join("state.json"))).unwrap();
    state["tokens"].as_u64().unwrap() < TOKENS
}

/// Waits until there is a checkpoint, or the program has ended without one.
fn await_checkpoint(child: &mut Child, run: &Path) {
    while last_checkpoint(run).is_none() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_run_that_is_repeatedly_killed_produces_the_same_results() {
    let kills = variable("ERAS_KILLS", 2);
    let mut random = ChaCha8Rng::seed_from_u64(variable("ERAS_SEED", 1));
    let fixture = Fixture::village("20k", 100, 2000);
    let start = Instant::now();
    assert!(run(&fixture, "whole").status().unwrap().success());
    let whole = start.elapsed().as_secs_f64();
    let expected = fixture.tables("whole");

    let (mut killed, mut finished) = (0, 0);
    let mut complete = || {
        // Every record and model that is marked as finished is valid.
        let checked = printed(fixture.eras("verify run"));
        assert!(checked.contains("run: "), "{checked}");
        assert_eq!(fixture.tables("run"), expected);
        fs::remove_dir_all(fixture.path("run")).unwrap();
        finished += 1;
    };
    // The step that the next call must resume from, and how often a call did.
    let (mut kept, mut was_kept, mut resumed) = (None, false, 0);
    let mut check = |kept: &mut Option<u64>, has_ended: bool| {
        let log = read(&fixture.path("log"));
        match (kept.take(), resumed_after(&log)) {
            (Some(kept), Some(step)) => {
                assert!(step >= kept, "checkpoint {kept} exists, but: {log}");
                resumed += 1;
            }
            (Some(kept), None) => assert!(!has_ended, "checkpoint {kept} exists, but: {log}"),
            (None, _) => {}
        }
    };
    while killed < kills || !was_kept {
        let mut child = run(&fixture, "run").spawn().unwrap();
        match was_kept {
            false => await_checkpoint(&mut child, &fixture.path("run")),
            true => {
                let wait = whole * random.random_range(0.0..0.5);
                std::thread::sleep(Duration::from_secs_f64(wait));
            }
        }
        match child.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success());
                assert!(was_kept, "no checkpoint was written during training");
                check(&mut kept, true);
                complete();
            }
            None => {
                // SIGKILL cannot be caught.
                child.kill().unwrap();
                child.wait().unwrap();
                killed += 1;
                check(&mut kept, false);
                let last = last_checkpoint(&fixture.path("run"));
                // Unless that training ended before the program was killed.
                was_kept = was_kept
                    || last
                        .as_ref()
                        .is_some_and(|(_, path)| is_from_the_middle(path));
                kept = last.map(|(step, _)| step);
            }
        }
    }
    assert!(run(&fixture, "run").status().unwrap().success());
    check(&mut kept, true);
    complete();
    assert!(resumed > 0, "no training was resumed from a checkpoint");
    println!(
        "{killed} kills, {finished} runs of {whole:.1} s finished, {resumed} resumed from checkpoints"
    );
}

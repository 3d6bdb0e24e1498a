//! A run that is killed at random moments and continued each time comes to the same results, byte for byte.
//!
//! ERAS_KILLS says how often, twice without it; ERAS_SEED when. The figures of a campaign stand in docs/reliability.md.

#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fixture::{Fixture, printed, read};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The tables of a run that say nothing of time.
const TABLES: [&str; 6] = [
    "results.csv",
    "translation.csv",
    "conversation.csv",
    "words.csv",
    "breakdowns.csv",
    "comparisons.csv",
];

fn variable(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => otherwise,
    }
}

fn run(fixture: &Fixture, out: &str) -> Command {
    let mut command = fixture.command();
    command.args(["run", "--checkpoint-every", "100ms"]);
    match fixture.path(out).join("run.toml").exists() {
        true => command.args(["--resume", out]),
        false => command
            .args(["--corpus", "village", "--budget", "tokens=8k"])
            .args(["--deterministic", "--out", out]),
    };
    let told = File::create(fixture.path("told")).unwrap();
    command.stdout(Stdio::null()).stderr(told);
    command
}

/// The step of the last checkpoint in a folder, or in those within it: only what is being trained has one.
fn last_checkpoint(folder: &Path) -> Option<u64> {
    let entries = fs::read_dir(folder).ok()?;
    let steps = entries.filter_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match name.strip_prefix("step-") {
            Some(step) => step.parse().ok(),
            // Trained already; its checkpoints are about to go.
            None if path.join("curve.csv").exists() => None,
            None => last_checkpoint(&path),
        }
    });
    steps.max()
}

/// The step after which a training goes on, if the program has come so far as to tell.
fn goes_on_after(told: &str) -> Option<u64> {
    let (_, rest) = told.split_once("training goes on after step ")?;
    rest.lines().next()?.trim().parse().ok()
}

#[test]
fn a_run_that_is_killed_again_and_again_comes_to_the_same_results() {
    let kills = variable("ERAS_KILLS", 2);
    let mut random = ChaCha8Rng::seed_from_u64(variable("ERAS_SEED", 1));
    let fixture = Fixture::village("20k", 100, 2000);
    let began = Instant::now();
    assert!(run(&fixture, "whole").status().unwrap().success());
    let whole = began.elapsed().as_secs_f64();
    let tables = |out: &str| TABLES.map(|name| fs::read(fixture.path(out).join(name)).unwrap());
    let expected = tables("whole");

    let (mut killed, mut finished) = (0, 0);
    let mut complete = || {
        // Every record and model that is said to be finished is sound.
        let checked = printed(fixture.eras("verify run"));
        assert!(checked.contains("run: "), "{checked}");
        assert_eq!(tables("run"), expected);
        fs::remove_dir_all(fixture.path("run")).unwrap();
        finished += 1;
    };
    // What the next call is to go on from, and how often one was seen to.
    let (mut kept, mut resumed) = (None, 0);
    let mut check = |kept: &mut Option<u64>, has_ended: bool| {
        let told = read(&fixture.path("told"));
        match (kept.take(), goes_on_after(&told)) {
            (Some(kept), Some(step)) => {
                assert!(step >= kept, "{kept} was kept, but: {told}");
                resumed += 1;
            }
            (Some(kept), None) => assert!(!has_ended, "{kept} was kept, but: {told}"),
            (None, _) => {}
        }
    };
    while killed < kills {
        let mut child = run(&fixture, "run").spawn().unwrap();
        let wait = whole * random.random_range(0.0..0.5);
        std::thread::sleep(Duration::from_secs_f64(wait));
        match child.try_wait().unwrap() {
            Some(status) => {
                assert!(status.success());
                check(&mut kept, true);
                complete();
            }
            None => {
                // SIGKILL, which no program can catch.
                child.kill().unwrap();
                child.wait().unwrap();
                killed += 1;
                check(&mut kept, false);
                kept = last_checkpoint(&fixture.path("run"));
            }
        }
    }
    assert!(run(&fixture, "run").status().unwrap().success());
    check(&mut kept, true);
    complete();
    println!(
        "{killed} kills, {finished} runs finished, each of {whole:.1} s, {resumed} trainings taken up where they were"
    );
}

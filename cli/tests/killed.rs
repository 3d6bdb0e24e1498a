//! A run that is killed again and again and continued each time comes to the same results, byte for byte.
//!
//! The first kill comes as soon as a training has a checkpoint, so that one is taken up in every test; the others come at
//! random moments. ERAS_KILLS says how many, two without it; ERAS_SEED when. The figures of a campaign stand in
//! docs/reliability.md.

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

/// What each entry may train on.
const TOKENS: u64 = 8000;

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
            .args(["--corpus", "village", "--deterministic"])
            .arg(format!("--budget=tokens={TOKENS}"))
            .args(["--out", out]),
    };
    let told = File::create(fixture.path("told")).unwrap();
    command.stdout(Stdio::null()).stderr(told);
    command
}

/// The last checkpoint in a folder, or in those within it, after its step: only what is being trained has one.
fn last_checkpoint(folder: &Path) -> Option<(u64, PathBuf)> {
    let entries = fs::read_dir(folder).ok()?;
    let all = entries.filter_map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match name.strip_prefix("step-") {
            Some(step) => Some((step.parse().ok()?, path)),
            // Trained already; its checkpoints are about to go.
            None if path.join("curve.csv").exists() => None,
            None => last_checkpoint(&path),
        }
    });
    all.max()
}

/// The step after which a training goes on, if the program has come so far as to tell.
fn goes_on_after(told: &str) -> Option<u64> {
    let (_, rest) = told.split_once("resumed after step ")?;
    rest.lines().next()?.trim().parse().ok()
}

/// Whether a checkpoint was made on the way: every training makes one when it is done.
fn is_on_the_way(checkpoint: &Path) -> bool {
    let state: serde_json::Value =
        serde_json::from_str(&read(&checkpoint.join("state.json"))).unwrap();
    state["tokens"].as_u64().unwrap() < TOKENS
}

/// Waits until a training has a checkpoint, or the program has ended without one.
fn await_checkpoint(child: &mut Child, run: &Path) {
    while last_checkpoint(run).is_none() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_run_that_is_killed_again_and_again_comes_to_the_same_results() {
    let kills = variable("ERAS_KILLS", 2);
    let mut random = ChaCha8Rng::seed_from_u64(variable("ERAS_SEED", 1));
    let fixture = Fixture::village("20k", 100, 2000);
    let began = Instant::now();
    assert!(run(&fixture, "whole").status().unwrap().success());
    let whole = began.elapsed().as_secs_f64();
    let expected = fixture.tables("whole");

    let (mut killed, mut finished) = (0, 0);
    let mut complete = || {
        // Every record and model that is said to be finished is sound.
        let checked = printed(fixture.eras("verify run"));
        assert!(checked.contains("run: "), "{checked}");
        assert_eq!(fixture.tables("run"), expected);
        fs::remove_dir_all(fixture.path("run")).unwrap();
        finished += 1;
    };
    // What the next call is to go on from, and how often one was seen to.
    let (mut kept, mut was_kept, mut resumed) = (None, false, 0);
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
                assert!(was_kept, "no training had a checkpoint on its way");
                check(&mut kept, true);
                complete();
            }
            None => {
                // SIGKILL, which no program can catch.
                child.kill().unwrap();
                child.wait().unwrap();
                killed += 1;
                check(&mut kept, false);
                let last = last_checkpoint(&fixture.path("run"));
                // Unless that training came to its end before it was killed.
                was_kept = was_kept || last.as_ref().is_some_and(|(_, path)| is_on_the_way(path));
                kept = last.map(|(step, _)| step);
            }
        }
    }
    assert!(run(&fixture, "run").status().unwrap().success());
    check(&mut kept, true);
    complete();
    assert!(resumed > 0, "no training was taken up where it was");
    println!(
        "{killed} kills, {finished} runs finished, each of {whole:.1} s, {resumed} trainings taken up where they were"
    );
}

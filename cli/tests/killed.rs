//! A run that is repeatedly killed and resumed produces the same results, byte for byte.
//!
//! The first kill occurs as soon as there is a checkpoint, so that every test resumes from one; the others occur at random
//! times. ERAS_KILLS sets their number (default: 2), ERAS_SEED the seed of the times. bench/reliability/README.md has the
//! figures of a longer test.

#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
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
    command.stdout(Stdio::null()).stderr(log).process_group(0);
    command
}

/// The last checkpoint of each entry in training: the entry, its step and its path.
fn last_checkpoints(run: &Path) -> Vec<(String, u64, PathBuf)> {
    let mut last: Vec<(String, u64, PathBuf)> = Vec::new();
    for path in below(run) {
        let relative = path
            .strip_prefix(run)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let parts: Vec<&str> = relative.split('/').collect();
        let &[era, variant, track, "checkpoints", step] = &parts[..] else {
            continue;
        };
        let Some(step) = step
            .strip_prefix("step-")
            .and_then(|step| step.parse().ok())
        else {
            continue;
        };
        // Training is finished; its checkpoints are about to be removed.
        if run
            .join(era)
            .join(variant)
            .join(track)
            .join("curve.csv")
            .exists()
        {
            continue;
        }
        let entry = format!("{era}/{variant}");
        last.retain(|(other, its_step, _)| *other != entry || *its_step > step);
        if !last.iter().any(|(other, ..)| *other == entry) {
            last.push((entry, step, path));
        }
    }
    last
}

/// All folders below a folder. Those that are removed meanwhile are left out.
fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let folders = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    folders
        .flat_map(|path| {
            let inner = below(&path);
            [path].into_iter().chain(inner)
        })
        .collect()
}

/// The step after which training of an entry resumed, if the program has reported it.
fn resumed_after(log: &str, entry: &str) -> Option<u64> {
    let (_, rest) = log.split_once(&format!("{entry}: resumed after step "))?;
    rest.lines().next()?.trim().parse().ok()
}

/// Whether a checkpoint is from the middle of training: every training also writes one at its end.
fn is_from_the_middle(checkpoint: &Path) -> bool {
    // A later checkpoint may have taken its place, unless all processes are dead.
    let Ok(state) = fs::read_to_string(checkpoint.join("state.json")) else {
        return false;
    };
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    state["tokens"].as_u64().unwrap() < TOKENS
}

/// Waits until there is a checkpoint, or the program has ended without one.
fn await_checkpoint(child: &mut Child, run: &Path) {
    while last_checkpoints(run).is_empty() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Kills the program: alone, or with the processes of its entries, as when the power fails. SIGKILL cannot be caught.
fn kill(child: &mut Child, with_entries: bool) {
    if with_entries {
        let group = format!("-{}", child.id());
        let killed = Command::new("kill").args(["-KILL", "--", &group]).status();
        assert!(killed.unwrap().success());
    } else {
        child.kill().unwrap();
    }
    child.wait().unwrap();
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
    // The entries and steps that the next call must resume from, and how often a call did.
    let (mut kept, mut was_kept, mut resumed) = (Vec::new(), false, 0);
    let mut check = |kept: &mut Vec<(String, u64)>, has_ended: bool| {
        let log = read(&fixture.path("log"));
        for (entry, kept) in kept.drain(..) {
            match resumed_after(&log, &entry) {
                Some(step) => {
                    assert!(step >= kept, "{entry} has checkpoint {kept}, but: {log}");
                    resumed += 1;
                }
                None => assert!(!has_ended, "{entry} has checkpoint {kept}, but: {log}"),
            }
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
                // Alone every second time: then the processes of its entries end by themselves, and the next run waits for them.
                kill(&mut child, killed % 2 == 0);
                killed += 1;
                check(&mut kept, false);
                let last = last_checkpoints(&fixture.path("run"));
                // Unless that training ended before the program was killed.
                was_kept = was_kept || last.iter().any(|(.., path)| is_from_the_middle(path));
                kept = last
                    .into_iter()
                    .map(|(entry, step, _)| (entry, step))
                    .collect();
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

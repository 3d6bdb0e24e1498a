//! Runs that are stopped, by the user, by a closed terminal or by a full disk, tested through the program.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::fs;
#[cfg(feature = "neural")]
use std::io::{BufRead, BufReader, Read, Write};
#[cfg(feature = "neural")]
use std::os::unix::fs::OpenOptionsExt;
#[cfg(feature = "neural")]
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use fixture::{Fixture, read};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// Waits until a condition holds; panics after a time limit.
fn await_condition(what: &str, mut holds: impl FnMut() -> bool) {
    await_within(Duration::from_secs(120), what, &mut holds);
}

fn await_within(time_limit: Duration, what: &str, holds: &mut dyn FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < time_limit, "waited too long: {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal, such as `INT`.
fn send(signal: &str, child: &Child) {
    let mut kill = Command::new("kill");
    kill.args([format!("-{signal}"), child.id().to_string()]);
    assert!(kill.status().unwrap().success());
}

#[test]
fn ctrl_c_ends_a_run_cleanly() {
    let fixture = Fixture::cats();
    // Large enough for the run to be still working when the signal arrives.
    let line = |i: u64| format!("{:x}\n", i.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    fs::write(
        fixture.path("long.txt"),
        (0..300_000).map(line).collect::<String>(),
    )
    .unwrap();
    let prepare = [
        "corpus",
        "prepare",
        "long.txt",
        "--name",
        "long",
        "--tokens",
        "bytes",
        "--documents",
        "lines",
    ];
    fixture.eras(&prepare).success();
    let mut command = fixture.command();
    command
        .args(["run", "--corpus", "long", "--out", "run"])
        .args(["--eras", "baselines,ngram,word2vec"])
        .env_remove("GOMP_SPINCOUNT")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let first = fixture.path("run/baselines/uniform/language-modelling");
    await_condition("the run starts", || first.exists());
    // The same process, which has started the program again.
    #[cfg(feature = "neural")]
    assert!(
        read(&PathBuf::from(format!("/proc/{}/environ", child.id()))).contains("GOMP_SPINCOUNT=")
    );
    send("INT", &child);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("eras run --resume"), "{stderr}");
    let entries = [
        "baselines/uniform",
        "baselines/unigram",
        "ngram/stupid-backoff",
        "ngram/kneser-ney",
        "ngram/kneser-ney-cache",
        "word2vec/cbow-lm",
    ];
    let state = |entry: &str| {
        fs::read_to_string(
            fixture
                .path("run")
                .join(entry)
                .join("language-modelling/state"),
        )
    };
    assert!(
        entries
            .iter()
            .any(|entry| state(entry).is_ok_and(|state| state == "interrupted\n"))
    );
    assert!(
        fixture.path("run/results.csv").exists() && fixture.path("run/report/index.html").exists()
    );
    fixture.eras(&["run", "--resume", "run"]).success();
    assert_eq!(read(&fixture.path("run/results.csv")).lines().count(), 7);
}

#[cfg(feature = "neural")]
#[test]
fn each_termination_signal_leaves_a_checkpoint_and_a_second_one_ends_at_once() {
    for signal in ["INT", "TERM", "HUP"] {
        let fixture = Fixture::cats();
        // The tests themselves may run under nohup.
        let run = |arguments: &str| {
            let mut command = fixture.command_by("env --default-signal=HUP");
            command
                .args(arguments.split(' '))
                .stdout(Stdio::null())
                .stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let entry = fixture.path("run/seq2seq/lstm/language-modelling");
        let is_interrupted =
            || fs::read_to_string(entry.join("state")).is_ok_and(|state| state == "interrupted\n");

        // It would train for hours without writing a checkpoint.
        let mut child = run(
            "run --corpus text.txt --eras seq2seq/lstm --budget tokens=1G --checkpoint-every 1h --out run",
        );
        await_condition("it begins to train", || entry.join("config.toml").exists());
        send(signal, &child);
        await_condition("it ends", || child.try_wait().unwrap().is_some());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{signal}: {stderr}");
        assert!(stderr.contains("eras run --resume run"), "{stderr}");
        assert!(is_interrupted(), "{signal}");
        let kept = fs::read_dir(entry.join("checkpoints")).unwrap();
        let is_step = |name: &str| name.starts_with("step-");
        assert!(
            kept.map(|kept| kept.unwrap().file_name())
                .any(|name| is_step(&name.to_string_lossy())),
            "{signal}"
        );

        fs::remove_file(entry.join("state")).unwrap();
        let mut child = run("run --resume run");
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut lines = stderr.by_ref().lines().map(Result::unwrap);
        assert!(lines.any(|line| line.contains(": resumed after step ")));
        // From now on its standard error is not read, so it blocks on its last message and one signal does not end it.
        fill(&child);
        send(signal, &child);
        await_condition("it is about to end", is_interrupted);
        assert!(child.try_wait().unwrap().is_none(), "{signal}");
        send(signal, &child);
        let mut has_ended = || child.try_wait().unwrap().is_some();
        await_within(Duration::from_secs(10), "it ends at once", &mut has_ended);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
    }
}

/// Fills the pipe of a program's standard error.
#[cfg(feature = "neural")]
fn fill(child: &Child) {
    const NONBLOCK: i32 = 0o4000;
    let mut pipe = fs::File::options()
        .write(true)
        .custom_flags(NONBLOCK)
        .open(format!("/proc/{}/fd/2", child.id()))
        .unwrap();
    while pipe.write(b".").is_ok() {}
}

#[cfg(feature = "neural")]
#[test]
fn closing_the_terminal_does_not_end_a_program_under_nohup() {
    let fixture = Fixture::cats();
    let mut command = fixture.command_by("nohup");
    command
        .args(["run", "--corpus", "text.txt", "--budget", "2s"])
        .args(["--eras", "seq2seq/lstm", "--out", "run"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let entry = fixture.path("run/seq2seq/lstm/language-modelling");
    await_condition("it begins to train", || entry.join("config.toml").exists());
    send("HUP", &child);
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert_eq!(read(&entry.join("state")), "done\n");
}

#[test]
fn a_full_disk_is_reported_and_the_run_can_be_resumed() {
    let fixture = Fixture::cats();
    // Hardly any trigram occurs twice, so the n-grams are larger than any other file.
    let mut text = String::new();
    for at in 0..20_000_u32 {
        let word = at.wrapping_mul(2_654_435_761) >> 23;
        text += &format!("w{word}{}", if at % 10 == 9 { "\n" } else { " " });
    }
    fs::write(fixture.path("text.txt"), text).unwrap();
    // Limits the size of files in kilobytes; the signal that would kill the program is ignored.
    let shell = fixture.bash(
        "trap '' XFSZ; ulimit -f 16; exec \"$ERAS\" run --corpus text.txt --eras ngram --out run",
    );
    fixture.eras(&["corpus", "list"]).success();
    let prepared = fixture.eras(&[
        "run",
        "--corpus",
        "text.txt",
        "--eras",
        "baselines",
        "--out",
        "first",
    ]);
    prepared.success();
    assert_cmd::Command::from_std(shell)
        .assert()
        .failure()
        .code(1)
        .stderr(
            contains("cannot write run/ngram/stupid-backoff/language-modelling/model/ngrams.fst")
                .and(contains("File too large")),
        );
    assert!(
        !fixture
            .path("run/ngram/stupid-backoff/language-modelling/evaluation.json")
            .exists()
    );
    fixture.eras(&["run", "--resume", "run"]).success();
}

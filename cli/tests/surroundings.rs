//! The program among the settings, streams and folders of its user, and tests that these settings do not reach the tests.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixture;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::{Command, Output, Stdio};

use fixture::{Fixture, KEPT, printed};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// Settings that change what programs do, and some that no program can use.
const HOSTILE: [(&str, &str); 14] = [
    ("ERAS_WORKSPACE", "/proc/no-workspace"),
    ("HOME", "/nonexistent"),
    ("XDG_CACHE_HOME", "/proc"),
    ("LIBTORCH", "/nonexistent"),
    ("LC_ALL", "C"),
    ("LANGUAGE", "de"),
    ("TERM", "dumb"),
    ("COLUMNS", "wide"),
    ("OMP_NUM_THREADS", "0"),
    ("RAYON_NUM_THREADS", "x"),
    ("GOMP_SPINCOUNT", "infinite"),
    ("http_proxy", "http://127.0.0.1:1"),
    ("HTTPS_PROXY", "nonsense"),
    ("BASH_ENV", "/nonexistent"),
];

#[test]
fn programs_in_tests_inherit_only_what_is_listed() {
    let listed = Fixture::empty().other("env").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let inherited: BTreeSet<&str> = listed
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    let allowed = || KEPT.into_iter().chain(["HOME", "GOMP_SPINCOUNT"]);
    let others: Vec<_> = inherited
        .iter()
        .filter(|name| !allowed().any(|allowed| allowed == **name))
        .collect();
    assert!(others.is_empty(), "{others:?}");
    assert!(inherited.contains("PATH"), "{inherited:?}");
    // Cargo sets this one, so there was something to hide.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
}

#[test]
fn a_corpus_lies_in_the_folder_of_its_test() {
    let fixture = Fixture::prepared_cats();
    assert!(fixture.path("workspace/corpora/cats/corpus.toml").exists());
    let script = "\"$ERAS\" corpus list";
    let listed = assert_cmd::Command::from_std(fixture.bash(script)).assert();
    assert!(printed(listed).contains("cats"));
}

#[test]
fn tests_pass_in_a_hostile_environment() {
    let this = std::env::current_exe().unwrap();
    let test = "a_corpus_lies_in_the_folder_of_its_test";
    let output = Command::new(this)
        .args(["--exact", test])
        .envs(HOSTILE)
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{log}");
    assert!(log.contains("1 passed"), "{log}");
}

#[test]
fn output_does_not_depend_on_language_terminal_home_or_numbers_of_threads() {
    let fixture = Fixture::cats();
    for arguments in [
        "corpus prepare text.txt --name cats --tokens words --force",
        "--help",
        "corpus prepare --help",
    ] {
        let usual = printed(fixture.eras(arguments));
        let mut command = fixture.command();
        command
            .args(arguments.split(' '))
            .envs(HOSTILE)
            .env_remove("ERAS_WORKSPACE");
        let output = assert_cmd::Command::from_std(command).assert();
        assert_eq!(printed(output), usual, "{arguments}");
    }
}

/// Runs the program with its standard output on a full device.
fn on_a_full_device(fixture: &Fixture, arguments: &str) -> Output {
    let full = File::options().write(true).open("/dev/full").unwrap();
    fixture
        .command()
        .args(arguments.split(' '))
        .stdin(Stdio::null())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap()
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let fixture = Fixture::prepared_cats();
    for arguments in [
        "--help",
        "--version",
        "help",
        "help corpus",
        "corpus prepare -h",
        "corpus list",
        "corpus show cats",
        "completions bash",
    ] {
        let output = on_a_full_device(&fixture, arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments}: {stderr}");
        assert!(stderr.contains("No space left"), "{arguments}: {stderr}");
    }
    // What is wrong with arguments goes to standard error.
    let output = on_a_full_device(&fixture, "frobnicate");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn closed_streams_do_no_harm() {
    let fixture = Fixture::cats();
    for arguments in ["--help", "--version", "corpus list", "completions bash"] {
        for streams in [">&-", "2>&- <&-", "| head -n 0"] {
            let script = format!("\"$ERAS\" {arguments} {streams}");
            let assert = assert_cmd::Command::from_std(fixture.bash(&script)).assert();
            assert.success().stderr("");
        }
    }
}

#[test]
fn a_working_folder_that_is_gone_is_named() {
    let fixture = Fixture::cats();
    for arguments in ["corpus list", "--version", "report ../run"] {
        let script = format!("mkdir lost; cd lost; rmdir ../lost; exec \"$ERAS\" {arguments}");
        assert_cmd::Command::from_std(fixture.bash(&script))
            .assert()
            .code(1)
            .stdout("")
            .stderr(contains("working folder").and(contains("/lost")));
    }
}

/// A folder with files of these names that are no libraries.
#[cfg(feature = "neural")]
fn foreign_libraries(fixture: &Fixture, names: &[&str]) -> std::ffi::OsString {
    let folder = fixture.path("foreign");
    fs::create_dir(&folder).unwrap();
    for name in names {
        fs::write(folder.join(name), "no library").unwrap();
    }
    // What the tests themselves need stays behind it.
    let mut folders = vec![folder];
    folders.extend(std::env::split_paths(
        &std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default(),
    ));
    std::env::join_paths(folders).unwrap()
}

#[cfg(feature = "neural")]
#[test]
fn a_foreign_libtorch_in_the_library_path_is_passed_over() {
    let fixture = Fixture::cats();
    let names = [
        "libtorch.so",
        "libtorch_cpu.so",
        "libc10.so",
        "libtorch_cuda.so",
    ];
    let library_path = foreign_libraries(&fixture, &names);
    let run = |arguments: &str| {
        let mut command = fixture.command();
        command
            .args(arguments.split(' '))
            .env("LD_LIBRARY_PATH", &library_path);
        printed(assert_cmd::Command::from_std(command).assert())
    };
    assert!(run("--version").starts_with("eras "));
    run("corpus prepare text.txt --name cats --tokens words");
    let facts: serde_json::Value = serde_json::from_str(&run("doctor --json")).unwrap();
    let is_foreign = |path: &serde_json::Value| path.as_str().unwrap().ends_with("/foreign");
    assert!(!is_foreign(&facts["libtorch folder"]), "{facts}");
    assert!(is_foreign(&facts["other libtorch"][0]), "{facts}");
}

/// The first processor that this process may use.
fn first_processor() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .unwrap();
    list.trim().split([',', '-']).next().unwrap().to_owned()
}

#[test]
fn the_number_of_threads_is_that_of_the_processors_that_may_be_used() {
    let fixture = Fixture::cats();
    let mut command = fixture.command_by(&format!("taskset -c {}", first_processor()));
    command.args(["doctor", "--json"]);
    let output = printed(assert_cmd::Command::from_std(command).assert());
    let facts: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(facts["cores"], 1);
    assert_eq!(facts["threads"], 1);
    if cfg!(feature = "neural") {
        assert_eq!(facts["libtorch threads"], 1);
    }
}

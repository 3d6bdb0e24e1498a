//! Networks on a GPU, tested through the program. Without a GPU or with a libtorch without CUDA, the tests are skipped,
//! unless ERAS_GPU is set: then they fail.

#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::print_stderr, reason = "the perplexities that it compares")]

mod fixture;

use std::thread;

use fixture::{Fixture, printed, read};
use predicates::str::contains;

const NETWORKS: [&str; 7] = [
    "seq2seq/lstm",
    "chatbot/lines-tuned",
    "transformer/decoder",
    "seq2seq/reversed",
    "seq2seq/attention",
    "transformer/encoder-decoder",
    "chatbot/replies",
];

/// A village of 30,000 tokens, if there is a GPU.
fn village() -> Option<Fixture> {
    let fixture = Fixture::village("30k", 300, 10_000);
    let output = fixture.eras("run --corpus village --device cuda:4000");
    let error = String::from_utf8(output.code(2).get_output().stderr.clone()).unwrap();
    if !error.contains("GPU(s), numbered from 0") && std::env::var_os("ERAS_GPU").is_none() {
        test_skips::skip(error.trim());
        return None;
    }
    assert!(error.contains("GPU(s), numbered from 0"), "{error}");
    Some(fixture)
}

fn train(fixture: &Fixture, network: &str, settings: &str, out: &str) {
    let command = format!(
        "train {network} --corpus village --set dropout=0 --set {} --out {out}",
        settings.replace(' ', " --set ")
    );
    fixture
        .eras(&format!("{command} --budget tokens=10k"))
        .success();
}

fn perplexity(fixture: &Fixture, model: &str) -> f64 {
    let found = fixture.json(&format!("evaluate {model} --corpus village --json"));
    found["evaluation"]["perplexity"].as_f64().unwrap()
}

#[test]
fn all_networks_reach_the_same_perplexity_on_gpu_and_cpu() {
    let Some(fixture) = village() else { return };
    let compare = &|network: &str| {
        let trained = |name: &str, settings: &str| {
            let model = format!("{name}/{network}");
            train(&fixture, network, settings, &model);
            perplexity(&fixture, &model)
        };
        let cpu = trained("cpu", "compute.precision=f32 compute.threads=1");
        let gpu = trained("gpu", "compute.precision=f32 compute.device=cuda");
        let short = trained("bf16", "compute.device=cuda");
        eprintln!("{network}: {cpu:.3} on the CPU, {gpu:.3} on the GPU, {short:.3} in bf16");
        assert!((gpu / cpu - 1.0).abs() < 0.01, "{network}: {gpu} and {cpu}");
        assert!(
            (short / cpu - 1.0).abs() < 0.1,
            "{network}: {short} and {cpu}"
        );
    };
    thread::scope(|scope| {
        for network in NETWORKS {
            scope.spawn(move || compare(network));
        }
    });
}

#[test]
fn evaluation_generation_and_translation_work_on_a_gpu() {
    let Some(fixture) = village() else { return };
    let settings = "compute.device=cuda";
    train(&fixture, "transformer", settings, "decoder");
    train(
        &fixture,
        "transformer/encoder-decoder",
        settings,
        "translator",
    );
    train(&fixture, "seq2seq/attention", settings, "attention");
    let written = || printed(fixture.eras("generate decoder --length 30 --seed 1"));
    assert_eq!(written(), written());
    for translator in ["translator", "attention"] {
        let output = fixture.eras_reading(&format!("translate {translator} --beam 3"), "the cat\n");
        assert_eq!(printed(output).lines().count(), 1);
    }
    let lines = [
        "attention",
        "decoder",
        "The cat is in the garden .",
        "--out",
        "a.svg",
    ];
    fixture.eras(&lines).success();
    assert!(read(&fixture.path("a.svg")).contains("garden"));
}

#[test]
fn a_run_works_on_a_gpu() {
    let Some(fixture) = village() else { return };
    fixture
        .eras("run --corpus village --device cuda --budget tokens=10k --eras transformer/decoder,seq2seq/lstm --out run")
        .success();
    assert!(read(&fixture.path("run/run.toml")).contains("device = \"cuda\""));
    let config = read(&fixture.path("run/transformer/decoder/language-modelling/config.toml"));
    assert!(config.contains("device = \"cuda:0\""), "{config}");
    fixture.eras("run --resume run").success();
}

#[test]
fn too_little_gpu_memory_is_an_error_with_a_remedy() {
    let Some(fixture) = village() else { return };
    // Few parameters, but 6 GB of activations in the feed-forward network of each layer.
    let huge = "train transformer --corpus village --set compute.device=cuda --set d_model=16 --set d_ff=65536 \
                --set num_layers=40 --set batch_size=96 --out huge";
    fixture
        .eras(huge)
        .failure()
        .stderr(contains("out of memory in step 0"));
}

#[test]
fn a_run_that_started_on_a_gpu_can_continue_on_the_cpu() {
    let fixture = Fixture::village("30k", 300, 10_000);
    let all = "transformer/decoder,ngram/kneser-ney";
    let run = format!("run --corpus village --budget tokens=1k --eras {all} --out run");
    fixture.eras(&run).success();
    let record = fixture.path("run/run.toml");
    let text = read(&record);
    let elsewhere = text.replacen("seed = 1", "seed = 1\ndevice = \"cuda:4000\"", 1);
    std::fs::write(&record, elsewhere).unwrap();
    fixture
        .eras("run --resume run")
        .code(2)
        .stderr(contains("continue it on the CPU with --device cpu"));
    let model = fixture.path("run/transformer/decoder/language-modelling/model");
    let weights = || std::fs::read(model.join("weights.safetensors")).unwrap();
    let before = weights();
    fixture.eras("run --resume run --device cpu").success();
    assert_eq!(read(&record), text);
    assert_eq!(weights(), before);
    fixture
        .eras("run --corpus village --device cuda --deterministic")
        .code(2)
        .stderr(contains("is not reproducible"));
}

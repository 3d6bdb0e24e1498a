//! Our LSTMs compared with PyTorch's, with equal weights (`tests/golden/lstm.py`).

use neural::golden::Golden;
use neural::{
    EncoderDecoder, Layout, OptimizerConfig, Order, Schedule, Task, TextBatches, TextNetwork,
    TextTask, TrainingConfig, TranslationTask, VocabPair, to_f64s,
};
use serde::Deserialize;
use tch::{Device, Tensor};

use crate::language_model::LmConfig;
use crate::language_model::network::Network as LmNetwork;
use crate::translation::{Config, Network};

#[derive(Deserialize)]
struct Runs {
    language_model: Run,
    translator: Run,
    attention: Run,
}

#[derive(Deserialize)]
struct Run {
    #[serde(flatten)]
    golden: Golden,
    first_state: Vec<Vec<f64>>,
    #[serde(default)]
    text: Vec<u32>,
    #[serde(default)]
    sources: Vec<Vec<u32>>,
    #[serde(default)]
    targets: Vec<Vec<u32>>,
}

const WORDS: usize = 11;
const SOURCE_WORDS: usize = 9;

fn runs() -> Runs {
    serde_json::from_str(include_str!("../tests/golden/lstm.json")).unwrap()
}

fn training_config(optimizer: OptimizerConfig, learning_rate: f64) -> TrainingConfig {
    TrainingConfig {
        optimizer,
        learning_rate,
        schedule: Schedule::Constant,
        warmup_steps: 0,
        max_grad_norm: 1.0,
        accumulation_steps: 1,
        averaged_checkpoints: 1,
        epochs: 1.0,
    }
}

fn lm_config() -> LmConfig {
    let rule = OptimizerConfig::AdamW {
        beta1: 0.9,
        beta2: 0.95,
        epsilon: 1e-8,
        weight_decay: 0.1,
    };
    LmConfig {
        embedding_size: 4,
        hidden_size: 6,
        num_layers: 2,
        output_bias: false,
        dropout: 0.0,
        batch_size: 2,
        bptt_length: 5,
        training: training_config(rule, 1e-2),
        ..LmConfig::default()
    }
}

fn translator_config() -> Config {
    Config {
        embedding_size: 4,
        hidden_size: 6,
        num_layers: 1,
        tie_embeddings: false,
        dropout: 0.0,
        batch_tokens: 1000,
        training: training_config(OptimizerConfig::Sgd { momentum: 0.0 }, 0.7),
        ..Config::default()
    }
}

impl Run {
    fn check_state(&self, found: [&Tensor; 2]) {
        for (found, expected) in found.into_iter().zip(&self.first_state) {
            let found = to_f64s(found);
            assert_eq!(found.len(), expected.len());
            for (a, b) in found.iter().zip(expected) {
                assert!((a - b).abs() < 1e-5, "{a} {b}");
            }
        }
    }
}

#[test]
fn the_language_model_matches_pytorch() {
    let run = runs().language_model;
    let config = lm_config();
    let mut layout = Layout::default();
    let network = LmNetwork::new(&config, WORDS, &mut layout);
    let mut parameters = run.golden.parameters(layout);
    let task = || TextTask {
        network: &network,
        batches: TextBatches::new(&run.text[..], 0, (2, 5), Order::Sequential, 1, Device::Cpu),
        carried: Vec::new(),
        sampler: None,
        validation: Vec::new(),
        eos: 0,
    };
    let mut first = task();
    run.golden.check_first_step(&mut parameters, &mut first);
    let carried = first.carried_state();
    run.check_state([&carried[0], &carried[1]]);
    run.golden
        .check_training(&mut parameters, &mut task(), &config.training, 2 * 5);
}

fn check_translator(run: &Run, config: &Config) {
    let mut layout = Layout::default();
    let vocabs = VocabPair {
        sizes: [SOURCE_WORDS, WORDS],
        eos: [0, 0],
        is_shared: false,
    };
    let network = Network::new(config, vocabs, &mut layout);
    let mut parameters = run.golden.parameters(layout);
    let pairs: Vec<_> = run
        .sources
        .iter()
        .cloned()
        .zip(run.targets.clone())
        .collect();
    let sources: Vec<&[u32]> = run.sources.iter().map(Vec::as_slice).collect();
    let encoded = network.encode(&parameters.eval_weights(), &sources);
    run.check_state([&encoded.state.hidden, &encoded.state.cell]);
    let task = || TranslationTask::new(&network, &pairs, Vec::new(), Device::Cpu, 1);
    let tokens = task().epoch_tokens();
    run.golden.check_first_step(&mut parameters, &mut task());
    run.golden
        .check_training(&mut parameters, &mut task(), &config.training, tokens);
}

#[test]
fn the_translator_matches_pytorch() {
    check_translator(&runs().translator, &translator_config());
}

#[test]
fn the_translator_with_attention_matches_one_built_in_pytorch() {
    let config = Config {
        attention: true,
        num_layers: 2,
        ..translator_config()
    };
    check_translator(&runs().attention, &config);
}

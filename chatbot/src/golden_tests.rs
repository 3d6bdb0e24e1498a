//! Our network compared with PyTorch's layers, with equal weights (`tests/golden/attention.py`).

use corpus::TokenId;
use neural::golden::Golden;
use neural::{Layout, OptimizerConfig, Schedule, TextNetwork, TrainingConfig};
use serde::Deserialize;
use tch::Device;

use crate::config::Config;
use crate::network::Network;
use crate::segments::{DialogueFormat, SegmentBatches, SegmentConfig, SplitDialogues, Utterance};
use crate::train::DialogueTask;

#[derive(Deserialize)]
struct Run {
    #[serde(flatten)]
    golden: Golden,
    dialogues: Vec<Vec<Vec<TokenId>>>,
}

const FORMAT: DialogueFormat = DialogueFormat {
    vocab_size: 9,
    eos: 0,
    max_turn_length: 100,
};

/// Words and ends of lines of all dialogues.
const STEP: u64 = 31;

#[test]
fn the_network_matches_pytorch() {
    let run: Run = serde_json::from_str(include_str!("../tests/golden/attention.json")).unwrap();
    let config = Config {
        embedding_size: 4,
        hidden_size: 6,
        num_layers: 2,
        num_heads: 2,
        dropout: 0.0,
        training: TrainingConfig {
            optimizer: OptimizerConfig::Adam {
                beta1: 0.9,
                beta2: 0.98,
                epsilon: 1e-9,
            },
            learning_rate: 1e-2,
            schedule: Schedule::Constant,
            warmup_steps: 0,
            max_grad_norm: 1.0,
            ..TrainingConfig::default()
        },
        ..Config::default()
    };
    let mut layout = Layout::default();
    let network = Network::new(&config, FORMAT.vocab_size, &mut layout);
    let mut parameters = run.golden.parameters(layout);
    let utterance = |(at, words): (usize, &Vec<TokenId>)| Utterance {
        speaker: at as u32 % 2,
        words: words.clone(),
    };
    let dialogue = |turns: &Vec<Vec<TokenId>>| turns.iter().enumerate().map(utterance).collect();
    let dialogues = || SplitDialogues {
        dialogues: run.dialogues.iter().map(dialogue).collect(),
        ..SplitDialogues::default()
    };
    let segments = SegmentConfig {
        turns: 8,
        short_turns: 0,
        batch_tokens: 1000,
        story_interval: 0,
    };
    let task = || DialogueTask {
        network: &network,
        format: FORMAT,
        // Every batch contains all dialogues in full.
        segments: SegmentBatches::new(dialogues(), FORMAT, segments, 1),
        sampler: None,
        epoch_tokens: STEP,
        validation: Vec::new(),
        device: Device::Cpu,
    };
    run.golden.check_first_step(&mut parameters, &mut task());
    run.golden
        .check_training(&mut parameters, &mut task(), &config.training, STEP);
}

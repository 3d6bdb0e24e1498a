//! Our networks compared with PyTorch's layers, with equal weights (`tests/golden`).

use neural::golden::Golden;
use neural::{
    EncoderDecoder, Layout, OptimizerConfig, Order, OwnedPair, Parameters, Schedule, TextBatches,
    TextNetwork, TextTask, TrainingConfig, TranslationTask, TranslatorConfig, VocabPair,
};
use serde::Deserialize;
use tch::Device;

use crate::language_model::LmConfig;
use crate::language_model::network::Network as LmNetwork;
use crate::stack_config::{Activation, Norm, Positions};
use crate::{Config, Network};

const WORDS: usize = 11;

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

/// `tests/golden/decoder.py`.
mod decoder {
    use super::*;

    #[derive(Deserialize)]
    struct Runs {
        runs: Vec<Run>,
    }

    #[derive(Deserialize)]
    struct Run {
        norm: Norm,
        activation: Activation,
        label_smoothing: f64,
        text: Vec<u32>,
        #[serde(flatten)]
        golden: Golden,
    }

    impl Run {
        fn config(&self) -> LmConfig {
            LmConfig {
                d_model: 8,
                num_layers: 2,
                num_heads: 2,
                d_ff: 16,
                context_length: 6,
                positions: match self.norm {
                    Norm::Pre => Positions::Learned,
                    Norm::Post => Positions::Sinusoidal,
                },
                mixed_keys: false,
                norm: self.norm,
                activation: self.activation,
                dropout: 0.0,
                label_smoothing: self.label_smoothing,
                batch_size: 2,
                training: training_config(
                    OptimizerConfig::AdamW {
                        beta1: 0.9,
                        beta2: 0.95,
                        epsilon: 1e-8,
                        weight_decay: 0.1,
                    },
                    1e-2,
                ),
                ..LmConfig::default()
            }
        }

        fn network(&self) -> (LmNetwork, Parameters) {
            let mut layout = Layout::default();
            let network = LmNetwork::new(&self.config(), WORDS, &mut layout);
            (network, self.golden.parameters(layout))
        }

        fn task<'a>(&'a self, network: &'a LmNetwork) -> TextTask<'a, LmNetwork, [u32]> {
            TextTask {
                network,
                batches: TextBatches::new(
                    &self.text[..],
                    0,
                    (2, 6),
                    Order::Sequential,
                    1,
                    Device::Cpu,
                ),
                sampler: None,
                validation: Vec::new(),
                eos: 0,
                carried: Vec::new(),
            }
        }
    }

    fn runs() -> Vec<Run> {
        let recorded = include_str!("../tests/golden/decoder.json");
        let runs: Runs = serde_json::from_str(recorded).unwrap();
        assert_eq!(runs.runs.len(), 2);
        runs.runs
    }

    #[test]
    fn loss_and_all_gradients_match_pytorch() {
        for run in runs() {
            let (network, mut parameters) = run.network();
            let mut task = run.task(&network);
            run.golden.check_first_step(&mut parameters, &mut task);
        }
    }

    #[test]
    fn losses_of_fifty_steps_match_pytorch() {
        for run in runs() {
            let (network, mut parameters) = run.network();
            let (mut task, config) = (run.task(&network), run.config());
            run.golden
                .check_training(&mut parameters, &mut task, &config.training, 12);
        }
    }
}

/// `tests/golden/translator.py`.
mod translator {
    use super::*;

    #[derive(Deserialize)]
    struct Runs {
        runs: Vec<Run>,
    }

    #[derive(Deserialize)]
    struct Run {
        norm: Norm,
        label_smoothing: f64,
        sources: Vec<Vec<u32>>,
        targets: Vec<Vec<u32>>,
        #[serde(flatten)]
        golden: Golden,
    }

    impl Run {
        fn config(&self) -> Config {
            Config {
                d_model: 8,
                num_layers: 2,
                num_heads: 2,
                d_ff: 16,
                max_length: 8,
                positions: match self.norm {
                    Norm::Pre => Positions::Learned,
                    Norm::Post => Positions::Sinusoidal,
                },
                norm: self.norm,
                dropout: 0.0,
                label_smoothing: self.label_smoothing,
                training: training_config(
                    OptimizerConfig::Adam {
                        beta1: 0.9,
                        beta2: 0.98,
                        epsilon: 1e-9,
                    },
                    3e-3,
                ),
                ..Config::default()
            }
        }

        fn network(&self) -> (Network, Parameters) {
            let is_shared = self.norm == Norm::Post;
            let vocabs = VocabPair {
                sizes: [if is_shared { WORDS } else { WORDS - 2 }, WORDS],
                eos: [0, 0],
                is_shared,
            };
            let mut layout = Layout::default();
            let network = Network::new(&self.config(), vocabs, &mut layout);
            (network, self.golden.parameters(layout))
        }

        fn pairs(&self) -> Vec<OwnedPair> {
            let pairs = self.sources.iter().zip(&self.targets);
            pairs
                .map(|(source, target)| (source.clone(), target.clone()))
                .collect()
        }
    }

    fn runs() -> Vec<Run> {
        let recorded = include_str!("../tests/golden/translator.json");
        let runs: Runs = serde_json::from_str(recorded).unwrap();
        assert_eq!(runs.runs.len(), 2);
        runs.runs
    }

    #[test]
    fn loss_and_all_gradients_match_pytorch() {
        for run in runs() {
            let (network, mut parameters) = run.network();
            let pairs = run.pairs();
            let mut task = TranslationTask::new(&network, &pairs, Vec::new(), Device::Cpu, 1);
            run.golden.check_first_step(&mut parameters, &mut task);
        }
    }

    #[test]
    fn losses_of_fifty_steps_match_pytorch() {
        for run in runs() {
            let (network, mut parameters) = run.network();
            let (pairs, config) = (run.pairs(), run.config());
            let tokens = pairs.iter().map(|pair| pair.1.len() as u64 + 1).sum();
            let mut task = TranslationTask::new(&network, &pairs, Vec::new(), Device::Cpu, 1);
            let training_config = config.common().training;
            run.golden
                .check_training(&mut parameters, &mut task, training_config, tokens);
        }
    }
}

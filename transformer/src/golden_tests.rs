//! Our networks beside PyTorch's own layers with the same weights (`tests/golden`).

use neural::golden::Golden;
use neural::{
    EncoderDecoder, Layout, Order, OwnedPair, Parameters, Recipe, Rule, Schedule, Sides, Streams,
    TextNetwork, Translating, TranslatorConfig,
};
use serde::Deserialize;
use tch::Device;

use crate::language_model::LmConfig;
use crate::language_model::network::Network as LmNetwork;
use crate::language_model::train::Decoding;
use crate::shape::{Activation, Norm, Positions};
use crate::{Config, Network};

const WORDS: usize = 11;

fn recipe(optimiser: Rule, learning_rate: f64) -> Recipe {
    Recipe {
        optimiser,
        learning_rate,
        schedule: Schedule::Constant,
        warmup: 0,
        clip: 1.0,
        accumulate: 1,
        average: 1,
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
        smoothing: f64,
        text: Vec<u32>,
        #[serde(flatten)]
        golden: Golden,
    }

    impl Run {
        fn config(&self) -> LmConfig {
            LmConfig {
                width: 8,
                layers: 2,
                heads: 2,
                feed_forward: 16,
                context: 6,
                positions: match self.norm {
                    Norm::Pre => Positions::Learned,
                    Norm::Post => Positions::Sinusoidal,
                },
                mixed_keys: false,
                norm: self.norm,
                activation: self.activation,
                dropout: 0.0,
                smoothing: self.smoothing,
                batch: 2,
                training: recipe(
                    Rule::AdamW {
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

        fn task<'a>(&'a self, network: &'a LmNetwork) -> Decoding<'a, [u32]> {
            Decoding {
                network,
                streams: Streams::new(&self.text[..], 0, (2, 6), Order::Running, 1, Device::Cpu),
                sampler: None,
                validation: Vec::new(),
                eos: 0,
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
    fn loss_and_all_gradients_are_pytorch_s() {
        for run in runs() {
            let (network, mut parameters) = run.network();
            let mut task = run.task(&network);
            run.golden.check_first_step(&mut parameters, &mut task);
        }
    }

    #[test]
    fn fifty_steps_have_pytorch_s_losses() {
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
        smoothing: f64,
        sources: Vec<Vec<u32>>,
        targets: Vec<Vec<u32>>,
        #[serde(flatten)]
        golden: Golden,
    }

    impl Run {
        fn config(&self) -> Config {
            Config {
                width: 8,
                layers: 2,
                heads: 2,
                feed_forward: 16,
                longest: 8,
                positions: match self.norm {
                    Norm::Pre => Positions::Learned,
                    Norm::Post => Positions::Sinusoidal,
                },
                norm: self.norm,
                dropout: 0.0,
                smoothing: self.smoothing,
                training: recipe(
                    Rule::Adam {
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
            let is_joint = self.norm == Norm::Post;
            let sides = Sides {
                words: [if is_joint { WORDS } else { WORDS - 2 }, WORDS],
                ends: [0, 0],
                is_joint,
            };
            let mut layout = Layout::default();
            let network = Network::new(&self.config(), sides, &mut layout);
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
    fn loss_and_all_gradients_are_pytorch_s() {
        for run in runs() {
            let (network, mut parameters) = run.network();
            let pairs = run.pairs();
            let mut task = Translating::new(&network, &pairs, Vec::new(), Device::Cpu, 1);
            run.golden.check_first_step(&mut parameters, &mut task);
        }
    }

    #[test]
    fn fifty_steps_have_pytorch_s_losses() {
        for run in runs() {
            let (network, mut parameters) = run.network();
            let (pairs, config) = (run.pairs(), run.config());
            let tokens = pairs.iter().map(|pair| pair.1.len() as u64 + 1).sum();
            let mut task = Translating::new(&network, &pairs, Vec::new(), Device::Cpu, 1);
            let recipe = config.common().training;
            run.golden
                .check_training(&mut parameters, &mut task, recipe, tokens);
        }
    }
}

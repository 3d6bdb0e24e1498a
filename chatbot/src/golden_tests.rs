//! Cells with a look back beside PyTorch's with the same weights (`tests/golden/look_back.py`).

use corpus::TokenId;
use neural::golden::Golden;
use neural::{Layout, Recipe, Rule, Schedule, TextNetwork};
use serde::Deserialize;
use tch::Device;

use crate::config::Config;
use crate::network::Network;
use crate::pieces::{Pieces, Said, Script, Told};
use crate::train::Talking;

#[derive(Deserialize)]
struct Run {
    #[serde(flatten)]
    golden: Golden,
    talks: Vec<Vec<Vec<TokenId>>>,
}

const SCRIPT: Script = Script {
    vocabulary: 9,
    eos: 0,
    longest: 100,
};

/// Words and ends of all talks.
const STEP: u64 = 31;

#[test]
fn cells_that_look_back_are_pytorch_s() {
    let run: Run = serde_json::from_str(include_str!("../tests/golden/look_back.json")).unwrap();
    let config = Config {
        width: 4,
        hidden: 6,
        layers: 2,
        heads: 2,
        dropout: 0.0,
        training: Recipe {
            optimiser: Rule::Adam {
                beta1: 0.9,
                beta2: 0.98,
                epsilon: 1e-9,
            },
            learning_rate: 1e-2,
            schedule: Schedule::Constant,
            warmup: 0,
            clip: 1.0,
            ..Recipe::default()
        },
        ..Config::default()
    };
    let mut layout = Layout::default();
    let network = Network::new(&config, SCRIPT.vocabulary, &mut layout);
    let mut parameters = run.golden.parameters(layout);
    let say = |(at, words): (usize, &Vec<TokenId>)| Said {
        speaker: at as u32 % 2,
        words: words.clone(),
    };
    let talk = |turns: &Vec<Vec<TokenId>>| turns.iter().enumerate().map(say).collect();
    let talks = || Told {
        conversations: run.talks.iter().map(talk).collect(),
        ..Told::default()
    };
    let task = || Talking {
        network: &network,
        script: SCRIPT,
        // Every batch is all of them: no talk is cut, and they fit into one.
        pieces: Pieces::new(talks(), SCRIPT, ([8, 0], 1000, 0), 1),
        sampler: None,
        epoch_tokens: STEP,
        validation: Vec::new(),
        device: Device::Cpu,
    };
    run.golden.check_first_step(&mut parameters, &mut task());
    run.golden
        .check_training(&mut parameters, &mut task(), &config.training, STEP);
}

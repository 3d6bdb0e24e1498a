//! Our own kernels compared with straightforward f64, for repeated targets and for logits and gradients far beyond those of
//! training.

use proptest::prelude::*;
use tch::{Device, Kind, Tensor};

use crate::adam::Adam;
use crate::cross_entropy::CrossEntropy;
use crate::sampled_softmax::Sampler;
use crate::{Init, Layout, OutputLayer, Parameters, Precision};

/// Rows of numbers.
type Rows = Vec<Vec<f64>>;

fn tensor(rows: &Rows) -> Tensor {
    let flat: Vec<f32> = rows.iter().flatten().map(|&number| number as f32).collect();
    Tensor::from_slice(&flat).view([rows.len() as i64, -1])
}

fn numbers(tensor: &Tensor) -> Vec<f64> {
    Vec::try_from(tensor.to_kind(Kind::Double).flatten(0, -1)).unwrap()
}

/// An output layer with a batch. Hidden states and tables are integers, so that logits are exact in f32 and only what follows is
/// tested; logits reach ±1e4.
#[derive(Debug, Clone)]
struct Case {
    hidden: Rows,
    table: Rows,
    bias: Option<Vec<f64>>,
    /// Minus infinity hides a word from all rows whose target it is not.
    offset: Option<Vec<f64>>,
    smoothing: f64,
    targets: Vec<usize>,
}

fn case() -> impl Strategy<Value = Case> {
    let sizes = (1_usize..10, 2_usize..30, 1_usize..5);
    sizes.prop_flat_map(|(rows, words, width)| {
        let hidden = prop::collection::vec(prop::collection::vec(-10..=10, width), rows);
        let table = prop::collection::vec(prop::collection::vec(-10..=10, width), words);
        let offset = prop::option::of(prop::collection::vec(prop::option::of(0..5), words));
        (
            hidden,
            table,
            // Logits up to 1, 100 or 10,000 times the products of small integers.
            prop::sample::select(vec![1, 10, 50]),
            prop::option::of(prop::collection::vec(-20..=20, words)),
            offset,
            prop::sample::select(vec![0.0, 0.1]),
            // Few different targets, so that most are repeated.
            prop::collection::vec(0..words.min(4), rows),
        )
            .prop_map(
                |(hidden, table, factor, bias, offset, smoothing, targets)| {
                    let wide = |rows: Vec<Vec<i32>>, factor: i32| -> Rows {
                        let row = |row: Vec<i32>| row.into_iter().map(|x| f64::from(factor * x));
                        rows.into_iter()
                            .map(|numbers| row(numbers).collect())
                            .collect()
                    };
                    let offset = offset.map(|offset: Vec<Option<i32>>| {
                        let number = |x: Option<i32>| x.map_or(f64::NEG_INFINITY, f64::from);
                        offset.into_iter().map(number).collect::<Vec<f64>>()
                    });
                    Case {
                        hidden: wide(hidden, factor),
                        table: wide(table, factor.min(10)),
                        bias: bias.map(|bias| bias.into_iter().map(f64::from).collect()),
                        smoothing: if offset.is_some() { 0.0 } else { smoothing },
                        offset,
                        targets,
                    }
                },
            )
    })
}

/// Loss and gradients by hidden state, table and bias, in f64.
struct Expected {
    loss: f64,
    by_hidden: Rows,
    by_table: Rows,
    by_bias: Vec<f64>,
}

impl Case {
    fn expected(&self) -> Expected {
        let (rows, words, width) = (self.hidden.len(), self.table.len(), self.table[0].len());
        let mut expected = Expected {
            loss: 0.0,
            by_hidden: vec![vec![0.0; width]; rows],
            by_table: vec![vec![0.0; width]; words],
            by_bias: vec![0.0; words],
        };
        for (row, &target) in self.targets.iter().enumerate() {
            let logit = |word: usize| {
                let product = self.hidden[row]
                    .iter()
                    .zip(&self.table[word])
                    .map(|(x, y)| x * y);
                let bias = self.bias.as_ref().map_or(0.0, |bias| bias[word]);
                let offset = self.offset.as_ref().filter(|_| word != target);
                product.sum::<f64>() + bias + offset.map_or(0.0, |offset| offset[word])
            };
            let logits: Vec<f64> = (0..words).map(logit).collect();
            let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = logits.iter().map(|logit| (logit - largest).exp()).sum();
            let log_sum = largest + sum.ln();
            for (word, &logit) in logits.iter().enumerate() {
                let correct = f64::from(u8::from(word == target)) * (1.0 - self.smoothing);
                let wanted = correct + self.smoothing / words as f64;
                if wanted > 0.0 {
                    expected.loss += wanted * (log_sum - logit) / rows as f64;
                }
                let gradient = ((logit - log_sum).exp() - wanted) / rows as f64;
                expected.by_bias[word] += gradient;
                for at in 0..width {
                    expected.by_hidden[row][at] += gradient * self.table[word][at];
                    expected.by_table[word][at] += gradient * self.hidden[row][at];
                }
            }
        }
        expected
    }

    fn target_tensor(&self) -> Tensor {
        let targets: Vec<i64> = self.targets.iter().map(|&target| target as i64).collect();
        Tensor::from_slice(&targets)
    }

    /// The largest number of the table and of the hidden states, which bounds the gradients.
    fn size(&self) -> f64 {
        let all = self.hidden.iter().chain(&self.table).flatten();
        all.fold(1.0, |largest, number| largest.max(number.abs()))
    }
}

fn require_near(
    what: &str,
    found: &Tensor,
    expected: &[f64],
    bound: f64,
) -> Result<(), TestCaseError> {
    let found = numbers(found);
    prop_assert_eq!(found.len(), expected.len(), "{}", what);
    for (found, expected) in found.iter().zip(expected) {
        let is_near = (found - expected).abs() <= bound;
        prop_assert!(
            is_near,
            "{}: {}, expected {} ± {}",
            what,
            found,
            expected,
            bound
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn cross_entropy_equals_the_formula(case in case()) {
        let vector = |numbers: &Vec<f64>| {
            Tensor::from_slice(&numbers.iter().map(|&x| x as f32).collect::<Vec<_>>())
        };
        let layer = CrossEntropy {
            table: tensor(&case.table),
            bias: case.bias.as_ref().map(vector),
            logit_offset: case.offset.as_ref().map(vector),
            label_smoothing: case.smoothing,
        };
        let targets = case.target_tensor();
        let found = tch::no_grad(|| layer.compute(&tensor(&case.hidden), &targets));
        let expected = case.expected();
        let bound = 1e-5 * case.size();
        let loss_bound = 1e-6 * expected.loss.abs().max(1.0) + 1e-6 * case.size();
        require_near("loss", &found.loss, &[expected.loss], loss_bound)?;
        require_near("hidden", &found.by_hidden, &expected.by_hidden.concat(), bound)?;
        require_near("table", &found.by_table, &expected.by_table.concat(), bound)?;
        if let Some(by_bias) = &found.by_bias {
            require_near("bias", by_bias, &expected.by_bias, 1e-5)?;
        }
    }

    #[test]
    fn the_output_layer_scores_as_the_formula(case in case()) {
        let case = Case { offset: None, smoothing: 0.0, ..case };
        let words = case.table.len() as i64;
        let mut layout = Layout::default();
        let table = layout.add("table", &[words, case.table[0].len() as i64], Init::Zeros);
        let bias = case.bias.as_ref().map(|_| layout.add("bias", &[words], Init::Zeros));
        let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        parameters.set(table, &tensor(&case.table));
        if let (Some(id), Some(numbers)) = (bias, &case.bias) {
            let numbers: Vec<f32> = numbers.iter().map(|&number| number as f32).collect();
            parameters.set(id, &Tensor::from_slice(&numbers));
        }
        let output = OutputLayer { table, bias, vocab_size: words };
        let weights = parameters.weights();
        let (hidden, targets) = (tensor(&case.hidden), case.target_tensor());
        let expected = case.expected();
        let scores = output.score(&weights, &hidden, &targets);
        prop_assert!(numbers(&scores).iter().all(|score| score.is_finite() && *score <= 1e-2));
        let mean = numbers(&scores).iter().sum::<f64>() / case.targets.len() as f64;
        let bound = 1e-6 * expected.loss.abs().max(1.0) + 1e-6 * case.size();
        prop_assert!((mean + expected.loss).abs() <= bound, "{} {}", mean, expected.loss);
        let loss = output.cross_entropy(&weights, &hidden, &targets, 0.0);
        require_near("loss", &loss.value, &[expected.loss], bound)?;
        let sums = output.log_probs(&weights, &hidden).exp().sum_dim_intlist(-1, false, Kind::Float);
        require_near("sum", &sums, &vec![1.0; case.targets.len()], 1e-3)?;
    }

    #[test]
    fn candidates_hold_each_word_once_and_every_target(
        counts in prop::collection::vec(0_u64..1_000_000, 2..60),
        targets in prop::collection::vec(0_usize..1000, 1..30),
        share in 0.01_f64..1.0,
        seed in 0_i64..1000,
    ) {
        tch::manual_seed(seed);
        let number = (share * counts.len() as f64).ceil() as usize;
        let sampler = Sampler::new(&counts, number, Device::Cpu);
        let targets: Vec<i64> = targets.iter().map(|target| (target % counts.len()) as i64).collect();
        let targets = Tensor::from_slice(&targets);
        let found = sampler.draw(&targets);
        let words: Vec<i64> = Vec::try_from(&found.words).unwrap();
        prop_assert!(words.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", words);
        prop_assert!(words.iter().all(|&word| (0..counts.len() as i64).contains(&word)));
        prop_assert_eq!(found.words.index_select(0, &found.targets), targets);
        // ln 1/pi of a sampled word is at least 0, and infinity occurs only with a minus.
        let offsets = numbers(&found.logit_offset);
        prop_assert!(offsets.iter().all(|&offset| offset >= 0.0 || offset == f64::NEG_INFINITY));
    }

    #[test]
    fn adam_equals_the_formula(
        gradients in prop::collection::vec(prop::collection::vec(-1.0_f64..1.0, 7), 1..6),
        exponent in -12_i32..6,
        decay_length in 0_usize..8,
        is_repeated: bool,
    ) {
        let adam = |steps: i32| Adam {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            learning_rate: 1e-2,
            scale: 0.5,
            steps,
        };
        let decay = 1e-3;
        let start = [1.0, -2.0, 0.0, 1e-3, 1e3, -1e-3, 5.0];
        let mut expected = start;
        let (mut mean, mut square) = ([0.0; 7], [0.0; 7]);
        let flat = |numbers: &[f64]| {
            Tensor::from_slice(&numbers.iter().map(|&number| number as f32).collect::<Vec<_>>())
        };
        let mut found = [flat(&start), flat(&[0.0; 7]), flat(&[0.0; 7])];
        for (step, gradient) in (1..).zip(&gradients) {
            // Rows that never change have gradient 0; repeated ones always the same.
            let gradient = if is_repeated { &gradients[0] } else { gradient };
            let gradient: Vec<f64> = gradient.iter().map(|g| g * 10_f64.powi(exponent)).collect();
            let [master, first, second] = &mut found;
            adam(step).step(master, &flat(&gradient), (first, second), (decay_length, decay));
            for at in 0..7 {
                let scaled = 0.5 * gradient[at];
                mean[at] = 0.9 * mean[at] + 0.1 * scaled;
                square[at] = 0.999 * square[at] + 0.001 * scaled * scaled;
                let kept = if at < decay_length { 1.0 - decay } else { 1.0 };
                let root = (square[at] / (1.0 - 0.999_f64.powi(step))).sqrt();
                let direction = mean[at] / (1.0 - 0.9_f64.powi(step)) / (root + 1e-8);
                expected[at] = expected[at] * kept - 1e-2 * direction;
            }
        }
        for (at, (found, expected)) in numbers(&found[0]).iter().zip(expected).enumerate() {
            let bound = 1e-6 * expected.abs().max(1.0) * gradients.len() as f64;
            prop_assert!((found - expected).abs() < bound, "{}: {}, expected {}", at, found, expected);
        }
    }
}

//! Steps whose window or samples contain a word twice, and products far outside the table of the sigmoid, compared with the same
//! order of operations in f64.

use proptest::prelude::*;

use super::tests::{kernels, random_matrix, rows_of};
use super::*;
use crate::lcg::Lcg;

const RATE: f64 = 0.05;

/// alpha (l - sigma(x . y)) of all pairs, from the values before the step: `[inputs, outputs]`.
fn gradients(x: &[Vec<f64>], inputs: &[usize], y: &[Vec<f64>], outputs: &[usize]) -> Vec<Vec<f64>> {
    let of_pair = |m: usize, (n, &output): (usize, &usize)| {
        let product: f64 = x[m].iter().zip(&y[output]).map(|(x, y)| x * y).sum();
        RATE * (f64::from(u8::from(n == 0)) - 1.0 / (1.0 + (-product).exp()))
    };
    let of_input = |&m: &usize| {
        let outputs = outputs.iter().enumerate();
        outputs.map(|output| of_pair(m, output)).collect()
    };
    inputs.iter().map(of_input).collect()
}

/// to += factor from.
fn add(to: &mut [f64], factor: f64, from: &[f64]) {
    to.iter_mut()
        .zip(from)
        .for_each(|(to, from)| *to += factor * from);
}

/// One step in f64. Rows that occur twice get both updates; with a single tile, the second occurrence of an input meets the first
/// one's update, as in the kernel.
fn step(x: &mut [Vec<f64>], inputs: &[usize], y: &mut [Vec<f64>], outputs: &[usize]) {
    let gradients = gradients(x, inputs, y, outputs);
    let dimension = x[0].len();
    let mut updates = vec![vec![0.0; dimension]; inputs.len()];
    for from in (0..outputs.len()).step_by(TILE) {
        let tile = &outputs[from..outputs.len().min(from + TILE)];
        let old: Vec<Vec<f64>> = tile.iter().map(|&output| y[output].clone()).collect();
        for (m, &input) in inputs.iter().enumerate() {
            let before = x[input].clone();
            for (n, &output) in tile.iter().enumerate() {
                let gradient = gradients[m][from + n];
                match outputs.len() > TILE {
                    true => add(&mut updates[m], gradient, &old[n]),
                    false => add(&mut x[input], gradient, &old[n]),
                }
                add(&mut y[output], gradient, &before);
            }
        }
    }
    for (&input, update) in inputs.iter().zip(&updates) {
        add(&mut x[input], 1.0, update);
    }
}

proptest! {
    #[test]
    fn repeated_rows_and_saturated_products_equal_the_formula(
        rows in 1_usize..5,
        inputs in prop::collection::vec(0_usize..100, 1..10),
        outputs in prop::collection::vec(0_usize..100, 1..20),
        dimension in 1_usize..40,
        scale in prop::sample::select(vec![1.0_f32, 30.0, 1e3]),
        seed: u64,
    ) {
        let inputs: Vec<usize> = inputs.iter().map(|row| row % rows).collect();
        let outputs: Vec<usize> = outputs.iter().map(|row| row % rows).collect();
        for kernel in kernels() {
            let mut rng = Lcg::new(seed);
            let mut matrices = [0, 1].map(|_| {
                let mut matrix = random_matrix(rows, dimension, &mut rng);
                (0..rows).for_each(|row| matrix.row_mut(row).iter_mut().for_each(|x| *x *= scale));
                matrix
            });
            let [mut expected_x, mut expected_y] = [rows_of(&matrices[0]), rows_of(&matrices[1])];
            step(&mut expected_x, &inputs, &mut expected_y, &outputs);
            let [x, y] = &mut matrices;
            let mut step = Step::new(kernel, x.stride());
            let (shared_x, shared_y) = (x.share(), y.share());
            step.inputs = inputs.iter().map(|&row| shared_x.row(row as u32)).collect();
            step.outputs = outputs
                .iter()
                .enumerate()
                .map(|(n, &row)| Output {
                    vector: shared_y.row(row as u32),
                    label: if n == 0 { 1.0 } else { 0.0 },
                    saturation: Saturation::Clamp,
                })
                .collect();
            // SAFETY: all pointers are rows of shared matrices.
            unsafe { step.run(RATE as f32) };
            prop_assert!(step.loss(RATE as f32).is_finite());
            // The table is off by 4e-4, and by 2.5e-3 where it ends; sums of large numbers in f32 are off by 1e-6 of their size.
            let pairs = (inputs.len() * outputs.len()) as f64;
            let bound = f64::from(scale) * pairs * (RATE * 2.6e-3 + 1e-6);
            for (new, expected) in [(rows_of(x), expected_x), (rows_of(y), expected_y)] {
                for (new, expected) in new.iter().flatten().zip(expected.iter().flatten()) {
                    prop_assert!((new - expected).abs() < bound, "{kernel:?}: {new}, expected {expected}");
                }
            }
        }
    }

    #[test]
    fn saturated_products_are_skipped_or_clamped(
        dimension in 1_usize..40, sign in prop::sample::select(vec![-1.0_f32, 1.0]), is_positive: bool,
    ) {
        for kernel in kernels() {
            let of = |value: f32| {
                let mut matrix = crate::matrix::Matrix::zeros(1, dimension);
                matrix.row_mut(0).fill(value);
                matrix
            };
            // The product is ±1e4 dimension.
            for saturation in [Saturation::Skip, Saturation::Clamp] {
                let (mut x, mut y) = (of(100.0), of(sign * 100.0));
                let mut step = Step::new(kernel, x.stride());
                step.inputs = vec![x.share().row(0)];
                let label = f32::from(u8::from(is_positive));
                step.outputs = vec![Output { vector: y.share().row(0), label, saturation }];
                // SAFETY: all pointers are rows of shared matrices.
                unsafe { step.run(RATE as f32) };
                let is_wrong = is_positive == (sign < 0.0);
                let gradient = match saturation == Saturation::Clamp && is_wrong {
                    true => RATE as f32 * (2.0 * label - 1.0),
                    false => 0.0,
                };
                let near = |row: &[f32], expected: f32| row.iter().all(|x| (x - expected).abs() < 1e-4);
                prop_assert!(near(x.row(0), 100.0 + gradient * sign * 100.0), "{:?}", x.row(0));
                prop_assert!(near(y.row(0), sign * 100.0 + gradient * 100.0), "{:?}", y.row(0));
            }
        }
    }
}

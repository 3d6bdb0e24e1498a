//! The kernel compared with a direct evaluation of the formula.

use proptest::prelude::*;

use super::*;
use crate::lcg::Lcg;
use crate::matrix::{Matrix, SharedMatrix};

pub(super) fn random_matrix(rows: usize, dimension: usize, rng: &mut Lcg) -> Matrix {
    let mut matrix = Matrix::zeros(rows, dimension);
    for row in 0..rows {
        let numbers = matrix.row_mut(row).iter_mut();
        numbers.for_each(|number| *number = rng.next_f32() - 0.5);
    }
    matrix
}

/// Both kernels. The tests that use them count as skipped if the processor has no instructions for the faster one.
pub(super) fn kernels() -> Vec<Kernel> {
    let mut kernels = vec![Kernel::Portable, Kernel::best()];
    kernels.dedup();
    if kernels.len() == 1 {
        test_skips::skip("this processor has no AVX2; only the portable kernel is tested");
    }
    kernels
}

pub(super) fn rows_of(matrix: &Matrix) -> Vec<Vec<f64>> {
    let wide = |row| {
        matrix
            .row(row)
            .iter()
            .map(|&number| f64::from(number))
            .collect()
    };
    (0..matrix.rows()).map(wide).collect()
}

const RATE: f32 = 0.05;

/// All rows as outputs, every third of them positive.
fn outputs_of(rows: SharedMatrix<'_>, count: usize) -> Vec<Output> {
    let output = |row: u32| Output {
        vector: rows.row(row),
        label: row.is_multiple_of(3).into(),
        saturation: Saturation::Clamp,
    };
    (0..count as u32).map(output).collect()
}

/// The gradient of the n-th of these outputs for an input.
fn gradient(input: &[f64], output: &[f64], n: usize) -> f64 {
    let product: f64 = input.iter().zip(output).map(|(x, y)| x * y).sum();
    f64::from(u8::from(n.is_multiple_of(3))) - 1.0 / (1.0 + (-product).exp())
}

/// Whether a number that `vectors` vectors updated is right; the error of the sigmoid's table is up to 4e-4.
fn is_near(got: f64, expected: f64, vectors: usize) -> bool {
    (got - expected).abs() < 2e-5 * vectors as f64
}

/// A step of CBOW: the mean of all x is trained against all y, and its update is added to each x.
fn check_mean(step: &mut Step, kernel: Kernel, x: &mut Matrix, y: &mut Matrix) {
    let (old_x, old_y, stride) = (rows_of(x), rows_of(y), x.stride());
    let shared = x.share();
    let inputs: Vec<*mut f32> = (0..old_x.len() as u32).map(|row| shared.row(row)).collect();
    step.outputs = outputs_of(y.share(), old_y.len());
    let mut mean = AlignedRows::default();
    mean.clear(1, stride);
    let mean = mean.row(0, stride);
    step.inputs = vec![mean];
    // SAFETY: all pointers are rows of shared matrices or of scratch memory, with `stride` numbers.
    let (start, end, update) = unsafe {
        let copy = |row: *const f32| std::slice::from_raw_parts(row, stride).to_vec();
        step.mean(&inputs, mean);
        let start = copy(mean);
        let update = step.run_for_input_update(RATE);
        step.add(&inputs, update);
        (start, copy(mean), copy(update))
    };
    assert_eq!(start, end, "{kernel:?}: the mean is unchanged");

    let dimension = old_x[0].len();
    let mean_at = |at: usize| old_x.iter().map(|row| row[at]).sum::<f64>() / old_x.len() as f64;
    let mean: Vec<f64> = (0..dimension).map(mean_at).collect();
    let steps = old_y.iter().enumerate();
    let steps: Vec<f64> = steps
        .map(|(n, row)| f64::from(RATE) * gradient(&mean, row, n))
        .collect();
    let (new_x, new_y) = (rows_of(x), rows_of(y));
    for at in 0..dimension {
        let got = f64::from(start[at]);
        assert!((got - mean[at]).abs() < 1e-6, "{kernel:?} {got}");
        let expected: f64 = steps.iter().zip(&old_y).map(|(step, y)| step * y[at]).sum();
        let got = f64::from(update[at]);
        assert!(is_near(got, expected, old_y.len()), "{kernel:?} {got}");
        for (new, old) in new_x.iter().zip(&old_x) {
            assert_eq!(new[at], f64::from(old[at] as f32 + update[at]));
        }
        for ((new, old), step) in new_y.iter().zip(&old_y).zip(&steps) {
            let got = new[at] - old[at];
            assert!(is_near(got, step * mean[at], 1), "{kernel:?} {got}");
        }
    }
    // The padding of the rows stays 0.
    let mut padding = start[dimension..].iter().chain(&update[dimension..]);
    assert!(padding.all(|&number| number == 0.0), "{kernel:?}");
}

proptest! {
    #[test]
    fn a_step_equals_the_formula_for_all_sizes(
        inputs in 1_usize..12,
        outputs in 1_usize..28,
        // Longer vectors would have dot products outside the table of the sigmoid.
        dimension in 1_usize..130,
        seed: u64,
    ) {
        for kernel in kernels() {
            let mut rng = Lcg::new(seed);
            let mut x = random_matrix(inputs, dimension, &mut rng);
            let mut y = random_matrix(outputs, dimension, &mut rng);
            let (old_x, old_y) = (rows_of(&x), rows_of(&y));
            let mut step = Step::new(kernel, x.stride());
            let shared_x = x.share();
            step.inputs = (0..inputs as u32).map(|row| shared_x.row(row)).collect();
            step.outputs = outputs_of(y.share(), outputs);
            // SAFETY: all pointers are rows of shared matrices.
            unsafe { step.run(RATE) };
            for (rows, others, new, by_input) in [
                (&old_x, &old_y, rows_of(&x), true),
                (&old_y, &old_x, rows_of(&y), false),
            ] {
                for (at, row) in rows.iter().enumerate() {
                    for (position, old) in row.iter().enumerate() {
                        let update = |(other, vector): (usize, &Vec<f64>)| {
                            let (m, n) = if by_input { (at, other) } else { (other, at) };
                            f64::from(RATE) * gradient(&old_x[m], &old_y[n], n) * vector[position]
                        };
                        let update: f64 = others.iter().enumerate().map(update).sum();
                        let got = new[at][position];
                        assert!(
                            is_near(got, old + update, others.len()),
                            "{kernel:?} {got}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_update_of_a_mean_is_returned_and_added_to_each_input_for_all_sizes(
        inputs in 1_usize..24,
        outputs in 1_usize..28,
        dimension in 1_usize..130,
        seed: u64,
    ) {
        for kernel in kernels() {
            let mut rng = Lcg::new(seed);
            let mut x = random_matrix(inputs, dimension, &mut rng);
            let mut step = Step::new(kernel, x.stride());
            // Two steps with different outputs, because nothing of the first may remain in the second.
            for outputs in [28 - outputs, outputs] {
                let mut y = random_matrix(outputs, dimension, &mut rng);
                check_mean(&mut step, kernel, &mut x, &mut y);
            }
        }
    }
}

#[test]
fn gradients_equal_finite_differences() {
    // The step divided by the learning rate is the negative derivative of the loss.
    let mut rng = Lcg::new(11);
    let (mut x, mut y) = (
        random_matrix(2, 10, &mut rng),
        random_matrix(3, 10, &mut rng),
    );
    let (old_x, old_y) = (rows_of(&x), rows_of(&y));
    let loss = |x: &[Vec<f64>]| -> f64 {
        let term = |m: usize, n: usize| {
            let product: f64 = x[m].iter().zip(&old_y[n]).map(|(x, y)| x * y).sum();
            let sign = if n == 0 { 1.0 } else { -1.0 };
            (1.0 + (-sign * product).exp()).ln()
        };
        (0..2)
            .flat_map(|m| (0..3).map(move |n| (m, n)))
            .map(|(m, n)| term(m, n))
            .sum()
    };
    let rate = 1e-2_f32;
    let mut step = Step::new(Kernel::best(), x.stride());
    let (shared_x, shared_y) = (x.share(), y.share());
    step.inputs = (0..2).map(|row| shared_x.row(row)).collect();
    step.outputs = (0..3)
        .map(|row| Output {
            vector: shared_y.row(row),
            label: (row == 0).into(),
            saturation: Saturation::Clamp,
        })
        .collect();
    // SAFETY: all pointers are rows of shared matrices.
    unsafe { step.run(rate) };
    assert!((step.loss(rate) - loss(&old_x)).abs() < 6.0 * 1e-3);
    for (m, at) in [(0, 0), (0, 9), (1, 4)] {
        let difference = |by: f64| {
            let mut x = old_x.clone();
            x[m][at] += by;
            loss(&x)
        };
        let slope = (difference(1e-5) - difference(-1e-5)) / 2e-5;
        let moved = f64::from(x.row(m)[at]) - old_x[m][at];
        assert!(
            (moved / f64::from(rate) + slope).abs() < 2e-3,
            "{moved} {slope}"
        );
    }
}

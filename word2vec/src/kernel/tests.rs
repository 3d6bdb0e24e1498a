//! The kernel against the formula, one number after the other.

use proptest::prelude::*;

use super::*;
use crate::matrix::Matrix;
use crate::random::Random;

fn random_matrix(rows: usize, dimension: usize, random: &mut Random) -> Matrix {
    let mut matrix = Matrix::zeros(rows, dimension);
    for row in 0..rows {
        let numbers = matrix.row_mut(row).iter_mut();
        numbers.for_each(|number| *number = random.coarse() - 0.5);
    }
    matrix
}

fn kernels() -> Vec<Kernel> {
    let mut kernels = vec![Kernel::Portable, Kernel::best()];
    kernels.dedup();
    kernels
}

fn rows_of(matrix: &Matrix) -> Vec<Vec<f64>> {
    let wide = |row| {
        matrix
            .row(row)
            .iter()
            .map(|&number| f64::from(number))
            .collect()
    };
    (0..matrix.rows()).map(wide).collect()
}

proptest! {
    #[test]
    fn a_step_is_that_of_the_formula_whatever_the_sizes(
        inputs in 1_usize..12,
        outputs in 1_usize..28,
        // Longer vectors would have products at which the table of the sigmoid ends.
        dimension in 1_usize..130,
        seed: u64,
    ) {
        for kernel in kernels() {
            let mut random = Random::new(seed);
            let mut x = random_matrix(inputs, dimension, &mut random);
            let mut y = random_matrix(outputs, dimension, &mut random);
            let (old_x, old_y) = (rows_of(&x), rows_of(&y));
            let rate = 0.05;
            let mut step = Step::new(kernel, x.stride());
            let (shared_x, shared_y) = (x.share(), y.share());
            step.inputs = (0..inputs as u32).map(|row| shared_x.row(row)).collect();
            step.outputs = (0..outputs as u32)
                .map(|row| Output {
                    vector: shared_y.row(row),
                    label: (row % 3 == 0).into(),
                    saturated: Saturated::Certain,
                })
                .collect();
            // SAFETY: rows of matrices that are shared.
            unsafe { step.run(rate) };
            let gradient = |m: usize, n: usize| {
                let product: f64 = old_x[m].iter().zip(&old_y[n]).map(|(x, y)| x * y).sum();
                f64::from(u8::from(n.is_multiple_of(3))) - 1.0 / (1.0 + (-product).exp())
            };
            for (rows, others, new, by_input) in [
                (&old_x, &old_y, rows_of(&x), true),
                (&old_y, &old_x, rows_of(&y), false),
            ] {
                for (at, row) in rows.iter().enumerate() {
                    for (place, old) in row.iter().enumerate() {
                        let change = |(other, vector): (usize, &Vec<f64>)| {
                            let (m, n) = if by_input { (at, other) } else { (other, at) };
                            f64::from(rate) * gradient(m, n) * vector[place]
                        };
                        let change: f64 = others.iter().enumerate().map(change).sum();
                        let got = new[at][place];
                        // The sigmoid's table is good to 4e-4.
                        assert!(
                            (got - old - change).abs() < 2e-5 * others.len() as f64,
                            "{kernel:?} {got}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_mean_is_moved_aside_and_added_to_each() {
    for kernel in kernels() {
        let mut random = Random::new(3);
        let (mut x, mut y) = (
            random_matrix(5, 20, &mut random),
            random_matrix(4, 20, &mut random),
        );
        let before = rows_of(&x);
        let mut step = Step::new(kernel, x.stride());
        let mut mean = Scratch::default();
        mean.clear(1, x.stride());
        let (shared_x, shared_y) = (x.share(), y.share());
        let vectors: Vec<*mut f32> = (0..5).map(|row| shared_x.row(row)).collect();
        let mean = mean.row(0, shared_x.stride());
        let start = |at: usize| before.iter().map(|row| row[at]).sum::<f64>() / 5.0;
        // SAFETY: rows of matrices that are shared, and of a scratch.
        unsafe {
            step.mean(&vectors, mean);
            step.inputs = vec![mean];
            step.outputs = (0..4)
                .map(|row| Output {
                    vector: shared_y.row(row),
                    label: 1.0,
                    saturated: Saturated::Certain,
                })
                .collect();
            let change = step.run_for_change(0.1);
            assert!((f64::from(*mean.add(7)) - start(7)).abs() < 1e-6);
            let change_of_7 = f64::from(*change.add(7));
            assert!(change_of_7.abs() > 1e-4);
            step.add(&vectors, change);
            for (row, before) in before.iter().enumerate() {
                assert!((f64::from(x.row(row)[7]) - before[7] - change_of_7).abs() < 1e-6);
            }
        }
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    // The loss as a function of one number of an input; the step without the rate is minus its derivative.
    let mut random = Random::new(11);
    let (mut x, mut y) = (
        random_matrix(2, 10, &mut random),
        random_matrix(3, 10, &mut random),
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
            saturated: Saturated::Certain,
        })
        .collect();
    // SAFETY: rows of matrices that are shared.
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

//! Projection of vectors to a plane by principal component analysis.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use crate::error::{Error, Result};

/// Points of a plane, one for each vector.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// Coordinates along the first two principal components.
    pub points: Vec<[f64; 2]>,
    /// The share of the variance that each component explains.
    pub shares: [f64; 2],
}

/// Projects vectors, all of the same length, onto their first two principal components (Pearson 1901): the directions of the
/// largest variance around their mean. The sign of a direction is chosen so that its largest coordinate by magnitude is
/// positive. Two vectors have one direction only; the second coordinate is then 0.
///
/// # Errors
/// [`Error::Setting`] for fewer than two vectors, for different lengths, and if all are equal.
pub fn principal_components(vectors: &[&[f32]]) -> Result<Projection> {
    let refuse = |value: String, bound: &str| Error::Setting {
        field: "vectors",
        value,
        bound: bound.to_owned(),
    };
    let (number, dimension) = (
        vectors.len(),
        vectors.first().map_or(0, |first| first.len()),
    );
    if number < 2 {
        return Err(refuse(number.to_string(), "a map needs at least 2"));
    }
    if let Some(other) = vectors.iter().find(|vector| vector.len() != dimension) {
        let lengths = format!("{dimension} and {} coordinates", other.len());
        return Err(refuse(lengths, "all must have the same"));
    }
    let mut centred = DMatrix::from_fn(number, dimension, |row, column| {
        f64::from(vectors[row][column])
    });
    let mean = centred.row_mean();
    centred.row_iter_mut().for_each(|mut row| row -= &mean);
    // Both products have the same eigenvalues; the smaller is decomposed.
    let transposed = centred.transpose();
    let by_rows = number <= dimension;
    let product = match by_rows {
        true => &centred * &transposed,
        false => &transposed * &centred,
    };
    let total = product.trace();
    if total <= 0.0 {
        return Err(refuse(
            format!("{number}, all equal"),
            "a map needs two that differ",
        ));
    }
    let found = SymmetricEigen::new(product);
    let mut order: Vec<usize> = (0..found.eigenvalues.len()).collect();
    order.sort_by(|&a, &b| found.eigenvalues[b].total_cmp(&found.eigenvalues[a]));
    let component = |rank: usize| -> (DVector<f64>, f64) {
        let Some(&at) = order.get(rank) else {
            return (DVector::zeros(number), 0.0);
        };
        // Rounding may make a value of zero negative.
        let (value, vector) = (
            found.eigenvalues[at].max(0.0),
            found.eigenvectors.column(at),
        );
        let coordinates = match by_rows {
            true => vector * value.sqrt(),
            false => &centred * vector,
        };
        let largest = coordinates[coordinates.iamax()];
        (coordinates * largest.signum(), value / total)
    };
    let ((first, first_share), (second, second_share)) = (component(0), component(1));
    Ok(Projection {
        points: first
            .iter()
            .zip(second.iter())
            .map(|(&x, &y)| [x, y])
            .collect(),
        shares: [first_share, second_share],
    })
}

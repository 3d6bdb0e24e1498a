//! Positional encodings: sinusoids added to the embedding (section 3.5), or rotations of queries and keys.

use tch::{Device, Kind, Tensor};

/// Angles pos / 10000^(2i / depth) of positions from `start` on: f32, [length, depth / 2].
fn angles(start: i64, length: i64, depth: i64, device: Device) -> Tensor {
    let options = (Kind::Float, device);
    let positions = Tensor::arange_start(start, start + length, options).unsqueeze(1);
    let exponents = Tensor::arange(depth / 2, options) * (-2.0 * 10_000_f64.ln() / depth as f64);
    positions * exponents.exp()
}

/// PE(pos, 2i) = sin(pos / 10000^(2i / d_model)), PE(pos, 2i + 1) = cos of the same: [length, D].
pub(crate) fn sinusoids(start: i64, length: i64, d_model: i64, device: Device) -> Tensor {
    let angles = angles(start, length, d_model, device);
    Tensor::stack(&[angles.sin(), angles.cos()], -1).view([length, d_model])
}

/// Rotates the pairs (i, i + depth / 2) of vectors by the angles of their positions (Su et al. 2021, section 3.2.2).
#[derive(Debug)]
pub(crate) struct Rotation {
    /// [length, depth], each angle twice.
    cos: Tensor,
    /// [length, depth], negative in the first half.
    sin: Tensor,
}

impl Rotation {
    /// For vectors of `depth` numbers at positions from `start` on.
    pub(crate) fn new(
        (start, length): (i64, i64),
        depth: i64,
        (kind, device): (Kind, Device),
    ) -> Rotation {
        let angles = angles(start, length, depth, device);
        let (cos, sin) = (angles.cos(), angles.sin());
        Rotation {
            cos: Tensor::cat(&[&cos, &cos], -1).to_kind(kind),
            sin: Tensor::cat(&[-&sin, sin], -1).to_kind(kind),
        }
    }

    /// [..., length, depth] to the same.
    pub(crate) fn apply(&self, x: &Tensor) -> Tensor {
        let halves = x.chunk(2, -1);
        let swapped = Tensor::cat(&[&halves[1], &halves[0]], -1);
        x * &self.cos + swapped * &self.sin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sinusoids_match_the_formula_of_the_paper() {
        let encoding = sinusoids(3, 5, 8, Device::Cpu);
        for (row, position) in (3..8).enumerate() {
            for pair in 0..4 {
                let angle = f64::from(position) / 10_000_f64.powf(2.0 * f64::from(pair) / 8.0);
                let got = |at: i32| encoding.double_value(&[row as i64, i64::from(2 * pair + at)]);
                assert!((got(0) - angle.sin()).abs() < 1e-6);
                assert!((got(1) - angle.cos()).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn products_of_rotated_vectors_depend_on_their_distance_only() {
        let options = (Kind::Double, Device::Cpu);
        let [query, key] = [3, 4].map(|seed| {
            tch::manual_seed(seed);
            Tensor::randn([1, 8], options)
        });
        let product = |positions: [i64; 2]| {
            let [at, of] = positions.map(|position| Rotation::new((position, 1), 8, options));
            (at.apply(&query) * of.apply(&key))
                .sum(Kind::Double)
                .double_value(&[])
        };
        for position in [1, 17, 400] {
            assert!((product([position + 5, position]) - product([5, 0])).abs() < 1e-3);
        }
        assert!((product([9, 0]) - product([5, 0])).abs() > 1e-2);
        // The rotation of position 0 is the identity.
        let plain = (&query * &key).sum(Kind::Double).double_value(&[]);
        assert!((product([0, 0]) - plain).abs() < 1e-12);
    }
}

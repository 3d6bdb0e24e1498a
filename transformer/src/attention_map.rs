//! Attention weights as plain numbers.

use neural::to_f64s;
use tch::Tensor;

/// The attention weights of one head: for each query position, a distribution over key positions.
pub type AttentionMap = Vec<Vec<f64>>;

/// Attention weights `[1, heads, time, key_time]` as one map per head.
pub(crate) fn to_maps(weights: &Tensor) -> Vec<AttentionMap> {
    let (rows, columns) = (weights.size()[2] as usize, weights.size()[3] as usize);
    let flat = to_f64s(weights);
    let heads = flat.chunks(rows * columns);
    heads
        .map(|head| head.chunks(columns).map(<[f64]>::to_vec).collect())
        .collect()
}

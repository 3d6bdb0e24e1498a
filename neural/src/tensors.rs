//! Conversions between token ids, rows of different lengths, numbers and tensors.

use corpus::TokenId;
use tch::{Device, Kind, Tensor};

/// Token ids or indices as a tensor of integers, `[length]`. The copy to a GPU is asynchronous: CUDA buffers up to 64 KiB of
/// pageable memory, so that the call does not wait for earlier work.
pub fn token_tensor(tokens: &[TokenId], device: Device) -> Tensor {
    let tokens: Vec<i32> = tokens.iter().map(|&token| token as i32).collect();
    Tensor::from_slice(&tokens)
        .to_device_(device, Kind::Int, true, false)
        .to_kind(Kind::Int64)
}

/// Row indices as a tensor, `[rows]`.
pub fn row_tensor(rows: &[usize], device: Device) -> Tensor {
    let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
    Tensor::from_slice(&rows).to_device(device)
}

/// Sentences as rows of ids, padded at the end with `padding`: `[rows, longest]`.
pub fn pad_rows(rows: &[&[TokenId]], padding: TokenId, device: Device) -> Tensor {
    let longest = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    let mut all = Vec::with_capacity(rows.len() * longest);
    for row in rows {
        all.extend_from_slice(row);
        all.resize(all.len() + longest - row.len(), padding);
    }
    token_tensor(&all, device).view([rows.len() as i64, longest as i64])
}

/// The numbers of a tensor of any shape, row by row.
pub fn to_f64s(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.flatten(0, -1).to_kind(Kind::Double);
    Vec::try_from(flat).expect("the tensor has one dimension")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_padded_at_the_end() {
        let rows = pad_rows(&[&[1, 2, 3], &[4], &[]], 9, Device::Cpu);
        assert_eq!(rows.size(), [3, 3]);
        let numbers: Vec<i64> = Vec::try_from(rows.flatten(0, -1)).unwrap();
        assert_eq!(numbers, [1, 2, 3, 4, 9, 9, 9, 9, 9]);
    }
}

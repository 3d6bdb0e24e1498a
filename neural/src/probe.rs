//! Measures the rate of matrix products, which bounds the training speed of every network.

use std::time::{Duration, Instant};

use tch::{Cuda, Tensor};

use crate::device::{Device, Precision};
use crate::error::{Error, Result};

/// Sizes of the measured products. The last one reaches the full rate; the smaller ones come first because without a fast
/// kernel (bf16 on a processor without bf16 instructions) the last one would take half a minute.
const SIZES: [i64; 4] = [256, 512, 1024, 2048];
/// Smaller products do not keep a GPU busy.
const SIZES_GPU: [i64; 2] = [2048, 8192];
const PATIENCE: Duration = Duration::from_secs(1);

/// The best rate of a matrix product in GFLOP/s (a multiplication and an addition count as two operations), with libtorch's
/// current number of threads: of size 2048, or of the largest smaller size that takes less than a second; on a GPU of size 8192.
///
/// # Errors
///
/// [`Error::Device`] if there is no such device, [`Error::Torch`] if libtorch cannot allocate or multiply.
pub fn matmul_gflops(device: Device, precision: Precision) -> Result<f64> {
    let mut rate = 0.0;
    let sizes = match device {
        Device::Cpu => &SIZES[..],
        Device::Cuda(_) => &SIZES_GPU,
    };
    for &size in sizes {
        let time = best_time(device, precision, size)?.as_secs_f64();
        let operations = 2.0 * (size as f64).powi(3);
        rate = operations / time / 1e9;
        if 8.0 * time > PATIENCE.as_secs_f64() {
            break;
        }
    }
    Ok(rate)
}

/// The shortest time of several products of two square matrices of this size.
fn best_time(device: Device, precision: Precision, size: i64) -> Result<Duration> {
    let torch_device = device.open()?;
    let failed = |source| Error::Torch {
        action: format!("multiply {precision} matrices on {device}"),
        source,
    };
    let options = (precision.kind(), torch_device);
    // Random numbers: a GPU multiplies constant matrices faster.
    let left = Tensor::f_randn([size, size], options).map_err(failed)?;
    let right = Tensor::f_randn([size, size], options).map_err(failed)?;
    let mut best = Duration::MAX;
    let begin = Instant::now();
    // The first product includes the start of threads, allocation and kernel selection, so there are at least three.
    for round in 0.. {
        let start = Instant::now();
        let _ = left.f_matmul(&right).map_err(failed)?;
        finish(device);
        best = best.min(start.elapsed());
        if round >= 2 && begin.elapsed() > PATIENCE / 4 {
            break;
        }
    }
    Ok(best)
}

/// Waits until the device has finished; only a GPU computes asynchronously.
fn finish(device: Device) {
    if let Device::Cuda(number) = device {
        Cuda::synchronize(i64::try_from(number).unwrap_or(0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_positive_and_measured_quickly_even_without_a_fast_kernel() {
        for precision in [Precision::F32, Precision::Bf16] {
            let start = Instant::now();
            let rate = matmul_gflops(Device::Cpu, precision).unwrap();
            println!("{precision}: {rate:.1} GFLOP/s, {:?}", start.elapsed());
            assert!(rate > 0.0, "{precision}: {rate}");
            assert!(start.elapsed() < 20 * PATIENCE, "{precision}");
        }
    }
}

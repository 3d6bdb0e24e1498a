//! What this machine can do: the rate of matrix products, which bounds the speed of every neural era, and which
//! libtorch answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tch::{Cuda, Tensor};

use crate::{Device, Error, Precision, Result};

/// Edges of the measured products. The last reaches the full rate; the others find out what it would cost, for
/// where libtorch has no fast kernel (bf16 on a processor without bf16 products) it would take half a minute.
const EDGES: [i64; 4] = [256, 512, 1024, 2048];
/// A GPU is not busy with less.
const EDGES_OF_A_GPU: [i64; 2] = [2048, 8192];
const PATIENCE: Duration = Duration::from_secs(1);

/// The best rate of a matrix product, in 10^9 floating-point operations per second (a multiplication and an
/// addition count as two), with the threads that libtorch has been given: that of a 2048-cube, or of the largest
/// smaller one that takes less than a second; on a GPU that of an 8192-cube.
///
/// # Errors
///
/// [`Error::Device`] if there is no such device, [`Error::Torch`] if libtorch cannot allocate or multiply.
pub fn matmul_gflops(device: Device, precision: Precision) -> Result<f64> {
    let mut rate = 0.0;
    let edges = match device {
        Device::Cpu => &EDGES[..],
        Device::Cuda(_) => &EDGES_OF_A_GPU,
    };
    for &edge in edges {
        let time = best_time(device, precision, edge)?.as_secs_f64();
        let operations = 2.0 * (edge as f64).powi(3);
        rate = operations / time / 1e9;
        if 8.0 * time > PATIENCE.as_secs_f64() {
            break;
        }
    }
    Ok(rate)
}

/// The shortest of several products of two matrices with this edge.
fn best_time(device: Device, precision: Precision, edge: i64) -> Result<Duration> {
    let torch_device = device.open()?;
    let failed = |source| Error::Torch {
        action: format!("multiply {precision} matrices on {device}"),
        source,
    };
    let options = (precision.kind(), torch_device);
    // A GPU multiplies ones faster than numbers that differ.
    let left = Tensor::f_randn([edge, edge], options).map_err(failed)?;
    let right = Tensor::f_randn([edge, edge], options).map_err(failed)?;
    let mut best = Duration::MAX;
    let begin = Instant::now();
    // The first product pays for threads, memory and the choice of a kernel, so there are three at least.
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

/// Waits until the device has done what it was given; only a GPU works behind the caller's back.
fn finish(device: Device) {
    if let Device::Cuda(number) = device {
        Cuda::synchronize(i64::try_from(number).unwrap_or(0));
    }
}

/// The version of the libtorch in use, as the files beside it say, for example `2.11.0`. `None` if they do not.
pub fn libtorch_version() -> Option<String> {
    version_in(&libtorch_folder()?)
}

/// The folder that holds `libtorch_cpu.so` in this process. `None` where the system does not tell (not Linux).
pub fn libtorch_folder() -> Option<PathBuf> {
    folder_in(&fs::read_to_string("/proc/self/maps").ok()?)
}

fn folder_in(maps: &str) -> Option<PathBuf> {
    let line = maps
        .lines()
        .find(|line| line.ends_with("/libtorch_cpu.so"))?;
    // "address permissions offset device inode   path": the path is what begins with the first slash.
    let path = Path::new(&line[line.find('/')?..]);
    path.parent().map(Path::to_path_buf)
}

/// Official archives and `make libtorch` have `build-version`, a Python package has `version.py`, one level up.
fn version_in(folder: &Path) -> Option<String> {
    let up = folder.parent()?;
    if let Ok(text) = fs::read_to_string(up.join("build-version")) {
        return Some(text.trim().to_owned());
    }
    let text = fs::read_to_string(up.join("version.py")).ok()?;
    let line = text.lines().find(|line| line.starts_with("__version__"))?;
    line.split(['\'', '"']).nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_read_off_the_memory_map() {
        let maps = "7f00-7f01 r-xp 0000 fe:00 12   /usr/lib/libc.so.6\n\
                    7f02-7f03 r-xp 0000 fe:00 13   /home/a student/lib/libtorch_cpu.so\n";
        assert_eq!(folder_in(maps), Some(PathBuf::from("/home/a student/lib")));
        assert_eq!(folder_in("7f00-7f01 r-xp 0000 fe:00 12\n"), None);
    }

    #[test]
    fn the_version_is_read_from_either_file() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("lib");
        assert_eq!(version_in(&folder), None);
        let python = "from typing import Optional\n__version__ = '2.11.0+cu130'\n";
        fs::write(root.path().join("version.py"), python).unwrap();
        assert_eq!(version_in(&folder).as_deref(), Some("2.11.0+cu130"));
        fs::write(root.path().join("build-version"), "2.11.0\n").unwrap();
        assert_eq!(version_in(&folder).as_deref(), Some("2.11.0"));
    }

    #[test]
    fn this_process_knows_its_libtorch() {
        tch::get_num_threads(); // a program that calls nothing of libtorch is not linked with it
        let folder = libtorch_folder().unwrap();
        assert!(
            folder.join("libtorch_cpu.so").exists(),
            "{}",
            folder.display()
        );
    }

    #[test]
    fn rates_are_positive_and_soon_known_even_without_a_fast_kernel() {
        for precision in [Precision::F32, Precision::Bf16] {
            let start = Instant::now();
            let rate = matmul_gflops(Device::Cpu, precision).unwrap();
            println!("{precision}: {rate:.1} GFLOP/s, {:?}", start.elapsed());
            assert!(rate > 0.0, "{precision}: {rate}");
            assert!(start.elapsed() < 20 * PATIENCE, "{precision}");
        }
    }
}

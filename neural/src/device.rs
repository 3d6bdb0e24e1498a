//! Device and precision of a computation.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tch::{Cuda, Kind};

use crate::error::{Error, Result};
use crate::libtorch::{LIBTORCH, load_cuda};

/// The device, written `cpu`, `cuda` or `cuda:N`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// The GPU of this number, from 0.
    Cuda(usize),
}

impl Device {
    /// The device for `tch`, if this machine and this libtorch support it.
    ///
    /// # Errors
    ///
    /// [`Error::Device`] with the reason and what to do.
    pub fn open(self) -> Result<tch::Device> {
        let Device::Cuda(number) = self else {
            return Ok(tch::Device::Cpu);
        };
        let loaded = load_cuda();
        let count = usize::try_from(Cuda::device_count()).unwrap_or(0);
        let reason = match loaded {
            Err(why) => format!(
                "no GPU that this libtorch can use ({why}); a GPU needs PyTorch {LIBTORCH} for CUDA: set \
                 LD_LIBRARY_PATH to its folder `lib`, or choose `cpu`"
            ),
            Ok(()) if !Cuda::is_available() || count == 0 => {
                "libtorch supports CUDA but finds no GPU; check \
                 `nvidia-smi` and CUDA_VISIBLE_DEVICES, or choose `cpu`"
                    .to_owned()
            }
            Ok(()) if number >= count => {
                format!("the machine has {count} GPU(s), numbered from 0")
            }
            Ok(()) => return Ok(tch::Device::Cuda(number)),
        };
        Err(Error::Device {
            device: self.to_string(),
            reason,
        })
    }
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Device::Cpu => f.write_str("cpu"),
            Device::Cuda(number) => write!(f, "cuda:{number}"),
        }
    }
}

impl FromStr for Device {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let device = match text {
            "cpu" => Some(Device::Cpu),
            "cuda" => Some(Device::Cuda(0)),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|number| number.parse().ok())
                .map(Device::Cuda),
        };
        let refused = || harness::Error::Setting {
            field: "device",
            value: format!("`{text}`"),
            bound: "one of `cpu`, `cuda`, `cuda:N`".to_owned(),
        };
        Ok(device.ok_or_else(refused)?)
    }
}

impl From<Device> for String {
    fn from(device: Device) -> Self {
        device.to_string()
    }
}

impl TryFrom<String> for Device {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// The number type of the large matrix products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32 bits, 24 of them significant.
    F32,
    /// 16 bits, 8 of them significant, with the range of f32: no loss scaling is needed.
    Bf16,
}

impl Precision {
    /// bf16 on a GPU and on a processor with bf16 instructions; f32 elsewhere, where libtorch would emulate bf16 and be several
    /// times slower.
    pub fn best_for(device: Device) -> Self {
        if matches!(device, Device::Cuda(_)) || cpu_multiplies_bf16() {
            Precision::Bf16
        } else {
            Precision::F32
        }
    }

    /// The name of this number type in `tch`.
    pub fn kind(self) -> Kind {
        match self {
            Precision::F32 => Kind::Float,
            Precision::Bf16 => Kind::BFloat16,
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Precision::F32 => "f32",
            Precision::Bf16 => "bf16",
        })
    }
}

/// Whether the processor has bf16 dot products. Every processor with AMX has AVX-512 BF16 as well, so this check covers both.
fn cpu_multiplies_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_names_round_trip() {
        for text in ["cpu", "cuda:0", "cuda:3"] {
            assert_eq!(text.parse::<Device>().unwrap().to_string(), text);
        }
        assert_eq!("cuda".parse::<Device>().unwrap(), Device::Cuda(0));
    }

    #[test]
    fn errors_name_the_unknown_device() {
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
            let message = text.parse::<Device>().unwrap_err().to_string();
            assert!(message.contains(&format!("`{text}`")), "{message}");
        }
    }

    #[test]
    fn a_missing_gpu_is_an_error_with_a_remedy() {
        let message = Device::Cuda(4000).open().unwrap_err().to_string();
        assert!(
            message.starts_with("device `cuda:4000` is not available"),
            "{message}"
        );
    }

    #[test]
    fn a_gpu_computes_in_bf16() {
        assert_eq!(Precision::best_for(Device::Cuda(0)), Precision::Bf16);
    }
}

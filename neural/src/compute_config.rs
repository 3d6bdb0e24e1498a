//! Device, precision and threads of a computation.

use std::sync::{Once, OnceLock};

use harness::{Check, require, usable_cores};
use serde::{Deserialize, Serialize};

use crate::device::{Device, Precision};
use crate::error::Result;
use crate::libtorch::load_cuda;
use crate::memory::keep_memory;

/// Device, precision and threads. The default suits any machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComputeConfig {
    /// `cpu` (the default), `cuda` for the first GPU or `cuda:N`. A GPU needs a libtorch built for it.
    pub device: Device,
    /// `f32` or `bf16` for the large matrix products; weights stay f32. Unset: [`Precision::best_for`] the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// CPU threads per operation, at most one per physical core that the process may use; 0 (the default): one per such core.
    /// The number of threads changes the order of summation and thereby the last digits of results.
    pub threads: usize,
}

impl ComputeConfig {
    /// More threads than any machine has cores; larger numbers are typing errors.
    const MAX_THREADS: usize = 4096;

    /// Checks the values, independently of the machine.
    ///
    /// # Errors
    ///
    /// [`harness::Error::Setting`] names the field, its value and its bound.
    pub fn validate(&self) -> Result<()> {
        Ok(require(&[Check::new(
            self.threads <= Self::MAX_THREADS,
            "threads",
            self.threads,
            "must be at most 4096, or 0 for one per core",
        )])?)
    }

    /// The same configuration with all defaults resolved, as a run records it.
    pub fn resolve(&self) -> Self {
        // Asked for even if it is not used: once `apply` has set another number, libtorch no longer tells its own.
        let default = default_threads();
        Self {
            precision: Some(self.precision()),
            threads: match self.threads {
                0 => default,
                given => given,
            },
            ..self.clone()
        }
    }

    /// The configured precision, or else the best for the device.
    pub fn precision(&self) -> Precision {
        self.precision
            .unwrap_or_else(|| Precision::best_for(self.device))
    }

    /// Sets the number of threads of the whole process and returns the device, if the machine has it.
    ///
    /// # Errors
    ///
    /// [`harness::Error::Setting`] for a bad value, [`crate::Error::Device`] if there is no such GPU.
    pub fn apply(&self) -> Result<tch::Device> {
        self.validate()?;
        self.device.open()?;
        self.apply_anywhere()
    }

    /// The same, but falls back to the CPU if there is no such GPU, so that a model can be used on a machine other than the one
    /// it was trained on. Prints a note on standard error, once.
    ///
    /// # Errors
    ///
    /// [`harness::Error::Setting`] for a bad value.
    pub fn apply_anywhere(&self) -> Result<tch::Device> {
        static NOTE: Once = Once::new();
        self.validate()?;
        // Also for the CPU: a model opened later may use the GPU.
        let _ = load_cuda();
        let device = self.device.open().unwrap_or_else(|error| {
            NOTE.call_once(|| print_note(&format!("{error}; using the CPU")));
            tch::Device::Cpu
        });
        keep_memory();
        // More threads than cores would wait for each other at the end of every operation.
        let threads = self.resolve().threads.min(usable_cores());
        tch::set_num_threads(i32::try_from(threads).expect("validate bounds it"));
        Ok(device)
    }
}

/// Prints a note for the user.
#[allow(
    clippy::print_stderr,
    reason = "models are opened without a progress bar"
)]
fn print_note(text: &str) {
    eprintln!("note: {text}");
}

/// libtorch's own choice, one thread per physical core, but no more than a container's quota allows: libtorch ignores quotas,
/// and threads beyond them wait for each other at the end of every operation.
fn default_threads() -> usize {
    static CHOICE: OnceLock<usize> = OnceLock::new();
    *CHOICE.get_or_init(|| {
        let torch = usize::try_from(tch::get_num_threads()).unwrap_or(1);
        torch.min(usable_cores()).max(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_settings_in_toml_are_rejected() {
        let settings: ComputeConfig =
            toml::from_str("device = \"cuda:1\"\nprecision = \"bf16\"").unwrap();
        assert_eq!(settings.device, Device::Cuda(1));
        assert_eq!(settings.precision, Some(Precision::Bf16));
        assert_eq!(settings.threads, 0);
        for bad in [
            "thread = 2",
            "precision = \"f16\"",
            "device = \"tpu\"",
            "threads = -1",
        ] {
            assert!(toml::from_str::<ComputeConfig>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn resolved_settings_are_complete_and_round_trip_through_toml() {
        let resolved = ComputeConfig::default().resolve();
        assert!(resolved.threads >= 1);
        assert!(resolved.precision.is_some());
        let text = toml::to_string(&resolved).unwrap();
        assert_eq!(toml::from_str::<ComputeConfig>(&text).unwrap(), resolved);
    }

    #[test]
    fn too_many_threads_are_rejected_before_they_reach_libtorch() {
        let settings = ComputeConfig {
            threads: 5000,
            ..ComputeConfig::default()
        };
        let message = settings.apply().unwrap_err().to_string();
        assert!(
            message.contains("threads") && message.contains("5000"),
            "{message}"
        );
    }
}

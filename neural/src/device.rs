//! Where a model computes: device, precision, threads.

#[cfg(unix)]
use std::ffi::{CStr, CString};
use std::fmt;
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;
use std::str::FromStr;
use std::sync::{Once, OnceLock};

use harness::{Check, require};
use serde::{Deserialize, Serialize};
use tch::{Cuda, Kind};

use crate::{Error, Result, probe};

/// Where and how to compute. The default suits any machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `cpu` (the default), `cuda` for the first GPU or `cuda:N`. A GPU needs a libtorch built for it.
    pub device: Device,
    /// `f32` or `bf16` for the large matrix products; weights stay f32. Left out: [`Precision::best_for`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Threads of one operation on the CPU; 0 (the default) takes one per physical core that the process may
    /// use, which are the most that are used. More of them change the order of sums, hence the last digits of results.
    pub threads: usize,
}

impl Settings {
    /// More threads than any machine has cores; a larger number is a slip of the pen.
    const MAX_THREADS: usize = 4096;

    /// Checks the values, without looking at the machine.
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

    /// The same settings with nothing left open, as a run records them.
    pub fn resolve(&self) -> Self {
        Self {
            precision: Some(self.precision()),
            threads: match self.threads {
                0 => default_threads(),
                given => given,
            },
            ..self.clone()
        }
    }

    /// The precision asked for, or else the best for the device.
    pub fn precision(&self) -> Precision {
        self.precision
            .unwrap_or_else(|| Precision::best_for(self.device))
    }

    /// Makes libtorch use these threads, for the whole process, and returns the device if the machine has it.
    ///
    /// # Errors
    ///
    /// [`harness::Error::Setting`] for a bad value, [`Error::Device`] if there is no such GPU.
    pub fn apply(&self) -> Result<tch::Device> {
        self.validate()?;
        self.device.open()?;
        self.apply_anywhere()
    }

    /// The same, but on the CPU where there is no such GPU: a model can be asked elsewhere than it was trained. Says so on
    /// standard error, once.
    ///
    /// # Errors
    ///
    /// [`harness::Error::Setting`] for a bad value.
    pub fn apply_anywhere(&self) -> Result<tch::Device> {
        static TOLD: Once = Once::new();
        self.validate()?;
        // Whoever opens a model of a GPU after one of the CPU finds it, too.
        let _ = load_cuda();
        let device = self.device.open().unwrap_or_else(|error| {
            TOLD.call_once(|| tell(&format!("{error}; the CPU is used")));
            tch::Device::Cpu
        });
        keep_memory();
        // Threads without a core of their own wait for each other at the end of every operation.
        let threads = self.resolve().threads.min(allowed_threads());
        tch::set_num_threads(i32::try_from(threads).expect("validate bounds it"));
        Ok(device)
    }
}

/// Refuses what takes more bytes than this machine can still give. What a GPU has, only its own errors tell.
pub(crate) fn require_memory(device: tch::Device, needed: u64) -> Result<()> {
    match harness::available_memory() {
        Some(available) if device == tch::Device::Cpu && needed > available => Err(Error::Memory {
            needed: needed >> 20,
            available: available >> 20,
        }),
        _ => Ok(()),
    }
}

/// What computes, written `cpu`, `cuda` or `cuda:N`.
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
    /// The device for `tch`, if this machine and this libtorch have it.
    ///
    /// # Errors
    ///
    /// [`Error::Device`] with the reason and a remedy.
    pub fn open(self) -> Result<tch::Device> {
        let Device::Cuda(number) = self else {
            return Ok(tch::Device::Cpu);
        };
        let loaded = load_cuda();
        let count = usize::try_from(Cuda::device_count()).unwrap_or(0);
        let reason = match loaded {
            Err(why) => format!(
                "no GPU that this libtorch can use ({why}); a GPU needs libtorch {LIBTORCH} built with CUDA: set \
                 LD_LIBRARY_PATH to its folder `lib`, or choose `cpu`"
            ),
            Ok(()) if !Cuda::is_available() || count == 0 => {
                "this libtorch can use GPUs, but finds none; see what \
                 `nvidia-smi` says and whether CUDA_VISIBLE_DEVICES hides it, or choose `cpu`"
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

/// The numbers that the large matrix products are computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32 bits, 24 of them significant.
    F32,
    /// 16 bits, 8 of them significant, with the range of f32: no loss scaling is needed.
    Bf16,
}

impl Precision {
    /// bf16 on a GPU, and on a processor that multiplies bf16 numbers in hardware; f32 elsewhere, where libtorch
    /// would convert back and forth and be several times slower.
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

/// Whether the processor has bf16 dot products. Every processor with AMX has AVX-512 BF16 too, so one look does.
fn cpu_multiplies_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// Keeps freed memory for the next step of training, which asks for as much again.
///
/// Otherwise glibc maps every large tensor anew, and the system clears it page by page: a fifth of a step where the
/// vocabulary is large.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn keep_memory() {
    #[allow(unsafe_code)]
    // SAFETY: mallopt may be called at any time; it changes where later allocations come from.
    unsafe {
        libc::mallopt(libc::M_MMAP_MAX, 0);
        libc::mallopt(libc::M_TRIM_THRESHOLD, i32::MAX);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_memory() {}

/// The version that this program was built for; what is read of another may be laid out otherwise.
const LIBTORCH: &str = "2.11.0";

/// Tells the user something that is no error.
#[allow(
    clippy::print_stderr,
    reason = "models are opened without a progress bar"
)]
fn tell(what: &str) {
    eprintln!("note: {what}");
}

/// Loads the part of libtorch that computes on GPUs from where the rest of it came. A linker leaves out a library of which a
/// program calls nothing by name; so the program that was built with libtorch for the CPU can use a GPU, too. Must come
/// before libtorch first looks for GPUs, for it looks once.
///
/// In words, why there is none.
#[cfg(unix)]
fn load_cuda() -> Result<(), String> {
    static LOADED: OnceLock<Result<(), String>> = OnceLock::new();
    let load = || {
        let folder = probe::libtorch_folder().unwrap_or_default();
        let version = probe::libtorch_version().unwrap_or_default();
        if !version.is_empty() && version.split('+').next() != Some(LIBTORCH) {
            return Err(format!("{} is libtorch {version}", folder.display()));
        }
        let path = folder.join("libtorch_cuda.so");
        let name = CString::new(path.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
        #[allow(unsafe_code)]
        // SAFETY: the library beside the loaded libtorch is a part of it and stays loaded; its initialisers register what it
        // can do. dlerror gives a string that holds until this thread's next call.
        unsafe {
            if libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_GLOBAL).is_null() {
                let error = libc::dlerror();
                return Err(match error.is_null() {
                    true => format!("{} cannot be loaded", path.display()),
                    false => CStr::from_ptr(error).to_string_lossy().into_owned(),
                });
            }
        }
        Ok(())
    };
    LOADED.get_or_init(load).clone()
}

#[cfg(not(unix))]
fn load_cuda() -> Result<(), String> {
    Ok(())
}

/// Gives the system back what [`Settings::apply`] keeps, once nothing is trained any more.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn release_memory() {
    #[allow(unsafe_code)]
    // SAFETY: malloc_trim may be called at any time; it gives away only what is not allocated.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Gives the system back what [`Settings::apply`] keeps, once nothing is trained any more.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn release_memory() {}

/// libtorch's own choice, one thread per physical core, but no more than a container's quota allows: libtorch
/// does not know quotas, and threads beyond them wait for each other at the end of every operation.
fn default_threads() -> usize {
    // Asked once, before the first `apply`: later, libtorch answers with what it was told.
    static CHOICE: OnceLock<usize> = OnceLock::new();
    *CHOICE.get_or_init(|| {
        let torch = usize::try_from(tch::get_num_threads()).unwrap_or(1);
        torch.min(allowed_threads()).max(1)
    })
}

/// Cores that the process may use.
fn allowed_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_written_as_they_are_read() {
        for text in ["cpu", "cuda:0", "cuda:3"] {
            assert_eq!(text.parse::<Device>().unwrap().to_string(), text);
        }
        assert_eq!("cuda".parse::<Device>().unwrap(), Device::Cuda(0));
    }

    #[test]
    fn unknown_devices_are_refused_by_name() {
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
            let message = text.parse::<Device>().unwrap_err().to_string();
            assert!(message.contains(&format!("`{text}`")), "{message}");
        }
    }

    #[test]
    fn settings_read_from_toml_refuse_what_they_do_not_know() {
        let settings: Settings =
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
            assert!(toml::from_str::<Settings>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn resolved_settings_leave_nothing_open_and_survive_toml() {
        let resolved = Settings::default().resolve();
        assert!(resolved.threads >= 1);
        assert!(resolved.precision.is_some());
        let text = toml::to_string(&resolved).unwrap();
        assert_eq!(toml::from_str::<Settings>(&text).unwrap(), resolved);
    }

    #[test]
    fn too_many_threads_are_refused_before_libtorch_sees_them() {
        let settings = Settings {
            threads: 5000,
            ..Settings::default()
        };
        let message = settings.apply().unwrap_err().to_string();
        assert!(
            message.contains("threads") && message.contains("5000"),
            "{message}"
        );
    }

    #[test]
    fn a_gpu_that_is_not_there_is_an_error_with_a_remedy() {
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

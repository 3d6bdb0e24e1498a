//! Which libtorch this process uses, and its CUDA part.

#[cfg(unix)]
use std::ffi::{CStr, CString};
use std::fs;
#[cfg(unix)]
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::sync::OnceLock;

/// The version that this program is built for; the binary interface of other versions may differ.
pub(crate) const LIBTORCH: &str = "2.11.0";

/// Loads libtorch's CUDA library from the folder of the loaded libtorch. The linker drops a library of which no symbol is
/// referenced, so a program built with the CPU version can use a GPU as well. Must be called before libtorch first looks for
/// GPUs, because it looks only once.
///
/// # Errors
/// The reason why it cannot be loaded.
#[cfg(unix)]
pub(crate) fn load_cuda() -> Result<(), String> {
    static LOADED: OnceLock<Result<(), String>> = OnceLock::new();
    let load = || {
        let folder = libtorch_folder().unwrap_or_default();
        let version = libtorch_version().unwrap_or_default();
        if !version.is_empty() && version.split('+').next() != Some(LIBTORCH) {
            return Err(format!("{} is libtorch {version}", folder.display()));
        }
        let path = folder.join("libtorch_cuda.so");
        let name = CString::new(path.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
        #[allow(unsafe_code)]
        // SAFETY: the library belongs to the loaded libtorch and stays loaded; its initialisers register its operators. dlerror's
        // string is valid until this thread's next call.
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
pub(crate) fn load_cuda() -> Result<(), String> {
    Ok(())
}

/// The version of the libtorch in use, read from the files beside it, for example `2.11.0`; `None` if there is none.
pub fn libtorch_version() -> Option<String> {
    version_in(&libtorch_folder()?)
}

/// The folder that holds `libtorch_cpu.so` in this process. `None` on systems other than Linux.
pub fn libtorch_folder() -> Option<PathBuf> {
    folder_in(&fs::read_to_string("/proc/self/maps").ok()?)
}

fn folder_in(maps: &str) -> Option<PathBuf> {
    let line = maps
        .lines()
        .find(|line| line.ends_with("/libtorch_cpu.so"))?;
    // "address permissions offset device inode   path": the path starts at the first slash.
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
    fn the_folder_is_read_from_the_memory_map() {
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
    fn the_libtorch_of_this_process_is_found() {
        tch::get_num_threads(); // otherwise libtorch is not linked
        let folder = libtorch_folder().unwrap();
        assert!(
            folder.join("libtorch_cpu.so").exists(),
            "{}",
            folder.display()
        );
    }
}

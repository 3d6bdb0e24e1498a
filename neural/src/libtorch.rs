//! Which libtorch this process uses, and its CUDA part.

use std::env;
use std::ffi::OsStr;
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

/// The library that every libtorch has, and the one that only a libtorch with CUDA has.
const CPU_LIBRARY: &str = "libtorch_cpu.so";
const CUDA_LIBRARY: &str = "libtorch_cuda.so";

/// Loads libtorch's CUDA library, from the folder of the loaded libtorch or from `LD_LIBRARY_PATH`. The linker drops a library of
/// which no symbol is referenced, so a program built with the CPU version can use a GPU as well. Must be called before libtorch first
/// looks for GPUs, because it looks only once.
///
/// # Errors
/// The reason why it cannot be loaded.
#[cfg(unix)]
pub(crate) fn load_cuda() -> Result<(), String> {
    static LOADED: OnceLock<Result<(), String>> = OnceLock::new();
    let load = || {
        let folder = libtorch_folder().unwrap_or_default();
        load_library(&cuda_library(&folder, &library_path())?)
    };
    LOADED.get_or_init(load).clone()
}

#[cfg(not(unix))]
pub(crate) fn load_cuda() -> Result<(), String> {
    Ok(())
}

#[cfg(unix)]
fn load_library(path: &Path) -> Result<(), String> {
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
}

/// The folders of `LD_LIBRARY_PATH`.
fn library_path() -> Vec<PathBuf> {
    let folders = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    folders_in(&folders)
}

/// An empty name would be the working folder, which nobody means.
fn folders_in(library_path: &OsStr) -> Vec<PathBuf> {
    let folders = env::split_paths(library_path);
    folders
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect()
}

/// The CUDA library that fits the loaded libtorch: the one beside it, or else the first in these folders that belongs to the same
/// build. Libraries of two builds in one process may crash.
fn cuda_library(loaded: &Path, folders: &[PathBuf]) -> Result<PathBuf, String> {
    let mut first_reason = None;
    for folder in [loaded]
        .into_iter()
        .chain(folders.iter().map(PathBuf::as_path))
    {
        let library = folder.join(CUDA_LIBRARY);
        if !library.exists() {
            continue;
        }
        match misfit(loaded, folder) {
            None => return Ok(library),
            reason => first_reason = first_reason.or(reason),
        }
    }
    Err(first_reason.unwrap_or_else(|| format!("{} holds no {CUDA_LIBRARY}", loaded.display())))
}

/// Why the libraries of a folder cannot be used beside those that are loaded.
fn misfit(loaded: &Path, folder: &Path) -> Option<String> {
    let shown = folder.display();
    match version_in(folder) {
        Some(version) if version.split('+').next() != Some(LIBTORCH) => {
            Some(format!("{shown} is libtorch {version}"))
        }
        _ if !is_same_build(loaded, folder) => Some(format!(
            "{shown} is another build of libtorch than {}, which is loaded; docs/libtorch.md says how to build with it",
            loaded.display()
        )),
        _ => None,
    }
}

/// Reading half a gigabyte at each start would take too long, and the libraries of two builds differ in length.
fn is_same_build(one: &Path, other: &Path) -> bool {
    let length = |folder: &Path| fs::metadata(folder.join(CPU_LIBRARY)).map(|data| data.len());
    one == other || matches!((length(one), length(other)), (Ok(one), Ok(other)) if one == other)
}

/// The folders of `LD_LIBRARY_PATH` that hold a libtorch other than the loaded one.
pub fn other_libtorch_folders() -> Vec<PathBuf> {
    others(libtorch_folder().as_deref(), library_path())
}

fn others(loaded: Option<&Path>, mut folders: Vec<PathBuf>) -> Vec<PathBuf> {
    let resolve = |folder: &Path| fs::canonicalize(folder).ok();
    let loaded = loaded.and_then(resolve);
    folders.retain(|folder| folder.join(CPU_LIBRARY).exists() && resolve(folder) != loaded);
    folders
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
        .find(|line| line.rsplit('/').next() == Some(CPU_LIBRARY))?;
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

    /// A folder `name/lib` with libraries of a libtorch.
    fn libtorch_in(root: &Path, name: &str, version: &str, libraries: &[(&str, &str)]) -> PathBuf {
        let folder = root.join(name).join("lib");
        fs::create_dir_all(&folder).unwrap();
        fs::write(root.join(name).join("build-version"), version).unwrap();
        for (library, content) in libraries {
            fs::write(folder.join(library), content).unwrap();
        }
        folder
    }

    #[test]
    fn the_cuda_library_is_one_of_the_same_build() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let loaded = libtorch_in(root, "ours", "2.11.0", &[(CPU_LIBRARY, "kernels")]);
        let same = [(CPU_LIBRARY, "kernels"), (CUDA_LIBRARY, "")];
        let other = [(CPU_LIBRARY, "other kernels"), (CUDA_LIBRARY, "")];
        let same = libtorch_in(root, "same", "2.11.0+cu130", &same);
        let old = libtorch_in(root, "old", "2.4.1+cu121", &other);
        let another = libtorch_in(root, "another", "2.11.0+cu126", &other);
        let nowhere = root.join("nowhere");

        let folders = [nowhere.clone(), old.clone(), same.clone()];
        let found = cuda_library(&loaded, &folders);
        assert_eq!(found, Ok(same.join(CUDA_LIBRARY)));
        // A libtorch with CUDA that is loaded itself needs no other.
        let found = cuda_library(&same, std::slice::from_ref(&old));
        assert_eq!(found, Ok(same.join(CUDA_LIBRARY)));
        for (folders, expected) in [
            (vec![nowhere], "ours/lib holds no libtorch_cuda.so"),
            (
                vec![old, another.clone()],
                "old/lib is libtorch 2.4.1+cu121",
            ),
            (vec![another], "another/lib is another build"),
        ] {
            let reason = cuda_library(&loaded, &folders).unwrap_err();
            assert!(reason.contains(expected), "{reason}");
        }
    }

    #[test]
    fn a_libtorch_that_is_passed_over_is_listed() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let loaded = libtorch_in(root, "ours", "2.11.0", &[(CPU_LIBRARY, "kernels")]);
        let conda = libtorch_in(root, "conda", "2.4.1", &[(CPU_LIBRARY, "other")]);
        let again = root.join("conda/../ours/lib");
        let library_path = env::join_paths([&loaded, &conda, &again]).unwrap();
        let mut folders = folders_in(&library_path);
        assert_eq!(folders.len(), 3);
        folders.push(root.join("nowhere"));
        assert_eq!(others(Some(&loaded), folders), [conda]);
        assert_eq!(folders_in(OsStr::new(":")), Vec::<PathBuf>::new());
    }

    #[test]
    fn the_libtorch_of_this_process_is_found() {
        tch::get_num_threads(); // otherwise libtorch is not linked
        let folder = libtorch_folder().unwrap();
        assert!(folder.join(CPU_LIBRARY).exists(), "{}", folder.display());
    }
}

//! Writing and reading of named tensors as safetensors files.
//!
//! Writing is atomic: a file under its final name is always complete. Reading validates everything: a file that is
//! truncated, of another model, or not a safetensors file leads to an error that names the fault.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, Metadata, TensorInfo, TensorView};
use tch::{Kind, Tensor};

use crate::{Error, Result};

/// Tensors by name, in the order of their names, so that equal weights are written as equal bytes.
///
/// For a `VarStore`: `store.variables().into_iter().collect()`.
pub type Named = BTreeMap<String, Tensor>;

/// Writes `tensors`, on any device, to `path`, replacing an existing file atomically.
///
/// Tensors are copied one at a time, so memory grows only by the largest one.
///
/// # Errors
///
/// [`Error::Io`]; [`Error::NumberType`] if the format does not support a tensor's number type; [`Error::Torch`] if a
/// tensor cannot be copied. An existing file stays unchanged then.
pub fn save(path: &Path, tensors: &Named) -> Result<()> {
    let io = io_error(path, "write");
    let temporary = temporary_beside(path).map_err(&io)?;
    let outcome = write(path, &temporary, tensors).and_then(|file| {
        file.sync_all().map_err(&io)?;
        fs::rename(&temporary, path).map_err(&io)?;
        sync_folder_of(path).map_err(io)
    });
    if outcome.is_err() {
        // Only the first error is reported; a leftover file is harmless.
        let _ = fs::remove_file(&temporary);
    }
    outcome
}

/// Reads all tensors of the file at `path` to the CPU.
///
/// # Errors
///
/// [`Error::Io`], [`Error::Format`]; [`Error::NumberType`] if libtorch does not support a tensor's number type.
pub fn load(path: &Path) -> Result<Named> {
    let bytes = read(path)?;
    let file = parse(path, &bytes)?;
    file.iter()
        .map(|(name, view)| Ok((name.to_owned(), tensor_of(path, name, &view)?)))
        .collect()
}

/// The mean of the tensors of several files, which must agree in names, shapes and number types.
///
/// # Errors
///
/// As [`load`] and [`load_into`], for the first file that cannot be read or differs from the first one.
pub fn average(paths: &[PathBuf]) -> Result<Named> {
    let Some((first, others)) = paths.split_first() else {
        return Ok(Named::new());
    };
    let mut sum = load(first)?;
    for path in others {
        let own: Named = sum
            .iter()
            .map(|(name, tensor)| (name.clone(), tensor.zeros_like()))
            .collect();
        load_into(path, &own)?;
        for (name, tensor) in own {
            if let Some(sum) = sum.get_mut(&name) {
                let _ = sum.g_add_(&tensor);
            }
        }
    }
    for tensor in sum.values_mut() {
        let _ = tensor.g_div_scalar_(paths.len() as f64);
    }
    Ok(sum)
}

/// Copies the tensors of a file into those of a model, which must agree in names, shapes and number types.
///
/// All tensors are checked before the first one is changed, so an invalid file leaves the model unchanged.
///
/// # Errors
///
/// As [`load`]; [`Error::MissingTensor`], [`Error::UnexpectedTensor`], [`Error::Shape`], [`Error::NumberType`].
pub fn load_into(path: &Path, model: &Named) -> Result<()> {
    let bytes = read(path)?;
    let file = parse(path, &bytes)?;
    let views: BTreeMap<&str, TensorView<'_>> = file.iter().collect();
    if let Some(name) = views.keys().find(|name| !model.contains_key(**name)) {
        return Err(Error::UnexpectedTensor {
            path: path.to_owned(),
            tensor: (*name).to_owned(),
        });
    }
    for (name, tensor) in model {
        let view = views
            .get(name.as_str())
            .ok_or_else(|| Error::MissingTensor {
                path: path.to_owned(),
                tensor: name.clone(),
            })?;
        check(path, name, tensor, view)?;
    }
    tch::no_grad(|| {
        for (name, tensor) in model {
            let loaded = tensor_of(path, name, &views[name.as_str()])?;
            // A shallow clone shares its storage, so this changes the model's own tensor.
            let copied = tensor.shallow_clone().f_copy_(&loaded);
            copied.map_err(torch_error("copy weights into the model"))?;
        }
        Ok(())
    })
}

/// Writes header and data to `temporary`; errors name `path`, the name that the user knows.
fn write(path: &Path, temporary: &Path, tensors: &Named) -> Result<File> {
    let io = io_error(path, "write");
    let (order, header) = layout(path, tensors)?;
    let mut out = BufWriter::new(File::create(temporary).map_err(&io)?);
    out.write_all(&(header.len() as u64).to_le_bytes())
        .map_err(&io)?;
    out.write_all(&header).map_err(&io)?;
    for tensor in order {
        out.write_all(&bytes_of(tensor)?).map_err(&io)?;
    }
    out.into_inner().map_err(|error| io(error.into_error()))
}

/// The order of the tensors in the file, widest number types first so that each tensor is aligned to its width, and the
/// header that lists them.
fn layout<'a>(path: &Path, tensors: &'a Named) -> Result<(Vec<&'a Tensor>, Vec<u8>)> {
    let mut entries = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        entries.push((dtype_of(path, name, tensor)?, name, tensor));
    }
    entries.sort_by_key(|(dtype, name, _)| (std::cmp::Reverse(*dtype), *name));
    let mut infos = Vec::with_capacity(entries.len());
    let mut offset = 0;
    for (dtype, name, tensor) in &entries {
        let shape: Vec<usize> = tensor.size().iter().map(|&size| size as usize).collect();
        let end = offset + shape.iter().product::<usize>() * dtype.bitsize() / 8;
        let info = TensorInfo {
            dtype: *dtype,
            shape,
            data_offsets: (offset, end),
        };
        infos.push(((*name).clone(), info));
        offset = end;
    }
    let metadata = Metadata::new(None, infos).map_err(format_error(path))?;
    let json = serde_json::to_vec(&metadata).map_err(|error| format_error(path)(error.into()))?;
    // The format requires the data to begin at a multiple of 8; blanks at the end of JSON are ignored.
    let mut header = json;
    header.resize(header.len().next_multiple_of(8), b' ');
    let order = entries.into_iter().map(|(_, _, tensor)| tensor).collect();
    Ok((order, header))
}

fn bytes_of(tensor: &Tensor) -> Result<Vec<u8>> {
    let width = tensor.kind().elt_size_in_bytes();
    let mut bytes = vec![0; tensor.numel() * width];
    let copied = tensor.f_copy_data_u8(&mut bytes, tensor.numel());
    copied.map_err(torch_error("copy a tensor"))?;
    Ok(bytes)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    // Memory is bounded by the file's length; a header that declares more is refused by `parse`.
    corpus::read_whole(path).map_err(io_error(path, "read"))
}

/// Refuses a file that is too short for this many f32.
///
/// # Errors
///
/// [`Error::Io`]; [`Error::Harness`] if it is too short.
pub(crate) fn require_numbers(path: &Path, numbers: u64) -> Result<()> {
    let bytes = fs::metadata(path).map_err(io_error(path, "open"))?.len();
    match numbers.checked_mul(4).is_some_and(|needed| needed <= bytes) {
        true => Ok(()),
        false => {
            let what = format!(
                "{bytes} bytes, but the settings in model.toml need {numbers} numbers of four bytes; train the model again"
            );
            Err(harness::Error::corrupt(path, what).into())
        }
    }
}

/// Checks header, offsets and lengths; afterwards every view lies within `bytes` and matches its shape.
fn parse<'a>(path: &Path, bytes: &'a [u8]) -> Result<SafeTensors<'a>> {
    SafeTensors::deserialize(bytes).map_err(format_error(path))
}

fn check(path: &Path, name: &str, tensor: &Tensor, view: &TensorView<'_>) -> Result<()> {
    let expected = dtype_of(path, name, tensor)?;
    if view.dtype() != expected {
        return Err(Error::NumberType {
            path: path.to_owned(),
            tensor: name.to_owned(),
            expected: expected.to_string(),
            got: view.dtype().to_string(),
        });
    }
    let got = shape_of(view);
    if got != tensor.size() {
        return Err(Error::Shape {
            path: path.to_owned(),
            tensor: name.to_owned(),
            expected: tensor.size(),
            got,
        });
    }
    Ok(())
}

fn tensor_of(path: &Path, name: &str, view: &TensorView<'_>) -> Result<Tensor> {
    let kind = KINDS.iter().find(|(dtype, _)| *dtype == view.dtype());
    let (_, kind) = kind.ok_or_else(|| Error::NumberType {
        path: path.to_owned(),
        tensor: name.to_owned(),
        expected: "a type that libtorch supports".to_owned(),
        got: view.dtype().to_string(),
    })?;
    Tensor::f_from_data_size(view.data(), &shape_of(view), *kind)
        .map_err(torch_error(&format!("create tensor `{name}`")))
}

fn shape_of(view: &TensorView<'_>) -> Vec<i64> {
    // No valid size exceeds i64; an invented size of an empty tensor in a damaged file becomes -1, which matches no shape.
    let size = |&size: &usize| i64::try_from(size).unwrap_or(-1);
    view.shape().iter().map(size).collect()
}

fn dtype_of(path: &Path, name: &str, tensor: &Tensor) -> Result<Dtype> {
    let known = KINDS.iter().find(|(_, kind)| *kind == tensor.kind());
    let dtype = known.map(|(dtype, _)| *dtype);
    dtype.ok_or_else(|| Error::NumberType {
        path: path.to_owned(),
        tensor: name.to_owned(),
        expected: "a type that safetensors supports".to_owned(),
        got: format!("{:?}", tensor.kind()),
    })
}

/// The number types that both safetensors and libtorch support.
const KINDS: [(Dtype, Kind); 10] = [
    (Dtype::BOOL, Kind::Bool),
    (Dtype::U8, Kind::Uint8),
    (Dtype::I8, Kind::Int8),
    (Dtype::I16, Kind::Int16),
    (Dtype::I32, Kind::Int),
    (Dtype::I64, Kind::Int64),
    (Dtype::F16, Kind::Half),
    (Dtype::BF16, Kind::BFloat16),
    (Dtype::F32, Kind::Float),
    (Dtype::F64, Kind::Double),
];

fn io_error(path: &Path, action: &'static str) -> impl Fn(io::Error) -> Error {
    move |source| Error::Io {
        path: path.to_owned(),
        action,
        source,
    }
}

fn format_error(path: &Path) -> impl Fn(safetensors::SafeTensorError) -> Error {
    move |source| Error::Format {
        path: path.to_owned(),
        source,
    }
}

fn torch_error(action: &str) -> impl Fn(tch::TchError) -> Error {
    move |source| Error::Torch {
        action: action.to_owned(),
        source,
    }
}

/// `model.safetensors` -> `.model.safetensors.<process>.tmp`, in the same folder because a rename across disks
/// is not atomic.
fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"))?;
    let name = format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id());
    Ok(path.with_file_name(name))
}

/// Flushes the folder's names to disk: without this, a rename can be lost in a power failure.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_need_more_numbers_than_the_file_has_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        fs::write(&path, [0; 40]).unwrap();
        assert!(require_numbers(&path, 10).is_ok());
        for numbers in [11, 1 << 40, u64::MAX] {
            let error = require_numbers(&path, numbers).unwrap_err().to_string();
            assert!(
                error.contains("40 bytes") && error.contains("model.toml"),
                "{error}"
            );
        }
    }
}

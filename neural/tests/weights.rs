//! Unsuitable weight files: each is rejected with an error that names the file, the tensor and the fault.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use neural::weights::{self, Named};
use tch::{Device, Kind, Tensor};

fn model() -> Named {
    let numbers = |kind| Tensor::arange(6, (kind, Device::Cpu)).view([2, 3]);
    Named::from([
        ("layer.weight".to_owned(), numbers(Kind::Float)),
        ("layer.half".to_owned(), numbers(Kind::BFloat16)),
        ("step".to_owned(), Tensor::from(7_i64)),
    ])
}

fn zeros() -> Named {
    let zeros = |(name, tensor): (String, Tensor)| (name, tensor.zeros_like());
    model().into_iter().map(zeros).collect()
}

fn saved(folder: &Path, tensors: &Named) -> PathBuf {
    let path = folder.join("model.safetensors");
    weights::save(&path, tensors).unwrap();
    path
}

/// The error message and its causes, after checking that the model has not changed.
fn refusal(path: &Path) -> String {
    let target = zeros();
    let error = weights::load_into(path, &target).unwrap_err();
    assert_eq!(target, zeros(), "an invalid file changed the model");
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    assert!(text.contains(&path.display().to_string()), "{text}");
    text
}

#[test]
fn saved_weights_round_trip_and_equal_weights_are_equal_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path(), &model());
    let first = fs::read(&path).unwrap();
    assert_eq!(weights::load(&path).unwrap(), model());
    let target = zeros();
    weights::load_into(&path, &target).unwrap();
    assert_eq!(target, model());
    saved(folder.path(), &target);
    assert_eq!(fs::read(&path).unwrap(), first);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "a temporary file is left"
    );
}

#[test]
fn views_are_saved_in_their_own_shape_and_order() {
    let folder = tempfile::tempdir().unwrap();
    let transposed = model()["layer.weight"].tr();
    let path = saved(
        folder.path(),
        &[("t".to_owned(), transposed.shallow_clone())].into(),
    );
    assert_eq!(weights::load(&path).unwrap()["t"], transposed);
}

#[test]
fn weights_can_be_loaded_into_trainable_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(
        folder.path(),
        &[(
            "w".to_owned(),
            Tensor::ones([3], (Kind::Float, Device::Cpu)),
        )]
        .into(),
    );
    let parameter = Tensor::zeros([3], (Kind::Float, Device::Cpu)).set_requires_grad(true);
    weights::load_into(&path, &[("w".to_owned(), parameter.shallow_clone())].into()).unwrap();
    assert_eq!(parameter.sum(Kind::Float).double_value(&[]), 3.0);
    assert!(parameter.requires_grad());
}

#[test]
fn every_truncation_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path(), &model());
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(refusal(&path).contains("damaged, or not a safetensors file"));
    }
}

#[test]
fn excess_bytes_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path(), &model());
    let mut bytes = fs::read(&path).unwrap();
    bytes.push(0);
    fs::write(&path, bytes).unwrap();
    refusal(&path);
}

#[test]
fn files_other_than_safetensors_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    for bytes in [
        &b"PK\x03\x04 a zip archive, as torch.save writes"[..],
        &[0xff; 64],
        b"{}",
    ] {
        fs::write(&path, bytes).unwrap();
        assert!(refusal(&path).contains("damaged, or not a safetensors file"));
    }
}

#[test]
fn headers_with_wrong_sizes_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    for header in [
        r#"{"step":{"dtype":"I64","shape":[9],"data_offsets":[0,8]}}"#,
        r#"{"step":{"dtype":"I64","shape":[1],"data_offsets":[0,800]}}"#,
        r#"{"step":{"dtype":"I64","shape":[1],"data_offsets":[8,0]}}"#,
        r#"{"step":{"dtype":"I64","shape":[4294967296,4294967296,2],"data_offsets":[0,8]}}"#,
        r#"{"step":{"dtype":"F31","shape":[1],"data_offsets":[0,8]}}"#,
    ] {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        bytes.extend([0; 8]);
        fs::write(&path, bytes).unwrap();
        refusal(&path);
        weights::load(&path).unwrap_err();
    }
}

#[test]
fn a_header_longer_than_the_file_is_rejected_without_allocating_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    for length in [u64::MAX, 1 << 62, 1 << 40, 100_000_001, 64] {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend([b' '; 56]);
        fs::write(&path, bytes).unwrap();
        refusal(&path);
        let message = weights::load(&path).unwrap_err().to_string();
        assert!(message.contains("model.safetensors"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
    let message = weights::load(&path).unwrap_err().to_string();
    assert!(message.contains("cannot read"), "{message}");
}

#[test]
fn impossible_shapes_of_empty_tensors_do_not_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let header = r#"{"e":{"dtype":"F32","shape":[18446744073709551615,0],"data_offsets":[0,0]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    fs::write(&path, bytes).unwrap();
    weights::load(&path).unwrap_err();
}

#[test]
fn types_that_libtorch_does_not_support_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let header = r#"{"e":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}"#;
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend([0; 8]);
    fs::write(&path, bytes).unwrap();
    let message = weights::load(&path).unwrap_err().to_string();
    assert!(message.contains("tensor `e` holds U64"), "{message}");
}

#[test]
fn errors_name_a_missing_tensor() {
    let folder = tempfile::tempdir().unwrap();
    let mut tensors = model();
    tensors.remove("step");
    let message = refusal(&saved(folder.path(), &tensors));
    assert!(message.contains("tensor `step` is missing"), "{message}");
}

#[test]
fn errors_name_an_unexpected_tensor() {
    let folder = tempfile::tempdir().unwrap();
    let mut tensors = model();
    tensors.insert("another".to_owned(), Tensor::from(1.0_f32));
    let message = refusal(&saved(folder.path(), &tensors));
    assert!(
        message.contains("tensor `another` is not part of the model"),
        "{message}"
    );
}

#[test]
fn errors_about_shapes_name_both_shapes() {
    let folder = tempfile::tempdir().unwrap();
    let mut tensors = model();
    let reshaped = tensors["layer.weight"].reshape([3, 2]);
    tensors.insert("layer.weight".to_owned(), reshaped);
    let message = refusal(&saved(folder.path(), &tensors));
    assert!(
        message.contains("tensor `layer.weight` has shape [3, 2], expected [2, 3]"),
        "{message}"
    );
}

#[test]
fn errors_about_number_types_name_both_types() {
    let folder = tempfile::tempdir().unwrap();
    let mut tensors = model();
    tensors.insert(
        "layer.half".to_owned(),
        tensors["layer.weight"].to_kind(Kind::Half),
    );
    let message = refusal(&saved(folder.path(), &tensors));
    assert!(
        message.contains("tensor `layer.half` holds F16 numbers, expected BF16"),
        "{message}"
    );
}

#[test]
fn a_type_that_the_format_does_not_support_is_rejected_and_the_old_file_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = saved(folder.path(), &model());
    let complex = Tensor::zeros([1], (Kind::ComplexDouble, Device::Cpu));
    let message = weights::save(&path, &[("c".to_owned(), complex)].into())
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("tensor `c` holds ComplexDouble"),
        "{message}"
    );
    assert_eq!(weights::load(&path).unwrap(), model());
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "a temporary file is left"
    );
}

#[test]
fn errors_name_a_missing_file_or_folder() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("no/such/model.safetensors");
    assert!(refusal(&missing).contains("cannot read"));
    let message = weights::save(&missing, &model()).unwrap_err().to_string();
    assert!(message.contains("cannot write"), "{message}");
}

#[test]
fn an_average_is_the_mean_and_other_shapes_are_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, numbers: [f32; 3]| {
        let path = folder.path().join(name);
        let tensor = Tensor::from_slice(&numbers);
        weights::save(&path, &Named::from([("a".to_owned(), tensor)])).unwrap();
        path
    };
    let (one, two) = (file("one", [1.0, 2.0, 3.0]), file("two", [3.0, 2.0, 7.0]));
    let mean = |paths: &[PathBuf]| {
        let tensor = weights::average(paths).unwrap().remove("a").unwrap();
        Vec::<f32>::try_from(tensor).unwrap()
    };
    assert_eq!(mean(&[one.clone(), two.clone()]), [2.0, 2.0, 5.0]);
    assert_eq!(
        mean(&[one.clone(), one.clone(), one.clone()]),
        [1.0, 2.0, 3.0]
    );
    let other = folder.path().join("other");
    weights::save(&other, &model()).unwrap();
    let error = weights::average(&[one.clone(), other])
        .unwrap_err()
        .to_string();
    assert!(error.contains("other"), "{error}");
    let longer = folder.path().join("longer");
    let tensor = Tensor::from_slice(&[1_f32; 4]);
    weights::save(&longer, &Named::from([("a".to_owned(), tensor)])).unwrap();
    let error = weights::average(&[one, longer]).unwrap_err().to_string();
    assert!(error.contains("longer"), "{error}");
}

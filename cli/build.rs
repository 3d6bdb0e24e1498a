//! Hashes the sources that findings of `eras reproduce` depend on, so that findings of other code are not used again.

#![allow(
    clippy::print_stdout,
    reason = "cargo reads the output of build scripts"
)]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Crates that train and measure: all but the program, the reports and the list of eras.
const CRATES: [&str; 9] = [
    "corpus",
    "village",
    "harness",
    "neural",
    "ngram",
    "word2vec",
    "seq2seq",
    "chatbot",
    "transformer",
];

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new("..");
    // Versions of dependencies.
    let mut files = vec![root.join("Cargo.lock")];
    for name in CRATES {
        let folder = root.join(name);
        files.push(folder.join("Cargo.toml"));
        add_sources(&folder.join("src"), &mut files)?;
        println!("cargo:rerun-if-changed={}", folder.join("src").display());
    }
    files.sort();
    let mut hash = Sha256::new();
    for path in files {
        println!("cargo:rerun-if-changed={}", path.display());
        let content = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        hash.update(format!("{} {}\n", path.display(), content.len()));
        hash.update(content);
    }
    let digits: String = hash.finalize()[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    println!("cargo:rustc-env=ERAS_SOURCE_HASH={digits}");
    Ok(())
}

/// Adds all files below a folder.
fn add_sources(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => add_sources(&path, files)?,
            false => files.push(path),
        }
    }
    Ok(())
}

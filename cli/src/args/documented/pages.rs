//! The pages that are checked.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A text with Markdown in it, named by its path from the root.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) name: String,
    pub(super) text: String,
}

impl Page {
    fn read(name: String) -> Page {
        let text = read(&name);
        let text = if name.ends_with(".rs") {
            header(&text)
        } else {
            text
        };
        Page { name, text }
    }
}

/// All pages: Markdown of the root, of `docs` and `book`, READMEs of all folders, and the headers of the crates.
pub(super) fn pages() -> Vec<Page> {
    let mut names = BTreeSet::new();
    for folder in ["", "docs", "book", "book/src"] {
        names.extend(
            entries(folder)
                .into_iter()
                .filter(|name| name.ends_with(".md")),
        );
    }
    for folder in entries("").into_iter().chain(entries("bench")) {
        for name in ["README.md", "src/lib.rs"] {
            names.insert(format!("{folder}/{name}"));
        }
    }
    names.retain(|name| root().join(name).is_file());
    names.into_iter().map(Page::read).collect()
}

/// Paths of the files in a folder of the repository; none if there is no such folder.
fn entries(folder: &str) -> Vec<String> {
    let Ok(found) = fs::read_dir(root().join(folder)) else {
        return Vec::new();
    };
    let names = found.map(|entry| entry.expect("a folder that can be read").file_name());
    let visible = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| !name.starts_with('.'));
    visible
        .map(|name| {
            format!("{folder}/{name}")
                .trim_start_matches('/')
                .to_owned()
        })
        .collect()
}

/// The documentation at the top of a crate, on its own lines; links in it are checked by rustdoc.
fn header(source: &str) -> String {
    let lines = source
        .lines()
        .map(|line| line.strip_prefix("//!").unwrap_or_default());
    lines.map(|line| line.replace("](", "] (") + "\n").collect()
}

pub(super) fn root() -> PathBuf {
    let cli = Path::new(env!("CARGO_MANIFEST_DIR"));
    cli.parent()
        .expect("the crate lies in the repository")
        .to_owned()
}

pub(super) fn read(name: impl AsRef<Path>) -> String {
    let path = root().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

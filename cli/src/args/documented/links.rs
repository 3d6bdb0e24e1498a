//! Where links lead.

use std::path::{Component, Path, PathBuf};

use super::markdown;
use super::pages::{Page, read, root};

/// Why a link leads nowhere; links to other hosts are not followed.
pub(super) fn broken(page: &Page, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(&page.name).parent().unwrap_or(Path::new(""));
    let path = if file.is_empty() {
        PathBuf::from(&page.name)
    } else {
        normal(&folder.join(file))
    };
    if !root().join(&path).exists() {
        return Some(format!("there is no {}", path.display()));
    }
    let has_anchor = || {
        markdown::anchors(&read(&path))
            .iter()
            .any(|known| known == anchor)
    };
    (!anchor.is_empty() && !has_anchor()).then(|| format!("no heading gives #{anchor}"))
}

/// A path without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

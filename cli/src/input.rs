//! Lines of standard input and of small text files.

use std::io;

use corpus::{Lines, OnInvalid};

/// The lines of standard input, read as those of files.
pub(crate) fn stdin_lines() -> Lines<'static> {
    let place = "standard input".to_owned();
    Lines::new(Box::new(io::stdin().lock()), place, OnInvalid::Refuse)
}

/// The lines of a file, which may be compressed.
#[cfg(feature = "neural")]
pub(crate) fn file_lines(path: &std::path::Path) -> corpus::Result<Lines<'static>> {
    let place = path.display().to_string();
    Ok(Lines::new(
        corpus::open_text(path)?,
        place,
        OnInvalid::Refuse,
    ))
}

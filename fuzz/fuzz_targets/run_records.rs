//! Reading of a run's records: the request, evaluations of all tracks, tables.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use fuzz::records::READERS;
use fuzz::{choose, scratch};
use libfuzzer_sys::fuzz_target;

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = scratch();
    for (name, _) in READERS {
        let above = folder.join(name);
        fs::create_dir_all(above.parent().unwrap_or(&folder)).expect("the folder can be written");
    }
    folder
});

fuzz_target!(|data: &[u8]| {
    let Some((chosen, content)) = choose(data, READERS.len()) else {
        return;
    };
    let (name, read) = READERS[chosen];
    let path = FOLDER.join(name);
    fs::write(&path, content).expect("the folder can be written");
    read(&path);
});

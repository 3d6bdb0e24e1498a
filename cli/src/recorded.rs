//! Paths in the record of a run. What lies in the workspace is recorded relative to it, so that the workspace can be moved; a corpus
//! that is elsewhere now is found by its content.

use std::fs;
use std::path::{Path, PathBuf};

use corpus::Corpus;
use harness::{CorpusRecord, RunRecord};

use crate::output::usage;
use crate::{corpora, runs};

/// A path as a run records it. A pattern stays as it is.
pub(crate) fn record(workspace: &Path, path: &Path) -> anyhow::Result<String> {
    let whole = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let workspace = fs::canonicalize(workspace).ok();
    let inside = workspace.and_then(|workspace| whole.strip_prefix(workspace).ok());
    let recorded = inside.unwrap_or(&whole);
    recorded.to_str().map(str::to_owned).ok_or_else(|| {
        usage(format!(
            "{}: the record of a run needs names that are valid UTF-8; rename the file or its folder",
            recorded.display()
        ))
    })
}

/// The workspaces that the paths of a run can be relative to: the one that the run is in, and the one in use.
pub(crate) fn workspaces(run: &Path, in_use: &Path) -> Vec<PathBuf> {
    let run = fs::canonicalize(run).unwrap_or_default();
    let own = run.ancestors().nth(2);
    let own = own.filter(|own| run.parent() == Some(runs::folder(own).as_path()));
    own.into_iter()
        .chain([in_use])
        .map(Path::to_path_buf)
        .collect()
}

/// The corpus of a run: where the run has recorded it, or else the workspace's corpus with the same content, with a note.
pub(crate) fn corpus(
    workspaces: &[PathBuf],
    record: &CorpusRecord,
) -> anyhow::Result<(Corpus, Option<String>)> {
    let is_same = |corpus: &Corpus| corpus.content_checksum() == record.content_checksum;
    let mut trouble = None;
    let places = workspaces
        .iter()
        .map(|workspace| workspace.join(&record.folder));
    let named = workspaces
        .iter()
        .map(|workspace| corpora::folder(workspace).join(&record.name));
    for folder in places.chain(named).filter(|folder| is_corpus(folder)) {
        match Corpus::open(&folder) {
            Ok(corpus) if is_same(&corpus) => return Ok((corpus, None)),
            Ok(_) => trouble.get_or_insert(anyhow::anyhow!(
                "{}: the corpus has changed since the run began; begin a new run",
                folder.display()
            )),
            Err(error) => trouble.get_or_insert(error.into()),
        };
    }
    let renamed = workspaces.iter().flat_map(|workspace| {
        let names = corpora::names(workspace).into_iter();
        names.map(move |name| corpora::folder(workspace).join(name))
    });
    let mut renamed = renamed.filter_map(|folder| Corpus::open(&folder).ok());
    if let Some(corpus) = renamed.find(is_same) {
        let note = format!(
            "note: the run was begun on {}; {} has the same content and is used",
            record.folder,
            corpus.folder().display()
        );
        return Ok((corpus, Some(note)));
    }
    Err(trouble.unwrap_or_else(|| gone(workspaces, record)))
}

fn is_corpus(folder: &Path) -> bool {
    folder.join("corpus.toml").exists()
}

fn gone(workspaces: &[PathBuf], record: &CorpusRecord) -> anyhow::Error {
    let folders = workspaces
        .iter()
        .map(|workspace| corpora::folder(workspace).display().to_string());
    let folders: Vec<String> = folders.collect();
    anyhow::anyhow!(
        "{}: the corpus of this run is gone, and none in {} has its content; bring it back, or prepare it again as --name {}, or pass \
         the --workspace that has it",
        record.folder,
        folders.join(" or "),
        record.name
    )
}

/// The files of the tests of a run: its minimal pairs and its tests of word vectors.
pub(crate) struct TestFiles {
    pub(crate) minimal_pairs: Option<PathBuf>,
    pub(crate) word_tests: Vec<PathBuf>,
}

/// Finds the tests of a run, which may have moved with the corpus.
pub(crate) fn tests(workspaces: &[PathBuf], run: &RunRecord, corpus: &Corpus) -> TestFiles {
    let find = |recorded: &String| {
        let in_corpus = Path::new(recorded).strip_prefix(&run.corpus.folder);
        let in_corpus = in_corpus.map(|inner| corpus.folder().join(inner));
        let places = workspaces.iter().map(|workspace| workspace.join(recorded));
        let mut all = in_corpus.into_iter().chain(places);
        all.find(|path| path.exists())
            .unwrap_or_else(|| PathBuf::from(recorded))
    };
    TestFiles {
        minimal_pairs: run.minimal_pairs.as_ref().map(find),
        word_tests: run.word_tests.iter().map(find).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_the_workspace_is_recorded_relative_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("workspace/corpora/novel")).unwrap();
        fs::write(at("pairs.jsonl"), "").unwrap();
        let recorded = |path: &str| record(&at("workspace"), &at(path)).unwrap();
        assert_eq!(recorded("workspace/corpora/novel"), "corpora/novel");
        let whole = fs::canonicalize(at("pairs.jsonl")).unwrap();
        assert_eq!(recorded("pairs.jsonl"), whole.to_str().unwrap());
        assert!(recorded("blimp/*.jsonl").ends_with("blimp/*.jsonl"));
    }

    #[test]
    fn a_run_knows_the_workspace_it_is_in() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        for name in ["moved/runs/novel", "elsewhere/novel"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let in_use = Path::new("workspace");
        let found = workspaces(&root.join("moved/runs/novel"), in_use);
        assert_eq!(found, [root.join("moved"), in_use.to_path_buf()]);
        assert_eq!(workspaces(&root.join("elsewhere/novel"), in_use), [in_use]);
    }
}

//! Runs, and the models of their entries, as the command line names them: by path, or by a run's name in the workspace.

use std::path::{Component, Path, PathBuf};

use eras_list::ERAS;
use harness::{EntryFolder, EntryId, Era, Track, read_run_record};

use crate::corpora::check_name;
use crate::output::usage;

/// How well the model of an entry serves a command: 0 is best; none if it does not.
pub(crate) type Serves = fn(&EntryId) -> Option<usize>;

/// For commands that use models of any kind.
pub(crate) fn any(id: &EntryId) -> Option<usize> {
    by_track(id, &Track::ALL)
}

/// For commands that need a language model.
pub(crate) fn text(id: &EntryId) -> Option<usize> {
    by_track(id, &[Track::LanguageModelling, Track::Conversation])
}

/// For commands that need replies.
pub(crate) fn replies(id: &EntryId) -> Option<usize> {
    by_track(id, &[Track::Conversation, Track::LanguageModelling])
}

/// For commands that need word vectors. One language model consists of them.
pub(crate) fn vectors(id: &EntryId) -> Option<usize> {
    let is_made_of_vectors = id.era == word2vec::ERA && id.variant == word2vec::LM_VARIANT;
    match id.track {
        Track::Words => Some(0),
        _ => is_made_of_vectors.then_some(1),
    }
}

/// The place of an entry's track among these.
pub(crate) fn by_track(id: &EntryId, tracks: &[Track]) -> Option<usize> {
    tracks.iter().position(|track| *track == id.track)
}

/// The folder of the runs.
pub(crate) fn folder(workspace: &Path) -> PathBuf {
    workspace.join("runs")
}

/// The folder for a new run of this name.
pub(crate) fn new_run(workspace: &Path, name: &str) -> anyhow::Result<PathBuf> {
    check_name(name)?;
    let run = folder(workspace).join(name);
    match run.join("run.toml").exists() {
        true => Err(usage(format!(
            "--name {name}: there is a run of this name; continue it with eras run --resume {name}, or choose another --name"
        ))),
        false => Ok(run),
    }
}

/// The folder of a run; a path that names none is returned as it is, and the command that reads it says so.
pub(crate) fn run(workspace: &Path, path: &Path) -> PathBuf {
    run_at(workspace, path).unwrap_or_else(|| path.to_path_buf())
}

/// Divides a path such as `RUN/ngram/kneser-ney` into the folder of the run and the rest; none if it names no run.
pub(crate) fn split(workspace: &Path, path: &Path) -> Option<(PathBuf, PathBuf)> {
    path.ancestors().find_map(|prefix| {
        let run = run_at(workspace, prefix)?;
        let rest = path.strip_prefix(prefix).ok()?;
        Some((run, rest.to_path_buf()))
    })
}

fn run_at(workspace: &Path, path: &Path) -> Option<PathBuf> {
    let is_run = |folder: &PathBuf| folder.join("run.toml").is_file();
    let here = match path.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => path.to_path_buf(),
    };
    let mut parts = path.components();
    let named = match (parts.next(), parts.next()) {
        (Some(Component::Normal(name)), None) => Some(folder(workspace).join(name)),
        _ => None,
    };
    std::iter::once(here).chain(named).find(is_run)
}

/// The folder of the model that a path names: that folder itself, or an entry of a run, as `RUN/ngram/kneser-ney` or, where only
/// one entry serves, less. A path that names no run is returned as it is, and the command that opens it says so.
pub(crate) fn model(workspace: &Path, path: &Path, serves: Serves) -> anyhow::Result<PathBuf> {
    if path.is_file() || path.join("model.toml").is_file() {
        return Ok(path.to_path_buf());
    }
    let Some((run, rest)) = split(workspace, path) else {
        return Ok(path.to_path_buf());
    };
    let record = read_run_record(&run)?;
    let named = record.entries.iter().filter(|id| is_named(id, &rest));
    let named = best(named.collect(), serves);
    let shown = run.display();
    match named[..] {
        [] => Err(usage(format!(
            "{}: the run {shown} has no such entry; its entries are {}",
            path.display(),
            labels(&record.entries.iter().collect::<Vec<_>>())
        ))),
        [id] => {
            let model = EntryFolder::open(&id.folder(&run)).model();
            match model.join("model.toml").is_file() {
                true => Ok(model),
                false => Err(usage(format!(
                    "{id}: has no model yet; continue the run with eras run --resume {shown}"
                ))),
            }
        }
        [first, ..] if serves(first).is_none() => Err(usage(format!(
            "{}: no entry of the run {shown} has a model for this command; the entries are {}",
            path.display(),
            labels(&named)
        ))),
        [..] => Err(usage(format!(
            "{}: several entries have a model for this command; name one of them, as {shown}/ERA/VARIANT: {}",
            path.display(),
            labels(&named)
        ))),
    }
}

/// The folder that a path names: of a run, or of the model of one of its entries.
pub(crate) fn run_or_model(workspace: &Path, path: &Path) -> anyhow::Result<PathBuf> {
    match run_at(workspace, path) {
        Some(run) => Ok(run),
        None if path.join("corpus.toml").is_file() => Ok(path.to_path_buf()),
        None => model(workspace, path, any),
    }
}

/// Whether the rest of a path names an entry: nothing does, its era, its variant, its track, and the folder of its model.
fn is_named(id: &EntryId, rest: &Path) -> bool {
    let own = [&id.era[..], &id.variant, id.track.name(), "model"];
    let parts: Vec<_> = rest.iter().collect();
    parts.len() <= own.len() && parts.iter().zip(own).all(|(part, own)| **part == *own)
}

/// The entries that serve best; all if none does.
fn best(ids: Vec<&EntryId>, serves: Serves) -> Vec<&EntryId> {
    let best = ids.iter().filter_map(|id| serves(id)).min();
    let ids: Vec<&EntryId> = ids.into_iter().filter(|id| serves(id) == best).collect();
    // All word vectors of a run answer the same questions, so those of the era's main entry are meant.
    let main = |id: &&EntryId| {
        let main = ERAS.era(&id.era).and_then(Era::main_entry);
        id.track == Track::Words && main.is_some_and(|main| main.id() == **id)
    };
    match ids.iter().copied().find(main).filter(|_| best.is_some()) {
        Some(main) => vec![main],
        None => ids,
    }
}

/// Era and variant of entries, each once.
fn labels(ids: &[&EntryId]) -> String {
    let mut labels: Vec<String> = ids.iter().map(|id| id.label()).collect();
    labels.sort();
    labels.dedup();
    labels.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(era: &str, variant: &str, track: Track) -> EntryId {
        EntryId {
            track,
            ..EntryId::language_model(2007, era, variant)
        }
    }

    #[test]
    fn the_track_that_serves_best_is_chosen() {
        let (text_model, chat) = (
            id("ngram", "kneser-ney", Track::LanguageModelling),
            id("ngram", "kneser-ney", Track::Conversation),
        );
        let both = || vec![&text_model, &chat];
        assert_eq!(best(both(), text), [&text_model]);
        assert_eq!(best(both(), any), [&text_model]);
        assert_eq!(best(both(), replies), [&chat]);
        // None of them serves: the command that opens one of them says why.
        assert_eq!(best(both(), vectors).len(), 2);
    }

    #[test]
    fn vectors_are_those_of_the_main_entry_or_of_the_language_model() {
        let main = ERAS
            .era(word2vec::ERA)
            .and_then(Era::main_entry)
            .unwrap()
            .id();
        let other = id(word2vec::ERA, "cbow", Track::Words);
        let language_model = id(
            word2vec::ERA,
            word2vec::LM_VARIANT,
            Track::LanguageModelling,
        );
        let counts = id("ngram", "kneser-ney", Track::LanguageModelling);
        let all = vec![&counts, &language_model, &other, &main];
        assert_eq!(best(all, vectors), [&main]);
        assert_eq!(
            best(vec![&counts, &language_model], vectors),
            [&language_model]
        );
    }

    #[test]
    fn an_entry_is_named_by_any_number_of_its_parts() {
        let entry = id("ngram", "kneser-ney", Track::LanguageModelling);
        for rest in [
            "",
            "ngram",
            "ngram/kneser-ney/",
            "ngram/kneser-ney/language-modelling/model",
        ] {
            assert!(is_named(&entry, Path::new(rest)), "{rest}");
        }
        for rest in [
            "n",
            "kneser-ney",
            "ngram/kneser-ney/words",
            "ngram/kneser-ney/language-modelling/model/x",
        ] {
            assert!(!is_named(&entry, Path::new(rest)), "{rest}");
        }
    }
}

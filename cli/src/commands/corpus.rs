//! `eras corpus`.

use std::path::{Path, PathBuf};

use corpus::{
    Case, Catalogue, Corpus, OnExisting, PretrainedTokenizer, Record, Settings, Source, Statistics,
    TokenizerKind, Watch, fetch, prepare, write_atomically,
};
use serde_json::json;

use crate::args::{CorpusCommand, FetchOptions, PrepareOptions, Tokens};
use crate::commands::village;
use crate::corpora;
use crate::notes::print_once;
use crate::output::{complain, say, say_json, table, thousands, usage};
use crate::progress::Bar;

pub(crate) fn run(workspace: &Path, command: CorpusCommand) -> anyhow::Result<()> {
    match command {
        CorpusCommand::Prepare(options) => prepare_source(workspace, options),
        CorpusCommand::List { json } => list(workspace, json),
        CorpusCommand::Show { name, json } => show(workspace, &name, json),
        CorpusCommand::Fetch(options) => fetch_corpus(workspace, options),
    }
}

fn prepare_source(workspace: &Path, options: PrepareOptions) -> anyhow::Result<()> {
    if options.source.as_os_str() == corpora::VILLAGE {
        return village::prepare(workspace, options);
    }
    let name = options
        .name
        .ok_or_else(|| usage("--name is missing; give the corpus a name"))?;
    corpora::check_name(&name)?;
    if name == corpora::VILLAGE {
        return Err(usage(
            "--name village is reserved for the built-in village; choose another",
        ));
    }
    if options.size.is_some() || !options.sets.is_empty() {
        return Err(usage("--size and --set apply to the village only"));
    }
    let source = Source::find(&options.source)?;
    // Limits of a vocabulary apply to words.
    let has_limits = options.vocab.is_some() || options.min_count > 1;
    let guessed = match options.tokens {
        Some(Tokens::Tokenizer(tokens)) => {
            if tokens == TokenizerKind::Words {
                corpora::advise_against_words(&source)?;
            }
            Settings {
                tokens,
                ..Settings::default()
            }
        }
        Some(Tokens::Pretrained(path)) => Settings {
            tokens: TokenizerKind::Pretrained,
            pretrained: Some(PretrainedTokenizer::find(&path)?),
            ..Settings::default()
        },
        Some(Tokens::Number(number)) => {
            let what = "a number of tokens applies to the village only; for a text, choose";
            return Err(usage(format!(
                "--tokens {number}: {what} whitespace, words, bpe:N, chars or bytes"
            )));
        }
        None if has_limits && Settings::guess(&source)?.tokens.is_closed() => {
            corpora::advise_against_words(&source)?;
            Settings::default()
        }
        None => corpora::guess(&source)?,
    };
    let settings = Settings {
        case: if options.lower {
            Case::Lower
        } else {
            Case::Keep
        },
        vocab: options.vocab.or(guessed.vocab),
        min_count: options.min_count,
        split: options.split,
        seed: options.seed,
        documents: options.documents,
        kind: options.kind,
        languages: options.languages,
        swap: options.swap,
        lossy: options.lossy,
        ..guessed
    };
    let existing = if options.force {
        OnExisting::Replace
    } else {
        OnExisting::Refuse
    };
    let corpus = prepare_as(workspace, &name, &source, &settings, existing)?;
    corpora::warn_of_small_splits(&corpus);
    if options.json {
        return say_json(&corpus.record);
    }
    corpora::describe(&corpus)
}

fn prepare_as(
    workspace: &Path,
    name: &str,
    source: &Source,
    settings: &Settings,
    existing: OnExisting,
) -> anyhow::Result<Corpus> {
    let mut bar = Bar::new(name);
    let mut observer = |step| bar.step(step);
    let folder = corpora::folder(workspace).join(name);
    let mut watch = Watch::new(&mut observer);
    let prepared = prepare(source, &folder, settings, existing, &mut watch);
    let notes = watch.take_notes();
    drop(bar);
    notes.iter().for_each(|note| print_once(note));
    Ok(prepared?)
}

fn list(workspace: &Path, json: bool) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    let mut records = Vec::new();
    for name in corpora::names(workspace) {
        // A corrupt corpus must not hide the others.
        let record = match Record::read(&corpora::folder(workspace).join(&name)) {
            Ok(record) => record,
            Err(error) => {
                rows.push(vec![name, format!("corrupt: {error}")]);
                continue;
            }
        };
        let tokens = record.splits.values().map(|split| split.tokens).sum();
        let vocabulary = record.vocabulary.size as u64;
        rows.push(vec![
            name,
            record.settings.tokenizer_name(),
            thousands(vocabulary),
            thousands(tokens),
        ]);
        records.push(record);
    }
    match (json, rows.is_empty()) {
        (true, _) => say_json(&records),
        (false, true) => {
            say("no corpus has been prepared yet (eras corpus prepare, eras corpus fetch)")
        }
        (false, false) => say(&table(
            &["corpus", "tokenizer", "vocabulary", "tokens"],
            &rows,
        )),
    }
}

fn show(workspace: &Path, name: &str, json: bool) -> anyhow::Result<()> {
    let corpus = corpora::open_named(workspace, name)?;
    let mut bar = Bar::new(name);
    bar.show("counting");
    let statistics = Statistics::of(&corpus, 20)?;
    drop(bar);
    let chart = draw_zipf(&corpus, &statistics)?;
    if json {
        let mut value = serde_json::to_value(&statistics)?;
        value["zipf_plot"] = json!(chart.as_deref().map(Path::to_string_lossy));
        if let Some(floor) = village::floor(&corpus)? {
            value["floor"] = village::floor_json(&floor);
            if let Some(ceiling) = village::ceiling(&corpus)? {
                value["ceiling_bleu"] = json!({
                    "from_english": ceiling.from_english.score,
                    "to_english": ceiling.to_english.score,
                });
            }
        }
        return say_json(&value);
    }
    corpora::describe(&corpus)?;
    if let Some(licence) = &statistics.licence {
        say(&format!("licence: {licence}"))?;
    }
    say(&format!(
        "types in train: {}",
        thousands(statistics.types_in_train)
    ))?;
    say(&format!(
        "type/token ratio: {:.4}",
        statistics.type_token_ratio
    ))?;
    for (split, numbers) in &statistics.splits {
        say(&format!(
            "out of vocabulary in {split}: {:.3} %",
            100.0 * numbers.oov_rate
        ))?;
    }
    let frequent: Vec<String> = statistics
        .most_frequent
        .iter()
        .map(|(token, count)| format!("{token} {}", thousands(*count)))
        .collect();
    say(&format!("most frequent: {}", frequent.join(" · ")))?;
    if let Some(chart) = chart {
        say(&format!("Zipf plot: {}\n", chart.display()))?;
    }
    match village::floor(&corpus)? {
        Some(floor) => village::show(&corpus, &floor),
        None => say(&statistics.sample),
    }
}

/// Draws the Zipf plot into the corpus. Reading a corpus needs no right to write, so a failure is only told.
fn draw_zipf(corpus: &Corpus, statistics: &Statistics) -> anyhow::Result<Option<PathBuf>> {
    let title = format!("{}: frequency of words by rank", corpus.name());
    let chart = reports::zipf_chart(&statistics.counts_by_rank, &title)?;
    let path = corpus.folder().join("zipf.svg");
    match write_atomically(&path, chart.as_bytes()) {
        Ok(()) => Ok(Some(path)),
        Err(error) => {
            complain(&format!(
                "the Zipf plot was not drawn: {:#}",
                anyhow::Error::from(error)
            ));
            Ok(None)
        }
    }
}

fn fetch_corpus(workspace: &Path, options: FetchOptions) -> anyhow::Result<()> {
    let catalogue = match &options.catalogue {
        Some(path) => Catalogue::read(path)?,
        None => Catalogue::built_in(),
    };
    let Some(name) = options.name else {
        let rows: Vec<Vec<String>> = catalogue
            .names()
            .map(|name| {
                catalogue
                    .entry(name)
                    .map(|entry| vec![name.to_owned(), entry.title.clone()])
            })
            .collect::<corpus::Result<_>>()?;
        return say(&table(&["name", "description"], &rows));
    };
    let entry = catalogue.entry(&name)?;
    let mut bar = Bar::new(&name);
    let mut observer = |step| bar.step(step);
    let folder = fetch(
        entry,
        &workspace.join("downloads"),
        &mut Watch::new(&mut observer),
    )?;
    drop(bar);
    say(&format!("{}\nlicence: {}", entry.title, entry.licence))?;
    let source = Source::find(folder)?;
    let source = Source {
        licence: Some(entry.licence.clone()),
        ..source
    };
    let existing = if options.force {
        OnExisting::Replace
    } else {
        OnExisting::Refuse
    };
    let corpus = prepare_as(workspace, &name, &source, &entry.settings, existing)?;
    corpora::describe(&corpus)
}

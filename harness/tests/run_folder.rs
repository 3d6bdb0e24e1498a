//! Run folders: written atomically, resumable, locked against a second writer.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use harness::{
    Accuracy, AncestorRecord, Audit, Baselines, Budget, CorpusRecord, Cost, CostRow, EntryFolder,
    EntryId, EntryRecord, EraList, EraRole, Error, Evaluation, MODEL_FORMAT, Machine, ModelCard,
    RECORD_FORMAT, ResultRow, Run, RunRecord, Sample, State, read_csv, read_entry_records,
    read_run_record,
};

fn entries() -> Vec<EntryId> {
    vec![
        EntryId::language_model(1948, "baselines", "uniform"),
        EntryId::language_model(2007, "ngram", "stupid-backoff"),
    ]
}

fn record() -> RunRecord {
    RunRecord {
        format: RECORD_FORMAT,
        version: "0.2.0".into(),
        started: "2026-01-01T00:00:00Z".into(),
        budget: Budget::Tokens(1000),
        seed: 1,
        device: "cpu".to_owned(),
        deterministic: false,
        jobs: None,
        scaling: 0,
        preset: None,
        settings: Vec::new(),
        minimal_pairs: None,
        word_tests: vec![],
        corpus: CorpusRecord {
            name: "test".into(),
            folder: "corpora/test".into(),
            tokenizer: "words".into(),
            vocabulary: 4,
            vocab_checksum: "0".into(),
            content_checksum: "0".into(),
            tokens: [("test".to_owned(), 3)].into(),
            bits_per_byte: "comparable".into(),
        },
        machine: Machine {
            processor: "any".into(),
            threads: 2,
            memory: None,
            system: "linux x86_64".into(),
        },
        skipped: vec![],
        eras: EraList(&[&Baselines]).records(),
        entries: entries(),
    }
}

fn entry_record(entry: &EntryId, perplexity: f64) -> EntryRecord {
    let accuracy = Accuracy {
        positions: 3,
        top1: 0.25,
        top1_error: Some(0.1),
        top5: 0.5,
        top5_error: Some(0.1),
    };
    let audit = Audit {
        contexts: 3,
        worst_sum: 0.0,
        worst_disagreement: 0.0,
        tolerance: 1e-6,
        fault: None,
    };
    EntryRecord {
        format: RECORD_FORMAT,
        entry: entry.clone(),
        evaluation: Evaluation {
            tokens: 3,
            unknown: 0,
            perplexity: Some(perplexity),
            perplexity_without_unk: Some(perplexity),
            bits_per_token: Some(perplexity.log2()),
            bits_per_byte: None,
            accuracy: Some(accuracy),
            audit,
        },
        valid_perplexity: Some(2.0 * perplexity),
        minimal_pairs: None,
        cost: Cost {
            training_seconds: 2.0,
            evaluation_seconds: 1.0,
            scoring_seconds: 0.5,
            peak_memory_bytes: None,
            model_bytes: 10,
            parameters: 4,
            training_tokens: 1000,
            training_flops: 5000.0,
        },
        ancestry: Vec::new(),
        borrowed_ideas: Vec::new(),
    }
}

#[test]
fn a_run_is_written_resumed_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let run = Run::create(&path, record()).unwrap();
    let first = run.entry(&entries()[0]).unwrap();
    let sample = Sample {
        prompt: "a".into(),
        continuation: "b".into(),
        tokens: Vec::new(),
    };
    let log_probs = [-1.0, -2.0, -0.5];
    first
        .write_evaluation(&entry_record(&entries()[0], 4.0), &log_probs, &[sample])
        .unwrap();
    first.finish().unwrap();
    first.verify().unwrap();
    run.entry(&entries()[1])
        .unwrap()
        .set_state(&State::Interrupted)
        .unwrap();
    run.write_tables(&[], &[]).unwrap();
    drop(run);

    let run = Run::resume(&path).unwrap();
    assert_eq!(run.record, record());
    assert_eq!(run.entry(&entries()[0]).unwrap().state(), State::Done);
    assert_eq!(
        run.entry(&entries()[1]).unwrap().state(),
        State::Interrupted
    );
    assert_eq!(
        run.entry(&entries()[0]).unwrap().read_log_probs(3).unwrap(),
        [-1.0, -2.0, -0.5]
    );
    assert!(matches!(
        run.entry(&entries()[0]).unwrap().read_log_probs(4),
        Err(Error::Corrupt { .. })
    ));
    assert_eq!(
        read_entry_records::<Evaluation>(&path, &run.record)
            .unwrap()
            .len(),
        1
    );
    let rows: Vec<ResultRow> = read_csv(&path.join("results.csv")).unwrap();
    assert_eq!(rows, [ResultRow::of(&entry_record(&entries()[0], 4.0))]);
}

#[test]
fn an_existing_or_locked_folder_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let run = Run::create(&path, record()).unwrap();
    assert!(matches!(
        Run::create(&path, record()),
        Err(Error::Locked { .. })
    ));
    assert!(matches!(Run::resume(&path), Err(Error::Locked { .. })));
    drop(run);
    assert!(matches!(
        Run::create(&path, record()),
        Err(Error::Exists { .. })
    ));
    assert!(Run::resume(&path).is_ok());
    std::fs::write(folder.path().join("mine.txt"), "precious").unwrap();
    assert!(matches!(
        Run::create(folder.path(), record()),
        Err(Error::Filled { .. })
    ));
}

#[test]
fn errors_about_damaged_records_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    drop(Run::create(&path, record()).unwrap());
    let text = std::fs::read_to_string(path.join("run.toml")).unwrap();
    for damaged in [
        text.replace("format = 3", "format = 4"),
        text.replace("seed", "sead"),
        "no toml".into(),
    ] {
        std::fs::write(path.join("run.toml"), damaged).unwrap();
        assert!(
            read_run_record(&path)
                .unwrap_err()
                .to_string()
                .contains("run.toml")
        );
    }
    std::fs::write(path.join("results.csv"), "track,year\nwords,x\n").unwrap();
    assert!(
        read_csv::<ResultRow>(&path.join("results.csv"))
            .unwrap_err()
            .to_string()
            .contains("results.csv")
    );
}

#[test]
fn failures_keep_their_reason_on_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let run = Run::create(&folder.path().join("run"), record()).unwrap();
    let entry = run.entry(&entries()[0]).unwrap();
    entry
        .set_state(&State::Failed("two\nlines".into()))
        .unwrap();
    assert_eq!(entry.state(), State::Failed("two lines".into()));
}

#[test]
fn records_may_only_name_files_of_their_own_folder() {
    let folder = tempfile::tempdir().unwrap();
    let entry = EntryFolder::open(folder.path());
    std::fs::write(folder.path().join("checksums.sha256"), "00  /dev/zero\n").unwrap();
    let error = entry.verify().unwrap_err().to_string();
    assert!(
        error.contains("`/dev/zero`, which is not in this folder"),
        "{error}"
    );

    let card = ModelCard {
        format: MODEL_FORMAT,
        era: "some".to_owned(),
        variant: "other".to_owned(),
        vocab_checksum: String::new(),
        vocab_size: 1,
        parameters: 0,
        config: toml::Table::new(),
        training: harness::TrainingTotals::default(),
        ancestry: Vec::new(),
        borrowed_ideas: Vec::new(),
        test_evaluations: None,
        files: Vec::new(),
    };
    card.write(folder.path()).unwrap();
    assert!(ModelCard::open(folder.path()).is_ok());
    let path = folder.path().join("model.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let file = "\n[[files]]\nname = \"../elsewhere\"\nbytes = 0\nsha256 = \"\"\n";
    std::fs::write(&path, text + file).unwrap();
    let error = ModelCard::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("`../elsewhere`, which is not in this folder"),
        "{error}"
    );
}

#[test]
fn folders_of_eras_0_1_are_rejected_by_their_format() {
    let folder = tempfile::tempdir().unwrap();
    let old = "format = 1\neras = \"0.1.0\"\nunknown = true\n";
    std::fs::write(folder.path().join("run.toml"), old).unwrap();
    let error = read_run_record(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("run.toml") && error.contains("written by Eras 0.1; begin a new run"),
        "{error}"
    );
    std::fs::write(folder.path().join("model.toml"), old).unwrap();
    let error = ModelCard::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("model.toml")
            && error.contains("written by Eras 0.1; train the model again"),
        "{error}"
    );
    std::fs::write(folder.path().join("model.toml"), "format = 9\n").unwrap();
    let error = ModelCard::open(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("its format is 9, but this program reads format 2; train the model again"),
        "{error}"
    );
}

#[test]
fn the_record_of_a_run_describes_the_eras_of_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let run = Run::create(&folder.path().join("run"), record()).unwrap();
    let eras = read_run_record(run.folder()).unwrap().eras;
    let [baselines] = eras.as_slice() else {
        panic!("{eras:?}");
    };
    assert_eq!(baselines.role, EraRole::Baseline);
    let uniform = &baselines.entries[0];
    assert_eq!(uniform.variant, "uniform");
    assert!(!uniform.idea.is_empty());
}

#[test]
fn total_costs_are_those_of_all_stages() {
    let mut record = entry_record(&entries()[0], 4.0);
    let text = serde_json::to_string(&record).unwrap();
    assert!(!text.contains("ancestry"), "{text}");
    let alone = CostRow::of(&record);
    assert_eq!(alone.total_training_tokens, 1000);
    record.ancestry = vec![AncestorRecord {
        era: "any".to_owned(),
        variant: "older".to_owned(),
        checksum: "0".repeat(64),
        training_tokens: 500,
        training_seconds: 8.0,
        training_flops: 1e6,
    }];
    let row = CostRow::of(&record);
    assert_eq!(row.training_seconds, 2.0);
    assert_eq!(row.total_training_seconds, 10.0);
    assert_eq!(row.total_training_tokens, 1500);
    assert_eq!(row.total_training_flops, 1_005_000.0);
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<EntryRecord>(&text).unwrap(), record);
}

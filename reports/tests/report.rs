//! Reports of an invented run in various states.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};

use harness::{AncestorRecord, EntryId, EntryRecord, State, Track};
use reports::{Experiments, ReportPaths, write_report, write_side_by_side};
use tempfile::TempDir;

const HOSTILE: &str = "<b>&\"";

struct Reported {
    _root: TempDir,
    run: PathBuf,
    paths: ReportPaths,
}

impl Reported {
    fn page(&self) -> String {
        fs::read_to_string(&self.paths.page).unwrap()
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.run.join("report").join(path)).unwrap()
    }
}

/// Two valid entries, one that is not a distribution, one that failed, one that is running.
fn a_run_with_everything() -> Reported {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let ids = [
        EntryId::language_model(2017, "transformer", HOSTILE),
        EntryId::language_model(2007, "ngram", "kneser-ney"),
        EntryId::language_model(2007, "ngram", "stupid-backoff"),
        EntryId::language_model(2014, "seq2seq", "lstm"),
        EntryId::language_model(2015, "chatbot", "vinyals-le"),
    ];
    let run = fixture::begin(&folder, &ids);
    let best = ids[0].label();
    fixture::finish(
        &run,
        &ids[0],
        Some(93.216),
        None,
        &fixture::curve(20, 40.0, 95.0),
    );
    fixture::finish(
        &run,
        &ids[1],
        Some(141.5),
        None,
        &fixture::curve(1, 2.0, 140.0),
    );
    fixture::finish(
        &run,
        &ids[2],
        None,
        Some("after 12 tokens the probabilities sum to 1.31"),
        &[],
    );
    let failed = State::Failed("out of memory & <patience>".to_owned());
    run.entry(&ids[3]).unwrap().set_state(&failed).unwrap();
    let cells = [("no", 0.25), ("yes", -0.031), ("<eos>", f64::NAN)];
    let rows = fixture::breakdown(
        "ngram/kneser-ney",
        &best,
        "seen before in the document",
        &cells,
    );
    let comparisons = [fixture::comparison("ngram/kneser-ney", &best, -0.417, 0.02)];
    run.write_tables(&rows, &comparisons).unwrap();
    // Its lock says that the run is going on.
    drop(run);
    let paths = write_report(&folder, &Experiments::default()).unwrap();
    Reported {
        _root: root,
        run: folder,
        paths,
    }
}

#[test]
fn the_page_names_the_best_entry_and_its_lead() {
    let page = a_run_with_everything().page();
    assert!(
        page.contains("has the lowest perplexity: 93.22, which is 34.1 % lower"),
        "{page}"
    );
    assert!(page.contains("significant: +0.417 nats per token (95 % interval +0.397 to +0.437)"));
    assert!(page.contains("141.5") && page.contains("25.1 ± 0.7 %") && page.contains("64.1 %"));
    assert!(page.contains("not comparable: the text holds &lt;unk&gt;"));
    assert!(page.contains("−0.03 ± 0.01") && page.contains("45.1 MB") && page.contains("118 k/s"));
    assert!(page.contains("said by ngram/kneser-ney"));
    assert!(page.contains("translation: the corpus has no pairs"));
    assert!(!page.contains("Warning"));
}

#[test]
fn costs_to_reach_the_best_of_another_era_are_listed() {
    let reported = a_run_with_everything();
    // One entry reaches 140 at its first point; the other ends at 95 after twenty points, the last eleven below 140.
    let reached = reported.read("tables/reached.csv");
    let lines: Vec<&str> = reached.lines().collect();
    assert_eq!(lines.len(), 3, "{reached}");
    assert!(
        lines[0].starts_with("entry,ngram/kneser-ney: 140.0,"),
        "{reached}"
    );
    assert!(lines[1].starts_with("ngram/kneser-ney,") && lines[1].ends_with(','));
    assert!(lines[2].contains("FLOPs, "), "{reached}");
}

#[test]
fn ideas_are_taken_from_the_record() {
    let page = a_run_with_everything().page();
    for sentence in [
        "Counts &amp; a fixed factor.",
        "The same counts, discounted.",
        "No state: each word",
    ] {
        assert_eq!(page.matches(sentence).count(), 1, "{sentence}");
    }
}

#[test]
fn the_run_is_shown_among_published_systems() {
    let reported = a_run_with_everything();
    let chart = reported.read("charts/published-scale.svg");
    for label in ["GPT-3", "Stupid Backoff on the web", "ngram/kneser-ney"] {
        assert!(chart.contains(label), "{label}");
    }
    let table = reported.read("tables/published-scale.csv");
    assert!(
        table.contains("GPT-3,2020,175000000000,300000000000,"),
        "{table}"
    );
    assert!(reported.page().contains("~ 2.20 EFLOP") || reported.page().contains("~ 2.20 E"));
}

#[test]
fn findings_are_shown_and_damaged_ones_named() {
    let reported = a_run_with_everything();
    let folder = reported.run.join("reproductions");
    let own = folder.join("ngram");
    fs::create_dir_all(&own).unwrap();
    // Eight claims: p = 0.0125 is 0.1 after Holm's correction.
    let finding = r#"{"corpus": "novel", "scale": "small", "seeds": [1, 2], "version": "0.2.0 abc", "family": 8, "conditions": "c",
        "claim": {"id": "growth", "statement": "More text, <better>", "evidence": "figure 5", "source": "Brants et al. 2007"},
        "measured": "0.23 nats", "p_value": 0.0125,
        "criteria": [{"quantity": "gain", "values": [0.2, 0.3], "side": "above", "threshold": 0.0}]}"#;
    fs::write(own.join("growth-0.json"), finding).unwrap();
    let page = |reproductions: Option<&Path>| {
        let experiments = Experiments {
            reproductions: reproductions.map(Path::to_path_buf),
            ..Experiments::default()
        };
        fs::read_to_string(write_report(&reported.run, &experiments).unwrap().page).unwrap()
    };
    assert!(!page(None).contains("More text"));
    let shown = page(Some(&folder));
    assert!(
        shown.contains("More text, &lt;better&gt;")
            && shown.contains("novel, 2 repetitions, Eras 0.2.0 abc: 0.23 nats")
    );
    assert!(shown.contains("0.1000") && shown.contains("not decided"));
    assert!(!page(Some(&folder.join("absent"))).contains("More text"));
    fs::write(own.join("other-0.json"), "{").unwrap();
    let shown = page(Some(&folder));
    assert!(
        shown.contains("More text, &lt;better&gt;") && shown.contains("ngram/other-0.json: EOF")
    );
}

#[test]
fn failures_are_listed_with_their_reasons() {
    let page = a_run_with_everything().page();
    assert!(page.contains("ngram/stupid-backoff does not define a distribution"));
    assert!(page.contains("the probabilities sum to 1.31"));
    assert!(page.contains("out of memory &amp; &lt;patience&gt;"));
    assert!(page.contains("not started"));
}

#[test]
fn the_page_is_self_contained_and_escapes_everything() {
    let page = a_run_with_everything().page();
    // The only script is part of the page and fetches nothing.
    assert_eq!(page.matches("<script>").count(), 1);
    for forbidden in [
        "http", "<script ", "fetch(", "import", "<link", "<img", "url(", "<b>",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("transformer/&lt;b&gt;&amp;&quot;"));
}

#[test]
fn runs_are_shown_side_by_side() {
    let (reported, root) = (a_run_with_everything(), tempfile::tempdir().unwrap());
    let other = root.path().join("other");
    let id = EntryId::language_model(2007, "ngram", "kneser-ney");
    let run = fixture::begin(&other, std::slice::from_ref(&id));
    fixture::finish(&run, &id, Some(120.5), None, &[]);
    run.write_tables(&[], &[]).unwrap();
    let out = root.path().join("page");
    let paths = write_side_by_side(&[&reported.run, &other], &out).unwrap();
    let page = fs::read_to_string(&paths.page).unwrap();
    assert!(page.contains("&lt;b&gt;&amp;&quot;") && !page.contains("different texts"));
    let table = fs::read_to_string(out.join("tables/perplexity.csv")).unwrap();
    assert_eq!(
        table,
        "entry,1: run,2: other\nngram/kneser-ney,141.5,120.5\n\"transformer/<b>&\"\"\",93.216,\n"
    );
    // One row for each entry of each run.
    let chart = fs::read_to_string(&paths.charts[0]).unwrap();
    assert_eq!(chart.matches("ngram/kneser-ney").count(), 2);
    assert!(page.contains("each row is an entry of a run"));
    // Runs on different texts are not comparable.
    let record = other.join("run.toml");
    let text = fs::read_to_string(&record).unwrap();
    let changed = text.replace("content_checksum = \"0\"", "content_checksum = \"1\"");
    fs::write(&record, changed).unwrap();
    let paths = write_side_by_side(&[&reported.run, &other], &out).unwrap();
    let page = fs::read_to_string(paths.page).unwrap();
    assert!(page.contains("The runs use different texts."));
    assert!(paths.charts.is_empty());
    let error = write_side_by_side(&[&reported.run, &out], &out).unwrap_err();
    assert!(error.to_string().contains("run.toml"), "{error}");
}

#[test]
fn a_browser_shows_the_page_without_errors() {
    let Some(mut browser) = fixture::browser() else {
        test_skips::skip("no Chromium on the path");
        return;
    };
    let reported = a_run_with_everything();
    let shown = browser
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--enable-logging=stderr", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            reported.run.join("browser").display()
        ))
        .arg(format!("file://{}", reported.paths.page.display()))
        .output()
        .unwrap();
    let (page, log) = (
        String::from_utf8_lossy(&shown.stdout),
        String::from_utf8_lossy(&shown.stderr),
    );
    assert!(page.contains("<h1>Eras on wikitext-2</h1>"), "{log}");
    assert!(!log.contains("CONSOLE"), "{log}");
    let bytes = fs::metadata(&reported.paths.page).unwrap().len();
    assert!(bytes < 3_000_000, "{bytes}");
}

#[test]
fn every_chart_is_an_svg_and_a_png_and_every_table_a_csv() {
    let reported = a_run_with_everything();
    let names: Vec<_> = reported
        .paths
        .charts
        .iter()
        .map(|path| path.file_name().unwrap())
        .collect();
    assert_eq!(names.len(), 2 * 6, "{names:?}");
    for path in &reported.paths.charts {
        let bytes = fs::read(path).unwrap();
        match path.extension().unwrap().to_str().unwrap() {
            "png" => assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "{path:?}"),
            _ => assert_is_svg(path, &String::from_utf8(bytes).unwrap()),
        }
    }
    let results = reported.read("tables/results.csv");
    assert!(
        results.starts_with("entry,year,perplexity,on validation,without <unk>,"),
        "{results}"
    );
    assert!(
        results.contains("\"transformer/<b>&\"\"\",2017,93.216,"),
        "{results}"
    );
    assert_eq!(reported.paths.tables.len(), 8);
    assert!(reported.paths.tables.iter().all(|path| path.is_file()));
}

#[test]
fn bits_per_byte_have_a_chart_and_a_table_or_a_reason() {
    let page = a_run_with_everything().page();
    assert!(page.contains("No entry has bits per byte: not comparable: the text holds"));
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let ids = ["kneser-ney", "stupid-backoff"]
        .map(|variant| EntryId::language_model(2007, "ngram", variant));
    let run = fixture::begin(&folder, &ids);
    for (id, bits) in ids.iter().zip([Some(1.625), None]) {
        let entry = run.entry(id).unwrap();
        let mut record = fixture::evaluated(id, Some(64.0), None);
        record.evaluation.bits_per_byte = bits;
        entry.write_evaluation(&record, &[-1.0], &[]).unwrap();
        entry.set_state(&State::Done).unwrap();
    }
    run.write_tables(&[], &[]).unwrap();
    let paths = write_report(&folder, &Experiments::default()).unwrap();
    let page = fs::read_to_string(&paths.page).unwrap();
    assert!(page.contains("is comparable only within one prepared corpus"));
    assert!(!page.contains("No entry has bits per byte"));
    let report = folder.join("report");
    let chart = fs::read_to_string(report.join("charts/bits-per-byte.svg")).unwrap();
    assert!(chart.contains("1.625") && !chart.contains("stupid-backoff"));
    let table = fs::read_to_string(report.join("tables/bits-per-byte.csv")).unwrap();
    assert_eq!(
        table,
        "entry,year,bits per byte,bits per token,perplexity per token\nngram/kneser-ney,2007,1.625,6,64\n"
    );
}

#[test]
fn costs_of_all_stages_are_listed_where_an_entry_has_ancestors() {
    let costs = |ancestry: Vec<AncestorRecord>| {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("run");
        let id = EntryId::language_model(2007, "ngram", "kneser-ney");
        let run = fixture::begin(&folder, std::slice::from_ref(&id));
        let entry = run.entry(&id).unwrap();
        let record = fixture::evaluated(&id, Some(64.0), None);
        let record = EntryRecord { ancestry, ..record };
        entry.write_evaluation(&record, &[-1.0], &[]).unwrap();
        entry.set_state(&State::Done).unwrap();
        run.write_tables(&[], &[]).unwrap();
        write_report(&folder, &Experiments::default()).unwrap();
        let files = ["report/tables/costs.csv", "results.csv"];
        files.map(|file| fs::read_to_string(folder.join(file)).unwrap())
    };
    let ancestor = AncestorRecord {
        era: "ngram".to_owned(),
        variant: "older".to_owned(),
        checksum: "0".repeat(64),
        training_tokens: 1_000_000,
        training_seconds: 7.5,
        training_flops: 1e14,
    };
    let [alone, results] = costs(Vec::new());
    assert!(alone.starts_with("entry,track,training,tokens trained,FLOPs,"));
    let [staged, results_of_staged] = costs(vec![ancestor]);
    assert!(
        staged.starts_with("entry,track,\"training, last stage\",\"training, total\","),
        "{staged}"
    );
    assert!(
        staged.contains(",language modelling,42.5,50,") && staged.contains(",6000000,"),
        "{staged}"
    );
    assert!(staged.contains(",430000000000000,"), "{staged}");
    assert_eq!(results, results_of_staged);
}

#[test]
fn word_vectors_have_tables_of_their_own() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let id = EntryId {
        track: Track::Words,
        ..EntryId::language_model(2013, "word2vec", "skip-gram")
    };
    let run = fixture::begin(&folder, std::slice::from_ref(&id));
    let entry = run.entry(&id).unwrap();
    entry.write_record(&fixture::words(&id)).unwrap();
    entry.set_state(&State::Done).unwrap();
    run.write_tables(&[], &[]).unwrap();
    let paths = write_report(&folder, &Experiments::default()).unwrap();
    let page = fs::read_to_string(paths.page).unwrap();
    assert!(page.contains("<h2>Word vectors</h2>") && page.contains("+0.634"));
    assert!(page.contains("words of the category capital-&lt;common&gt;"));
    let map = "report/charts/word-map-word2vec-skip-gram-capital-common.svg";
    let map = fs::read_to_string(folder.join(map)).unwrap();
    assert!(map.contains("paris") && map.contains("capital-&lt;common&gt;"));
    assert!(!page.contains("No entry of this run has a result yet."));
    let read = |name: &str| {
        fs::read_to_string(folder.join("report/tables").join(format!("{name}.csv"))).unwrap()
    };
    assert_eq!(
        read("words"),
        "entry,test,semantic,syntactic,total,rho,known\n\
         word2vec/skip-gram,questions.txt,0.5,0.25,0.375,,0.8\n\
         word2vec/skip-gram,pairs.tsv,,,,0.634,0.95\n"
    );
    assert_eq!(
        read("words-by-category"),
        "category,asked,word2vec/skip-gram\nfamily,4,0.5\ngram1-plural,4,0.25\n"
    );
    let costs = read("costs");
    assert!(costs.contains("word2vec/skip-gram,words,42.5,"), "{costs}");
}

#[test]
fn translators_have_tables_of_their_own() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let ids = ["copy", "reversed"].map(|variant| EntryId {
        track: Track::Translation,
        ..EntryId::language_model(2014, "seq2seq", variant)
    });
    let run = fixture::begin(&folder, &ids);
    for (id, bleu) in ids.iter().zip([12.5, 61.25]) {
        let entry = run.entry(id).unwrap();
        entry.write_record(&fixture::translated(id, bleu)).unwrap();
        entry.write_curve(&fixture::curve(5, 40.0, 3.0)).unwrap();
        entry.set_state(&State::Done).unwrap();
    }
    run.write_tables(&[], &[]).unwrap();
    let paths = write_report(&folder, &Experiments::default()).unwrap();
    let page = fs::read_to_string(&paths.page).unwrap();
    assert!(page.contains("<h2>Translation</h2>") && page.contains("drunor 61.25"));
    assert!(page.contains("&lt;b&gt;bold") && !page.contains("<b>bold"));
    assert!(!page.contains("No entry of this run has a result yet."));
    // Perplexities of translators are not on the charts of language models.
    assert!(paths.charts.is_empty(), "{:?}", paths.charts);
    let read = |name: &str| {
        fs::read_to_string(folder.join("report/tables").join(format!("{name}.csv"))).unwrap()
    };
    assert_eq!(
        read("translation"),
        "entry,year,BLEU,chrF,perplexity,brevity penalty,sentences\n\
         seq2seq/copy,2014,12.5,61.5,,0.98,1500\n\
         seq2seq/reversed,2014,61.25,61.5,3.25,0.98,1500\n"
    );
    assert_eq!(
        read("translation-by-length"),
        "source length in words,sentences,seq2seq/copy,seq2seq/reversed\n\
         1 to 5,500,13.5,62.25\n31 and more,1000,11.5,60.25\n"
    );
    assert!(read("costs").contains("seq2seq/reversed,translation,42.5,"));
    let rows = fs::read_to_string(folder.join("translation.csv")).unwrap();
    assert!(
        rows.contains("seq2seq,reversed,1500,61.25,61.5,3.25,"),
        "{rows}"
    );
}

fn assert_is_svg(path: &Path, text: &str) {
    assert!(text.starts_with("<svg width=\"760\""), "{path:?}");
    assert!(text.trim_end().ends_with("</svg>"), "{path:?}");
    assert_eq!(
        text.matches("<text").count(),
        text.matches("</text>").count(),
        "{path:?}"
    );
    assert!(
        text.contains("font-family=\"DejaVu Sans, Verdana, sans-serif\""),
        "{path:?}"
    );
    assert!(!text.contains("<b>") && !text.contains("NaN"), "{path:?}");
}

#[test]
fn a_report_can_be_created_again_and_leaves_no_temporary_files() {
    let reported = a_run_with_everything();
    let before = reported.page();
    assert_eq!(
        write_report(&reported.run, &Experiments::default()).unwrap(),
        reported.paths
    );
    assert_eq!(reported.page(), before);
    for folder in ["report", "report/charts", "report/tables"] {
        let names = fs::read_dir(reported.run.join(folder)).unwrap();
        let hidden = names.filter(|name| {
            name.as_ref()
                .unwrap()
                .file_name()
                .to_string_lossy()
                .starts_with('.')
        });
        assert_eq!(hidden.count(), 0, "{folder}");
    }
}

#[test]
fn an_empty_run_is_reported_as_empty() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run");
    let run = fixture::begin(&folder, &[]);
    let page = fs::read_to_string(
        write_report(run.folder(), &Experiments::default())
            .unwrap()
            .page,
    )
    .unwrap();
    assert!(page.contains("This run has no entries."));
}

#[test]
fn a_run_without_results_lists_its_entries() {
    let root = tempfile::tempdir().unwrap();
    let id = EntryId::language_model(2007, "ngram", "kneser-ney");
    let run = fixture::begin(&root.path().join("run"), std::slice::from_ref(&id));
    run.entry(&id)
        .unwrap()
        .set_state(&State::Interrupted)
        .unwrap();
    let paths = write_report(run.folder(), &Experiments::default()).unwrap();
    let page = fs::read_to_string(paths.page).unwrap();
    assert!(
        page.contains("No entry of this run has a result yet.") && page.contains("interrupted")
    );
    assert!(paths.charts.is_empty());
}

#[test]
fn errors_name_a_corrupt_record() {
    let reported = a_run_with_everything();
    for (file, content) in [
        ("results.csv", "track,year\nwords,soon\n"),
        ("ngram/kneser-ney/language-modelling/samples.json", "["),
    ] {
        let valid = fs::read(reported.run.join(file)).unwrap();
        fs::write(reported.run.join(file), content).unwrap();
        let error = write_report(&reported.run, &Experiments::default())
            .unwrap_err()
            .to_string();
        let name = Path::new(file).file_name().unwrap().to_str().unwrap();
        assert!(error.contains(name), "{error}");
        fs::write(reported.run.join(file), valid).unwrap();
    }
}

#[test]
fn a_folder_that_is_not_a_run_is_rejected_and_not_changed() {
    let root = tempfile::tempdir().unwrap();
    let error = write_report(root.path(), &Experiments::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("run.toml"), "{error}");
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

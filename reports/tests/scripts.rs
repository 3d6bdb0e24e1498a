//! Text of every script: in the direction of its letters, on the page and in pictures.

#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but not in their helpers"
)]

mod fixture;

use std::fs;

use harness::{EntryId, Sample, State, Track};
use reports::{Experiments, WordMap, write_report};

/// The page of a run with one entry.
fn page_of(id: &EntryId, write: impl FnOnce(&harness::EntryFolder)) -> String {
    let root = tempfile::tempdir().unwrap();
    let run = fixture::begin(&root.path().join("run"), std::slice::from_ref(id));
    let entry = run.entry(id).unwrap();
    write(&entry);
    entry.set_state(&State::Done).unwrap();
    run.write_tables(&[], &[]).unwrap();
    let paths = write_report(run.folder(), &Experiments::default()).unwrap();
    fs::read_to_string(paths.page).unwrap()
}

#[test]
fn samples_run_in_the_direction_of_their_script() {
    let id = EntryId::language_model(2007, "ngram", "kneser-ney");
    let sample = Sample {
        prompt: "هذا بيت".to_owned(),
        continuation: "كبير.".to_owned(),
        tokens: Vec::new(),
    };
    let page = page_of(&id, |entry| {
        let record = fixture::evaluated(&id, Some(64.0), None);
        entry.write_evaluation(&record, &[-1.0], &[sample]).unwrap();
    });
    assert!(
        page.contains("<p class=\"prompt\" dir=\"auto\">“هذا بيت …”</p>"),
        "{page}"
    );
    assert!(
        page.contains("<blockquote dir=\"auto\">كبير.</blockquote>"),
        "{page}"
    );
}

#[test]
fn examples_in_tables_run_in_the_direction_of_their_script() {
    let id = EntryId {
        track: Track::Translation,
        ..EntryId::language_model(2014, "seq2seq", "copy")
    };
    let page = page_of(&id, |entry| {
        let mut record = fixture::translated(&id, 12.5);
        record.evaluation.examples[0].source = "בית גדול.".to_owned();
        entry.write_record(&record).unwrap();
    });
    assert!(
        page.contains(" dir=\"auto\"") && page.contains(">בית גדול.</td>"),
        "{page}"
    );
    let cell = page
        .split("<td")
        .find(|cell| cell.contains("בית גדול."))
        .unwrap();
    assert!(cell.contains("dir=\"auto\""), "{cell}");
    // Numbers keep their side.
    let number = page
        .split("<td")
        .find(|cell| cell.contains(">12.50<"))
        .unwrap();
    assert!(!number.contains("dir="), "{number}");
}

/// Writes for each text of a page whether its first letter stands right of its last one.
const DIRECTIONS: &str = "<pre id=found></pre><script>
    const directions = [...document.querySelectorAll('text')].map(text => {
        const at = place => text.getStartPositionOfChar(place).x;
        const isReversed = at(0) > at(text.getNumberOfChars() - 1);
        return text.textContent.trim() + ': ' + (isReversed ? 'from the right' : 'from the left');
    });
    document.getElementById('found').textContent = directions.join(', ');
</script>";

#[test]
fn a_browser_sets_text_of_charts_in_the_direction_of_its_script() {
    let Some(mut browser) = fixture::browser() else {
        test_skips::skip("no Chromium on the path");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (picture, page) = (
        folder.path().join("map.svg"),
        folder.path().join("map.html"),
    );
    let words = ["שלום", "بيت.", "king", "国王"];
    let places = [[0.0, 0.0], [1.0, 0.5], [0.5, 1.0], [0.2, 0.7]];
    let map = WordMap {
        title: "words".to_owned(),
        words: words.map(str::to_owned).into_iter().zip(places).collect(),
        lines: Vec::new(),
        shares: [0.5, 0.25],
    };
    map.write(&picture).unwrap();
    let picture = fs::read_to_string(picture).unwrap();
    fs::write(
        &page,
        format!("<!DOCTYPE html><meta charset=utf-8>{picture}{DIRECTIONS}"),
    )
    .unwrap();
    let shown = browser
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("browser").display()
        ))
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout);
    for expected in [
        "שלום: from the right",
        // The full stop as well.
        "بيت.: from the right",
        "king: from the left",
        "国王: from the left",
    ] {
        assert!(shown.contains(expected), "{shown}");
    }
}

//! Runs every experiment on a small text.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use corpus::{Corpus, OnExisting, Settings, Source, Watch, prepare};
use harness::{CurvePoint, ExperimentContext, Progress, Scale, Silent, Verdict, reproduce};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::experiments;

/// Number of things, each with a word for itself, for its place and for its plural.
const THINGS: usize = 12;
const FORMS: [&str; 3] = ["thing", "place", "things"];

/// Lines about one thing in one form: words specific to the thing, words specific to the form, and filler words.
fn corpus(folder: &Path) -> Corpus {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut text = String::new();
    for _ in 0..6_000 {
        let (thing, form) = (rng.random_range(0..THINGS), rng.random_range(0..3));
        for _ in 0..4 {
            let context = rng.random_range(0..4);
            text.push_str(&format!(
                "t{thing}_{context} {}{thing} f{form}_{context} ",
                FORMS[form]
            ));
        }
        let filler = (1.0 / rng.random_range(0.001..1.0_f64)) as u64;
        text.push_str(&format!("w{filler}"));
        if filler.is_multiple_of(5) {
            // Names, which the experiment should find as phrases.
            text.push_str(&format!(" first{filler} last{filler}"));
        }
        text.push('\n');
    }
    let path = folder.join("text.txt");
    std::fs::write(&path, text).unwrap();
    let source = Source::find(path.to_str().unwrap()).unwrap();
    let (target, settings) = (folder.join("prepared"), Settings::default());
    prepare(
        &source,
        &target,
        &settings,
        OnExisting::Refuse,
        &mut Watch::silent(),
    )
    .unwrap()
}

/// Analogies "thing1 is to place1 as thing2 is to place2", and those of plurals in a section named `grammar`.
fn analogies(folder: &Path, grammar: &str) -> PathBuf {
    let mut text = String::new();
    for (section, form) in [("location", FORMS[1]), (grammar, FORMS[2])] {
        text.push_str(&format!(": {section}\n"));
        for a in 0..THINGS {
            for c in (0..THINGS).filter(|&c| c != a) {
                text.push_str(&format!("thing{a} {form}{a} thing{c} {form}{c}\n"));
            }
        }
    }
    let path = folder.join("analogies.txt");
    std::fs::write(&path, text).unwrap();
    path
}

fn context<'a>(
    corpus: &'a Corpus,
    analogies: Option<&'a Path>,
    seeds: &'a [u64],
) -> ExperimentContext<'a> {
    ExperimentContext {
        corpus,
        analogies,
        other: None,
        seeds,
        scale: Scale::Small,
        version: "test",
    }
}

/// Counts ticks: training ticks, reading a stored finding does not.
#[derive(Default)]
struct Ticks(u64);

impl Progress for Ticks {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Continue(())
    }
}

#[test]
fn every_experiment_has_a_value_for_each_repetition_and_is_run_once() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let analogies = analogies(folder.path(), "gram-plural");
    let seeds = [1, 2];
    let context = context(&corpus, Some(&analogies), &seeds);
    let (all, notes) = (experiments(), folder.path().join("findings"));
    let run = || {
        let mut ticks = Ticks::default();
        let judged = reproduce(&all, all.len(), &context, &notes, &mut ticks).unwrap();
        (judged, ticks.0)
    };
    let (judged, ticks) = run();
    assert!(ticks > 0);
    for (judgement, experiment) in judged.iter().zip(&all) {
        let finding = &judgement.finding;
        assert_eq!(finding.claim, experiment.claim());
        assert!(!finding.criteria.is_empty(), "{finding:?}");
        let counts = finding.criteria.iter().map(|own| own.values.len());
        assert!(
            counts.into_iter().all(|count| count == seeds.len()),
            "{finding:?}"
        );
        assert!(!finding.measured.contains("NaN"), "{}", finding.measured);
    }
    assert_eq!(run(), (judged, 0));
}

/// Interrupts at the first tick.
struct Stop;

impl Progress for Stop {
    fn point(&mut self, _: &CurvePoint) {}

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        ControlFlow::Break(())
    }
}

#[test]
fn every_experiment_can_be_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let analogies = analogies(folder.path(), "gram-plural");
    let context = context(&corpus, Some(&analogies), &[1]);
    for experiment in experiments() {
        let stopped = experiment.run(&context, &mut Stop);
        assert!(
            matches!(stopped, Err(harness::Error::Interrupted)),
            "{}",
            experiment.claim().id
        );
    }
}

#[test]
fn missing_questions_are_an_error_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let mut context = context(&corpus, None, &[1]);
    let run = |context: &ExperimentContext<'_>, id: &str| {
        let found = experiments()
            .into_iter()
            .find(|experiment| experiment.claim().id == id);
        found.unwrap().run(context, &mut Silent)
    };
    for experiment in experiments() {
        let id = experiment.claim().id;
        if ["cbow-faster", "subsampling-speeds-up", "phrases"].contains(&id.as_str()) {
            continue;
        }
        let error = run(&context, &id).unwrap_err().to_string();
        assert!(error.contains("--analogies FILE"), "{id}: {error}");
    }
    // Without syntactic questions the claim about them is not decided.
    let no_grammar = analogies(folder.path(), "plural");
    context.analogies = Some(&no_grammar);
    let finding = run(&context, "cbow-syntactic").unwrap();
    assert_eq!(finding.decision().verdict(), Verdict::NotDecided);
    assert!(finding.criteria.is_empty() && finding.measured.contains("no syntactic question"));
    // Questions about words outside the vocabulary.
    let others = folder.path().join("others.txt");
    std::fs::write(&others, ": others\nAthens Greece Oslo Norway\n").unwrap();
    context.analogies = Some(&others);
    let error = run(&context, "offsets").unwrap_err().to_string();
    assert!(
        error.contains("none of 1 questions can be asked"),
        "{error}"
    );
}

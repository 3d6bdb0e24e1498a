//! Experiments are stored as findings, and an interrupted reproduction resumes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::rc::Rc;

use corpus::{Corpus, OnExisting, Settings, Source, Split, Watch, prepare};
use harness::{
    Claim, Criterion, Experiment, ExperimentContext, Finding, Progress, Result, Scale, Silent,
    Verdict, reproduce,
};

struct Counted {
    id: &'static str,
    runs: Rc<Cell<u32>>,
    fails: bool,
}

impl Experiment for Counted {
    fn claim(&self) -> Claim {
        let text = |text: &str| text.to_owned();
        Claim {
            id: text(self.id),
            statement: text("s"),
            evidence: text("e"),
            source: text("p"),
        }
    }

    fn run(&self, context: &ExperimentContext<'_>, _: &mut dyn Progress) -> Result<Finding> {
        self.runs.set(self.runs.get() + 1);
        if self.fails {
            return Err(harness::Error::Interrupted);
        }
        let repetitions = context.repetitions()?;
        let values = repetitions.iter().map(|own| 1.0 + own.seed as f64 / 10.0);
        let criterion = Criterion::above("gain", values.collect(), 0.0);
        let measured = "so much".to_owned();
        Ok(Finding::new(self.claim(), measured, vec![criterion]))
    }
}

fn corpus(folder: &std::path::Path) -> Corpus {
    let text = folder.join("text.txt");
    std::fs::write(&text, "a b\nb c\nc d\nd a\n".repeat(100)).unwrap();
    let source = Source::find(text.to_str().unwrap()).unwrap();
    prepare(
        &source,
        &folder.join("corpus"),
        &Settings::default(),
        OnExisting::Refuse,
        &mut Watch::silent(),
    )
    .unwrap()
}

fn context<'a>(corpus: &'a Corpus, seeds: &'a [u64], version: &'a str) -> ExperimentContext<'a> {
    ExperimentContext {
        corpus,
        analogies: None,
        other: None,
        seeds,
        scale: Scale::Small,
        version,
    }
}

#[test]
fn experiments_are_not_repeated_unless_the_conditions_change() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let runs = Rc::new(Cell::new(0));
    let experiment = |id, fails| {
        Box::new(Counted {
            id,
            runs: runs.clone(),
            fails,
        }) as Box<dyn Experiment>
    };
    let kept = folder.path().join("findings");
    let both = [experiment("a", false), experiment("b", false)];
    let run = |experiments: &[Box<dyn Experiment>], seeds: &[u64], version: &str| {
        reproduce(
            experiments,
            2,
            &context(&corpus, seeds, version),
            &kept,
            &mut Silent,
        )
    };

    // The second experiment is interrupted; the finding of the first one is stored.
    let interrupted = [experiment("a", false), experiment("b", true)];
    assert!(run(&interrupted, &[1, 2], "1").is_err());
    assert_eq!(runs.get(), 2);
    let judged = run(&both, &[1, 2], "1").unwrap();
    assert_eq!(runs.get(), 3);
    // The values are 1.1 and 1.2: t = 23 with one degree of freedom, p = 0.028, twice that for two claims.
    for judgement in &judged {
        assert!(
            (judgement.finding.p_value - 0.0277).abs() < 1e-3,
            "{judgement:?}"
        );
        assert!(
            (judgement.adjusted_p_value - 0.0553).abs() < 2e-3,
            "{judgement:?}"
        );
        assert_eq!(judgement.verdict, Verdict::NotDecided);
    }
    assert_eq!(run(&both, &[1, 2], "1").unwrap(), judged);
    assert_eq!(runs.get(), 3);
    let more = run(&both, &[1, 2, 3], "1").unwrap();
    assert_eq!(runs.get(), 5);
    assert!(
        more.iter().all(|own| own.verdict == Verdict::Holds),
        "{more:?}"
    );
    run(&both, &[1, 2, 3], "2").unwrap();
    assert_eq!(runs.get(), 7);
}

#[test]
fn repetitions_share_no_text() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = corpus(folder.path());
    let tokens = |corpus: &Corpus| corpus.split(Split::Train).unwrap().to_vec();
    let parts = context(&corpus, &[7, 8], "1").repetitions().unwrap();
    let joined: Vec<u32> = parts.iter().flat_map(|own| tokens(&own.corpus)).collect();
    assert_eq!(joined, tokens(&corpus));
    assert_eq!(parts[1].seed, 8);
    assert_eq!(parts[1].part_of(&[0, 1, 2, 3, 4]), [1, 3]);
    let error = context(&corpus, &[1; 500], "1")
        .repetitions()
        .unwrap_err()
        .to_string();
    assert!(error.contains("too short for 500 repetitions"), "{error}");
}

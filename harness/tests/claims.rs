//! Experiments are stored as findings, and an interrupted reproduction resumes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::cell::Cell;
use std::rc::Rc;

use corpus::{Corpus, OnExisting, Settings, Source, Watch, prepare};
use harness::{
    Claim, Experiment, ExperimentContext, Finding, Progress, Result, Scale, Silent, Verdict,
    decide, reproduce,
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
        let values: Vec<f64> = context
            .seeds
            .iter()
            .map(|&seed| 1.0 + seed as f64 / 10.0)
            .collect();
        let verdict = decide(&values, 0.0).verdict;
        Ok(Finding {
            claim: self.claim(),
            verdict,
            measured: "so much".to_owned(),
            values,
        })
    }
}

fn corpus(folder: &std::path::Path) -> Corpus {
    let text = folder.join("text.txt");
    std::fs::write(&text, "a b\nb c\nc d\n").unwrap();
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
    let context = |seeds| ExperimentContext {
        corpus: &corpus,
        analogies: None,
        other: None,
        seeds,
        scale: Scale::Small,
    };
    let kept = folder.path().join("findings");

    // The second experiment is interrupted; the finding of the first one is stored.
    let interrupted = reproduce(
        &[experiment("a", false), experiment("b", true)],
        &context(&[1, 2]),
        &kept,
        &mut Silent,
    );
    assert!(interrupted.is_err());
    assert_eq!(runs.get(), 2);
    let both = [experiment("a", false), experiment("b", false)];
    let findings = reproduce(&both, &context(&[1, 2]), &kept, &mut Silent).unwrap();
    assert_eq!(runs.get(), 3);
    assert!(
        findings
            .iter()
            .all(|finding| finding.verdict == Verdict::Holds)
    );
    reproduce(&both, &context(&[1, 2]), &kept, &mut Silent).unwrap();
    assert_eq!(runs.get(), 3);
    reproduce(&both, &context(&[1, 2, 3]), &kept, &mut Silent).unwrap();
    assert_eq!(runs.get(), 5);
}

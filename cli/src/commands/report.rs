//! `eras report`.

use std::path::Path;

use crate::args::ReportOptions;
use crate::commands::ablate::ablations;
use crate::commands::reproduce::reproductions;
use crate::output::{complain, must_be_new, say, usage};

pub(crate) fn run(workspace: &Path, options: &ReportOptions) -> anyhow::Result<()> {
    let paths = match (options.runs.as_slice(), &options.out) {
        ([run], None) => reports::write_report(run, &experiments(workspace))?,
        ([_], Some(_)) => {
            return Err(usage(
                "--out: the report of a single run is in its own folder; --out is for several runs",
            ));
        }
        (_, None) => {
            return Err(usage(
                "several runs: give the folder of their page with --out",
            ));
        }
        (runs, Some(folder)) => {
            if !folder.join("tables/runs.csv").exists() {
                must_be_new(folder)?;
            }
            let runs: Vec<&Path> = runs.iter().map(|run| run.as_path()).collect();
            reports::write_side_by_side(&runs, folder)?
        }
    };
    for note in &paths.notes {
        complain(note);
    }
    say(&format!("report: {}", paths.page.display()))
}

/// Where the experiments of a workspace are.
pub(crate) fn experiments(workspace: &Path) -> reports::Experiments {
    reports::Experiments {
        reproductions: Some(reproductions(workspace)),
        ablations: Some(ablations(workspace)),
    }
}

//! `eras report`.

use std::path::Path;

use crate::args::ReportOptions;
use crate::commands::reproduce::reproductions;
use crate::output::say;

pub(crate) fn run(workspace: &Path, options: ReportOptions) -> anyhow::Result<()> {
    let paths = reports::write_report(&options.run, Some(&reproductions(workspace)))?;
    say(&format!("report: {}", paths.page.display()))
}

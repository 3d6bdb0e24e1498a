//! `eras report`.

use crate::args::ReportOptions;
use crate::output::say;

pub(crate) fn run(options: ReportOptions) -> anyhow::Result<()> {
    let paths = reports::write_report(&options.run)?;
    say(&format!("report: {}", paths.page.display()))
}

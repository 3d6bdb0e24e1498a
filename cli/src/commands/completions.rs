//! `eras completions`.

use clap::CommandFactory;

use crate::args::Arguments;
use crate::output::say;

pub(crate) fn run(shell: clap_complete::Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "eras", &mut script);
    say(String::from_utf8_lossy(&script).trim_end())
}

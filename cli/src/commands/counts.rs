//! `eras counts`.

use std::fs;

use anyhow::Context;
use corpus::{Codec, Source};
use ngram::CountFiles;

use super::arpa::finish;
use crate::args::CountsOptions;
use crate::output::{complain, usage};
use crate::progress::Bar;
use crate::settings::Overrides;
use crate::unfinished::Unfinished;

pub(crate) fn run(options: CountsOptions) -> anyhow::Result<()> {
    let out = options.out;
    if out.exists() {
        return Err(usage(format!(
            "{}: already exists; choose another --out",
            out.display()
        )));
    }
    let overrides = Overrides {
        preset: options.preset,
        file: options.config,
        sets: options.sets,
    };
    let config = overrides.resolve(&ngram::PRESETS, ngram::Config::preset)?;
    let sources = options.files.iter().map(Source::find);
    let files = CountFiles {
        sources: sources.collect::<Result<_, _>>()?,
        vocab: options.vocab,
    };
    let unfinished = Unfinished::beside(&out);
    fs::create_dir_all(&unfinished.0)
        .with_context(|| format!("cannot create {}", unfinished.0.display()))?;
    let mut bar = Bar::new(&options.files.join(" "));
    let trained = files
        .train(&config, Some(&unfinished.0), &mut bar)
        .map_err(harness::Error::from)?;
    // Text is divided at white space, as it was by the program that counted.
    let codec = Codec::whitespace(trained.vocab);
    finish(&trained.model, &codec, unfinished, &out, bar)?;
    for note in &trained.notes {
        complain(note);
    }
    Ok(())
}

//! `eras arpa`.

use std::fs::{self, File};
use std::io::{BufWriter, IntoInnerError, Write};
use std::path::Path;

use anyhow::Context;
use corpus::{Codec, Vocab, open_text, sha256_of};
use ngram::arpa;

use crate::args::ArpaCommand;
use crate::models::open_ngrams;
use crate::output::{must_be_new, say, stream, thousands, usage};
use crate::progress::Bar;
use crate::unfinished::Unfinished;

pub(crate) fn run(command: ArpaCommand) -> anyhow::Result<()> {
    match command {
        ArpaCommand::Export { model, file } => export(&model, &file),
        ArpaCommand::Import { file, out } => import(&file, &out),
    }
}

fn export(model: &Path, file: &Path) -> anyhow::Result<()> {
    let (model, codec) = open_ngrams(model)?;
    if file == Path::new("-") {
        return stream(|out| write(&model, codec.vocab(), out));
    }
    must_be_new(file)?;
    let mut bar = Bar::new(&file.display().to_string());
    bar.show("writing");
    let part = file.with_extension(format!("{}.partial", std::process::id()));
    let write_part = || {
        let mut to = BufWriter::new(File::create(&part)?);
        write(&model, codec.vocab(), &mut to)?;
        to.into_inner()
            .map_err(IntoInnerError::into_error)?
            .sync_all()?;
        anyhow::Ok(fs::rename(&part, file)?)
    };
    let written = write_part().with_context(|| format!("cannot write {}", file.display()));
    if written.is_err() {
        // Only the first error is reported.
        let _ = fs::remove_file(&part);
    }
    written
}

/// Writes a model; a model without probabilities is wrong usage.
fn write(model: &ngram::Model, vocab: &Vocab, out: &mut dyn Write) -> anyhow::Result<()> {
    Ok(arpa::write(model, vocab, out).map_err(harness::Error::from)?)
}

fn import(file: &Path, out: &Path) -> anyhow::Result<()> {
    if out.exists() {
        return Err(usage(format!(
            "{}: already exists; choose another --out",
            out.display()
        )));
    }
    let unfinished = Unfinished::beside(out);
    fs::create_dir_all(&unfinished.0)
        .with_context(|| format!("cannot create {}", unfinished.0.display()))?;
    let mut bar = Bar::new(&file.display().to_string());
    bar.show("reading");
    let imported = arpa::read(file, &mut *open_text(file)?, Some(&unfinished.0))?;
    bar.show("saving");
    let checksum = sha256_of(imported.vocab.to_text().as_bytes());
    let ngrams = imported.model.parameters();
    Codec::whitespace(imported.vocab).save(&unfinished.0)?;
    imported.model.save(&unfinished.0, &checksum)?;
    unfinished.rename(out)?;
    drop(bar);
    say(&format!(
        "model: {} ({} n-grams)",
        out.display(),
        thousands(ngrams)
    ))
}

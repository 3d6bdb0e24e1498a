//! `eras arpa`.

use std::fs::{self, File};
use std::io::{BufWriter, IntoInnerError, Write};
use std::path::Path;

use anyhow::Context;
use corpus::{Codec, PackedWriter, Vocab, open_text, sha256_of};
use ngram::arpa;

use crate::args::ArpaCommand;
use crate::models::{open_card, open_ngrams};
use crate::output::{complain, must_be_new, say, stream, thousands, usage};
use crate::progress::Bar;
use crate::unfinished::Unfinished;

pub(crate) fn run(command: ArpaCommand) -> anyhow::Result<()> {
    match command {
        ArpaCommand::Export { model, file } => export(&model, &file),
        ArpaCommand::Import { file, like, out } => import(&file, like.as_deref(), &out),
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
        let mut to = BufWriter::new(PackedWriter::new(file, File::create(&part)?)?);
        write(&model, codec.vocab(), &mut to)?;
        to.into_inner()
            .map_err(IntoInnerError::into_error)?
            .finish()?
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

fn import(file: &Path, like: Option<&Path>, out: &Path) -> anyhow::Result<()> {
    if out.exists() {
        return Err(usage(format!(
            "{}: already exists; choose another --out",
            out.display()
        )));
    }
    let like = like
        .map(|model| anyhow::Ok(open_card(model)?.codec(model)?))
        .transpose()?;
    let unfinished = Unfinished::beside(out);
    fs::create_dir_all(&unfinished.0)
        .with_context(|| format!("cannot create {}", unfinished.0.display()))?;
    let mut bar = Bar::new(&file.display().to_string());
    bar.show("reading");
    let (mut from, folder) = (open_text(file)?, Some(unfinished.0.as_path()));
    let imported = match &like {
        None => arpa::read(file, &mut *from, folder)?,
        Some(codec) => arpa::read_like(file, &mut *from, folder, codec.vocab())?,
    };
    // Without another tokenizer, text is divided at white space, as other programs do it.
    let codec = like.unwrap_or_else(|| Codec::whitespace(imported.vocab));
    finish(&imported.model, &codec, unfinished, out, bar)?;
    for note in &imported.notes {
        complain(&format!("{}: {note}", file.display()));
    }
    Ok(())
}

/// Saves an n-gram model in its folder and says how large it is.
pub(super) fn finish(
    model: &ngram::Model,
    codec: &Codec,
    unfinished: Unfinished,
    out: &Path,
    mut bar: Bar,
) -> anyhow::Result<()> {
    bar.show("saving");
    codec.save(&unfinished.0)?;
    let checksum = sha256_of(codec.vocab().to_text().as_bytes());
    model.save(&unfinished.0, &checksum)?;
    unfinished.rename(out)?;
    drop(bar);
    say(&format!(
        "model: {} ({} n-grams)",
        out.display(),
        thousands(model.parameters())
    ))
}

//! `eras translate`.

use std::collections::BTreeMap;
use std::path::Path;

use harness::Translator;

use super::args::TranslateOptions;
use super::models::{open_ensemble, open_translator};
use crate::input::{file_lines, stdin_lines};
use crate::output::{stream, usage};

/// Lines that are translated together: input is buffered until there are this many.
const BATCH_LINES: usize = 2_000;

pub(crate) fn run(options: TranslateOptions) -> anyhow::Result<()> {
    let TranslateOptions {
        models,
        beam,
        length_penalty,
        n_best,
        rescore,
    } = options;
    if let Some(number) = n_best.filter(|number| !(1..=1000).contains(number)) {
        return Err(usage(format!("--n-best {number}: must be from 1 to 1000")));
    }
    // Baselines can translate, but have none of the options.
    if let ([model], None, None, None, None) = (&models[..], beam, length_penalty, n_best, &rescore)
    {
        let (_, translator) = open_translator(model)?;
        return translate(&*translator);
    }
    let ensemble = open_ensemble(&models, |own| neural::BeamConfig {
        // A list of candidates cannot be longer than the beam is wide.
        width: match n_best.filter(|_| rescore.is_none()) {
            Some(number) => beam.unwrap_or(own.width).max(number),
            None => beam.unwrap_or(own.width),
        },
        length_penalty: length_penalty.unwrap_or(own.length_penalty),
        ..own
    })?;
    match (rescore, n_best) {
        (Some(file), _) => choose(&*ensemble, &file, n_best),
        (None, Some(number)) => list(&*ensemble, number),
        (None, None) => translate(&*ensemble),
    }
}

/// Calls `work` with the number of the first and with the lines of standard input, some at a time.
fn in_batches(mut work: impl FnMut(usize, &[&str]) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let (mut first, mut lines) = (0, Vec::new());
    let mut flush = |lines: &mut Vec<String>| {
        let piece: Vec<&str> = lines.iter().map(String::as_str).collect();
        work(first, &piece)?;
        first += lines.len();
        lines.clear();
        Ok::<(), anyhow::Error>(())
    };
    let mut input = stdin_lines();
    while let Some(line) = input.next_line()? {
        lines.push(line.to_owned());
        if lines.len() >= BATCH_LINES {
            flush(&mut lines)?;
        }
    }
    flush(&mut lines)
}

/// A line for each line.
fn translate(translator: &dyn Translator) -> anyhow::Result<()> {
    stream(|out| {
        in_batches(|_, sources| {
            for translation in translator.translate(sources)? {
                writeln!(out, "{translation}")?;
            }
            Ok(())
        })
    })
}

/// The best candidates of each line.
fn list(ensemble: &dyn neural::NBest, number: usize) -> anyhow::Result<()> {
    stream(|out| {
        in_batches(|first, sources| {
            for (at, found) in (first..).zip(ensemble.n_best(sources)?) {
                for (text, log_prob) in found.into_iter().take(number) {
                    writeln!(out, "{at} ||| {text} ||| {log_prob:.4}")?;
                }
            }
            Ok(())
        })
    })
}

/// A translation that another program found.
struct Candidate {
    text: String,
    score: f64,
}

/// The candidates of the sources that have some, as they stand in a file.
fn read_candidates(path: &Path) -> anyhow::Result<BTreeMap<usize, Vec<Candidate>>> {
    let mut lines = file_lines(path)?;
    let mut all: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    let mut number = 0;
    while let Some(line) = lines.next_line()? {
        number += 1;
        let refuse = |what: &str| anyhow::anyhow!("{}, line {number}: {what}", path.display());
        let mut parts: Vec<&str> = line.split("|||").map(str::trim).collect();
        // Moses prints alignments after the score.
        while parts.len() > 3 && parts.last().is_some_and(|part| is_alignment(part)) {
            parts.pop();
        }
        // Features may stand between the translation and its score.
        let [source, text, .., score] = parts[..] else {
            return Err(refuse("expected NUMBER ||| TRANSLATION ||| SCORE"));
        };
        let source: usize = source
            .parse()
            .map_err(|_| refuse("the source number must be an integer from 0 on"))?;
        let score: Option<f64> = score.parse().ok();
        let score = score.filter(|score| score.is_finite());
        let score = score.ok_or_else(|| refuse("the score must be a number"))?;
        if let Some((last, _)) = all.last_key_value().filter(|(last, _)| **last > source) {
            return Err(refuse(&format!(
                "source {source} after source {last}; sort the list by source"
            )));
        }
        let text = text.to_owned();
        let own = all.entry(source).or_default();
        own.push(Candidate { text, score });
    }
    Ok(all)
}

/// Whether a part of a line aligns words or phrases, as `0-0 1-2` and `0-1=0 2=1` do, or is empty.
fn is_alignment(part: &str) -> bool {
    let is_place = |at: &str| !at.is_empty() && at.bytes().all(|byte| byte.is_ascii_digit());
    part.split_whitespace()
        .all(|pair| pair.contains(['-', '=']) && pair.split(['-', '=']).all(is_place))
}

/// The candidate with the best mean of its score and ln p, or the best ones, of each line.
fn choose(ensemble: &dyn neural::NBest, path: &Path, n_best: Option<usize>) -> anyhow::Result<()> {
    let candidates = read_candidates(path)?;
    let mut lines = 0;
    stream(|out| {
        in_batches(|first, sources| {
            lines += sources.len();
            for (at, source) in (first..).zip(sources) {
                let candidates = candidates.get(&at).map_or(&[][..], Vec::as_slice);
                let pairs = candidates
                    .iter()
                    .map(|candidate| (*source, &candidate.text[..]));
                let log_probs = ensemble.score_pairs(&pairs.collect::<Vec<_>>())?;
                let mut ranked: Vec<(f64, &str)> = candidates
                    .iter()
                    .zip(log_probs)
                    .map(|(candidate, log_prob)| {
                        ((candidate.score + log_prob) / 2.0, &candidate.text[..])
                    })
                    .collect();
                ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
                match n_best {
                    None => writeln!(out, "{}", ranked.first().map_or("", |best| best.1))?,
                    Some(number) => {
                        for (score, text) in ranked.into_iter().take(number) {
                            writeln!(out, "{at} ||| {text} ||| {score:.4}")?;
                        }
                    }
                }
            }
            Ok(())
        })
    })?;
    match candidates.last_key_value() {
        Some((last, _)) if *last >= lines => anyhow::bail!(
            "{}: has candidates for source {last}, but only {lines} lines were read (the first is source 0)",
            path.display()
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_stand_before_alignments() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        let read = |line: &str| {
            std::fs::write(&path, line).unwrap();
            let all = read_candidates(&path).ok()?;
            let only = &all[&0][0];
            Some((only.text.clone(), only.score))
        };
        for line in [
            "0 ||| a b ||| -2.5",
            "0 ||| a b ||| LM0= -3 WordPenalty0= -2 ||| -2.5",
            "0 ||| a b ||| LM0= -3 WordPenalty0= -2 ||| -2.5 ||| 0-0 1-1",
            "0 ||| a b ||| LM0= -3 ||| -2.5 ||| 0=0 1-2=1 ||| 0-0 1-1 2-1",
            "0 ||| a b ||| -7 ||| -2.5 ||| ",
            "0 ||| a b ||| -25e-1 ||| 0-0",
        ] {
            assert_eq!(read(line), Some(("a b".to_owned(), -2.5)), "{line}");
        }
        for line in [
            "0 ||| a b ||| 0-0",
            "0 ||| a b ||| -7 ||| -2,5",
            "0 ||| a b ||| -7 ||| nan",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}

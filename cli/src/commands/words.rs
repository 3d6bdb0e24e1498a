//! `eras words`.

use std::path::Path;

use harness::{
    AnalogiesResult, Tally, Vectors, judge_analogies, judge_similarity, read_analogies,
    read_similarity,
};
use serde_json::{Value, json};

use crate::args::{WordsOptions, WordsQuestion};
use crate::eras::open_vectors;
use crate::output::{say, say_json, table, usage};

pub(crate) fn run(options: WordsOptions) -> anyhow::Result<()> {
    let vectors = open_vectors(&options.model)?;
    match options.question {
        WordsQuestion::Nearest {
            words,
            minus,
            count,
        } => {
            let plus: Vec<&str> = words.iter().map(String::as_str).collect();
            let minus: Vec<&str> = minus.iter().map(String::as_str).collect();
            say_words(&vectors.analogous(&plus, &minus, count)?, options.json)
        }
        WordsQuestion::Analogy { a, b, c, count } => {
            say_words(&vectors.analogous(&[&b, &c], &[&a], count)?, options.json)
        }
        WordsQuestion::Evaluate { tests, vocab } => {
            let mut results = Vec::new();
            for test in &tests {
                results.push(evaluate(&vectors, test, vocab, options.json)?);
            }
            match options.json {
                true => say_json(&results),
                false => Ok(()),
            }
        }
        WordsQuestion::Export { file } => {
            if file.exists() {
                return Err(usage(format!(
                    "{}: exists already; choose another name",
                    file.display()
                )));
            }
            match file.extension().is_some_and(|extension| extension == "bin") {
                true => word2vec::formats::write_binary(&vectors, &file)?,
                false => word2vec::formats::write_text(&vectors, &file)?,
            }
            say(&format!(
                "{}: {} words of {} coordinates",
                file.display(),
                vectors.len(),
                vectors.dimension()
            ))
        }
    }
}

fn say_words(words: &[(String, f32)], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let words: Vec<Value> = words
            .iter()
            .map(|(word, cosine)| json!({"word": word, "cosine": cosine}))
            .collect();
        return say_json(&words);
    }
    for (word, cosine) in words {
        say(&format!("{cosine:>8.4}  {word}"))?;
    }
    Ok(())
}

/// One test, of the kind that its beginning shows: sections begin with a colon.
fn evaluate(vectors: &Vectors, test: &Path, vocab: usize, as_json: bool) -> anyhow::Result<Value> {
    let name = test
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let pairs = read_similarity(test);
    if let Ok(pairs) = &pairs {
        let result = judge_similarity(vectors, pairs);
        if !as_json {
            let rho = result.rho.map_or("-".to_owned(), |rho| format!("{rho:.4}"));
            say(&format!(
                "{name}: Spearman's rho {rho}, {} of {} pairs known",
                result.asked, result.total
            ))?;
        }
        return Ok(json!({"test": name, "similarity": result}));
    }
    match read_analogies(test) {
        Ok(sections) => {
            let result = judge_analogies(vectors, &sections, vocab);
            if !as_json {
                say(&analogies_table(&name, &result))?;
            }
            Ok(json!({"test": name, "analogies": result}))
        }
        // What was wrong with it as the kind that it looks like.
        Err(error) if starts_with_colon(test) => Err(error.into()),
        Err(_) => Err(pairs.err().map_or_else(|| usage("no test"), Into::into)),
    }
}

fn starts_with_colon(test: &Path) -> bool {
    use std::io::Read;
    let mut first = [0_u8];
    let read = corpus::open_text(test).map(|mut text| text.read(&mut first));
    matches!(read, Ok(Ok(1))) && first[0] == b':'
}

fn analogies_table(name: &str, result: &AnalogiesResult) -> String {
    let row = |name: &str, tally: &Tally| {
        let percent = |share: Option<f64>| {
            share.map_or("-".to_owned(), |share| format!("{:.1} %", 100.0 * share))
        };
        vec![
            name.to_owned(),
            percent(tally.accuracy()),
            tally.right.to_string(),
            tally.asked.to_string(),
            percent(tally.coverage()),
        ]
    };
    let mut rows: Vec<Vec<String>> = result
        .sections
        .iter()
        .map(|section| row(&section.name, &section.tally))
        .collect();
    rows.push(row("semantic", &result.semantic));
    rows.push(row("syntactic", &result.syntactic));
    rows.push(row("total", &result.total));
    table(&[name, "accuracy", "right", "asked", "coverage"], &rows)
}

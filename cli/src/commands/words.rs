//! `eras words`.

use std::path::Path;

use harness::{
    AnalogiesResult, Tally, Vectors, WordAnswers, WordTest, WordTestResult, principal_components,
};
use reports::WordMap;
use serde_json::{Value, json};

use crate::args::{WordsOptions, WordsQuestion};
use crate::models::open_vectors;
use crate::output::{
    complain_of_letters, must_be_new, must_be_new_picture, say, say_json, table, visible,
};

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
                let result = WordTest::read(test)?.judge(&vectors, vocab);
                if !options.json {
                    say(&shown(&result))?;
                }
                results.push(result);
            }
            match options.json {
                true => say_json(&results),
                false => Ok(()),
            }
        }
        WordsQuestion::Plot { words, out } => {
            plot(&options.model, &vectors, &words, &out, options.json)
        }
        WordsQuestion::Export { file } => {
            must_be_new(&file)?;
            match file.extension().is_some_and(|extension| extension == "bin") {
                true => word2vec::formats::write_binary(&vectors, &file)?,
                false => word2vec::formats::write_text(&vectors, &file)?,
            }
            say(&format!(
                "{}: {} words with {} dimensions",
                file.display(),
                vectors.len(),
                vectors.dimension()
            ))
        }
    }
}

/// Draws a map of words and of pairs `a:b`.
fn plot(
    model: &Path,
    vectors: &Vectors,
    given: &[String],
    out: &Path,
    as_json: bool,
) -> anyhow::Result<()> {
    must_be_new_picture(out)?;
    let (mut words, mut lines) = (Vec::new(), Vec::new());
    let mut place = |word: &str| -> anyhow::Result<usize> {
        let id = vectors.find(word)?;
        Ok(words
            .iter()
            .position(|&known| known == id)
            .unwrap_or_else(|| {
                words.push(id);
                words.len() - 1
            }))
    };
    for text in given {
        match text.split_once(':') {
            Some((a, b)) if vectors.id(text).is_none() => lines.push((place(a)?, place(b)?)),
            _ => drop(place(text)?),
        }
    }
    let unit: Result<Vec<Vec<f32>>, _> = words
        .iter()
        .map(|&id| vectors.combine(&[&vectors.words()[id]], &[]))
        .collect();
    let unit = unit?;
    let found = principal_components(&unit.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
    let names = words.iter().map(|&id| vectors.words()[id].clone());
    let map = WordMap {
        title: format!("Words of {}", model.display()),
        words: names.zip(found.points).collect(),
        lines,
        shares: found.shares,
    };
    complain_of_letters(out, &map.write(out)?);
    if as_json {
        let words: Vec<Value> = map
            .words
            .iter()
            .map(|(word, point)| json!({"word": word, "point": point}))
            .collect();
        let file = out.to_string_lossy();
        return say_json(&json!({"file": file, "shares": map.shares, "words": words}));
    }
    let [first, second] = map.shares.map(|share| 100.0 * share);
    say(&format!(
        "{}: {} words; the two principal components have {first:.1} % and {second:.1} % of the variance",
        out.display(),
        map.words.len()
    ))
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
        say(&format!("{cosine:>8.4}  {}", visible(word)))?;
    }
    Ok(())
}

/// The result of a test as text.
fn shown(found: &WordTestResult) -> String {
    match &found.answers {
        WordAnswers::Analogies(result) => analogies_table(&found.test, result),
        WordAnswers::Similarity(result) => {
            let rho = result.rho.map_or("-".to_owned(), |rho| format!("{rho:.4}"));
            format!(
                "{}: Spearman's rho {rho}, {} of {} pairs known",
                found.test, result.asked, result.total
            )
        }
    }
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

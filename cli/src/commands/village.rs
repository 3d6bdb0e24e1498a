//! The village in `eras corpus`: generating it, and showing its floor, phenomena and samples.

use std::path::Path;

use corpus::{Corpus, OnExisting, Split};
use serde_json::{Value, json};
use village::{Ceiling, Entropy, Floor, Oracle, PRESETS, Settings, Village};

use crate::args::{PrepareOptions, Tokens};
use crate::corpora;
use crate::output::{say, say_json, table, thousands, usage};
use crate::settings::Overrides;

pub(crate) fn prepare(workspace: &Path, options: PrepareOptions) -> anyhow::Result<()> {
    let name = options.name.as_deref().unwrap_or(corpora::VILLAGE);
    corpora::check_name(name)?;
    refuse_text_options(&options)?;
    let overrides = Overrides {
        preset: options.size,
        file: None,
        sets: options.sets,
    };
    if overrides.sets.iter().any(|set| set.starts_with("seed=")) {
        return Err(usage("--set seed: give the seed of the village by --seed"));
    }
    let mut settings = overrides.resolve(&PRESETS, Settings::preset)?;
    match options.tokens {
        Some(Tokens::Number(tokens)) => settings.tokens = tokens,
        Some(Tokens::Tokenizer(kind)) => {
            let what = "the village has no choice of tokenizer; give a number of tokens (500k, 3M)";
            return Err(usage(format!("--tokens {kind}: {what}")));
        }
        Some(Tokens::Pretrained(path)) => {
            let what = "the village has no choice of tokenizer; give a number of tokens (500k, 3M)";
            return Err(usage(format!("--tokens {}: {what}", path.display())));
        }
        None => {}
    }
    settings.seed = options.seed;
    let existing = match options.force {
        true => OnExisting::Replace,
        false => OnExisting::Refuse,
    };
    let corpus = corpora::generate(workspace, name, &settings, existing)?;
    match options.json {
        true => say_json(&corpus.record),
        false => corpora::describe(&corpus),
    }
}

/// Refuses options that apply to texts only.
fn refuse_text_options(options: &PrepareOptions) -> anyhow::Result<()> {
    let given = [
        ("--lower", options.lower),
        ("--vocab", options.vocab.is_some()),
        ("--min-count", options.min_count != 1),
        ("--languages", options.languages.is_some()),
        ("--swap", options.swap),
        ("--lossy", options.lossy),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((option, _)) => Err(usage(format!(
            "{option} applies to texts, not to the village"
        ))),
        None => Ok(()),
    }
}

/// The floor of the test split, if the corpus is a village.
pub(crate) fn floor(corpus: &Corpus) -> anyhow::Result<Option<Floor>> {
    if corpus.record.generator.is_none() {
        return Ok(None);
    }
    let oracle = Oracle::new(Village::of(corpus)?, corpus.vocab())?;
    Ok(Some(oracle.floor(&corpus.split(Split::Test)?.to_vec())?))
}

pub(crate) fn floor_json(floor: &Floor) -> Value {
    let entropy = |entropy: &Entropy| {
        json!({
            "tokens": entropy.tokens,
            "cross_entropy": entropy.cross_entropy,
            "entropy": entropy.entropy,
            "standard_error": entropy.standard_error,
        })
    };
    let phenomena: serde_json::Map<String, Value> = floor
        .by_phenomenon
        .iter()
        .map(|(phenomenon, of)| (phenomenon.name().to_owned(), entropy(of)))
        .collect();
    json!({ "perplexity": floor.perplexity(), "all": entropy(&floor.all), "by_phenomenon": phenomena })
}

/// Prints the floor, the phenomena, a story and a dialogue.
pub(crate) fn show(corpus: &Corpus, floor: &Floor) -> anyhow::Result<()> {
    if let Some(at) = floor.first_impossible {
        anyhow::bail!(
            "{}: token {at} of the test split is impossible in this village; prepare it again",
            corpus.name()
        );
    }
    say(&format!(
        "floor of the test split: perplexity {:.3}; mean -ln p {:.4} nats per token, entropy of the generator {:.4} \
         (they differ by chance, standard error {:.4})",
        floor.perplexity(),
        floor.all.cross_entropy,
        floor.all.entropy,
        floor.all.standard_error
    ))?;
    let share = |entropy: &Entropy| 100.0 * entropy.tokens as f64 / floor.all.tokens as f64;
    let rows: Vec<Vec<String>> = floor
        .by_phenomenon
        .iter()
        .map(|(phenomenon, entropy)| {
            vec![
                phenomenon.name().to_owned(),
                thousands(entropy.tokens),
                format!("{:.1} %", share(entropy)),
                format!("{:.3}", entropy.entropy),
                format!("{:.3}", entropy.cross_entropy),
            ]
        })
        .collect();
    let header = [
        "phenomenon",
        "tokens",
        "share",
        "entropy (nats)",
        "-ln p (nats)",
    ];
    say(&table(&header, &rows))?;
    if let Some(ceiling) = ceiling(corpus)? {
        say(&format!(
            "translation ceiling (BLEU of the oracle on the test pairs): English to Umric {:.1}, Umric to English {:.1}",
            ceiling.from_english.score, ceiling.to_english.score
        ))?;
    }
    samples(corpus)
}

/// The best BLEU that its sentence pairs allow, if it has any.
pub(crate) fn ceiling(corpus: &Corpus) -> anyhow::Result<Option<Ceiling>> {
    let ceiling = corpus.has_pairs().then(|| Ceiling::of(corpus));
    Ok(ceiling.transpose()?)
}

/// The first story and the first dialogue of the test split.
fn samples(corpus: &Corpus) -> anyhow::Result<()> {
    let stream = corpus.split(Split::Test)?;
    let turns = if corpus.has_dialogues() {
        corpus.turns(Split::Test)?
    } else {
        Vec::new()
    };
    let is_talk = |document: &corpus::Span| turns.iter().any(|turn| turn.start == document.start);
    let story = stream.documents.iter().find(|document| !is_talk(document));
    let talk = stream.documents.iter().find(|document| is_talk(document));
    for (title, document) in [("a story", story), ("a dialogue", talk)] {
        if let Some(document) = document {
            let text = corpus.codec().decode(&stream.read(document.range()))?;
            say(&format!("\n{title}:\n\n{}", prettify(&text)))?;
        }
    }
    Ok(())
}

/// Text as printed in books: sentences begin with a capital letter, without spaces before punctuation.
fn prettify(text: &str) -> String {
    let mut pretty = String::with_capacity(text.len());
    let mut begins = true;
    for line in text.lines() {
        for (index, word) in line.split(' ').enumerate() {
            let is_mark = [".", ",", "?", ":"].contains(&word);
            if index > 0 && !is_mark {
                pretty.push(' ');
            }
            let mut letters = word.chars();
            match letters.next() {
                Some(first) if begins => pretty.extend(first.to_uppercase().chain(letters)),
                _ => pretty.push_str(word),
            }
            begins = word == "." || word == "?";
        }
        pretty.push('\n');
        begins = true;
    }
    pretty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_capitalised_and_punctuated() {
        let text = "the cat sat . where was Ada ?\nhello , I am Ada .\n";
        assert_eq!(
            prettify(text),
            "The cat sat. Where was Ada?\nHello, I am Ada.\n"
        );
    }
}

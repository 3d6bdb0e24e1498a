//! The village in `eras corpus`: telling it, and showing what can be known of it.

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
    let mut settings = overrides.resolve(&PRESETS, Settings::preset)?;
    match options.tokens {
        Some(Tokens::Tell(tokens)) => settings.tokens = tokens,
        Some(Tokens::Cut(kind)) => {
            let what = "the village is told in words; give a number of tokens (500k, 3M)";
            return Err(usage(format!("--tokens {kind}: {what}")));
        }
        Some(Tokens::Pretrained(path)) => {
            let what = "the village is told in words; give a number of tokens (500k, 3M)";
            return Err(usage(format!("--tokens {}: {what}", path.display())));
        }
        None => {}
    }
    settings.seed = options.seed;
    let existing = match options.force {
        true => OnExisting::Replace,
        false => OnExisting::Refuse,
    };
    let corpus = corpora::tell(workspace, name, &settings, existing)?;
    match options.json {
        true => say_json(&corpus.record),
        false => corpora::describe(&corpus),
    }
}

/// What is said of a text to be cut means nothing here.
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
            "{option} is for texts; the village has no use for it"
        ))),
        None => Ok(()),
    }
}

/// What nothing can predict of the test split, where the village told it.
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

/// The floor, the phenomena, and a story and a conversation.
pub(crate) fn show(corpus: &Corpus, floor: &Floor) -> anyhow::Result<()> {
    if let Some(at) = floor.first_impossible {
        anyhow::bail!(
            "{}: the village cannot have written token {at} of test; prepare it again",
            corpus.name()
        );
    }
    say(&format!(
        "floor of test: perplexity {:.3}; the mean of -ln p is {:.4} nats per token, the entropy of the choices {:.4} \
         (by chance they differ, standard error {:.4})",
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
        "to predict it needs",
        "tokens",
        "share",
        "entropy (nats)",
        "-ln p (nats)",
    ];
    say(&table(&header, &rows))?;
    if let Some(ceiling) = ceiling(corpus)? {
        say(&format!(
            "ceiling of translation (BLEU of the oracle on the test pairs): English to Umric {:.1}, Umric to English {:.1}",
            ceiling.from_english.score, ceiling.to_english.score
        ))?;
    }
    samples(corpus)
}

/// How well its pairs can be translated, where it has pairs.
pub(crate) fn ceiling(corpus: &Corpus) -> anyhow::Result<Option<Ceiling>> {
    let ceiling = corpus.has_pairs().then(|| Ceiling::of(corpus));
    Ok(ceiling.transpose()?)
}

/// The first story and the first conversation of the test split.
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
    for (title, document) in [("a story", story), ("a conversation", talk)] {
        if let Some(document) = document {
            let text = corpus.codec().decode(&stream.read(document.range()))?;
            say(&format!("\n{title}:\n\n{}", prettify(&text)))?;
        }
    }
    Ok(())
}

/// As it is printed in books: sentences begin with a capital letter, and punctuation stands close.
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
    fn sentences_look_as_in_books() {
        let text = "the cat sat . where was Ada ?\nhello , I am Ada .\n";
        assert_eq!(
            prettify(text),
            "The cat sat. Where was Ada?\nHello, I am Ada.\n"
        );
    }
}

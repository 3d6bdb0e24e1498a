//! An era's configuration: a preset, then a file, then `--set key=value`; the later wins.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::output::usage;

/// What the command line says about a configuration.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    pub(crate) preset: Option<String>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) sets: Vec<String>,
}

impl Overrides {
    /// The resolved configuration. Unknown keys and wrong types are wrong usage, named.
    pub(crate) fn resolve<C>(
        &self,
        presets: &[&str],
        preset: impl Fn(&str) -> Option<C>,
    ) -> anyhow::Result<C>
    where
        C: Serialize + DeserializeOwned,
    {
        let name = self.preset.as_deref().unwrap_or(presets[0]);
        let known = || {
            usage(format!(
                "{name}: no such preset; there is {}",
                presets.join(", ")
            ))
        };
        let mut table = toml::Table::try_from(preset(name).ok_or_else(known)?)?;
        if let Some(path) = &self.file {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let file: toml::Table = text
                .parse()
                .map_err(|error| usage(format!("{}: {error}", path.display())))?;
            table.extend(file);
        }
        for set in &self.sets {
            let (key, value) = set
                .split_once('=')
                .ok_or_else(|| usage(format!("--set {set}: expected KEY=VALUE")))?;
            insert(&mut table, key, parse_value(value))
                .map_err(|what| usage(format!("--set {set}: {what}")))?;
        }
        table
            .try_into()
            .map_err(|error: toml::de::Error| usage(format!("configuration: {}", error.message())))
    }
}

/// Replaces a value that is there; `shares.recall` is the value `recall` in the table `shares`.
fn insert(table: &mut toml::Table, key: &str, value: toml::Value) -> Result<(), String> {
    let (first, rest) = match key.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (key, None),
    };
    let known = table.keys().cloned().collect::<Vec<_>>().join(", ");
    match (table.get_mut(first), rest) {
        (Some(toml::Value::Table(inner)), Some(rest)) => insert(inner, rest, value),
        (Some(place), None) => {
            *place = value;
            Ok(())
        }
        _ => Err(format!("there is no {key}; there is {known}")),
    }
}

/// A TOML value, or else a string: `--set scores=raw` needs no quotes.
fn parse_value(text: &str) -> toml::Value {
    let parsed = format!("value = {text}").parse::<toml::Table>().ok();
    let value = parsed.and_then(|mut table| table.remove("value"));
    value.unwrap_or_else(|| toml::Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(preset: Option<&str>, sets: &[&str]) -> anyhow::Result<ngram::Config> {
        let sets = sets.iter().map(|&set| set.to_owned()).collect();
        let overrides = Overrides {
            preset: preset.map(str::to_owned),
            file: None,
            sets,
        };
        overrides.resolve(&ngram::PRESETS, ngram::Config::preset)
    }

    #[test]
    fn later_values_win() {
        let config = resolve(Some("trigram"), &["alpha=0.5", "scores=raw", "alpha=0.6"]).unwrap();
        let expected = ngram::Config {
            order: 3,
            alpha: 0.6,
            scores: ngram::Scores::Raw,
            ..ngram::Config::default()
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn mistakes_name_what_there_is() {
        for (preset, set, expected) in [
            (Some("huge"), "order=3", "paper, trigram, bigram"),
            (
                None,
                "ordr=3",
                "there is no ordr; there is smoothing, order, alpha",
            ),
            (None, "order", "KEY=VALUE"),
            (None, "order=many", "configuration:"),
        ] {
            let error = resolve(preset, &[set]).unwrap_err();
            assert!(
                error.to_string().contains(expected) && error.is::<crate::Usage>(),
                "{error}"
            );
        }
    }
}

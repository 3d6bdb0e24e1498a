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
        let read = |table: &toml::Table| table.clone().try_into::<C>();
        let shown = |error: toml::de::Error| error.message().trim_end().to_owned();
        if let (Err(error), Some(path)) = (read(&table), &self.file) {
            return Err(usage(format!("{}: {}", path.display(), shown(error))));
        }
        // A value may only make sense with a later one; what is wrong in the end is told of the first that made it so.
        let mut first = None;
        for set in &self.sets {
            let (key, value) = set
                .split_once('=')
                .ok_or_else(|| usage(format!("--set {set}: expected KEY=VALUE")))?;
            insert(&mut table, key, parse_value(value))
                .map_err(|what| usage(format!("--set {set}: {what}")))?;
            match read(&table) {
                Ok(_) => first = None,
                Err(_) if first.is_some() => {}
                Err(error) => first = Some(format!("--set {set}: {}", shown(error))),
            }
        }
        match (read(&table), first) {
            (Ok(config), _) => Ok(config),
            (Err(_), Some(first)) => Err(usage(first)),
            (Err(error), None) => Err(usage(format!("configuration: {}", shown(error)))),
        }
    }
}

/// Puts a value into its place; `shares.recall` is the value `recall` in the table `shares`. Whether there may be such a
/// value is seen when the table is read.
fn insert(table: &mut toml::Table, key: &str, value: toml::Value) -> Result<(), String> {
    let Some((first, rest)) = key.split_once('.') else {
        table.insert(key.to_owned(), value);
        return Ok(());
    };
    match table.get_mut(first) {
        Some(toml::Value::Table(inner)) => insert(inner, rest, value),
        _ => {
            let tables = table.iter().filter(|(_, value)| value.is_table());
            let tables: Vec<&str> = tables.map(|(name, _)| &name[..]).collect();
            Err(match tables.is_empty() {
                true => format!("no setting has a point in its name, such as {key}"),
                false => format!("there is no {first}.; there is {}.", tables.join("., ")),
            })
        }
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
    #[cfg(feature = "neural")]
    fn a_setting_that_is_left_open_can_be_set() {
        let overrides = |set: &str| Overrides {
            sets: vec![set.to_owned()],
            ..Overrides::default()
        };
        let resolve = |set: &str| {
            overrides(set).resolve(&transformer::LM_PRESETS, transformer::LmConfig::preset)
        };
        let config = resolve("compute.precision=f32").unwrap();
        assert_eq!(config.compute.precision, Some(neural::Precision::F32));
        for (set, expected) in [
            (
                "compute.precision=f17",
                "--set compute.precision=f17: unknown variant `f17`",
            ),
            ("computer.threads=1", "there is training., compute."),
        ] {
            let message = resolve(set).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn mistakes_name_what_there_is() {
        for (preset, set, expected) in [
            (Some("huge"), "order=3", "paper, trigram, bigram"),
            (
                None,
                "ordr=3",
                "--set ordr=3: unknown field `ordr`, expected one of `smoothing`, `order`",
            ),
            (None, "order", "KEY=VALUE"),
            (
                None,
                "order=many",
                "--set order=many: invalid type: string \"many\"",
            ),
            (None, "order.first=1", "no setting has a point"),
        ] {
            let error = resolve(preset, &[set]).unwrap_err();
            assert!(
                error.to_string().contains(expected) && error.is::<crate::Usage>(),
                "{error}"
            );
        }
    }
}

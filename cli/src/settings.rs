//! An era's configuration: a preset, then a file, then `--set key=value`; the later wins.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use harness::{Entry, Error, RunRecord, RunSize, config_table, read_config};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::output::usage;

/// The options of the command line that make a configuration.
#[derive(Debug, Clone, Default)]
pub(crate) struct Overrides {
    pub(crate) preset: Option<String>,
    pub(crate) file: Option<PathBuf>,
    pub(crate) sets: Vec<String>,
}

/// The key of the model whose weights training starts from; the program reads it, not the entry.
pub(crate) const INIT_FROM: &str = "init_from";

impl Overrides {
    /// The checked configuration of an entry. Mistakes are usage errors that name the key.
    pub(crate) fn configure(&self, entry: &dyn Entry) -> anyhow::Result<toml::Table> {
        let default = entry.default_preset();
        let is_given = self.preset.is_some() || self.file.is_some() || !self.sets.is_empty();
        let Some(default) = default else {
            return match is_given {
                true => Err(usage(format!("{}: has no settings", entry.id().label()))),
                false => Ok(toml::Table::new()),
            };
        };
        let presets = Presets {
            names: entry.presets(),
            default,
            preset: &|name| entry.preset(name),
        };
        self.resolve_table(&presets, &|table| {
            let mut own = table.clone();
            if entry.starts_from_weights() {
                own.remove(INIT_FROM);
            }
            entry.check(&own)
        })
    }

    /// Those of an entry of a run: the run's preset and settings if the entry has them, else the preset that suits the run's size.
    pub(crate) fn of_run(run: &RunRecord, entry: &dyn Entry) -> anyhow::Result<Overrides> {
        let asked = run.preset.as_deref();
        let asked = asked.filter(|name| entry.presets().contains(name));
        let suited = entry.preset_for(RunSize::of(run.budget, run.corpus.vocabulary));
        let mut overrides = Overrides {
            preset: asked.or(suited).map(str::to_owned),
            ..Overrides::default()
        };
        let own = overrides.configure(entry)?;
        let settings = run.settings.iter();
        overrides.sets = settings
            .filter(|set| has(&own, key(set)))
            .cloned()
            .collect();
        Ok(overrides)
    }

    /// A configuration of any type, whose bounds are checked by the caller.
    pub(crate) fn resolve<C>(
        &self,
        names: &[&'static str],
        preset: impl Fn(&str) -> Option<C>,
    ) -> anyhow::Result<C>
    where
        C: Serialize + DeserializeOwned,
    {
        let presets = Presets {
            names,
            default: names[0],
            preset: &|name| preset(name).as_ref().map(config_table),
        };
        let table = self.resolve_table(&presets, &|table| read_config::<C>(table).map(drop))?;
        Ok(read_config(&table)?)
    }

    fn resolve_table(
        &self,
        presets: &Presets<'_>,
        check: &dyn Fn(&toml::Table) -> harness::Result<()>,
    ) -> anyhow::Result<toml::Table> {
        let mut table = presets.table(self.preset.as_deref())?;
        if let Some(path) = &self.file {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let file: toml::Table = text
                .parse()
                .map_err(|error| usage(format!("{}: {error}", path.display())))?;
            table.extend(file);
            if let Some(mistake) = mistake(check(&table))? {
                return Err(usage(format!("{}: {mistake}", path.display())));
            }
        }
        // A value may be valid only with a later one, so a mistake that remains at the end is reported for the first --set
        // that caused it.
        let mut first = None;
        for set in &self.sets {
            let (key, value) = set
                .split_once('=')
                .ok_or_else(|| usage(format!("--set {set}: expected KEY=VALUE")))?;
            insert(&mut table, key, parse_value(value))
                .map_err(|what| usage(format!("--set {set}: {what}")))?;
            match mistake(check(&table))? {
                None => first = None,
                Some(_) if first.is_some() => {}
                Some(mistake) => first = Some(format!("--set {set}: {mistake}")),
            }
        }
        if let Some(first) = first {
            return Err(usage(first));
        }
        check(&table)?;
        Ok(table)
    }
}

/// Refuses a preset or a setting that no entry of a run has, and values that are invalid for one that has it.
pub(crate) fn check_run(run: &RunRecord, entries: &[&dyn Entry]) -> anyhow::Result<()> {
    if let Some(name) = &run.preset
        && !entries
            .iter()
            .any(|entry| entry.presets().contains(&&**name))
    {
        return Err(usage(format!(
            "--preset {name}: no entry of this run has a preset of that name; eras train ENTRY --help lists them"
        )));
    }
    let mut is_known = vec![false; run.settings.len()];
    for entry in entries {
        let overrides = Overrides::of_run(run, *entry)?;
        overrides
            .configure(*entry)
            .map_err(|error| usage(format!("{}: {error}", entry.id().label())))?;
        for (known, set) in is_known.iter_mut().zip(&run.settings) {
            *known |= overrides.sets.contains(set);
        }
    }
    match is_known.iter().position(|known| !known) {
        None => Ok(()),
        Some(at) => Err(usage(format!(
            "--set {}: no entry of this run has a setting {}",
            run.settings[at],
            key(&run.settings[at])
        ))),
    }
}

/// The key in KEY=VALUE.
fn key(set: &str) -> &str {
    set.split_once('=').map_or(set, |(key, _)| key)
}

/// Whether a configuration has this key, which may lie in a table: `compute.threads`.
fn has(table: &toml::Table, key: &str) -> bool {
    match key.split_once('.') {
        None => table.contains_key(key),
        Some((first, rest)) => match table.get(first) {
            Some(toml::Value::Table(inner)) => has(inner, rest),
            _ => false,
        },
    }
}

/// The presets of a configuration.
struct Presets<'a> {
    names: &'a [&'static str],
    default: &'a str,
    preset: &'a dyn Fn(&str) -> Option<toml::Table>,
}

impl Presets<'_> {
    /// The preset of this name, or the default.
    fn table(&self, name: Option<&str>) -> anyhow::Result<toml::Table> {
        let name = name.unwrap_or(self.default);
        (self.preset)(name).ok_or_else(|| {
            usage(format!(
                "{name}: no such preset; the presets are {}",
                self.names.join(", ")
            ))
        })
    }
}

/// The message for an unknown key or a value of the wrong type. Bounds are checked when all values are known.
fn mistake(checked: harness::Result<()>) -> anyhow::Result<Option<String>> {
    match checked {
        Err(Error::Configuration(mistake)) => Ok(Some(mistake)),
        Ok(()) | Err(Error::Setting { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Inserts a value; `shares.recall` is the key `recall` in the table `shares`. Unknown keys are found when the table is
/// read.
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
                true => format!("no setting has a dot in its name, but {key} does"),
                false => format!("unknown group {first}.; known are {}.", tables.join("., ")),
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
    use std::time::Duration;

    use eras_list::ERAS;
    use harness::{Budget, RunSize};

    use crate::choice;

    fn resolve(preset: Option<&str>, sets: &[&str]) -> anyhow::Result<ngram::Config> {
        let sets = sets.iter().map(|&set| set.to_owned()).collect();
        let overrides = Overrides {
            preset: preset.map(str::to_owned),
            file: None,
            sets,
        };
        let table = overrides.configure(choice::entry("ngram")?)?;
        Ok(read_config(&table)?)
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
    fn every_entry_has_the_presets_it_selects() {
        let size = |minutes: u64, words| {
            let budget = Budget::Time(Duration::from_secs(60 * minutes));
            RunSize::of(budget, words)
        };
        for entry in ERAS.entries() {
            for (minutes, words) in [(1, 1_844), (20, 1_844), (20, 33_278), (60, 33_278)] {
                let overrides = Overrides {
                    preset: entry.preset_for(size(minutes, words)).map(str::to_owned),
                    ..Overrides::default()
                };
                assert!(
                    overrides.configure(entry).is_ok(),
                    "{entry:?} {overrides:?}"
                );
            }
            assert!(entry.check(&entry.tiny()).is_ok(), "{entry:?}");
            for preset in entry.presets() {
                let table = entry.preset(preset).expect("it is in the list");
                assert!(entry.check(&table).is_ok(), "{entry:?} {preset}");
            }
        }
    }

    #[test]
    fn a_setting_in_a_nested_table_can_be_set() {
        let networks = ERAS.entries().into_iter();
        let networks = networks.filter(|entry| entry.tiny().contains_key("compute"));
        for entry in networks {
            let overrides = |set: &str| Overrides {
                sets: vec![set.to_owned()],
                ..Overrides::default()
            };
            let resolve = |set: &str| overrides(set).configure(entry);
            let config = resolve("compute.precision=f32").unwrap();
            assert_eq!(config["compute"]["precision"].as_str(), Some("f32"));
            for (set, expected) in [
                (
                    "compute.precision=f17",
                    "--set compute.precision=f17: unknown variant `f17`",
                ),
                ("computer.threads=1", "compute."),
            ] {
                let message = resolve(set).unwrap_err().to_string();
                assert!(message.contains(expected), "{message}");
            }
        }
    }

    #[test]
    fn errors_list_the_valid_choices() {
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
            (None, "order.first=1", "no setting has a dot"),
        ] {
            let error = resolve(preset, &[set]).unwrap_err();
            assert!(
                error.to_string().contains(expected) && error.is::<crate::Usage>(),
                "{error}"
            );
        }
    }
}

//! What the entries of all neural eras have in common.

use harness::{Adaptation, Effort, RunSize};

/// Changes the configuration of a network for what a run asks of all entries: the device.
pub fn adapt(config: &mut toml::Table, to: Adaptation<'_>) {
    let compute = config
        .get_mut("compute")
        .and_then(toml::Value::as_table_mut);
    if let (Adaptation::Device(device), Some(compute)) = (to, compute) {
        compute.insert("device".to_owned(), device.into());
    }
}

/// The preset of a language model for a run of this size; none: the default.
pub fn language_model_preset(size: RunSize) -> Option<&'static str> {
    match (size.effort, size.small_vocabulary) {
        (Effort::Minutes, _) => None,
        (_, true) => Some("village"),
        (Effort::QuarterHour, false) => Some("small"),
        (Effort::Hour, false) => Some("base"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_device_is_set_where_there_is_one() {
        let mut network: toml::Table = "[compute]\nthreads = 1".parse().unwrap();
        adapt(&mut network, Adaptation::Device("cuda:1"));
        assert_eq!(network["compute"]["device"].as_str(), Some("cuda:1"));
        assert_eq!(network["compute"]["threads"].as_integer(), Some(1));
        let before = network.clone();
        adapt(&mut network, Adaptation::Deterministic);
        assert_eq!(network, before);
    }

    #[test]
    fn more_time_and_more_words_get_a_larger_model() {
        let preset =
            |text: &str, words| language_model_preset(RunSize::of(text.parse().unwrap(), words));
        assert_eq!(preset("default", 1_844), None);
        assert_eq!(preset("90s", 33_278), None);
        assert_eq!(preset("20m", 1_844), Some("village"));
        assert_eq!(preset("20m", 33_278), Some("small"));
        assert_eq!(preset("1h", 33_278), Some("base"));
    }
}

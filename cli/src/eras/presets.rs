//! Which preset a run trains: what a minute teaches is little for an hour, and the other way round.

use std::time::Duration;

use harness::Budget;

use super::Entry;

/// From here on the smallest preset has learnt what it can.
const MINUTES: Duration = Duration::from_secs(10 * 60);
/// From here on there is time for one that was made for an hour.
const HOUR: Duration = Duration::from_secs(40 * 60);
/// With fewer words a step is too short to draw candidates for the output layer.
const FEW_WORDS: usize = 5_000;

impl Entry {
    /// The preset for a budget in time and a vocabulary of so many words; none: the first of its presets.
    pub(crate) fn preset_for(self, budget: Budget, vocabulary: usize) -> Option<&'static str> {
        let Budget::Time(time) = budget else {
            return None;
        };
        if time < MINUTES {
            return None;
        }
        #[cfg(feature = "neural")]
        {
            let few = vocabulary < FEW_WORDS;
            let by_time = if time < HOUR { "quarter-hour" } else { "hour" };
            match self {
                Entry::Lstm | Entry::Transformer if few => Some("twenty-minutes"),
                Entry::Lstm | Entry::Transformer => Some(by_time),
                Entry::Chatbot | Entry::ChatbotLines if few => Some("village"),
                Entry::Chatbot | Entry::ChatbotLines => Some("twenty-minutes"),
                Entry::Seq2seq | Entry::Attention | Entry::TransformerTranslator => Some("small"),
                _ => None,
            }
        }
        #[cfg(not(feature = "neural"))]
        {
            let _ = (vocabulary, HOUR, FEW_WORDS);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Overrides;

    #[test]
    fn every_entry_has_the_preset_that_is_chosen_for_it() {
        for &entry in Entry::ALL {
            for minutes in [1, 20, 60] {
                let budget = Budget::Time(Duration::from_secs(60 * minutes));
                for vocabulary in [1_844, 33_278] {
                    let preset = entry.preset_for(budget, vocabulary);
                    let overrides = Overrides {
                        preset: preset.map(str::to_owned),
                        ..Overrides::default()
                    };
                    assert!(entry.configure(&overrides).is_ok(), "{entry:?} {preset:?}");
                }
            }
        }
    }

    #[test]
    #[cfg(feature = "neural")]
    fn more_time_and_more_words_get_a_larger_model() {
        let preset = |text: &str, words| Entry::Lstm.preset_for(text.parse().unwrap(), words);
        assert_eq!(preset("default", 1_844), None);
        assert_eq!(preset("90s", 33_278), None);
        assert_eq!(preset("20m", 1_844), Some("twenty-minutes"));
        assert_eq!(preset("20m", 33_278), Some("quarter-hour"));
        assert_eq!(preset("1h", 33_278), Some("hour"));
    }
}

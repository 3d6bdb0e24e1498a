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
            let by_time = if time < HOUR { "small" } else { "base" };
            match self {
                Entry::Lstm | Entry::Transformer if few => Some("village"),
                Entry::Lstm | Entry::Transformer => Some(by_time),
                Entry::Chatbot | Entry::ChatbotLines if few => Some("village"),
                Entry::Chatbot | Entry::ChatbotLines => Some("small"),
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

/// Tokens of the village's training text, and its vocabulary, on which times were measured.
const VILLAGE: (f64, f64) = (1e6, 1_844.0);
/// Words whose output layer costs about as much as all else in the smallest presets.
const HALF: f64 = 3_000.0;

impl Entry {
    /// Seconds that training its first preset and judging it may take on a text of so many tokens and words: what it took on
    /// the village, two cores of an AMD EPYC, and in proportion.
    pub(crate) fn guess(self, tokens: u64, vocabulary: usize) -> f64 {
        let on_the_village = match self {
            #[cfg(feature = "neural")]
            Entry::Lstm => 36.0,
            #[cfg(feature = "neural")]
            Entry::ChatbotLines => 56.0,
            #[cfg(feature = "neural")]
            Entry::Transformer => 46.0,
            #[cfg(feature = "neural")]
            Entry::Seq2seq => 54.0,
            #[cfg(feature = "neural")]
            Entry::Attention => 72.0,
            #[cfg(feature = "neural")]
            Entry::TransformerTranslator => 85.0,
            #[cfg(feature = "neural")]
            Entry::Chatbot => 68.0,
            _ => 0.5,
        };
        let (its_tokens, its_words) = VILLAGE;
        let words = (HALF + vocabulary as f64) / (HALF + its_words);
        on_the_village * tokens as f64 / its_tokens * words
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
    fn more_text_and_more_words_take_longer() {
        let village = Entry::CbowLm.guess(1_000_000, 1_844);
        assert!((village - 0.5).abs() < 1e-9);
        assert_eq!(Entry::CbowLm.guess(2_000_000, 1_844), 2.0 * village);
        assert!(Entry::CbowLm.guess(1_000_000, 33_278) > 7.0 * village);
    }

    #[test]
    #[cfg(feature = "neural")]
    fn more_time_and_more_words_get_a_larger_model() {
        let preset = |text: &str, words| Entry::Lstm.preset_for(text.parse().unwrap(), words);
        assert_eq!(preset("default", 1_844), None);
        assert_eq!(preset("90s", 33_278), None);
        assert_eq!(preset("20m", 1_844), Some("village"));
        assert_eq!(preset("20m", 33_278), Some("small"));
        assert_eq!(preset("1h", 33_278), Some("base"));
    }
}

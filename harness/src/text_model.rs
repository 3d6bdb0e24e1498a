//! Language models with text in and out, whatever their tokens are.

use std::path::Path;

use corpus::{Codec, TokenId, sha256_of};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::metrics::bits_per_byte;
use crate::model::{Ending, Generator};
use crate::model_folder::ModelCard;
use crate::sampling::Sampling;

/// A language model with the codec that turns its tokens into text.
pub struct TextModel {
    /// The codec.
    pub codec: Codec,
    /// The model.
    pub model: Box<dyn Generator>,
}

/// ln p of a text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TextScore {
    /// The sum over the text's tokens.
    pub log_prob: f64,
    /// Tokens of the text.
    pub tokens: usize,
    /// Bytes of the text in UTF-8.
    pub bytes: usize,
}

impl TextScore {
    /// Bits per byte, which can be compared between tokenizers; none for a text without bytes.
    pub fn bits_per_byte(&self) -> Option<f64> {
        (self.bytes > 0).then(|| bits_per_byte(self.log_prob, self.bytes as u64))
    }
}

impl TextModel {
    /// ln p of each text given the text before it, the beginning of a line: pairs of context and continuation, in one batch.
    ///
    /// Context and continuation are tokenized together, and the tokens from the first one that the continuation has changed are
    /// scored. A tokenizer that joins the end of a context to the beginning of a continuation therefore gets the token it would
    /// have in running text.
    ///
    /// # Errors
    /// Whatever codec and model refuse.
    pub fn log_probs(&self, pairs: &[(&str, &str)]) -> Result<Vec<TextScore>> {
        let streams: Result<Vec<Ending>> = pairs
            .iter()
            .map(|(context, continuation)| self.stream(context, continuation))
            .collect();
        let scores = self.model.score_ends(&streams?)?;
        let score = |(scores, (_, continuation)): (&Vec<f64>, &(&str, &str))| TextScore {
            log_prob: scores.iter().sum(),
            tokens: scores.len(),
            bytes: continuation.len(),
        };
        Ok(scores.iter().zip(pairs).map(score).collect())
    }

    /// ln p of whole texts, each from the beginning of a line.
    ///
    /// # Errors
    /// As for [`TextModel::log_probs`].
    pub fn log_probs_of(&self, texts: &[&str]) -> Result<Vec<TextScore>> {
        let pairs: Vec<(&str, &str)> = texts.iter().map(|text| ("", *text)).collect();
        self.log_probs(&pairs)
    }

    /// The index of the most probable continuation of a context, by the sum of ln p; the first wins ties. None if there are none.
    ///
    /// # Errors
    /// As for [`TextModel::log_probs`].
    pub fn choose(&self, context: &str, choices: &[&str]) -> Result<Option<usize>> {
        let pairs: Vec<(&str, &str)> = choices.iter().map(|choice| (context, *choice)).collect();
        let scores = self.log_probs(&pairs)?;
        let numbered = scores.iter().map(|score| score.log_prob).enumerate();
        let best = numbered.reduce(|best, other| if other.1 > best.1 { other } else { best });
        Ok(best.map(|(at, _)| at))
    }

    /// Continues each prompt, the beginning of a line, by at most `length` tokens.
    ///
    /// # Errors
    /// Whatever codec and model refuse.
    pub fn generate(&self, prompts: &[&str], length: usize, how: Sampling) -> Result<Vec<String>> {
        let generate = |prompt: &&str| {
            let context = self.context(prompt)?;
            let written = self.model.generate(&context, length, None, how)?;
            let before = self.codec.decode(&context[1..])?;
            let whole = self.codec.decode(&[&context[1..], &written[..]].concat())?;
            // If decoding the whole changes the text of the prompt, the continuation is decoded separately.
            match whole.strip_prefix(&before) {
                Some(continuation) => Ok(continuation.to_owned()),
                None => Ok(self.codec.decode(&written)?),
            }
        };
        prompts.iter().map(generate).collect()
    }

    /// The tokens of a text that begins a line, after `<eos>`.
    ///
    /// # Errors
    /// Errors of the codec.
    pub fn context(&self, text: &str) -> Result<Vec<TokenId>> {
        let mut tokens = vec![self.codec.vocab().eos()];
        tokens.extend(self.codec.encode(text)?);
        Ok(tokens)
    }

    fn stream(&self, context: &str, continuation: &str) -> Result<Ending> {
        let before = self.context(context)?;
        let tokens = self.context(&[context, continuation].concat())?;
        let alike = before.iter().zip(&tokens).take_while(|(a, b)| a == b);
        Ok(Ending {
            from: alike.count().max(1),
            tokens,
        })
    }
}

impl ModelCard {
    /// The codec of a model that reads text, from the model's folder.
    ///
    /// # Errors
    /// Errors of reading the codec; [`Error::Corrupt`] if its vocabulary is not the one that the model was trained with.
    pub fn codec(&self, folder: &Path) -> Result<Codec> {
        let codec = self.codec_in(folder, "")?;
        let vocab = codec.vocab();
        let is_own = sha256_of(vocab.to_text().as_bytes()) == self.vocab_checksum
            && vocab.len() == self.vocab_size;
        match is_own {
            true => Ok(codec),
            false => Err(Error::corrupt(
                &folder.join("vocab.txt"),
                "not the vocabulary that the model was trained with; train it again",
            )),
        }
    }

    /// The codec in a subfolder of the model, for instance `source/`; its vocabulary is not compared with the card.
    ///
    /// # Errors
    /// Errors of reading the codec, whose files the card must list.
    pub fn codec_in(&self, folder: &Path, subfolder: &str) -> Result<Codec> {
        let locate = |name: &str| {
            let found = self.file(folder, &format!("{subfolder}{name}"));
            // The codec has errors of the crate `corpus`; those of the harness are put into one of them.
            found.map_err(|error| match error {
                Error::Corpus(error) => error,
                Error::Corrupt { path, what } => corpus::Error::Corrupt { path, what },
                Error::Io {
                    action,
                    path,
                    source,
                } => corpus::Error::Io {
                    action,
                    path,
                    source,
                },
                other => corpus::Error::Corrupt {
                    path: folder.to_path_buf(),
                    what: other.to_string(),
                },
            })
        };
        Ok(Codec::open_located(&locate)?)
    }
}

#[cfg(test)]
mod tests {
    use corpus::Vocab;

    use super::*;
    use crate::baselines::Baseline;

    fn model() -> TextModel {
        let vocab = Vocab::new(["a", "b", "<eos>", "<unk>"].into_iter()).unwrap();
        TextModel {
            codec: Codec::whitespace(vocab),
            model: Box::new(Baseline::unigram(&[4, 2, 1, 1])),
        }
    }

    #[test]
    fn only_the_continuation_is_scored() {
        let scores = model()
            .log_probs(&[("a b", " a"), ("", "b b"), ("b", "")])
            .unwrap();
        assert_eq!(
            scores.iter().map(|score| score.tokens).collect::<Vec<_>>(),
            [1, 2, 0]
        );
        assert!((scores[0].log_prob - 0.5f64.ln()).abs() < 1e-12);
        assert!((scores[1].log_prob - 2.0 * 0.25f64.ln()).abs() < 1e-12);
        // Two tokens of two bits each in three bytes.
        assert!((scores[1].bits_per_byte().unwrap() - 4.0 / 3.0).abs() < 1e-12);
        assert_eq!(scores[2].bits_per_byte(), None);
    }

    #[test]
    fn the_most_probable_choice_is_taken() {
        let model = model();
        assert_eq!(model.choose("b", &[" b", " a", " b a"]).unwrap(), Some(1));
        assert_eq!(model.choose("b", &[]).unwrap(), None);
    }

    #[test]
    fn a_prompt_is_continued_by_text() {
        let greedy = Sampling {
            temperature: 0.0,
            ..Sampling::default()
        };
        let written = model().generate(&["b", ""], 2, greedy).unwrap();
        assert_eq!(
            written.iter().map(|text| text.trim()).collect::<Vec<_>>(),
            ["a a", "a a"]
        );
    }
}

//! A trained chatbot: replies, scores, model files.

use std::collections::BTreeMap;
use std::path::Path;

use corpus::{Codec, TokenId, sha256_of};
use harness::{MODEL_FORMAT, ModelCard, Prompt, Sampling, sampler};
use neural::{
    Beam, IncrementalDecoder, Layout, Mode, Parameters, Result, TextNetwork, TrainedWeights,
    Weights, beam_search, sample, to_f64s,
};

use crate::ERA;
use crate::config::{Config, ReplyConfig};
use crate::network::{Decoder, Network};
use crate::segments::{Batch, DialogueFormat};

/// A trained network that replies in dialogues.
#[derive(Debug)]
pub struct Chatbot {
    network: Network,
    weights: TrainedWeights,
    codec: Codec,
}

/// Tokens per forward pass.
const BATCH_TOKENS: usize = 1 << 13;

impl Chatbot {
    pub(crate) fn new(network: Network, parameters: Parameters, codec: Codec) -> Chatbot {
        Chatbot {
            network,
            weights: TrainedWeights::new(parameters),
            codec,
        }
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        self.network.config()
    }

    /// Total number of parameters.
    pub fn parameters(&self) -> u64 {
        self.weights.count()
    }

    /// Tokenizer and vocabulary.
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// Writes the model with its vocabulary to a folder.
    ///
    /// # Errors
    /// [`neural::Error`] if a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<()> {
        self.codec.save(folder)?;
        self.weights.save(folder)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: ERA.to_owned(),
            variant: self.config().reply_variant().to_owned(),
            vocab_checksum: checksum(&self.codec),
            vocab_size: self.codec.vocab().len(),
            parameters: self.parameters(),
            config: toml::Table::try_from(self.config()).map_err(corrupt)?,
            training: harness::TrainingTotals::default(),
            ancestry: Vec::new(),
            borrowed_ideas: Vec::new(),
            test_evaluations: None,
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a model on its configured device, or else on the CPU.
    ///
    /// # Errors
    /// [`neural::Error::Harness`] if a file is missing or inconsistent, or for an invalid setting; [`neural::Error`] for weights of
    /// another shape or that are not finite.
    pub fn open(folder: &Path) -> Result<Chatbot> {
        let card = ModelCard::open(folder)?;
        let config: Config = card.settings(folder)?;
        config.validate()?;
        let codec = card.codec(folder)?;
        let device = config.compute.apply_anywhere()?;
        let mut layout = Layout::default();
        let network = Network::new(&config, card.vocab_size, &mut layout);
        let weights = TrainedWeights::open(layout, device, &card, folder)?;
        Ok(Chatbot {
            network,
            weights,
            codec,
        })
    }

    fn format(&self) -> DialogueFormat {
        DialogueFormat {
            vocab_size: self.network.vocab_size(),
            eos: self.codec.vocab().eos(),
            max_turn_length: self.config().max_turn_length,
        }
    }

    /// The input of a reply: the tokens of the last turns, and the speaker token that starts the reply.
    fn encode(&self, prompt: Prompt<'_>) -> harness::Result<(Vec<TokenId>, TokenId)> {
        let (format, mut text) = (self.format(), Vec::new());
        let prompt = prompt.last(self.config().context_turns);
        for turn in prompt.turns {
            let words = self.codec.encode_line(&turn.text)?;
            format.push_turn(turn.speaker, &words, &mut text);
        }
        Ok((text, format.speaker(prompt.speaker)))
    }

    /// The tokens of a reply with the end of the line.
    fn reply_tokens(&self, reply: &str) -> harness::Result<Vec<TokenId>> {
        let mut words = self.codec.encode_line(reply)?;
        words.push(self.codec.vocab().eos());
        Ok(words)
    }

    /// Replies to prompts. Prompts of equal length are decoded in parallel.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] for invalid settings, [`harness::Error::Corpus`] if the tokenizer fails.
    pub fn reply_with(
        &self,
        prompts: &[Prompt<'_>],
        config: ReplyConfig,
        seed: u64,
    ) -> harness::Result<Vec<String>> {
        let mut of_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut texts = Vec::new();
        for (at, &prompt) in prompts.iter().enumerate() {
            let text = self.encode(prompt)?;
            of_length.entry(text.0.len()).or_default().push(at);
            texts.push(text);
        }
        let mut replies = vec![String::new(); prompts.len()];
        self.weights.with(|weights| {
            for (&length, group) in &of_length {
                for some in group.chunks((BATCH_TOKENS / (length + 1)).max(1)) {
                    let prefixes: Vec<&[TokenId]> =
                        some.iter().map(|&at| &texts[at].0[..]).collect();
                    let first: Vec<TokenId> = some.iter().map(|&at| texts[at].1).collect();
                    let sampling = config.sampling(seed.wrapping_add(some[0] as u64));
                    let written = self.decode(weights, (&prefixes, &first), config, sampling)?;
                    for (&at, words) in some.iter().zip(&written) {
                        replies[at] = self.codec.decode(words)?;
                    }
                }
            }
            Ok(replies)
        })
    }

    /// Decodes replies, without the end of the line, to prefixes of equal length. `first` holds the speaker tokens.
    fn decode(
        &self,
        weights: &Weights,
        (prefixes, first): (&[&[TokenId]], &[TokenId]),
        config: ReplyConfig,
        sampling: Sampling,
    ) -> harness::Result<Vec<Vec<TokenId>>> {
        let eos = self.codec.vocab().eos();
        let mut decoder = Decoder::new(&self.network, weights, prefixes);
        if config.beam_width > 1 && config.temperature == 0.0 {
            let beam = Beam {
                width: config.beam_width,
                length_penalty: 0.0,
                max_length: config.max_length,
            };
            let found = beam_search(&mut decoder, first, eos, beam);
            let best = found.into_iter().map(|found| found.into_iter().next());
            return Ok(best
                .map(|best| best.map_or(Vec::new(), |best| best.tokens))
                .collect());
        }
        let mut written = sample(&mut decoder, first, config.max_length, Some(eos), sampling)?;
        for words in &mut written {
            words.pop_if(|word| *word == eos);
        }
        Ok(written)
    }

    /// Generates a reply and passes each part to `on_text` as it is decoded.
    ///
    /// # Errors
    /// As for [`Chatbot::reply_with`].
    pub fn reply_streaming(
        &self,
        prompt: Prompt<'_>,
        config: ReplyConfig,
        seed: u64,
        on_text: &mut dyn FnMut(&str),
    ) -> harness::Result<String> {
        if config.beam_width > 1 && config.temperature == 0.0 {
            // A beam search has no words before the search ends.
            let reply = self
                .reply_with(&[prompt], config, seed)?
                .pop()
                .unwrap_or_default();
            on_text(&reply);
            return Ok(reply);
        }
        let ((text, mut last), eos) = (self.encode(prompt)?, self.codec.vocab().eos());
        let mut sampler = sampler(config.sampling(seed))?;
        self.weights.with(|weights| {
            let mut decoder = Decoder::new(&self.network, weights, &[&text]);
            let (mut words, mut sent) = (Vec::new(), String::new());
            while words.len() < config.max_length {
                last = sampler.draw(&to_f64s(&decoder.step(&[last])));
                if last == eos {
                    break;
                }
                words.push(last);
                let reply = self.codec.decode(&words)?;
                // A punctuation mark may change the text before it; the difference is then sent with the next word.
                if let Some(new) = reply.strip_prefix(&sent) {
                    on_text(new);
                    sent = reply;
                }
            }
            let reply = self.codec.decode(&words)?;
            on_text(reply.strip_prefix(&sent).unwrap_or_default());
            Ok(reply)
        })
    }

    /// For each token of a given reply, including its end: the token's log-probability and the `count` most probable tokens.
    ///
    /// # Errors
    /// As for [`Chatbot::reply_with`].
    pub fn predictions(
        &self,
        prompt: Prompt<'_>,
        reply: &str,
        count: usize,
    ) -> harness::Result<Vec<TokenPrediction>> {
        let (text, mut last) = self.encode(prompt)?;
        let words = self.reply_tokens(reply)?;
        let vocab = self.codec.vocab();
        self.weights.with(|weights| {
            let mut decoder = Decoder::new(&self.network, weights, &[&text]);
            let mut predictions = Vec::new();
            for &word in &words {
                let log_probs = decoder.step(&[last]);
                let most = (count as i64).min(log_probs.size()[1]);
                let (values, likely) = log_probs.topk(most, -1, true, true);
                let likely = to_f64s(&likely).into_iter().zip(to_f64s(&values));
                predictions.push(TokenPrediction {
                    token: vocab.token(word).to_owned(),
                    log_prob: log_probs.double_value(&[0, i64::from(word)]),
                    alternatives: likely
                        .map(|(id, value)| (vocab.token(id as TokenId).to_owned(), value))
                        .collect(),
                });
                last = word;
            }
            Ok(predictions)
        })
    }
}

/// The prediction of one token of a reply.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenPrediction {
    /// The token.
    pub token: String,
    /// Its ln p.
    pub log_prob: f64,
    /// The most probable tokens with their ln p, in descending order.
    pub alternatives: Vec<(String, f64)>,
}

fn checksum(codec: &Codec) -> String {
    sha256_of(codec.vocab().to_text().as_bytes())
}

impl harness::Responder for Chatbot {
    fn reply(&self, prompts: &[Prompt<'_>]) -> harness::Result<Vec<String>> {
        self.reply_with(prompts, self.config().reply, 1)
    }

    fn score_replies(&self, asked: &[(Prompt<'_>, &str)]) -> harness::Result<Vec<f64>> {
        let mut texts = Vec::new();
        for (at, (prompt, reply)) in asked.iter().enumerate() {
            let (mut text, first) = self.encode(*prompt)?;
            text.push(first);
            let from = text.len();
            text.extend(self.reply_tokens(reply)?);
            texts.push((at, from, text));
        }
        texts.sort_by_key(|(_, _, text)| text.len());
        let mut scores = vec![0.0; asked.len()];
        self.weights.with(|weights| {
            let output = self.network.output();
            let device = weights[output.table].device();
            let mut rest = &texts[..];
            while let Some((_, _, shortest)) = rest.first() {
                let number = (BATCH_TOKENS / shortest.len()).clamp(1, rest.len());
                let (some, later) = rest.split_at(number);
                rest = later;
                let rows: Vec<(&[TokenId], usize)> = some
                    .iter()
                    .map(|(_, from, text)| (&text[..], *from))
                    .collect();
                let batch = Batch::new(&rows, self.format(), device);
                let hidden = self.network.forward(weights, &batch.inputs, Mode::Eval);
                let hidden = batch.select_targets(&hidden);
                let mut found = &to_f64s(&output.score(weights, &hidden, &batch.targets))[..];
                for ((at, _, _), &number) in some.iter().zip(&batch.row_targets) {
                    let (own, later) = found.split_at(number);
                    found = later;
                    scores[*at] = own.iter().sum();
                }
            }
        });
        Ok(scores)
    }

    fn perplexity_tokens(&self, replies: &[&str]) -> Option<u64> {
        let words = replies.iter().map(|reply| self.reply_tokens(reply));
        words.map(|words| Some(words.ok()?.len() as u64)).sum()
    }
}

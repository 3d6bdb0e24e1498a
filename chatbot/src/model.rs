//! A trained chatbot: asked, judged, saved and opened.

use std::collections::BTreeMap;
use std::path::Path;

use corpus::{Codec, TokenId, sha256_of};
use harness::{MODEL_FORMAT, ModelCard, Prompt, Sampling, sampler};
use neural::{
    Beam, Layout, Parameters, Result, Step, TextNetwork, Trained, Weights, beam_search, numbers,
    sample,
};

use crate::config::{Config, Reply};
use crate::network::Network;
use crate::pieces::{Batch, Script};
use crate::writer::Writer;
use crate::{ERA, VARIANT};

/// A trained network that replies.
#[derive(Debug)]
pub struct Chatbot {
    network: Network,
    trained: Trained,
    codec: Codec,
}

/// Tokens that are read together in judging.
const TOGETHER: usize = 1 << 13;

impl Chatbot {
    pub(crate) fn new(network: Network, parameters: Parameters, codec: Codec) -> Chatbot {
        Chatbot {
            network,
            trained: Trained::new(parameters),
            codec,
        }
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        self.network.config()
    }

    /// Numbers that training set.
    pub fn parameters(&self) -> u64 {
        self.trained.count()
    }

    /// What it reads and writes text with.
    pub fn codec(&self) -> &Codec {
        &self.codec
    }

    /// Writes the model into a folder, with its vocabulary.
    ///
    /// # Errors
    /// [`neural::Error`] when the disk refuses.
    pub fn save(&self, folder: &Path) -> Result<()> {
        self.codec.save(folder)?;
        self.trained.save(folder)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: ERA.to_owned(),
            variant: VARIANT.to_owned(),
            vocab_checksum: checksum(&self.codec),
            vocab_size: self.codec.vocab().len(),
            parameters: self.parameters(),
            config: toml::Table::try_from(self.config()).map_err(corrupt)?,
            training: harness::TrainingTotals::default(),
            ancestry: Vec::new(),
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a model, on the device of its settings or else on the CPU.
    ///
    /// # Errors
    /// [`neural::Error::Harness`] if a file is missing or contradicts another, or for an impossible setting;
    /// [`neural::Error`] for weights of another shape or that are not finite.
    pub fn open(folder: &Path) -> Result<Chatbot> {
        let card = ModelCard::open(folder)?;
        let config: Config = card.settings(folder)?;
        config.validate()?;
        let codec = Codec::open(folder)?;
        if checksum(&codec) != card.vocab_checksum || codec.vocab().len() != card.vocab_size {
            let what = "not the vocabulary that the model was trained with; train it again";
            return Err(harness::Error::corrupt(&folder.join("vocab.txt"), what).into());
        }
        let device = config.compute.apply_anywhere()?;
        let mut layout = Layout::default();
        let network = Network::new(&config, card.vocab_size, &mut layout);
        let trained = Trained::open(layout, device, folder)?;
        Ok(Chatbot {
            network,
            trained,
            codec,
        })
    }

    fn script(&self) -> Script {
        Script {
            vocabulary: self.network.vocabulary(),
            eos: self.codec.vocab().eos(),
            longest: self.config().longest,
        }
    }

    /// What is read before a reply, the last turns, and with what the reply begins, who replies.
    fn read(&self, prompt: Prompt<'_>) -> harness::Result<(Vec<TokenId>, TokenId)> {
        let (script, mut text) = (self.script(), Vec::new());
        let prompt = prompt.last(self.config().turns);
        for turn in prompt.turns {
            let words = self.codec.encode_line(&turn.text)?;
            script.turn(turn.speaker, &words, &mut text);
        }
        Ok((text, script.speaker(prompt.speaker)))
    }

    /// Words and the end of a reply.
    fn words(&self, reply: &str) -> harness::Result<Vec<TokenId>> {
        let mut words = self.codec.encode_line(reply)?;
        words.push(self.codec.vocab().eos());
        Ok(words)
    }

    /// Replies to some prompts, chosen as `how` says; the prompts of one length side by side.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] for impossible settings, [`harness::Error::Corpus`] if the tokenizer refuses.
    pub fn reply_with(
        &self,
        prompts: &[Prompt<'_>],
        how: Reply,
        seed: u64,
    ) -> harness::Result<Vec<String>> {
        let mut of_length: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut texts = Vec::new();
        for (at, &prompt) in prompts.iter().enumerate() {
            let text = self.read(prompt)?;
            of_length.entry(text.0.len()).or_default().push(at);
            texts.push(text);
        }
        let mut replies = vec![String::new(); prompts.len()];
        self.trained.with(|weights| {
            for (&length, group) in &of_length {
                for some in group.chunks((TOGETHER / (length + 1)).max(1)) {
                    let read: Vec<&[TokenId]> = some.iter().map(|&at| &texts[at].0[..]).collect();
                    let first: Vec<TokenId> = some.iter().map(|&at| texts[at].1).collect();
                    let sampling = how.sampling(seed.wrapping_add(some[0] as u64));
                    let written = self.write(weights, (&read, &first), how, sampling)?;
                    for (&at, words) in some.iter().zip(&written) {
                        replies[at] = self.codec.decode(words)?;
                    }
                }
            }
            Ok(replies)
        })
    }

    /// The words that follow some texts of one length and who replies to each, without the end.
    fn write(
        &self,
        weights: &Weights,
        (read, first): (&[&[TokenId]], &[TokenId]),
        how: Reply,
        sampling: Sampling,
    ) -> harness::Result<Vec<Vec<TokenId>>> {
        let eos = self.codec.vocab().eos();
        let mut writer = Writer::after(&self.network, weights, read);
        if how.beam > 1 && how.temperature == 0.0 {
            let beam = Beam {
                width: how.beam,
                length_penalty: 0.0,
                longest: how.longest,
            };
            let found = beam_search(&mut writer, first, eos, beam);
            let best = found.into_iter().map(|found| found.into_iter().next());
            return Ok(best
                .map(|best| best.map_or(Vec::new(), |best| best.tokens))
                .collect());
        }
        let mut written = sample(&mut writer, first, how.longest, Some(eos), sampling)?;
        for words in &mut written {
            words.pop_if(|word| *word == eos);
        }
        Ok(written)
    }

    /// A reply, handed on piece by piece while it is written.
    ///
    /// # Errors
    /// As for [`Chatbot::reply_with`].
    pub fn speak(
        &self,
        prompt: Prompt<'_>,
        how: Reply,
        seed: u64,
        hear: &mut dyn FnMut(&str),
    ) -> harness::Result<String> {
        if how.beam > 1 && how.temperature == 0.0 {
            // A beam knows its first word when it knows its last.
            let reply = self
                .reply_with(&[prompt], how, seed)?
                .pop()
                .unwrap_or_default();
            hear(&reply);
            return Ok(reply);
        }
        let ((text, mut last), eos) = (self.read(prompt)?, self.codec.vocab().eos());
        let mut sampler = sampler(how.sampling(seed))?;
        self.trained.with(|weights| {
            let mut writer = Writer::after(&self.network, weights, &[&text]);
            let (mut words, mut said) = (Vec::new(), String::new());
            while words.len() < how.longest {
                last = sampler.draw(&numbers(&writer.step(&[last])));
                if last == eos {
                    break;
                }
                words.push(last);
                let reply = self.codec.decode(&words)?;
                // A mark may move what was said before it; then the rest is told with the next word.
                if let Some(new) = reply.strip_prefix(&said) {
                    hear(new);
                    said = reply;
                }
            }
            let reply = self.codec.decode(&words)?;
            hear(reply.strip_prefix(&said).unwrap_or_default());
            Ok(reply)
        })
    }

    /// What the model thinks while it gives a reply, word by word: the most probable words at each place with their
    /// probabilities, the end of the reply included.
    ///
    /// # Errors
    /// As for [`Chatbot::reply_with`].
    pub fn explain(
        &self,
        prompt: Prompt<'_>,
        reply: &str,
        count: usize,
    ) -> harness::Result<Vec<Thought>> {
        let (text, mut last) = self.read(prompt)?;
        let words = self.words(reply)?;
        let vocab = self.codec.vocab();
        self.trained.with(|weights| {
            let mut writer = Writer::after(&self.network, weights, &[&text]);
            let mut thoughts = Vec::new();
            for &word in &words {
                let log_probs = writer.step(&[last]);
                let most = (count as i64).min(log_probs.size()[1]);
                let (values, likely) = log_probs.topk(most, -1, true, true);
                let likely = numbers(&likely).into_iter().zip(numbers(&values));
                thoughts.push(Thought {
                    word: vocab.token(word).to_owned(),
                    log_prob: log_probs.double_value(&[0, i64::from(word)]),
                    likely: likely
                        .map(|(id, value)| (vocab.token(id as TokenId).to_owned(), value))
                        .collect(),
                });
                last = word;
            }
            Ok(thoughts)
        })
    }
}

/// A place of a reply, as the model saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Thought {
    /// What was said.
    pub word: String,
    /// ln p of it.
    pub log_prob: f64,
    /// What could have been said, the most probable first, with ln p.
    pub likely: Vec<(String, f64)>,
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
            let (mut text, first) = self.read(*prompt)?;
            text.push(first);
            let from = text.len();
            text.extend(self.words(reply)?);
            texts.push((at, from, text));
        }
        texts.sort_by_key(|(_, _, text)| text.len());
        let mut scores = vec![0.0; asked.len()];
        self.trained.with(|weights| {
            let output = self.network.output();
            let device = weights[output.table].device();
            let mut rest = &texts[..];
            while let Some((_, _, shortest)) = rest.first() {
                let number = (TOGETHER / shortest.len()).clamp(1, rest.len());
                let (some, later) = rest.split_at(number);
                rest = later;
                let rows: Vec<(&[TokenId], usize)> = some
                    .iter()
                    .map(|(_, from, text)| (&text[..], *from))
                    .collect();
                let batch = Batch::new(&rows, self.script(), device);
                let hidden = self.network.read(weights, &batch.inputs);
                let hidden = batch.predicting(&hidden);
                let mut found = &numbers(&output.score(weights, &hidden, &batch.targets))[..];
                for ((at, _, _), &number) in some.iter().zip(&batch.of_rows) {
                    let (own, later) = found.split_at(number);
                    found = later;
                    scores[*at] = own.iter().sum();
                }
            }
        });
        Ok(scores)
    }

    fn perplexity_tokens(&self, replies: &[&str]) -> Option<u64> {
        let words = replies.iter().map(|reply| self.words(reply));
        words.map(|words| Some(words.ok()?.len() as u64)).sum()
    }
}

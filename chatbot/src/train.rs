//! Training on conversations, and on plain text.

use corpus::{Corpus, Split, Text, TokenId};
use harness::{Training, VALIDATION_SAMPLE};
use neural::{
    Layout, Objective, Order, Parameters, Result, Sampler, Streams, Task, TextNetwork, Weights,
    mean_log_prob, numbers, train,
};
use seq2seq::Mode;
use tch::{Device, Tensor};

use crate::Lm;
use crate::config::Config;
use crate::model::Chatbot;
use crate::network::Network;
use crate::pieces::{Batch, Pieces, Said, Script, told};

impl Config {
    /// Learns to reply from the conversations of a corpus.
    ///
    /// # Errors
    /// [`harness::Error::Setting`], [`harness::Error::Corrupt`] if there is nothing to learn from, [`neural::Error`] when
    /// interrupted.
    pub fn train(&self, corpus: &Corpus, training: &mut Training<'_>) -> Result<Chatbot> {
        self.validate()?;
        let script = Script {
            vocabulary: corpus.vocab().len(),
            eos: corpus.vocab().eos(),
            longest: self.longest,
        };
        let nothing = || {
            let what = "its training split has no conversations to learn from";
            harness::Error::corrupt(corpus.folder(), what)
        };
        if !corpus.has_dialogues() {
            return Err(nothing().into());
        }
        let learnt = told(corpus, Split::Train, script, self.stories > 0)?;
        if learnt.conversations.is_empty() {
            return Err(nothing().into());
        }
        if learnt.long > 0 {
            training.progress.note(&format!(
                "{} turns have more than {} words, the most of a turn that are read (longest)",
                learnt.long, self.longest
            ));
        }
        let validation = told(corpus, Split::Valid, script, false)?.conversations;
        let (network, mut parameters, device) = self.network(script.vocabulary, training.seed)?;
        let counts = corpus.split(Split::Train)?.counts(script.vocabulary);
        network.begin(&mut parameters, &counts);
        let lengths = [self.piece, self.short_piece];
        let shape = (lengths, self.batch_tokens, self.stories);
        let pieces = Pieces::new(learnt, script, shape, training.seed);
        let mut task = Talking {
            network: &network,
            script,
            epoch_tokens: pieces.tokens_in_pass(),
            pieces,
            sampler: self.sampler(&counts, device),
            validation: texts(&validation, script, VALIDATION_SAMPLE),
            device,
        };
        train(&mut task, &mut parameters, &self.training, training)?;
        Ok(Chatbot::new(network, parameters, corpus.codec().clone()))
    }

    /// Learns to predict a text, each line of which is the reply to those before it.
    ///
    /// # Errors
    /// [`harness::Error::Setting`], [`neural::Error`] when interrupted.
    pub fn train_on_lines(
        &self,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        eos: TokenId,
        training: &mut Training<'_>,
    ) -> Result<Lm> {
        self.validate()?;
        let (network, mut parameters, device) = self.network(vocab_size, training.seed)?;
        let counts = text.counts(vocab_size);
        network.begin(&mut parameters, &counts);
        let window = network.context();
        let shape = ((self.batch_tokens / window).max(1), window);
        let mut task = Lines {
            network: &network,
            streams: Streams::new(text, eos, shape, Order::Running, training.seed, device),
            sampler: self.sampler(&counts, device),
            validation: training.validation.clone(),
            eos,
        };
        train(&mut task, &mut parameters, &self.training, training)?;
        Ok(Lm::new(network, parameters, eos))
    }

    fn network(&self, vocabulary: usize, seed: u64) -> Result<(Network, Parameters, Device)> {
        let device = self.compute.apply()?;
        let mut layout = Layout::default();
        let network = Network::new(self, vocabulary, &mut layout);
        let precision = self.compute.precision();
        let parameters = Parameters::new(layout, device, precision, seed)?;
        Ok((network, parameters, device))
    }

    fn sampler(&self, counts: &[u64], device: Device) -> Option<Sampler> {
        let sampled = 0 < self.candidates && self.candidates < counts.len();
        sampled.then(|| Sampler::new(counts, self.candidates, device))
    }

    fn mode(&self) -> Mode {
        Mode::Train {
            dropout: self.dropout,
        }
    }
}

/// Whole conversations, up to so many tokens.
fn texts(conversations: &[Vec<Said>], script: Script, most: usize) -> Vec<Vec<TokenId>> {
    let mut room = most;
    let mut all = Vec::new();
    for conversation in conversations {
        let mut text = Vec::new();
        for said in conversation {
            script.turn(said.speaker, &said.words, &mut text);
        }
        if text.len() > room {
            break;
        }
        room -= text.len();
        all.push(text);
    }
    all
}

fn objective(
    network: &Network,
    weights: &Weights,
    hidden: &Tensor,
    targets: &Tensor,
    sampler: Option<&Sampler>,
) -> Objective {
    let output = network.output();
    match sampler {
        None => output.objective(weights, hidden, targets, 0.0),
        Some(sampler) => output.sampled_objective(weights, hidden, targets, sampler),
    }
}

/// Predict each word of each turn from those before it.
pub(crate) struct Talking<'a> {
    pub(crate) network: &'a Network,
    pub(crate) script: Script,
    pub(crate) pieces: Pieces,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) epoch_tokens: u64,
    pub(crate) validation: Vec<Vec<TokenId>>,
    pub(crate) device: Device,
}

impl Talking<'_> {
    fn batch(&mut self, number: u64) -> Batch {
        let texts = self.pieces.batch(number);
        let rows: Vec<(&[TokenId], usize)> = texts.into_iter().map(|text| (text, 1)).collect();
        Batch::new(&rows, self.script, self.device)
    }
}

impl Task for Talking<'_> {
    fn objective(&mut self, weights: &Weights, batch: u64) -> Result<Objective> {
        let batch = self.batch(batch);
        let mut memory = self.network.start(weights, batch.inputs.size()[0]);
        let mode = self.network.config().mode();
        let hidden = self
            .network
            .follow(weights, &batch.inputs, &mut memory, mode);
        let hidden = batch.predicting(&hidden);
        let sampler = self.sampler.as_ref();
        Ok(objective(
            self.network,
            weights,
            &hidden,
            &batch.targets,
            sampler,
        ))
    }

    fn settings(&self) -> String {
        format!("{:?}", self.network.config().lasting())
    }

    fn batch_bytes(&self) -> u64 {
        4 * self.network.config().batch_tokens as u64 * self.network.held()
    }

    fn epoch_tokens(&self) -> u64 {
        self.epoch_tokens
    }

    fn validate(&mut self, weights: &Weights) -> Result<Option<f64>> {
        let (mut sum, mut tokens) = (0.0, 0);
        for text in &self.validation {
            let batch = Batch::new(&[(text, 1)], self.script, self.device);
            let hidden = self.network.read(weights, &batch.inputs);
            let hidden = batch.predicting(&hidden);
            let output = self.network.output();
            let scores = numbers(&output.score(weights, &hidden, &batch.targets));
            sum += scores.iter().sum::<f64>();
            tokens += scores.len();
        }
        Ok((tokens > 0).then(|| sum / tokens as f64))
    }

    /// Two for each parameter that multiplies on the way forward, twice that on the way back.
    fn flops_per_token(&self) -> f64 {
        6.0 * self.network.multiplying() as f64
    }
}

/// Predict each token of a window from those before it.
struct Lines<'a, T: ?Sized> {
    network: &'a Network,
    streams: Streams<'a, T>,
    sampler: Option<Sampler>,
    validation: Vec<TokenId>,
    eos: TokenId,
}

impl<T: Text + ?Sized> Task for Lines<'_, T> {
    fn objective(&mut self, weights: &Weights, batch: u64) -> Result<Objective> {
        let window = self.streams.batch(batch);
        let mut memory = self.network.start(weights, window.inputs.size()[0]);
        let mode = self.network.config().mode();
        let hidden = self
            .network
            .follow(weights, &window.inputs, &mut memory, mode);
        let (hidden, targets) = (hidden.flatten(0, 1), window.targets.flatten(0, -1));
        let sampler = self.sampler.as_ref();
        Ok(objective(self.network, weights, &hidden, &targets, sampler))
    }

    fn settings(&self) -> String {
        format!("{:?}", self.network.config().lasting())
    }

    fn batch_bytes(&self) -> u64 {
        4 * self.streams.tokens() * self.network.held()
    }

    fn epoch_tokens(&self) -> u64 {
        self.streams.text_tokens()
    }

    fn validate(&mut self, weights: &Weights) -> Result<Option<f64>> {
        let found = mean_log_prob(self.network, weights, self.eos, &self.validation);
        Ok(found)
    }

    fn flops_per_token(&self) -> f64 {
        6.0 * self.network.multiplying() as f64
    }
}

//! A trained network as a language model: judged, saved and opened in one way for all eras.

use std::fmt::Debug;
use std::path::Path;

use corpus::TokenId;
use harness::{
    Ending, Generator, LanguageModel, MODEL_FORMAT, ModelCard, Precision, Sampling, check_ids,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tch::Tensor;

use crate::decoding::{Step, numbers, sample};
use crate::device::Settings;
use crate::error::Result;
use crate::objective::Output;
use crate::parameters::{Layout, Parameters, Weights};
use crate::streams::ids;
use crate::stretch::Stretch;
use crate::trained::Trained;

/// A network that reads texts from left to right.
pub trait TextNetwork: Debug + Send + Sync + Sized {
    /// Its settings.
    type Config: TextConfig;
    /// Era and variant, as records name what it becomes.
    const ENTRY: (&'static str, &'static str);

    /// Asks for the parameters of a network of so many words.
    fn new(config: &Self::Config, vocabulary: usize, layout: &mut Layout) -> Self;

    /// Its settings.
    fn config(&self) -> &Self::Config;

    /// Hidden states `[batch, time, D]` of tokens `[batch, time]`, each of which depends on itself and those before it.
    fn read(&self, weights: &Weights, tokens: &Tensor) -> Tensor;

    /// From hidden states to words.
    fn output(&self) -> &Output;

    /// The longest text that it reads at once. Longer ones are read in stretches that overlap by half.
    fn context(&self) -> usize;

    /// The same in the middle of a text, of which it has read these tokens.
    fn writer<'a>(&'a self, weights: &'a Weights, read: &[TokenId]) -> Box<dyn Step + 'a>;
}

/// Settings of a network that reads texts.
pub trait TextConfig: Debug + Serialize + DeserializeOwned {
    /// Refuses values out of bounds.
    ///
    /// # Errors
    /// [`harness::Error::Setting`] naming field, value and bound.
    fn validate(&self) -> Result<()>;

    /// Where to compute, and with which numbers.
    fn compute(&self) -> &Settings;
}

/// A trained network as a language model.
///
/// A token is predicted from at least half a context of the tokens before it, and at most a whole one. A stream begins as
/// if the end of a line stood before it.
#[derive(Debug)]
pub struct TextModel<N> {
    network: N,
    trained: Trained,
    eos: TokenId,
}

/// Tokens that are read together.
const TOGETHER: usize = 1 << 12;

/// Calls `visit` with hidden states [predicted, D] of each stretch, many stretches at a time.
fn walk<N: TextNetwork>(
    network: &N,
    weights: &Weights,
    (eos, tokens): (TokenId, &[TokenId]),
    stretches: &[Stretch],
    mut visit: impl FnMut(&Stretch, Tensor),
) {
    let device = weights[network.output().table].device();
    let rows = (TOGETHER / network.context()).max(1);
    // Stretches of one length only can be read together; all but the last are.
    for group in stretches.chunk_by(|a, b| a.predicted.end - a.read == b.predicted.end - b.read) {
        for batch in group.chunks(rows) {
            let inputs = batch.iter().flat_map(|stretch| stretch.inputs(tokens, eos));
            let inputs: Vec<TokenId> = inputs.collect();
            let inputs = ids(&inputs, device).view([batch.len() as i64, -1]);
            let hidden = network.read(weights, &inputs);
            for (row, stretch) in (0..).zip(batch) {
                let from = stretch.predicted.start - stretch.read;
                let length = stretch.predicted.len();
                let hidden = hidden.select(0, row);
                visit(stretch, hidden.narrow(0, from as i64, length as i64));
            }
        }
    }
}

/// The mean of ln p over a stream, for learning curves; none for an empty one.
pub fn mean_log_prob<N: TextNetwork>(
    network: &N,
    weights: &Weights,
    eos: TokenId,
    tokens: &[TokenId],
) -> Option<f64> {
    let log_probs = score(network, weights, eos, tokens);
    (!log_probs.is_empty()).then(|| log_probs.iter().sum::<f64>() / log_probs.len() as f64)
}

/// ln p of each token of a stream.
fn score<N: TextNetwork>(
    network: &N,
    weights: &Weights,
    eos: TokenId,
    tokens: &[TokenId],
) -> Vec<f64> {
    let stretches = Stretch::all(tokens.len(), network.context());
    let mut log_probs = Vec::with_capacity(tokens.len());
    tch::no_grad(|| {
        walk(
            network,
            weights,
            (eos, tokens),
            &stretches,
            |stretch, hidden| {
                let targets = ids(&tokens[stretch.predicted.clone()], hidden.device());
                let scores = network.output().score(weights, &hidden, &targets);
                log_probs.extend(numbers(&scores));
            },
        );
    });
    log_probs
}

/// ln p of each token of the ends of some streams that fit the context, read side by side.
fn score_rows<N: TextNetwork>(
    network: &N,
    weights: &Weights,
    eos: TokenId,
    streams: &[&Ending],
) -> Vec<Vec<f64>> {
    let output = network.output();
    let device = weights[output.table].device();
    let lengths = streams.iter().map(|stream| stream.tokens.len());
    let length = lengths.max().unwrap_or(0);
    let (mut inputs, mut places, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for Ending { tokens, from } in streams {
        let row = inputs.len();
        inputs.push(eos);
        inputs.extend_from_slice(tokens);
        let asked = (*from).min(tokens.len())..tokens.len();
        places.extend(asked.clone().map(|place| (row + place) as u32));
        targets.extend_from_slice(&tokens[asked]);
        // What stands behind a stream is not seen by it.
        inputs.resize(row + length, eos);
    }
    if targets.is_empty() {
        return vec![Vec::new(); streams.len()];
    }
    let inputs = ids(&inputs, device).view([streams.len() as i64, length as i64]);
    let places = ids(&places, device);
    let hidden = network.read(weights, &inputs);
    let hidden = hidden.flatten(0, 1).index_select(0, &places);
    let scores = numbers(&output.score(weights, &hidden, &ids(&targets, device)));
    let mut rest = &scores[..];
    let lengths = streams
        .iter()
        .map(|stream| stream.tokens.len().saturating_sub(stream.from));
    lengths
        .map(|length| {
            let (own, later) = rest.split_at(length);
            rest = later;
            own.to_vec()
        })
        .collect()
}

impl<N: TextNetwork> TextModel<N> {
    /// A network with the parameters that training left.
    pub fn new(network: N, parameters: Parameters, eos: TokenId) -> TextModel<N> {
        TextModel {
            network,
            trained: Trained::new(parameters),
            eos,
        }
    }

    /// Its settings.
    pub fn config(&self) -> &N::Config {
        self.network.config()
    }

    /// Numbers that training set.
    pub fn parameters(&self) -> u64 {
        self.trained.count()
    }

    /// Works with the network and its weights, without keeping track of gradients.
    pub fn with<T>(&self, work: impl FnOnce(&N, &Weights) -> T) -> T {
        self.trained.with(|weights| work(&self.network, weights))
    }

    /// Refuses ids that are no tokens of the vocabulary.
    ///
    /// # Errors
    /// [`harness::Error::Model`].
    pub fn check(&self, tokens: &[TokenId]) -> harness::Result<()> {
        check_ids(N::ENTRY.0, self.vocab_size(), tokens)
    }

    /// Writes the model into a folder.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] and others when the disk refuses.
    pub fn save(&self, folder: &Path, vocab_checksum: &str) -> Result<()> {
        self.trained.save(folder)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let mut config = toml::Table::try_from(self.config()).map_err(corrupt)?;
        config.insert("eos".to_owned(), toml::Value::Integer(i64::from(self.eos)));
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: N::ENTRY.0.to_owned(),
            variant: N::ENTRY.1.to_owned(),
            vocab_checksum: vocab_checksum.to_owned(),
            vocab_size: self.vocab_size(),
            parameters: self.parameters(),
            config,
            training: harness::TrainingTotals::default(),
            ancestry: Vec::new(),
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a model, on the device of its settings or else on the CPU.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a file is missing or contradicts another, or for an impossible setting;
    /// [`crate::Error`] for weights of another shape or that are not finite.
    pub fn open(folder: &Path) -> Result<TextModel<N>> {
        let mut card = ModelCard::open(folder)?;
        let eos = card.config.remove("eos").and_then(|eos| eos.as_integer());
        let eos = eos.and_then(|eos| TokenId::try_from(eos).ok());
        let eos = eos
            .filter(|&eos| (eos as usize) < card.vocab_size)
            .ok_or_else(|| {
                let what = "eos is not a token of its vocabulary; train the model again";
                harness::Error::corrupt(&folder.join("model.toml"), what)
            })?;
        let config: N::Config = card.settings(folder)?;
        config.validate()?;
        let device = config.compute().apply_anywhere()?;
        let mut layout = Layout::default();
        let network = N::new(&config, card.vocab_size, &mut layout);
        let trained = Trained::open(layout, device, folder)?;
        Ok(TextModel {
            network,
            trained,
            eos,
        })
    }
}

impl<N: TextNetwork> LanguageModel for TextModel<N> {
    fn vocab_size(&self) -> usize {
        self.network.output().vocabulary as usize
    }

    fn precision(&self) -> Precision {
        Precision::Neural
    }

    fn score(&self, tokens: &[TokenId]) -> harness::Result<Vec<f64>> {
        self.check(tokens)?;
        Ok(self.with(|network, weights| score(network, weights, self.eos, tokens)))
    }

    /// Short ones side by side; words are predicted at the ends only, which takes most of the time.
    fn score_ends(&self, streams: &[Ending]) -> harness::Result<Vec<Vec<f64>>> {
        for stream in streams {
            self.check(&stream.tokens)?;
        }
        let context = self.network.context();
        let length = |at: usize| streams[at].tokens.len();
        let mut order: Vec<usize> = (0..streams.len()).collect();
        order.sort_by_key(|&at| length(at));
        let mut scores = vec![Vec::new(); streams.len()];
        self.with(|network, weights| {
            let fits = |&at: &usize| length(at) <= context;
            let (short, long) = order.split_at(order.partition_point(fits));
            for &at in long {
                let all = score(network, weights, self.eos, &streams[at].tokens);
                scores[at] = all[streams[at].from.min(all.len())..].to_vec();
            }
            let mut rest = short;
            while let Some(&first) = rest.first() {
                let number = (TOGETHER / length(first).max(8)).clamp(1, rest.len());
                let (some, later) = rest.split_at(number);
                rest = later;
                let rows: Vec<&Ending> = some.iter().map(|&at| &streams[at]).collect();
                let found = score_rows(network, weights, self.eos, &rows);
                for (&at, found) in some.iter().zip(found) {
                    scores[at] = found;
                }
            }
        });
        Ok(scores)
    }

    fn next(&self, context: &[TokenId]) -> harness::Result<Vec<f64>> {
        let mut next = Vec::new();
        // Whatever is predicted stands behind the context.
        let stream: Vec<TokenId> = context.iter().copied().chain([self.eos]).collect();
        self.distributions(&stream, &[context.len()], &mut |_, log_probs| {
            next = log_probs.to_vec();
        })?;
        Ok(next)
    }

    fn distributions(
        &self,
        tokens: &[TokenId],
        positions: &[usize],
        visit: &mut dyn FnMut(usize, &[f64]),
    ) -> harness::Result<()> {
        self.check(tokens)?;
        let context = self.network.context();
        let stretch = |place: usize| {
            let mut stretch = Stretch::of(place, context);
            stretch.predicted.end = stretch.predicted.end.min(tokens.len());
            stretch
        };
        let mut stretches: Vec<Stretch> = positions.iter().map(|&place| stretch(place)).collect();
        stretches.dedup();
        let mut rest = positions;
        self.with(|network, weights| {
            let stream = (self.eos, tokens);
            walk(network, weights, stream, &stretches, |stretch, hidden| {
                let inside = |place: &&usize| stretch.predicted.contains(place);
                let here = rest.iter().take_while(inside).count();
                let (places, later) = rest.split_at(here);
                rest = later;
                for &place in places {
                    let row = (place - stretch.predicted.start) as i64;
                    let log_probs = network.output().log_probs(weights, &hidden.select(0, row));
                    visit(place, &numbers(&log_probs));
                }
            });
        });
        Ok(())
    }
}

impl<N: TextNetwork> Generator for TextModel<N> {
    /// With what was computed for earlier tokens kept, as the network's writer does. What is written first follows the last
    /// token of the prompt, or the end of a line.
    fn generate(
        &self,
        prompt: &[TokenId],
        length: usize,
        stop: Option<TokenId>,
        how: Sampling,
    ) -> harness::Result<Vec<TokenId>> {
        self.check(prompt)?;
        let text = [&[self.eos], prompt].concat();
        self.with(|network, weights| {
            // The end of a line stands before every text.
            let (&last, read) = text.split_last().unwrap_or((&self.eos, &[]));
            let mut writer = network.writer(weights, read);
            let mut written = sample(&mut *writer, &[last], length, stop, how)?;
            Ok(written.pop().unwrap_or_default())
        })
    }
}

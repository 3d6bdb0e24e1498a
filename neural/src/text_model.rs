//! A trained network as a language model: judged, saved and opened in one way for all eras.

use std::path::Path;

use corpus::TokenId;
use harness::{LanguageModel, MODEL_FORMAT, ModelCard, Precision, check_ids};
use serde::Serialize;
use tch::Tensor;

use crate::decoding::numbers;
use crate::error::Result;
use crate::objective::Output;
use crate::parameters::Weights;
use crate::streams::ids;
use crate::stretch::Stretch;
use crate::trained::Trained;

/// A network that reads texts from left to right.
pub trait Network: Send + Sync {
    /// Hidden states `[batch, time, D]` of tokens `[batch, time]`, each of which depends on itself and those before it.
    fn read(&self, weights: &Weights, tokens: &Tensor) -> Tensor;

    /// From hidden states to words.
    fn output(&self) -> &Output;

    /// The longest text that it reads at once. Longer ones are read in stretches that overlap by half.
    fn context(&self) -> usize;
}

/// A trained network as a language model.
///
/// A token is predicted from at least half a context of the tokens before it, and at most a whole one. A stream begins as
/// if the end of a line stood before it.
#[derive(Debug)]
pub struct TextModel<N> {
    era: &'static str,
    variant: &'static str,
    network: N,
    trained: Trained,
    eos: TokenId,
}

/// Tokens that are read together.
const TOGETHER: usize = 1 << 12;

/// Calls `visit` with hidden states [predicted, D] of each stretch, many stretches at a time.
fn walk<N: Network>(
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
pub fn mean_log_prob<N: Network>(
    network: &N,
    weights: &Weights,
    eos: TokenId,
    tokens: &[TokenId],
) -> Option<f64> {
    let log_probs = score(network, weights, eos, tokens);
    (!log_probs.is_empty()).then(|| log_probs.iter().sum::<f64>() / log_probs.len() as f64)
}

/// ln p of each token of a stream.
fn score<N: Network>(network: &N, weights: &Weights, eos: TokenId, tokens: &[TokenId]) -> Vec<f64> {
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

/// ln p of each token of some streams that fit the context, read side by side.
fn score_rows<N: Network>(
    network: &N,
    weights: &Weights,
    eos: TokenId,
    streams: &[&[TokenId]],
) -> Vec<Vec<f64>> {
    let output = network.output();
    let device = weights[output.table].device();
    let length = streams.iter().map(|stream| stream.len()).max().unwrap_or(0);
    let (mut inputs, mut places, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for stream in streams {
        let from = inputs.len();
        inputs.push(eos);
        inputs.extend_from_slice(stream);
        places.extend((from..from + stream.len()).map(|place| place as i64));
        targets.extend_from_slice(stream);
        // What stands behind a stream is not seen by it.
        inputs.resize(from + length, eos);
    }
    let inputs = ids(&inputs, device).view([streams.len() as i64, length as i64]);
    let places = Tensor::from_slice(&places).to_device(device);
    let hidden = network.read(weights, &inputs);
    let hidden = hidden.flatten(0, 1).index_select(0, &places);
    let scores = numbers(&output.score(weights, &hidden, &ids(&targets, device)));
    let mut rest = &scores[..];
    let lengths = streams.iter().map(|stream| stream.len());
    lengths
        .map(|length| {
            let (own, later) = rest.split_at(length);
            rest = later;
            own.to_vec()
        })
        .collect()
}

impl<N: Network> TextModel<N> {
    /// A network with its parameters, of this era and variant.
    pub fn new(
        (era, variant): (&'static str, &'static str),
        network: N,
        trained: Trained,
        eos: TokenId,
    ) -> TextModel<N> {
        TextModel {
            era,
            variant,
            network,
            trained,
            eos,
        }
    }

    /// What reads.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// The end of a line.
    pub fn eos(&self) -> TokenId {
        self.eos
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
        check_ids(self.era, self.vocab_size(), tokens)
    }

    /// Writes the model into a folder.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] and others when the disk refuses.
    pub fn save(&self, folder: &Path, vocab_checksum: &str, config: &impl Serialize) -> Result<()> {
        self.trained.save(folder)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let mut config = toml::Table::try_from(config).map_err(corrupt)?;
        config.insert("eos".to_owned(), toml::Value::Integer(i64::from(self.eos)));
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: self.era.to_owned(),
            variant: self.variant.to_owned(),
            vocab_checksum: vocab_checksum.to_owned(),
            vocab_size: self.vocab_size(),
            parameters: self.parameters(),
            config,
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }
}

/// The card of a model that [`TextModel::save`] wrote, without the end of a line, which comes beside it.
///
/// # Errors
/// [`crate::Error::Harness`] if the card is missing or contradicts a file.
pub fn open_card(folder: &Path) -> Result<(ModelCard, TokenId)> {
    let mut card = ModelCard::open(folder)?;
    let eos = card.config.remove("eos").and_then(|eos| eos.as_integer());
    let eos = eos.and_then(|eos| TokenId::try_from(eos).ok());
    let eos = eos
        .filter(|&eos| (eos as usize) < card.vocab_size)
        .ok_or_else(|| {
            let what = "eos is not a token of its vocabulary; train the model again";
            harness::Error::corrupt(&folder.join("model.toml"), what)
        })?;
    Ok((card, eos))
}

impl<N: Network> LanguageModel for TextModel<N> {
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

    /// Short ones side by side.
    fn score_all(&self, streams: &[Vec<TokenId>]) -> harness::Result<Vec<Vec<f64>>> {
        for stream in streams {
            self.check(stream)?;
        }
        let context = self.network.context();
        let mut order: Vec<usize> = (0..streams.len()).collect();
        order.sort_by_key(|&at| streams[at].len());
        let mut scores = vec![Vec::new(); streams.len()];
        self.with(|network, weights| {
            let fits = |&at: &usize| streams[at].len() <= context;
            let (short, long) = order.split_at(order.partition_point(fits));
            for &at in long {
                scores[at] = score(network, weights, self.eos, &streams[at]);
            }
            let mut rest = short;
            while let Some(&first) = rest.first() {
                let number = (TOGETHER / streams[first].len().max(8)).clamp(1, rest.len());
                let (some, later) = rest.split_at(number);
                rest = later;
                let rows: Vec<&[TokenId]> = some.iter().map(|&at| &streams[at][..]).collect();
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

/// Makes a language model of a type that wraps a [`TextModel`].
#[macro_export]
macro_rules! language_model {
    ($model:ty) => {
        impl harness::LanguageModel for $model {
            fn vocab_size(&self) -> usize {
                self.0.vocab_size()
            }

            fn precision(&self) -> harness::Precision {
                self.0.precision()
            }

            fn score(&self, tokens: &[corpus::TokenId]) -> harness::Result<Vec<f64>> {
                self.0.score(tokens)
            }

            fn score_all(
                &self,
                streams: &[Vec<corpus::TokenId>],
            ) -> harness::Result<Vec<Vec<f64>>> {
                self.0.score_all(streams)
            }

            fn next(&self, context: &[corpus::TokenId]) -> harness::Result<Vec<f64>> {
                self.0.next(context)
            }

            fn distributions(
                &self,
                tokens: &[corpus::TokenId],
                positions: &[usize],
                visit: &mut dyn FnMut(usize, &[f64]),
            ) -> harness::Result<()> {
                self.0.distributions(tokens, positions, visit)
            }
        }
    };
}

//! A trained decoder: judged, asked to write, saved and opened.

use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use corpus::TokenId;
use harness::{
    Generator, LanguageModel, MODEL_FORMAT, ModelCard, Precision, Sampling, check_ids, sampler,
};
use neural::{Layout, Parameters, Weights, ids};
use tch::{Kind, Tensor};

use crate::config::Config;
use crate::error::Result;
use crate::network::Network;
use crate::{ERA, VARIANT};

/// A trained decoder.
///
/// A token is predicted from at least half a context of the tokens before it, and at most a whole one: texts are read in
/// windows that overlap by half. A stream begins as if the end of a line stood before it.
#[derive(Debug)]
pub struct Model {
    network: Network,
    /// `tch` lets tensors be sent, but not shared.
    state: Mutex<State>,
    /// Numbers that training set.
    count: u64,
    eos: TokenId,
    vocab_size: usize,
}

#[derive(Debug)]
struct State {
    parameters: Parameters,
    /// The same as f32, as the network reads them.
    weights: Weights,
}

const WEIGHTS: &str = "weights.safetensors";
/// Windows that are read together.
const BATCH: usize = 16;

/// Tokens of a stream that are read together, and those of them that are predicted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Window {
    read: usize,
    predicted: Range<usize>,
}

impl Window {
    /// The window that predicts the token at a place, with windows of `context` tokens.
    fn of(place: usize, context: usize) -> Window {
        if place < context {
            return Window {
                read: 0,
                predicted: 0..context,
            };
        }
        let stride = (context / 2).max(1);
        let number = (place - context) / stride + 1;
        let end = context + number * stride;
        Window {
            read: end - context,
            predicted: end - stride..end,
        }
    }

    /// All windows of a stream.
    fn all(length: usize, context: usize) -> Vec<Window> {
        let mut windows: Vec<Window> = Vec::new();
        let mut place = 0;
        while place < length {
            let mut window = Window::of(place, context);
            place = window.predicted.end;
            window.predicted.end = window.predicted.end.min(length);
            windows.push(window);
        }
        windows
    }

    /// Tokens that it reads: what stands before each token up to the last predicted.
    fn inputs(&self, tokens: &[TokenId], eos: TokenId) -> Vec<TokenId> {
        let before = match self.read {
            0 => eos,
            read => tokens[read - 1],
        };
        let mut inputs = vec![before];
        inputs.extend(&tokens[self.read..self.predicted.end - 1]);
        inputs
    }
}

/// Calls `visit` with hidden states [predicted, D] of each window, many windows at a time.
fn walk(
    network: &Network,
    weights: &Weights,
    eos: TokenId,
    tokens: &[TokenId],
    windows: &[Window],
    mut visit: impl FnMut(&Window, Tensor),
) {
    let device = weights[network.output.table].device();
    // Windows of one length only can be read together; all but the last are.
    for group in windows.chunk_by(|a, b| a.predicted.end - a.read == b.predicted.end - b.read) {
        for batch in group.chunks(BATCH) {
            let inputs = batch.iter().flat_map(|window| window.inputs(tokens, eos));
            let inputs: Vec<TokenId> = inputs.collect();
            let inputs = ids(&inputs, device).view([batch.len() as i64, -1]);
            let hidden = network.hidden(weights, &inputs, false);
            for (row, window) in (0..).zip(batch) {
                let from = window.predicted.start - window.read;
                let length = window.predicted.len();
                visit(
                    window,
                    hidden.select(0, row).narrow(0, from as i64, length as i64),
                );
            }
        }
    }
}

/// ln p of each token of a stream.
pub(crate) fn score(
    network: &Network,
    weights: &Weights,
    eos: TokenId,
    tokens: &[TokenId],
) -> Vec<f64> {
    let context = network.config().context;
    let windows = Window::all(tokens.len(), context);
    let mut log_probs = Vec::with_capacity(tokens.len());
    tch::no_grad(|| {
        walk(network, weights, eos, tokens, &windows, |window, hidden| {
            let targets = ids(&tokens[window.predicted.clone()], hidden.device());
            let scores = network.output.score(weights, &hidden, &targets);
            log_probs.extend(numbers(&scores));
        });
    });
    log_probs
}

/// The numbers of a tensor of any shape.
fn numbers(tensor: &Tensor) -> Vec<f64> {
    let flat = tensor.flatten(0, -1).to_kind(Kind::Double);
    Vec::try_from(flat).expect("a tensor of one dimension")
}

impl Model {
    pub(crate) fn new(network: Network, parameters: Parameters, eos: TokenId) -> Result<Model> {
        let vocab_size = network.output.vocabulary as usize;
        Ok(Model {
            network,
            count: parameters.count(),
            state: Mutex::new(State {
                weights: parameters.exact_weights(),
                parameters,
            }),
            eos,
            vocab_size,
        })
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        self.network.config()
    }

    /// Numbers that training set.
    pub fn parameters(&self) -> u64 {
        self.count
    }

    /// Works with the weights, without keeping track of gradients.
    fn with_weights<T>(&self, work: impl FnOnce(&Weights) -> T) -> T {
        let state = self.state();
        tch::no_grad(|| work(&state.weights))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What panicked while it read cannot have changed the weights.
        let state = self.state.lock();
        state.unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// How the heads of all layers distribute their attention over a text that fits the context, read after the end of a
    /// line: of each layer, of each head, for each token how much it looks at each.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] if the text is empty or longer than the context; [`crate::Error::Harness`] for unknown ids.
    pub fn attention(&self, tokens: &[TokenId]) -> Result<Vec<Vec<Vec<Vec<f64>>>>> {
        check_ids(ERA, self.vocab_size, tokens)?;
        let context = self.config().context;
        if tokens.is_empty() || tokens.len() > context {
            return Err(crate::Error::Setting {
                field: "text",
                value: format!("{} tokens", tokens.len()),
                bound: format!("must have from 1 to {context}, the context of this model"),
            });
        }
        let length = tokens.len();
        Ok(self.with_weights(|weights| {
            let device = weights[self.network.output.table].device();
            let patterns = self
                .network
                .patterns(weights, &ids(tokens, device).unsqueeze(0));
            let heads = |pattern: &Tensor| -> Vec<Vec<Vec<f64>>> {
                let flat = numbers(pattern);
                let matrices = flat.chunks(length * length);
                matrices
                    .map(|matrix| matrix.chunks(length).map(<[f64]>::to_vec).collect())
                    .collect()
            };
            patterns.iter().map(heads).collect()
        }))
    }

    /// Writes the model into a folder.
    ///
    /// # Errors
    /// [`crate::Error::Neural`], [`crate::Error::Harness`] when the disk refuses.
    pub fn save(&self, folder: &Path, vocab_checksum: &str) -> Result<()> {
        self.state().parameters.save(&folder.join(WEIGHTS))?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let mut config = toml::Table::try_from(self.config()).map_err(corrupt)?;
        config.insert("eos".to_owned(), toml::Value::Integer(i64::from(self.eos)));
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: ERA.to_owned(),
            variant: VARIANT.to_owned(),
            vocab_checksum: vocab_checksum.to_owned(),
            vocab_size: self.vocab_size,
            parameters: self.parameters(),
            config,
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a model, on the device of its settings.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a file is missing or contradicts another, [`crate::Error::Neural`] for weights of another
    /// shape or that are not finite, [`crate::Error::Setting`] for an impossible config.
    pub fn open(folder: &Path) -> Result<Model> {
        let mut card = ModelCard::open(folder)?;
        let path = folder.join("model.toml");
        let eos = card.config.remove("eos").and_then(|eos| eos.as_integer());
        let eos = eos.and_then(|eos| TokenId::try_from(eos).ok());
        let eos = eos
            .filter(|&eos| (eos as usize) < card.vocab_size)
            .ok_or_else(|| {
                harness::Error::corrupt(
                    &path,
                    "eos is not a token of its vocabulary; train the model again",
                )
            })?;
        let config: Config = card.settings(folder)?;
        config.validate()?;
        let device = config.compute.apply()?;
        let mut layout = Layout::default();
        let network = Network::new(&config, card.vocab_size, &mut layout);
        let mut parameters = Parameters::new(layout, device, neural::Precision::F32, 0)?;
        parameters.load(&folder.join(WEIGHTS))?;
        Model::new(network, parameters, eos)
    }
}

impl LanguageModel for Model {
    fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    fn precision(&self) -> Precision {
        Precision::Neural
    }

    fn score(&self, tokens: &[TokenId]) -> harness::Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size, tokens)?;
        Ok(self.with_weights(|weights| score(&self.network, weights, self.eos, tokens)))
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
        check_ids(ERA, self.vocab_size, tokens)?;
        let context = self.config().context;
        let window = |place: usize| {
            let mut window = Window::of(place, context);
            window.predicted.end = window.predicted.end.min(tokens.len());
            window
        };
        let mut windows: Vec<Window> = positions.iter().map(|&place| window(place)).collect();
        windows.dedup();
        let mut rest = positions;
        self.with_weights(|weights| {
            walk(
                &self.network,
                weights,
                self.eos,
                tokens,
                &windows,
                |window, hidden| {
                    let here = rest
                        .iter()
                        .take_while(|place| window.predicted.contains(place))
                        .count();
                    let (places, later) = rest.split_at(here);
                    rest = later;
                    for &place in places {
                        let row = (place - window.predicted.start) as i64;
                        let log_probs = self
                            .network
                            .output
                            .log_probs(weights, &hidden.select(0, row));
                        visit(place, &numbers(&log_probs));
                    }
                },
            );
        });
        Ok(())
    }
}

impl Generator for Model {
    /// With what was computed for earlier tokens kept, until the context is full; then half of it is read anew, as
    /// [`LanguageModel::next`] does.
    fn generate(
        &self,
        prompt: &[TokenId],
        length: usize,
        stop: Option<TokenId>,
        how: Sampling,
    ) -> harness::Result<Vec<TokenId>> {
        check_ids(ERA, self.vocab_size, prompt)?;
        let mut sampler = sampler(how)?;
        let mut tokens = prompt.to_vec();
        let context = self.config().context;
        self.with_weights(|weights| {
            let device = weights[self.network.output.table].device();
            let mut caches = self.network.caches();
            let mut read = usize::MAX;
            while tokens.len() < prompt.len() + length {
                let window = Window::of(tokens.len(), context);
                let fresh = match window.read == read {
                    // All but the last token are in the caches.
                    true => tokens[tokens.len() - 1..].to_vec(),
                    false => {
                        read = window.read;
                        caches = self.network.caches();
                        let predicted = window.predicted.start..tokens.len() + 1;
                        Window { read, predicted }.inputs(&tokens, self.eos)
                    }
                };
                let fresh = ids(&fresh, device).unsqueeze(0);
                let hidden = self.network.follow(weights, &fresh, &mut caches);
                let last = hidden.select(1, hidden.size()[1] - 1).squeeze_dim(0);
                let token = sampler.draw(&numbers(&self.network.output.log_probs(weights, &last)));
                tokens.push(token);
                if Some(token) == stop {
                    break;
                }
            }
        });
        Ok(tokens.split_off(prompt.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_predicted_once_from_half_a_context_at_least() {
        for (length, context) in [(0, 8), (5, 8), (8, 8), (9, 8), (100, 8), (33, 1), (20, 3)] {
            let windows = Window::all(length, context);
            let predicted: Vec<usize> = windows
                .iter()
                .flat_map(|window| window.predicted.clone())
                .collect();
            assert_eq!(predicted, (0..length).collect::<Vec<_>>());
            for window in &windows {
                assert!(window.predicted.end - window.read <= context);
                let seen = window.predicted.start - window.read;
                assert!(window.read == 0 || seen + (context / 2).max(1) >= context);
                for place in window.predicted.clone() {
                    assert_eq!(Window::of(place, context).read, window.read);
                }
            }
        }
    }
}

//! A trained decoder: judged, asked to write, saved and opened.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use corpus::TokenId;
use harness::{Generator, LanguageModel, MODEL_FORMAT, ModelCard, Precision, Sampling, check_ids};
use neural::{Layout, Parameters, Weights, ids, numbers, sample};
use tch::Tensor;

use crate::config::Config;
use crate::error::Result;
use crate::network::Network;
use crate::window::Window;
use crate::writer::Writer;
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
/// Short streams that are read together.
const ROWS: usize = 64;

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

/// ln p of each token of some streams that fit the context, read side by side.
fn score_rows(
    network: &Network,
    weights: &Weights,
    eos: TokenId,
    streams: &[&[TokenId]],
) -> Vec<Vec<f64>> {
    let device = weights[network.output.table].device();
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
    let hidden = network.hidden(weights, &inputs, false);
    let hidden = hidden.flatten(0, 1).index_select(0, &places);
    let scores = numbers(
        &network
            .output
            .score(weights, &hidden, &ids(&targets, device)),
    );
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

    /// How the heads of all layers distribute their attention over a text that fits the context: of each layer, of each
    /// head, for each token how much it looks at each. In training, texts begin with the end of a line.
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

    /// Short ones side by side.
    fn score_all(&self, streams: &[Vec<TokenId>]) -> harness::Result<Vec<Vec<f64>>> {
        for stream in streams {
            check_ids(ERA, self.vocab_size, stream)?;
        }
        let (network, context) = (&self.network, self.config().context);
        let mut order: Vec<usize> = (0..streams.len()).collect();
        order.sort_by_key(|&at| streams[at].len());
        let mut scores = vec![Vec::new(); streams.len()];
        self.with_weights(|weights| {
            let fits = |&at: &usize| streams[at].len() <= context;
            let (short, long) = order.split_at(order.partition_point(fits));
            for &at in long {
                scores[at] = score(network, weights, self.eos, &streams[at]);
            }
            for some in short.chunks(ROWS) {
                let rows: Vec<&[TokenId]> = some.iter().map(|&at| &streams[at][..]).collect();
                for (at, found) in some
                    .iter()
                    .zip(score_rows(network, weights, self.eos, &rows))
                {
                    scores[*at] = found;
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
        self.with_weights(|weights| {
            // What is written first follows the last token of the prompt, or the end of a line.
            let before = match prompt.split_last() {
                None => Vec::new(),
                Some((_, rest)) => [&[self.eos], rest].concat(),
            };
            let last = prompt.last().copied().unwrap_or(self.eos);
            let mut writer = Writer::new(&self.network, weights, vec![before]);
            let mut written = sample(&mut writer, &[last], length, stop, how)?;
            Ok(written.pop().unwrap_or_default())
        })
    }
}

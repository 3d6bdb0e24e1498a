//! A trained network as a language model: scoring, generation, saving and loading for all eras.

use std::path::Path;

use corpus::TokenId;
use harness::{
    Ending, Generator, LanguageModel, MODEL_FORMAT, ModelCard, Precision, Sampling, check_ids,
};

use crate::decoding::sample;
use crate::error::Result;
use crate::layout::Layout;
use crate::model_weights::Weights;
use crate::parameters::Parameters;
use crate::scoring_window::ScoringWindow;
use crate::tensors::to_f64s;
use crate::text_network::{TextConfig, TextNetwork};
use crate::text_scoring::{BATCH_TOKENS, score, score_endings, visit_windows};
use crate::trained_weights::TrainedWeights;

/// A trained network as a language model.
///
/// A token is predicted from at least half a context of preceding tokens and at most a full one. The input before a stream
/// is the end of a line.
#[derive(Debug)]
pub struct TextModel<N> {
    network: N,
    weights: TrainedWeights,
    eos: TokenId,
}

impl<N: TextNetwork> TextModel<N> {
    /// A network with trained parameters.
    pub fn new(network: N, parameters: Parameters, eos: TokenId) -> TextModel<N> {
        TextModel {
            network,
            weights: TrainedWeights::new(parameters),
            eos,
        }
    }

    /// Its configuration.
    pub fn config(&self) -> &N::Config {
        self.network.config()
    }

    /// Total number of parameters.
    pub fn parameters(&self) -> u64 {
        self.weights.count()
    }

    /// Runs a computation on the network and its weights without gradients.
    pub fn with<T>(&self, compute: impl FnOnce(&N, &Weights) -> T) -> T {
        self.weights.with(|weights| compute(&self.network, weights))
    }

    /// Checks that all ids are in the vocabulary.
    ///
    /// # Errors
    /// [`harness::Error::Model`].
    pub fn check(&self, tokens: &[TokenId]) -> harness::Result<()> {
        check_ids(N::ERA, self.vocab_size(), tokens)
    }

    /// Writes the model to a folder.
    ///
    /// # Errors
    /// [`crate::Error`] if a file cannot be written.
    pub fn save(&self, folder: &Path, vocab_checksum: &str) -> Result<()> {
        self.weights.save(folder)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let mut config = toml::Table::try_from(self.config()).map_err(corrupt)?;
        config.insert("eos".to_owned(), toml::Value::Integer(i64::from(self.eos)));
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: N::ERA.to_owned(),
            variant: self.config().variant().to_owned(),
            vocab_checksum: vocab_checksum.to_owned(),
            vocab_size: self.vocab_size(),
            parameters: self.parameters(),
            config,
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
    /// [`crate::Error::Harness`] if a file is missing or inconsistent, or for an invalid setting; [`crate::Error`] for weights of
    /// another shape or that are not finite.
    pub fn open(folder: &Path) -> Result<TextModel<N>> {
        let mut card = ModelCard::open(folder)?;
        let eos = card.config.remove("eos").and_then(|eos| eos.as_integer());
        let eos = eos.and_then(|eos| TokenId::try_from(eos).ok());
        let eos = eos
            .filter(|&eos| (eos as usize) < card.vocab_size)
            .ok_or_else(|| {
                let what = "eos is not in its vocabulary; train the model again";
                harness::Error::corrupt(&folder.join("model.toml"), what)
            })?;
        let config: N::Config = card.settings(folder)?;
        config.validate()?;
        let device = config.compute().apply_anywhere()?;
        let mut layout = Layout::default();
        let network = N::new(&config, card.vocab_size, &mut layout);
        let trained = TrainedWeights::open(layout, device, &card, folder)?;
        Ok(TextModel {
            network,
            weights: trained,
            eos,
        })
    }
}

impl<N: TextNetwork> LanguageModel for TextModel<N> {
    fn vocab_size(&self) -> usize {
        self.network.output().vocab_size as usize
    }

    fn precision(&self) -> Precision {
        Precision::Neural
    }

    fn score(&self, tokens: &[TokenId]) -> harness::Result<Vec<f64>> {
        self.check(tokens)?;
        Ok(self.with(|network, weights| score(network, weights, self.eos, tokens)))
    }

    /// Batches short streams and applies the output layer, which takes most of the time, to the endings only.
    fn score_ends(&self, streams: &[Ending]) -> harness::Result<Vec<Vec<f64>>> {
        for stream in streams {
            self.check(&stream.tokens)?;
        }
        let context = self.network.context_length();
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
                let number = (BATCH_TOKENS / length(first).max(8)).clamp(1, rest.len());
                let (some, later) = rest.split_at(number);
                rest = later;
                let rows: Vec<&Ending> = some.iter().map(|&at| &streams[at]).collect();
                let found = score_endings(network, weights, self.eos, &rows);
                for (&at, found) in some.iter().zip(found) {
                    scores[at] = found;
                }
            }
        });
        Ok(scores)
    }

    fn next(&self, context: &[TokenId]) -> harness::Result<Vec<f64>> {
        let mut next = Vec::new();
        // The predicted position follows the context; its own token is irrelevant.
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
        let context = self.network.context_length();
        let window = |position: usize| {
            let mut window = ScoringWindow::containing(position, context);
            window.predicted.end = window.predicted.end.min(tokens.len());
            window
        };
        let mut windows: Vec<ScoringWindow> =
            positions.iter().map(|&position| window(position)).collect();
        windows.dedup();
        let mut rest = positions;
        self.with(|network, weights| {
            let stream = (self.eos, tokens);
            visit_windows(network, weights, stream, &windows, |window, hidden| {
                let inside = |position: &&usize| window.predicted.contains(position);
                let here = rest.iter().take_while(inside).count();
                let (positions, later) = rest.split_at(here);
                rest = later;
                for &position in positions {
                    let row = (position - window.predicted.start) as i64;
                    let log_probs = network.output().log_probs(weights, &hidden.select(0, row));
                    visit(position, &to_f64s(&log_probs));
                }
            });
        });
        Ok(())
    }
}

impl<N: TextNetwork> Generator for TextModel<N> {
    /// Decodes incrementally. The first token follows the prompt, or the end of a line if it is empty.
    fn generate(
        &self,
        prompt: &[TokenId],
        length: usize,
        stop: Option<TokenId>,
        sampling: Sampling,
    ) -> harness::Result<Vec<TokenId>> {
        self.check(prompt)?;
        let text = [&[self.eos], prompt].concat();
        self.with(|network, weights| {
            // The input starts with the end of a line, so it is never empty.
            let (&last, prefix) = text.split_last().unwrap_or((&self.eos, &[]));
            let mut decoder = network.decoder(weights, prefix);
            let mut written = sample(&mut *decoder, &[last], length, stop, sampling)?;
            Ok(written.pop().unwrap_or_default())
        })
    }
}

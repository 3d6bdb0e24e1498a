//! CBOW as a language model: the words before, and those only, predict the next one down a Huffman tree.
//!
//! Hierarchical softmax is a true distribution: at each inner node the two ways have probabilities that sum to 1, so all
//! leaves together do. What was made for vectors is then the simplest neural language model there is: a mean of vectors,
//! no hidden layer, no order of words.

mod config;
mod train;
mod tree;

use std::collections::HashMap;
use std::path::Path;

use corpus::TokenId;
use harness::{Generator, LanguageModel, MODEL_FORMAT, ModelCard, Precision, check_ids};
use rayon::prelude::*;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

pub use config::{LmConfig, PRESETS as LM_PRESETS};

use crate::ERA;
use crate::error::Result;
use crate::matrix::Matrix;
use tree::Tree;

/// A trained model.
#[derive(Debug)]
pub struct CbowLm {
    config: LmConfig,
    tree: Tree,
    /// A vector for each token.
    inputs: Matrix,
    /// A vector for each inner node.
    nodes: Matrix,
}

/// The name of the model, in records and on the command line.
pub const LM_VARIANT: &str = "cbow-lm";
const WEIGHTS: &str = "weights.safetensors";
/// Tokens that one thread scores at a time.
const STRETCH: usize = 4096;

impl CbowLm {
    /// Its settings.
    pub fn config(&self) -> &LmConfig {
        &self.config
    }

    /// Numbers that training set.
    pub fn parameters(&self) -> u64 {
        ((self.inputs.rows() + self.nodes.rows()) * self.config.dimension) as u64
    }

    /// The mean of the vectors of the last words; zero where there are none.
    fn hidden(&self, context: &[TokenId]) -> Vec<f32> {
        let mut hidden = vec![0.0; self.config.dimension];
        let before = &context[context.len().saturating_sub(self.config.window)..];
        for &token in before {
            let vector = self.inputs.row(token as usize);
            hidden
                .iter_mut()
                .zip(vector)
                .for_each(|(sum, number)| *sum += number);
        }
        let number = before.len().max(1) as f32;
        hidden.iter_mut().for_each(|sum| *sum /= number);
        hidden
    }

    /// The product with an inner node.
    fn product(&self, hidden: &[f32], node: u32) -> f64 {
        dot(hidden, self.nodes.row(node as usize))
    }

    fn log_prob(&self, context: &[TokenId], token: TokenId) -> f64 {
        let hidden = self.hidden(context);
        let path = self.tree.path(token);
        let turns = path.nodes.iter().zip(&path.turns);
        turns
            .map(|(&node, &turn)| tree::ln_turn(self.product(&hidden, node), turn))
            .sum()
    }

    /// Writes the model into a folder.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] when the disk refuses.
    pub fn save(&self, folder: &Path, vocab_checksum: &str) -> Result<()> {
        let bytes = |matrix: &Matrix| -> Vec<u8> {
            let rows = (0..matrix.rows()).flat_map(|row| matrix.row(row));
            rows.flat_map(|number| number.to_le_bytes()).collect()
        };
        let counts: Vec<u8> = self
            .tree
            .counts
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        let (inputs, nodes) = (bytes(&self.inputs), bytes(&self.nodes));
        let shape = |matrix: &Matrix| vec![matrix.rows(), self.config.dimension];
        let path = folder.join(WEIGHTS);
        let corrupt =
            |error: safetensors::SafeTensorError| harness::Error::corrupt(&path, error.to_string());
        let view = |dtype, shape, bytes| TensorView::new(dtype, shape, bytes).map_err(corrupt);
        let tensors = [
            (
                "counts",
                view(Dtype::U64, vec![self.tree.counts.len()], &counts)?,
            ),
            ("inputs", view(Dtype::F32, shape(&self.inputs), &inputs)?),
            ("nodes", view(Dtype::F32, shape(&self.nodes), &nodes)?),
        ];
        let file =
            safetensors::serialize(tensors, None::<HashMap<String, String>>).map_err(corrupt)?;
        corpus::write_atomically(&path, &file).map_err(harness::Error::from)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: ERA.to_owned(),
            variant: LM_VARIANT.to_owned(),
            vocab_checksum: vocab_checksum.to_owned(),
            vocab_size: self.vocab_size(),
            parameters: self.parameters(),
            config: toml::Table::try_from(&self.config).map_err(corrupt)?,
            training: harness::TrainingTotals::default(),
            ancestry: Vec::new(),
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a model.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a file is missing, cut short or contradicts another, [`harness::Error::Setting`] for an
    /// impossible config.
    pub fn open(folder: &Path) -> Result<CbowLm> {
        let card = ModelCard::open(folder)?;
        let path = folder.join(WEIGHTS);
        let corrupt = |what: String| harness::Error::corrupt(&path, what);
        let config: LmConfig = card.settings(folder)?;
        config.validate()?;
        let file = std::fs::read(&path).map_err(harness::Error::io("read", &path))?;
        let tensors =
            SafeTensors::deserialize(&file).map_err(|error| corrupt(error.to_string()))?;
        let tensor = |name: &str, dtype: Dtype, shape: &[usize]| {
            let tensor = tensors
                .tensor(name)
                .map_err(|error| corrupt(error.to_string()))?;
            match tensor.dtype() == dtype && tensor.shape() == shape {
                true => Ok(tensor.data()),
                false => Err(corrupt(format!(
                    "{name} is {:?} of {:?}, expected {dtype:?} of {shape:?}; train the model again",
                    tensor.dtype(),
                    tensor.shape()
                ))),
            }
        };
        let (vocab, dimension) = (card.vocab_size, config.dimension);
        if vocab < 2 {
            return Err(corrupt(format!("a vocabulary of {vocab}")).into());
        }
        let counts = tensor("counts", Dtype::U64, &[vocab])?.as_chunks::<8>().0;
        let counts: Vec<u64> = counts
            .iter()
            .map(|&bytes| u64::from_le_bytes(bytes))
            .collect();
        // The tree joins sums of counts; those of a text can be added up, or its paths would be as long as the vocabulary.
        let total = counts
            .iter()
            .try_fold(0_u64, |sum, count| sum.checked_add(*count));
        if total
            .and_then(|total| total.checked_add(vocab as u64))
            .is_none()
        {
            return Err(
                corrupt("counts that no text has; train the model again".to_owned()).into(),
            );
        }
        let matrix = |bytes: &[u8], rows: usize| {
            let mut matrix = Matrix::zeros(rows, dimension);
            let numbers = bytes.as_chunks::<4>().0;
            for (row, numbers) in numbers.chunks_exact(dimension).enumerate() {
                let row = matrix.row_mut(row).iter_mut();
                row.zip(numbers)
                    .for_each(|(to, &from)| *to = f32::from_le_bytes(from));
            }
            matrix
        };
        let model = CbowLm {
            tree: Tree::new(counts),
            inputs: matrix(tensor("inputs", Dtype::F32, &[vocab, dimension])?, vocab),
            nodes: matrix(
                tensor("nodes", Dtype::F32, &[vocab - 1, dimension])?,
                vocab - 1,
            ),
            config,
        };
        match model.inputs.is_finite() && model.nodes.is_finite() {
            true => Ok(model),
            false => {
                Err(corrupt("a number is not finite; train the model again".to_owned()).into())
            }
        }
    }
}

/// Sixteen sums at a time, so that compilers can work on many numbers at once.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_lanes.iter().zip(b_lanes) {
        for at in 0..LANES {
            sums[at] += a[at] * b[at];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    f64::from(sums.iter().sum::<f32>() + rest)
}

impl LanguageModel for CbowLm {
    fn vocab_size(&self) -> usize {
        self.inputs.rows()
    }

    fn precision(&self) -> Precision {
        Precision::Neural
    }

    fn score(&self, tokens: &[TokenId]) -> harness::Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), tokens)?;
        let mut log_probs = vec![0.0; tokens.len()];
        let stretches = log_probs.par_chunks_mut(STRETCH).enumerate();
        stretches.for_each(|(number, log_probs)| {
            for (at, log_prob) in (number * STRETCH..).zip(log_probs) {
                *log_prob = self.log_prob(&tokens[..at], tokens[at]);
            }
        });
        Ok(log_probs)
    }

    fn next(&self, context: &[TokenId]) -> harness::Result<Vec<f64>> {
        check_ids(ERA, self.vocab_size(), context)?;
        let hidden = self.hidden(context);
        let products: Vec<f64> = (0..self.nodes.rows() as u32)
            .into_par_iter()
            .with_min_len(STRETCH)
            .map(|node| self.product(&hidden, node))
            .collect();
        Ok(self.tree.distribution(&products))
    }
}

impl Generator for CbowLm {}

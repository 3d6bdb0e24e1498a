//! CBOW as a language model: the preceding words predict the next one with hierarchical softmax.
//!
//! Hierarchical softmax is a normalised distribution: the probabilities of the two branches at each inner node sum to 1, so those
//! of all leaves do, too. The result is a very simple neural language model: a mean of vectors, without a hidden layer and
//! without word order.

mod config;
mod huffman_tree;
mod train;

use std::collections::HashMap;
use std::path::Path;

use corpus::{TokenId, Vocab};
use harness::{Generator, LanguageModel, MODEL_FORMAT, ModelCard, Precision, Vectors, check_ids};
use rayon::prelude::*;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

pub use config::{LmConfig, PRESETS as LM_PRESETS};

use crate::ERA;
use crate::error::Result;
use crate::matrix::Matrix;
use huffman_tree::HuffmanTree;

/// A trained model.
#[derive(Debug)]
pub struct CbowLm {
    config: LmConfig,
    tree: HuffmanTree,
    /// A vector for each token: `[vocab, D]`.
    inputs: Matrix,
    /// A vector for each inner node: `[vocab - 1, D]`.
    nodes: Matrix,
}

/// The variant of the language model.
pub const LM_VARIANT: &str = "cbow-lm";
const WEIGHTS: &str = "weights.safetensors";
/// Tokens that one thread scores at a time.
const CHUNK: usize = 4096;

impl CbowLm {
    /// The settings.
    pub fn config(&self) -> &LmConfig {
        &self.config
    }

    /// Number of trained parameters.
    pub fn parameters(&self) -> u64 {
        ((self.inputs.rows() + self.nodes.rows()) * self.config.dimension) as u64
    }

    /// The vectors of the words, which predict the word after them. The line end and tokens that hold white space have none.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a vector is not finite.
    pub fn vectors(&self, vocab: &Vocab) -> Result<Vectors> {
        let has_vector = |id: usize, token: &str| {
            id != vocab.eos() as usize
                && !token.is_empty()
                && !token.contains(|letter: char| letter.is_ascii_whitespace())
        };
        let (mut words, mut values) = (Vec::new(), Vec::new());
        for (id, token) in (0..self.inputs.rows()).zip(vocab.tokens()) {
            if has_vector(id, token) {
                words.push(token.to_owned());
                values.extend_from_slice(self.inputs.row(id));
            }
        }
        Ok(Vectors::new(words, self.config.dimension, values)?)
    }

    /// The mean of the vectors of the preceding words, `[D]`; zero if there are none.
    fn hidden(&self, context: &[TokenId]) -> Vec<f32> {
        let mut hidden = vec![0.0; self.config.dimension];
        let preceding = &context[context.len().saturating_sub(self.config.window)..];
        for &token in preceding {
            let vector = self.inputs.row(token as usize);
            hidden
                .iter_mut()
                .zip(vector)
                .for_each(|(sum, number)| *sum += number);
        }
        let number = preceding.len().max(1) as f32;
        hidden.iter_mut().for_each(|sum| *sum /= number);
        hidden
    }

    /// The dot product with the vector of an inner node.
    fn product(&self, hidden: &[f32], node: u32) -> f64 {
        dot(hidden, self.nodes.row(node as usize))
    }

    fn log_prob(&self, context: &[TokenId], token: TokenId) -> f64 {
        let hidden = self.hidden(context);
        let path = self.tree.path(token);
        let code = path.nodes.iter().zip(&path.code);
        code.map(|(&node, &bit)| huffman_tree::log_branch_prob(self.product(&hidden, node), bit))
            .sum()
    }

    /// Saves the model in a folder.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if writing fails.
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
            borrowed_ideas: Vec::new(),
            test_evaluations: None,
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a saved model.
    ///
    /// # Errors
    /// [`crate::Error::Harness`] if a file is missing, truncated or contradicts another, [`harness::Error::Setting`] if a setting
    /// is out of bounds.
    pub fn open(folder: &Path) -> Result<CbowLm> {
        let card = ModelCard::open(folder)?;
        let path = folder.join(WEIGHTS);
        let corrupt = |what: String| harness::Error::corrupt(&path, what);
        let config: LmConfig = card.settings(folder)?;
        config.validate()?;
        let file = card.read_file(folder, WEIGHTS)?;
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
        // The tree adds counts. Sums that overflow cannot come from a text and would make paths as long as the vocabulary.
        let total = counts
            .iter()
            .try_fold(0_u64, |sum, count| sum.checked_add(*count));
        if total
            .and_then(|total| total.checked_add(vocab as u64))
            .is_none()
        {
            return Err(
                corrupt("impossible counts of tokens; train the model again".to_owned()).into(),
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
            tree: HuffmanTree::new(counts),
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

/// The dot product, with sixteen partial sums that compilers can vectorise.
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
        let chunks = log_probs.par_chunks_mut(CHUNK).enumerate();
        chunks.for_each(|(number, log_probs)| {
            for (at, log_prob) in (number * CHUNK..).zip(log_probs) {
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
            .with_min_len(CHUNK)
            .map(|node| self.product(&hidden, node))
            .collect();
        Ok(self.tree.distribution(&products))
    }
}

impl Generator for CbowLm {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_the_vector_of_its_token() {
        let vocab = Vocab::new(["the", "<eos>", "cat", "a b"].into_iter()).unwrap();
        let mut inputs = Matrix::zeros(4, 2);
        for id in 0..4 {
            inputs.row_mut(id).copy_from_slice(&[1.0, id as f32]);
        }
        let model = CbowLm {
            config: LmConfig {
                dimension: 2,
                ..LmConfig::default()
            },
            tree: HuffmanTree::new(vec![4, 3, 2, 1]),
            nodes: Matrix::zeros(3, 2),
            inputs,
        };
        let vectors = model.vectors(&vocab).unwrap();
        assert_eq!(vectors.words(), ["the", "cat"]);
        let nearest = vectors.analogous(&["the"], &[], 1).unwrap();
        // The cosine of (1, 0) and (1, 2).
        assert!(nearest[0].0 == "cat" && (nearest[0].1 - 0.2_f32.sqrt()).abs() < 1e-6);
    }
}

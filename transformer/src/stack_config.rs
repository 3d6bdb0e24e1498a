//! Configuration of a stack of layers.

use harness::{Check, require};
use neural::Init;
use serde::{Deserialize, Serialize};

/// Sizes and variants of a stack of layers; the paper's letters are those of its table 3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct StackConfig {
    /// d_model.
    pub(crate) d_model: usize,
    /// N.
    pub(crate) num_layers: usize,
    /// h.
    pub(crate) num_heads: usize,
    /// d_k; 0: d_model / h.
    pub(crate) d_k: usize,
    /// d_ff.
    pub(crate) d_ff: usize,
    pub(crate) positions: Positions,
    pub(crate) mixed_keys: bool,
    pub(crate) norm: Norm,
    pub(crate) activation: Activation,
    /// P_drop.
    pub(crate) dropout: f64,
}

/// Positional encoding (section 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Positions {
    /// A learned vector for each position.
    Learned,
    /// Sinusoids of wavelengths from 2 pi to 10000 * 2 pi, as in the paper.
    Sinusoidal,
    /// Rotary: queries and keys are rotated by angles proportional to their position, so that their product depends on the
    /// distance (Su et al. 2021).
    Rotary,
}

/// Position of layer normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// Pre-norm: x + Sublayer(LayerNorm(x)).
    Pre,
    /// Post-norm, as in the paper: LayerNorm(x + Sublayer(x)).
    Post,
}

/// Activation function of the feed-forward network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(0, x), as in the paper.
    Relu,
    /// x Phi(x) with the normal distribution function Phi (Hendrycks and Gimpel 2016).
    Gelu,
}

impl StackConfig {
    /// h d_k, the size of the keys of all heads.
    pub(crate) fn key_size(&self) -> usize {
        match self.d_k {
            0 => self.d_model,
            d_k => self.num_heads * d_k,
        }
    }

    /// Whether the stack begins like GPT-2 (Radford et al. 2019): with a narrow normal distribution, and embeddings that are not
    /// scaled. Sinusoids have length sqrt(d_model / 2), beside which such embeddings would be too short to be seen.
    pub(crate) fn begins_like_gpt2(&self) -> bool {
        self.norm == Norm::Pre && self.positions == Positions::Learned
    }

    /// Initialisation of matrices: Xavier as in the paper's code, or as in GPT-2.
    pub(crate) fn init(&self) -> Init {
        match self.begins_like_gpt2() {
            true => Init::Normal(0.02),
            false => Init::Xavier,
        }
    }

    /// Initialisation of matrices that write to the residual stream: smaller with more layers (Radford et al. 2019).
    pub(crate) fn residual_init(&self) -> Init {
        match self.init() {
            Init::Normal(deviation) => {
                Init::Normal(deviation / (2.0 * self.num_layers as f64).sqrt())
            }
            init => init,
        }
    }

    /// Initialisation of embeddings.
    pub(crate) fn embedding_init(&self) -> Init {
        match self.begins_like_gpt2() {
            true => Init::Normal(0.02),
            // The factor sqrt(d_model) scales it to 1.
            false => Init::Normal((self.d_model as f64).powf(-0.5)),
        }
    }

    /// Parameters per position that take part in matrix products, except those of cross-attention.
    pub(crate) fn matmul_parameters(&self) -> usize {
        let attention = 2 * self.d_model * self.key_size() + 2 * self.d_model * self.d_model;
        self.num_layers * (attention + 2 * self.d_model * self.d_ff)
    }

    pub(crate) fn validate(&self) -> harness::Result<()> {
        let heads = self.num_heads.max(1);
        require(&[
            Check::size("d_model", self.d_model),
            Check::size("num_layers", self.num_layers),
            Check::size("num_heads", self.num_heads),
            Check::size("d_ff", self.d_ff),
            Check::new(
                self.d_k <= 1 << 16,
                "d_k",
                self.d_k,
                "must be at most 65536",
            ),
            Check::new(
                self.d_model.is_multiple_of(heads),
                "num_heads",
                self.num_heads,
                "must divide d_model",
            ),
            Check::new(
                self.positions != Positions::Sinusoidal || self.d_model.is_multiple_of(2),
                "d_model",
                self.d_model,
                "must be even for positions = \"sinusoidal\"",
            ),
            Check::new(
                self.positions != Positions::Rotary || self.key_size().is_multiple_of(2 * heads),
                "num_heads",
                self.num_heads,
                "must divide d_model into even parts for positions = \"rotary\"",
            ),
            Check::share("dropout", self.dropout),
        ])
    }
}

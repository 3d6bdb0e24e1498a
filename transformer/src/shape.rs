//! What a stack of layers is like.

use harness::{Check, require};
use neural::Init;
use serde::{Deserialize, Serialize};

/// What a stack of layers is like, as settings say; the paper's letters stand in its table 3.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shape {
    /// d_model.
    pub(crate) width: usize,
    /// N.
    pub(crate) layers: usize,
    /// h.
    pub(crate) heads: usize,
    /// d_k; 0: d_model / h.
    pub(crate) key_width: usize,
    /// d_ff.
    pub(crate) feed_forward: usize,
    pub(crate) positions: Positions,
    pub(crate) mixed_keys: bool,
    pub(crate) norm: Norm,
    pub(crate) activation: Activation,
    /// P_drop.
    pub(crate) dropout: f64,
}

/// How places are told apart (section 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Positions {
    /// A vector for each place is learnt.
    Learned,
    /// Sines and cosines of wavelengths from 2 pi to 10000 * 2 pi.
    Sinusoidal,
    /// Queries and keys are turned by angles that grow with the place, so that a product of the two knows their distance
    /// (Su et al. 2021).
    Rotary,
}

/// Where layers normalise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Norm {
    /// What they read: x + Sublayer(LayerNorm(x)).
    Pre,
    /// What they write, as in the paper: LayerNorm(x + Sublayer(x)).
    Post,
}

/// The function between the two layers of a place's own network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// max(0, x), as in the paper.
    Relu,
    /// x times the share of a normal distribution that is below x.
    Gelu,
}

impl Shape {
    /// h d_k, the numbers of the keys of all heads.
    pub(crate) fn keys(&self) -> usize {
        match self.key_width {
            0 => self.width,
            key_width => self.heads * key_width,
        }
    }

    /// Where matrices begin: the paper's code draws from Glorot and Bengio's distribution, its descendants from a narrow
    /// normal one.
    pub(crate) fn init(&self) -> Init {
        match self.norm {
            Norm::Pre => Init::Normal(0.02),
            Norm::Post => Init::Xavier,
        }
    }

    /// The same for what is added to the stream of all layers: the more layers add, the smaller it begins (Radford et al.
    /// 2019).
    pub(crate) fn residual_init(&self) -> Init {
        match self.init() {
            Init::Normal(deviation) => Init::Normal(deviation / (2.0 * self.layers as f64).sqrt()),
            init => init,
        }
    }

    /// Where embeddings begin.
    pub(crate) fn embedding_init(&self) -> Init {
        match self.norm {
            Norm::Pre => Init::Normal(0.02),
            // What sqrt(d_model) brings to 1.
            Norm::Post => Init::Normal((self.width as f64).powf(-0.5)),
        }
    }

    /// Numbers that each place is multiplied with in self-attention and the network of its own.
    pub(crate) fn multiplying(&self) -> usize {
        let attention = 2 * self.width * self.keys() + 2 * self.width * self.width;
        self.layers * (attention + 2 * self.width * self.feed_forward)
    }

    pub(crate) fn validate(&self) -> harness::Result<()> {
        let heads = self.heads.max(1);
        require(&[
            Check::size("width", self.width),
            Check::size("layers", self.layers),
            Check::size("heads", self.heads),
            Check::size("feed_forward", self.feed_forward),
            Check::new(
                self.key_width <= 1 << 16,
                "key_width",
                self.key_width,
                "must be at most 65536",
            ),
            Check::new(
                self.width.is_multiple_of(heads),
                "heads",
                self.heads,
                "must divide the width",
            ),
            Check::new(
                self.positions != Positions::Sinusoidal || self.width.is_multiple_of(2),
                "width",
                self.width,
                "must be even for positions = \"sinusoidal\"",
            ),
            Check::new(
                self.positions != Positions::Rotary || self.keys().is_multiple_of(2 * heads),
                "heads",
                self.heads,
                "must divide the width into even parts for positions = \"rotary\"",
            ),
            Check::share("dropout", self.dropout),
        ])
    }
}

//! Additive attention (Bahdanau, Cho, Bengio: *Neural Machine Translation by Jointly Learning to Align and Translate*, 2015,
//! section 3.1).
//!
//! ```text
//! e_ij = v . tanh(W s_{i-1} + U h_j)      alpha_i = softmax(e_i)      c_i = sum_j alpha_ij h_j
//! ```

use neural::{Init, Layout, Linear, ParameterId, Weights};
use tch::{Kind, Tensor};

/// The parameters of attention; all sizes are H.
#[derive(Debug)]
pub(crate) struct Attention {
    /// U, with a bias.
    key: Linear,
    /// W: [H, H].
    query: ParameterId,
    /// v: [H].
    score: ParameterId,
}

/// The encoder's outputs for sources of one length.
#[derive(Debug)]
pub(crate) struct EncoderOutputs {
    /// h_j: [batch, source_time, H].
    states: Tensor,
    /// U h_j: [batch, source_time, H].
    keys: Tensor,
}

impl Attention {
    pub(crate) fn new(layout: &mut Layout, hidden_size: i64, init: Init) -> Attention {
        Attention {
            key: Linear::new(layout, "attention.key", hidden_size, hidden_size, init),
            query: layout.add("attention.query", &[hidden_size, hidden_size], init),
            score: layout.add("attention.score", &[hidden_size], init),
        }
    }

    /// Computes the keys once per source, of states [batch, source_time, H].
    pub(crate) fn prepare(&self, weights: &Weights, states: Tensor) -> EncoderOutputs {
        let keys = self.key.forward(weights, &states);
        EncoderOutputs { states, keys }
    }

    /// The context c_i, [batch, H], for the state s_{i-1} of the decoder's top layer, [batch, H].
    pub(crate) fn context(
        &self,
        weights: &Weights,
        outputs: &EncoderOutputs,
        state: &Tensor,
    ) -> Tensor {
        let query = state.matmul(&weights[self.query].tr()).unsqueeze(1); // [batch, 1, H]
        let scores = (&outputs.keys + query)
            .tanh()
            .matmul(&weights[self.score].unsqueeze(1)); // [batch, source_time, 1]
        let alpha = scores.softmax(1, Kind::Float).to_kind(scores.kind());
        alpha.transpose(1, 2).matmul(&outputs.states).squeeze_dim(1)
    }
}

impl EncoderOutputs {
    /// Reorders rows: row i becomes the former row `rows[i]`.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        self.states = self.states.index_select(0, rows);
        self.keys = self.keys.index_select(0, rows);
    }
}

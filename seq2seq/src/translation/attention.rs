//! Attention: before each word the decoder looks back at what the encoder wrote of every source word (Bahdanau, Cho,
//! Bengio: *Neural Machine Translation by Jointly Learning to Align and Translate*, 2015, section 3.1).
//!
//! ```text
//! e_ij = v . tanh(W s_{i-1} + U h_j)      alpha_i = softmax(e_i)      c_i = sum_j alpha_ij h_j
//! ```

use neural::{Init, Layout, Linear, ParameterId, Weights};
use tch::{Kind, Tensor};

/// Where its parameters are. All widths are H, the cells of a layer.
#[derive(Debug)]
pub(crate) struct Attention {
    /// U, and a bias.
    by_source: Linear,
    /// W: [H, H].
    by_state: ParameterId,
    /// v: [H].
    score: ParameterId,
}

/// What the encoder wrote of some sources of one length.
#[derive(Debug)]
pub(crate) struct Written {
    /// h_j: [batch, source_time, H].
    states: Tensor,
    /// U h_j, the same.
    keys: Tensor,
}

impl Attention {
    pub(crate) fn new(layout: &mut Layout, hidden: i64, init: Init) -> Attention {
        Attention {
            by_source: Linear::new(layout, "attention.by_source", hidden, hidden, init),
            by_state: layout.add("attention.by_state", &[hidden, hidden], init),
            score: layout.add("attention.score", &[hidden], init),
        }
    }

    /// What can be computed before the first word is written, of states [batch, source_time, H].
    pub(crate) fn prepare(&self, weights: &Weights, states: Tensor) -> Written {
        let keys = self.by_source.apply(weights, &states);
        Written { states, keys }
    }

    /// c_i, what the decoder sees when its highest layer is at s_{i-1}, [batch, H]: the same.
    pub(crate) fn look(&self, weights: &Weights, written: &Written, highest: &Tensor) -> Tensor {
        let query = highest.matmul(&weights[self.by_state].tr()).unsqueeze(1);
        let scores = (&written.keys + query)
            .tanh()
            .matmul(&weights[self.score].unsqueeze(1));
        let shares = scores.softmax(1, Kind::Float).to_kind(scores.kind());
        shares
            .transpose(1, 2)
            .matmul(&written.states)
            .squeeze_dim(1)
    }
}

impl Written {
    /// From now on row i is what row `rows[i]` was.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        self.states = self.states.index_select(0, rows);
        self.keys = self.keys.index_select(0, rows);
    }
}

//! Token embeddings and positions (sections 3.4 and 3.5).

use neural::{Dropout, Layout, Mode, ParameterId, Weights};
use tch::Tensor;

use crate::forward_context::{AttentionMask, ForwardContext};
use crate::positions::{Rotation, sinusoids};
use crate::stack_config::{Positions, StackConfig};

/// The input layer of a stack.
#[derive(Debug)]
pub(crate) struct Embedding {
    /// [V, D].
    pub(crate) table: ParameterId,
    /// [positions, D], with learned positions.
    positions: Option<ParameterId>,
    config: StackConfig,
}

impl Embedding {
    /// With an embedding table that has already been declared, and up to `max_positions` positions.
    pub(crate) fn new(
        layout: &mut Layout,
        table: ParameterId,
        (positions, max_positions): (&str, usize),
        config: StackConfig,
    ) -> Embedding {
        let size = [max_positions as i64, config.d_model as i64];
        let positions = (config.positions == Positions::Learned)
            .then(|| layout.add(positions, &size, config.embedding_init()));
        Embedding {
            table,
            positions,
            config,
        }
    }

    /// The context of a forward pass over `time` tokens, the first of which is at position `start`.
    pub(crate) fn context<'a>(
        &self,
        weights: &'a Weights,
        (start, time): (i64, i64),
        mask: AttentionMask,
        mode: Mode,
    ) -> ForwardContext<'a> {
        let table = &weights[self.table];
        let depth = (self.config.key_size() / self.config.num_heads) as i64;
        let rotation = (self.config.positions == Positions::Rotary)
            .then(|| Rotation::new((start, time), depth, (table.kind(), table.device())));
        ForwardContext {
            weights,
            mode,
            rotation,
            mask,
        }
    }

    /// Embeds tokens, the first of which is at position `start`.
    ///
    /// # Shapes
    /// `[batch, time]` to `[batch, time, D]`.
    pub(crate) fn forward(
        &self,
        context: &ForwardContext<'_>,
        tokens: &Tensor,
        start: i64,
    ) -> Tensor {
        let (weights, time) = (context.weights, tokens.size()[1]);
        let d_model = self.config.d_model;
        let rows = weights.embedding(self.table, tokens);
        let x = match self.config.begins_like_gpt2() {
            true => rows,
            false => rows * (d_model as f64).sqrt(),
        };
        let x = match (self.positions, self.config.positions) {
            (Some(positions), _) => x + weights[positions].narrow(0, start, time),
            (None, Positions::Rotary) => x,
            (None, _) => {
                let encoding = sinusoids(start, time, d_model as i64, x.device());
                &x + encoding.to_kind(x.kind())
            }
        };
        let dropout = Dropout {
            rate: self.config.dropout,
        };
        dropout.forward(x, context.mode)
    }
}

/// Declares an embedding table for `vocab_size` words.
pub(crate) fn table(
    layout: &mut Layout,
    name: &str,
    vocab_size: usize,
    config: &StackConfig,
) -> ParameterId {
    let shape = [vocab_size as i64, config.d_model as i64];
    layout.add(name, &shape, config.embedding_init())
}

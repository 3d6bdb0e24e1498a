//! Words and places as vectors (sections 3.4 and 3.5).

use neural::{Init, Layout, ParameterId, Weights, dropout};
use tch::Tensor;

use crate::attention::Sight;
use crate::block::Pass;
use crate::positions::{Rotation, sinusoids};
use crate::shape::{Norm, Positions, Shape};

/// Where the vectors of words, and of places where they are learnt, are.
#[derive(Debug)]
pub(crate) struct Embedding {
    /// [V, D].
    pub(crate) table: ParameterId,
    /// [places, D].
    positions: Option<ParameterId>,
    shape: Shape,
}

impl Embedding {
    /// Of words whose vectors are a table that is there already, at up to so many places.
    pub(crate) fn new(
        layout: &mut Layout,
        table: ParameterId,
        (positions, places): (&str, usize),
        shape: Shape,
    ) -> Embedding {
        let size = [places as i64, shape.width as i64];
        let positions = (shape.positions == Positions::Learned)
            .then(|| layout.add(positions, &size, shape.embedding_init()));
        Embedding {
            table,
            positions,
            shape,
        }
    }

    /// What layers need to know to read `time` tokens, the first of which is at place `from`.
    pub(crate) fn pass<'a>(
        &self,
        weights: &'a Weights,
        (from, time): (i64, i64),
        sight: Sight,
        train: bool,
    ) -> Pass<'a> {
        let table = &weights[self.table];
        let depth = (self.shape.keys() / self.shape.heads) as i64;
        let rotation = (self.shape.positions == Positions::Rotary)
            .then(|| Rotation::new((from, time), depth, (table.kind(), table.device())));
        Pass {
            weights,
            train,
            rotation,
            sight,
        }
    }

    /// Vectors of tokens [batch, time], the first of which is at place `from`: [batch, time, D].
    pub(crate) fn apply(&self, pass: &Pass<'_>, tokens: &Tensor, from: i64) -> Tensor {
        let (weights, time) = (pass.weights, tokens.size()[1]);
        let rows = weights.rows(self.table, tokens);
        let x = match self.shape.norm {
            Norm::Pre => rows,
            Norm::Post => rows * (self.shape.width as f64).sqrt(),
        };
        let x = match (self.positions, self.shape.positions) {
            (Some(positions), _) => x + weights[positions].narrow(0, from, time),
            (None, Positions::Rotary) => x,
            (None, _) => {
                let waves = sinusoids(from, time, self.shape.width as i64, x.device());
                &x + waves.to_kind(x.kind())
            }
        };
        match pass.train && self.shape.dropout > 0.0 {
            true => dropout(&x, self.shape.dropout),
            false => x,
        }
    }
}

/// A table of vectors for so many words.
pub(crate) fn table(layout: &mut Layout, name: &str, words: usize, shape: &Shape) -> ParameterId {
    let init: Init = shape.embedding_init();
    layout.add(name, &[words as i64, shape.width as i64], init)
}

//! Parameters as a model reads them during a forward pass.

use std::cell::RefCell;
use std::ops::Index;

use tch::Tensor;

use crate::layout::ParameterId;

/// The parameter tensors of a model, indexed by [`ParameterId`].
#[derive(Debug)]
pub struct Weights {
    pub(crate) tensors: Vec<Tensor>,
    /// Embedding lookups of this forward pass, whose gradients are sparse.
    pub(crate) lookups: RefCell<Vec<Lookup>>,
}

/// One embedding lookup.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) id: ParameterId,
    pub(crate) rows: Tensor,
    pub(crate) output: Tensor,
}

impl Weights {
    pub(crate) fn new(tensors: Vec<Tensor>) -> Weights {
        Weights {
            tensors,
            lookups: RefCell::default(),
        }
    }

    /// Embedding lookup with a sparse gradient: only the rows that were read receive one.
    ///
    /// # Shapes
    /// Table `[N, D]`, `rows` `[...]`; output `[..., D]`.
    pub fn embedding(&self, id: ParameterId, rows: &Tensor) -> Tensor {
        let table = &self[id];
        let look_up = || Tensor::embedding(table, rows, -1, false, false);
        if !table.requires_grad() {
            return look_up();
        }
        let output = tch::no_grad(look_up).set_requires_grad(true);
        self.lookups.borrow_mut().push(Lookup {
            id,
            rows: rows.shallow_clone(),
            output: output.shallow_clone(),
        });
        output
    }
}

impl Index<ParameterId> for Weights {
    type Output = Tensor;

    fn index(&self, id: ParameterId) -> &Tensor {
        &self.tensors[id.0]
    }
}

//! Attention: each place looks at others and takes what fits (section 3.2).

use neural::{Init, Layout, Linear, Weights};
use tch::{Kind, Tensor};

use crate::block::Pass;
use crate::cache::Cache;
use crate::mixture::Mixture;
use crate::shape::Shape;

/// What places may look at.
#[derive(Debug)]
pub(crate) enum Sight {
    /// At themselves and at those before them.
    Before,
    /// At all.
    All,
    /// At those that hold a token: bool, [batch, 1, 1, time].
    Filled(Tensor),
}

/// Places up to which the products of all heads are made at once and kept. libtorch's fused attention keeps nothing, but
/// makes products one head of one row at a time, and those of short sentences are too small for that.
const SHORT: i64 = 64;

/// softmax(Q K^T / sqrt(d_k)) V of all heads (equation 1): of [batch, heads, time, D / heads] each, [batch, time, D].
fn attend([queries, keys, values]: [&Tensor; 3], sight: &Sight) -> Tensor {
    let (time, looked_at) = (queries.size()[2], keys.size()[2]);
    let seen = match queries.device().is_cuda() || time.max(looked_at) > SHORT {
        true => fused([queries, keys, values], sight),
        false => shares(queries, keys, sight).matmul(values),
    };
    seen.transpose(1, 2).flatten(2, -1)
}

/// What libtorch makes of it.
fn fused([queries, keys, values]: [&Tensor; 3], sight: &Sight) -> Tensor {
    let filled = match sight {
        Sight::Filled(filled) => Some(filled),
        Sight::Before | Sight::All => None,
    };
    let looks_back = matches!(sight, Sight::Before);
    Tensor::scaled_dot_product_attention(
        queries, keys, values, filled, 0.0, looks_back, None, false,
    )
}

/// How much each place looks at each other, softmax(Q K^T / sqrt(d_k)): [batch, heads, time, time looked at].
fn shares(queries: &Tensor, keys: &Tensor, sight: &Sight) -> Tensor {
    let (size, depth) = (queries.size(), queries.size()[3] as f64);
    let products = (queries / depth.sqrt()).matmul(&keys.transpose(-2, -1));
    let hidden = match sight {
        Sight::All => None,
        Sight::Filled(filled) => Some(filled.logical_not()),
        Sight::Before => {
            Some(Tensor::ones([size[2], size[2]], (Kind::Bool, queries.device())).triu(1))
        }
    };
    let products = match hidden {
        Some(hidden) => products.masked_fill(&hidden, f64::NEG_INFINITY),
        None => products,
    };
    products.softmax(-1, products.kind())
}

/// [batch, time, all] as [batch, heads, time, all / heads].
fn divide(x: &Tensor, heads: i64) -> Tensor {
    let (batch, time, all) = x.size3().expect("[batch, time, all]");
    x.view([batch, time, heads, all / heads]).transpose(1, 2)
}

/// Multi-head attention of a text to itself (sections 3.2.2 and 3.2.3).
#[derive(Debug)]
pub(crate) struct SelfAttention {
    /// W_Q, W_K and W_V of all heads, one after the other: D to 2 h d_k + D.
    projections: Linear,
    /// W_O: D to D.
    output: Linear,
    /// For mixed_keys = true.
    mixture: Option<Mixture>,
    /// h d_k.
    keys: i64,
    heads: i64,
}

/// A layer from D to `outputs` numbers.
fn linear(layout: &mut Layout, name: String, shape: &Shape, outputs: usize, init: Init) -> Linear {
    Linear::new(layout, &name, shape.width as i64, outputs as i64, init)
}

impl SelfAttention {
    pub(crate) fn new(layout: &mut Layout, name: &str, shape: &Shape) -> SelfAttention {
        let part = |part: &str| format!("{name}.{part}");
        let all = 2 * shape.keys() + shape.width;
        let projections = linear(layout, part("projections"), shape, all, shape.init());
        let init = shape.residual_init();
        let output = linear(layout, part("output"), shape, shape.width, init);
        let mixture = shape
            .mixed_keys
            .then(|| Mixture::new(layout, &part("mixture"), shape.keys() as i64));
        SelfAttention {
            projections,
            output,
            mixture,
            keys: shape.keys() as i64,
            heads: shape.heads as i64,
        }
    }

    /// Queries, keys and values of [batch, time, D], each [batch, heads, time, d_k or D / heads]; `last` as in
    /// [`Mixture::apply`].
    fn project(
        &self,
        pass: &Pass<'_>,
        x: &Tensor,
        last: Option<&mut Option<Tensor>>,
    ) -> [Tensor; 3] {
        let width = x.size()[2];
        let all = self.projections.apply(pass.weights, x);
        // Cut once: of three cuts, each would have a gradient as large as all together.
        let parts = all.split_with_sizes([self.keys, self.keys, width], 2);
        let [queries, keys, values] = [&parts[0], &parts[1], &parts[2]];
        let mixed = self
            .mixture
            .as_ref()
            .map(|mixture| mixture.apply(pass.weights, keys, last));
        let keys = mixed.as_ref().unwrap_or(keys);
        let [queries, keys, values] = [queries, keys, values].map(|part| divide(part, self.heads));
        match &pass.rotation {
            None => [queries, keys, values],
            Some(rotation) => [rotation.apply(&queries), rotation.apply(&keys), values],
        }
    }

    /// [batch, time, D] to the same. With a cache, `x` follows what the cache holds, one place at a time.
    pub(crate) fn apply(
        &self,
        pass: &Pass<'_>,
        x: &Tensor,
        mut cache: Option<&mut Cache>,
    ) -> Tensor {
        let last = cache.as_mut().map(|cache| &mut cache.last);
        let [queries, keys, values] = self.project(pass, x, last);
        // One new place may look at everything; several that begin a text look back only.
        let sight = match &cache {
            Some(cache) if cache.length > 0 => &Sight::All,
            _ => &pass.sight,
        };
        let (keys, values) = match cache {
            None => (keys, values),
            Some(cache) => cache.append(&keys, &values),
        };
        let seen = attend([&queries, &keys, &values], sight);
        self.output.apply(pass.weights, &seen)
    }

    /// How much each place looks at each other: [batch, heads, time, time].
    pub(crate) fn pattern(&self, pass: &Pass<'_>, x: &Tensor) -> Tensor {
        let [queries, keys, _] = self.project(pass, x, None);
        shares(&queries, &keys, &pass.sight)
    }
}

/// Multi-head attention of a text to another that was read before (section 3.2.3, the first kind).
#[derive(Debug)]
pub(crate) struct CrossAttention {
    /// W_Q: D to h d_k.
    queries: Linear,
    /// W_K and W_V: D to h d_k + D.
    memory: Linear,
    /// W_O: D to D.
    output: Linear,
    /// h d_k.
    keys: i64,
    heads: i64,
}

/// What cross-attention of one layer looks at.
#[derive(Debug)]
pub(crate) struct Memory {
    /// [batch, heads, time, d_k].
    keys: Tensor,
    /// [batch, heads, time, D / heads].
    values: Tensor,
}

impl CrossAttention {
    pub(crate) fn new(layout: &mut Layout, name: &str, shape: &Shape) -> CrossAttention {
        let part = |part: &str| format!("{name}.{part}");
        let init = shape.init();
        CrossAttention {
            queries: linear(layout, part("queries"), shape, shape.keys(), init),
            memory: linear(
                layout,
                part("memory"),
                shape,
                shape.keys() + shape.width,
                init,
            ),
            output: linear(
                layout,
                part("output"),
                shape,
                shape.width,
                shape.residual_init(),
            ),
            keys: shape.keys() as i64,
            heads: shape.heads as i64,
        }
    }

    /// What can be computed before the first place looks, of [batch, time, D] that was read.
    pub(crate) fn prepare(&self, weights: &Weights, read: &Tensor) -> Memory {
        let width = read.size()[2];
        let both = self.memory.apply(weights, read);
        Memory {
            keys: divide(&both.narrow(2, 0, self.keys), self.heads),
            values: divide(&both.narrow(2, self.keys, width), self.heads),
        }
    }

    fn project(&self, weights: &Weights, x: &Tensor) -> Tensor {
        divide(&self.queries.apply(weights, x), self.heads)
    }

    /// [batch, time, D] to the same.
    pub(crate) fn apply(
        &self,
        weights: &Weights,
        x: &Tensor,
        memory: &Memory,
        sight: &Sight,
    ) -> Tensor {
        let queries = self.project(weights, x);
        let seen = attend([&queries, &memory.keys, &memory.values], sight);
        self.output.apply(weights, &seen)
    }

    /// How much each place looks at each that was read: [batch, heads, time, time read].
    pub(crate) fn pattern(
        &self,
        weights: &Weights,
        x: &Tensor,
        memory: &Memory,
        sight: &Sight,
    ) -> Tensor {
        shares(&self.project(weights, x), &memory.keys, sight)
    }
}

impl Memory {
    /// From now on row i is what row `rows[i]` was.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        self.keys = self.keys.index_select(0, rows);
        self.values = self.values.index_select(0, rows);
    }
}

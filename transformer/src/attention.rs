//! Attention: each place looks at all places before it and takes what fits (section 3.2).

use neural::{Init, Layout, Weights};
use tch::{Kind, Tensor};

use crate::block::Linear;
use crate::config::Config;

/// Multi-head self-attention, causal (sections 3.2.2 and 3.2.3).
#[derive(Debug)]
pub(crate) struct Attention {
    /// W_Q, W_K and W_V of all heads, one after the other: D to 3 D.
    projections: Linear,
    /// W_O: D to D.
    output: Linear,
    heads: i64,
}

/// Keys and values of what was read so far, each [batch, heads, length, D / heads].
#[derive(Debug, Default)]
pub(crate) struct Cache(Option<(Tensor, Tensor)>);

impl Cache {
    /// Adds keys and values; returns all of them.
    fn append(&mut self, keys: Tensor, values: Tensor) -> (Tensor, Tensor) {
        let all = match self.0.take() {
            None => (keys, values),
            Some((old_keys, old_values)) => (
                Tensor::cat(&[old_keys, keys], 2),
                Tensor::cat(&[old_values, values], 2),
            ),
        };
        self.0 = Some((all.0.shallow_clone(), all.1.shallow_clone()));
        all
    }

    /// From now on row i is what row `rows[i]` was.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        if let Some((keys, values)) = &mut self.0 {
            *keys = keys.index_select(0, rows);
            *values = values.index_select(0, rows);
        }
    }
}

impl Attention {
    pub(crate) fn new(
        layout: &mut Layout,
        name: &str,
        config: &Config,
        residual: Init,
    ) -> Attention {
        let width = config.width as i64;
        let projections = Linear::new(
            layout,
            &format!("{name}.projections"),
            width,
            3 * width,
            config.init(),
        );
        let output = Linear::new(layout, &format!("{name}.output"), width, width, residual);
        Attention {
            projections,
            output,
            heads: config.heads as i64,
        }
    }

    /// Queries, keys and values of [batch, length, D], each [batch, heads, length, D / heads].
    fn project(&self, weights: &Weights, x: &Tensor) -> [Tensor; 3] {
        let (batch, length, width) = x.size3().expect("[batch, length, D]");
        let all = self.projections.apply(weights, x);
        let parts = all.view([batch, length, 3, self.heads, width / self.heads]);
        // [3, batch, heads, length, D / heads]
        let parts = parts.permute([2, 0, 3, 1, 4]);
        [0, 1, 2].map(|part| parts.select(0, part))
    }

    /// [batch, length, D] to the same. With a cache, `x` follows what the cache holds, one place at a time.
    pub(crate) fn apply(&self, weights: &Weights, x: &Tensor, cache: Option<&mut Cache>) -> Tensor {
        let [queries, keys, values] = self.project(weights, x);
        let follows = cache.as_ref().is_some_and(|cache| cache.0.is_some());
        let (keys, values) = match cache {
            None => (keys, values),
            Some(cache) => cache.append(keys, values),
        };
        // One new place may look at everything; several that begin a text look back only.
        let seen = Tensor::scaled_dot_product_attention(
            &queries,
            &keys,
            &values,
            None::<&Tensor>,
            0.0,
            !follows,
            None,
            false,
        );
        let joined = seen.transpose(1, 2).reshape(x.size());
        self.output.apply(weights, &joined)
    }

    /// How much each place looks at each other, softmax(Q K^T / sqrt(d_k)): [batch, heads, length, length].
    pub(crate) fn pattern(&self, weights: &Weights, x: &Tensor) -> Tensor {
        let [queries, keys, _] = self.project(weights, x);
        let (length, depth) = (x.size()[1], queries.size()[3] as f64);
        let products = queries.matmul(&keys.transpose(-2, -1)) / depth.sqrt();
        let later = Tensor::ones([length, length], (Kind::Bool, x.device())).triu(1);
        products
            .masked_fill(&later, f64::NEG_INFINITY)
            .softmax(-1, Kind::Float)
    }
}

//! Attention: each place looks at all places before it and takes what fits (section 3.2).

use neural::{Init, Layout, Linear, Weights};
use tch::{Kind, Tensor};

use crate::block::Pass;
use crate::config::Config;
use crate::positions::Rotation;

/// Multi-head self-attention, causal (sections 3.2.2 and 3.2.3).
#[derive(Debug)]
pub(crate) struct Attention {
    /// W_Q, W_K and W_V of all heads, one after the other: D to 3 D.
    projections: Linear,
    /// W_O: D to D.
    output: Linear,
    heads: i64,
}

/// Keys and values of what was read so far.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    /// Each [batch, heads, room, D / heads], of which the first `length` places are filled; none before the first token.
    kept: Option<(Tensor, Tensor)>,
    length: i64,
}

/// Places that a cache has room for at first; when they are full, it gets twice as many.
const ROOM: i64 = 64;

impl Cache {
    /// Adds keys and values, each [batch, heads, new, D / heads]; returns all of them.
    fn append(&mut self, keys: &Tensor, values: &Tensor) -> (Tensor, Tensor) {
        let (from, length) = (self.length, self.length + keys.size()[2]);
        let room = self.kept.as_ref().map_or(0, |kept| kept.0.size()[2]);
        if length > room {
            let room = length.max(2 * room).max(ROOM);
            let (old_keys, old_values) = match self.kept.take() {
                None => (None, None),
                Some((keys, values)) => (Some(keys), Some(values)),
            };
            let wider = |old: Option<Tensor>, like: &Tensor| {
                let (batch, heads, _, depth) = like.size4().expect("[batch, heads, new, depth]");
                let wide =
                    like.new_empty([batch, heads, room, depth], (like.kind(), like.device()));
                if let Some(old) = old {
                    wide.narrow(2, 0, from).copy_(&old.narrow(2, 0, from));
                }
                wide
            };
            self.kept = Some((wider(old_keys, keys), wider(old_values, values)));
        }
        self.length = length;
        let (all_keys, all_values) = self.kept.as_ref().expect("room was made above");
        let fill = |all: &Tensor, new: &Tensor| {
            all.narrow(2, from, length - from).copy_(new);
            all.narrow(2, 0, length)
        };
        (fill(all_keys, keys), fill(all_values, values))
    }

    /// From now on row i is what row `rows[i]` was.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        if let Some((keys, values)) = &mut self.kept {
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
    fn project(&self, weights: &Weights, x: &Tensor, rotation: Option<&Rotation>) -> [Tensor; 3] {
        let (batch, length, width) = x.size3().expect("[batch, length, D]");
        let all = self.projections.apply(weights, x);
        let parts = all.view([batch, length, 3, self.heads, width / self.heads]);
        // [3, batch, heads, length, D / heads]
        let parts = parts.permute([2, 0, 3, 1, 4]);
        let part = |at| parts.select(0, at);
        match rotation {
            None => [0, 1, 2].map(part),
            Some(rotation) => {
                let turned = rotation.apply(&parts.narrow(0, 0, 2));
                [turned.select(0, 0), turned.select(0, 1), part(2)]
            }
        }
    }

    /// [batch, length, D] to the same. With a cache, `x` follows what the cache holds, one place at a time.
    pub(crate) fn apply(&self, pass: &Pass<'_>, x: &Tensor, cache: Option<&mut Cache>) -> Tensor {
        let [queries, keys, values] = self.project(pass.weights, x, pass.rotation.as_ref());
        let follows = cache.as_ref().is_some_and(|cache| cache.length > 0);
        let (keys, values) = match cache {
            None => (keys, values),
            Some(cache) => cache.append(&keys, &values),
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
        self.output.apply(pass.weights, &joined)
    }

    /// How much each place looks at each other, softmax(Q K^T / sqrt(d_k)): [batch, heads, length, length].
    pub(crate) fn pattern(&self, pass: &Pass<'_>, x: &Tensor) -> Tensor {
        let [queries, keys, _] = self.project(pass.weights, x, pass.rotation.as_ref());
        let (length, depth) = (x.size()[1], queries.size()[3] as f64);
        let products = queries.matmul(&keys.transpose(-2, -1)) / depth.sqrt();
        let later = Tensor::ones([length, length], (Kind::Bool, x.device())).triu(1);
        products
            .masked_fill(&later, f64::NEG_INFINITY)
            .softmax(-1, Kind::Float)
    }
}

//! Multi-head attention (section 3.2).

use neural::{Init, Layout, Linear, Weights};
use tch::{Kind, Tensor};

use crate::forward_context::{AttentionMask, ForwardContext};
use crate::key_mixing::KeyMixing;
use crate::kv_cache::KvCache;
use crate::stack_config::StackConfig;

/// Up to this length, the products of all heads are computed at once on the CPU: libtorch's fused attention saves memory, but
/// computes one head of one row at a time there, which is slow for short sequences.
const SHORT: i64 = 64;

/// softmax(Q K^T / sqrt(d_k)) V of all heads (equation 1).
///
/// # Shapes
/// Q, K and V `[batch, heads, time, D / heads]`; output `[batch, time, D]`.
fn attend([queries, keys, values]: [&Tensor; 3], mask: &AttentionMask) -> Tensor {
    let (time, key_time) = (queries.size()[2], keys.size()[2]);
    let output = match queries.device().is_cuda() || time.max(key_time) > SHORT {
        true => fused([queries, keys, values], mask),
        false => attention_weights(queries, keys, mask).matmul(values),
    };
    output.transpose(1, 2).flatten(2, -1)
}

/// The same with libtorch's fused kernel.
fn fused([queries, keys, values]: [&Tensor; 3], mask: &AttentionMask) -> Tensor {
    let padding = match mask {
        AttentionMask::Padding(padding) => Some(padding),
        AttentionMask::Causal | AttentionMask::None => None,
    };
    let is_causal = matches!(mask, AttentionMask::Causal);
    Tensor::scaled_dot_product_attention(
        queries, keys, values, padding, 0.0, is_causal, None, false,
    )
}

/// Attention weights softmax(Q K^T / sqrt(d_k)): [batch, heads, time, key_time].
fn attention_weights(queries: &Tensor, keys: &Tensor, mask: &AttentionMask) -> Tensor {
    let (size, depth) = (queries.size(), queries.size()[3] as f64);
    let scores = (queries / depth.sqrt()).matmul(&keys.transpose(-2, -1));
    let masked = match mask {
        AttentionMask::None => None,
        AttentionMask::Padding(padding) => Some(padding.logical_not()),
        AttentionMask::Causal => {
            Some(Tensor::ones([size[2], size[2]], (Kind::Bool, queries.device())).triu(1))
        }
    };
    let scores = match masked {
        Some(masked) => scores.masked_fill(&masked, f64::NEG_INFINITY),
        None => scores,
    };
    scores.softmax(-1, scores.kind())
}

/// [batch, time, D] to [batch, heads, time, D / heads].
fn split_heads(x: &Tensor, num_heads: i64) -> Tensor {
    let (batch, time, all) = x.size3().expect("[batch, time, D]");
    x.view([batch, time, num_heads, all / num_heads])
        .transpose(1, 2)
}

/// A linear layer from d_model to `outputs` numbers.
fn linear(
    layout: &mut Layout,
    name: String,
    config: &StackConfig,
    outputs: usize,
    init: Init,
) -> Linear {
    Linear::new(layout, &name, config.d_model as i64, outputs as i64, init)
}

/// Multi-head self-attention (sections 3.2.2 and 3.2.3).
#[derive(Debug)]
pub(crate) struct SelfAttention {
    /// W_Q, W_K and W_V of all heads, concatenated: D to 2 h d_k + D.
    in_proj: Linear,
    /// W_O: D to D.
    out_proj: Linear,
    /// With `mixed_keys`.
    key_mixing: Option<KeyMixing>,
    /// h d_k.
    key_size: i64,
    num_heads: i64,
}

impl SelfAttention {
    pub(crate) fn new(layout: &mut Layout, name: &str, config: &StackConfig) -> SelfAttention {
        let part = |part: &str| format!("{name}.{part}");
        let all = 2 * config.key_size() + config.d_model;
        let in_proj = linear(layout, part("in_proj"), config, all, config.init());
        let init = config.residual_init();
        let out_proj = linear(layout, part("out_proj"), config, config.d_model, init);
        let key_size = config.key_size() as i64;
        let key_mixing = config
            .mixed_keys
            .then(|| KeyMixing::new(layout, &part("key_mixing"), key_size));
        SelfAttention {
            in_proj,
            out_proj,
            key_mixing,
            key_size,
            num_heads: config.num_heads as i64,
        }
    }

    /// Queries, keys and values; `last` is the state of [`KeyMixing::forward`].
    ///
    /// # Shapes
    /// `[batch, time, D]` to `[batch, heads, time, d_k]`, twice, and `[batch, heads, time, D / heads]`.
    fn project(
        &self,
        context: &ForwardContext<'_>,
        x: &Tensor,
        last: Option<&mut Option<Tensor>>,
    ) -> [Tensor; 3] {
        let d_model = x.size()[2];
        let all = self.in_proj.forward(context.weights, x);
        // One split, because each of three `narrow` calls would have a gradient as large as the whole projection.
        let parts = all.split_with_sizes([self.key_size, self.key_size, d_model], 2);
        let [queries, keys, values] = [&parts[0], &parts[1], &parts[2]];
        let mixed = self
            .key_mixing
            .as_ref()
            .map(|mixing| mixing.forward(context.weights, keys, last));
        let keys = mixed.as_ref().unwrap_or(keys);
        let [queries, keys, values] =
            [queries, keys, values].map(|part| split_heads(part, self.num_heads));
        match &context.rotation {
            None => [queries, keys, values],
            Some(rotation) => [rotation.apply(&queries), rotation.apply(&keys), values],
        }
    }

    /// With a cache, `x` continues the cached sequence, one position at a time.
    ///
    /// # Shapes
    /// `[batch, time, D]` to the same.
    pub(crate) fn forward(
        &self,
        context: &ForwardContext<'_>,
        x: &Tensor,
        mut cache: Option<&mut KvCache>,
    ) -> Tensor {
        let last = cache.as_mut().map(|cache| &mut cache.last_key);
        let [queries, keys, values] = self.project(context, x, last);
        // A single new position may attend to the whole cache; the first block of positions needs the causal mask.
        let mask = match &cache {
            Some(cache) if cache.length > 0 => &AttentionMask::None,
            _ => &context.mask,
        };
        let (keys, values) = match cache {
            None => (keys, values),
            Some(cache) => cache.append(&keys, &values),
        };
        let output = attend([&queries, &keys, &values], mask);
        self.out_proj.forward(context.weights, &output)
    }

    /// Attention weights: [batch, heads, time, time].
    pub(crate) fn weights(&self, context: &ForwardContext<'_>, x: &Tensor) -> Tensor {
        let [queries, keys, _] = self.project(context, x, None);
        attention_weights(&queries, &keys, &context.mask)
    }
}

/// Multi-head attention of decoder positions to the encoder's output (section 3.2.3).
#[derive(Debug)]
pub(crate) struct CrossAttention {
    /// W_Q: D to h d_k.
    q_proj: Linear,
    /// W_K and W_V: D to h d_k + D.
    kv_proj: Linear,
    /// W_O: D to D.
    out_proj: Linear,
    /// h d_k.
    key_size: i64,
    num_heads: i64,
}

/// Keys and values of the encoder's output for one decoder layer.
#[derive(Debug)]
pub(crate) struct EncodedSource {
    /// [batch, heads, source_time, d_k].
    keys: Tensor,
    /// [batch, heads, source_time, D / heads].
    values: Tensor,
}

impl CrossAttention {
    pub(crate) fn new(layout: &mut Layout, name: &str, config: &StackConfig) -> CrossAttention {
        let part = |part: &str| format!("{name}.{part}");
        let (init, residual_init) = (config.init(), config.residual_init());
        let (key_size, d_model) = (config.key_size(), config.d_model);
        CrossAttention {
            q_proj: linear(layout, part("q_proj"), config, key_size, init),
            kv_proj: linear(layout, part("kv_proj"), config, key_size + d_model, init),
            out_proj: linear(layout, part("out_proj"), config, d_model, residual_init),
            key_size: key_size as i64,
            num_heads: config.num_heads as i64,
        }
    }

    /// Keys and values of the encoder's output, computed once per source.
    ///
    /// # Shapes
    /// `[batch, source_time, D]` to the shapes of [`EncodedSource`].
    pub(crate) fn prepare(&self, weights: &Weights, encoded: &Tensor) -> EncodedSource {
        let d_model = encoded.size()[2];
        let both = self.kv_proj.forward(weights, encoded);
        let values = both.narrow(2, self.key_size, d_model);
        EncodedSource {
            keys: split_heads(&both.narrow(2, 0, self.key_size), self.num_heads),
            values: split_heads(&values, self.num_heads),
        }
    }

    fn queries(&self, weights: &Weights, x: &Tensor) -> Tensor {
        split_heads(&self.q_proj.forward(weights, x), self.num_heads)
    }

    /// # Shapes
    /// `[batch, time, D]` to the same.
    pub(crate) fn forward(
        &self,
        weights: &Weights,
        x: &Tensor,
        source: &EncodedSource,
        mask: &AttentionMask,
    ) -> Tensor {
        let queries = self.queries(weights, x);
        let output = attend([&queries, &source.keys, &source.values], mask);
        self.out_proj.forward(weights, &output)
    }

    /// Attention weights: [batch, heads, time, source_time].
    pub(crate) fn weights(
        &self,
        weights: &Weights,
        x: &Tensor,
        source: &EncodedSource,
        mask: &AttentionMask,
    ) -> Tensor {
        attention_weights(&self.queries(weights, x), &source.keys, mask)
    }
}

impl EncodedSource {
    /// Reorders rows: row i becomes the former row `rows[i]`.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        self.keys = self.keys.index_select(0, rows);
        self.values = self.values.index_select(0, rows);
    }
}

//! A layer: attention and a position-wise feed-forward network, each with a residual connection (section 3.1).

use neural::{Dropout, Init, Layout, Linear, ParameterId, Weights};
use tch::Tensor;

use crate::attention::{CrossAttention, EncodedSource, SelfAttention};
use crate::forward_context::{AttentionMask, ForwardContext};
use crate::kv_cache::KvCache;
use crate::stack_config::{Activation, Norm, StackConfig};

/// Layer normalisation (Ba et al. 2016).
#[derive(Debug)]
pub(crate) struct LayerNorm {
    /// [D].
    weight: ParameterId,
    /// [D].
    bias: ParameterId,
    d_model: i64,
}

impl LayerNorm {
    pub(crate) fn new(layout: &mut Layout, name: &str, d_model: i64) -> LayerNorm {
        LayerNorm {
            weight: layout.add(format!("{name}.weight"), &[d_model], Init::Constant(1.0)),
            bias: layout.add(format!("{name}.bias"), &[d_model], Init::Zeros),
            d_model,
        }
    }

    pub(crate) fn forward(&self, weights: &Weights, x: &Tensor) -> Tensor {
        const EPSILON: f64 = 1e-5;
        let (weight, bias) = (&weights[self.weight], &weights[self.bias]);
        x.layer_norm([self.d_model], Some(weight), Some(bias), EPSILON, true)
    }
}

/// FFN(x) = f(x W1 + b1) W2 + b2 (equation 2).
#[derive(Debug)]
pub(crate) struct FeedForward {
    linear1: Linear,
    linear2: Linear,
    activation: Activation,
}

impl FeedForward {
    fn new(layout: &mut Layout, name: &str, config: &StackConfig) -> FeedForward {
        let (d_model, d_ff) = (config.d_model as i64, config.d_ff as i64);
        let names = ["linear1", "linear2"].map(|part| format!("{name}.{part}"));
        FeedForward {
            linear1: Linear::new(layout, &names[0], d_model, d_ff, config.init()),
            linear2: Linear::new(layout, &names[1], d_ff, d_model, config.residual_init()),
            activation: config.activation,
        }
    }

    fn forward(&self, weights: &Weights, x: &Tensor) -> Tensor {
        let inner = self.linear1.forward(weights, x); // [batch, time, d_ff]
        let inner = match self.activation {
            Activation::Relu => inner.relu(),
            Activation::Gelu => inner.gelu("none"),
        };
        self.linear2.forward(weights, &inner)
    }
}

/// One of the N layers of an encoder or a decoder.
#[derive(Debug)]
pub(crate) struct Block {
    attention: SelfAttention,
    attention_norm: LayerNorm,
    /// In the decoder of a translator.
    cross: Option<(CrossAttention, LayerNorm)>,
    feed_forward: FeedForward,
    feed_forward_norm: LayerNorm,
    norm: Norm,
    dropout: Dropout,
}

/// The sub-layers of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// Self-attention and feed-forward network.
    SelfAttention,
    /// Self-attention, cross-attention and feed-forward network.
    CrossAttention,
}

/// The encoded source of a cross-attention, and its mask.
pub(crate) type Source<'a> = Option<(&'a EncodedSource, &'a AttentionMask)>;

impl Block {
    pub(crate) fn new(
        layout: &mut Layout,
        name: &str,
        config: &StackConfig,
        kind: BlockKind,
    ) -> Block {
        let d_model = config.d_model as i64;
        let part = |part: &str| format!("{name}.{part}");
        let attention_norm = LayerNorm::new(layout, &part("attention_norm"), d_model);
        let attention = SelfAttention::new(layout, &part("attention"), config);
        let cross = (kind == BlockKind::CrossAttention).then(|| {
            let norm = LayerNorm::new(layout, &part("cross_norm"), d_model);
            (CrossAttention::new(layout, &part("cross"), config), norm)
        });
        Block {
            attention_norm,
            attention,
            cross,
            feed_forward_norm: LayerNorm::new(layout, &part("feed_forward_norm"), d_model),
            feed_forward: FeedForward::new(layout, &part("feed_forward"), config),
            norm: config.norm,
            dropout: Dropout {
                rate: config.dropout,
            },
        }
    }

    /// Keys and values of the encoder's output [batch, source_time, D]; `None` without cross-attention.
    pub(crate) fn prepare(&self, weights: &Weights, encoded: &Tensor) -> Option<EncodedSource> {
        let (cross, _) = self.cross.as_ref()?;
        Some(cross.prepare(weights, encoded))
    }

    /// A sub-layer with dropout, residual connection and normalisation, before it or after it.
    fn residual(
        &self,
        context: &ForwardContext<'_>,
        norm: &LayerNorm,
        x: &Tensor,
        sublayer: impl FnOnce(&Tensor) -> Tensor,
    ) -> Tensor {
        let drop = |x: Tensor| self.dropout.forward(x, context.mode);
        match self.norm {
            Norm::Pre => x + drop(sublayer(&norm.forward(context.weights, x))),
            Norm::Post => norm.forward(context.weights, &(x + drop(sublayer(x)))),
        }
    }

    /// # Shapes
    /// `[batch, time, D]` to the same.
    pub(crate) fn forward(
        &self,
        context: &ForwardContext<'_>,
        x: &Tensor,
        cache: Option<&mut KvCache>,
        source: Source<'_>,
    ) -> Tensor {
        let x = self.residual(context, &self.attention_norm, x, |x| {
            self.attention.forward(context, x, cache)
        });
        let x = match (&self.cross, source) {
            (Some((cross, norm)), Some((source, mask))) => self.residual(context, norm, &x, |x| {
                cross.forward(context.weights, x, source, mask)
            }),
            _ => x,
        };
        self.residual(context, &self.feed_forward_norm, &x, |x| {
            self.feed_forward.forward(context.weights, x)
        })
    }

    /// Weights of self-attention and of cross-attention, each [batch, heads, time, key_time].
    pub(crate) fn attention_weights(
        &self,
        context: &ForwardContext<'_>,
        x: &Tensor,
        source: Source<'_>,
    ) -> (Tensor, Option<Tensor>) {
        let input = |norm: &LayerNorm, x: &Tensor| match self.norm {
            Norm::Pre => norm.forward(context.weights, x),
            Norm::Post => x.shallow_clone(),
        };
        let own = self
            .attention
            .weights(context, &input(&self.attention_norm, x));
        let (Some((cross, norm)), Some((source, mask))) = (&self.cross, source) else {
            return (own, None);
        };
        let x = self.residual(context, &self.attention_norm, x, |x| {
            self.attention.forward(context, x, None)
        });
        let across = cross.weights(context.weights, &input(norm, &x), source, mask);
        (own, Some(across))
    }
}

//! A layer: attention, then a network for each place, each added to what it read (section 3.1).

use neural::{Init, Layout, Linear, ParameterId, Weights, dropout};
use tch::Tensor;

use crate::attention::{CrossAttention, Memory, SelfAttention, Sight};
use crate::cache::Cache;
use crate::positions::Rotation;
use crate::shape::{Activation, Norm, Shape};

/// What all layers need to know of a way through the network.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    pub(crate) weights: &'a Weights,
    /// Whether numbers are dropped out.
    pub(crate) train: bool,
    /// For positions = "rotary".
    pub(crate) rotation: Option<Rotation>,
    /// What places of the text may look at.
    pub(crate) sight: Sight,
}

/// Layer normalisation (Ba et al. 2016).
#[derive(Debug)]
pub(crate) struct LayerNorm {
    /// [D].
    scale: ParameterId,
    /// [D].
    shift: ParameterId,
    width: i64,
}

impl LayerNorm {
    pub(crate) fn new(layout: &mut Layout, name: &str, width: i64) -> LayerNorm {
        LayerNorm {
            scale: layout.add(format!("{name}.scale"), &[width], Init::Constant(1.0)),
            shift: layout.add(format!("{name}.shift"), &[width], Init::Zeros),
            width,
        }
    }

    pub(crate) fn apply(&self, weights: &Weights, x: &Tensor) -> Tensor {
        const EPSILON: f64 = 1e-5;
        let (scale, shift) = (&weights[self.scale], &weights[self.shift]);
        x.layer_norm([self.width], Some(scale), Some(shift), EPSILON, true)
    }
}

/// FFN(x) = f(x W1 + b1) W2 + b2 (section 3.3).
#[derive(Debug)]
pub(crate) struct FeedForward {
    inner: Linear,
    outer: Linear,
    activation: Activation,
}

impl FeedForward {
    fn new(layout: &mut Layout, name: &str, shape: &Shape) -> FeedForward {
        let (width, inner) = (shape.width as i64, shape.feed_forward as i64);
        let names = ["inner", "outer"].map(|part| format!("{name}.{part}"));
        FeedForward {
            inner: Linear::new(layout, &names[0], width, inner, shape.init()),
            outer: Linear::new(layout, &names[1], inner, width, shape.residual_init()),
            activation: shape.activation,
        }
    }

    fn apply(&self, weights: &Weights, x: &Tensor) -> Tensor {
        let inner = self.inner.apply(weights, x);
        let inner = match self.activation {
            Activation::Relu => inner.relu(),
            Activation::Gelu => inner.gelu("none"),
        };
        self.outer.apply(weights, &inner)
    }
}

/// One of the N layers, of an encoder or of a decoder.
#[derive(Debug)]
pub(crate) struct Block {
    attention: SelfAttention,
    attention_norm: LayerNorm,
    /// In decoders that have something to look at.
    cross: Option<(CrossAttention, LayerNorm)>,
    feed_forward: FeedForward,
    feed_forward_norm: LayerNorm,
    norm: Norm,
    dropout: f64,
}

/// What was read before, as one layer looks at it, and what may be looked at of it.
pub(crate) type Seen<'a> = Option<(&'a Memory, &'a Sight)>;

impl Block {
    /// A layer without, or with, attention to another text.
    pub(crate) fn new(layout: &mut Layout, name: &str, shape: &Shape, crosses: bool) -> Block {
        let width = shape.width as i64;
        let part = |part: &str| format!("{name}.{part}");
        let attention_norm = LayerNorm::new(layout, &part("attention_norm"), width);
        let attention = SelfAttention::new(layout, &part("attention"), shape);
        let cross = crosses.then(|| {
            let norm = LayerNorm::new(layout, &part("cross_norm"), width);
            (CrossAttention::new(layout, &part("cross"), shape), norm)
        });
        Block {
            attention_norm,
            attention,
            cross,
            feed_forward_norm: LayerNorm::new(layout, &part("feed_forward_norm"), width),
            feed_forward: FeedForward::new(layout, &part("feed_forward"), shape),
            norm: shape.norm,
            dropout: shape.dropout,
        }
    }

    /// What the layer looks at of [batch, time, D] that was read before; only of layers that look at something.
    pub(crate) fn prepare(&self, weights: &Weights, read: &Tensor) -> Option<Memory> {
        let (cross, _) = self.cross.as_ref()?;
        Some(cross.prepare(weights, read))
    }

    /// A sub-layer with what belongs around it: normalisation before or after, and what it read added.
    fn around(
        &self,
        pass: &Pass<'_>,
        norm: &LayerNorm,
        x: &Tensor,
        sublayer: impl FnOnce(&Tensor) -> Tensor,
    ) -> Tensor {
        let drop = |x: Tensor| match pass.train && self.dropout > 0.0 {
            true => dropout(&x, self.dropout),
            false => x,
        };
        match self.norm {
            Norm::Pre => x + drop(sublayer(&norm.apply(pass.weights, x))),
            Norm::Post => norm.apply(pass.weights, &(x + drop(sublayer(x)))),
        }
    }

    /// [batch, time, D] to the same.
    pub(crate) fn apply(
        &self,
        pass: &Pass<'_>,
        x: &Tensor,
        cache: Option<&mut Cache>,
        seen: Seen<'_>,
    ) -> Tensor {
        let x = self.around(pass, &self.attention_norm, x, |x| {
            self.attention.apply(pass, x, cache)
        });
        let x = match (&self.cross, seen) {
            (Some((cross, norm)), Some((memory, sight))) => self.around(pass, norm, &x, |x| {
                cross.apply(pass.weights, x, memory, sight)
            }),
            _ => x,
        };
        self.around(pass, &self.feed_forward_norm, &x, |x| {
            self.feed_forward.apply(pass.weights, x)
        })
    }

    /// How the layer looks at the text, and at what was read before: each [batch, heads, time, time looked at].
    pub(crate) fn patterns(
        &self,
        pass: &Pass<'_>,
        x: &Tensor,
        seen: Seen<'_>,
    ) -> (Tensor, Option<Tensor>) {
        let read = |norm: &LayerNorm, x: &Tensor| match self.norm {
            Norm::Pre => norm.apply(pass.weights, x),
            Norm::Post => x.shallow_clone(),
        };
        let own = read(&self.attention_norm, x);
        let pattern = self.attention.pattern(pass, &own);
        let (Some((cross, norm)), Some((memory, sight))) = (&self.cross, seen) else {
            return (pattern, None);
        };
        let x = self.around(pass, &self.attention_norm, x, |x| {
            self.attention.apply(pass, x, None)
        });
        let across = cross.pattern(pass.weights, &read(norm, &x), memory, sight);
        (pattern, Some(across))
    }
}

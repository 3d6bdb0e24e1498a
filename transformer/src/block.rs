//! A layer: attention, then a network for each place, each added to what it read (section 3.1).

use neural::{Init, Layout, Linear, ParameterId, Weights, dropout};
use tch::Tensor;

use crate::attention::{Attention, Cache};
use crate::config::{Activation, Config, Norm};
use crate::positions::Rotation;

/// What all layers need to know of a way through the network.
#[derive(Debug)]
pub(crate) struct Pass<'a> {
    pub(crate) weights: &'a Weights,
    /// Whether numbers are dropped out.
    pub(crate) train: bool,
    /// For positions = "rotary".
    pub(crate) rotation: Option<Rotation>,
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
            scale: layout.add(format!("{name}.scale"), &[width], Init::Ones),
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
    fn new(layout: &mut Layout, name: &str, config: &Config, residual: Init) -> FeedForward {
        let (width, inner) = (config.width as i64, config.feed_forward as i64);
        FeedForward {
            inner: Linear::new(
                layout,
                &format!("{name}.inner"),
                width,
                inner,
                config.init(),
            ),
            outer: Linear::new(layout, &format!("{name}.outer"), inner, width, residual),
            activation: config.activation,
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

/// One of the N layers.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) attention: Attention,
    attention_norm: LayerNorm,
    feed_forward: FeedForward,
    feed_forward_norm: LayerNorm,
    norm: Norm,
    dropout: f64,
}

impl Block {
    pub(crate) fn new(layout: &mut Layout, name: &str, config: &Config) -> Block {
        let width = config.width as i64;
        // What is added to the stream of all layers begins the smaller, the more layers add (Radford et al. 2019).
        let residual = match config.init() {
            Init::Normal(deviation) => {
                Init::Normal(deviation / (2.0 * config.layers as f64).sqrt())
            }
            init => init,
        };
        Block {
            attention_norm: LayerNorm::new(layout, &format!("{name}.attention_norm"), width),
            attention: Attention::new(layout, &format!("{name}.attention"), config, residual),
            feed_forward_norm: LayerNorm::new(layout, &format!("{name}.feed_forward_norm"), width),
            feed_forward: FeedForward::new(
                layout,
                &format!("{name}.feed_forward"),
                config,
                residual,
            ),
            norm: config.norm,
            dropout: config.dropout,
        }
    }

    /// [batch, length, D] to the same.
    pub(crate) fn apply(&self, pass: &Pass<'_>, x: &Tensor, cache: Option<&mut Cache>) -> Tensor {
        let weights = pass.weights;
        let drop = |x: Tensor| match pass.train && self.dropout > 0.0 {
            true => dropout(&x, self.dropout),
            false => x,
        };
        match self.norm {
            Norm::Pre => {
                let read = self.attention_norm.apply(weights, x);
                let x = x + drop(self.attention.apply(pass, &read, cache));
                let read = self.feed_forward_norm.apply(weights, &x);
                &x + drop(self.feed_forward.apply(weights, &read))
            }
            Norm::Post => {
                let x = x + drop(self.attention.apply(pass, x, cache));
                let x = self.attention_norm.apply(weights, &x);
                let x = &x + drop(self.feed_forward.apply(weights, &x));
                self.feed_forward_norm.apply(weights, &x)
            }
        }
    }

    /// What attention reads: see [`Attention::pattern`].
    pub(crate) fn pattern(&self, pass: &Pass<'_>, x: &Tensor) -> Tensor {
        match self.norm {
            Norm::Pre => {
                let read = self.attention_norm.apply(pass.weights, x);
                self.attention.pattern(pass, &read)
            }
            Norm::Post => self.attention.pattern(pass, x),
        }
    }
}

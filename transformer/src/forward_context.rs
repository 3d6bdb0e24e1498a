//! The context that all layers of a stack share during one forward pass.

use neural::{Mode, Weights};
use tch::Tensor;

use crate::positions::Rotation;

/// Which positions a query may attend to.
#[derive(Debug)]
pub(crate) enum AttentionMask {
    /// Its own position and those before it.
    Causal,
    /// All positions.
    None,
    /// Positions that hold a token, not padding: bool, [batch, 1, 1, time].
    Padding(Tensor),
}

/// The context that all layers of a stack share during one forward pass.
#[derive(Debug)]
pub(crate) struct ForwardContext<'a> {
    pub(crate) weights: &'a Weights,
    pub(crate) mode: Mode,
    /// With rotary positions.
    pub(crate) rotation: Option<Rotation>,
    /// The mask of self-attention.
    pub(crate) mask: AttentionMask,
}

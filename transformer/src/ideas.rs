//! Ideas of other papers for any stack of layers.

use harness::BorrowedIdea;

/// The Gaussian error linear unit.
pub(crate) const GELU: BorrowedIdea = BorrowedIdea::new("GELU", "Hendrycks and Gimpel 2016", 2016);
/// Layer normalisation before each sub-layer.
pub(crate) const PRE_NORM: BorrowedIdea =
    BorrowedIdea::new("pre-norm", "Baevski and Auli 2019", 2019);
/// Rotated queries and keys.
pub(crate) const ROTARY: BorrowedIdea =
    BorrowedIdea::new("rotary positions", "Su et al. 2021", 2021);

//! Selection among synonymous wordings.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Wordings of one meaning with their probabilities, the most probable first.
pub(crate) type Wordings<T> = [(T, f64)];

/// Probabilities of two synonyms. A translator that always takes the first is right with the first probability.
pub(crate) const SYNONYM_PROBS: [f64; 2] = [0.7, 0.3];

/// Selects a wording by its probability.
pub(crate) trait WordingSelector {
    fn index(&mut self, probs: &mut dyn Iterator<Item = f64>) -> usize;
}

/// Selects the most probable wording, which gives the best translation.
#[derive(Debug)]
pub(crate) struct MostProbable;

impl WordingSelector for MostProbable {
    fn index(&mut self, _probs: &mut dyn Iterator<Item = f64>) -> usize {
        0
    }
}

impl WordingSelector for ChaCha8Rng {
    fn index(&mut self, probs: &mut dyn Iterator<Item = f64>) -> usize {
        let mut rest: f64 = self.random();
        let mut last = 0;
        for (index, prob) in probs.enumerate() {
            last = index;
            rest -= prob;
            if rest < 0.0 {
                break;
            }
        }
        last
    }
}

/// One of the wordings. The selector is not asked if there is only one.
pub(crate) fn select<'a, T>(
    selector: &mut dyn WordingSelector,
    wordings: &'a Wordings<T>,
) -> &'a T {
    let index = match wordings {
        [_] => 0,
        _ => selector.index(&mut wordings.iter().map(|(_, prob)| *prob)),
    };
    &wordings[index].0
}

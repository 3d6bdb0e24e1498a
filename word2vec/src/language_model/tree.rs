//! The Huffman tree over all tokens, and the distribution that it makes of products.

use corpus::TokenId;

use crate::huffman::{self, Path};

/// A leaf for each token.
#[derive(Debug)]
pub(super) struct Tree {
    /// How often each token occurs in training; those that do not count as 1.
    pub(super) counts: Vec<u64>,
    /// Of each token.
    paths: Vec<Path>,
}

impl Tree {
    pub(super) fn new(counts: Vec<u64>) -> Tree {
        let mut tokens: Vec<usize> = (0..counts.len()).collect();
        tokens.sort_by_key(|&token| std::cmp::Reverse(counts[token].max(1)));
        let sorted: Vec<u64> = tokens.iter().map(|&token| counts[token].max(1)).collect();
        let mut paths = vec![Path::default(); counts.len()];
        for (path, token) in huffman::paths(&sorted).into_iter().zip(tokens) {
            paths[token] = path;
        }
        Tree { counts, paths }
    }

    /// The turns that lead to a token.
    pub(super) fn path(&self, token: TokenId) -> &Path {
        &self.paths[token as usize]
    }

    /// ln p of each token, from the product of each inner node.
    pub(super) fn distribution(&self, products: &[f64]) -> Vec<f64> {
        let turns: Vec<[f64; 2]> = products
            .iter()
            .map(|&product| [ln_turn(product, false), ln_turn(product, true)])
            .collect();
        let leaf = |path: &Path| -> f64 {
            let steps = path.nodes.iter().zip(&path.turns);
            steps
                .map(|(&node, &turn)| turns[node as usize][usize::from(turn)])
                .sum()
        };
        self.paths.iter().map(leaf).collect()
    }
}

/// ln of the probability of a turn: sigma(x) for the first way (turn false), sigma(-x) for the other.
pub(super) fn ln_turn(product: f64, turn: bool) -> f64 {
    let x = if turn { -product } else { product };
    // -ln(1 + e^-x), without overflow.
    match x > 0.0 {
        true => -(-x).exp().ln_1p(),
        false => x - x.exp().ln_1p(),
    }
}

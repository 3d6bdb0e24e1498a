//! The Huffman tree over all tokens, and the distribution of hierarchical softmax.

use corpus::TokenId;

use crate::huffman::{self, HuffmanPath};

/// A Huffman tree with a leaf for each token.
#[derive(Debug)]
pub(super) struct HuffmanTree {
    /// The count of each token in training; the tree uses 1 for tokens that do not occur.
    pub(super) counts: Vec<u64>,
    /// The path of each token.
    paths: Vec<HuffmanPath>,
}

impl HuffmanTree {
    pub(super) fn new(counts: Vec<u64>) -> HuffmanTree {
        let mut tokens: Vec<usize> = (0..counts.len()).collect();
        tokens.sort_by_key(|&token| std::cmp::Reverse(counts[token].max(1)));
        let sorted: Vec<u64> = tokens.iter().map(|&token| counts[token].max(1)).collect();
        let mut paths = vec![HuffmanPath::default(); counts.len()];
        for (path, token) in huffman::paths(&sorted).into_iter().zip(tokens) {
            paths[token] = path;
        }
        HuffmanTree { counts, paths }
    }

    /// The path to a token.
    pub(super) fn path(&self, token: TokenId) -> &HuffmanPath {
        &self.paths[token as usize]
    }

    /// ln p of each token (`[vocab]`), given the dot product of the hidden vector with each inner node (`[vocab - 1]`).
    pub(super) fn distribution(&self, products: &[f64]) -> Vec<f64> {
        let branches: Vec<[f64; 2]> = products
            .iter()
            .map(|&product| {
                [
                    log_branch_prob(product, false),
                    log_branch_prob(product, true),
                ]
            })
            .collect();
        let leaf = |path: &HuffmanPath| -> f64 {
            let steps = path.nodes.iter().zip(&path.code);
            steps
                .map(|(&node, &bit)| branches[node as usize][usize::from(bit)])
                .sum()
        };
        self.paths.iter().map(leaf).collect()
    }
}

/// ln p of a branch: sigma(x) for bit 0, sigma(-x) for bit 1 (2013b, eq. 3).
pub(super) fn log_branch_prob(product: f64, bit: bool) -> f64 {
    let x = if bit { -product } else { product };
    // -ln(1 + e^-x), without overflow.
    match x > 0.0 {
        true => -(-x).exp().ln_1p(),
        false => x - x.exp().ln_1p(),
    }
}

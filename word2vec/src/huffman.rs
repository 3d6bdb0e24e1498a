//! The Huffman tree of hierarchical softmax (2013b, section 2.1).

/// The path from the root to a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HuffmanPath {
    /// The inner nodes n(w, j) from the root on, numbered 0 to V-2; the root is V-2.
    pub(crate) nodes: Vec<u32>,
    /// The Huffman code: the branch taken at each node.
    pub(crate) code: Vec<bool>,
}

/// The path of each word. The algorithm repeatedly merges the two nodes with the smallest counts and requires counts in descending
/// order. The line end comes first regardless of its count, which makes the tree slightly suboptimal, as in the C program.
pub(crate) fn paths(counts: &[u64]) -> Vec<HuffmanPath> {
    let words = counts.len();
    let mut weights = counts.to_vec();
    let mut parents = vec![0_usize; 2 * words - 1];
    let mut code = vec![false; 2 * words - 1];
    // Words are taken from the end and merged nodes from the beginning, both in ascending order of counts.
    let (mut next_word, mut next_node) = (words, words);
    for new_node in words..2 * words - 1 {
        let mut take = |weights: &[u64]| {
            let word_is_smaller = next_word > 0
                && (next_node >= new_node || weights[next_word - 1] < weights[next_node]);
            match word_is_smaller {
                true => next_word -= 1,
                false => next_node += 1,
            }
            if word_is_smaller {
                next_word
            } else {
                next_node - 1
            }
        };
        let (first, second) = (take(&weights), take(&weights));
        weights.push(weights[first] + weights[second]);
        (parents[first], parents[second]) = (new_node, new_node);
        code[second] = true;
    }
    let root = 2 * words - 2;
    let path = |word: usize| {
        let mut path = HuffmanPath::default();
        let mut at = word;
        while at != root {
            path.code.push(code[at]);
            at = parents[at];
            path.nodes.push((at - words) as u32);
        }
        path.nodes.reverse();
        path.code.reverse();
        path
    };
    (0..words).map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn frequent_words_have_short_codes_and_codes_are_prefix_free() {
        let counts: Vec<u64> = (1..200_u64).rev().map(|n| n * n).collect();
        let paths = paths(&counts);
        assert!(
            paths
                .windows(2)
                .all(|pair| pair[0].code.len() <= pair[1].code.len())
        );
        let mut seen = HashSet::new();
        for path in &paths {
            assert_eq!(path.nodes[0] as usize, counts.len() - 2);
            assert_eq!(path.nodes.len(), path.code.len());
            assert!(seen.insert(path.code.clone()));
        }
        for path in &paths {
            assert!((1..path.code.len()).all(|cut| !seen.contains(&path.code[..cut])));
        }
        // Kraft's equality: the tree is full, so the probabilities of the leaves sum to 1.
        let sum: f64 = paths
            .iter()
            .map(|path| 0.5_f64.powi(path.code.len() as i32))
            .sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_mean_length_is_within_a_bit_of_the_entropy() {
        let counts: Vec<u64> = (1..1000_u64).map(|rank| 1_000_000 / rank).collect();
        let total: f64 = counts.iter().map(|&n| n as f64).sum();
        let (mut entropy, mut length) = (0.0, 0.0);
        for (path, &count) in paths(&counts).iter().zip(&counts) {
            let p = count as f64 / total;
            entropy -= p * p.log2();
            length += p * path.code.len() as f64;
        }
        assert!(entropy <= length && length < entropy + 1.0);
    }
}

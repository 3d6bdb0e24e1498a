//! The Huffman tree of hierarchical softmax (2013b, section 2.1).

/// Where a word hangs in the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Path {
    /// Inner nodes from the root on, numbered 0 to V-2; the root is V-2.
    pub(crate) nodes: Vec<u32>,
    /// Which way it goes at each.
    pub(crate) turns: Vec<bool>,
}

/// The path of each word. The two least frequent are joined again and again; counts that fall are all that is asked of
/// the input (the end of lines, which comes first whatever its count, makes the tree a little less than best, as in the C
/// program).
pub(crate) fn paths(counts: &[u64]) -> Vec<Path> {
    let words = counts.len();
    let mut weights = counts.to_vec();
    let mut parents = vec![0_usize; 2 * words - 1];
    let mut turns = vec![false; 2 * words - 1];
    // Words are taken from the end, joined nodes from the beginning: both come in rising order.
    let (mut next_word, mut next_node) = (words, words);
    for made in words..2 * words - 1 {
        let mut take = |weights: &[u64]| {
            let word_is_smaller =
                next_word > 0 && (next_node >= made || weights[next_word - 1] < weights[next_node]);
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
        (parents[first], parents[second]) = (made, made);
        turns[second] = true;
    }
    let root = 2 * words - 2;
    let path = |word: usize| {
        let mut path = Path::default();
        let mut at = word;
        while at != root {
            path.turns.push(turns[at]);
            at = parents[at];
            path.nodes.push((at - words) as u32);
        }
        path.nodes.reverse();
        path.turns.reverse();
        path
    };
    (0..words).map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn frequent_words_have_short_paths_and_no_path_begins_another() {
        let counts: Vec<u64> = (1..200_u64).rev().map(|n| n * n).collect();
        let paths = paths(&counts);
        assert!(
            paths
                .windows(2)
                .all(|pair| pair[0].turns.len() <= pair[1].turns.len())
        );
        let mut seen = HashSet::new();
        for path in &paths {
            assert_eq!(path.nodes[0] as usize, counts.len() - 2);
            assert_eq!(path.nodes.len(), path.turns.len());
            assert!(seen.insert(path.turns.clone()));
        }
        for path in &paths {
            assert!((1..path.turns.len()).all(|cut| !seen.contains(&path.turns[..cut])));
        }
        // Kraft's equality: the tree is full, so that the leaves' probabilities sum to 1.
        let sum: f64 = paths
            .iter()
            .map(|path| 0.5_f64.powi(path.turns.len() as i32))
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
            length += p * path.turns.len() as f64;
        }
        assert!(entropy <= length && length < entropy + 1.0);
    }
}

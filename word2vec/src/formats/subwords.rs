//! Vectors of words made of their character n-grams (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information").

use harness::UnknownWords;

/// Vectors of character n-grams, several of which share a vector by their hash.
#[derive(Debug)]
pub struct Subwords {
    /// Shortest and longest n-gram, in letters.
    pub(super) lengths: (usize, usize),
    /// Whether the line end has n-grams, too.
    pub(super) divides_line_end: bool,
    pub(super) dimension: usize,
    /// One vector for each bucket, [bucket, coordinate].
    pub(super) vectors: Vec<f32>,
}

/// The token at the end of a line. fastText divides it in its oldest models only; gensim divides it in all.
const LINE_END: &str = "</s>";

impl Subwords {
    /// The vector of a known word: the mean of its own vector, which is in `vector`, and those of its n-grams.
    pub(super) fn complete(&self, word: &str, vector: &mut [f32]) {
        let ngrams = self.add_ngrams(word, vector);
        scale(vector, ngrams + 1);
    }

    /// Adds the vectors of all n-grams of a word; returns their number.
    fn add_ngrams(&self, word: &str, sum: &mut [f32]) -> usize {
        let buckets = self.vectors.len() / self.dimension;
        if buckets == 0 || (word == LINE_END && !self.divides_line_end) {
            return 0;
        }
        let marked = format!("<{word}>");
        let mut count = 0;
        for ngram in ngrams(&marked, self.lengths) {
            let bucket = hash(ngram.as_bytes()) as usize % buckets;
            let vector = &self.vectors[bucket * self.dimension..][..self.dimension];
            for (sum, value) in sum.iter_mut().zip(vector) {
                *sum += value;
            }
            count += 1;
        }
        count
    }
}

impl UnknownWords for Subwords {
    /// The mean of the n-grams' vectors; none for a word that is too short to have an n-gram.
    fn vector(&self, word: &str) -> Option<Vec<f32>> {
        let mut vector = vec![0.0; self.dimension];
        match self.add_ngrams(word, &mut vector) {
            0 => None,
            ngrams => {
                scale(&mut vector, ngrams);
                Some(vector)
            }
        }
    }
}

fn scale(vector: &mut [f32], parts: usize) {
    vector.iter_mut().for_each(|value| *value /= parts as f32);
}

/// The n-grams of a word between `<` and `>`, but not these marks alone.
fn ngrams(marked: &str, (shortest, longest): (usize, usize)) -> impl Iterator<Item = &str> {
    marked.char_indices().flat_map(move |(start, _)| {
        let rest = &marked[start..];
        let ends = rest
            .char_indices()
            .map(|(at, letter)| at + letter.len_utf8());
        ends.zip(1..)
            .take_while(move |&(_, length)| length <= longest)
            .filter(move |&(_, length)| length >= shortest)
            .map(move |(end, length)| (&rest[..end], length))
            .filter(move |&(ngram, length)| {
                let at_an_end = start == 0 || start + ngram.len() == marked.len();
                length > 1 || !at_an_end
            })
            .map(|(ngram, _)| ngram)
    })
}

/// FNV-1a of 32 bits as fastText has it: its bytes are signed, so those from 128 on set all higher bits.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(2_166_136_261, |hash: u32, &byte| {
        (hash ^ byte as i8 as u32).wrapping_mul(16_777_619)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_ascii_are_fnv_1a() {
        // The values of the reference implementation of FNV.
        assert_eq!(hash(b""), 0x811C_9DC5);
        assert_eq!(hash(b"a"), 0xE40C_292C);
        assert_eq!(hash(b"foobar"), 0xBF9C_F968);
    }

    #[test]
    fn ngrams_are_letters_not_bytes() {
        let all =
            |word: &str, lengths| ngrams(word, lengths).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(all("<né>", (3, 4)), ["<né", "<né>", "né>"]);
        assert_eq!(all("<né>", (1, 2)), ["<n", "n", "né", "é", "é>"]);
        assert_eq!(all("<>", (1, 6)), ["<>"]);
        assert!(all("<a>", (4, 6)).is_empty());
        assert!(all("<a>", (3, 0)).is_empty());
    }

    #[test]
    fn a_vector_is_the_mean_of_its_ngrams() {
        // One bucket holds all n-grams: <a, a>.
        let mut subwords = Subwords {
            lengths: (2, 2),
            divides_line_end: false,
            dimension: 2,
            vectors: vec![1.0, -2.0],
        };
        assert_eq!(subwords.vector("a"), Some(vec![1.0, -2.0]));
        assert_eq!(subwords.vector(LINE_END), None);
        let mut known = [4.0, 1.0];
        subwords.complete("a", &mut known);
        assert_eq!(known, [2.0, -1.0]);
        let mut line_end = [4.0, 1.0];
        subwords.complete(LINE_END, &mut line_end);
        assert_eq!(line_end, [4.0, 1.0]);
        // Its n-grams: <<, </, /s, s> and >>.
        subwords.divides_line_end = true;
        subwords.complete(LINE_END, &mut line_end);
        assert_eq!(line_end, [9.0 / 6.0, -9.0 / 6.0]);
    }
}

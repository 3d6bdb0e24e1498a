//! Decoding: sampling, greedy decoding and beam search.

use corpus::TokenId;
use harness::{Sampling, sampler};
use tch::Tensor;

use crate::tensors::to_f64s;

/// A model that decodes a batch of sequences token by token, keeping its state between steps.
pub trait IncrementalDecoder {
    /// Feeds one token to each row and returns the log-probabilities of the next one, f32, `[rows, V]`.
    fn step(&mut self, tokens: &[TokenId]) -> Tensor;

    /// Reorders the state: row i becomes the former row `rows[i]`. Rows may be dropped or repeated.
    fn select(&mut self, rows: &[usize]);
}

/// Samples a continuation of each row, or decodes greedily with temperature 0, for `length` tokens or up to and including
/// `stop`. `last` holds the next input token of each row. Rows are sampled independently.
///
/// # Errors
/// [`harness::Error::Setting`] for invalid sampling settings.
pub fn sample(
    model: &mut dyn IncrementalDecoder,
    last: &[TokenId],
    length: usize,
    stop: Option<TokenId>,
    sampling: Sampling,
) -> harness::Result<Vec<Vec<TokenId>>> {
    let seeds = (0..last.len() as u64).map(|row| sampling.seed.wrapping_add(row));
    let samplers = seeds.map(|seed| sampler(Sampling { seed, ..sampling }));
    let mut samplers = samplers.collect::<harness::Result<Vec<_>>>()?;
    let mut written = vec![Vec::new(); last.len()];
    let mut last = last.to_vec();
    // The index of the text that each row of the model belongs to.
    let mut texts: Vec<usize> = (0..last.len()).collect();
    for _ in 0..length {
        let log_probs = to_f64s(&model.step(&last));
        let of_rows = log_probs.chunks(log_probs.len() / texts.len());
        for (row, (&text, log_probs)) in texts.iter().zip(of_rows).enumerate() {
            let token = samplers[text].draw(log_probs);
            written[text].push(token);
            last[row] = token;
        }
        let is_unfinished = |row: &usize| Some(last[*row]) != stop;
        let kept: Vec<usize> = (0..texts.len()).filter(is_unfinished).collect();
        if kept.is_empty() {
            break;
        }
        if kept.len() < texts.len() {
            model.select(&kept);
            texts = kept.iter().map(|&row| texts[row]).collect();
            last = kept.iter().map(|&row| last[row]).collect();
        }
    }
    Ok(written)
}

/// Settings of a beam search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Beam {
    /// Beam width; 1, without length penalty, is greedy decoding.
    pub width: usize,
    /// Alpha: hypotheses are compared by ln p / ((5 + length) / 6)^alpha (Wu et al. 2016, equation 14). 0: no penalty.
    pub length_penalty: f64,
    /// Maximum number of tokens, including the end.
    pub max_length: usize,
}

/// A hypothesis of a beam search.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// Tokens, without the end.
    pub tokens: Vec<TokenId>,
    /// ln p of the tokens, and of the end if it is complete.
    pub log_prob: f64,
    /// ln p after the length penalty, by which hypotheses are ranked.
    pub score: f64,
    /// Whether it ends with the end token.
    pub is_complete: bool,
}

/// The best continuations of each row, at most `width`, ordered by score; incomplete ones come last. `first` holds the next
/// input token of each row; `end` ends a text.
pub fn beam_search(
    model: &mut dyn IncrementalDecoder,
    first: &[TokenId],
    end: TokenId,
    beam: Beam,
) -> Vec<Vec<Hypothesis>> {
    let mut searches: Vec<Search> = first.iter().map(|_| Search::new(beam, end)).collect();
    let mut last = first.to_vec();
    while !last.is_empty() {
        let log_probs = model.step(&last);
        // Enough for `width` continuations besides the end.
        let candidates = (beam.width.max(1) as i64 + 1).min(log_probs.size()[1]);
        let (values, tokens) = log_probs.topk(candidates, -1, true, true);
        let (values, tokens) = (to_f64s(&values), to_f64s(&tokens));
        let best: Vec<(TokenId, f64)> = tokens
            .into_iter()
            .map(|token| token as TokenId)
            .zip(values)
            .collect();
        let mut best = best.chunks(candidates as usize);
        let (mut rows, mut before) = (Vec::new(), 0);
        last.clear();
        for search in &mut searches {
            let number = search.alive.len();
            let of_rows: Vec<&[(TokenId, f64)]> = best.by_ref().take(number).collect();
            let parents = search.advance(&of_rows);
            rows.extend(parents.iter().map(|parent| before + parent));
            last.extend(search.alive.iter().filter_map(|alive| alive.tokens.last()));
            before += number;
        }
        model.select(&rows);
    }
    searches.into_iter().map(Search::results).collect()
}

/// The beam search of one row.
struct Search {
    beam: Beam,
    end: TokenId,
    /// Unfinished hypotheses, each a row of the model.
    alive: Vec<Alive>,
    finished: Vec<Hypothesis>,
    length: usize,
}

#[derive(Debug, Clone)]
struct Alive {
    tokens: Vec<TokenId>,
    log_prob: f64,
}

impl Search {
    fn new(beam: Beam, end: TokenId) -> Search {
        Search {
            beam,
            end,
            alive: vec![Alive {
                tokens: Vec::new(),
                log_prob: 0.0,
            }],
            finished: Vec::new(),
            length: 0,
        }
    }

    /// Selects the best candidates of all hypotheses; returns the parent of each new hypothesis.
    fn advance(&mut self, candidates: &[&[(TokenId, f64)]]) -> Vec<usize> {
        if self.alive.is_empty() {
            return Vec::new();
        }
        let width = self.beam.width.max(1);
        self.length += 1;
        let mut all: Vec<(usize, TokenId, f64)> = Vec::new();
        for (parent, candidates) in candidates.iter().enumerate() {
            let so_far = self.alive[parent].log_prob;
            let of_parent = candidates
                .iter()
                .map(|&(token, log_prob)| (parent, token, so_far + log_prob))
                .filter(|candidate| candidate.2 > f64::NEG_INFINITY);
            all.extend(of_parent);
        }
        all.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
        let (mut parents, mut alive) = (Vec::new(), Vec::new());
        for (rank, (parent, token, log_prob)) in all.into_iter().enumerate() {
            let mut tokens = self.alive[parent].tokens.clone();
            if token == self.end {
                // A hypothesis that ends outside the beam cannot be better than the continuations within it.
                if rank < width {
                    self.finish(Hypothesis {
                        score: log_prob / self.penalty(self.length),
                        tokens,
                        log_prob,
                        is_complete: true,
                    });
                }
            } else if alive.len() < width {
                tokens.push(token);
                parents.push(parent);
                alive.push(Alive { tokens, log_prob });
            }
        }
        self.alive = alive;
        if self.length >= self.beam.max_length {
            for Alive { tokens, log_prob } in std::mem::take(&mut self.alive) {
                self.finish(Hypothesis {
                    score: log_prob / self.penalty(self.length),
                    tokens,
                    log_prob,
                    is_complete: false,
                });
            }
        }
        if self.is_finished() {
            self.alive.clear();
        }
        parents.truncate(self.alive.len());
        parents
    }

    fn finish(&mut self, hypothesis: Hypothesis) {
        self.finished.push(hypothesis);
        // The score of an incomplete hypothesis does not include its end, so it ranks below all complete ones.
        self.finished.sort_by(|a, b| {
            let by_end = b.is_complete.cmp(&a.is_complete);
            by_end.then(b.score.total_cmp(&a.score))
        });
        self.finished.truncate(self.beam.width.max(1));
    }

    fn penalty(&self, length: usize) -> f64 {
        ((5.0 + length as f64) / 6.0).powf(self.beam.length_penalty)
    }

    /// Whether no unfinished hypothesis can still enter the results: ln p only falls, and the length penalty is largest at the
    /// maximum length.
    fn is_finished(&self) -> bool {
        let best = self.alive.iter().map(|alive| alive.log_prob);
        let best = best.fold(f64::NEG_INFINITY, f64::max);
        let penalty = self
            .penalty(self.beam.max_length)
            .max(self.penalty(self.length + 1));
        let worst = self.finished.last().map(|hypothesis| hypothesis.score);
        self.finished.len() >= self.beam.width.max(1)
            && worst.is_some_and(|worst| best / penalty <= worst)
    }

    fn results(self) -> Vec<Hypothesis> {
        self.finished
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use tch::Kind;

    use super::*;

    const WORDS: usize = 4;
    const END: TokenId = 0;

    /// A trigram table.
    struct Table {
        log_probs: Vec<Vec<f64>>,
        rows: Vec<[TokenId; 2]>,
    }

    impl Table {
        fn new(seed: u64, rows: usize) -> Table {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            let logits: Vec<f64> = (0..16 * WORDS)
                .map(|_| 5.0 * random.random::<f64>())
                .collect();
            let logits = Tensor::from_slice(&logits).view([16, WORDS as i64]);
            let table = to_f64s(&logits.log_softmax(-1, Kind::Double));
            Table {
                log_probs: table.chunks(WORDS).map(<[f64]>::to_vec).collect(),
                rows: vec![[END; 2]; rows],
            }
        }

        fn after(&self, [a, b]: [TokenId; 2]) -> &[f64] {
            &self.log_probs[a as usize * WORDS + b as usize]
        }

        fn log_prob(&self, tokens: &[TokenId]) -> f64 {
            let (mut before, mut sum) = ([END, END], 0.0);
            for &token in tokens {
                sum += self.after(before)[token as usize];
                before = [before[1], token];
            }
            sum
        }
    }

    impl IncrementalDecoder for Table {
        fn step(&mut self, tokens: &[TokenId]) -> Tensor {
            assert_eq!(tokens.len(), self.rows.len());
            for (row, &token) in self.rows.iter_mut().zip(tokens) {
                *row = [row[1], token];
            }
            let found: Vec<f64> = self
                .rows
                .iter()
                .flat_map(|row| self.after(*row))
                .copied()
                .collect();
            Tensor::from_slice(&found).view([-1, WORDS as i64])
        }

        fn select(&mut self, rows: &[usize]) {
            self.rows = rows.iter().map(|&row| self.rows[row]).collect();
        }
    }

    /// All complete texts by score, then those truncated at the maximum length.
    fn all_texts(table: &Table, beam: Beam) -> Vec<(Vec<TokenId>, f64)> {
        let (mut open, mut all, mut truncated) = (vec![vec![]], Vec::new(), Vec::new());
        for length in 1..=beam.max_length {
            let mut longer = Vec::new();
            for text in &open {
                for token in 0..WORDS as TokenId {
                    let mut tokens: Vec<TokenId> = text.clone();
                    tokens.push(token);
                    let penalty = ((5.0 + length as f64) / 6.0).powf(beam.length_penalty);
                    let score = table.log_prob(&tokens) / penalty;
                    match token {
                        END => all.push((text.clone(), score)),
                        _ if length == beam.max_length => truncated.push((tokens, score)),
                        _ => longer.push(tokens),
                    }
                }
            }
            open = longer;
        }
        for texts in [&mut all, &mut truncated] {
            texts.sort_by(|a: &(Vec<TokenId>, f64), b| b.1.total_cmp(&a.1));
        }
        all.extend(truncated);
        all
    }

    #[test]
    fn an_exhaustive_beam_finds_the_best_text() {
        for seed in 0..20 {
            for length_penalty in [0.0, 0.6, 1.0] {
                let beam = Beam {
                    width: 500,
                    length_penalty,
                    max_length: 5,
                };
                let found = beam_search(&mut Table::new(seed, 1), &[END], END, beam);
                let expected = all_texts(&Table::new(seed, 1), beam);
                for (found, expected) in found[0].iter().zip(&expected) {
                    assert!((found.score - expected.1).abs() < 1e-5);
                }
                assert_eq!(found[0][0].tokens, expected[0].0);
            }
        }
    }

    #[test]
    fn a_beam_of_one_is_greedy_and_rows_are_independent() {
        for seed in 0..20 {
            let beam = Beam {
                width: 1,
                length_penalty: 0.0,
                max_length: 6,
            };
            let greedy = Sampling {
                temperature: 0.0,
                ..Sampling::default()
            };
            let first = [END, 1, 2];
            let wide = Beam { width: 3, ..beam };
            let found = beam_search(&mut Table::new(seed, 3), &first, END, beam);
            let wider = beam_search(&mut Table::new(seed, 3), &first, END, wide);
            let written = sample(&mut Table::new(seed, 3), &first, 6, Some(END), greedy).unwrap();
            for row in 0..3 {
                let mut tokens = found[row][0].tokens.clone();
                if found[row][0].is_complete {
                    tokens.push(END);
                }
                assert_eq!(tokens, written[row]);
                let alone = beam_search(&mut Table::new(seed, 1), &first[row..=row], END, wide);
                assert_eq!(alone[0], wider[row]);
                assert!(wider[row].len() <= 3);
            }
        }
    }
}

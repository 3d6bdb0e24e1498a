//! What a step of training minimises: the output layer and its loss.

use tch::{Kind, Tensor};

use crate::cross_entropy::{CrossEntropy, Found, chunks};
use crate::parameters::{ParameterId, Parameters, Weights};
use crate::sampled::Sampler;

/// The loss of a batch, with its gradients on the way.
#[derive(Debug)]
pub struct Objective {
    /// Mean loss in nats per token, a tensor of one number.
    pub loss: Tensor,
    /// A number whose gradients are those of the loss, but for what `direct` holds.
    pub(crate) handle: Tensor,
    /// Gradients that are known already.
    pub(crate) direct: Vec<Direct>,
    /// Tokens predicted.
    pub tokens: u64,
}

/// A gradient by some rows of a parameter.
#[derive(Debug)]
pub(crate) struct Direct {
    pub(crate) id: ParameterId,
    /// Which rows; none for the first ones.
    pub(crate) rows: Option<Tensor>,
    pub(crate) gradient: Tensor,
}

impl Objective {
    /// Any differentiable loss, a tensor of one number: the mean over so many tokens.
    pub fn plain(loss: Tensor, tokens: u64) -> Objective {
        Objective {
            loss: loss.detach(),
            handle: loss,
            direct: Vec::new(),
            tokens,
        }
    }

    /// What a step differentiates where several batches make one step: `share` is this one's part of the tokens.
    pub(crate) fn scaled(self, share: f64) -> Objective {
        if share == 1.0 {
            return self;
        }
        let direct = self.direct.into_iter();
        Objective {
            handle: self.handle * share,
            direct: direct
                .map(|direct| Direct {
                    gradient: direct.gradient * share,
                    ..direct
                })
                .collect(),
            ..self
        }
    }
}

/// The output layer: a row of `table` for each word of the vocabulary.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// `[at least V, D]`; often the embedding.
    pub table: ParameterId,
    /// `[V]`.
    pub bias: Option<ParameterId>,
    /// V: rows beyond are not predicted.
    pub vocabulary: i64,
}

impl Output {
    /// Makes the bias of each word, where there is one, the logarithm of its share of a text with so many of each: what
    /// the words' frequencies explain need not be learnt.
    pub fn begin_with_frequencies(&self, parameters: &mut Parameters, counts: &[u64]) {
        let Some(bias) = self.bias else { return };
        // A word that the text lacks is taken to occur in it half a time.
        let count = |&count: &u64| (count as f64).max(0.5);
        let total: f64 = counts.iter().map(count).sum();
        let logs: Vec<f32> = counts
            .iter()
            .map(|word| (count(word) / total).ln() as f32)
            .collect();
        parameters.begin_with(bias, &Tensor::from_slice(&logs));
    }

    /// Logits, f32, `[..., V]`, of hidden states `[..., D]`.
    pub fn logits(&self, weights: &Weights, hidden: &Tensor) -> Tensor {
        let table = weights[self.table].narrow(0, 0, self.vocabulary);
        let logits = hidden
            .to_kind(table.kind())
            .matmul(&table.tr())
            .to_kind(Kind::Float);
        match self.bias {
            Some(bias) => logits + &weights[bias],
            None => logits,
        }
    }

    /// ln p, f32, `[..., V]`, of hidden states `[..., D]`.
    pub fn log_probs(&self, weights: &Weights, hidden: &Tensor) -> Tensor {
        self.logits(weights, hidden).log_softmax(-1, Kind::Float)
    }

    /// ln p of the targets, f32, `[N]`, of hidden states `[N, D]`, in chunks and without gradients.
    pub fn score(&self, weights: &Weights, hidden: &Tensor, targets: &Tensor) -> Tensor {
        tch::no_grad(|| {
            let parts = chunks(hidden, self.vocabulary).map(|(start, rows)| {
                let logits = self.logits(weights, &hidden.narrow(0, start, rows));
                let targets = targets.narrow(0, start, rows).unsqueeze(-1);
                let of_target = logits.gather(-1, &targets, false).squeeze_dim(-1);
                of_target - logits.logsumexp(-1, false)
            });
            Tensor::cat(&parts.collect::<Vec<_>>(), 0)
        })
    }

    /// Cross-entropy of targets `[N]` given hidden states `[N, D]`, with `smoothing` of the probability spread over the
    /// vocabulary (Szegedy et al. 2016).
    pub fn objective(
        &self,
        weights: &Weights,
        hidden: &Tensor,
        targets: &Tensor,
        smoothing: f64,
    ) -> Objective {
        let found = tch::no_grad(|| {
            let rows = CrossEntropy {
                table: weights[self.table].narrow(0, 0, self.vocabulary),
                bias: self.bias.map(|bias| weights[bias].shallow_clone()),
                raise: None,
                smoothing,
            };
            rows.of(hidden, targets)
        });
        self.complete(hidden, found, None)
    }

    /// The same without smoothing and on average, from a sample of the words.
    pub fn sampled_objective(
        &self,
        weights: &Weights,
        hidden: &Tensor,
        targets: &Tensor,
        sampler: &Sampler,
    ) -> Objective {
        let (found, words) = tch::no_grad(|| {
            let candidates = sampler.draw(targets);
            let words = &candidates.words;
            let rows = CrossEntropy {
                table: weights[self.table].index_select(0, words),
                bias: self.bias.map(|bias| weights[bias].index_select(0, words)),
                raise: Some(candidates.raise),
                smoothing: 0.0,
            };
            let found = rows.of(hidden, &candidates.targets);
            (found, candidates.words)
        });
        self.complete(hidden, found, Some(&words))
    }

    /// `rows` of the table were looked at; none: the first ones.
    fn complete(&self, hidden: &Tensor, found: Found, rows: Option<&Tensor>) -> Objective {
        let direct = |(id, gradient)| Direct {
            id,
            rows: rows.map(Tensor::shallow_clone),
            gradient,
        };
        let by_bias = self.bias.zip(found.by_bias);
        let known = [(self.table, found.by_table)].into_iter().chain(by_bias);
        Objective {
            loss: found.loss,
            handle: (hidden.to_kind(Kind::Float) * found.by_hidden).sum(Kind::Float),
            direct: known.map(direct).collect(),
            tokens: hidden.size()[0] as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Reduction};

    use super::*;
    use crate::{Init, Layout, Parameters, Precision};

    /// Loss and gradients against those that autograd finds for libtorch's own cross-entropy in f64.
    #[test]
    fn chunks_have_the_loss_and_the_gradients_of_the_whole() {
        // So many rows that they are three chunks.
        const WORDS: i64 = 2_000;
        const ROWS: i64 = 4_500;
        let mut layout = Layout::default();
        let table = layout.add("table", &[WORDS + 3, 4], Init::Normal(1.0));
        let bias = layout.add("bias", &[WORDS], Init::Normal(1.0));
        let rows = layout.add("hidden", &[ROWS, 4], Init::Normal(1.0));
        let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        let targets = Tensor::randint(WORDS, [ROWS], (Kind::Int64, Device::Cpu));
        for (with_bias, smoothing) in [(None, 0.0), (Some(bias), 0.0), (Some(bias), 0.1)] {
            let output = Output {
                table,
                bias: with_bias,
                vocabulary: WORDS,
            };
            let weights = parameters.weights();
            let hidden = &weights[rows];
            assert_eq!(chunks(hidden, WORDS).count(), 3);
            let exact = |id: ParameterId| weights[id].to_kind(Kind::Double);
            let mut logits = exact(rows).matmul(&exact(table).narrow(0, 0, WORDS).tr());
            if with_bias.is_some() {
                logits += exact(bias);
            }
            let loss = logits.cross_entropy_loss(
                &targets,
                None::<&Tensor>,
                Reduction::Mean,
                -100,
                smoothing,
            );
            let objective = output.objective(&weights, hidden, &targets, smoothing);
            let difference = objective.loss.double_value(&[]) - loss.double_value(&[]);
            assert!(difference.abs() < 1e-5, "{difference}");
            let scores = output.score(&weights, hidden, &targets);
            let log_probs = output.log_probs(&weights, hidden);
            let picked = log_probs.gather(-1, &targets.unsqueeze(-1), false);
            let difference = scores - picked.squeeze_dim(-1);
            assert!(difference.abs().max().double_value(&[]) < 1e-4);

            let ours = parameters.gradients(&weights, objective).unwrap();
            let plain = Objective::plain(loss, ROWS as u64);
            for (name, expected) in parameters.gradients(&weights, plain).unwrap() {
                let largest = |x: &Tensor| x.abs().max().double_value(&[]);
                let (difference, size) = (largest(&(&ours[&name] - &expected)), largest(&expected));
                assert!(difference <= 1e-5 * size, "{name} {difference} {size}");
            }
        }
    }

    /// A sample that is everything changes nothing; a smaller one is right on average.
    #[test]
    fn a_sample_of_words_has_the_gradients_of_all_on_average() {
        const WORDS: i64 = 100;
        const ROWS: i64 = 20;
        let mut layout = Layout::default();
        let table = layout.add("table", &[WORDS, 4], Init::Normal(1.0));
        let bias = layout.add("bias", &[WORDS], Init::Normal(1.0));
        let rows = layout.add("hidden", &[ROWS, 4], Init::Normal(0.2));
        let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        let targets = Tensor::randint(WORDS, [ROWS], (Kind::Int64, Device::Cpu));
        let output = Output {
            table,
            bias: Some(bias),
            vocabulary: WORDS,
        };
        let counts: Vec<u64> = (0..WORDS as u64).map(|word| 1000 / (word + 1)).collect();
        // The mean loss of some draws, and of each gradient the mean and its standard error as a vector's length.
        let mean = |parameters: &mut Parameters, number: usize, draws: usize| {
            let sampler = Sampler::new(&counts, number, Device::Cpu);
            let (mut loss, mut sums) = (0.0, Vec::new());
            for _ in 0..draws {
                let weights = parameters.weights();
                let objective =
                    output.sampled_objective(&weights, &weights[rows], &targets, &sampler);
                loss += objective.loss.double_value(&[]) / draws as f64;
                let gradients = parameters.gradients(&weights, objective).unwrap();
                sums.resize_with(gradients.len(), || [Tensor::from(0.0), Tensor::from(0.0)]);
                for ([sum, squares], gradient) in sums.iter_mut().zip(gradients.into_values()) {
                    *sum = &*sum + &gradient;
                    *squares = &*squares + gradient.square();
                }
            }
            let of_draws = sums.into_iter().map(|[sum, squares]| {
                let mean = sum / draws as f64;
                let variance = (squares / draws as f64 - mean.square()).sum(Kind::Double);
                let error = (variance.double_value(&[]).max(0.0) / draws as f64).sqrt();
                (mean, error)
            });
            (loss, of_draws.collect::<Vec<_>>())
        };
        let weights = parameters.weights();
        let exact = output.objective(&weights, &weights[rows], &targets, 0.0);
        let loss = exact.loss.double_value(&[]);
        let gradients = parameters.gradients(&weights, exact).unwrap();
        // The normalising sum is right on average; its logarithm nearly.
        for (number, draws, tolerance) in [(WORDS as usize, 1, 1e-5), (60, 1_000, 0.05)] {
            let (found, means) = mean(&mut parameters, number, draws);
            assert!((found - loss).abs() < tolerance * loss, "{found} {loss}");
            for ((mean, error), (name, gradient)) in means.iter().zip(&gradients) {
                let difference = (mean - gradient).norm().double_value(&[]);
                let bound = tolerance * gradient.norm().double_value(&[]) + 2.0 * error;
                assert!(difference <= bound, "{name} {number}: {difference} {bound}");
            }
        }
    }
}

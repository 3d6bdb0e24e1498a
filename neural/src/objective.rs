//! What a step of training minimises: the output layer and its loss.

use tch::{Kind, Tensor};

use crate::cross_entropy::{CrossEntropy, Found, chunks};
use crate::parameters::{ParameterId, Weights};
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

    /// Loss and gradients against those that autograd finds for libtorch's own cross-entropy.
    #[test]
    fn chunks_have_the_loss_and_the_gradients_of_the_whole() {
        // So many words that 150 rows are three chunks.
        const WORDS: i64 = 70_000;
        const ROWS: i64 = 150;
        let mut layout = Layout::default();
        let table = layout.add("table", &[WORDS + 3, 4], Init::Normal(1.0));
        let bias = layout.add("bias", &[WORDS], Init::Normal(1.0));
        let rows = layout.add("hidden", &[ROWS, 4], Init::Normal(1.0));
        let parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        let targets = Tensor::randint(WORDS, [ROWS], (Kind::Int64, Device::Cpu));
        for (with_bias, smoothing) in [(None, 0.0), (Some(bias), 0.0), (Some(bias), 0.1)] {
            let output = Output {
                table,
                bias: with_bias,
                vocabulary: WORDS,
            };
            let weights = parameters.weights();
            let hidden = &weights[rows];
            let logits = output.logits(&weights, hidden);
            let loss = logits.cross_entropy_loss(
                &targets,
                None::<&Tensor>,
                Reduction::Mean,
                -100,
                smoothing,
            );
            let objective = output.objective(&weights, hidden, &targets, smoothing);
            let difference = objective.loss.double_value(&[]) - loss.double_value(&[]);
            assert!(difference.abs() < 1e-4, "{difference}");
            let scores = output.score(&weights, hidden, &targets);
            let log_probs = output.log_probs(&weights, hidden);
            let picked = log_probs.gather(-1, &targets.unsqueeze(-1), false);
            let difference = scores - picked.squeeze_dim(-1);
            assert!(difference.abs().max().double_value(&[]) < 1e-4);

            let ours = parameters.gradients(objective).unwrap();
            let plain = Objective::plain(loss, ROWS as u64);
            for (name, expected) in parameters.gradients(plain).unwrap() {
                // Sums of 70,000 numbers that cancel.
                let largest = |x: &Tensor| x.abs().max().double_value(&[]);
                let difference = largest(&(&ours[&name] - &expected));
                assert!(
                    difference <= 2e-4 * largest(&expected),
                    "{name} {difference}"
                );
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
        let parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        let targets = Tensor::randint(WORDS, [ROWS], (Kind::Int64, Device::Cpu));
        let output = Output {
            table,
            bias: Some(bias),
            vocabulary: WORDS,
        };
        let counts: Vec<u64> = (0..WORDS as u64).map(|word| 1000 / (word + 1)).collect();
        let mean = |number: usize, draws: usize| {
            let sampler = Sampler::new(&counts, number, Device::Cpu);
            let mut sum: Option<(f64, Vec<Tensor>)> = None;
            for _ in 0..draws {
                let weights = parameters.weights();
                let objective =
                    output.sampled_objective(&weights, &weights[rows], &targets, &sampler);
                let loss = objective.loss.double_value(&[]) / draws as f64;
                let gradients = parameters.gradients(objective).unwrap();
                let gradients = gradients
                    .into_values()
                    .map(|gradient| gradient / draws as f64);
                sum = Some(match sum {
                    None => (loss, gradients.collect()),
                    Some((total, sums)) => (
                        total + loss,
                        sums.iter()
                            .zip(gradients)
                            .map(|(sum, gradient)| sum + gradient)
                            .collect(),
                    ),
                });
            }
            sum.unwrap()
        };
        let weights = parameters.weights();
        let exact = output.objective(&weights, &weights[rows], &targets, 0.0);
        let loss = exact.loss.double_value(&[]);
        let gradients = parameters.gradients(exact).unwrap();
        for (number, draws, tolerance) in [(WORDS as usize, 1, 1e-5), (60, 1_000, 0.05)] {
            let (found, sums) = mean(number, draws);
            assert!((found - loss).abs() < tolerance * loss, "{found} {loss}");
            for (sum, (name, gradient)) in sums.iter().zip(&gradients) {
                let difference = (sum - gradient).norm().double_value(&[]);
                let bound = tolerance * gradient.norm().double_value(&[]);
                assert!(difference <= bound, "{name} {number}: {difference} {bound}");
            }
        }
    }
}

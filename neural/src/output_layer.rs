//! The output layer: from hidden states to logits, log-probabilities and the loss.

use tch::{Kind, Tensor};

use crate::cross_entropy::{CrossEntropy, LossAndGradients, chunks};
use crate::layout::ParameterId;
use crate::loss::{DirectGradient, Loss};
use crate::model_weights::Weights;
use crate::parameters::Parameters;
use crate::sampled_softmax::Sampler;

/// A linear layer with one row of `table` per word of the vocabulary.
#[derive(Debug, Clone, Copy)]
pub struct OutputLayer {
    /// `[V or more, D]`; with tied embeddings, the embedding.
    pub table: ParameterId,
    /// `[V]`.
    pub bias: Option<ParameterId>,
    /// V; further rows of the table are not predicted.
    pub vocab_size: i64,
}

impl OutputLayer {
    /// Initialises the bias, if there is one, with the log unigram probabilities of the training text, so that training
    /// starts from the unigram distribution.
    pub fn init_bias_from_counts(&self, parameters: &mut Parameters, counts: &[u64]) {
        let Some(bias) = self.bias else { return };
        // An unseen word counts as half an occurrence.
        let count = |&count: &u64| (count as f64).max(0.5);
        let total: f64 = counts.iter().map(count).sum();
        let logs: Vec<f32> = counts
            .iter()
            .map(|word| (count(word) / total).ln() as f32)
            .collect();
        parameters.set(bias, &Tensor::from_slice(&logs));
    }

    /// Logits in f32.
    ///
    /// # Shapes
    /// `[..., D]` to `[..., V]`.
    pub fn logits(&self, weights: &Weights, hidden: &Tensor) -> Tensor {
        let table = weights[self.table].narrow(0, 0, self.vocab_size);
        let logits = hidden
            .to_kind(table.kind())
            .matmul(&table.tr())
            .to_kind(Kind::Float);
        match self.bias {
            Some(bias) => logits + &weights[bias],
            None => logits,
        }
    }

    /// Log-probabilities in f32.
    ///
    /// # Shapes
    /// `[..., D]` to `[..., V]`.
    pub fn log_probs(&self, weights: &Weights, hidden: &Tensor) -> Tensor {
        self.logits(weights, hidden).log_softmax(-1, Kind::Float)
    }

    /// Log-probabilities of the targets in f32, computed in chunks and without gradients.
    ///
    /// # Shapes
    /// Hidden states `[N, D]`, targets `[N]`; output `[N]`.
    pub fn score(&self, weights: &Weights, hidden: &Tensor, targets: &Tensor) -> Tensor {
        tch::no_grad(|| {
            let parts = chunks(hidden, self.vocab_size).map(|(start, rows)| {
                let logits = self.logits(weights, &hidden.narrow(0, start, rows));
                let targets = targets.narrow(0, start, rows).unsqueeze(-1);
                let of_target = logits.gather(-1, &targets, false).squeeze_dim(-1);
                of_target - logits.logsumexp(-1, false)
            });
            Tensor::cat(&parts.collect::<Vec<_>>(), 0)
        })
    }

    /// Mean cross-entropy with label smoothing (Szegedy et al. 2016).
    ///
    /// # Shapes
    /// Hidden states `[N, D]`, targets `[N]`.
    pub fn cross_entropy(
        &self,
        weights: &Weights,
        hidden: &Tensor,
        targets: &Tensor,
        label_smoothing: f64,
    ) -> Loss {
        let computed = tch::no_grad(|| {
            let layer = CrossEntropy {
                table: weights[self.table].narrow(0, 0, self.vocab_size),
                bias: self.bias.map(|bias| weights[bias].shallow_clone()),
                logit_offset: None,
                label_smoothing,
            };
            layer.compute(hidden, targets)
        });
        self.loss(hidden, computed, None)
    }

    /// An estimate of the cross-entropy from a sample of the vocabulary (sampled softmax), without label smoothing.
    pub fn sampled_cross_entropy(
        &self,
        weights: &Weights,
        hidden: &Tensor,
        targets: &Tensor,
        sampler: &Sampler,
    ) -> Loss {
        let (computed, words) = tch::no_grad(|| {
            let candidates = sampler.draw(targets);
            let words = &candidates.words;
            let layer = CrossEntropy {
                table: weights[self.table].index_select(0, words),
                bias: self.bias.map(|bias| weights[bias].index_select(0, words)),
                logit_offset: Some(candidates.logit_offset),
                label_smoothing: 0.0,
            };
            let computed = layer.compute(hidden, &candidates.targets);
            (computed, candidates.words)
        });
        self.loss(hidden, computed, Some(&words))
    }

    /// Combines loss and gradients; `rows` are the rows of the table that they belong to, `None` for the first rows.
    fn loss(&self, hidden: &Tensor, computed: LossAndGradients, rows: Option<&Tensor>) -> Loss {
        let direct = |(id, gradient)| DirectGradient {
            id,
            rows: rows.map(Tensor::shallow_clone),
            gradient,
        };
        let by_bias = self.bias.zip(computed.by_bias);
        let known = [(self.table, computed.by_table)].into_iter().chain(by_bias);
        Loss {
            value: computed.loss,
            surrogate: (hidden.to_kind(Kind::Float) * computed.by_hidden).sum(Kind::Float),
            direct: known.map(direct).collect(),
            tokens: hidden.size()[0] as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Reduction};

    use super::*;
    use crate::{Init, Layout, Precision};

    /// Loss and gradients equal those of autograd through libtorch's cross-entropy in f64.
    #[test]
    fn computing_in_chunks_gives_the_same_loss_and_gradients() {
        // Enough rows for three chunks.
        const WORDS: i64 = 2_000;
        const ROWS: i64 = 4_500;
        let mut layout = Layout::default();
        let table = layout.add("table", &[WORDS + 3, 4], Init::Normal(1.0));
        let bias = layout.add("bias", &[WORDS], Init::Normal(1.0));
        let rows = layout.add("hidden", &[ROWS, 4], Init::Normal(1.0));
        let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        let targets = Tensor::randint(WORDS, [ROWS], (Kind::Int64, Device::Cpu));
        for (with_bias, label_smoothing) in [(None, 0.0), (Some(bias), 0.0), (Some(bias), 0.1)] {
            let output = OutputLayer {
                table,
                bias: with_bias,
                vocab_size: WORDS,
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
                label_smoothing,
            );
            let computed = output.cross_entropy(&weights, hidden, &targets, label_smoothing);
            let difference = computed.value.double_value(&[]) - loss.double_value(&[]);
            assert!(difference.abs() < 1e-5, "{difference}");
            let scores = output.score(&weights, hidden, &targets);
            let log_probs = output.log_probs(&weights, hidden);
            let picked = log_probs.gather(-1, &targets.unsqueeze(-1), false);
            let difference = scores - picked.squeeze_dim(-1);
            assert!(difference.abs().max().double_value(&[]) < 1e-4);

            let ours = parameters.gradients(&weights, computed).unwrap();
            let plain = Loss::new(loss, ROWS as u64);
            for (name, expected) in parameters.gradients(&weights, plain).unwrap() {
                let largest = |x: &Tensor| x.abs().max().double_value(&[]);
                let (difference, size) = (largest(&(&ours[&name] - &expected)), largest(&expected));
                assert!(difference <= 1e-5 * size, "{name} {difference} {size}");
            }
        }
    }

    /// A sample of the whole vocabulary is exact; a smaller one is unbiased.
    #[test]
    fn gradients_from_sampled_words_are_unbiased() {
        const WORDS: i64 = 100;
        const ROWS: i64 = 20;
        let mut layout = Layout::default();
        let table = layout.add("table", &[WORDS, 4], Init::Normal(1.0));
        let bias = layout.add("bias", &[WORDS], Init::Normal(1.0));
        let rows = layout.add("hidden", &[ROWS, 4], Init::Normal(0.2));
        let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
        let targets = Tensor::randint(WORDS, [ROWS], (Kind::Int64, Device::Cpu));
        let output = OutputLayer {
            table,
            bias: Some(bias),
            vocab_size: WORDS,
        };
        let counts: Vec<u64> = (0..WORDS as u64).map(|word| 1000 / (word + 1)).collect();
        // The mean loss of some draws, and the mean of each gradient with the norm of its standard error.
        let mean = |parameters: &mut Parameters, number: usize, draws: usize| {
            let sampler = Sampler::new(&counts, number, Device::Cpu);
            let (mut loss, mut sums) = (0.0, Vec::new());
            for _ in 0..draws {
                let weights = parameters.weights();
                let sampled =
                    output.sampled_cross_entropy(&weights, &weights[rows], &targets, &sampler);
                loss += sampled.value.double_value(&[]) / draws as f64;
                let gradients = parameters.gradients(&weights, sampled).unwrap();
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
        let exact = output.cross_entropy(&weights, &weights[rows], &targets, 0.0);
        let loss = exact.value.double_value(&[]);
        let gradients = parameters.gradients(&weights, exact).unwrap();
        // The estimate of the normalising sum is unbiased; the estimate of its logarithm is nearly unbiased.
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

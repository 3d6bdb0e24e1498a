//! What a step of training minimises: the output layer and its loss together, in chunks of rows.
//!
//! Logits of a large vocabulary would fill memory and be walked over many times. Here a chunk of them is made, turned
//! into its loss and its gradients at once, and forgotten; autograd sees only the gradient that belongs to the hidden
//! states.

use tch::{Kind, Tensor};

use crate::parameters::{ParameterId, Weights};

/// The loss of a batch, with its gradients on the way.
#[derive(Debug)]
pub struct Objective {
    /// Mean loss in nats per token, a tensor of one number.
    pub loss: Tensor,
    /// A number whose gradients are those of the loss, but for what `direct` holds.
    pub(crate) handle: Tensor,
    /// Gradients that are known already, of the first rows of a parameter.
    pub(crate) direct: Vec<(ParameterId, Tensor)>,
    /// Tokens predicted.
    pub tokens: u64,
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
                .map(|(id, gradient)| (id, gradient * share))
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

/// Logits that are there at a time, on the CPU; a GPU has more room.
const LOGITS: i64 = 1 << 22;

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
            let parts = self.chunks(hidden).map(|(start, rows)| {
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
    ///
    /// With e = exp(logits - max) and s their sum, the gradient by the logits is e / s less the target's distribution;
    /// the division is done on the smaller factors of the products that follow.
    pub fn objective(
        &self,
        weights: &Weights,
        hidden: &Tensor,
        targets: &Tensor,
        smoothing: f64,
    ) -> Objective {
        let number = hidden.size()[0];
        let (loss, by_hidden, direct) = tch::no_grad(|| {
            let table = weights[self.table].detach().narrow(0, 0, self.vocabulary);
            let mut by_table = Tensor::zeros(table.size(), (Kind::Float, table.device()));
            let mut by_bias = self
                .bias
                .map(|_| Tensor::zeros([self.vocabulary], (Kind::Float, table.device())));
            let (mut losses, mut by_hidden) = (Vec::new(), Vec::new());
            for (start, rows) in self.chunks(hidden) {
                let chunk = Chunk {
                    hidden: hidden.detach().narrow(0, start, rows),
                    targets: targets.narrow(0, start, rows),
                    number: number as f64,
                    smoothing,
                };
                let logits = self.logits(weights, &chunk.hidden);
                losses.push(chunk.walk(
                    logits,
                    &table,
                    &mut by_table,
                    by_bias.as_mut(),
                    &mut by_hidden,
                ));
            }
            let loss = Tensor::cat(&losses, 0).mean(Kind::Float);
            let mut direct = vec![(self.table, by_table)];
            direct.extend(self.bias.zip(by_bias));
            (loss, Tensor::cat(&by_hidden, 0), direct)
        });
        Objective {
            loss,
            handle: (hidden.to_kind(Kind::Float) * by_hidden).sum(Kind::Float),
            direct,
            tokens: number as u64,
        }
    }

    /// First row and number of rows of each chunk.
    fn chunks(&self, hidden: &Tensor) -> impl Iterator<Item = (i64, i64)> + use<> {
        let room = match hidden.device().is_cuda() {
            true => LOGITS << 4,
            false => LOGITS,
        };
        let (number, rows) = (hidden.size()[0], (room / self.vocabulary).max(64));
        (0..number)
            .step_by(rows as usize)
            .map(move |start| (start, rows.min(number - start)))
    }
}

/// Some rows of a batch.
struct Chunk {
    /// [rows, D].
    hidden: Tensor,
    /// [rows].
    targets: Tensor,
    /// Rows of the whole batch.
    number: f64,
    smoothing: f64,
}

impl Chunk {
    /// Adds this chunk's part to the gradients; returns its losses, [rows]. `logits` are used up.
    fn walk(
        &self,
        mut logits: Tensor,
        table: &Tensor,
        by_table: &mut Tensor,
        by_bias: Option<&mut Tensor>,
        by_hidden: &mut Vec<Tensor>,
    ) -> Tensor {
        let kind = table.kind();
        let (right, spread) = (
            1.0 - self.smoothing,
            self.smoothing / table.size()[0] as f64,
        );
        let largest = logits.amax([-1], true);
        let _ = logits.g_sub_(&largest);
        let of_target = logits
            .gather(-1, &self.targets.unsqueeze(-1), false)
            .squeeze_dim(-1);
        let mean = (self.smoothing > 0.0).then(|| logits.mean_dim(-1, false, Kind::Float));
        let exp = logits.exp_();
        let sum = exp.sum_dim_intlist(-1, true, Kind::Float);
        let mut losses = sum.log().squeeze_dim(-1) - of_target * right;
        let share = (&sum * self.number).reciprocal();
        let exp = exp.to_kind(kind);
        let hidden = self.hidden.to_kind(Kind::Float);
        let scaled = &hidden * &share;

        let mut gradient = exp.matmul(table).to_kind(Kind::Float) * &share;
        let of_targets = table.index_select(0, &self.targets).to_kind(Kind::Float);
        let _ = gradient.g_sub_(&(of_targets * (right / self.number)));
        match kind {
            Kind::Float => drop(by_table.addmm_(&exp.tr(), &scaled)),
            _ => {
                let product = exp.tr().matmul(&scaled.to_kind(kind));
                let _ = by_table.g_add_(&product.to_kind(Kind::Float));
            }
        }
        let _ = by_table.index_add_(0, &self.targets, &(&hidden * (-right / self.number)));
        if let Some(by_bias) = by_bias {
            let _ = by_bias.g_add_(&share.tr().matmul(&exp.to_kind(Kind::Float)).squeeze_dim(0));
            let minus = Tensor::full_like(&losses, -right / self.number);
            let _ = by_bias.index_add_(0, &self.targets, &minus);
            let _ = by_bias.g_sub_scalar_(spread * self.targets.size()[0] as f64 / self.number);
        }
        if let Some(mean) = mean {
            losses -= mean * self.smoothing;
            let whole = table.sum_dim_intlist(0, true, Kind::Float);
            let _ = gradient.g_sub_(&(whole * (spread / self.number)));
            let whole = hidden.sum_dim_intlist(0, true, Kind::Float);
            let _ = by_table.g_sub_(&(whole * (spread / self.number)));
        }
        by_hidden.push(gradient);
        losses
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
}

//! Cross-entropy of an output layer with its gradients, in chunks of rows.
//!
//! All logits of a large vocabulary at once would fill memory and take many passes over it. Here one chunk of logits at a
//! time is computed, reduced to its loss and gradients, and dropped; autograd sees only the gradient of the hidden states.
//!
//! With e = exp(logits - max) and s their sum, the gradient of the logits is e / s minus the target distribution. On the CPU
//! the division is applied to the smaller factors of the following products; a GPU has a kernel that computes e / s of bf16
//! logits in one pass.

use tch::{Kind, Tensor};

/// Logits per chunk on the CPU.
const LOGITS: i64 = 1 << 22;
/// Logits per chunk on a GPU, which has more memory and needs larger operations to be busy.
const LOGITS_GPU: i64 = 1 << 28;
/// On a GPU the vocabulary is padded to a multiple of this, because fast matrix products need aligned rows: with GPT-2's
/// 50,257 words, padding makes them six times as fast.
const ALIGNMENT: i64 = 64;
/// In bf16 a small probability rounds to 0; losses are therefore at most 87 nats.
const SMALLEST: f64 = f32::MIN_POSITIVE as f64;

/// f32 logits per chunk when scoring on a GPU.
const LOGITS_GPU_SCORING: i64 = 1 << 26;

/// First row and number of rows of each chunk of hidden states `[N, D]`.
pub(crate) fn chunks(hidden: &Tensor, words: i64) -> impl Iterator<Item = (i64, i64)> + use<> {
    let room = match hidden.device().is_cuda() {
        true => LOGITS_GPU_SCORING,
        false => LOGITS,
    };
    chunks_of(room, hidden, words)
}

fn chunks_of(room: i64, hidden: &Tensor, words: i64) -> impl Iterator<Item = (i64, i64)> + use<> {
    let (number, rows) = (hidden.size()[0], (room / words).max(64));
    (0..number)
        .step_by(rows as usize)
        .map(move |start| (start, rows.min(number - start)))
}

/// An output layer for K words and its loss.
pub(crate) struct CrossEntropy {
    /// [K, D].
    pub(crate) table: Tensor,
    /// [K].
    pub(crate) bias: Option<Tensor>,
    /// [K]: added to the logits, except to that of a row's target.
    pub(crate) logit_offset: Option<Tensor>,
    /// Label smoothing: probability mass that is spread evenly over all K words.
    pub(crate) label_smoothing: f64,
}

/// How logits are turned into probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    /// In f32, step by step.
    F32,
    /// In the kind of the table, with libtorch's fused softmax.
    Fused,
}

/// A mean loss and its gradients, f32.
pub(crate) struct LossAndGradients {
    pub(crate) loss: Tensor,
    /// [N, D].
    pub(crate) by_hidden: Tensor,
    /// [K, D].
    pub(crate) by_table: Tensor,
    /// [K].
    pub(crate) by_bias: Option<Tensor>,
}

impl CrossEntropy {
    /// Loss and gradients for targets [N] and hidden states [N, D]; call it under `no_grad`.
    pub(crate) fn compute(&self, hidden: &Tensor, targets: &Tensor) -> LossAndGradients {
        let path = match hidden.device().is_cuda() && self.logit_offset.is_none() {
            true => Path::Fused,
            false => Path::F32,
        };
        self.compute_by(hidden, targets, path)
    }

    fn compute_by(&self, hidden: &Tensor, targets: &Tensor, path: Path) -> LossAndGradients {
        let number = hidden.size()[0];
        let words = self.table.size()[0];
        let aligned = (path == Path::Fused).then(|| self.aligned());
        let layer = aligned.as_ref().unwrap_or(self);
        let zeros = |size: &[i64]| Tensor::zeros(size, (Kind::Float, hidden.device()));
        let mut by_table = zeros(&self.table.size());
        let mut by_bias = self.bias.as_ref().map(|_| zeros(&[words]));
        let (mut losses, mut by_hidden) = (Vec::new(), Vec::new());
        let room = match path {
            Path::Fused => LOGITS_GPU,
            Path::F32 => LOGITS,
        };
        for (start, rows) in chunks_of(room, hidden, words) {
            let chunk = Chunk {
                hidden: hidden.narrow(0, start, rows),
                targets: targets.narrow(0, start, rows),
                words,
                number: number as f64,
                label_smoothing: self.label_smoothing,
            };
            let predicted = match path {
                Path::Fused => chunk.predict_fused(layer),
                Path::F32 => chunk.predict(layer),
            };
            by_hidden.push(chunk.backward(
                &predicted,
                &layer.table,
                &mut by_table,
                by_bias.as_mut(),
            ));
            losses.push(predicted.losses);
        }
        LossAndGradients {
            loss: Tensor::cat(&losses, 0).mean(Kind::Float),
            by_hidden: Tensor::cat(&by_hidden, 0),
            by_table,
            by_bias,
        }
    }

    /// The same layer padded with words that are never predicted.
    fn aligned(&self) -> CrossEntropy {
        let words = self.table.size()[0];
        let more = (words + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - words;
        let zeros = || Tensor::zeros([words], (self.table.kind(), self.table.device()));
        let bias = self.bias.as_ref().map_or_else(zeros, Tensor::shallow_clone);
        CrossEntropy {
            table: self.table.constant_pad_nd([0, 0, 0, more]),
            bias: Some(bias.pad([0, more], "constant", f64::NEG_INFINITY)),
            logit_offset: None,
            label_smoothing: self.label_smoothing,
        }
    }
}

/// A chunk of rows of a batch.
struct Chunk {
    /// [rows, D].
    hidden: Tensor,
    /// [rows].
    targets: Tensor,
    /// K.
    words: i64,
    /// Number of rows of the whole batch.
    number: f64,
    label_smoothing: f64,
}

/// Predictions of a chunk.
struct Predicted {
    /// Unnormalised probabilities in the table's kind: [rows, K].
    probabilities: Tensor,
    /// The factor that normalises them, divided by the number of rows of the whole batch: f32, [rows, 1].
    factor: Tensor,
    /// f32, [rows].
    losses: Tensor,
}

impl Chunk {
    /// With logits in f32.
    fn predict(&self, layer: &CrossEntropy) -> Predicted {
        let kind = layer.table.kind();
        let hidden = self.hidden.to_kind(kind);
        let mut logits = hidden.matmul(&layer.table.tr()).to_kind(Kind::Float);
        if let Some(bias) = &layer.bias {
            let _ = logits.g_add_(bias);
        }
        if let Some(logit_offset) = &layer.logit_offset {
            let own = self.of_targets(&logits);
            let _ = logits.g_add_(logit_offset);
            let _ = logits.scatter_(-1, &self.targets.unsqueeze(-1), &own.unsqueeze(-1));
        }
        let largest = logits.amax([-1], true);
        let _ = logits.g_sub_(&largest);
        let of_targets = self.of_targets(&logits);
        let mean = self.mean(&logits);
        let exp = logits.exp_();
        let sum = exp.sum_dim_intlist(-1, true, Kind::Float);
        Predicted {
            losses: self.losses(sum.log().squeeze_dim(-1), &of_targets, mean),
            factor: (sum * self.number).reciprocal(),
            probabilities: exp.to_kind(kind),
        }
    }

    /// With logits in the table's kind; the layer may be padded.
    fn predict_fused(&self, layer: &CrossEntropy) -> Predicted {
        let kind = layer.table.kind();
        let (hidden, table) = (self.hidden.to_kind(kind), layer.table.tr());
        let logits = match &layer.bias {
            Some(bias) => bias.addmm(&hidden, &table),
            None => hidden.matmul(&table),
        };
        let of_targets = self.of_targets(&logits).to_kind(Kind::Float);
        let mean = self.mean(&logits);
        let probabilities = logits.softmax(-1, kind);
        let target_probabilities = self.of_targets(&probabilities).to_kind(Kind::Float);
        let sum = &of_targets - target_probabilities.clamp_min(SMALLEST).log();
        let size = [self.hidden.size()[0], 1];
        Predicted {
            factor: Tensor::full(size, 1.0 / self.number, (Kind::Float, hidden.device())),
            losses: self.losses(sum, &of_targets, mean),
            probabilities,
        }
    }

    /// The column of each row's target: [rows] of [rows, K].
    fn of_targets(&self, logits: &Tensor) -> Tensor {
        let targets = self.targets.unsqueeze(-1);
        logits.gather(-1, &targets, false).squeeze_dim(-1)
    }

    /// The mean logit of each row, [rows], for label smoothing.
    fn mean(&self, logits: &Tensor) -> Option<Tensor> {
        let logits = || logits.narrow(-1, 0, self.words);
        (self.label_smoothing > 0.0).then(|| logits().mean_dim(-1, false, Kind::Float))
    }

    /// Target probability of the correct word.
    fn correct(&self) -> f64 {
        1.0 - self.label_smoothing
    }

    /// Losses in f32, [rows]; `log_sum` is ln of the sum of exp(logits).
    fn losses(&self, log_sum: Tensor, of_targets: &Tensor, mean: Option<Tensor>) -> Tensor {
        let losses = log_sum - of_targets * self.correct();
        match mean {
            Some(mean) => losses - mean * self.label_smoothing,
            None => losses,
        }
    }

    /// Adds this chunk's part to the gradients of the layer; returns the gradient of its hidden states, [rows, D].
    fn backward(
        &self,
        Predicted {
            probabilities,
            factor,
            ..
        }: &Predicted,
        table: &Tensor,
        by_table: &mut Tensor,
        by_bias: Option<&mut Tensor>,
    ) -> Tensor {
        let kind = table.kind();
        let correct = self.correct();
        let spread = self.label_smoothing / self.words as f64;
        let hidden = self.hidden.to_kind(Kind::Float);
        let scaled = &hidden * factor;

        let mut gradient = probabilities.matmul(table).to_kind(Kind::Float) * factor;
        let of_targets = table.index_select(0, &self.targets).to_kind(Kind::Float);
        let _ = gradient.g_sub_(&(of_targets * (correct / self.number)));
        match kind {
            Kind::Float => {
                let probabilities = probabilities.narrow(1, 0, self.words);
                let _ = by_table.addmm_(&probabilities.tr(), &scaled);
            }
            _ => {
                let product = probabilities.tr().matmul(&scaled.to_kind(kind));
                let _ = by_table.g_add_(&product.narrow(0, 0, self.words));
            }
        }
        let _ = by_table.index_add_(0, &self.targets, &(&hidden * (-correct / self.number)));
        if let Some(by_bias) = by_bias {
            let probabilities = factor.tr().matmul(&probabilities.to_kind(Kind::Float));
            let _ = by_bias.g_add_(&probabilities.squeeze_dim(0).narrow(0, 0, self.words));
            let minus = Tensor::full_like(&factor.squeeze_dim(-1), -correct / self.number);
            let _ = by_bias.index_add_(0, &self.targets, &minus);
            let _ = by_bias.g_sub_scalar_(spread * self.targets.size()[0] as f64 / self.number);
        }
        if self.label_smoothing > 0.0 {
            let whole = table.sum_dim_intlist(0, true, Kind::Float);
            let _ = gradient.g_sub_(&(whole * (spread / self.number)));
            let whole = hidden.sum_dim_intlist(0, true, Kind::Float);
            let _ = by_table.g_sub_(&(whole * (spread / self.number)));
        }
        gradient
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    #[test]
    fn fused_and_f32_paths_agree() {
        for (kind, bound) in [(Kind::Float, 1e-5), (Kind::BFloat16, 0.02)] {
            compare(kind, bound);
        }
    }

    fn compare(kind: Kind, bound: f64) {
        const WORDS: i64 = 131;
        tch::manual_seed(3);
        let options = (Kind::Float, Device::Cpu);
        let hidden = Tensor::randn([50, 8], options);
        let targets = Tensor::randint(WORDS, [50], (Kind::Int64, Device::Cpu));
        for (has_bias, label_smoothing) in [(false, 0.0), (true, 0.0), (true, 0.1)] {
            let layer = CrossEntropy {
                table: Tensor::randn([WORDS, 8], options).to_kind(kind),
                bias: has_bias.then(|| Tensor::randn([WORDS], options).to_kind(kind)),
                logit_offset: None,
                label_smoothing,
            };
            let [one, other] = [Path::Fused, Path::F32].map(|path| {
                let computed = layer.compute_by(&hidden, &targets, path);
                [
                    Some(computed.loss),
                    Some(computed.by_hidden),
                    Some(computed.by_table),
                    computed.by_bias,
                ]
            });
            for (one, other) in one.into_iter().flatten().zip(other.into_iter().flatten()) {
                assert_eq!(one.size(), other.size());
                let difference = (&one - &other).norm().double_value(&[]);
                let share = difference / other.norm().double_value(&[]);
                assert!(
                    share < bound,
                    "{kind:?} {has_bias} {label_smoothing}: {share}"
                );
            }
        }
    }

    #[test]
    fn a_loss_beyond_bf16_is_finite() {
        let table = Tensor::from_slice(&[200.0_f32, 0.0]).view([2, 1]);
        let layer = CrossEntropy {
            table,
            bias: None,
            logit_offset: None,
            label_smoothing: 0.0,
        };
        let hidden = Tensor::ones([1, 1], (Kind::Float, Device::Cpu));
        let loss = |target: i64, path| {
            let computed = layer.compute_by(&hidden, &Tensor::from_slice(&[target]), path);
            computed.loss.double_value(&[])
        };
        assert_eq!(
            [loss(0, Path::Fused), loss(0, Path::F32), loss(1, Path::F32)],
            [0.0, 0.0, 200.0]
        );
        assert!((loss(1, Path::Fused) - 87.3).abs() < 0.1);
    }
}

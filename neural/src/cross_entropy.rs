//! Cross-entropy of an output layer with its gradients, in chunks of rows.
//!
//! Logits of a large vocabulary would fill memory and be walked over many times. Here a chunk of them is made, turned
//! into its loss and its gradients at once, and forgotten; autograd sees only the gradient that belongs to the hidden
//! states.
//!
//! With e = exp(logits - max) and s their sum, the gradient by the logits is e / s less the target's distribution. On the
//! CPU the division is done on the smaller factors of the products that follow; a GPU has a kernel that makes all of e / s of
//! bf16 logits while it reads them once.

use tch::{Kind, Tensor};

/// Logits that are there at a time, on the CPU.
const LOGITS: i64 = 1 << 22;
/// A GPU has more room, and needs more work.
const LOGITS_OF_A_GPU: i64 = 1 << 28;
/// Words to whose multiples a GPU gets the vocabulary filled up: its fast products need rows that begin at such places. With
/// GPT-2's 50,257 words they are six times as fast.
const ALIGNMENT: i64 = 64;
/// A probability of 0 is none of a softmax, only of its 16 bits; a loss of more than 87 nats counts as 87.
const SMALLEST: f64 = f32::MIN_POSITIVE as f64;

/// Logits in f32 that a GPU scores with at a time.
const LOGITS_SCORED: i64 = 1 << 26;

/// First row and number of rows of each chunk of hidden states `[N, D]`.
pub(crate) fn chunks(hidden: &Tensor, words: i64) -> impl Iterator<Item = (i64, i64)> + use<> {
    let room = match hidden.device().is_cuda() {
        true => LOGITS_SCORED,
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

/// An output layer for K words.
pub(crate) struct CrossEntropy {
    /// [K, D].
    pub(crate) table: Tensor,
    /// [K].
    pub(crate) bias: Option<Tensor>,
    /// [K]: added to the logits, but not to that of a row's target.
    pub(crate) raise: Option<Tensor>,
    /// Share of probability that is spread over all K.
    pub(crate) smoothing: f64,
}

/// A mean loss and its gradients, f32.
pub(crate) struct Found {
    pub(crate) loss: Tensor,
    /// [N, D].
    pub(crate) by_hidden: Tensor,
    /// [K, D].
    pub(crate) by_table: Tensor,
    /// [K].
    pub(crate) by_bias: Option<Tensor>,
}

impl CrossEntropy {
    /// Of targets [N] given hidden states [N, D]; to be called without gradients.
    pub(crate) fn of(&self, hidden: &Tensor, targets: &Tensor) -> Found {
        let at_once = hidden.device().is_cuda() && self.raise.is_none();
        self.walk(hidden, targets, at_once)
    }

    /// In logits' own kind of number `at_once`, or step by step in f32.
    fn walk(&self, hidden: &Tensor, targets: &Tensor, at_once: bool) -> Found {
        let number = hidden.size()[0];
        let words = self.table.size()[0];
        let aligned = at_once.then(|| self.aligned());
        let layer = aligned.as_ref().unwrap_or(self);
        let zeros = |size: &[i64]| Tensor::zeros(size, (Kind::Float, hidden.device()));
        let mut by_table = zeros(&self.table.size());
        let mut by_bias = self.bias.as_ref().map(|_| zeros(&[words]));
        let (mut losses, mut by_hidden) = (Vec::new(), Vec::new());
        let room = match at_once {
            true => LOGITS_OF_A_GPU,
            false => LOGITS,
        };
        for (start, rows) in chunks_of(room, hidden, words) {
            let chunk = Chunk {
                hidden: hidden.narrow(0, start, rows),
                targets: targets.narrow(0, start, rows),
                words,
                number: number as f64,
                smoothing: self.smoothing,
            };
            let predicted = match at_once {
                true => chunk.predict_at_once(layer),
                false => chunk.predict(layer),
            };
            by_hidden.push(chunk.differentiate(
                &predicted,
                &layer.table,
                &mut by_table,
                by_bias.as_mut(),
            ));
            losses.push(predicted.losses);
        }
        Found {
            loss: Tensor::cat(&losses, 0).mean(Kind::Float),
            by_hidden: Tensor::cat(&by_hidden, 0),
            by_table,
            by_bias,
        }
    }

    /// The same layer with words to fill up, which are never predicted.
    fn aligned(&self) -> CrossEntropy {
        let words = self.table.size()[0];
        let more = (words + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - words;
        let zeros = || Tensor::zeros([words], (self.table.kind(), self.table.device()));
        let bias = self.bias.as_ref().map_or_else(zeros, Tensor::shallow_clone);
        CrossEntropy {
            table: self.table.constant_pad_nd([0, 0, 0, more]),
            bias: Some(bias.pad([0, more], "constant", f64::NEG_INFINITY)),
            raise: None,
            smoothing: self.smoothing,
        }
    }
}

/// Some rows of a batch.
struct Chunk {
    /// [rows, D].
    hidden: Tensor,
    /// [rows].
    targets: Tensor,
    /// K.
    words: i64,
    /// Rows of the whole batch.
    number: f64,
    smoothing: f64,
}

/// What a chunk's rows predict.
struct Predicted {
    /// Probabilities but for a factor of each row, in the table's kind: [rows, K].
    shares: Tensor,
    /// What makes them probabilities, by the rows of the whole batch: f32, [rows, 1].
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
        if let Some(raise) = &layer.raise {
            let own = self.of_targets(&logits);
            let _ = logits.g_add_(raise);
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
            shares: exp.to_kind(kind),
        }
    }

    /// With logits in the table's kind, of a layer that may know more words.
    fn predict_at_once(&self, layer: &CrossEntropy) -> Predicted {
        let kind = layer.table.kind();
        let (hidden, table) = (self.hidden.to_kind(kind), layer.table.tr());
        let logits = match &layer.bias {
            Some(bias) => bias.addmm(&hidden, &table),
            None => hidden.matmul(&table),
        };
        let of_targets = self.of_targets(&logits).to_kind(Kind::Float);
        let mean = self.mean(&logits);
        let shares = logits.softmax(-1, kind);
        let shares_of_targets = self.of_targets(&shares).to_kind(Kind::Float);
        let sum = &of_targets - shares_of_targets.clamp_min(SMALLEST).log();
        let size = [self.hidden.size()[0], 1];
        Predicted {
            factor: Tensor::full(size, 1.0 / self.number, (Kind::Float, hidden.device())),
            losses: self.losses(sum, &of_targets, mean),
            shares,
        }
    }

    /// [rows] of [rows, K].
    fn of_targets(&self, logits: &Tensor) -> Tensor {
        let targets = self.targets.unsqueeze(-1);
        logits.gather(-1, &targets, false).squeeze_dim(-1)
    }

    /// The mean logit of each row, [rows], where probability is spread over all.
    fn mean(&self, logits: &Tensor) -> Option<Tensor> {
        let logits = || logits.narrow(-1, 0, self.words);
        (self.smoothing > 0.0).then(|| logits().mean_dim(-1, false, Kind::Float))
    }

    /// Share of probability that the target has.
    fn right(&self) -> f64 {
        1.0 - self.smoothing
    }

    /// f32, [rows], where `sum` is ln of the sum of all exp(logits).
    fn losses(&self, sum: Tensor, of_targets: &Tensor, mean: Option<Tensor>) -> Tensor {
        let losses = sum - of_targets * self.right();
        match mean {
            Some(mean) => losses - mean * self.smoothing,
            None => losses,
        }
    }

    /// Adds this chunk's part to the gradients of the layer; returns that by its hidden states, [rows, D].
    fn differentiate(
        &self,
        Predicted { shares, factor, .. }: &Predicted,
        table: &Tensor,
        by_table: &mut Tensor,
        by_bias: Option<&mut Tensor>,
    ) -> Tensor {
        let kind = table.kind();
        let right = self.right();
        let spread = self.smoothing / self.words as f64;
        let hidden = self.hidden.to_kind(Kind::Float);
        let scaled = &hidden * factor;

        let mut gradient = shares.matmul(table).to_kind(Kind::Float) * factor;
        let of_targets = table.index_select(0, &self.targets).to_kind(Kind::Float);
        let _ = gradient.g_sub_(&(of_targets * (right / self.number)));
        match kind {
            Kind::Float => {
                let shares = shares.narrow(1, 0, self.words);
                let _ = by_table.addmm_(&shares.tr(), &scaled);
            }
            _ => {
                let product = shares.tr().matmul(&scaled.to_kind(kind));
                let _ = by_table.g_add_(&product.narrow(0, 0, self.words));
            }
        }
        let _ = by_table.index_add_(0, &self.targets, &(&hidden * (-right / self.number)));
        if let Some(by_bias) = by_bias {
            let shares = factor.tr().matmul(&shares.to_kind(Kind::Float));
            let _ = by_bias.g_add_(&shares.squeeze_dim(0).narrow(0, 0, self.words));
            let minus = Tensor::full_like(&factor.squeeze_dim(-1), -right / self.number);
            let _ = by_bias.index_add_(0, &self.targets, &minus);
            let _ = by_bias.g_sub_scalar_(spread * self.targets.size()[0] as f64 / self.number);
        }
        if self.smoothing > 0.0 {
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
    fn at_once_is_as_step_by_step() {
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
        for (has_bias, smoothing) in [(false, 0.0), (true, 0.0), (true, 0.1)] {
            let layer = CrossEntropy {
                table: Tensor::randn([WORDS, 8], options).to_kind(kind),
                bias: has_bias.then(|| Tensor::randn([WORDS], options).to_kind(kind)),
                raise: None,
                smoothing,
            };
            let [one, other] = [true, false].map(|at_once| {
                let found = layer.walk(&hidden, &targets, at_once);
                [
                    Some(found.loss),
                    Some(found.by_hidden),
                    Some(found.by_table),
                    found.by_bias,
                ]
            });
            for (one, other) in one.into_iter().flatten().zip(other.into_iter().flatten()) {
                assert_eq!(one.size(), other.size());
                let difference = (&one - &other).norm().double_value(&[]);
                let share = difference / other.norm().double_value(&[]);
                assert!(share < bound, "{kind:?} {has_bias} {smoothing}: {share}");
            }
        }
    }

    #[test]
    fn a_loss_that_16_bits_cannot_hold_is_a_number() {
        let table = Tensor::from_slice(&[200.0_f32, 0.0]).view([2, 1]);
        let layer = CrossEntropy {
            table,
            bias: None,
            raise: None,
            smoothing: 0.0,
        };
        let hidden = Tensor::ones([1, 1], (Kind::Float, Device::Cpu));
        let loss = |target: i64, at_once| {
            let found = layer.walk(&hidden, &Tensor::from_slice(&[target]), at_once);
            found.loss.double_value(&[])
        };
        assert_eq!(
            [loss(0, true), loss(0, false), loss(1, false)],
            [0.0, 0.0, 200.0]
        );
        assert!((loss(1, true) - 87.3).abs() < 0.1);
    }
}

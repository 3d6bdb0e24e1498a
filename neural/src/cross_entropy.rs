//! Cross-entropy of an output layer with its gradients, in chunks of rows.
//!
//! Logits of a large vocabulary would fill memory and be walked over many times. Here a chunk of them is made, turned
//! into its loss and its gradients at once, and forgotten; autograd sees only the gradient that belongs to the hidden
//! states.
//!
//! With e = exp(logits - max) and s their sum, the gradient by the logits is e / s less the target's distribution; the
//! division is done on the smaller factors of the products that follow.

use tch::{Kind, Tensor};

/// Logits that are there at a time, on the CPU; a GPU has more room.
const LOGITS: i64 = 1 << 22;

/// First row and number of rows of each chunk of hidden states `[N, D]`.
pub(crate) fn chunks(hidden: &Tensor, words: i64) -> impl Iterator<Item = (i64, i64)> + use<> {
    let room = match hidden.device().is_cuda() {
        true => LOGITS << 4,
        false => LOGITS,
    };
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
        let number = hidden.size()[0];
        let words = self.table.size()[0];
        let zeros = |size: &[i64]| Tensor::zeros(size, (Kind::Float, hidden.device()));
        let mut by_table = zeros(&self.table.size());
        let mut by_bias = self.bias.as_ref().map(|_| zeros(&[words]));
        let (mut losses, mut by_hidden) = (Vec::new(), Vec::new());
        for (start, rows) in chunks(hidden, words) {
            let chunk = Chunk {
                hidden: hidden.narrow(0, start, rows),
                targets: targets.narrow(0, start, rows),
                number: number as f64,
                smoothing: self.smoothing,
            };
            let logits = self.logits(&chunk);
            losses.push(chunk.walk(
                logits,
                &self.table,
                &mut by_table,
                by_bias.as_mut(),
                &mut by_hidden,
            ));
        }
        Found {
            loss: Tensor::cat(&losses, 0).mean(Kind::Float),
            by_hidden: Tensor::cat(&by_hidden, 0),
            by_table,
            by_bias,
        }
    }

    /// f32, [rows, K].
    fn logits(&self, chunk: &Chunk) -> Tensor {
        let hidden = chunk.hidden.to_kind(self.table.kind());
        let mut logits = hidden.matmul(&self.table.tr()).to_kind(Kind::Float);
        if let Some(bias) = &self.bias {
            let _ = logits.g_add_(bias);
        }
        if let Some(raise) = &self.raise {
            let targets = chunk.targets.unsqueeze(-1);
            let own = logits.gather(-1, &targets, false);
            let _ = logits.g_add_(raise);
            let _ = logits.scatter_(-1, &targets, &own);
        }
        logits
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

//! Adam on the CPU, fused into one pass over memory: libtorch's operators take ten passes, which is a third of a training
//! step with a large vocabulary.

use std::thread;

use tch::{Device, Kind, Tensor};

/// Hyperparameters of one step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Adam {
    pub(crate) beta1: f64,
    pub(crate) beta2: f64,
    pub(crate) epsilon: f64,
    pub(crate) learning_rate: f64,
    /// Factor of the gradient, from clipping.
    pub(crate) scale: f64,
    /// Number of steps including this one, for bias correction.
    pub(crate) steps: i32,
}

impl Adam {
    /// Updates `master`; all tensors are f32, `[all]`, on the CPU. Before the update, the first `decay_length` numbers are
    /// multiplied by 1 - `decay`.
    pub(crate) fn step(
        self,
        master: &mut Tensor,
        gradient: &Tensor,
        (mean, square): (&mut Tensor, &mut Tensor),
        (decay_length, decay): (usize, f64),
    ) {
        let gradient = gradient.contiguous();
        let (numbers, gradient) = (slice_mut(master), slice(&gradient));
        let (mean, square) = (slice_mut(mean), slice_mut(square));
        let size = numbers
            .len()
            .div_ceil(tch::get_num_threads().max(1) as usize);
        let (size, is_alone) = (size.max(1), size >= numbers.len());
        thread::scope(|scope| {
            let parts = numbers.chunks_mut(size).zip(gradient.chunks(size));
            let states = mean.chunks_mut(size).zip(square.chunks_mut(size));
            for (at, ((numbers, gradient), (mean, square))) in parts.zip(states).enumerate() {
                let border = decay_length.saturating_sub(at * size).min(numbers.len());
                let mut work = move || {
                    let (first, last) = numbers.split_at_mut(border);
                    let (first_mean, last_mean) = mean.split_at_mut(border);
                    let (first_square, last_square) = square.split_at_mut(border);
                    self.update(first, &gradient[..border], first_mean, first_square, decay);
                    self.update(last, &gradient[border..], last_mean, last_square, 0.0);
                };
                match is_alone {
                    true => work(),
                    false => drop(scope.spawn(work)),
                }
            }
        });
    }

    fn update(
        self,
        numbers: &mut [f32],
        gradient: &[f32],
        mean: &mut [f32],
        square: &mut [f32],
        decay: f64,
    ) {
        let so_far = |beta: f64| 1.0 - beta.powi(self.steps);
        let step = (self.learning_rate / so_far(self.beta1)) as f32;
        let root = (1.0 / so_far(self.beta2).sqrt()) as f32;
        let (kept, epsilon, scale) = ((1.0 - decay) as f32, self.epsilon as f32, self.scale as f32);
        let (new_mean, old_square) = ((1.0 - self.beta1) as f32, self.beta2 as f32);
        let new_square = (1.0 - self.beta2) as f32;
        let states = mean.iter_mut().zip(square);
        for ((number, &gradient), (mean, square)) in numbers.iter_mut().zip(gradient).zip(states) {
            let gradient = gradient * scale;
            *mean += (gradient - *mean) * new_mean;
            *square = *square * old_square + gradient * gradient * new_square;
            *number = *number * kept - *mean * step / (square.sqrt() * root + epsilon);
        }
    }
}

/// The numbers of a contiguous f32 tensor on the CPU.
#[allow(unsafe_code)]
fn slice(tensor: &Tensor) -> &[f32] {
    require_plain(tensor);
    // SAFETY: the tensor holds `numel` contiguous f32, which live as long as the tensor.
    unsafe { std::slice::from_raw_parts(tensor.data_ptr().cast(), tensor.numel()) }
}

/// The same, mutable.
#[allow(unsafe_code)]
fn slice_mut(tensor: &mut Tensor) -> &mut [f32] {
    require_plain(tensor);
    // SAFETY: as above. Other tensors may share the memory, but they are not used while this slice is borrowed.
    unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast(), tensor.numel()) }
}

fn require_plain(tensor: &Tensor) {
    let is_plain = tensor.device() == Device::Cpu && tensor.kind() == Kind::Float;
    assert!(
        is_plain && tensor.is_contiguous(),
        "a flat tensor of f32 on the CPU"
    );
}

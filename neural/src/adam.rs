//! Adam on the CPU in one pass: libtorch's operators would go over memory ten times, which would take a third of a step
//! where a vocabulary is large.

use std::thread;

use tch::{Device, Kind, Tensor};

/// What a step does with each number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Adam {
    pub(crate) beta1: f64,
    pub(crate) beta2: f64,
    pub(crate) epsilon: f64,
    pub(crate) rate: f64,
    /// What the gradient is multiplied with.
    pub(crate) scale: f64,
    /// Steps so far, this one included: means begin at 0, which is made up for.
    pub(crate) steps: i32,
}

impl Adam {
    /// A step of `master` along `gradient`, all f32, `[all]`, on the CPU. The first `decayed` numbers lose the share
    /// `decay` of themselves first.
    pub(crate) fn step(
        self,
        master: &mut Tensor,
        gradient: &Tensor,
        (mean, square): (&mut Tensor, &mut Tensor),
        (decayed, decay): (usize, f64),
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
                let border = decayed.saturating_sub(at * size).min(numbers.len());
                let mut work = move || {
                    let (first, last) = numbers.split_at_mut(border);
                    let (first_mean, last_mean) = mean.split_at_mut(border);
                    let (first_square, last_square) = square.split_at_mut(border);
                    self.change(first, &gradient[..border], first_mean, first_square, decay);
                    self.change(last, &gradient[border..], last_mean, last_square, 0.0);
                };
                match is_alone {
                    true => work(),
                    false => drop(scope.spawn(work)),
                }
            }
        });
    }

    fn change(
        self,
        numbers: &mut [f32],
        gradient: &[f32],
        mean: &mut [f32],
        square: &mut [f32],
        decay: f64,
    ) {
        let so_far = |beta: f64| 1.0 - beta.powi(self.steps);
        let step = (self.rate / so_far(self.beta1)) as f32;
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

/// The numbers of a tensor that is contiguous, f32 and on the CPU.
#[allow(unsafe_code)]
fn slice(tensor: &Tensor) -> &[f32] {
    require_plain(tensor);
    // SAFETY: so many f32 lie there one after the other, and live as long as the tensor.
    unsafe { std::slice::from_raw_parts(tensor.data_ptr().cast(), tensor.numel()) }
}

/// The same, to change them.
#[allow(unsafe_code)]
fn slice_mut(tensor: &mut Tensor) -> &mut [f32] {
    require_plain(tensor);
    // SAFETY: as above. Other tensors may share the memory; none of them is used before this one is given back.
    unsafe { std::slice::from_raw_parts_mut(tensor.data_ptr().cast(), tensor.numel()) }
}

fn require_plain(tensor: &Tensor) {
    let is_plain = tensor.device() == Device::Cpu && tensor.kind() == Kind::Float;
    assert!(
        is_plain && tensor.is_contiguous(),
        "a flat tensor of f32 on the CPU"
    );
}

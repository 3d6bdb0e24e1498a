//! Optimizers over one flat tensor of parameters, with their state in flat tensors of the same length.

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::adam::Adam;
use crate::error::{Result, torch};
use crate::parameters::Parameters;

/// Optimizer and its hyperparameters; the learning rate is passed to each step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum OptimizerConfig {
    /// Stochastic gradient descent, with momentum if it is above 0.
    Sgd {
        /// Decay of the accumulated gradient.
        momentum: f64,
    },
    /// AdaGrad (Duchi et al. 2011).
    #[serde(rename = "adagrad")]
    AdaGrad {
        /// Added to the denominator.
        epsilon: f64,
    },
    /// Adam (Kingma and Ba 2015).
    Adam {
        /// Decay rate of the first moment.
        beta1: f64,
        /// Decay rate of the second moment.
        beta2: f64,
        /// Added to the denominator.
        epsilon: f64,
    },
    /// Adam with decoupled weight decay on matrices (Loshchilov and Hutter 2019).
    #[serde(rename = "adamw")]
    AdamW {
        /// Decay rate of the first moment.
        beta1: f64,
        /// Decay rate of the second moment.
        beta2: f64,
        /// Added to the denominator.
        epsilon: f64,
        /// Weight decay coefficient, multiplied by the learning rate.
        weight_decay: f64,
    },
}

impl OptimizerConfig {
    /// The fused CPU implementation of Adam and its weight decay, if the optimizer is Adam or AdamW and the parameters are on the
    /// CPU.
    fn fused_adam(self, master: &Tensor) -> Option<(Adam, f64)> {
        let (beta1, beta2, epsilon, weight_decay) = match self {
            OptimizerConfig::Adam {
                beta1,
                beta2,
                epsilon,
            } => (beta1, beta2, epsilon, 0.0),
            OptimizerConfig::AdamW {
                beta1,
                beta2,
                epsilon,
                weight_decay,
            } => (beta1, beta2, epsilon, weight_decay),
            _ => return None,
        };
        let adam = Adam {
            beta1,
            beta2,
            epsilon,
            learning_rate: 0.0,
            scale: 1.0,
            steps: 0,
        };
        (master.device() == Device::Cpu).then_some((adam, weight_decay))
    }

    /// Number of flat state tensors.
    pub(crate) fn num_states(self) -> usize {
        match self {
            OptimizerConfig::Sgd { momentum: 0.0 } => 0,
            OptimizerConfig::Sgd { .. } | OptimizerConfig::AdaGrad { .. } => 1,
            OptimizerConfig::Adam { .. } | OptimizerConfig::AdamW { .. } => 2,
        }
    }
}

/// An optimizer with its state.
#[derive(Debug)]
pub struct Optimizer {
    config: OptimizerConfig,
    /// `[all]` each.
    pub(crate) states: Vec<Tensor>,
    /// Number of steps so far.
    pub(crate) steps: u64,
}

/// Numbers per chunk on the CPU, so that successive operations find them in the cache.
const CHUNK: i64 = 1 << 15;

impl Optimizer {
    /// A new optimizer with its state at 0.
    ///
    /// # Errors
    /// [`crate::Error::Torch`] if there is too little memory.
    pub fn new(config: OptimizerConfig, parameters: &Parameters) -> Result<Optimizer> {
        let (master, _) = parameters.master();
        let states = torch("allocate the optimizer state", || {
            (0..config.num_states())
                .map(|_| master.f_zeros_like())
                .collect::<Result<Vec<Tensor>, tch::TchError>>()
        })?;
        Ok(Optimizer {
            config,
            states,
            steps: 0,
        })
    }

    /// Updates the parameters with `scale` times the gradient, `[all]` of any kind. `scale` is a scalar tensor, so that the step
    /// does not wait for a GPU.
    pub fn step(
        &mut self,
        parameters: &mut Parameters,
        gradient: &Tensor,
        scale: &Tensor,
        learning_rate: f64,
    ) {
        self.steps += 1;
        let (mut master, decay_length) = parameters.master();
        let gradient = gradient.to_kind(Kind::Float);
        match (self.config.fused_adam(&master), &mut self.states[..]) {
            (Some((adam, weight_decay)), [mean, square]) => {
                let adam = Adam {
                    learning_rate,
                    scale: scale.double_value(&[]),
                    steps: self.steps as i32,
                    ..adam
                };
                let decay = (decay_length as usize, learning_rate * weight_decay);
                adam.step(&mut master, &gradient, (mean, square), decay);
            }
            _ => self.step_with_operators(&master, decay_length, &gradient, scale, learning_rate),
        }
        parameters.refresh();
    }

    fn step_with_operators(
        &self,
        master: &Tensor,
        decay_length: i64,
        gradient: &Tensor,
        scale: &Tensor,
        learning_rate: f64,
    ) {
        let length = master.size()[0];
        let chunk = match master.device() {
            Device::Cpu => CHUNK,
            _ => length,
        };
        tch::no_grad(|| {
            for part in [0..decay_length, decay_length..length] {
                let decays = part.start < decay_length;
                let mut start = part.start;
                while start < part.end {
                    let size = chunk.min(part.end - start);
                    let chunk_of = |tensor: &Tensor| tensor.narrow(0, start, size);
                    let states = self.states.iter().map(chunk_of).collect();
                    let gradient = chunk_of(gradient) * scale;
                    self.update(chunk_of(master), &gradient, states, learning_rate, decays);
                    start += size;
                }
            }
        });
    }

    fn update(
        &self,
        mut master: Tensor,
        gradient: &Tensor,
        mut states: Vec<Tensor>,
        learning_rate: f64,
        decays: bool,
    ) {
        match (self.config, &mut states[..]) {
            (OptimizerConfig::AdaGrad { epsilon }, [squares]) => {
                let _ = squares.addcmul_(gradient, gradient);
                let root = squares.sqrt().g_add_scalar_(epsilon);
                let _ = master.addcdiv_(&(gradient * -learning_rate), &root);
            }
            (OptimizerConfig::Sgd { momentum }, [sum]) => {
                let _ = sum.g_mul_scalar_(momentum);
                let _ = sum.g_add_(gradient);
                let _ = master.g_sub_(&(&*sum * learning_rate));
            }
            (OptimizerConfig::Sgd { .. }, _) => {
                let _ = master.g_sub_(&(gradient * learning_rate));
            }
            (
                OptimizerConfig::Adam {
                    beta1,
                    beta2,
                    epsilon,
                }
                | OptimizerConfig::AdamW {
                    beta1,
                    beta2,
                    epsilon,
                    ..
                },
                [mean, square],
            ) => {
                if let OptimizerConfig::AdamW { weight_decay, .. } = self.config
                    && decays
                {
                    let _ = master.g_mul_scalar_(1.0 - learning_rate * weight_decay);
                }
                // Bias correction (Kingma and Ba 2015, section 3).
                let steps = self.steps as i32;
                let (correction1, correction2) = (1.0 - beta1.powi(steps), 1.0 - beta2.powi(steps));
                let _ = mean.lerp_(gradient, 1.0 - beta1);
                let _ = square.lerp_(&gradient.square(), 1.0 - beta2);
                // All factors are folded into the denominator, which saves passes over memory.
                let scalar = |value: f64| Tensor::full([], value, (Kind::Float, master.device()));
                if learning_rate > 0.0 {
                    let factor = -correction1 / learning_rate;
                    let root = scalar(factor * epsilon)
                        .addcmul(&square.sqrt(), &scalar(factor / correction2.sqrt()));
                    let _ = master.addcdiv_(mean, &root);
                }
            }
            (
                OptimizerConfig::AdaGrad { .. }
                | OptimizerConfig::Adam { .. }
                | OptimizerConfig::AdamW { .. },
                _,
            ) => {
                unreachable!("`new` allocates `num_states` tensors")
            }
        }
    }
}

/// The factor that clips a gradient to this norm, as a scalar tensor (Pascanu et al. 2013). 0: no clipping.
pub(crate) fn clip_factor(gradient: &Tensor, max_norm: f64) -> Tensor {
    if max_norm <= 0.0 {
        return Tensor::ones([], (Kind::Float, gradient.device()));
    }
    let norm = gradient.norm().to_kind(Kind::Float);
    (max_norm / (norm + 1e-6)).clamp_max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Init, Layout, Precision};

    /// Compares the fused CPU code of Adam with libtorch's operators, which are used on GPUs.
    #[test]
    fn fused_adam_takes_the_same_steps_as_the_operators() {
        let config = OptimizerConfig::AdamW {
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            weight_decay: 0.1,
        };
        // Drawn once: other tests use the same generator at the same time.
        let parameters = || {
            let mut layout = Layout::default();
            layout.add("matrix", &[40, 50], Init::Normal(1.0));
            layout.add("bias", &[50], Init::Zeros);
            Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap()
        };
        let size = parameters().master().0.size();
        let drawn = || Tensor::randn(&size, (Kind::Float, Device::Cpu));
        let (initial, gradients) = (drawn(), [drawn(), drawn(), drawn()]);
        let [one_pass, operators] = [true, false].map(|in_one_pass| {
            let mut parameters = parameters();
            let mut optimizer = Optimizer::new(config, &parameters).unwrap();
            let (mut master, decay_length) = parameters.master();
            tch::no_grad(|| master.copy_(&initial));
            let scale = Tensor::from(0.5_f32);
            for (gradient, rate) in gradients.iter().zip([1e-2, 5e-3, 0.0]) {
                match in_one_pass {
                    true => optimizer.step(&mut parameters, gradient, &scale, rate),
                    false => {
                        optimizer.steps += 1;
                        optimizer.step_with_operators(
                            &master,
                            decay_length,
                            gradient,
                            &scale,
                            rate,
                        );
                    }
                }
            }
            master
        });
        let difference = (one_pass - operators).abs().max().double_value(&[]);
        assert!(difference < 1e-6, "{difference}");
    }
}

//! Optimisers over one flat tensor of parameters, their state in flat tensors beside it.

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

use crate::adam::Adam;
use crate::error::{Result, torch};
use crate::parameters::Parameters;

/// How a gradient changes the parameters; the learning rate comes with each step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Rule {
    /// Steps against the gradient, or against its decaying sum.
    Sgd {
        /// What is kept of the last step; 0: nothing.
        momentum: f64,
    },
    /// Steps divided by the root of the sum of all squares (Duchi et al. 2011).
    #[serde(rename = "adagrad")]
    AdaGrad {
        /// Added to the root.
        epsilon: f64,
    },
    /// Steps along the mean gradient, divided by the root of the mean square (Kingma and Ba 2015).
    Adam {
        /// What is kept of the mean gradient.
        beta1: f64,
        /// What is kept of the mean square.
        beta2: f64,
        /// Added to the root.
        epsilon: f64,
    },
    /// The same, and matrices shrink by themselves (Loshchilov and Hutter 2019).
    #[serde(rename = "adamw")]
    AdamW {
        /// What is kept of the mean gradient.
        beta1: f64,
        /// What is kept of the mean square.
        beta2: f64,
        /// Added to the root.
        epsilon: f64,
        /// Times the learning rate: what matrices lose in a step.
        weight_decay: f64,
    },
}

impl Rule {
    /// Adam in one pass, and its weight decay, if it is that and these parameters are on the CPU.
    fn on_the_cpu(self, master: &Tensor) -> Option<(Adam, f64)> {
        let (beta1, beta2, epsilon, weight_decay) = match self {
            Rule::Adam {
                beta1,
                beta2,
                epsilon,
            } => (beta1, beta2, epsilon, 0.0),
            Rule::AdamW {
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
            rate: 0.0,
            scale: 1.0,
            steps: 0,
        };
        (master.device() == Device::Cpu).then_some((adam, weight_decay))
    }

    /// Flat tensors of state that it keeps.
    pub(crate) fn states(self) -> usize {
        match self {
            Rule::Sgd { momentum: 0.0 } => 0,
            Rule::Sgd { .. } | Rule::AdaGrad { .. } => 1,
            Rule::Adam { .. } | Rule::AdamW { .. } => 2,
        }
    }
}

/// An optimiser with its state.
#[derive(Debug)]
pub struct Optimiser {
    rule: Rule,
    /// `[all]` each.
    pub(crate) states: Vec<Tensor>,
    /// Steps so far.
    pub(crate) steps: u64,
}

/// Numbers that are worked on at a time on the CPU: what several operations go over stays in the cache.
const CHUNK: i64 = 1 << 15;

impl Optimiser {
    /// An optimiser that has made no step.
    ///
    /// # Errors
    /// [`crate::Error::Torch`] where memory does not suffice.
    pub fn new(rule: Rule, parameters: &Parameters) -> Result<Optimiser> {
        let (master, _) = parameters.master();
        let states = torch("allocate the optimiser's state", || {
            (0..rule.states())
                .map(|_| master.f_zeros_like())
                .collect::<Result<Vec<Tensor>, tch::TchError>>()
        })?;
        Ok(Optimiser {
            rule,
            states,
            steps: 0,
        })
    }

    /// Changes the parameters by `scale` times the gradient, `[all]` in any kind of number. `scale` is a tensor of one
    /// number, so that a GPU need not be waited for.
    pub fn step(
        &mut self,
        parameters: &mut Parameters,
        gradient: &Tensor,
        scale: &Tensor,
        rate: f64,
    ) {
        self.steps += 1;
        let (mut master, decayed) = parameters.master();
        let gradient = gradient.to_kind(Kind::Float);
        match (self.rule.on_the_cpu(&master), &mut self.states[..]) {
            (Some((adam, weight_decay)), [mean, square]) => {
                let adam = Adam {
                    rate,
                    scale: scale.double_value(&[]),
                    steps: self.steps as i32,
                    ..adam
                };
                let decay = (decayed as usize, rate * weight_decay);
                adam.step(&mut master, &gradient, (mean, square), decay);
            }
            _ => self.step_by_operators(&master, decayed, &gradient, scale, rate),
        }
        parameters.refresh();
    }

    fn step_by_operators(
        &self,
        master: &Tensor,
        decayed: i64,
        gradient: &Tensor,
        scale: &Tensor,
        rate: f64,
    ) {
        let length = master.size()[0];
        let chunk = match master.device() {
            Device::Cpu => CHUNK,
            _ => length,
        };
        tch::no_grad(|| {
            for part in [0..decayed, decayed..length] {
                let decays = part.start < decayed;
                let mut start = part.start;
                while start < part.end {
                    let size = chunk.min(part.end - start);
                    let cut = |tensor: &Tensor| tensor.narrow(0, start, size);
                    let states = self.states.iter().map(cut).collect();
                    let gradient = cut(gradient) * scale;
                    self.change(cut(master), &gradient, states, rate, decays);
                    start += size;
                }
            }
        });
    }

    fn change(
        &self,
        mut master: Tensor,
        gradient: &Tensor,
        mut states: Vec<Tensor>,
        rate: f64,
        decays: bool,
    ) {
        match (self.rule, &mut states[..]) {
            (Rule::AdaGrad { epsilon }, [squares]) => {
                let _ = squares.addcmul_(gradient, gradient);
                let root = squares.sqrt().g_add_scalar_(epsilon);
                let _ = master.addcdiv_(&(gradient * -rate), &root);
            }
            (Rule::Sgd { momentum }, [sum]) => {
                let _ = sum.g_mul_scalar_(momentum);
                let _ = sum.g_add_(gradient);
                let _ = master.g_sub_(&(&*sum * rate));
            }
            (Rule::Sgd { .. }, _) => {
                let _ = master.g_sub_(&(gradient * rate));
            }
            (
                Rule::Adam {
                    beta1,
                    beta2,
                    epsilon,
                }
                | Rule::AdamW {
                    beta1,
                    beta2,
                    epsilon,
                    ..
                },
                [mean, square],
            ) => {
                if let Rule::AdamW { weight_decay, .. } = self.rule
                    && decays
                {
                    let _ = master.g_mul_scalar_(1.0 - rate * weight_decay);
                }
                // Both begin at 0, which the corrections make up for.
                let steps = self.steps as i32;
                let (mean_so_far, square_so_far) =
                    (1.0 - beta1.powi(steps), 1.0 - beta2.powi(steps));
                let _ = mean.lerp_(gradient, 1.0 - beta1);
                let _ = square.lerp_(&gradient.square(), 1.0 - beta2);
                // All factors on one side of the fraction, in one operation with the sum: fewer ways over memory.
                let number = |number: f64| Tensor::full([], number, (Kind::Float, master.device()));
                if rate > 0.0 {
                    let factor = -mean_so_far / rate;
                    let root = number(factor * epsilon)
                        .addcmul(&square.sqrt(), &number(factor / square_so_far.sqrt()));
                    let _ = master.addcdiv_(mean, &root);
                }
            }
            (Rule::AdaGrad { .. } | Rule::Adam { .. } | Rule::AdamW { .. }, _) => {
                unreachable!("`new` makes as many states as the rule has")
            }
        }
    }
}

/// The factor that brings a gradient to this norm if it is longer, as a tensor of one number (Pascanu et al. 2013).
pub(crate) fn clip(gradient: &Tensor, norm: Option<f64>) -> Tensor {
    match norm {
        None => Tensor::ones([], (Kind::Float, gradient.device())),
        Some(norm) => {
            let length = gradient.norm().to_kind(Kind::Float);
            (norm / (length + 1e-6)).clamp_max(1.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Init, Layout, Precision};

    /// Adam's own code for the CPU and libtorch's operators, which GPUs use.
    #[test]
    fn operators_step_as_one_pass_does() {
        let rule = Rule::AdamW {
            beta1: 0.9,
            beta2: 0.95,
            epsilon: 1e-8,
            weight_decay: 0.1,
        };
        let [one_pass, operators] = [true, false].map(|in_one_pass| {
            let mut layout = Layout::default();
            layout.add("matrix", &[40, 50], Init::Normal(1.0));
            layout.add("bias", &[50], Init::Zeros);
            let mut parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 1).unwrap();
            let mut optimiser = Optimiser::new(rule, &parameters).unwrap();
            let (master, decayed) = parameters.master();
            let scale = Tensor::from(0.5_f32);
            for (step, rate) in [1e-2, 5e-3, 0.0].into_iter().enumerate() {
                tch::manual_seed(step as i64);
                let gradient = Tensor::randn_like(&master);
                match in_one_pass {
                    true => optimiser.step(&mut parameters, &gradient, &scale, rate),
                    false => {
                        optimiser.steps += 1;
                        optimiser.step_by_operators(&master, decayed, &gradient, &scale, rate);
                    }
                }
            }
            master
        });
        let difference = (one_pass - operators).abs().max().double_value(&[]);
        assert!(difference < 1e-6, "{difference}");
    }
}

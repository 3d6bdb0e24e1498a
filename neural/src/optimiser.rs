//! Optimisers over one flat tensor of parameters, their state in flat tensors beside it.

use std::ops::Range;
use std::thread;

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

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
        let (master, decayed) = parameters.master();
        let length = master.size()[0];
        let (chunk, threads) = match master.device() {
            Device::Cpu => (CHUNK, tch::get_num_threads().max(1) as usize),
            _ => (length, 1),
        };
        let pieces: Vec<Range<i64>> = [0..decayed, decayed..length]
            .into_iter()
            .flat_map(|part| {
                let starts = part.clone().step_by(chunk as usize);
                starts.map(move |start| start..(start + chunk).min(part.end))
            })
            .collect();
        let change = Change {
            rule: self.rule,
            steps: self.steps as i32,
            rate,
        };
        // Chunks are too small for libtorch's own threads.
        thread::scope(|scope| {
            for pieces in pieces.chunks(pieces.len().div_ceil(threads).max(1)) {
                let tensors = [&master, gradient, scale].map(Tensor::shallow_clone);
                let states: Vec<Tensor> = self.states.iter().map(Tensor::shallow_clone).collect();
                let work = move || {
                    let [master, gradient, scale] = tensors;
                    for piece in pieces {
                        let cut = |tensor: &Tensor| {
                            tensor.narrow(0, piece.start, piece.end - piece.start)
                        };
                        let states = states.iter().map(cut).collect();
                        let gradient = cut(&gradient).to_kind(Kind::Float) * &scale;
                        let decays = piece.start < decayed;
                        change.apply(cut(&master), &gradient, states, decays);
                    }
                };
                match threads {
                    1 => tch::no_grad(work),
                    _ => drop(scope.spawn(|| tch::no_grad(work))),
                }
            }
        });
        parameters.refresh();
    }
}

/// What a step does with each number.
#[derive(Debug, Clone, Copy)]
struct Change {
    rule: Rule,
    /// Steps so far, this one included.
    steps: i32,
    rate: f64,
}

impl Change {
    fn apply(self, mut master: Tensor, gradient: &Tensor, mut states: Vec<Tensor>, decays: bool) {
        let Change { rule, steps, rate } = self;
        match (rule, &mut states[..]) {
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
                if let Rule::AdamW { weight_decay, .. } = rule
                    && decays
                {
                    let _ = master.g_mul_scalar_(1.0 - rate * weight_decay);
                }
                // Both begin at 0, which the corrections make up for.
                let (mean_so_far, square_so_far) =
                    (1.0 - beta1.powi(steps), 1.0 - beta2.powi(steps));
                let _ = mean.lerp_(gradient, 1.0 - beta1);
                let _ = square.g_mul_scalar_(beta2);
                let _ = square.addcmul_(&(gradient * (1.0 - beta2)), gradient);
                let root = square.sqrt();
                let root = (root / square_so_far.sqrt()).g_add_scalar_(epsilon);
                let _ = master.addcdiv_(&(&*mean * (-rate / mean_so_far)), &root);
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

//! All parameters of a model in one flat tensor.
//!
//! With one tensor, an optimizer step takes a handful of operations, however many layers the model has. A model declares
//! its parameters once ([`Layout`]) and reads them as views ([`Weights`]) in each step; their gradients are gathered in a
//! flat tensor as well. A step touches few rows of a large embedding table, and only those rows are written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use tch::{Device, Kind, Tensor};

use crate::device::Precision;
use crate::error::{Error, Result, torch};
use crate::layout::{Init, Layout, ParameterId, ParameterSpec};
use crate::loss::{DirectGradient, Loss};
use crate::memory::require_memory;
use crate::model_weights::{Lookup, Weights};
use crate::weights::{self, Named};

/// Parameters start at multiples of this many numbers, so that matrix products find them aligned.
const ALIGNMENT: i64 = 16;

/// All parameters of a model.
#[derive(Debug)]
pub struct Parameters {
    layout: Layout,
    /// Range of each parameter in the flat tensors.
    ranges: Vec<Range<i64>>,
    /// Length of the prefix that weight decay applies to.
    decay_length: i64,
    /// The numbers that the optimizer updates: f32, `[all]`.
    master: Tensor,
    /// The numbers that the model computes with: the master itself, or its copy in bf16.
    working: Tensor,
    /// A view of `working` for each parameter: the leaves of the autograd graph.
    leaves: Vec<Tensor>,
    /// The gradient of the last step: f32, `[all]`; undefined before the first.
    gradient: Tensor,
    /// The non-zero part of each parameter's gradient.
    nonzero: Vec<NonZero>,
}

/// Where the gradient of a parameter may differ from 0.
#[derive(Debug)]
enum NonZero {
    /// In these rows only.
    Rows(Vec<Tensor>),
    Everywhere,
}

/// What a backward pass does with the gradient of the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accumulation {
    /// Replaces it.
    Replace,
    /// Adds to it.
    Add,
}

impl Parameters {
    /// New parameters, initialised with a seed.
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::Torch`] if there is too little memory.
    pub fn new(
        layout: Layout,
        device: Device,
        precision: Precision,
        seed: u64,
    ) -> Result<Parameters> {
        let (ranges, length, decay_length) = place(&layout);
        require_memory(Device::Cpu, 4 * length as u64)?;
        // On the CPU first, so that a seed gives the same numbers on every device.
        tch::manual_seed(seed as i64);
        let flat = torch("allocate the parameters", || {
            let flat = Tensor::f_zeros([length], (Kind::Float, Device::Cpu))?;
            for (spec, range) in layout.specs.iter().zip(&ranges) {
                let mut part = flat.f_narrow(0, range.start, range.end - range.start)?;
                initialise(&mut part, spec)?;
            }
            flat.f_to_device(device)
        })?;
        let working = match precision {
            Precision::F32 => flat.shallow_clone(),
            Precision::Bf16 => torch("allocate the parameters in bf16", || {
                flat.f_to_kind(Kind::BFloat16)
            })?,
        };
        let leaves = views(&layout, &ranges, &working).map(|leaf| leaf.set_requires_grad(true));
        Ok(Parameters {
            leaves: leaves.collect(),
            nonzero: ranges.iter().map(|_| NonZero::Rows(Vec::new())).collect(),
            layout,
            ranges,
            decay_length,
            master: flat,
            working,
            gradient: Tensor::new(),
        })
    }

    /// Total number of scalar parameters.
    pub fn count(&self) -> u64 {
        self.layout.num_parameters()
    }

    /// The device that holds the parameters.
    pub fn device(&self) -> Device {
        self.master.device()
    }

    /// The numbers that the optimizer updates, `[all]`, and the length of the prefix that weight decay applies to.
    pub(crate) fn master(&self) -> (Tensor, i64) {
        (self.master.detach(), self.decay_length)
    }

    /// Updates the bf16 copy after the master has changed.
    pub(crate) fn refresh(&mut self) {
        if self.working.kind() != Kind::Float {
            tch::no_grad(|| self.working.copy_(&self.master));
        }
    }

    /// Replaces all numbers of the parameters by those of `flat`, `[all]`.
    pub(crate) fn overwrite(&mut self, flat: &Tensor) {
        let (mut master, _) = self.master();
        tch::no_grad(|| master.copy_(flat));
        self.refresh();
    }

    /// Sets a parameter to the given values.
    pub fn set(&mut self, id: ParameterId, values: &Tensor) {
        tch::no_grad(|| self.view_of(&self.master, id).copy_(values));
        self.refresh();
    }

    /// Sets all numbers of some rows of a parameter to one value.
    pub fn fill_rows(&mut self, id: ParameterId, rows: Range<i64>, value: f64) {
        tch::no_grad(|| {
            let part = self.view_of(&self.master, id);
            let _ = part
                .narrow(0, rows.start, rows.end - rows.start)
                .fill_(value);
        });
        self.refresh();
    }

    /// The part of a flat tensor that belongs to a parameter, in its shape.
    fn view_of(&self, flat: &Tensor, id: ParameterId) -> Tensor {
        view(flat, &self.ranges[id.0], &self.layout.specs[id.0])
    }

    /// The parameters for training: gradients flow to them.
    pub fn weights(&self) -> Weights {
        Weights::new(self.leaves.iter().map(Tensor::shallow_clone).collect())
    }

    /// The parameters for evaluation: in f32 and without gradients, sharing memory with the master.
    pub fn eval_weights(&self) -> Weights {
        Weights::new(views(&self.layout, &self.ranges, &self.master.detach()).collect())
    }

    /// Computes the gradient of a loss that was computed from `weights`.
    pub(crate) fn backward(
        &mut self,
        weights: &Weights,
        loss: Loss,
        accumulation: Accumulation,
    ) -> Result<()> {
        if !self.gradient.defined() {
            self.gradient = torch("allocate the gradient", || self.master.f_zeros_like())?;
        }
        let lookups = weights.lookups.take();
        let outputs = lookups.iter().map(|lookup| &lookup.output);
        let inputs: Vec<&Tensor> = self.leaves.iter().chain(outputs).collect();
        let mut dense = torch("compute the gradient", || {
            Tensor::f_run_backward(&[&loss.surrogate], &inputs, false, false)
        })?;
        let sparse = dense.split_off(self.leaves.len());
        tch::no_grad(|| {
            for (at, gradient) in dense.iter().enumerate() {
                self.add_dense(ParameterId(at), gradient, accumulation);
            }
            for direct in sparse_gradients(lookups, sparse).chain(loss.direct) {
                self.add_rows(direct);
            }
        });
        Ok(())
    }

    /// Stores the gradient of a whole parameter; an undefined one is 0.
    fn add_dense(&mut self, id: ParameterId, gradient: &Tensor, accumulation: Accumulation) {
        let mut part = self.view_of(&self.gradient, id);
        match (gradient.defined(), accumulation) {
            (true, Accumulation::Add) => drop(part.g_add_(gradient)),
            (true, Accumulation::Replace) => part.copy_(gradient),
            (false, Accumulation::Add) => return,
            (false, Accumulation::Replace) => {
                match &self.nonzero[id.0] {
                    NonZero::Everywhere => drop(part.zero_()),
                    NonZero::Rows(rows) => {
                        for rows in rows {
                            let _ = part.index_fill_(0, rows, 0.0);
                        }
                    }
                }
                self.nonzero[id.0] = NonZero::Rows(Vec::new());
                return;
            }
        }
        self.nonzero[id.0] = NonZero::Everywhere;
    }

    fn add_rows(&mut self, DirectGradient { id, rows, gradient }: DirectGradient) {
        let mut part = self.view_of(&self.gradient, id);
        let gradient = gradient.to_kind(part.kind());
        match rows {
            None => {
                let _ = part.narrow(0, 0, gradient.size()[0]).g_add_(&gradient);
                self.nonzero[id.0] = NonZero::Everywhere;
            }
            Some(rows) => {
                let _ = part.index_add_(0, &rows, &gradient);
                if let NonZero::Rows(nonzero) = &mut self.nonzero[id.0] {
                    nonzero.push(rows);
                }
            }
        }
    }

    /// The gradient of the last backward pass, f32, `[all]`.
    pub(crate) fn gradient(&self) -> Tensor {
        self.gradient.shallow_clone()
    }

    /// The gradient of a loss that was computed from `weights`, by parameter name.
    ///
    /// # Errors
    /// [`Error::Torch`] if there is too little memory.
    pub fn gradients(&mut self, weights: &Weights, loss: Loss) -> Result<Named> {
        self.backward(weights, loss, Accumulation::Replace)?;
        Ok(self.by_name(&self.gradient.copy()))
    }

    /// The master's numbers by parameter name, sharing memory with it.
    fn named(&self) -> Named {
        self.by_name(&self.master.detach())
    }

    fn by_name(&self, flat: &Tensor) -> Named {
        let names = self.layout.specs.iter().map(|spec| spec.name.clone());
        let named: BTreeMap<_, _> = names.zip(views(&self.layout, &self.ranges, flat)).collect();
        debug_assert_eq!(named.len(), self.layout.specs.len(), "a name occurs twice");
        named
    }

    /// Writes the parameters to a weight file.
    ///
    /// # Errors
    /// As [`weights::save`].
    pub fn save(&self, path: &Path) -> Result<()> {
        weights::save(path, &self.named())
    }

    /// Reads the parameters from a weight file with the same names and shapes and finite numbers.
    ///
    /// # Errors
    /// As [`weights::load_into`]; [`Error::NotFinite`] naming the tensor.
    pub fn load(&mut self, path: &Path) -> Result<()> {
        let named = self.named();
        weights::load_into(path, &named)?;
        for (name, tensor) in &named {
            let finite = torch("check the weights", || {
                tensor.f_isfinite()?.f_all()?.f_int64_value(&[])
            })?;
            if finite == 0 {
                return Err(Error::NotFinite {
                    path: path.to_owned(),
                    tensor: name.clone(),
                });
            }
        }
        self.refresh();
        Ok(())
    }
}

/// The range of each parameter, the total length, and the length of the prefix that weight decay applies to. Parameters
/// with weight decay come first, so that they are contiguous.
fn place(layout: &Layout) -> (Vec<Range<i64>>, i64, i64) {
    let specs = &layout.specs;
    let mut order: Vec<usize> = (0..specs.len()).collect();
    order.sort_by_key(|&at| !specs[at].has_weight_decay());
    let mut ranges = vec![0..0; specs.len()];
    let (mut end, mut decay_length) = (0, 0);
    for at in order {
        let length = specs[at].numel();
        ranges[at] = end..end + length;
        end += (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if specs[at].has_weight_decay() {
            decay_length = end;
        }
    }
    (ranges, end, decay_length)
}

fn initialise(part: &mut Tensor, spec: &ParameterSpec) -> Result<(), tch::TchError> {
    match spec.init {
        Init::Zeros => Ok(()),
        Init::Constant(value) => part.f_fill_(value).map(drop),
        Init::Normal(deviation) => part.f_normal_(0.0, deviation).map(drop),
        Init::Uniform(bound) => part.f_uniform_(-bound, bound).map(drop),
        Init::Xavier => {
            let bound = (6.0 / spec.shape.iter().sum::<i64>() as f64).sqrt();
            part.f_uniform_(-bound, bound).map(drop)
        }
    }
}

fn view(flat: &Tensor, range: &Range<i64>, spec: &ParameterSpec) -> Tensor {
    let part = flat.narrow(0, range.start, range.end - range.start);
    part.view(&spec.shape[..])
}

/// Each parameter as a detached view of a flat tensor.
fn views(layout: &Layout, ranges: &[Range<i64>], flat: &Tensor) -> impl Iterator<Item = Tensor> {
    let specs = layout.specs.iter().zip(ranges);
    specs.map(|(spec, range)| view(flat, range, spec).detach())
}

/// The gradients of embedding lookups, as gradients of rows; undefined ones are omitted.
fn sparse_gradients(
    lookups: Vec<Lookup>,
    gradients: Vec<Tensor>,
) -> impl Iterator<Item = DirectGradient> {
    let pairs = lookups.into_iter().zip(gradients);
    let defined = pairs.filter(|(_, gradient)| gradient.defined());
    defined.map(|(lookup, gradient)| {
        let dimension = gradient.size().last().copied().unwrap_or(1);
        DirectGradient {
            id: lookup.id,
            rows: Some(lookup.rows.flatten(0, -1)),
            gradient: gradient.reshape([-1, dimension]),
        }
    })
}

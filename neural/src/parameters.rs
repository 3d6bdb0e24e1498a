//! What training sets: all parameters of a model in one flat tensor.
//!
//! One tensor makes a step of an optimiser a handful of operations, however many layers a model has. A model asks for
//! its parameters by name and shape once ([`Layout`]) and reads them as views ([`Weights`]) in each step; the gradient
//! with respect to the flat tensor comes back flat.

use std::collections::BTreeMap;
use std::ops::{Index, Range};
use std::path::Path;

use tch::{Device, Kind, Tensor};

use crate::Precision;
use crate::error::{Error, Result, torch};
use crate::objective::Objective;
use crate::weights::{self, Named};

/// The place of a parameter among those of its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterId(usize);

/// Where a parameter begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// All 0.
    Zeros,
    /// All 1.
    Ones,
    /// Normal around 0, with this standard deviation.
    Normal(f64),
    /// Uniform between minus this and this.
    Uniform(f64),
    /// Uniform within sqrt(6 / (rows + columns)) (Glorot and Bengio 2010).
    Xavier,
}

#[derive(Debug, Clone)]
struct Entry {
    name: String,
    shape: Vec<i64>,
    init: Init,
}

impl Entry {
    fn len(&self) -> i64 {
        self.shape.iter().product()
    }

    /// Whether weight decay is for it: matrices, but neither biases nor what scales a normalisation.
    fn decays(&self) -> bool {
        self.shape.len() > 1
    }
}

/// The parameters that a model asks for.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    entries: Vec<Entry>,
}

impl Layout {
    /// Asks for a parameter. Names are those in the file of weights, parts divided by points.
    pub fn add(&mut self, name: impl Into<String>, shape: &[i64], init: Init) -> ParameterId {
        self.entries.push(Entry {
            name: name.into(),
            shape: shape.to_vec(),
            init,
        });
        ParameterId(self.entries.len() - 1)
    }

    /// Numbers of all parameters together.
    pub fn parameters(&self) -> u64 {
        self.entries.iter().map(|entry| entry.len() as u64).sum()
    }
}

/// Numbers at whose multiples parameters begin, so that products of matrices find them aligned.
const ALIGNMENT: i64 = 16;

/// All parameters of a model.
#[derive(Debug)]
pub struct Parameters {
    layout: Layout,
    /// Where each parameter lies in the flat tensors.
    places: Vec<Range<i64>>,
    /// The pieces that the flat tensors are cut into: a parameter, or what fills up to the next.
    pieces: Vec<(i64, Option<usize>)>,
    /// How many numbers at the beginning are of parameters that decay.
    decayed: i64,
    /// What optimisers change: f32, `[all]`.
    master: Tensor,
    /// What models compute with: the master itself, or its copy in bf16. The leaf of gradients.
    leaf: Tensor,
}

impl Parameters {
    /// New parameters, drawn with a seed.
    ///
    /// # Errors
    /// [`Error::Torch`] where memory does not suffice.
    pub fn new(
        layout: Layout,
        device: Device,
        precision: Precision,
        seed: u64,
    ) -> Result<Parameters> {
        // Those that decay first, so that they are one piece.
        let mut order: Vec<usize> = (0..layout.entries.len()).collect();
        order.sort_by_key(|&at| !layout.entries[at].decays());
        let mut places = vec![0..0; layout.entries.len()];
        let (mut pieces, mut end, mut decayed) = (Vec::new(), 0, 0);
        for at in order {
            let length = layout.entries[at].len();
            let filled = length.next_multiple_of_alignment();
            places[at] = end..end + length;
            pieces.push((length, Some(at)));
            if filled > length {
                pieces.push((filled - length, None));
            }
            end += filled;
            if layout.entries[at].decays() {
                decayed = end;
            }
        }
        // On the CPU first, so that a seed means the same everywhere.
        tch::manual_seed(seed as i64);
        let flat = torch("allocate the parameters", || {
            let flat = Tensor::f_zeros([end], (Kind::Float, Device::Cpu))?;
            for (entry, place) in layout.entries.iter().zip(&places) {
                let mut part = flat.f_narrow(0, place.start, place.end - place.start)?;
                initialise(&mut part, entry)?;
            }
            flat.f_to_device(device)
        })?;
        let leaf = match precision {
            Precision::F32 => flat.shallow_clone(),
            Precision::Bf16 => torch("allocate the parameters in bf16", || {
                flat.f_to_kind(Kind::BFloat16)
            })?,
        };
        Ok(Parameters {
            layout,
            places,
            pieces,
            decayed,
            master: flat,
            leaf: leaf.set_requires_grad(true),
        })
    }

    /// Numbers of all parameters together.
    pub fn count(&self) -> u64 {
        self.layout.parameters()
    }

    /// The device that they are on.
    pub fn device(&self) -> Device {
        self.master.device()
    }

    /// The numbers that optimisers change, `[all]`, and how many of them, at the beginning, decay.
    pub(crate) fn master(&self) -> (Tensor, i64) {
        (self.master.detach(), self.decayed)
    }

    /// After the master was changed: brings the leaf up to date.
    pub(crate) fn refresh(&mut self) {
        if self.leaf.kind() != Kind::Float {
            tch::no_grad(|| self.leaf.copy_(&self.master));
        }
    }

    /// The parameters as a model reads them. With gradients enabled what is computed from them can be differentiated.
    pub fn weights(&self) -> Weights {
        self.cut(&self.leaf)
    }

    /// The same in f32, without gradients, for judging: sharing memory with what training changes.
    pub fn exact_weights(&self) -> Weights {
        self.cut(&self.master.detach())
    }

    fn cut(&self, flat: &Tensor) -> Weights {
        let sizes: Vec<i64> = self.pieces.iter().map(|piece| piece.0).collect();
        let mut parts: Vec<Option<Tensor>> = self.places.iter().map(|_| None).collect();
        let cut = flat.split_with_sizes(&sizes[..], 0);
        for (part, (_, at)) in cut.into_iter().zip(&self.pieces) {
            if let Some(at) = *at {
                parts[at] = Some(part.view(&self.layout.entries[at].shape[..]));
            }
        }
        Weights(parts.into_iter().flatten().collect())
    }

    /// The gradient of an objective by all parameters, `[all]`.
    pub(crate) fn gradient(&self, objective: Objective) -> Result<Tensor> {
        let mut gradients = torch("compute the gradient", || {
            Tensor::f_run_backward(&[&objective.handle], &[&self.leaf], false, false)
        })?;
        let flat = gradients.remove(0);
        tch::no_grad(|| {
            for direct in objective.direct {
                let gradient = direct.gradient.to_kind(flat.kind());
                let shape = &self.layout.entries[direct.id.0].shape;
                let place = &self.places[direct.id.0];
                let mut whole = flat
                    .narrow(0, place.start, place.end - place.start)
                    .view(&shape[..]);
                let _ = match direct.rows {
                    None => whole.narrow(0, 0, gradient.size()[0]).g_add_(&gradient),
                    Some(rows) => whole.index_add_(0, &rows, &gradient),
                };
            }
        });
        Ok(flat)
    }

    /// The same by name.
    ///
    /// # Errors
    /// [`Error::Torch`] where memory does not suffice.
    pub fn gradients(&self, objective: Objective) -> Result<Named> {
        Ok(self.by_name(&self.gradient(objective)?))
    }

    /// The master's numbers by name, sharing memory with it.
    fn named(&self) -> Named {
        self.by_name(&self.master.detach())
    }

    fn by_name(&self, flat: &Tensor) -> Named {
        let view = |(entry, place): (&Entry, &Range<i64>)| {
            let part = flat.narrow(0, place.start, place.end - place.start);
            (entry.name.clone(), part.view(&entry.shape[..]))
        };
        let named: BTreeMap<_, _> = self
            .layout
            .entries
            .iter()
            .zip(&self.places)
            .map(view)
            .collect();
        debug_assert_eq!(
            named.len(),
            self.layout.entries.len(),
            "a name occurs twice"
        );
        named
    }

    /// Writes them to a file of weights.
    ///
    /// # Errors
    /// As [`weights::save`].
    pub fn save(&self, path: &Path) -> Result<()> {
        weights::save(path, &self.named())
    }

    /// Reads them from a file of weights, which must have the same names and shapes and finite numbers.
    ///
    /// # Errors
    /// As [`weights::load_into`]; [`Error::NotFinite`] naming the tensor.
    pub fn load(&mut self, path: &Path) -> Result<()> {
        let named = self.named();
        weights::load_into(path, &named)?;
        for (name, tensor) in &named {
            let finite = torch("look at the weights", || {
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

trait Aligned {
    fn next_multiple_of_alignment(self) -> i64;
}

impl Aligned for i64 {
    fn next_multiple_of_alignment(self) -> i64 {
        (self + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT
    }
}

fn initialise(part: &mut Tensor, entry: &Entry) -> Result<(), tch::TchError> {
    match entry.init {
        Init::Zeros => Ok(()),
        Init::Ones => part.f_fill_(1.0).map(drop),
        Init::Normal(deviation) => part.f_normal_(0.0, deviation).map(drop),
        Init::Uniform(bound) => part.f_uniform_(-bound, bound).map(drop),
        Init::Xavier => {
            let bound = (6.0 / entry.shape.iter().sum::<i64>() as f64).sqrt();
            part.f_uniform_(-bound, bound).map(drop)
        }
    }
}

/// The parameters of a model as it reads them, by what [`Layout::add`] gave.
#[derive(Debug)]
pub struct Weights(Vec<Tensor>);

impl Index<ParameterId> for Weights {
    type Output = Tensor;

    fn index(&self, id: ParameterId) -> &Tensor {
        &self.0[id.0]
    }
}

//! What training sets: all parameters of a model in one flat tensor.
//!
//! One tensor makes a step of an optimiser a handful of operations, however many layers a model has. A model asks for
//! its parameters by name and shape once ([`Layout`]) and reads them as views ([`Weights`]) in each step; their gradients
//! are brought together in a flat tensor, too. A step touches few rows of a large table, and only those rows move.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::{Index, Range};
use std::path::Path;

use tch::{Device, Kind, Tensor};

use crate::Precision;
use crate::device::require_memory;
use crate::error::{Error, Result, torch};
use crate::objective::{Direct, Objective};
use crate::weights::{self, Named};

/// The place of a parameter among those of its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterId(usize);

/// Where a parameter begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// All 0.
    Zeros,
    /// All this.
    Constant(f64),
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
    /// How many numbers at the beginning are of parameters that decay.
    decayed: i64,
    /// What optimisers change: f32, `[all]`.
    master: Tensor,
    /// What models compute with: the master itself, or its copy in bf16.
    working: Tensor,
    /// Each parameter as a view of that: what gradients are computed for.
    leaves: Vec<Tensor>,
    /// The gradient of the last step: f32, `[all]`; undefined before the first.
    gradient: Tensor,
    /// Of each parameter, where that is not 0.
    filled: Vec<Filled>,
}

/// Where the gradient of a parameter is not 0.
#[derive(Debug)]
enum Filled {
    /// In these rows at most.
    Rows(Vec<Tensor>),
    Everywhere,
}

impl Parameters {
    /// New parameters, drawn with a seed.
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::Torch`] where memory does not suffice.
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
        let (mut end, mut decayed) = (0, 0);
        for at in order {
            let length = layout.entries[at].len();
            places[at] = end..end + length;
            end += length.next_multiple_of_alignment();
            if layout.entries[at].decays() {
                decayed = end;
            }
        }
        require_memory(Device::Cpu, 4 * end as u64)?;
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
        let working = match precision {
            Precision::F32 => flat.shallow_clone(),
            Precision::Bf16 => torch("allocate the parameters in bf16", || {
                flat.f_to_kind(Kind::BFloat16)
            })?,
        };
        let leaves = cut(&layout, &places, &working).map(|leaf| leaf.set_requires_grad(true));
        Ok(Parameters {
            leaves: leaves.collect(),
            filled: places.iter().map(|_| Filled::Rows(Vec::new())).collect(),
            layout,
            places,
            decayed,
            master: flat,
            working,
            gradient: Tensor::new(),
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

    /// After the master was changed: brings what models compute with up to date.
    pub(crate) fn refresh(&mut self) {
        if self.working.kind() != Kind::Float {
            tch::no_grad(|| self.working.copy_(&self.master));
        }
    }

    /// Gives a parameter other numbers to begin with.
    pub fn begin_with(&mut self, id: ParameterId, numbers: &Tensor) {
        tch::no_grad(|| self.part(&self.master, id).copy_(numbers));
        self.refresh();
    }

    /// Makes all numbers of some rows of a parameter the same.
    pub fn begin_rows_with(&mut self, id: ParameterId, rows: Range<i64>, number: f64) {
        tch::no_grad(|| {
            let part = self.part(&self.master, id);
            let _ = part
                .narrow(0, rows.start, rows.end - rows.start)
                .fill_(number);
        });
        self.refresh();
    }

    /// The part of a flat tensor that belongs to a parameter, in its shape.
    fn part(&self, flat: &Tensor, id: ParameterId) -> Tensor {
        view(flat, &self.places[id.0], &self.layout.entries[id.0])
    }

    /// The parameters as a model reads them. With gradients enabled what is computed from them can be differentiated.
    pub fn weights(&self) -> Weights {
        Weights {
            tensors: self.leaves.iter().map(Tensor::shallow_clone).collect(),
            lookups: RefCell::default(),
        }
    }

    /// The same in f32, without gradients, for judging: sharing memory with what training changes.
    pub fn exact_weights(&self) -> Weights {
        Weights {
            tensors: cut(&self.layout, &self.places, &self.master.detach()).collect(),
            lookups: RefCell::default(),
        }
    }

    /// Computes the gradient of an objective that was made from `weights`, in place of the last one or, if it `adds`, in
    /// addition to it.
    pub(crate) fn differentiate(
        &mut self,
        weights: &Weights,
        objective: Objective,
        adds: bool,
    ) -> Result<()> {
        if !self.gradient.defined() {
            self.gradient = torch("allocate the gradient", || self.master.f_zeros_like())?;
        }
        let lookups = weights.lookups.take();
        let rows = lookups.iter().map(|lookup| &lookup.found);
        let leaves: Vec<&Tensor> = self.leaves.iter().chain(rows).collect();
        let mut whole = torch("compute the gradient", || {
            Tensor::f_run_backward(&[&objective.handle], &leaves, false, false)
        })?;
        let of_rows = whole.split_off(self.leaves.len());
        let of_lookups = lookups.into_iter().zip(of_rows);
        let of_lookups = of_lookups.filter(|(_, gradient)| gradient.defined());
        let of_lookups = of_lookups.map(|(lookup, gradient)| {
            let width = gradient.size().last().copied().unwrap_or(1);
            Direct {
                id: lookup.id,
                rows: Some(lookup.rows.flatten(0, -1)),
                gradient: gradient.reshape([-1, width]),
            }
        });
        tch::no_grad(|| {
            for (at, gradient) in whole.iter().enumerate() {
                self.take_whole(ParameterId(at), gradient, adds);
            }
            for direct in of_lookups.chain(objective.direct) {
                self.add_rows(direct);
            }
        });
        Ok(())
    }

    /// Takes the gradient by a whole parameter; one that is not defined is 0.
    fn take_whole(&mut self, id: ParameterId, gradient: &Tensor, adds: bool) {
        let mut place = self.part(&self.gradient, id);
        match (gradient.defined(), adds) {
            (true, true) => drop(place.g_add_(gradient)),
            (true, false) => place.copy_(gradient),
            (false, true) => return,
            (false, false) => {
                match &self.filled[id.0] {
                    Filled::Everywhere => drop(place.zero_()),
                    Filled::Rows(rows) => {
                        for rows in rows {
                            let _ = place.index_fill_(0, rows, 0.0);
                        }
                    }
                }
                self.filled[id.0] = Filled::Rows(Vec::new());
                return;
            }
        }
        self.filled[id.0] = Filled::Everywhere;
    }

    fn add_rows(&mut self, Direct { id, rows, gradient }: Direct) {
        let mut place = self.part(&self.gradient, id);
        let gradient = gradient.to_kind(place.kind());
        match rows {
            None => {
                let _ = place.narrow(0, 0, gradient.size()[0]).g_add_(&gradient);
                self.filled[id.0] = Filled::Everywhere;
            }
            Some(rows) => {
                let _ = place.index_add_(0, &rows, &gradient);
                if let Filled::Rows(filled) = &mut self.filled[id.0] {
                    filled.push(rows);
                }
            }
        }
    }

    /// The gradient of the last objective, f32, `[all]`.
    pub(crate) fn gradient(&self) -> Tensor {
        self.gradient.shallow_clone()
    }

    /// The gradient of an objective that was made from `weights`, by name.
    ///
    /// # Errors
    /// [`Error::Torch`] where memory does not suffice.
    pub fn gradients(&mut self, weights: &Weights, objective: Objective) -> Result<Named> {
        self.differentiate(weights, objective, false)?;
        Ok(self.by_name(&self.gradient.copy()))
    }

    /// The master's numbers by name, sharing memory with it.
    fn named(&self) -> Named {
        self.by_name(&self.master.detach())
    }

    fn by_name(&self, flat: &Tensor) -> Named {
        let names = self.layout.entries.iter().map(|entry| entry.name.clone());
        let named: BTreeMap<_, _> = names.zip(cut(&self.layout, &self.places, flat)).collect();
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
        Init::Constant(number) => part.f_fill_(number).map(drop),
        Init::Normal(deviation) => part.f_normal_(0.0, deviation).map(drop),
        Init::Uniform(bound) => part.f_uniform_(-bound, bound).map(drop),
        Init::Xavier => {
            let bound = (6.0 / entry.shape.iter().sum::<i64>() as f64).sqrt();
            part.f_uniform_(-bound, bound).map(drop)
        }
    }
}

fn view(flat: &Tensor, place: &Range<i64>, entry: &Entry) -> Tensor {
    let part = flat.narrow(0, place.start, place.end - place.start);
    part.view(&entry.shape[..])
}

/// Each parameter as a view of a flat tensor, apart from it.
fn cut(layout: &Layout, places: &[Range<i64>], flat: &Tensor) -> impl Iterator<Item = Tensor> {
    let entries = layout.entries.iter().zip(places);
    entries.map(|(entry, place)| view(flat, place, entry).detach())
}

/// The parameters of a model as it reads them, by what [`Layout::add`] gave.
#[derive(Debug)]
pub struct Weights {
    tensors: Vec<Tensor>,
    /// Rows of tables that were looked up, for their gradients.
    lookups: RefCell<Vec<Lookup>>,
}

#[derive(Debug)]
struct Lookup {
    id: ParameterId,
    rows: Tensor,
    found: Tensor,
}

impl Weights {
    /// Rows of a table `[N, D]`: `[..., D]` for any number of them, `[...]`. The gradient is of these rows only.
    pub fn rows(&self, id: ParameterId, rows: &Tensor) -> Tensor {
        let table = &self[id];
        let look_up = || Tensor::embedding(table, rows, -1, false, false);
        if !table.requires_grad() {
            return look_up();
        }
        let found = tch::no_grad(look_up).set_requires_grad(true);
        self.lookups.borrow_mut().push(Lookup {
            id,
            rows: rows.shallow_clone(),
            found: found.shallow_clone(),
        });
        found
    }
}

impl Index<ParameterId> for Weights {
    type Output = Tensor;

    fn index(&self, id: ParameterId) -> &Tensor {
        &self.tensors[id.0]
    }
}

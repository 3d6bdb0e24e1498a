//! The list of parameters that a model declares: names, shapes and initialisation.

/// Index of a parameter in its model's [`Layout`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParameterId(pub(crate) usize);

/// Initial values of a parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// All 0.
    Zeros,
    /// All equal to this value.
    Constant(f64),
    /// Normal with mean 0 and this standard deviation.
    Normal(f64),
    /// Uniform in [-bound, bound].
    Uniform(f64),
    /// Uniform in ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010).
    Xavier,
}

/// One declared parameter.
#[derive(Debug, Clone)]
pub(crate) struct ParameterSpec {
    pub(crate) name: String,
    pub(crate) shape: Vec<i64>,
    pub(crate) init: Init,
}

impl ParameterSpec {
    pub(crate) fn numel(&self) -> i64 {
        self.shape.iter().product()
    }

    /// Whether weight decay applies: to matrices, but not to biases or the scales of normalisation layers.
    pub(crate) fn has_weight_decay(&self) -> bool {
        self.shape.len() > 1
    }
}

/// The parameters of a model, in the order in which they are initialised.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    pub(crate) specs: Vec<ParameterSpec>,
}

impl Layout {
    /// Declares a parameter. `name` is its name in weight files, with parts separated by dots.
    pub fn add(&mut self, name: impl Into<String>, shape: &[i64], init: Init) -> ParameterId {
        self.specs.push(ParameterSpec {
            name: name.into(),
            shape: shape.to_vec(),
            init,
        });
        ParameterId(self.specs.len() - 1)
    }

    /// Total number of scalar parameters.
    pub fn num_parameters(&self) -> u64 {
        self.specs.iter().map(|spec| spec.numel() as u64).sum()
    }
}

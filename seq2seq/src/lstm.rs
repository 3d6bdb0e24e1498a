//! The LSTM, as many layers of it as wanted (section 3.4; Hochreiter and Schmidhuber 1997; Graves 2013).
//!
//! ```text
//! i, f, o = sigma(W x_t + U h_{t-1} + b)      g = tanh(W_g x_t + U_g h_{t-1} + b_g)
//! c_t = f * c_{t-1} + i * g                   h_t = o * tanh(c_t)
//! ```

use neural::{Init, Layout, ParameterId, Parameters, Weights, dropout};
use tch::{Kind, Tensor};

/// Layers of LSTM cells, each of which reads what the one below writes.
#[derive(Debug)]
pub struct Lstm {
    layers: Vec<Layer>,
    /// Numbers of what is read.
    inputs: i64,
    /// H.
    hidden: i64,
}

/// Gates stand one below the other, in the order i, f, g, o.
#[derive(Debug)]
struct Layer {
    /// W: [4 H, inputs].
    by_input: ParameterId,
    /// U: [4 H, H].
    by_state: ParameterId,
    /// b: [4 H].
    bias: ParameterId,
}

/// What an LSTM knows of the text so far.
#[derive(Debug)]
pub struct State {
    /// h, [layers, batch, H].
    pub hidden: Tensor,
    /// c, the same.
    pub cell: Tensor,
}

/// Whether numbers are dropped out, and which share of them.
#[derive(Debug, Clone, Copy)]
pub enum Mode {
    /// None is.
    Judge,
    /// This share is.
    Train {
        /// From 0 to 1.
        dropout: f64,
    },
}

impl Mode {
    /// Drops out what stands between layers, never what a layer hands on in time (Zaremba et al. 2014, section 3.2).
    pub fn drop(self, x: Tensor) -> Tensor {
        match self {
            Mode::Train { dropout: share } if share > 0.0 => dropout(&x, share),
            _ => x,
        }
    }
}

impl Lstm {
    /// Asks for the parameters of `layers` layers of `hidden` cells that read vectors of `inputs` numbers.
    pub fn new(
        layout: &mut Layout,
        name: &str,
        (inputs, hidden, layers): (usize, usize, usize),
        init: Init,
    ) -> Lstm {
        let cells = hidden as i64;
        let layers = (0..layers).map(|at| {
            let inputs = if at == 0 { inputs as i64 } else { cells };
            let mut add =
                |part: &str, shape: &[i64]| layout.add(format!("{name}.{at}.{part}"), shape, init);
            Layer {
                by_input: add("by_input", &[4 * cells, inputs]),
                by_state: add("by_state", &[4 * cells, cells]),
                bias: add("bias", &[4 * cells]),
            }
        });
        Lstm {
            layers: layers.collect(),
            inputs: inputs as i64,
            hidden: cells,
        }
    }

    /// Makes the gates that keep memory open at first (Jozefowicz et al. 2015): what is to be kept need not be learnt
    /// before anything can be learnt from it.
    pub fn begin_keeping(&self, parameters: &mut Parameters, forget_bias: Option<f64>) {
        let Some(forget_bias) = forget_bias else {
            return;
        };
        for layer in &self.layers {
            parameters.begin_rows_with(layer.bias, self.hidden..2 * self.hidden, forget_bias);
        }
    }

    /// Numbers that each token is multiplied with.
    pub fn multiplying(&self) -> usize {
        let (inputs, hidden) = (self.inputs as usize, self.hidden as usize);
        4 * hidden * (inputs + hidden) + (self.layers.len() - 1) * 4 * hidden * 2 * hidden
    }

    /// Knows nothing yet.
    pub fn start(&self, weights: &Weights, batch: i64) -> State {
        let like = &weights[self.layers[0].by_state];
        let zeros = || {
            let size = [self.layers.len() as i64, batch, self.hidden];
            Tensor::zeros(size, (like.kind(), like.device()))
        };
        State {
            hidden: zeros(),
            cell: zeros(),
        }
    }

    /// Reads `[batch, time, inputs]` from a state on: what the highest layer writes, `[batch, time, H]`, and the state
    /// after.
    pub fn read(
        &self,
        weights: &Weights,
        x: &Tensor,
        state: &State,
        mode: Mode,
    ) -> (Tensor, State) {
        // libtorch wants a second bias.
        let zero = Tensor::zeros([4 * self.hidden], (x.kind(), x.device()));
        let (mut x, mut hidden, mut cell) = (x.shallow_clone(), Vec::new(), Vec::new());
        for (at, layer) in (0..).zip(&self.layers) {
            if at > 0 {
                x = mode.drop(x);
            }
            let before = [&state.hidden, &state.cell].map(|part| part.narrow(0, at, 1));
            let own = [layer.by_input, layer.by_state, layer.bias].map(|id| &weights[id]);
            let parameters = [own[0], own[1], own[2], &zero];
            let trains = matches!(mode, Mode::Train { .. });
            let before = [&before[0], &before[1]];
            let after = x.lstm(&before, &parameters, true, 1, 0.0, trains, false, true);
            x = after.0;
            hidden.push(after.1);
            cell.push(after.2);
        }
        let state = State {
            hidden: Tensor::cat(&hidden, 0),
            cell: Tensor::cat(&cell, 0),
        };
        (x, state)
    }
}

/// Reading one place after the other, where what is seen beside a word hangs on what was read before. All that hangs on
/// the words alone is computed at once.
#[derive(Debug)]
pub(crate) struct Steps {
    /// W x_t + b of the words, of each place `[batch, 4 H]`.
    gates: Vec<Tensor>,
    /// The columns of W for what is seen beside them, `[beside, 4 H]`.
    by_seen: Tensor,
    /// h and c of each layer, `[batch, H]`.
    layers: Vec<[Tensor; 2]>,
}

impl Lstm {
    /// Begins to read words `[batch, time, D]` from a state on.
    pub(crate) fn steps(&self, weights: &Weights, words: &Tensor, state: &State) -> Steps {
        let lowest = &self.layers[0];
        let (table, bias) = (&weights[lowest.by_input], &weights[lowest.bias]);
        let width = words.size()[2];
        let by_word = table.narrow(1, 0, width);
        let (hidden, cell) = (state.hidden.unbind(0), state.cell.unbind(0));
        Steps {
            gates: words.linear(&by_word, Some(bias)).unbind(1),
            by_seen: table.narrow(1, width, self.inputs - width).tr(),
            layers: hidden.into_iter().zip(cell).map(Into::into).collect(),
        }
    }

    /// Reads the word at this place, and beside it what is seen, `[batch, beside]`: what the highest layer writes,
    /// `[batch, H]`.
    pub(crate) fn step(
        &self,
        weights: &Weights,
        steps: &mut Steps,
        at: usize,
        seen: &Tensor,
        mode: Mode,
    ) -> Tensor {
        let mut gates = steps.gates[at].addmm(seen, &steps.by_seen);
        let mut above = self.layers[1..].iter();
        for (layer, [hidden, cell]) in self.layers.iter().zip(&mut steps.layers) {
            let gates_of_all = gates.addmm(hidden, &weights[layer.by_state].tr());
            let [input, keep, new, output] = &gates_of_all.chunk(4, 1)[..] else {
                unreachable!("gates are four times the cells")
            };
            *cell = keep.sigmoid() * &*cell + input.sigmoid() * new.tanh();
            *hidden = output.sigmoid() * cell.tanh();
            if let Some(next) = above.next() {
                let read = mode.drop(hidden.shallow_clone());
                gates = read.linear(&weights[next.by_input], Some(&weights[next.bias]));
            }
        }
        steps.highest().shallow_clone()
    }
}

impl Steps {
    /// h of the highest layer, `[batch, H]`.
    pub(crate) fn highest(&self) -> &Tensor {
        &self.layers[self.layers.len() - 1][0]
    }

    /// What is known after what was read.
    pub(crate) fn state(&self) -> State {
        let of = |part: usize| {
            let layers: Vec<&Tensor> = self.layers.iter().map(|layer| &layer[part]).collect();
            Tensor::stack(&layers, 0)
        };
        State {
            hidden: of(0),
            cell: of(1),
        }
    }
}

impl State {
    /// The same without the way that it came about: gradients end here.
    pub(crate) fn detach(&self) -> State {
        State {
            hidden: self.hidden.detach(),
            cell: self.cell.detach(),
        }
    }

    /// Row i is what row `rows[i]` was, `[rows]`.
    pub fn select(&self, rows: &Tensor) -> State {
        State {
            hidden: self.hidden.index_select(1, rows),
            cell: self.cell.index_select(1, rows),
        }
    }

    /// All numbers of each row, f32: `[batch, 2 layers H]`, of each layer h and c.
    pub(crate) fn vectors(&self) -> Tensor {
        let both = Tensor::stack(&[&self.hidden, &self.cell], 1); // [layers, 2, batch, H]
        both.permute([2, 0, 1, 3])
            .flatten(1, -1)
            .to_kind(Kind::Float)
    }

    /// As tensors of a checkpoint, which are f32.
    pub(crate) fn to_tensors(&self) -> Vec<Tensor> {
        [&self.hidden, &self.cell]
            .map(|part| part.to_kind(Kind::Float))
            .into()
    }

    /// What [`State::to_tensors`] gave; none of other tensors.
    pub(crate) fn of_tensors(tensors: &[Tensor], kind: Kind) -> Option<State> {
        let [hidden, cell] = tensors else { return None };
        Some(State {
            hidden: hidden.to_kind(kind),
            cell: cell.to_kind(kind),
        })
    }
}

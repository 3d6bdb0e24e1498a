//! A deep LSTM (section 3.4; Hochreiter and Schmidhuber 1997; Graves 2013).
//!
//! ```text
//! i, f, o = sigma(W x_t + U h_{t-1} + b)      g = tanh(W_g x_t + U_g h_{t-1} + b_g)
//! c_t = f * c_{t-1} + i * g                   h_t = o * tanh(c_t)
//! ```

use neural::{Dropout, Init, Layout, Mode, ParameterId, Parameters, Weights};
use tch::{Kind, Tensor};

/// Stacked layers of LSTM cells.
#[derive(Debug)]
pub struct Lstm {
    layers: Vec<Layer>,
    /// Size of the input.
    input_size: i64,
    /// H.
    hidden_size: i64,
    /// Between layers, not between time steps (Zaremba et al. 2014, section 3.2).
    dropout: Dropout,
}

/// The parameters of one layer, as in PyTorch; gates are concatenated in the order i, f, g, o.
#[derive(Debug)]
struct Layer {
    /// W: [4 H, input].
    weight_ih: ParameterId,
    /// U: [4 H, H].
    weight_hh: ParameterId,
    /// b: [4 H].
    bias: ParameterId,
}

/// Hidden and cell state.
#[derive(Debug)]
pub struct State {
    /// h, [layers, batch, H].
    pub hidden: Tensor,
    /// c, the same.
    pub cell: Tensor,
}

impl Lstm {
    /// Declares the parameters of `num_layers` layers of `hidden_size` cells with inputs of size `input_size`.
    pub fn new(
        layout: &mut Layout,
        name: &str,
        (input_size, hidden_size, num_layers): (usize, usize, usize),
        (init, dropout): (Init, Dropout),
    ) -> Lstm {
        let cells = hidden_size as i64;
        let layers = (0..num_layers).map(|at| {
            let inputs = if at == 0 { input_size as i64 } else { cells };
            let mut add =
                |part: &str, shape: &[i64]| layout.add(format!("{name}.{at}.{part}"), shape, init);
            Layer {
                weight_ih: add("weight_ih", &[4 * cells, inputs]),
                weight_hh: add("weight_hh", &[4 * cells, cells]),
                bias: add("bias", &[4 * cells]),
            }
        });
        Lstm {
            layers: layers.collect(),
            input_size: input_size as i64,
            hidden_size: cells,
            dropout,
        }
    }

    /// Initialises the forget-gate bias (Jozefowicz et al. 2015): with a positive value, gradients flow through time from the
    /// start. 0 leaves it initialised like other parameters.
    pub fn init_forget_bias(&self, parameters: &mut Parameters, forget_bias: f64) {
        if forget_bias == 0.0 {
            return;
        }
        for layer in &self.layers {
            parameters.fill_rows(
                layer.bias,
                self.hidden_size..2 * self.hidden_size,
                forget_bias,
            );
        }
    }

    /// Parameters that take part in matrix products.
    pub fn matmul_parameters(&self) -> usize {
        let (inputs, hidden) = (self.input_size as usize, self.hidden_size as usize);
        4 * hidden * (inputs + hidden) + (self.layers.len() - 1) * 4 * hidden * 2 * hidden
    }

    /// The zero state.
    pub fn zero_state(&self, weights: &Weights, batch: i64) -> State {
        let like = &weights[self.layers[0].weight_hh];
        let zeros = || {
            let size = [self.layers.len() as i64, batch, self.hidden_size];
            Tensor::zeros(size, (like.kind(), like.device()))
        };
        State {
            hidden: zeros(),
            cell: zeros(),
        }
    }

    /// Output of the top layer and the new state.
    ///
    /// # Shapes
    /// `[batch, time, input]` to `[batch, time, H]`.
    pub fn forward(
        &self,
        weights: &Weights,
        x: &Tensor,
        state: &State,
        mode: Mode,
    ) -> (Tensor, State) {
        // libtorch expects a second bias.
        let zero = Tensor::zeros([4 * self.hidden_size], (x.kind(), x.device()));
        let (mut x, mut hidden, mut cell) = (x.shallow_clone(), Vec::new(), Vec::new());
        for (at, layer) in (0..).zip(&self.layers) {
            if at > 0 {
                x = self.dropout.forward(x, mode);
            }
            let before = [&state.hidden, &state.cell].map(|part| part.narrow(0, at, 1));
            let own = [layer.weight_ih, layer.weight_hh, layer.bias].map(|id| &weights[id]);
            let parameters = [own[0], own[1], own[2], &zero];
            let is_training = mode == Mode::Train;
            let before = [&before[0], &before[1]];
            let after = x.lstm(&before, &parameters, true, 1, 0.0, is_training, false, true);
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

/// Step-by-step computation with an attention context as additional input, which depends on the previous state. The part of
/// the gates that depends only on words is computed for all positions at once.
#[derive(Debug)]
pub(crate) struct StepwiseState {
    /// W x_t + b of the words, for each position `[batch, 4 H]`.
    gates: Vec<Tensor>,
    /// The columns of W for the attention context, `[context, 4 H]`.
    weight_context: Tensor,
    /// h and c of each layer, `[batch, H]`.
    layers: Vec<[Tensor; 2]>,
}

impl Lstm {
    /// Starts with words `[batch, time, D]` and a state.
    pub(crate) fn stepwise(
        &self,
        weights: &Weights,
        words: &Tensor,
        state: &State,
    ) -> StepwiseState {
        let lowest = &self.layers[0];
        let (table, bias) = (&weights[lowest.weight_ih], &weights[lowest.bias]);
        let width = words.size()[2];
        let by_word = table.narrow(1, 0, width);
        let (hidden, cell) = (state.hidden.unbind(0), state.cell.unbind(0));
        StepwiseState {
            gates: words.linear(&by_word, Some(bias)).unbind(1),
            weight_context: table.narrow(1, width, self.input_size - width).tr(),
            layers: hidden.into_iter().zip(cell).map(Into::into).collect(),
        }
    }

    /// One position: output of the top layer, `[batch, H]`, for an attention context `[batch, context]`.
    pub(crate) fn step(
        &self,
        weights: &Weights,
        steps: &mut StepwiseState,
        at: usize,
        context: &Tensor,
        mode: Mode,
    ) -> Tensor {
        let mut gates = steps.gates[at].addmm(context, &steps.weight_context);
        let mut above = self.layers[1..].iter();
        for (layer, [hidden, cell]) in self.layers.iter().zip(&mut steps.layers) {
            let gates_of_all = gates.addmm(hidden, &weights[layer.weight_hh].tr());
            let [input, forget, new, output] = &gates_of_all.chunk(4, 1)[..] else {
                unreachable!("there are four gates")
            };
            *cell = forget.sigmoid() * &*cell + input.sigmoid() * new.tanh();
            *hidden = output.sigmoid() * cell.tanh();
            if let Some(next) = above.next() {
                let read = self.dropout.forward(hidden.shallow_clone(), mode);
                gates = read.linear(&weights[next.weight_ih], Some(&weights[next.bias]));
            }
        }
        steps.top().shallow_clone()
    }
}

impl StepwiseState {
    /// h of the top layer, `[batch, H]`.
    pub(crate) fn top(&self) -> &Tensor {
        &self.layers[self.layers.len() - 1][0]
    }

    /// The state after the last position.
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
    /// The same state without its autograd graph: truncates backpropagation through time.
    pub(crate) fn detach(&self) -> State {
        State {
            hidden: self.hidden.detach(),
            cell: self.cell.detach(),
        }
    }

    /// Reorders rows: row i is the former row `rows[i]`, `[rows]`.
    pub fn select(&self, rows: &Tensor) -> State {
        State {
            hidden: self.hidden.index_select(1, rows),
            cell: self.cell.index_select(1, rows),
        }
    }

    /// h and c of all layers as one vector per row, f32: `[batch, 2 layers H]`.
    pub(crate) fn vectors(&self) -> Tensor {
        let both = Tensor::stack(&[&self.hidden, &self.cell], 1); // [layers, 2, batch, H]
        both.permute([2, 0, 1, 3])
            .flatten(1, -1)
            .to_kind(Kind::Float)
    }

    /// Hidden and cell state as a list of tensors, detached.
    pub(crate) fn into_tensors(self) -> Vec<Tensor> {
        let state = self.detach();
        vec![state.hidden, state.cell]
    }

    /// The inverse of [`State::into_tensors`]; `None` for another list.
    pub(crate) fn from_tensors(tensors: &[Tensor]) -> Option<State> {
        let [hidden, cell] = tensors else { return None };
        Some(State {
            hidden: hidden.shallow_clone(),
            cell: cell.shallow_clone(),
        })
    }
}

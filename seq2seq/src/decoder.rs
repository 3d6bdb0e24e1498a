//! Words to cells to words: the half that writes, which alone is a language model.

use harness::{Check, require};
use neural::{Init, Layout, Linear, Output, ParameterId, Parameters, Weights};
use tch::Tensor;

use crate::lstm::{Lstm, Mode, State};

/// Where the parameters of a decoder are, and how they are used.
#[derive(Debug)]
pub(crate) struct Decoder {
    /// [V, D].
    embedding: ParameterId,
    pub(crate) lstm: Lstm,
    /// Where what is written is of another width than words in the output layer.
    projection: Option<Linear>,
    pub(crate) output: Output,
    shape: Shape,
}

/// What a decoder is like, as its settings say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// D.
    pub(crate) width: usize,
    /// H.
    pub(crate) hidden: usize,
    pub(crate) layers: usize,
    /// Whether the output layer is the embedding.
    pub(crate) tied: bool,
    /// Whether each word has a bias in the output layer.
    pub(crate) bias: bool,
    /// Where parameters begin, and the bias of the gates that keep memory.
    pub(crate) init: f64,
    pub(crate) forget_bias: Option<f64>,
    /// Numbers that are read, and shown to the output layer, beside each word.
    pub(crate) beside: usize,
}

impl Shape {
    /// Numbers that the output layer compares with those of a word.
    fn compared(&self) -> usize {
        match self.tied {
            true => self.width,
            false => self.hidden,
        }
    }

    pub(crate) fn begin(&self) -> Init {
        Init::Uniform(self.init)
    }

    pub(crate) fn validate(&self) -> harness::Result<()> {
        require(&[
            Check::size("width", self.width),
            Check::size("hidden", self.hidden),
            Check::new(
                (1..=64).contains(&self.layers),
                "layers",
                self.layers,
                "must be from 1 to 64",
            ),
            Check::positive("init", self.init),
            Check::new(
                self.forget_bias.is_none_or(f64::is_finite),
                "forget_bias",
                self.forget_bias.unwrap_or(0.0),
                "must be a number",
            ),
        ])
    }
}

impl Decoder {
    /// Asks for the parameters of a decoder of so many words; two of them get these names.
    pub(crate) fn new(
        shape: Shape,
        vocabulary: usize,
        [embedding, lstm]: [&str; 2],
        layout: &mut Layout,
    ) -> Decoder {
        let (words, init) = (vocabulary as i64, shape.begin());
        let (width, written) = (shape.width as i64, (shape.hidden + shape.beside) as i64);
        let compared = shape.compared() as i64;
        let embedding = layout.add(embedding, &[words, width], init);
        let sizes = (shape.width + shape.beside, shape.hidden, shape.layers);
        let lstm = Lstm::new(layout, lstm, sizes, init);
        let projection = (written != compared)
            .then(|| Linear::new(layout, "projection", written, compared, init));
        let table = match shape.tied {
            true => embedding,
            false => layout.add("output", &[words, compared], init),
        };
        let bias = shape
            .bias
            .then(|| layout.add("bias", &[words], Init::Zeros));
        Decoder {
            embedding,
            lstm,
            projection,
            output: Output {
                table,
                bias,
                vocabulary: words,
            },
            shape,
        }
    }

    /// Gives parameters the numbers that are not drawn.
    pub(crate) fn begin(&self, parameters: &mut Parameters, counts: &[u64]) {
        self.lstm.begin_keeping(parameters, self.shape.forget_bias);
        self.output.begin_with_frequencies(parameters, counts);
    }

    /// Numbers that a token is multiplied with, those of the output layer for so many words included.
    pub(crate) fn multiplying(&self, words: usize) -> u64 {
        let compared = self.shape.compared();
        let written = self.shape.hidden + self.shape.beside;
        let projection = self.projection.as_ref().map_or(0, |_| written * compared);
        (self.lstm.multiplying() + projection + words * compared) as u64
    }

    /// Hidden states `[batch, time, D]` of tokens `[batch, time]` that follow a state, and the state after them.
    pub(crate) fn follow(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        state: &State,
        mode: Mode,
    ) -> (Tensor, State) {
        let x = self.embed(weights, tokens, mode);
        let (written, state) = self.lstm.read(weights, &x, state, mode);
        (self.finish(weights, written, mode), state)
    }

    /// `[batch, time, D]` of tokens `[batch, time]`.
    pub(crate) fn embed(&self, weights: &Weights, tokens: &Tensor, mode: Mode) -> Tensor {
        mode.drop(weights.rows(self.embedding, tokens))
    }

    /// What the output layer compares with words, of what the cells wrote and what was seen beside.
    pub(crate) fn finish(&self, weights: &Weights, written: Tensor, mode: Mode) -> Tensor {
        let written = mode.drop(written);
        match &self.projection {
            Some(projection) => projection.apply(weights, &written),
            None => written,
        }
    }

    /// ln p of what follows one more token of each row, f32, `[rows, V]`, and the state after it.
    pub(crate) fn step(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        state: &State,
    ) -> (Tensor, State) {
        let (hidden, state) = self.follow(weights, &tokens.unsqueeze(1), state, Mode::Judge);
        let log_probs = self.output.log_probs(weights, &hidden.select(1, 0));
        (log_probs, state)
    }
}

//! The cells: layers of an LSTM that read a conversation from left to right, and between them, if wanted, a look back.

use corpus::TokenId;
use neural::{
    Init, Layout, Linear, Output, ParameterId, Parameters, Result, Step, TextConfig, TextNetwork,
    Weights,
};
use seq2seq::{Lstm, Mode, State};
use tch::{Kind, Tensor};

use crate::config::Config;
use crate::writer::Writer;
use crate::{ERA, LM_VARIANT};

/// Tokens that are read beside the vocabulary: who speaks next.
pub(crate) const SPEAKERS: usize = 4;

/// Tokens that a text is judged by at once, where it is no conversation.
const CONTEXT: usize = 256;

/// Where the parameters are, and how they are used.
#[derive(Debug)]
pub struct Network {
    config: Config,
    /// [V + SPEAKERS, D].
    embedding: ParameterId,
    /// The lowest layer.
    lower: Lstm,
    attention: Option<Attention>,
    /// Those above it.
    upper: Option<Lstm>,
    /// Where cells are not as many as the output layer compares.
    projection: Option<Linear>,
    output: Output,
}

/// Each place looks back at all before it and at itself: softmax(q K^T / sqrt(d)) V, as Luong et al. 2015 score (section
/// 3.1, "general"), in several heads. What it sees is added to what the lowest layer wrote: h + tanh(W [h; c]).
#[derive(Debug)]
struct Attention {
    /// To queries, keys and values of all heads: H to 3 H.
    projections: Linear,
    /// 2 H to H.
    join: Linear,
    heads: i64,
}

/// What is known in the middle of some conversations, a row for each.
#[derive(Debug)]
pub(crate) struct Memory {
    lower: State,
    upper: Option<State>,
    /// Keys and values of all before, [rows, heads, time, H / heads]; none at the beginning.
    seen: Option<[Tensor; 2]>,
}

impl Attention {
    fn new(layout: &mut Layout, hidden: usize, heads: usize, init: Init) -> Attention {
        let hidden = hidden as i64;
        Attention {
            projections: Linear::new(layout, "attention", hidden, 3 * hidden, init),
            join: Linear::new(layout, "join", 2 * hidden, hidden, init),
            heads: heads as i64,
        }
    }

    /// [rows, time, H] to the same. With `seen`, the places follow those.
    fn apply(&self, weights: &Weights, x: &Tensor, seen: &mut Option<[Tensor; 2]>) -> Tensor {
        let (rows, time, hidden) = x.size3().expect("[rows, time, H]");
        let all = self.projections.apply(weights, x);
        let divided = all
            .view([rows, time, 3, self.heads, hidden / self.heads])
            .permute([2, 3, 0, 1, 4]); // [3, heads, rows, time, H / heads]
        let [queries, keys, values] = [0, 1, 2].map(|at| divided.select(0, at).transpose(0, 1));
        let [keys, values] = match seen.take() {
            None => [keys, values],
            Some([before, seen]) => [
                Tensor::cat(&[before, keys], 2),
                Tensor::cat(&[seen, values], 2),
            ],
        };
        let looked_at = keys.size()[2];
        let products =
            (queries / ((hidden / self.heads) as f64).sqrt()).matmul(&keys.transpose(-2, -1));
        let products = match time {
            1 => products,
            _ => {
                let later = Tensor::ones([time, looked_at], (Kind::Bool, x.device()))
                    .triu(looked_at - time + 1);
                products.masked_fill(&later, f64::NEG_INFINITY)
            }
        };
        let shares = products.softmax(-1, products.kind());
        let found = shares.matmul(&values).transpose(1, 2).flatten(2, -1);
        *seen = Some([keys, values]);
        let both = Tensor::cat(&[x, &found], -1);
        // Beside what was written, not in its place: there is something to learn from before it is known where to look.
        x + self.join.apply(weights, &both).tanh()
    }
}

impl Network {
    /// V.
    pub(crate) fn vocabulary(&self) -> usize {
        self.output.vocabulary as usize
    }

    /// Gives parameters the numbers that are not drawn: the gates that keep memory begin open, and the output layer knows
    /// how often each word occurs.
    pub(crate) fn begin(&self, parameters: &mut Parameters, counts: &[u64]) {
        for cells in [Some(&self.lower), self.upper.as_ref()]
            .into_iter()
            .flatten()
        {
            cells.begin_keeping(parameters, Some(1.0));
        }
        self.output.begin_with_frequencies(parameters, counts);
    }

    /// Nothing was said yet.
    pub(crate) fn start(&self, weights: &Weights, rows: i64) -> Memory {
        Memory {
            lower: self.lower.start(weights, rows),
            upper: self.upper.as_ref().map(|cells| cells.start(weights, rows)),
            seen: None,
        }
    }

    /// Hidden states `[rows, time, D]` of tokens `[rows, time]` that follow what is known.
    pub(crate) fn follow(
        &self,
        weights: &Weights,
        tokens: &Tensor,
        memory: &mut Memory,
        mode: Mode,
    ) -> Tensor {
        let x = mode.drop(weights.rows(self.embedding, tokens));
        let (mut x, state) = self.lower.read(weights, &x, &memory.lower, mode);
        memory.lower = state;
        if let Some(attention) = &self.attention {
            x = attention.apply(weights, &mode.drop(x), &mut memory.seen);
        }
        if let (Some(cells), Some(before)) = (&self.upper, &mut memory.upper) {
            let read = mode.drop(x);
            let (written, state) = cells.read(weights, &read, before, mode);
            *before = state;
            // What was found further back reaches the output without a detour.
            x = match self.attention {
                Some(_) => read + written,
                None => written,
            };
        }
        let x = mode.drop(x);
        match &self.projection {
            Some(projection) => projection.apply(weights, &x),
            None => x,
        }
    }

    /// Numbers that each token is multiplied with in training.
    pub(crate) fn multiplying(&self) -> u64 {
        let config = &self.config;
        let words = match config.candidates {
            0 => self.vocabulary(),
            candidates => candidates.min(self.vocabulary()),
        };
        let attention = match config.heads {
            0 => 0,
            _ => 5 * config.hidden * config.hidden,
        };
        let projection = self
            .projection
            .as_ref()
            .map_or(0, |_| config.hidden * config.width);
        let upper = self.upper.as_ref().map_or(0, Lstm::multiplying);
        (self.lower.multiplying() + attention + upper + projection + words * config.width) as u64
    }

    /// Numbers that a token needs in training on the way there and back, but for attention's shares.
    pub(crate) fn held(&self) -> u64 {
        let config = &self.config;
        (config.layers * 14 * config.hidden + 12 * config.hidden + 6 * config.width) as u64
    }
}

impl Memory {
    /// From now on row i is what row `rows[i]` was.
    pub(crate) fn select(&mut self, rows: &Tensor) {
        self.lower = self.lower.select(rows);
        self.upper = self.upper.as_ref().map(|state| state.select(rows));
        if let Some(seen) = &mut self.seen {
            *seen = seen.each_ref().map(|part| part.index_select(0, rows));
        }
    }

    pub(crate) fn device(&self) -> tch::Device {
        self.lower.hidden.device()
    }
}

impl TextConfig for Config {
    fn validate(&self) -> Result<()> {
        Config::validate(self)
    }

    fn compute(&self) -> &neural::Settings {
        &self.compute
    }
}

impl TextNetwork for Network {
    type Config = Config;
    const ENTRY: (&'static str, &'static str) = (ERA, LM_VARIANT);

    fn new(config: &Config, vocabulary: usize, layout: &mut Layout) -> Network {
        let init = Init::Uniform(config.init);
        let (hidden, width) = (config.hidden as i64, config.width as i64);
        let words = vocabulary as i64;
        let embedding = layout.add("embedding", &[words + SPEAKERS as i64, width], init);
        let lower = Lstm::new(layout, "lower", (config.width, config.hidden, 1), init);
        let attention =
            (config.heads > 0).then(|| Attention::new(layout, config.hidden, config.heads, init));
        let above = config.layers - 1;
        let upper = (above > 0)
            .then(|| Lstm::new(layout, "upper", (config.hidden, config.hidden, above), init));
        let projection =
            (hidden != width).then(|| Linear::new(layout, "projection", hidden, width, init));
        let table = match config.tied {
            true => embedding,
            false => layout.add("output", &[words, width], init),
        };
        let bias = config
            .bias
            .then(|| layout.add("bias", &[words], Init::Zeros));
        Network {
            config: config.clone(),
            embedding,
            lower,
            attention,
            upper,
            projection,
            output: Output {
                table,
                bias,
                vocabulary: words,
            },
        }
    }

    fn config(&self) -> &Config {
        &self.config
    }

    fn read(&self, weights: &Weights, tokens: &Tensor) -> Tensor {
        let mut memory = self.start(weights, tokens.size()[0]);
        self.follow(weights, tokens, &mut memory, Mode::Judge)
    }

    fn output(&self) -> &Output {
        &self.output
    }

    fn context(&self) -> usize {
        CONTEXT
    }

    fn writer<'a>(&'a self, weights: &'a Weights, read: &[TokenId]) -> Box<dyn Step + 'a> {
        Box::new(Writer::after(self, weights, &[read]))
    }
}

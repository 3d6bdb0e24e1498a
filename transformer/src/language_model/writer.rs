//! A decoder in the middle of some texts.

use corpus::TokenId;
use neural::{Step, Stretch, TextNetwork, Weights, ids};
use tch::Tensor;

use super::network::{Caches, Network};

/// Texts that grow together. What was computed for earlier tokens is kept until the context is full; then half of it is
/// read anew, as everywhere.
pub(crate) struct Writer<'a> {
    network: &'a Network,
    weights: &'a Weights,
    /// What was read of each text, the end of a line before it included.
    texts: Vec<Vec<TokenId>>,
    caches: Caches,
    /// Where what the caches hold begins; none while they hold nothing.
    begins: Option<usize>,
}

impl<'a> Writer<'a> {
    /// In the middle of texts of one length.
    pub(crate) fn new(
        network: &'a Network,
        weights: &'a Weights,
        texts: Vec<Vec<TokenId>>,
    ) -> Writer<'a> {
        Writer {
            network,
            weights,
            texts,
            caches: network.caches(),
            begins: None,
        }
    }
}

impl Step for Writer<'_> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        for (text, &token) in self.texts.iter_mut().zip(tokens) {
            text.push(token);
        }
        let length = self.texts.first().map_or(0, Vec::len);
        let begins = Stretch::of(length - 1, self.network.config().context).read;
        let fresh = match self.begins == Some(begins) {
            true => length - 1..length,
            false => {
                self.begins = Some(begins);
                self.caches = self.network.caches();
                begins..length
            }
        };
        let fresh: Vec<TokenId> = self
            .texts
            .iter()
            .flat_map(|text| &text[fresh.clone()])
            .copied()
            .collect();
        let device = self.weights[self.network.output.table].device();
        let fresh = ids(&fresh, device).view([self.texts.len() as i64, -1]);
        let hidden = self.network.follow(self.weights, &fresh, &mut self.caches);
        let last = hidden.select(1, hidden.size()[1] - 1);
        self.network.output.log_probs(self.weights, &last)
    }

    fn select(&mut self, rows: &[usize]) {
        self.texts = rows.iter().map(|&row| self.texts[row].clone()).collect();
        let device = self.weights[self.network.output.table].device();
        let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
        self.caches
            .select(&Tensor::from_slice(&rows).to_device(device));
    }
}

#[cfg(test)]
mod tests {
    use neural::{Beam, Layout, Parameters, Precision, beam_search, numbers, sample};
    use tch::Device;

    use super::*;
    use crate::language_model::LmConfig;

    const EOS: TokenId = 0;

    /// A decoder that has learnt nothing, but whose words are far apart.
    fn decoder(check: impl Fn(&Network, &Weights)) {
        let config = LmConfig {
            width: 16,
            heads: 2,
            feed_forward: 32,
            context: 6,
            ..LmConfig::default()
        };
        let mut layout = Layout::default();
        let network = Network::new(&config, 20, &mut layout);
        let parameters = Parameters::new(layout, Device::Cpu, Precision::F32, 3).unwrap();
        let mut master = parameters.exact_weights()[network.output.table].shallow_clone();
        tch::no_grad(|| drop(master.g_mul_scalar_(20.0)));
        tch::no_grad(|| check(&network, &parameters.exact_weights()));
    }

    #[test]
    fn rows_are_written_as_if_each_were_alone() {
        decoder(|network, weights| {
            let before = [vec![EOS, 4], vec![EOS, 9], vec![EOS, 4]];
            let last = [7, 3, 11];
            let how = |row: usize| harness::Sampling {
                seed: 5 + row as u64,
                ..harness::Sampling::default()
            };
            let write = |stop: Option<TokenId>| {
                let mut writer = Writer::new(network, weights, before.to_vec());
                sample(&mut writer, &last, 30, stop, how(0)).unwrap()
            };
            // Something that the second row comes to write.
            let stop = Some(write(None)[1][9]);
            let together = write(stop);
            assert!(together[1].len() <= 10);
            for row in 0..3 {
                let mut writer = Writer::new(network, weights, vec![before[row].clone()]);
                let alone = sample(&mut writer, &last[row..=row], 30, stop, how(row)).unwrap();
                assert_eq!(alone[0], together[row]);
            }
        });
    }

    #[test]
    fn what_a_beam_finds_is_as_probable_as_it_says() {
        decoder(|network, weights| {
            let beam = Beam {
                width: 4,
                length_penalty: 0.0,
                longest: 5,
            };
            let mut writer = Writer::new(network, weights, vec![vec![], vec![]]);
            let found = beam_search(&mut writer, &[EOS, EOS], EOS, beam);
            assert_eq!(found[0], found[1]);
            for hypothesis in &found[0] {
                let mut tokens = hypothesis.tokens.clone();
                if hypothesis.is_complete {
                    tokens.push(EOS);
                }
                let inputs = [&[EOS], &tokens[..tokens.len() - 1]].concat();
                let inputs = ids(&inputs, Device::Cpu).unsqueeze(0);
                let hidden = network.hidden(weights, &inputs, false).squeeze_dim(0);
                let targets = ids(&tokens, Device::Cpu);
                let scores = network.output.score(weights, &hidden, &targets);
                let expected: f64 = numbers(&scores).iter().sum();
                assert!((hypothesis.log_prob - expected).abs() < 1e-4);
            }
        });
    }
}

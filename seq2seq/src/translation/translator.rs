//! Trained translators, alone or together: asked, judged, saved and opened.

use std::path::{Path, PathBuf};

use corpus::{Codec, TokenId, Vocab, sha256_of};
use harness::{MODEL_FORMAT, ModelCard};
use neural::{
    Hypothesis, Layout, Parameters, Result, Step, Trained, Weights, beam_search, ids, numbers,
};
use tch::Tensor;

use super::config::{Config, Reading, SourceOrder};
use super::network::{Ends, Network};
use super::pairs::{Pair, of_one_length, score};
use crate::ERA;
use crate::lstm::{Mode, State};

/// A trained translator.
#[derive(Debug)]
pub struct Translator {
    network: Network,
    trained: Trained,
    source: Codec,
    target: Codec,
}

/// What a card says beside the settings: SHA-256 of the source vocabulary.
const SOURCE_VOCAB: &str = "source_vocab";
/// Where the source side's vocabulary lies.
const SOURCE: &str = "source";

fn checksum(vocab: &Vocab) -> String {
    sha256_of(vocab.to_text().as_bytes())
}

impl Translator {
    pub(super) fn new(
        network: Network,
        parameters: Parameters,
        [source, target]: [Codec; 2],
    ) -> Translator {
        Translator {
            network,
            trained: Trained::new(parameters),
            source,
            target,
        }
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        self.network.config()
    }

    /// Numbers that training set.
    pub fn parameters(&self) -> u64 {
        self.trained.count()
    }

    /// Its name among the era's translators.
    pub fn variant(&self) -> &'static str {
        match self.config().source_order {
            SourceOrder::Reversed => "reversed",
            SourceOrder::Forward => "forward",
        }
    }

    /// Writes the model into a folder, with the vocabularies of both sides.
    ///
    /// # Errors
    /// [`neural::Error`] when the disk refuses.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let sources = folder.join(SOURCE);
        std::fs::create_dir_all(&sources).map_err(harness::Error::io("create", &sources))?;
        self.source.save(&sources)?;
        self.target.save(folder)?;
        self.trained.save(folder)?;
        let corrupt = |error: toml::ser::Error| harness::Error::corrupt(folder, error.to_string());
        let mut config = toml::Table::try_from(self.config()).map_err(corrupt)?;
        config.insert(
            SOURCE_VOCAB.to_owned(),
            checksum(self.source.vocab()).into(),
        );
        let card = ModelCard {
            format: MODEL_FORMAT,
            era: ERA.to_owned(),
            variant: self.variant().to_owned(),
            vocab_checksum: checksum(self.target.vocab()),
            vocab_size: self.target.vocab().len(),
            parameters: self.parameters(),
            config,
            files: Vec::new(),
        };
        Ok(card.write(folder)?)
    }

    /// Opens a model, on the device of its settings.
    ///
    /// # Errors
    /// [`neural::Error::Harness`] if a file is missing or contradicts another, or for an impossible setting;
    /// [`neural::Error`] for weights of another shape or that are not finite.
    pub fn open(folder: &Path) -> Result<Translator> {
        let mut card = ModelCard::open(folder)?;
        let source_vocab = card.config.remove(SOURCE_VOCAB);
        let config: Config = card.settings(folder)?;
        config.validate()?;
        let sources = folder.join(SOURCE);
        let (source, target) = (Codec::open(&sources)?, Codec::open(folder)?);
        let expected = [source_vocab, Some(card.vocab_checksum.into())];
        let sides = [(&source, sources), (&target, folder.to_path_buf())];
        for ((codec, place), expected) in sides.into_iter().zip(expected) {
            if Some(checksum(codec.vocab()).into()) != expected {
                let what = "not the vocabulary that the model was trained with; train it again";
                return Err(harness::Error::corrupt(&place.join("vocab.txt"), what).into());
            }
        }
        let device = config.compute.apply()?;
        let words = [source.vocab().len(), target.vocab().len()];
        let ends = Ends::of([source.vocab(), target.vocab()]);
        let mut layout = Layout::default();
        let network = Network::new(&config, words, ends, &mut layout);
        let trained = Trained::open(layout, device, folder)?;
        Ok(Translator {
            network,
            trained,
            source,
            target,
        })
    }

    /// The vector of each sentence: what the encoder knows when it was read, of each layer h and c (figure 2).
    ///
    /// # Errors
    /// [`neural::Error::Harness`] if the tokenizer refuses.
    pub fn encode(&self, sentences: &[&str]) -> Result<Vec<Vec<f32>>> {
        let sources = self.sources(sentences)?;
        let lengths: Vec<usize> = sources.iter().map(Vec::len).collect();
        let mut vectors = vec![Vec::new(); sources.len()];
        self.trained.with(|weights| {
            for group in of_one_length(&lengths, TOGETHER) {
                let some: Vec<&[TokenId]> = group.iter().map(|&at| &sources[at][..]).collect();
                let found = encode(&self.network, weights, &some).vectors();
                let found = numbers(&found);
                let of_rows = found.chunks(found.len() / group.len());
                for (&at, vector) in group.iter().zip(of_rows) {
                    vectors[at] = vector.iter().map(|&number| number as f32).collect();
                }
            }
        });
        Ok(vectors)
    }

    fn sources(&self, sentences: &[&str]) -> Result<Vec<Vec<TokenId>>> {
        let encode = |sentence: &&str| Ok(self.source.encode_line(sentence)?);
        sentences.iter().map(encode).collect()
    }
}

impl harness::Translator for Translator {
    fn translate(&self, sources: &[&str]) -> harness::Result<Vec<String>> {
        Ok(translate(&[self], sources, self.config().beam)?)
    }

    fn score_pairs(&self, pairs: &[(&str, &str)]) -> harness::Result<Vec<f64>> {
        let side = |codec: &Codec, text: &str| codec.encode_line(text);
        let tokens = pairs
            .iter()
            .map(|(source, target)| Ok((side(&self.source, source)?, side(&self.target, target)?)));
        let tokens: Vec<_> = tokens.collect::<corpus::Result<_>>()?;
        let pairs: Vec<Pair<'_>> = tokens
            .iter()
            .map(|pair| (&pair.0[..], &pair.1[..]))
            .collect();
        Ok(self
            .trained
            .with(|weights| score(&self.network, weights, &pairs)))
    }

    fn perplexity_tokens(&self, targets: &[&str]) -> Option<u64> {
        let tokens = targets.iter().map(|target| self.target.encode_line(target));
        let tokens = tokens.map(|tokens| Some(tokens.ok()?.len() as u64 + 1));
        tokens.sum()
    }
}

/// Several translators of the same vocabularies, whose probabilities are averaged (section 3.6).
#[derive(Debug)]
pub struct Ensemble {
    members: Vec<Translator>,
    beam: Reading,
}

impl Ensemble {
    /// Translators that were opened from these folders; `beam` in place of what the first one's settings say.
    ///
    /// # Errors
    /// As [`Translator::open`]; [`harness::Error::Corrupt`] if their vocabularies differ, [`harness::Error::Setting`] for an
    /// impossible beam.
    pub fn open(folders: &[PathBuf], beam: impl FnOnce(Reading) -> Reading) -> Result<Ensemble> {
        let mut members: Vec<Translator> = Vec::new();
        for folder in folders {
            let member = Translator::open(folder)?;
            let words =
                |of: &Translator| [&of.source, &of.target].map(|codec| checksum(codec.vocab()));
            if members
                .first()
                .is_some_and(|first| words(first) != words(&member))
            {
                let what = format!(
                    "has other vocabularies than {}; only models of one corpus can translate together",
                    folders[0].display()
                );
                return Err(harness::Error::corrupt(folder, what).into());
            }
            members.push(member);
        }
        let Some(first) = members.first() else {
            let what = "no translator was named";
            return Err(harness::Error::corrupt(Path::new("."), what).into());
        };
        let beam = beam(first.config().beam);
        beam.validate()?;
        Ok(Ensemble { members, beam })
    }

    /// The best translations of each source with their ln p, the best first by the length penalty: at most as many as the
    /// beam is wide.
    ///
    /// # Errors
    /// [`neural::Error::Harness`] if a tokenizer refuses.
    pub fn candidates(&self, sources: &[&str]) -> Result<Vec<Vec<(String, f64)>>> {
        let members: Vec<&Translator> = self.members.iter().collect();
        let target = &self.members[0].target;
        let found = search(&members, sources, self.beam)?;
        let text =
            |hypothesis: Hypothesis| Ok((target.decode(&hypothesis.tokens)?, hypothesis.log_prob));
        let of_source = |found: Vec<Hypothesis>| found.into_iter().map(text).collect();
        found.into_iter().map(of_source).collect()
    }

    /// The members.
    pub fn members(&self) -> &[Translator] {
        &self.members
    }
}

impl harness::Translator for Ensemble {
    fn translate(&self, sources: &[&str]) -> harness::Result<Vec<String>> {
        let members: Vec<&Translator> = self.members.iter().collect();
        Ok(translate(&members, sources, self.beam)?)
    }

    /// The mean of what the members say of each pair: of their ln p, as n-best lists are rescored.
    fn score_pairs(&self, pairs: &[(&str, &str)]) -> harness::Result<Vec<f64>> {
        let mut sums = vec![0.0; pairs.len()];
        for member in &self.members {
            for (sum, score) in sums.iter_mut().zip(member.score_pairs(pairs)?) {
                *sum += score / self.members.len() as f64;
            }
        }
        Ok(sums)
    }

    fn perplexity_tokens(&self, targets: &[&str]) -> Option<u64> {
        self.members[0].perplexity_tokens(targets)
    }
}

/// Rows of hypotheses that are followed together at most.
const TOGETHER: usize = 256;

/// The best translation of each source; an empty source has an empty one.
fn translate(members: &[&Translator], sources: &[&str], beam: Reading) -> Result<Vec<String>> {
    let target = &members[0].target;
    let best = |found: Vec<Hypothesis>| match found.into_iter().next() {
        Some(best) => Ok(target.decode(&best.tokens)?),
        None => Ok(String::new()),
    };
    let found = search(members, sources, beam)?;
    found.into_iter().map(best).collect()
}

/// The best translations of each source; none of an empty one.
fn search(
    members: &[&Translator],
    sources: &[&str],
    beam: Reading,
) -> Result<Vec<Vec<Hypothesis>>> {
    let sources = members[0].sources(sources)?;
    let lengths: Vec<usize> = sources.iter().map(Vec::len).collect();
    let mut found = vec![Vec::new(); sources.len()];
    let held: Vec<_> = members
        .iter()
        .map(|member| member.trained.weights())
        .collect();
    let end = members[0].network.ends.target;
    tch::no_grad(|| {
        for group in of_one_length(&lengths, (TOGETHER / beam.width).max(1)) {
            let length = lengths[group[0]];
            if length == 0 {
                continue;
            }
            let some: Vec<&[TokenId]> = group.iter().map(|&at| &sources[at][..]).collect();
            let voices = members.iter().zip(&held).map(|(member, weights)| Voice {
                network: &member.network,
                weights,
                state: encode(&member.network, weights, &some),
            });
            let mut chorus = Chorus {
                voices: voices.collect(),
                unknown: members[0].target.vocab().unk(),
            };
            let first = vec![end; group.len()];
            let results = beam_search(&mut chorus, &first, end, beam.of_length(length));
            for (&at, result) in group.iter().zip(results) {
                found[at] = result;
            }
        }
    });
    Ok(found)
}

/// What is known of sources of one length; to be called without gradients.
fn encode(network: &Network, weights: &Weights, sources: &[&[TokenId]]) -> State {
    let device = weights[network.decoder.output.table].device();
    let ordered: Vec<TokenId> = sources
        .iter()
        .flat_map(|source| network.order(source))
        .collect();
    let sources = ids(&ordered, device).view([sources.len() as i64, -1]);
    network.encode(weights, &sources, Mode::Judge)
}

/// A decoder in the middle of some translations.
struct Voice<'a> {
    network: &'a Network,
    weights: &'a Weights,
    state: State,
}

/// Decoders that write together.
struct Chorus<'a> {
    voices: Vec<Voice<'a>>,
    /// What none of them may say.
    unknown: Option<TokenId>,
}

impl Step for Chorus<'_> {
    fn step(&mut self, tokens: &[TokenId]) -> Tensor {
        let tokens = ids(tokens, self.voices[0].state.hidden.device());
        let said = self.voices.iter_mut().map(|voice| {
            let decoder = &voice.network.decoder;
            let (log_probs, state) = decoder.step(voice.weights, &tokens, &voice.state);
            voice.state = state;
            log_probs
        });
        let said: Vec<Tensor> = said.collect();
        let together = match &said[..] {
            [alone] => alone.shallow_clone(),
            // The mean of probabilities.
            all => Tensor::stack(all, 0).logsumexp(0, false) - (all.len() as f64).ln(),
        };
        if let Some(unknown) = self.unknown {
            let _ = together
                .select(1, i64::from(unknown))
                .fill_(f64::NEG_INFINITY);
        }
        together
    }

    fn select(&mut self, rows: &[usize]) {
        for voice in &mut self.voices {
            voice.state = voice.state.select(rows);
        }
    }
}

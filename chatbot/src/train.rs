//! Training on dialogues, and on plain text as a language model.

use corpus::{Corpus, Split, Text, TokenId};
use harness::{Training, VALIDATION_SAMPLE};
use neural::{
    Loss, Mode, Result, Sampler, Task, TextNetwork, Weights, build, to_f64s, train,
    train_text_model,
};
use tch::Device;

use crate::Lm;
use crate::config::Config;
use crate::model::Chatbot;
use crate::network::Network;
use crate::segments::{
    Batch, DialogueFormat, SegmentBatches, SegmentConfig, Stories, Utterance, read_dialogues,
};

impl Config {
    /// Trains a chatbot on the dialogues of a corpus.
    ///
    /// # Errors
    /// [`harness::Error::Setting`]; [`harness::Error::Corrupt`] if there are no dialogues; [`neural::Error`], also when
    /// interrupted.
    pub fn train(&self, corpus: &Corpus, training: &mut Training<'_>) -> Result<Chatbot> {
        self.validate()?;
        let format = DialogueFormat {
            vocab_size: corpus.vocab().len(),
            eos: corpus.vocab().eos(),
            max_turn_length: self.max_turn_length,
        };
        let missing = || {
            let what = "its training split has no dialogues";
            harness::Error::corrupt(corpus.folder(), what)
        };
        if !corpus.has_dialogues() {
            return Err(missing().into());
        }
        let stories = match self.story_interval > 0 {
            true => Stories::Include,
            false => Stories::Skip,
        };
        let split = read_dialogues(corpus, Split::Train, format, stories)?;
        if split.dialogues.is_empty() {
            return Err(missing().into());
        }
        if split.truncated > 0 {
            training.progress.note(&format!(
                "truncated {} turns to their last {} words (max_turn_length)",
                split.truncated, self.max_turn_length
            ));
        }
        let validation = read_dialogues(corpus, Split::Valid, format, Stories::Skip)?.dialogues;
        let (network, mut parameters, device) =
            build::<Network>(self, format.vocab_size, training.seed)?;
        let counts = corpus.split(Split::Train)?.counts(format.vocab_size);
        network.init_parameters(&mut parameters, &counts);
        let segments = SegmentBatches::new(split, format, self.segments(), training.seed);
        let mut task = DialogueTask {
            network: &network,
            format,
            epoch_tokens: segments.epoch_tokens(),
            segments,
            sampler: Sampler::for_training(&counts, self.num_sampled, device),
            validation: to_texts(&validation, format, VALIDATION_SAMPLE),
            device,
        };
        train(&mut task, &mut parameters, &self.training, training)?;
        Ok(Chatbot::new(network, parameters, corpus.codec().clone()))
    }

    /// Trains a language model on plain text, treating each line as a reply to the preceding lines. `eos` is the end of a line.
    ///
    /// # Errors
    /// [`harness::Error::Setting`]; [`neural::Error`], also when interrupted.
    pub fn train_on_text(
        &self,
        text: &(impl Text + ?Sized),
        vocab_size: usize,
        eos: TokenId,
        training: &mut Training<'_>,
    ) -> Result<Lm> {
        train_text_model(self, text, vocab_size, eos, training)
    }

    fn segments(&self) -> SegmentConfig {
        SegmentConfig {
            turns: self.segment_turns,
            short_turns: self.short_segment_turns,
            batch_tokens: self.batch_tokens,
            story_interval: self.story_interval,
        }
    }
}

/// Whole dialogues as token sequences, up to `max_tokens` tokens.
fn to_texts(
    dialogues: &[Vec<Utterance>],
    format: DialogueFormat,
    max_tokens: usize,
) -> Vec<Vec<TokenId>> {
    let mut remaining = max_tokens;
    let mut texts = Vec::new();
    for dialogue in dialogues {
        let text = format.encode(dialogue);
        if text.len() > remaining {
            break;
        }
        remaining -= text.len();
        texts.push(text);
    }
    texts
}

/// Predicts each word of each turn from those before it.
pub(crate) struct DialogueTask<'a> {
    pub(crate) network: &'a Network,
    pub(crate) format: DialogueFormat,
    pub(crate) segments: SegmentBatches,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) epoch_tokens: u64,
    pub(crate) validation: Vec<Vec<TokenId>>,
    pub(crate) device: Device,
}

impl DialogueTask<'_> {
    fn batch(&mut self, number: u64) -> Batch {
        let texts = self.segments.batch(number);
        let rows: Vec<(&[TokenId], usize)> = texts.into_iter().map(|text| (text, 1)).collect();
        Batch::new(&rows, self.format, self.device)
    }
}

impl Task for DialogueTask<'_> {
    fn loss(&mut self, weights: &Weights, batch: u64) -> Result<Loss> {
        let batch = self.batch(batch);
        let hidden = self.network.forward(weights, &batch.inputs, Mode::Train);
        let hidden = batch.select_targets(&hidden);
        let (output, targets) = (self.network.output(), &batch.targets);
        Ok(match &self.sampler {
            None => output.cross_entropy(weights, &hidden, targets, 0.0),
            Some(sampler) => output.sampled_cross_entropy(weights, &hidden, targets, sampler),
        })
    }

    fn fingerprint(&self) -> String {
        use neural::TextConfig as _;
        format!("{:?}", self.network.config().training_part())
    }

    fn batch_bytes(&self) -> u64 {
        4 * self.network.config().batch_tokens as u64 * self.network.activations_per_token()
    }

    fn epoch_tokens(&self) -> u64 {
        self.epoch_tokens
    }

    fn validate(&mut self, weights: &Weights) -> Result<Option<f64>> {
        let (mut sum, mut tokens) = (0.0, 0);
        for text in &self.validation {
            let batch = Batch::new(&[(text, 1)], self.format, self.device);
            let hidden = self.network.forward(weights, &batch.inputs, Mode::Eval);
            let hidden = batch.select_targets(&hidden);
            let output = self.network.output();
            let scores = to_f64s(&output.score(weights, &hidden, &batch.targets));
            sum += scores.iter().sum::<f64>();
            tokens += scores.len();
        }
        Ok((tokens > 0).then(|| sum / tokens as f64))
    }

    fn flops_per_token(&self) -> f64 {
        self.network.flops_per_token()
    }
}

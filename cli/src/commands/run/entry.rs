//! One entry of a run: trained, judged, written down.

use std::fs;
use std::time::Instant;

use anyhow::Context;
use corpus::{Codec, write_atomically};
use harness::{
    Cost, CurvePoint, EntryFolder, EntryId, EntryRecord, MOST_FREQUENT, ModelCard, RECORD_FORMAT,
    Sample, SampledToken, Sampling, TURNS_SHOWN, TestSet, Track, Training, WordPlane, WordTest,
    WordsEvaluation, judge_conversation, judge_translation, peak_memory, reset_peak_memory,
};

use super::Stage;
use super::tell::Live;
use crate::commands::train::remove_checkpoints;
use crate::eras::{self, Config, Entry, Model, Place};
use crate::evaluation::judge;
use crate::progress::{Bar, check};
use crate::settings::Overrides;

impl Stage {
    /// The settings of an entry in this run.
    pub(super) fn configuration(&self, entry: Entry) -> anyhow::Result<Config> {
        let run = &self.run.record;
        let preset = entry.preset_for(run.budget, run.corpus.vocabulary);
        let mut config = entry.configure(&Overrides {
            preset: preset.map(str::to_owned),
            ..Overrides::default()
        })?;
        match &mut config {
            // A run compares whatever text it is given, and a tiny one has nothing to estimate discounts from.
            Config::Ngram(config) => config.discount_fallback = true,
            Config::Word2vec(config) if run.deterministic => config.threads = 1,
            _ => {}
        }
        #[cfg(feature = "neural")]
        if let Some(compute) = config.compute() {
            compute.device = run.device.parse()?;
        }
        Ok(config)
    }

    pub(super) fn run_entry(
        &self,
        entry: Entry,
        folder: &EntryFolder,
        live: &Live,
    ) -> anyhow::Result<()> {
        let id = entry.id();
        let mut bar = live.foot.bar(&id.label());
        let config = self.configuration(entry)?;
        check()?;
        folder.write_config(&config.to_table()?)?;
        let trained = self.train(entry, &config, folder, &mut bar)?;
        bar.show("evaluating");
        match id.track {
            Track::Words => self.judge_words(&id, folder, &trained),
            Track::Translation => self.judge_translations(&id, folder, &trained),
            Track::Conversation => self.judge_conversations(&id, folder, &trained),
            Track::LanguageModelling => self.judge(&id, folder, &trained),
        }
    }

    /// Judged is what lies on disk, not what training left in memory.
    fn judge(&self, id: &EntryId, folder: &EntryFolder, trained: &Trained) -> anyhow::Result<()> {
        let opened = eras::open(&folder.model())?;
        let seed = self.run.record.seed;
        let judgement = judge(
            &*opened.model,
            &self.set,
            &opened.codec,
            self.pairs.as_deref(),
            seed,
        )?;
        check()?;
        let samples = self.samples(&opened.model)?;
        check()?;
        let cost = Cost {
            evaluation_seconds: judgement.seconds,
            scoring_seconds: judgement.scoring_seconds,
            ..trained.cost(&opened.card, folder)
        };
        let record = EntryRecord {
            minimal_pairs: judgement.minimal_pairs,
            ..record(id, judgement.evaluated.evaluation, cost)
        };
        Ok(folder.write_evaluation(&record, &judgement.evaluated.log_probs, &samples)?)
    }

    /// The same for word vectors, which neither predict nor write.
    fn judge_words(
        &self,
        id: &EntryId,
        folder: &EntryFolder,
        trained: &Trained,
    ) -> anyhow::Result<()> {
        let (card, vectors) = eras::open_words(&folder.model())?;
        let began = Instant::now();
        let judge = |test: &WordTest| test.judge(&vectors, MOST_FREQUENT);
        let tests = self.word_tests.iter().map(judge).collect();
        let mut planes = self.word_tests.iter();
        let plane = planes.find_map(|test| WordPlane::of(&vectors, test));
        let cost = Cost {
            evaluation_seconds: began.elapsed().as_secs_f64(),
            ..trained.cost(&card, folder)
        };
        let record = record(id, WordsEvaluation { tests, plane }, cost);
        check()?;
        Ok(folder.write_record(&record)?)
    }

    /// The same for translators.
    fn judge_translations(
        &self,
        id: &EntryId,
        folder: &EntryFolder,
        trained: &Trained,
    ) -> anyhow::Result<()> {
        let (card, translator) = eras::translators::open(&folder.model())?;
        let began = Instant::now();
        let judged = judge_translation(&*translator, &self.sentences.pairs, self.sentences.bleu)?;
        check()?;
        let cost = Cost {
            evaluation_seconds: began.elapsed().as_secs_f64(),
            ..trained.cost(&card, folder)
        };
        let record = record(id, judged.evaluation, cost);
        let translations = judged.translations.join("\n") + "\n";
        write_atomically(
            &folder.path().join("translations.txt"),
            translations.as_bytes(),
        )?;
        Ok(folder.write_record(&record)?)
    }

    /// The same for those who reply.
    fn judge_conversations(
        &self,
        id: &EntryId,
        folder: &EntryFolder,
        trained: &Trained,
    ) -> anyhow::Result<()> {
        let (card, responder) = eras::responders::open_responder(&folder.model())?;
        let Some(talks) = &self.talks else {
            anyhow::bail!("the corpus has no conversations");
        };
        let began = Instant::now();
        let judged = judge_conversation(
            &*responder,
            &talks.dialogues,
            &talks.protocol(&card, TURNS_SHOWN),
        )?;
        check()?;
        let cost = Cost {
            evaluation_seconds: began.elapsed().as_secs_f64(),
            ..trained.cost(&card, folder)
        };
        let record = record(id, judged.evaluation, cost);
        let replies = serde_json::to_vec_pretty(&judged.replies)?;
        write_atomically(&folder.path().join("replies.json"), &replies)?;
        Ok(folder.write_record(&record)?)
    }

    /// Trains, unless a model that was trained in the same way lies there already.
    fn train(
        &self,
        entry: Entry,
        config: &Config,
        folder: &EntryFolder,
        bar: &mut Bar,
    ) -> anyhow::Result<Trained> {
        // Models know more than their settings.
        let is_same = |card: ModelCard| {
            let settings = config.to_table()?;
            // Where it was computed is all the same.
            let mut settings = settings.iter().filter(|(key, _)| *key != "compute");
            Ok(settings.all(|(key, value)| card.config.get(key) == Some(value)))
        };
        let finished = ModelCard::open(&folder.model())
            .map_err(anyhow::Error::from)
            .and_then(is_same);
        let curve = folder.path().join("curve.csv");
        if curve.exists() && finished.unwrap_or(false) {
            remove_checkpoints(&folder.checkpoints())?;
            return Ok(Trained {
                curve: folder.read_curve()?,
                memory_before: None,
            });
        }
        for left in [folder.model(), curve] {
            // Left by a run that was stopped: what it lacks cannot be known.
            let removed = if left.is_dir() {
                fs::remove_dir_all(&left)
            } else {
                fs::remove_file(&left)
            };
            if left.exists() {
                removed.with_context(|| format!("cannot remove {}", left.display()))?;
            }
        }
        // An entry's memory is its own, not what the one before has left.
        #[cfg(feature = "neural")]
        neural::release_memory();
        reset_peak_memory();
        let memory_before = peak_memory();
        let mut training = Training {
            budget: self.run.record.budget,
            seed: self.run.record.seed,
            validation: self.validation.clone(),
            checkpoints: Some(folder.checkpoints()),
            checkpoint_every: self.checkpoint_every,
            progress: bar,
        };
        let place = Place {
            folder: &folder.model(),
            memory: None,
        };
        entry.train(config, &self.corpus, &mut training, place)?;
        // Its curve says that a model is done: only then what training would go on from may go.
        folder.write_curve(&bar.curve)?;
        remove_checkpoints(&folder.checkpoints())?;
        Ok(Trained {
            curve: std::mem::take(&mut bar.curve),
            memory_before,
        })
    }

    /// The beginnings of three lines of the test split, continued.
    fn samples(&self, model: &Model) -> anyhow::Result<Vec<Sample>> {
        const LENGTH: usize = 40;
        let codec = self.corpus.codec();
        let text = |ids: &[u32]| Ok::<String, anyhow::Error>(codec.decode(ids)?.trim().to_owned());
        // A seed for each prompt: models that do not look at it would write the same three times.
        let seeds = (0..).map(|index: u64| self.run.record.seed.wrapping_add(index));
        let continued = prompts(&self.set, codec)
            .into_iter()
            .zip(seeds)
            .map(|(prompt, seed)| {
                let how = Sampling {
                    top_p: 0.9,
                    seed,
                    ..Sampling::default()
                };
                let written = model.generate(&prompt, LENGTH, None, how)?;
                Ok(Sample {
                    prompt: text(&prompt)?,
                    continuation: text(&written)?,
                    tokens: self.sampled(model, &prompt, &written)?,
                })
            });
        continued.collect()
    }
}

impl Stage {
    /// What was written after a prompt, with the probability of each token.
    fn sampled(
        &self,
        model: &Model,
        prompt: &[u32],
        written: &[u32],
    ) -> anyhow::Result<Vec<SampledToken>> {
        let codec = self.corpus.codec();
        let log_probs = model.score(&[prompt, written].concat())?;
        let (mut tokens, mut before) = (Vec::new(), String::new());
        for (at, log_prob) in log_probs[prompt.len()..].iter().enumerate() {
            let text = codec.decode(&written[..=at])?;
            // Where a mark moves what was said before it, the token is shown as the vocabulary has it.
            let new = match text.strip_prefix(&before) {
                Some(new) => new.to_owned(),
                None => format!(" {}", codec.vocab().token(written[at])),
            };
            before = text;
            tokens.push(SampledToken {
                text: new,
                probability: log_prob.exp(),
            });
        }
        Ok(tokens)
    }
}

fn record<E>(id: &EntryId, evaluation: E, cost: Cost) -> EntryRecord<E> {
    EntryRecord {
        format: RECORD_FORMAT,
        entry: id.clone(),
        evaluation,
        minimal_pairs: None,
        cost,
    }
}

/// What came of training beside the model.
struct Trained {
    curve: Vec<CurvePoint>,
    /// Bytes that were resident when training began: the program, the corpus, what libraries keep for good. Nothing if the
    /// model lay there already: what its training took is not known.
    memory_before: Option<u64>,
}

impl Trained {
    /// What training took; what evaluation took is filled in later. A model without a learning curve was not trained.
    fn cost(&self, card: &ModelCard, folder: &EntryFolder) -> Cost {
        let last = self.curve.last();
        let files = card.files.iter().map(|file| file.bytes).sum::<u64>();
        let card_bytes =
            fs::metadata(folder.model().join("model.toml")).map_or(0, |about| about.len());
        let memory = peak_memory().zip(self.memory_before);
        Cost {
            training_seconds: last.map_or(0.0, |point| point.seconds),
            evaluation_seconds: 0.0,
            scoring_seconds: 0.0,
            peak_memory_bytes: memory.map(|(peak, before)| peak.saturating_sub(before)),
            model_bytes: files + card_bytes,
            parameters: card.parameters,
            training_tokens: last.map_or(0, |point| point.tokens),
            training_flops: last.map_or(0.0, |point| point.flops),
        }
    }
}

/// Three prompts: the first words of long lines, from the first, a middle and a late third of the split.
fn prompts(set: &TestSet, codec: &Codec) -> Vec<Vec<u32>> {
    const LONG: usize = 20;
    const WORDS: usize = 8;
    let eos = codec.vocab().eos();
    let third = |index: usize| {
        &set.tokens[index * set.tokens.len() / 3..(index + 1) * set.tokens.len() / 3]
    };
    let prompt = |index: usize| {
        // The first line of a third may be the end of one.
        let lines: Vec<&[u32]> = third(index)
            .split(|&token| token == eos)
            .skip(usize::from(index > 0))
            .collect();
        let longest = lines.iter().max_by_key(|line| line.len());
        let line = lines.iter().find(|line| line.len() >= LONG).or(longest)?;
        Some(line[..line.len().min(WORDS)].to_vec())
    };
    (0..3)
        .filter_map(prompt)
        .filter(|prompt| !prompt.is_empty())
        .collect()
}

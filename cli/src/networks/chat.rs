//! `eras chat`.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chatbot::{Chatbot, ReplyConfig};
use corpus::Codec;
use harness::{Prompt, Responder, TURNS_SHOWN, Turn};
use rustyline::error::ReadlineError;

use super::args::ChatOptions;
use super::models::{name_of, open_chatbot, open_responder};
use crate::input::stdin_lines;
use crate::models::open_card;
use crate::output::{complain, must_be_new, say, say_part, usage, visible};

/// The user speaks first, and the models are the other side.
const USER: u32 = 0;
const MODEL: u32 = 1;
/// Alternatives that `/why` shows for each word.
const LIKELY: usize = 5;

const HELP: &str = "/reset starts a new dialogue; /temperature T sets the sampling temperature (0: the most probable words); /why \
                    shows the alternatives to each word of the last reply; /save FILE saves the dialogue; /quit exits";

pub(crate) fn run(options: ChatOptions) -> anyhow::Result<()> {
    let mut sides = Vec::new();
    for folder in &options.models {
        sides.push(Side::open(folder, options.temperature)?);
    }
    for folder in &options.models {
        complain_of_short_training(folder)?;
    }
    let mut dialogue = Dialogue {
        sides,
        seed: options.seed,
        turns: 0,
    };
    if io::stdin().is_terminal() {
        say(HELP)?;
        return dialogue.at_the_terminal();
    }
    let mut lines = stdin_lines();
    while let Some(line) = lines.next_line()? {
        if !dialogue.answer_line(line)? {
            break;
        }
    }
    Ok(())
}

/// Says once that a model was trained too little to expect sense from it.
fn complain_of_short_training(folder: &Path) -> anyhow::Result<()> {
    let end = open_card(folder)?.training.end;
    if let Some(end) = end.filter(|end| end.is_undertrained()) {
        complain(&format!(
            "note: {} is undertrained: when its training ended, {}; expect little sense from it, or train it with a larger --budget",
            visible(&folder.display().to_string()),
            end.clause()
        ));
    }
    Ok(())
}

/// How a model replies.
enum Voice {
    Chatbot {
        model: Box<Chatbot>,
        how: ReplyConfig,
    },
    Other(Box<dyn Responder>),
}

/// A model and its dialogue so far.
struct Side {
    name: String,
    voice: Voice,
    turns: Vec<Turn>,
}

impl Side {
    fn open(folder: &Path, temperature: Option<f64>) -> anyhow::Result<Side> {
        let voice = match open_chatbot(folder)? {
            Some(model) => {
                let how = model.config().reply;
                let mut voice = Voice::Chatbot {
                    model: Box::new(model),
                    how,
                };
                temperature.map_or(Ok(()), |temperature| voice.set_temperature(temperature))?;
                voice
            }
            None if temperature.is_some() => {
                return Err(usage(format!(
                    "--temperature: {} is not a chatbot",
                    folder.display()
                )));
            }
            None => Voice::Other(open_responder(folder)?),
        };
        Ok(Side {
            name: visible(&name_of(folder)),
            voice,
            turns: Vec::new(),
        })
    }

    fn codec(&self) -> Option<&Codec> {
        match &self.voice {
            Voice::Chatbot { model, .. } => Some(model.codec()),
            Voice::Other(_) => None,
        }
    }

    /// Adds the user's turn and replies; the reply is shown as it is generated.
    fn reply(&mut self, line: &str, seed: u64) -> anyhow::Result<()> {
        let text = self
            .codec()
            .map_or(line.to_owned(), |codec| codec.normalize_input(line));
        self.turns.push(Turn {
            speaker: USER,
            text,
        });
        let prompt = Prompt {
            turns: &self.turns,
            speaker: MODEL,
        };
        say_part(&format!("{}: ", self.name))?;
        let text = match &self.voice {
            Voice::Chatbot { model, how } => {
                let mut shown = Ok(());
                let reply = model.reply_streaming(prompt, *how, seed, &mut |part| {
                    if shown.is_ok() {
                        shown = say_part(&visible(part));
                    }
                })?;
                shown?;
                reply
            }
            Voice::Other(responder) => {
                let reply = responder
                    .reply(&[prompt.last(TURNS_SHOWN)])?
                    .pop()
                    .unwrap_or_default();
                say_part(&visible(&reply))?;
                reply
            }
        };
        self.turns.push(Turn {
            speaker: MODEL,
            text,
        });
        say("")
    }

    fn why(&self) -> anyhow::Result<()> {
        let Some((reply, turns)) = self.turns.split_last() else {
            return complain_softly("there is no reply yet");
        };
        let Voice::Chatbot { model, .. } = &self.voice else {
            return complain_softly(&format!("/why: {} is not a chatbot", self.name));
        };
        let prompt = Prompt {
            turns,
            speaker: MODEL,
        };
        say(&format!("{}:", self.name))?;
        for prediction in model.predictions(prompt, &reply.text, LIKELY)? {
            let likely: Vec<String> = prediction
                .alternatives
                .iter()
                .map(|(word, log_prob)| {
                    format!("{} {:.1} %", visible(word), 100.0 * log_prob.exp())
                })
                .collect();
            say(&format!(
                "  {:<16} {:>5.1} %   {}",
                visible(&prediction.token),
                100.0 * prediction.log_prob.exp(),
                likely.join(" · ")
            ))?;
        }
        Ok(())
    }
}

impl Voice {
    fn set_temperature(&mut self, temperature: f64) -> anyhow::Result<()> {
        let Voice::Chatbot { how, .. } = self else {
            return Ok(());
        };
        let sampling = harness::Sampling {
            temperature,
            ..harness::Sampling::default()
        };
        sampling
            .validate()
            .map_err(|error| usage(error.to_string()))?;
        how.temperature = temperature;
        Ok(())
    }
}

/// Reports a mistake without ending the dialogue.
fn complain_softly(what: &str) -> anyhow::Result<()> {
    complain(what);
    Ok(())
}

struct Dialogue {
    sides: Vec<Side>,
    seed: u64,
    /// Number of replies so far; each is sampled with its own seed.
    turns: u64,
}

impl Dialogue {
    /// Reads lines with history and editing. Ctrl-C and the end of the input end the dialogue.
    fn at_the_terminal(&mut self) -> anyhow::Result<()> {
        let mut editor = rustyline::DefaultEditor::new().context("cannot edit lines here")?;
        loop {
            match editor.readline("you: ") {
                Ok(line) => {
                    // A full history drops old lines, which is not an error.
                    let _ = editor.add_history_entry(&line);
                    if !self.answer_line(&line)? {
                        return Ok(());
                    }
                }
                Err(ReadlineError::Eof | ReadlineError::Interrupted | ReadlineError::Signal(_)) => {
                    return Ok(());
                }
                Err(error) => return Err(error).context("cannot read the terminal"),
            }
        }
    }

    /// Handles a line of the user; returns whether the dialogue continues.
    fn answer_line(&mut self, line: &str) -> anyhow::Result<bool> {
        let line: String = line
            .chars()
            .map(|character| {
                if character.is_control() {
                    ' '
                } else {
                    character
                }
            })
            .collect();
        let line = line.trim();
        if line.is_empty() {
            return Ok(true);
        }
        if let Some(command) = line.strip_prefix('/') {
            return self.run_command(command);
        }
        self.turns += 1;
        let seed = self.seed.wrapping_add(self.turns);
        for side in &mut self.sides {
            side.reply(line, seed)?;
        }
        Ok(true)
    }

    fn run_command(&mut self, command: &str) -> anyhow::Result<bool> {
        let (name, argument) = command.split_once(' ').unwrap_or((command, ""));
        match (name, argument.trim()) {
            ("quit", _) => return Ok(false),
            ("reset", _) => self.sides.iter_mut().for_each(|side| side.turns.clear()),
            ("why", _) => self.sides.iter().try_for_each(Side::why)?,
            ("temperature", value) => {
                let set = match value.parse() {
                    Ok(value) => self
                        .sides
                        .iter_mut()
                        .try_for_each(|side| side.voice.set_temperature(value)),
                    Err(_) => Err(usage(format!("/temperature {value}: must be a number"))),
                };
                set.or_else(|error| complain_softly(&error.to_string()))?;
            }
            ("save", "") => complain("/save FILE: the file name is missing"),
            ("save", file) => {
                let saved = self.save(&PathBuf::from(file));
                saved.or_else(|error| complain_softly(&format!("{error:#}")))?;
            }
            _ => complain(&format!("/{}: unknown command; {HELP}", visible(name))),
        }
        Ok(true)
    }

    /// Writes a table that `eras corpus prepare` reads, with a dialogue for each model.
    fn save(&self, file: &Path) -> anyhow::Result<()> {
        must_be_new(file)?;
        let mut table = String::new();
        for (number, side) in self.sides.iter().enumerate() {
            for (at, turn) in side.turns.iter().enumerate() {
                table += &format!("{number}\t{at}\t{}\t{}\n", turn.speaker, turn.text);
            }
        }
        corpus::write_atomically(file, table.as_bytes())?;
        say(&format!("dialogue: {}", file.display()))
    }
}

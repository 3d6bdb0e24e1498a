//! `eras encode`.

use harness::principal_components;
use reports::WordMap;

use super::args::EncodeOptions;
use super::models::open_seq2seq;
use crate::input::stdin_lines;
use crate::output::{complain_of_letters, must_be_new_picture, stream};

pub(crate) fn run(options: EncodeOptions) -> anyhow::Result<()> {
    if let Some(map) = &options.map {
        must_be_new_picture(map)?;
    }
    let translator = open_seq2seq(&options.model)?;
    let (mut input, mut lines) = (stdin_lines(), Vec::new());
    while let Some(line) = input.next_line()? {
        lines.push(line.to_owned());
    }
    let sentences: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    let vectors = seq2seq::sentence_vectors(&translator, &sentences)?;
    if let Some(path) = &options.map {
        let shown: Vec<&[f32]> = vectors.iter().map(Vec::as_slice).collect();
        let projection = principal_components(&shown)?;
        let map = WordMap {
            title: format!("Sentence vectors of {}", options.model.display()),
            words: lines.iter().cloned().zip(projection.points).collect(),
            lines: Vec::new(),
            shares: projection.shares,
        };
        complain_of_letters(path, &map.write(path)?);
    }
    stream(|out| {
        for vector in &vectors {
            let numbers: Vec<String> = vector.iter().map(f32::to_string).collect();
            writeln!(out, "{}", numbers.join(" "))?;
        }
        Ok(())
    })
}

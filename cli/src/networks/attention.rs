//! `eras attention`.

use std::path::Path;

use corpus::{Codec, TokenId};
use harness::Translator as _;
use reports::AttentionMap;
use serde_json::{Value, json};

use super::args::{AttentionOptions, AttentionPart};
use super::models::{is_translator, open_decoder, open_transformer};
use crate::output::{complain_of_letters, must_be_new_picture, say, say_json, usage};

/// The attention of a model within a text, or from one text to another.
struct Found {
    rows: Vec<String>,
    columns: Vec<String>,
    looks_back: bool,
    /// Attention weights by layer, head, row and column.
    layers: Vec<Vec<Vec<Vec<f64>>>>,
}

pub(crate) fn run(options: AttentionOptions) -> anyhow::Result<()> {
    if let Some(out) = &options.out {
        must_be_new_picture(out)?;
    }
    let found = match is_translator(&options.model)? {
        true => of_translator(&options)?,
        false => of_decoder(&options)?,
    };
    let layers = chosen("layer", options.layer, found.layers.len())?;
    let heads = chosen(
        "head",
        options.head,
        found.layers.first().map_or(0, Vec::len),
    )?;
    let each = layers.flat_map(|layer| heads.clone().map(move |head| (layer, head)));
    let map = AttentionMap {
        title: title(&options.model, options.part),
        rows: found.rows,
        columns: found.columns,
        is_causal: found.looks_back,
        heads: each
            .clone()
            .map(|(layer, head)| {
                let name = format!("layer {}, head {}", layer + 1, head + 1);
                (name, found.layers[layer][head].clone())
            })
            .collect(),
    };
    if let Some(out) = &options.out {
        complain_of_letters(out, &map.write(out)?);
    }
    if options.json {
        let heads: Vec<Value> = each
            .map(|(layer, head)| {
                let attention = &found.layers[layer][head];
                json!({"layer": layer + 1, "head": head + 1, "attention": attention})
            })
            .collect();
        let file = options.out.as_deref().map(Path::to_string_lossy);
        return say_json(&json!({
            "file": file, "queries": map.rows, "keys": map.columns, "heads": heads,
        }));
    }
    let file = options.out.unwrap_or_default();
    say(&format!(
        "{}: {} on {} tokens; rows are queries, columns are keys",
        file.display(),
        match map.heads.len() {
            1 => "1 head".to_owned(),
            heads => format!("{heads} heads"),
        },
        map.rows.len()
    ))
}

fn title(model: &Path, part: Option<AttentionPart>) -> String {
    let part = match part {
        None => "",
        Some(AttentionPart::Cross) => ", cross-attention",
        Some(AttentionPart::Encoder) => ", encoder self-attention",
        Some(AttentionPart::Decoder) => ", decoder self-attention",
    };
    format!("Attention of {}{part}", model.display())
}

fn shown(codec: &Codec, tokens: &[TokenId]) -> Vec<String> {
    let token = |&token: &TokenId| codec.vocab().token(token).to_owned();
    tokens.iter().map(token).collect()
}

fn of_decoder(options: &AttentionOptions) -> anyhow::Result<Found> {
    if options.target.is_some() || options.part.is_some() {
        return Err(usage(
            "--target and --part apply to translators, but this is a language model",
        ));
    }
    let (model, codec) = open_decoder(&options.model)?;
    let mut tokens = vec![codec.vocab().eos()];
    tokens.extend(codec.encode(options.text.trim_end())?);
    Ok(Found {
        rows: shown(&codec, &tokens),
        columns: shown(&codec, &tokens),
        looks_back: true,
        layers: transformer::lm_attention_maps(&model, &tokens)?,
    })
}

fn of_translator(options: &AttentionOptions) -> anyhow::Result<Found> {
    let model = open_transformer(&options.model)?;
    let source_text = options.text.trim();
    let target_text = match &options.target {
        Some(target) => target.trim().to_owned(),
        None => model.translate(&[source_text])?.concat(),
    };
    let [source_codec, target_codec] = model.codecs();
    let (maps, [source, target]) = transformer::attention_maps(&model, source_text, &target_text)?;
    let read = [&source[..], &[source_codec.vocab().eos()]].concat();
    let written = [&[target_codec.vocab().eos()], &target[..]].concat();
    let (read, written) = (shown(source_codec, &read), shown(target_codec, &written));
    Ok(match options.part.unwrap_or(AttentionPart::Cross) {
        AttentionPart::Cross => Found {
            rows: written,
            columns: read,
            looks_back: false,
            layers: maps.cross,
        },
        AttentionPart::Encoder => Found {
            rows: read.clone(),
            columns: read,
            looks_back: false,
            layers: maps.encoder,
        },
        AttentionPart::Decoder => Found {
            rows: written.clone(),
            columns: written,
            looks_back: true,
            layers: maps.decoder,
        },
    })
}

/// The indices of all `number` layers or heads, or only of the requested one.
fn chosen(
    kind: &str,
    asked: Option<usize>,
    number: usize,
) -> anyhow::Result<std::ops::Range<usize>> {
    match asked {
        None => Ok(0..number),
        Some(asked) if (1..=number).contains(&asked) => Ok(asked - 1..asked),
        Some(asked) => Err(usage(format!(
            "--{kind} {asked}: the model has {kind}s 1 to {number}"
        ))),
    }
}

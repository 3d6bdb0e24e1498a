//! `eras attention`.

use reports::AttentionMap;
use serde_json::{Value, json};

use crate::args::AttentionOptions;
use crate::eras::open_decoder;
use crate::output::{must_be_new_picture, say, say_json, usage};

pub(crate) fn run(options: AttentionOptions) -> anyhow::Result<()> {
    if let Some(out) = &options.out {
        must_be_new_picture(out)?;
    }
    let (model, codec) = open_decoder(&options.model)?;
    let layers = chosen("layer", options.layer, model.config().layers)?;
    let heads = chosen("head", options.head, model.config().heads)?;
    let mut tokens = vec![codec.vocab().eos()];
    tokens.extend(codec.encode(options.text.trim_end())?);
    let found = model.attention(&tokens)?;
    let each = layers.flat_map(|layer| heads.clone().map(move |head| (layer, head)));
    let map = AttentionMap {
        title: format!("Attention of {}", options.model.display()),
        tokens: tokens
            .iter()
            .map(|&token| codec.vocab().token(token).to_owned())
            .collect(),
        heads: each
            .clone()
            .map(|(layer, head)| {
                let name = format!("layer {}, head {}", layer + 1, head + 1);
                (name, found[layer][head].clone())
            })
            .collect(),
    };
    if let Some(out) = &options.out {
        map.write(out)?;
    }
    if options.json {
        let heads: Vec<Value> = each
            .map(|(layer, head)| {
                json!({"layer": layer + 1, "head": head + 1, "attention": found[layer][head]})
            })
            .collect();
        return say_json(&json!({"file": options.out, "tokens": map.tokens, "heads": heads}));
    }
    let file = options.out.unwrap_or_default();
    say(&format!(
        "{}: {} on {} tokens; rows look, columns are looked at",
        file.display(),
        match map.heads.len() {
            1 => "1 head".to_owned(),
            heads => format!("{heads} heads"),
        },
        map.tokens.len()
    ))
}

/// The places of all `number` of a kind, or of the one that was asked for.
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

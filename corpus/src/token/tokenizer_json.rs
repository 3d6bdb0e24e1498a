//! `tokenizer.json`, the file format of the `tokenizers` library, checked before the library reads it.
//!
//! The library panics or loops on some malformed files. The checks here accept the parts that published tokenizers are
//! made of; a panic that remains is caught and returned as an error.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Map, Value};
use tokenizers::Tokenizer as Library;

/// The parts that are accepted, and the field in which a `Sequence` of each lists its members.
const NORMALIZERS: Parts = Parts {
    members: "normalizers",
    types: &[
        "BertNormalizer",
        "ByteLevel",
        "Lowercase",
        "NFC",
        "NFD",
        "NFKC",
        "NFKD",
        "Nmt",
        "Precompiled",
        "Prepend",
        "Replace",
        "Strip",
        "StripAccents",
    ],
};
const PRE_TOKENIZERS: Parts = Parts {
    members: "pretokenizers",
    types: &[
        "BertPreTokenizer",
        "ByteLevel",
        "CharDelimiterSplit",
        "Digits",
        "Metaspace",
        "Punctuation",
        "Split",
        "UnicodeScripts",
        "Whitespace",
        "WhitespaceSplit",
    ],
};
const DECODERS: Parts = Parts {
    members: "decoders",
    types: &[
        "BPEDecoder",
        "ByteFallback",
        "ByteLevel",
        "Fuse",
        "Metaspace",
        "Replace",
        "Strip",
        "WordPiece",
    ],
};
const MODELS: [&str; 4] = ["BPE", "Unigram", "WordLevel", "WordPiece"];

struct Parts {
    members: &'static str,
    types: &'static [&'static str],
}

/// Reads a tokenizer that encodes special tokens in the text as ordinary text.
///
/// # Errors
/// A sentence that says what is wrong with the file.
pub(super) fn read(json: &str) -> Result<(Library, Value), String> {
    let value: Value =
        serde_json::from_str(json).map_err(|error| format!("is not JSON: {error}"))?;
    let Value::Object(mut root) = value else {
        return Err("is not a JSON object".to_owned());
    };
    check_part(root.get("normalizer"), "normalizer", &NORMALIZERS)?;
    check_part(root.get("pre_tokenizer"), "pre_tokenizer", &PRE_TOKENIZERS)?;
    check_part(root.get("decoder"), "decoder", &DECODERS)?;
    check_model(root.get("model"))?;
    check_added_tokens(root.get("added_tokens"))?;
    // A corpus holds complete lines, and preparation adds its end-of-document tokens itself, without a template.
    for unused in ["truncation", "padding", "post_processor"] {
        root.insert(unused.to_owned(), Value::Null);
    }
    let value = Value::Object(root);
    let text = value.to_string();
    let library = guarded(|| text.parse::<Library>())?;
    let mut library = library.map_err(|error| format!("is not a tokenizer: {error}"))?;
    library.set_encode_special_tokens(true);
    check_added_ids(&library, &value)?;
    Ok((library, value))
}

/// Runs a call of the library; its panic becomes an error.
///
/// # Errors
/// The message of the panic.
pub(super) fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let message = panic.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
        format!(
            "makes the tokenizers library panic: {}",
            message.unwrap_or("without a message")
        )
    })
}

/// Whether a part, or a member of a sequence, has this type.
pub(super) fn has_type(part: Option<&Value>, wanted: &str) -> bool {
    match part {
        Some(Value::Object(fields)) => {
            fields.get("type").and_then(Value::as_str) == Some(wanted)
                || fields.values().any(|value| has_type(Some(value), wanted))
        }
        Some(Value::Array(members)) => members.iter().any(|value| has_type(Some(value), wanted)),
        _ => false,
    }
}

fn check_part(part: Option<&Value>, name: &str, accepted: &Parts) -> Result<(), String> {
    let fields = match part {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Object(fields)) => fields,
        Some(other) => return Err(format!("{name} is {other}, not an object")),
    };
    match type_of(fields) {
        "Sequence" => match fields.get(accepted.members) {
            Some(Value::Array(members)) => members
                .iter()
                .try_for_each(|member| check_part(Some(member), name, accepted)),
            _ => Err(format!("{name} is a Sequence without {}", accepted.members)),
        },
        known if accepted.types.contains(&known) => Ok(()),
        unknown => Err(format!(
            "{name} has type {unknown:?}, which is not supported"
        )),
    }
}

fn type_of(fields: &Map<String, Value>) -> &str {
    fields.get("type").and_then(Value::as_str).unwrap_or("")
}

fn check_model(model: Option<&Value>) -> Result<(), String> {
    let Some(Value::Object(model)) = model else {
        return Err("has no model".to_owned());
    };
    let name = type_of(model);
    if !MODELS.contains(&name) {
        return Err(format!("model has type {name:?}, which is not supported"));
    }
    let dropout = model.get("dropout").and_then(Value::as_f64);
    if dropout.is_some_and(|dropout| dropout != 0.0) {
        return Err("model has dropout, so it encodes the same text differently".to_owned());
    }
    let (tokens, has_empty) = match model.get("vocab") {
        Some(Value::Object(vocab)) => (vocab.len(), vocab.contains_key("")),
        Some(Value::Array(vocab)) => {
            let is_empty = |piece: &Value| piece.get(0).and_then(Value::as_str) == Some("");
            (vocab.len(), vocab.iter().any(is_empty))
        }
        _ => return Err("model has no vocab".to_owned()),
    };
    if tokens == 0 {
        return Err("has an empty vocabulary".to_owned());
    }
    // The library loops forever on an empty token.
    match has_empty {
        true => Err("has an empty token in its vocabulary".to_owned()),
        false => Ok(()),
    }
}

fn check_added_tokens(tokens: Option<&Value>) -> Result<(), String> {
    let Some(Value::Array(tokens)) = tokens else {
        return Ok(());
    };
    let is_empty = |token: &Value| token.get("content").and_then(Value::as_str) == Some("");
    match tokens.iter().any(is_empty) {
        true => Err("has an added token without content".to_owned()),
        false => Ok(()),
    }
}

/// Where the ids of added tokens leave a gap, the library numbers them anew.
fn check_added_ids(library: &Library, root: &Value) -> Result<(), String> {
    let added = root.get("added_tokens").and_then(Value::as_array);
    for token in added.into_iter().flatten() {
        let (content, id) = (token["content"].as_str(), token["id"].as_u64());
        let read = content.and_then(|content| library.token_to_id(content));
        if read.map(u64::from) != id {
            return Err(format!(
                "has ids with a gap: added token {content:?} is {id:?} in the file and {read:?} when read"
            ));
        }
    }
    Ok(())
}

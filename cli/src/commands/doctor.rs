//! `eras doctor`: facts for bug reports, and the speed of matrix multiplication.

use std::path::Path;

use harness::{Machine, usable_cores};
use serde_json::{Value, json};

use crate::args::DoctorOptions;
use crate::networks;
use crate::output::{say, say_json};
use crate::progress::Bar;

pub(crate) fn run(workspace: &Path, options: DoctorOptions) -> anyhow::Result<()> {
    let machine = Machine::this();
    let mut facts = vec![
        ("eras", json!(env!("CARGO_PKG_VERSION"))),
        ("processor", json!(machine.processor)),
        ("cores", json!(usable_cores())),
        ("threads", json!(machine.threads)),
        ("memory in bytes", json!(machine.memory)),
        ("system", json!(machine.system)),
        ("workspace", json!(workspace.display().to_string())),
    ];
    let mut bar = Bar::new("doctor");
    bar.show("measuring matrix multiplication");
    facts.extend(networks::tensor_facts()?);
    drop(bar);
    if options.json {
        let object: serde_json::Map<String, Value> = facts
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        return say_json(&object);
    }
    for (name, value) in facts {
        let text = match value {
            Value::String(text) => text,
            Value::Null => "unknown".to_owned(),
            other => other.to_string(),
        };
        say(&format!("{name:<24} {text}"))?;
    }
    Ok(())
}

//! `eras doctor`: what a bug report needs, and how fast this machine multiplies.

use std::path::Path;

use harness::Machine;
use serde_json::{Value, json};

use crate::args::DoctorOptions;
use crate::output::{say, say_json};
use crate::progress::Bar;

pub(crate) fn run(workspace: &Path, options: DoctorOptions) -> anyhow::Result<()> {
    let machine = Machine::this();
    let mut facts = vec![
        ("eras", json!(env!("CARGO_PKG_VERSION"))),
        ("processor", json!(machine.processor)),
        (
            "cores",
            json!(std::thread::available_parallelism().map(usize::from).ok()),
        ),
        ("threads", json!(machine.threads)),
        ("memory in bytes", json!(machine.memory)),
        ("system", json!(machine.system)),
        ("workspace", json!(workspace)),
    ];
    let mut bar = Bar::new("doctor");
    bar.show("measuring matrix products");
    facts.extend(tensor_facts()?);
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

#[cfg(feature = "neural")]
fn tensor_facts() -> anyhow::Result<Vec<(&'static str, Value)>> {
    use std::panic::catch_unwind;

    use neural::{ComputeConfig, Device, Precision, probe};

    // Before libtorch is asked for anything else.
    let gpu = Device::Cuda(0).open();
    ComputeConfig::default().apply()?;
    let rate_on = |device, precision| -> anyhow::Result<Value> {
        Ok(json!(probe::matmul_gflops(device, precision)?.round()))
    };
    let rate = |precision| rate_on(Device::Cpu, precision);
    // One that is there, but cannot be used, is what a bug report is about.
    let try_gpu = || rate_on(Device::Cuda(0), Precision::Bf16);
    let of_gpu = gpu.map_err(anyhow::Error::from).and_then(|_| {
        catch_unwind(try_gpu).unwrap_or_else(|_| anyhow::bail!("it is there, but cannot multiply"))
    });
    let of_gpu = match of_gpu {
        Ok(rate) => ("GPU, bf16 in GFLOP/s", rate),
        Err(error) => ("GPU", json!(format!("{error:#}"))),
    };
    Ok(vec![
        ("libtorch", json!(neural::libtorch_version())),
        ("libtorch folder", json!(neural::libtorch_folder())),
        (
            "bf16 in hardware",
            json!(Precision::best_for(Device::Cpu) == Precision::Bf16),
        ),
        ("f32 product in GFLOP/s", rate(Precision::F32)?),
        ("bf16 product in GFLOP/s", rate(Precision::Bf16)?),
        of_gpu,
    ])
}

#[cfg(not(feature = "neural"))]
fn tensor_facts() -> anyhow::Result<Vec<(&'static str, Value)>> {
    Ok(vec![("libtorch", json!("not built in (feature neural)"))])
}

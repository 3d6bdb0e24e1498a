//! `eras generate`.

use corpus::Codec;
use harness::Sampling;

use crate::args::GenerateOptions;
use crate::eras;
use crate::output::{say, usage};

pub(crate) fn run(options: GenerateOptions) -> anyhow::Result<()> {
    let GenerateOptions {
        temperature,
        top_k,
        top_p,
        seed,
        ..
    } = options;
    let how = Sampling {
        temperature,
        top_k,
        top_p,
        seed,
    };
    how.validate().map_err(|error| usage(error.to_string()))?;
    let (_, model) = eras::open(&options.model)?;
    let codec = Codec::open(&options.model)?;
    let prompt = codec.encode(&options.prompt)?;
    let written = model.generate(&prompt, options.length, None, how)?;
    let whole: Vec<u32> = prompt.into_iter().chain(written).collect();
    say(codec.decode(&whole)?.trim_end())
}

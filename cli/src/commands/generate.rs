//! `eras generate`.

use harness::Sampling;

use crate::args::GenerateOptions;
use crate::models::open_text;
use crate::output::{say, usage};
use crate::progress::Bar;

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
    let (_, text) = open_text(&options.model)?;
    let context = text.context(&options.prompt)?;
    let mut bar = Bar::new(&options.model.display().to_string());
    bar.show("writing");
    let written = text.model.generate(&context, options.length, None, how)?;
    drop(bar);
    let whole: Vec<u32> = context.into_iter().skip(1).chain(written).collect();
    say(text.codec.decode(&whole)?.trim_end())
}

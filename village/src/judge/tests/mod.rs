//! Tests the judge on replies with known labels: those of the generator, and wrong ones by construction.

mod agreement;
mod cases;
mod sampler;
mod stories;

use std::sync::LazyLock;

use super::*;
use crate::settings::Settings;

static VILLAGE: LazyLock<Village> =
    LazyLock::new(|| Village::new(&Settings::default()).expect("the default is valid"));
static JUDGE: LazyLock<VillageJudge> = LazyLock::new(|| VillageJudge::new(VILLAGE.clone()));

fn sensible(turns: &[String], reply: &str) -> bool {
    let turns: Vec<&str> = turns.iter().map(String::as_str).collect();
    JUDGE.is_sensible(&turns, reply)
}

fn specific(turns: &[String], reply: &str) -> bool {
    let turns: Vec<&str> = turns.iter().map(String::as_str).collect();
    JUDGE.is_specific(&turns, reply)
}

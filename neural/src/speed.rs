//! Training speed on random tokens, measured by the examples of the eras for comparison with other programs.

use std::fmt;
use std::ops::ControlFlow;
use std::time::Instant;

use corpus::TokenId;
use harness::{Budget, CurvePoint, Progress, Training};
use serde::{Serialize, de::DeserializeOwned};

use crate::compute_config::ComputeConfig;
use crate::error::Result;
use crate::probe;

/// A speed measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct SpeedTest {
    /// V.
    pub vocab_size: usize,
    /// Number of training steps.
    pub steps: u64,
    /// Name of a preset of the era.
    pub preset: Option<String>,
    /// Settings that override those of the preset, as TOML: `batch_size=4`, `compute.threads=1`.
    pub sets: Vec<String>,
}

/// Uncounted steps at the start.
const WARM_UP: usize = 3;

impl SpeedTest {
    /// Reads `[--preset NAME] [--set TOML]… [--vocabulary V] [--steps N]`.
    ///
    /// # Errors
    /// A message about an unknown or invalid argument.
    pub fn parse(
        mut arguments: impl Iterator<Item = String>,
    ) -> std::result::Result<SpeedTest, String> {
        let mut test = SpeedTest {
            vocab_size: 10_000,
            steps: 16,
            preset: None,
            sets: Vec::new(),
        };
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .ok_or(format!("{name}: a value is missing"))?;
            let number = || {
                value
                    .parse::<u64>()
                    .map_err(|error| format!("{name} {value}: {error}"))
            };
            match name.as_str() {
                "--vocabulary" => test.vocab_size = number()?.max(1) as usize,
                "--steps" => test.steps = number()?.max(WARM_UP as u64 + 2),
                "--preset" => test.preset = Some(value),
                "--set" => test.sets.push(value),
                _ => {
                    return Err(format!(
                        "{name}: must be --preset, --set, --vocabulary or --steps"
                    ));
                }
            }
        }
        Ok(test)
    }

    /// A configuration with the overrides of this test.
    ///
    /// # Errors
    /// A message about an unknown or invalid setting.
    pub fn adjust<C: Serialize + DeserializeOwned>(
        &self,
        config: &C,
    ) -> std::result::Result<C, String> {
        let mut table = toml::Table::try_from(config).map_err(|error| error.to_string())?;
        for set in &self.sets {
            let given: toml::Table = toml::from_str(set).map_err(|error| error.to_string())?;
            merge(&mut table, given);
        }
        table.try_into().map_err(|error| error.to_string())
    }

    /// Trains on random tokens; `train` returns the number of parameters of the model.
    ///
    /// # Errors
    /// As `train`.
    pub fn measure<E: From<crate::Error>>(
        &self,
        tokens_per_step: u64,
        compute: &ComputeConfig,
        train: impl FnOnce(&[TokenId], &mut Training<'_>) -> std::result::Result<u64, E>,
    ) -> std::result::Result<Speed, E> {
        let next = |token: &u64| Some((token * 1_103_515_245 + 12_345) % 2_147_483_648);
        let random = std::iter::successors(Some(1), next);
        let random = random.map(|number| ((number >> 8) % self.vocab_size as u64) as TokenId);
        let text: Vec<TokenId> = random.take(8 * tokens_per_step as usize).collect();
        let mut clock = Clock::default();
        let mut training = Training::new(&mut clock);
        training.budget = Budget::Tokens(self.steps * tokens_per_step);
        let parameters = train(&text, &mut training)?;
        // A GPU computes asynchronously: the last point of the learning curve waits until all steps are done.
        let counted = &clock.ticks[WARM_UP.min(clock.ticks.len() - 1)..];
        let ended = clock.last_point.unwrap_or(counted[counted.len() - 1]);
        let seconds = (ended - counted[0]).as_secs_f64();
        let steps = (counted.len() - 1).max(1) as f64;
        Ok(Speed::new(
            tokens_per_step as f64 * steps / seconds,
            parameters,
            compute,
        )?)
    }
}

fn merge(table: &mut toml::Table, given: toml::Table) {
    for (key, value) in given {
        match (table.get_mut(&key), value) {
            (Some(toml::Value::Table(inner)), toml::Value::Table(given)) => merge(inner, given),
            (_, value) => drop(table.insert(key, value)),
        }
    }
}

/// Times of all steps and of the last point of the learning curve.
#[derive(Default)]
struct Clock {
    ticks: Vec<Instant>,
    last_point: Option<Instant>,
}

impl Progress for Clock {
    fn point(&mut self, _: &CurvePoint) {
        self.last_point = Some(Instant::now());
    }

    fn tick(&mut self, _: &str, _: u64, _: Option<u64>) -> ControlFlow<()> {
        self.ticks.push(Instant::now());
        ControlFlow::Continue(())
    }
}

/// The measured speed, displayed as one line.
#[derive(Debug, Clone)]
pub struct Speed {
    /// Tokens per second.
    pub rate: f64,
    parameters: u64,
    /// Rate of matrix products in GFLOP/s.
    matmul_rate: f64,
    compute: ComputeConfig,
    memory: u64,
}

impl Speed {
    fn new(rate: f64, parameters: u64, compute: &ComputeConfig) -> Result<Speed> {
        let memory = harness::peak_memory().unwrap_or(0);
        Ok(Speed {
            rate,
            parameters,
            matmul_rate: probe::matmul_gflops(compute.device, compute.precision())?,
            compute: compute.resolve(),
            memory,
        })
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let achieved = 6.0 * self.parameters as f64 * self.rate / 1e9;
        write!(
            f,
            "{}, {} threads: {:.0} tokens/s, {:.1} M parameters, {achieved:.0} GFLOP/s (6ND), {:.0} % of the rate of \
             matrix products, peak memory {} MiB",
            self.compute.precision(),
            self.compute.threads,
            self.rate,
            self.parameters as f64 / 1e6,
            100.0 * achieved / self.matmul_rate,
            self.memory >> 20
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_overridden_one_by_one() {
        let arguments = [
            "--set",
            "threads=3",
            "--set",
            "precision=\"f32\"",
            "--steps",
            "9",
        ];
        let test = SpeedTest::parse(arguments.into_iter().map(str::to_owned)).unwrap();
        assert_eq!(test.steps, 9);
        let adjusted = test.adjust(&ComputeConfig::default()).unwrap();
        assert_eq!(adjusted.threads, 3);
        assert_eq!(adjusted.precision, Some(crate::Precision::F32));
        let wrong = |text: &str| SpeedTest::parse(text.split(' ').map(str::to_owned)).is_err();
        assert!(wrong("--set") && wrong("--speed 3") && wrong("--steps x"));
    }
}

//! The machine of a run, and its memory use.

use std::fs;
use std::thread;

use crate::records::Machine;

impl Machine {
    /// This machine, as far as the operating system reports it.
    pub fn this() -> Machine {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = cpuinfo.lines().find(|line| line.starts_with("model name"));
        let processor = processor
            .and_then(|line| line.split_once(": "))
            .map(|(_, name)| name.to_owned());
        Machine {
            processor: processor.unwrap_or_else(|| "unknown".to_owned()),
            threads: rayon::current_num_threads(),
            memory: kibibytes("/proc/meminfo", "MemTotal:"),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// Cores that this process may use, at least one: those it is bound to, and no more than the processor time that its control groups
/// allow, rounded down. A container with `--cpus=1.5` has one, because a second thread would have to wait half of the time.
pub fn usable_cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Resets the peak of resident memory, so that the next entry's can be measured; no effect outside Linux.
pub fn reset_peak_memory() {
    // Only Linux has the file; elsewhere no peak is reported.
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// Available memory in bytes, if the system reports it.
pub fn available_memory() -> Option<u64> {
    kibibytes("/proc/meminfo", "MemAvailable:")
}

/// Largest resident memory since the last reset, in bytes.
pub fn peak_memory() -> Option<u64> {
    kibibytes("/proc/self/status", "VmHWM:")
}

fn kibibytes(file: &str, key: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()
        .map(|kibibytes| kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usable_cores_are_among_those_that_the_process_is_bound_to() {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let list = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
            .unwrap();
        // Ranges such as `0-3,8`.
        let length = |range: &str| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            last.parse::<usize>().unwrap() - first.parse::<usize>().unwrap() + 1
        };
        let bound: usize = list.trim().split(',').map(length).sum();
        let usable = usable_cores();
        assert!((1..=bound).contains(&usable), "{usable} of {bound}");
    }
}

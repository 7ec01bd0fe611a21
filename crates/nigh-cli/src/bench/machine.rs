//! What this machine has: CPU, cores, load; today's date.

use std::time::{SystemTime, UNIX_EPOCH};

/// The name of a CPU that the system does not tell.
const UNKNOWN: &str = "unknown CPU";

/// Returns the name of the CPU, as the system tells it.
pub fn cpu() -> String {
    let name = read_name().map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "));
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| format!("{UNKNOWN} ({})", std::env::consts::ARCH))
}

#[cfg(target_os = "linux")]
fn read_name() -> Option<String> {
    name_in(&std::fs::read_to_string("/proc/cpuinfo").ok()?)
}

#[cfg(target_vendor = "apple")]
fn read_name() -> Option<String> {
    let asked =
        std::process::Command::new("/usr/sbin/sysctl").args(["-n", "machdep.cpu.brand_string"]).output().ok()?;
    asked.status.success().then(|| String::from_utf8_lossy(&asked.stdout).into_owned())
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn read_name() -> Option<String> {
    None
}

/// Returns the name in Linux's list of CPUs: the line is called "model name" on x86 and "Model" or "Hardware" on ARM boards.
#[cfg(any(target_os = "linux", test))]
fn name_in(list: &str) -> Option<String> {
    ["model name", "Model", "Hardware"].into_iter().find_map(|wanted| {
        let fields = list.lines().filter_map(|line| line.split_once(':'));
        let mut values = fields.filter(|(name, _)| name.trim() == wanted).map(|(_, value)| value.trim());
        values.find(|value| !value.is_empty()).map(str::to_owned)
    })
}

/// Returns the number of cores that this process may use, by CPU affinity and cgroup quotas.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Returns the number of cores of the machine, or those of this process if the system does not tell it.
pub fn all_cores() -> usize {
    // Only Linux has this file.
    let list = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    list.lines().filter(|line| line.starts_with("processor")).count().max(cores())
}

/// Returns the load average of the last minute on the whole machine: the mean number of threads that wanted a core. `None` if the system
/// does not tell it; only Linux has this file.
pub fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split(' ').next()?.parse().ok()
}

/// Returns today's date in UTC, as 2026-11-29.
pub fn today() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (year, month, day) = date(since / 86_400);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Returns year, month and day of a number of days since 1970-01-01, by the Gregorian calendar.
fn date(mut days: u64) -> (u64, u64, u64) {
    let is_leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let mut month = 1;
    for length in [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_the_calendar() {
        for (days, expected) in [
            (0, (1970, 1, 1)),
            (58, (1970, 2, 28)),
            (789, (1972, 2, 29)),
            (11_016, (2000, 2, 29)),
            (20_786, (2026, 11, 29)),
            (47_540, (2100, 2, 28)),
            (47_541, (2100, 3, 1)),
        ] {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn cpu_name_is_found_on_x86_and_on_boards() {
        let pc = "processor\t: 0\nmodel\t\t: 158\nmodel name\t: Intel(R) Core(TM) i7\nprocessor\t: 1\n";
        assert_eq!(name_in(pc).as_deref(), Some("Intel(R) Core(TM) i7"));
        let board = "processor\t: 0\nCPU part\t: 0xd08\n\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 4\n";
        assert_eq!(name_in(board).as_deref(), Some("Raspberry Pi 4"));
        assert_eq!(name_in("processor\t: 0\nCPU part\t: 0xd0c\n"), None);
        assert!(!cpu().is_empty() && cores() > 0);
    }
}

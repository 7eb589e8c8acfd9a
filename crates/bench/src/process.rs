//! Processor time and memory of other processes, as Linux tells them under `/proc`.

use std::fs;

use anyhow::{Context, Result};

/// Clock ticks per second of `/proc/<pid>/stat` on every Linux that we know.
const TICKS_PER_SEC: f64 = 100.0;

/// The processor time of a process that has no children, in seconds.
pub(crate) fn cpu_secs(pid: u32) -> Result<f64> {
    let stat = Stat::read(pid)?;
    Ok(stat.own_ticks / TICKS_PER_SEC)
}

/// The processor time of a process and of all its children, those included that have ended.
pub(crate) fn family_cpu_secs(parent: u32) -> Result<f64> {
    let stat = Stat::read(parent)?;
    let mut ticks = stat.own_ticks + stat.ended_children_ticks;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(pid) = name.to_str().and_then(|it| it.parse().ok()) else {
            continue;
        };
        // A process may end while we look; its time is then in its parent's sum next time.
        if let Ok(child) = Stat::read(pid)
            && child.parent == parent
        {
            ticks += child.own_ticks + child.ended_children_ticks;
        }
    }
    Ok(ticks / TICKS_PER_SEC)
}

/// The memory that a process holds, in megabytes.
pub(crate) fn memory_mb(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|it| it.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kilobytes / 1024.0)
}

struct Stat {
    parent: u32,
    own_ticks: f64,
    ended_children_ticks: f64,
}

impl Stat {
    fn read(pid: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        Self::parse(&text).with_context(|| format!("cannot understand /proc/{pid}/stat"))
    }

    fn parse(text: &str) -> Option<Self> {
        // The name in parentheses may hold anything, so the fields are counted from behind it.
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own_ticks: ticks(11)? + ticks(12)?,
            ended_children_ticks: ticks(13)? + ticks(14)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Stat;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let stat = Stat::parse("7 (a ) b) S 3 7 7 0 -1 4194560 9 9 0 0 150 50 7 3 20 0 1").unwrap();

        assert_eq!(stat.parent, 3);
        assert!((stat.own_ticks - 200.0).abs() < f64::EPSILON);
        assert!((stat.ended_children_ticks - 10.0).abs() < f64::EPSILON);
    }
}

//! The inputs that a target starts with: one a line in `crates/fuzz/seeds/<target>.txt`.
//!
//! `\n` is a line break, `\\` a backslash, `\x00` any other byte; a line that starts with `#` is a
//! comment. Below the line [`FOUND`] stands what `--keep` wrote.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::build::Targets;
use super::folder;
use crate::workspace;

/// What follows was found by the fuzzer.
const FOUND: &str = "# Found by `cargo xtask fuzz --keep`, minimised.";
/// Most inputs that are kept of what was found: the longest ones, which reach deepest.
const KEPT_MAX: usize = 100;
/// Longest input that is kept, in bytes.
const KEPT_BYTES_MAX: usize = 400;

fn seeds(target: &str) -> PathBuf {
    workspace::root().join(format!("crates/fuzz/seeds/{target}.txt"))
}

/// The words that a target's inputs are made of, if somebody wrote them down.
pub(super) fn dictionary(target: &str) -> Option<PathBuf> {
    let path = workspace::root().join(format!("crates/fuzz/seeds/{target}.dict"));
    path.is_file().then_some(path)
}

/// The folder of a target's inputs, one file each; it grows from run to run.
pub(super) fn corpus(target: &str) -> Result<PathBuf> {
    Ok(folder()?.join("corpus").join(target))
}

/// Writes the seeds into the corpus.
pub(super) fn unpack(target: &str) -> Result<()> {
    let corpus = corpus(target)?;
    fs::create_dir_all(&corpus)?;
    let text = fs::read_to_string(seeds(target)).unwrap_or_default();
    let lines = text.lines().filter(|it| !it.starts_with('#'));
    for (index, line) in lines.enumerate() {
        let input = unescaped(line).with_context(|| format!("{target}, seed {index}: {line}"))?;
        fs::write(corpus.join(format!("seed-{index:04}")), input)?;
    }
    Ok(())
}

/// Makes seeds of what a target's corpus has that the hand-written ones do not reach.
pub(super) fn keep(targets: &Targets, target: &str) -> Result<()> {
    let least = folder()?.join("least").join(target);
    // What an earlier run left there would be kept for ever.
    fs::remove_dir_all(&least).ok();
    fs::create_dir_all(&least)?;
    let merged = Command::new(targets.program(target))
        // Counting how often an edge is passed would keep some thousands of inputs.
        .args(["-merge=1", "-set_cover_merge=1", "-use_counters=0"])
        .arg(&least)
        .arg(corpus(target)?)
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !merged.success() {
        bail!("the corpus of `{target}` cannot be merged");
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(&least)? {
        found.push(fs::read(entry?.path())?);
    }
    let all = found.len();
    found.retain(|it| it.len() <= KEPT_BYTES_MAX);
    found.sort_by_key(|it| (it.len(), it.clone()));
    let surplus = found.len().saturating_sub(KEPT_MAX);
    found.drain(..surplus);
    let lines: Vec<String> = found.iter().map(|it| escaped(it)).collect();
    println!("{target}: {all} inputs, {} kept", lines.len());
    write(target, &lines)
}

fn write(target: &str, found: &[String]) -> Result<()> {
    let path = seeds(target);
    let before = fs::read_to_string(&path).unwrap_or_default();
    let by_hand = before.split(FOUND).next().unwrap_or_default();
    let known: Vec<&str> = by_hand.lines().collect();
    let mut text = format!("{by_hand}{FOUND}\n");
    for line in found.iter().filter(|it| !known.contains(&it.as_str())) {
        text.push_str(line);
        text.push('\n');
    }
    fs::write(path, text)?;
    Ok(())
}

fn escaped(input: &[u8]) -> String {
    let mut text = String::new();
    for (index, byte) in input.iter().enumerate() {
        match byte {
            b'\n' => text.push_str("\\n"),
            b'\\' => text.push_str("\\\\"),
            b'#' if index == 0 => text.push_str("\\x23"),
            b' '..=b'~' => text.push(char::from(*byte)),
            other => text.push_str(&format!("\\x{other:02x}")),
        }
    }
    text
}

fn unescaped(line: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut rest) = (Vec::new(), line.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (kind, after) = rest.split_first()?;
        rest = after;
        match kind {
            b'n' => bytes.push(b'\n'),
            b'\\' => bytes.push(b'\\'),
            b'x' => {
                let (digits, after) = rest.split_at_checked(2)?;
                let digits = std::str::from_utf8(digits).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = after;
            }
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{escaped, seeds, unescaped};
    use crate::fuzz::TARGETS;

    #[test]
    fn any_input_comes_back_from_its_line() {
        let input: Vec<u8> = (0..=255).collect();

        assert_eq!(unescaped(&escaped(&input)), Some(input));
        assert_eq!(escaped(b"#a\n"), "\\x23a\\n");
        assert_eq!(unescaped("\\q"), None);
        assert_eq!(unescaped("\\x1"), None);
    }

    #[test]
    fn every_seed_of_the_tree_can_be_read() {
        for target in TARGETS {
            let text = std::fs::read_to_string(seeds(target)).unwrap();
            for line in text.lines().filter(|it| !it.starts_with('#')) {
                assert!(unescaped(line).is_some(), "{target}: {line}");
            }
        }
    }
}

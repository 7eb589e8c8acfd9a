//! Two texts line by line: for eyes, and as a patch that `git apply` takes.

use std::fmt::Write as _;

/// Lines around a change that are shown as well.
const CONTEXT: usize = 3;
/// Most lines whose order is compared; longer middles are shown as taken out and put in.
const LINES_MAX: usize = 4_000;

/// A line, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'t> {
    Same(&'t str),
    Removed(&'t str),
    Added(&'t str),
}

/// Lines that belong together, with where they begin in both texts, from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hunk<'t> {
    pub(crate) old: usize,
    pub(crate) new: usize,
    pub(crate) lines: Vec<Line<'t>>,
}

/// The places where two texts differ.
pub(crate) fn hunks<'t>(old: &'t str, new: &'t str) -> Vec<Hunk<'t>> {
    let all = compare(&split(old), &split(new));
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for (index, line) in all.iter().enumerate() {
        if matches!(line, Line::Same(_)) {
            continue;
        }
        let (from, to) = (
            index.saturating_sub(CONTEXT),
            (index + CONTEXT + 1).min(all.len()),
        );
        match ranges.last_mut() {
            Some((_, end)) if from <= *end => *end = to,
            _ => ranges.push((from, to)),
        }
    }
    let hunk = |(from, to): (usize, usize)| {
        let before = &all[..from];
        let count = |is: fn(&&Line<'_>) -> bool| before.iter().filter(is).count() + 1;
        Hunk {
            old: count(|it| !matches!(it, Line::Added(_))),
            new: count(|it| !matches!(it, Line::Removed(_))),
            lines: all[from..to].to_vec(),
        }
    };
    ranges.into_iter().map(hunk).collect()
}

fn split(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// The whole of both texts: what they begin and end with alike, and in between the longest common
/// sequence.
fn compare<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let ends = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let (old_middle, new_middle) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut all: Vec<_> = old[..start].iter().map(|it| Line::Same(it)).collect();
    all.extend(middle(old_middle, new_middle));
    all.extend(old[old.len() - end..].iter().map(|it| Line::Same(it)));
    all
}

fn middle<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let removed = |it: &&'t str| Line::Removed(it);
    let added = |it: &&'t str| Line::Added(it);
    if old.len().saturating_mul(new.len()) > LINES_MAX * LINES_MAX / 4 {
        return old
            .iter()
            .map(removed)
            .chain(new.iter().map(added))
            .collect();
    }
    // `longest[i][j]`: of the lines from i and from j on.
    let width = new.len() + 1;
    let mut longest = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i * width + j] = match old[i] == new[j] {
                true => longest[(i + 1) * width + j + 1] + 1,
                false => longest[(i + 1) * width + j].max(longest[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j, mut all) = (0, 0, Vec::new());
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            all.push(Line::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            all.push(Line::Removed(old[i]));
            i += 1;
        } else {
            all.push(Line::Added(new[j]));
            j += 1;
        }
    }
    all.extend(old[i..].iter().map(removed));
    all.extend(new[j..].iter().map(added));
    all
}

/// A patch for a file of the project.
pub(crate) fn patch(path: &str, old: Option<&str>, new: &str) -> String {
    let is_new = old.is_none();
    let old = old.unwrap_or_default();
    let before = if is_new {
        "/dev/null".to_owned()
    } else {
        format!("a/{path}")
    };
    let mut text = format!("--- {before}\n+++ b/{path}\n");
    for hunk in hunks(old, new) {
        let count = |is: fn(&Line<'_>) -> bool| hunk.lines.iter().filter(|it| is(it)).count();
        let (olds, news) = (
            count(|it| !matches!(it, Line::Added(_))),
            count(|it| !matches!(it, Line::Removed(_))),
        );
        let from = if olds == 0 { 0 } else { hunk.old };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "@@ -{from},{olds} +{},{news} @@", hunk.new);
        for line in &hunk.lines {
            let _ = match line {
                Line::Same(it) => writeln!(text, " {it}"),
                Line::Removed(it) => writeln!(text, "-{it}"),
                Line::Added(it) => writeln!(text, "+{it}"),
            };
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_changes_stand_apart_and_near_ones_together() {
        let old: String = (1..=30).map(|it| format!("{it}\n")).collect();
        let new = old
            .replace("\n5\n", "\nfive\n")
            .replace("\n8\n", "\n")
            .replace("\n25\n", "\n25\nx\n");

        let found = hunks(&old, &new);

        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].old, found[0].new), (2, 2));
        assert!(found[0].lines.contains(&Line::Removed("8")));
        assert_eq!((found[1].old, found[1].new), (23, 22));
        assert_eq!(
            found[1].lines,
            [
                Line::Same("23"),
                Line::Same("24"),
                Line::Same("25"),
                Line::Added("x"),
                Line::Same("26"),
                Line::Same("27"),
                Line::Same("28"),
            ]
        );
    }

    #[test]
    fn equal_texts_have_no_hunk_and_a_new_file_is_one() {
        assert!(hunks("a\nb\n", "a\nb\n").is_empty());
        let patch = patch("policies/a.toml", None, "a\nb\n");
        assert_eq!(
            patch,
            "--- /dev/null\n+++ b/policies/a.toml\n@@ -0,0 +1,2 @@\n+a\n+b\n"
        );
    }

    #[test]
    fn a_patch_counts_its_lines() {
        let patch = patch("policies/a.toml", Some("a\nb\nc\n"), "a\nx\nc\n");
        assert_eq!(
            patch,
            "--- a/policies/a.toml\n+++ b/policies/a.toml\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"
        );
    }
}

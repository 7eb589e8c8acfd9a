//! The name that a misspelt one probably meant.

use std::collections::HashSet;

/// Finds the candidate most like `name`, if any is alike enough to be worth saying.
///
/// Only pass names that the caller may see: a hint must not tell of a hidden one.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const ALIKE_ENOUGH: f64 = 0.75;
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= ALIKE_ENOUGH)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

/// Longer names are no slips, and comparing them takes its time.
const NAME_BYTES_MAX: usize = 512;

/// How alike a hint of the dialect must be: a table, and everything else.
pub const TABLE_LIKENESS: f64 = 0.75;
/// See [`TABLE_LIKENESS`].
pub const OTHER_LIKENESS: f64 = 0.33;

/// Finds the candidate that the dialect's hints would name, of those that are `least` alike.
///
/// COMPAT(postgrest 14): names count as alike when they share three letters in a row, or two where
/// none shares three; the likeness is that of Levenshtein, over the longer name's length.
///
/// Only pass names that the caller may see: a hint must not tell of a hidden one.
pub fn likest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
    least: f64,
) -> Option<&'a str> {
    if name.len() > NAME_BYTES_MAX {
        return None;
    }
    let name = name.to_lowercase();
    let candidates: Vec<&str> = candidates.into_iter().collect();
    [3, 2].into_iter().find_map(|length| {
        let own = grams(&name, length);
        let mut best: Option<(f64, &str)> = None;
        for candidate in &candidates {
            let lower = candidate.to_lowercase();
            if grams(&lower, length).is_disjoint(&own) {
                continue;
            }
            let likeness = strsim::normalized_levenshtein(&name, &lower);
            if likeness >= least && best.is_none_or(|(most, _)| likeness > most) {
                best = Some((likeness, candidate));
            }
        }
        best.map(|(_, candidate)| candidate)
    })
}

/// The runs of so many letters, dashes standing before and after.
fn grams(text: &str, length: usize) -> HashSet<Vec<char>> {
    let is_part = |it: &char| it.is_alphanumeric() || matches!(it, ',' | ' ');
    let letters: Vec<char> = std::iter::once('-')
        .chain(text.chars().filter(is_part))
        .chain(std::iter::once('-'))
        .collect();
    letters.windows(length).map(<[char]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::{OTHER_LIKENESS, TABLE_LIKENESS, likest, nearest};

    #[test]
    fn hints_are_those_of_the_dialect() {
        let tables = ["notes", "note_tags", "people"];
        assert_eq!(likest("nots", tables, TABLE_LIKENESS), Some("notes"));
        assert_eq!(likest("NOTES", tables, TABLE_LIKENESS), Some("notes"));
        assert_eq!(likest("nothing", tables, TABLE_LIKENESS), None);
        assert_eq!(likest("nothing", tables, OTHER_LIKENESS), Some("note_tags"));
        assert_eq!(likest("xyz", tables, OTHER_LIKENESS), None);
        let lists = ["(a, b)", "(limit, query)"];
        assert_eq!(likest("(a, c)", lists, OTHER_LIKENESS), Some("(a, b)"));
        assert_eq!(likest("(x)", lists, OTHER_LIKENESS), None);
    }

    #[test]
    fn finds_a_slip_of_the_finger() {
        assert_eq!(
            nearest("ower_id", ["id", "owner_id", "title"]),
            Some("owner_id")
        );
    }

    #[test]
    fn is_silent_when_nothing_is_alike() {
        assert_eq!(nearest("zzz", ["id", "owner_id"]), None);
    }
}

//! The name that a misspelt one probably meant.

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

#[cfg(test)]
mod tests {
    use super::nearest;

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

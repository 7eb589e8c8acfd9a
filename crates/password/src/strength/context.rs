//! Words that are easy to guess for this account or site: its address, its names.

/// Shorter words occur in too many good passwords.
const WORD_CHARS_MIN: usize = 4;
/// Longer words are cut, so that an endless user name costs nothing.
const WORD_CHARS_MAX: usize = 64;
/// Most words that are looked at.
const WORDS_MAX: usize = 32;
/// What must be left of a password without its context words: `name2024!` is not enough.
pub(super) const REST_CHARS_MIN: usize = 6;

/// The words of site and account in lower case, longest first.
pub(super) fn words(site: &[String], account: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = account
        .iter()
        .copied()
        .chain(site.iter().map(String::as_str))
        .flat_map(|text| text.split(|char: char| !char.is_alphanumeric()))
        .map(|word| {
            word.chars()
                .take(WORD_CHARS_MAX)
                .collect::<String>()
                .to_lowercase()
        })
        .filter(|word| word.chars().count() >= WORD_CHARS_MIN)
        .take(WORDS_MAX)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

/// Whether hardly anything is left of the password without these words.
pub(super) fn is_most_of(password: &str, words: &[String]) -> bool {
    let whole = password.to_lowercase();
    let rest = words
        .iter()
        .fold(whole.clone(), |rest, word| rest.replace(word, ""));
    rest.len() < whole.len() && rest.chars().count() < REST_CHARS_MIN
}

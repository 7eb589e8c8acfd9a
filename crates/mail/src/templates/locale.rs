//! Names of locales, and in which order they stand in for each other.

use super::DEFAULT_LOCALE;

/// Longest name of a locale in bytes.
const LOCALE_BYTES_MAX: usize = 35;

/// The locale in lower case with dashes, or none when it is not written like one.
pub(super) fn normalise(locale: &str) -> Option<String> {
    let subtag = |it: &str| {
        (1..=8).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let locale = locale.replace('_', "-");
    let mut subtags = locale.split('-');
    let language = subtags.next()?;
    let is_language =
        (2..=3).contains(&language.len()) && language.bytes().all(|it| it.is_ascii_alphabetic());
    (is_language && locale.len() <= LOCALE_BYTES_MAX && subtags.all(subtag))
        .then(|| locale.to_ascii_lowercase())
}

/// The locale, then ever less of it, then the default; what is no locale is the default.
pub(super) fn chain(locale: &str) -> Vec<String> {
    let mut chain = Vec::new();
    let mut rest = normalise(locale).unwrap_or_default();
    while !rest.is_empty() {
        chain.push(rest.clone());
        rest.truncate(rest.rfind('-').unwrap_or(0));
    }
    if !chain.iter().any(|it| it == DEFAULT_LOCALE) {
        chain.push(DEFAULT_LOCALE.to_owned());
    }
    chain
}

#[cfg(test)]
mod tests {
    use super::chain;

    #[test]
    fn less_and_less_of_a_locale_is_tried() {
        assert_eq!(chain("de-AT"), ["de-at", "de", "en"]);
        assert_eq!(chain("zh_Hant_TW"), ["zh-hant-tw", "zh-hant", "zh", "en"]);
        assert_eq!(chain("en-GB"), ["en-gb", "en"]);
    }

    #[test]
    fn what_is_no_locale_is_the_default() {
        for locale in [
            "",
            "d",
            "../../etc",
            "de/..",
            "de-",
            "1234",
            "de-abcdefghi",
            "ä",
        ] {
            assert_eq!(chain(locale), ["en"], "{locale:?}");
        }
    }
}

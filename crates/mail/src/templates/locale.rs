//! Names of locales, and in which order they stand in for each other.

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

/// The locale, then ever less of it; nothing for what is no locale.
pub(super) fn parents(locale: &str) -> impl Iterator<Item = String> {
    let shorter = |it: &String| it.rfind('-').map(|end| it[..end].to_owned());
    std::iter::successors(normalise(locale), shorter)
}

#[cfg(test)]
mod tests {
    use super::parents;

    fn listed(locale: &str) -> Vec<String> {
        parents(locale).collect()
    }

    #[test]
    fn less_and_less_of_a_locale_is_tried() {
        assert_eq!(listed("de-AT"), ["de-at", "de"]);
        assert_eq!(listed("zh_Hant_TW"), ["zh-hant-tw", "zh-hant", "zh"]);
        assert_eq!(listed("en"), ["en"]);
    }

    #[test]
    fn what_is_no_locale_is_nothing() {
        for locale in [
            "",
            "d",
            "../../etc",
            "de/..",
            "de-",
            "1234",
            "de-abcdefghi",
            "ä",
            "*",
            "de;q=1",
        ] {
            assert_eq!(listed(locale), Vec::<String>::new(), "{locale:?}");
        }
    }
}

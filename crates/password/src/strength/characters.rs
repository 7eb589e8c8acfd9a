//! Required kinds of characters, as Supabase's `required_characters` configures them.

/// A kind of character that a password may have to contain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CharacterClass {
    /// A lower-case letter of any script.
    Lower,
    /// An upper-case letter of any script.
    Upper,
    /// A letter of any script.
    Letter,
    /// A digit of any script.
    Digit,
    /// Anything that is no letter, no digit and no space.
    Symbol,
    /// One of the characters given.
    OneOf(String),
}

/// How Supabase spells the kinds that we know by name.
const SPELLED: [(&str, CharacterClass); 4] = [
    ("abcdefghijklmnopqrstuvwxyz", CharacterClass::Lower),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", CharacterClass::Upper),
    (
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        CharacterClass::Letter,
    ),
    ("0123456789", CharacterClass::Digit),
];

impl CharacterClass {
    /// Reads a configured list: a name of Supabase's, or sets of characters with `:` between.
    ///
    /// Names are `letters_digits`, `lower_upper_letters_digits` and
    /// `lower_upper_letters_digits_symbols`. Within a set, `\:` is a colon. Empty means none.
    pub fn parse_list(text: &str) -> Vec<Self> {
        match text {
            "letters_digits" => vec![Self::Letter, Self::Digit],
            "lower_upper_letters_digits" => vec![Self::Lower, Self::Upper, Self::Digit],
            "lower_upper_letters_digits_symbols" => {
                vec![Self::Lower, Self::Upper, Self::Digit, Self::Symbol]
            }
            sets => split_sets(sets).into_iter().map(Self::of_set).collect(),
        }
    }

    fn of_set(set: String) -> Self {
        SPELLED
            .into_iter()
            .find(|(spelled, _)| *spelled == set)
            .map_or(Self::OneOf(set), |(_, class)| class)
    }

    fn contains(&self, char: char) -> bool {
        match self {
            Self::Lower => char.is_lowercase(),
            Self::Upper => char.is_uppercase(),
            Self::Letter => char.is_alphabetic(),
            Self::Digit => char.is_numeric(),
            Self::Symbol => !char.is_alphanumeric() && !char.is_whitespace(),
            Self::OneOf(set) => set.contains(char),
        }
    }
}

impl std::fmt::Display for CharacterClass {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lower => formatter.write_str("a lower-case letter"),
            Self::Upper => formatter.write_str("an upper-case letter"),
            Self::Letter => formatter.write_str("a letter"),
            Self::Digit => formatter.write_str("a digit"),
            Self::Symbol => formatter.write_str("a symbol"),
            Self::OneOf(set) => write!(formatter, "one of `{set}`"),
        }
    }
}

/// The required kinds that do not occur.
pub(super) fn missing(password: &str, required: &[CharacterClass]) -> Vec<CharacterClass> {
    required
        .iter()
        .filter(|class| !password.chars().any(|char| class.contains(char)))
        .cloned()
        .collect()
}

/// The kinds as one phrase.
pub(super) fn list(classes: &[CharacterClass]) -> String {
    let names: Vec<String> = classes.iter().map(ToString::to_string).collect();
    names.join(", ")
}

fn split_sets(text: &str) -> Vec<String> {
    let mut sets = vec![String::new()];
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        match (char, sets.last_mut()) {
            (':', _) => sets.push(String::new()),
            ('\\', Some(set)) => set.push(chars.next_if_eq(&':').unwrap_or('\\')),
            (other, Some(set)) => set.push(other),
            (_, None) => {}
        }
    }
    sets.retain(|set| !set.is_empty());
    sets
}

#[cfg(test)]
mod tests {
    use super::CharacterClass::{self, Digit, Letter, Lower, OneOf, Symbol, Upper};

    #[test]
    fn reads_names_and_sets() {
        for (text, expected) in [
            ("", vec![]),
            ("letters_digits", vec![Letter, Digit]),
            (
                "lower_upper_letters_digits_symbols",
                vec![Lower, Upper, Digit, Symbol],
            ),
            ("abcdefghijklmnopqrstuvwxyz:0123456789", vec![Lower, Digit]),
            (
                r"ab\:c::\d",
                vec![OneOf("ab:c".to_owned()), OneOf(r"\d".to_owned())],
            ),
        ] {
            assert_eq!(CharacterClass::parse_list(text), expected, "{text}");
        }
    }
}

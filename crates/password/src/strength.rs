//! Is this password good enough? Length first, then lists; no composition rules by default.
//!
//! NIST SP 800-63B-4 and OWASP ASVS 5 (6.1, 6.2): count code points, never cut, refuse known and
//! guessable passwords and words of the context, ask for no kinds of characters. Supabase's
//! `required_characters` is there for those who need it. Nothing here calls out: leaked passwords
//! are [`crate::pwned`], whose finding the caller adds as [`Weakness::Leaked`].

mod characters;
mod context;
mod guess;

pub use characters::CharacterClass;
pub use guess::hint;

use postern_base::Secret;

use crate::caps::PASSWORD_BYTES_MAX;
use crate::prepare::prepare;

/// What a new password must meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Fewest characters, counted as code points.
    pub min_chars: usize,
    /// Most bytes; never more than [`PASSWORD_BYTES_MAX`].
    pub max_bytes: usize,
    /// Kinds of characters that must occur; empty is the recommendation.
    pub required: Vec<CharacterClass>,
    /// Words of the site that no password may consist of, such as its name.
    pub context_words: Vec<String>,
    /// What to do about common passwords and simple patterns.
    pub common: Common,
}

/// Whether the offline list of common passwords counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Common {
    /// A common password is weak.
    Refused,
    /// Common passwords are let through; for tests and imports only.
    Allowed,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            min_chars: 8,
            max_bytes: 1024,
            required: Vec::new(),
            context_words: Vec::new(),
            common: Common::Refused,
        }
    }
}

/// One thing that is wrong with a password; the text says how to do better.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    /// It has too few characters.
    #[error("the password must have at least {chars_min} characters")]
    TooShort {
        /// The fewest allowed.
        chars_min: usize,
    },
    /// It is longer than we hash.
    #[error("the password must have at most {bytes_max} bytes")]
    TooLong {
        /// The most allowed.
        bytes_max: usize,
    },
    /// A required kind of character does not occur.
    #[error("the password must also contain {}", characters::list(missing))]
    MissingCharacters {
        /// The kinds that are missing.
        missing: Vec<CharacterClass>,
    },
    /// It is on the offline list, or one simple pattern.
    #[error("the password is a common one or a simple pattern")]
    Common,
    /// It is little more than a word from the account or the site.
    #[error("the password is little more than the name of the account or the site")]
    Context,
    /// The leak service knows it.
    #[error("the password is known from a data leak")]
    Leaked {
        /// How often it was seen there.
        count: u64,
    },
}

impl Weakness {
    /// The reason on the wire: `length`, `characters` or `pwned`.
    ///
    /// COMPAT(supabase-js 2): clients know these three only, so a guessable password is told as
    /// a known one.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::TooShort { .. } | Self::TooLong { .. } => "length",
            Self::MissingCharacters { .. } => "characters",
            Self::Common | Self::Context | Self::Leaked { .. } => "pwned",
        }
    }
}

/// Everything that is wrong with a new password; empty if it is good enough.
///
/// `context` is what belongs to the account: its mail address, its phone number, its names.
pub fn check(password: &Secret<String>, rules: &Rules, context: &[&str]) -> Vec<Weakness> {
    let bytes_max = rules.max_bytes.min(PASSWORD_BYTES_MAX);
    if password.expose().len() > bytes_max {
        // No look at the rest: it would cost as much as somebody cares to send.
        return vec![Weakness::TooLong { bytes_max }];
    }
    let text = prepare(password.expose());
    let mut found = Vec::new();
    let chars_min = rules.min_chars.max(1);
    if text.chars().count() < chars_min {
        found.push(Weakness::TooShort { chars_min });
    }
    let missing = characters::missing(&text, &rules.required);
    if !missing.is_empty() {
        found.push(Weakness::MissingCharacters { missing });
    }
    let words = context::words(&rules.context_words, context);
    let guess = guess::whole(&text, &words);
    if guess == guess::Whole::Context || context::is_most_of(&text, &words) {
        found.push(Weakness::Context);
    } else if guess == guess::Whole::Common && rules.common == Common::Refused {
        found.push(Weakness::Common);
    }
    found
}

#[cfg(test)]
mod tests;

//! The pure half of the look-up of leaked passwords by k-anonymity.
//!
//! The range interface of Have I Been Pwned is asked for the first five hex digits of the SHA-1
//! of a password and answers with all suffixes that begin so, one `SUFFIX:COUNT` a line; padding
//! lines have the count 0. The service learns neither the password nor whether it was there.
//! SHA-1 is that interface's choice; nothing is stored. The HTTP call belongs to `auth`.

use postern_base::Secret;
use sha1::{Digest, Sha1};

use crate::prepare::prepare;

/// Hex digits that are sent to the service.
const PREFIX_CHARS: usize = 5;

/// What to ask about one password, and what to look for in the answer.
pub struct Lookup {
    prefix: String,
    suffix: Secret<String>,
}

impl Lookup {
    /// Digests the password; only [`Lookup::prefix`] may leave the process.
    pub fn of(password: &Secret<String>) -> Self {
        let digest = Sha1::digest(prepare(password.expose()).as_bytes());
        let mut prefix: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        let suffix = prefix.split_off(PREFIX_CHARS);
        Self {
            prefix,
            suffix: Secret::new(suffix),
        }
    }

    /// The five hex digits, in upper case, that the service is asked for.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// How often the password was leaked, by the service's answer; `None` if it is not there.
    ///
    /// A line that names the password with an unreadable count still is a finding: it counts as
    /// one. The caller bounds the size of the answer.
    pub fn count_in(&self, body: &str) -> Option<u64> {
        body.lines()
            .filter_map(|line| line.trim().split_once(':'))
            .find(|(suffix, _)| suffix.eq_ignore_ascii_case(self.suffix.expose()))
            .map(|(_, count)| count.trim().parse().unwrap_or(1))
            .filter(|count| *count > 0)
    }
}

impl std::fmt::Debug for Lookup {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Lookup(…)")
    }
}

#[cfg(test)]
mod tests {
    use postern_base::Secret;

    use super::Lookup;

    /// SHA-1 of `password` is 5BAA6 1E4C9B93F3F0682250B6CF8331B7EE68FD8.
    fn lookup() -> Lookup {
        Lookup::of(&Secret::new("password".to_owned()))
    }

    #[test]
    fn sends_five_digits_and_shows_no_more() {
        assert_eq!(lookup().prefix(), "5BAA6");
        assert_eq!(format!("{:?}", lookup()), "Lookup(…)");
    }

    #[test]
    fn finds_the_suffix_in_an_answer() {
        let body = "003D68EB55068C33ACE09247EE4C639306B:3\r\n\
                    1E4C9B93F3F0682250B6CF8331B7EE68FD8:9659365\r\n\
                    1E4C9B93F3F0682250B6CF8331B7EE68FD9:2";
        assert_eq!(lookup().count_in(body), Some(9_659_365));
        assert_eq!(lookup().count_in(&body.to_lowercase()), Some(9_659_365));
    }

    #[test]
    fn ignores_padding_and_other_suffixes() {
        for body in [
            "",
            "1E4C9B93F3F0682250B6CF8331B7EE68FD8:0",
            "1E4C9:5\n<html>\n:::",
        ] {
            assert_eq!(lookup().count_in(body), None, "{body}");
        }
    }

    #[test]
    fn an_unreadable_count_is_still_a_finding() {
        let body = "1E4C9B93F3F0682250B6CF8331B7EE68FD8:many";
        assert_eq!(lookup().count_in(body), Some(1));
    }
}

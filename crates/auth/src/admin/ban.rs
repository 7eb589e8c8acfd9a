//! Bans: for a time, or lifted.

use time::{Duration, OffsetDateTime};

use crate::{Error, Result};

/// Longest ban in seconds: a hundred years, which is for ever.
const SECS_MAX: f64 = 100.0 * 365.25 * 86_400.0;

/// What is to become of a user's ban.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ban {
    /// Banned from now on for so long.
    For(Duration),
    /// Banned no longer.
    Lifted,
}

impl Ban {
    /// Reads `none`, or a duration as Go writes it: `24h`, `1h30m`, `1.5h`, `300ms`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self> {
        if text == "none" {
            return Ok(Self::Lifted);
        }
        let refused = || {
            Error::invalid(format!(
                "invalid format for ban duration: {text:?}, use 24h or none"
            ))
        };
        let secs = seconds(text.strip_prefix('+').unwrap_or(text)).ok_or_else(refused)?;
        if !(0.0..=SECS_MAX).contains(&secs) {
            return Err(refused());
        }
        if secs == 0.0 {
            return Ok(Self::Lifted);
        }
        Ok(Self::For(Duration::seconds_f64(secs)))
    }

    /// The end of the ban.
    pub(crate) fn until(self, now: OffsetDateTime) -> Option<OffsetDateTime> {
        match self {
            Self::For(duration) => now.checked_add(duration),
            Self::Lifted => None,
        }
    }
}

/// A sum of numbers with units.
fn seconds(text: &str) -> Option<f64> {
    if text == "0" {
        return Some(0.0);
    }
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|it: char| !it.is_ascii_digit() && it != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest
            .find(|it: char| it.is_ascii_digit() || it == '.')
            .unwrap_or(rest.len());
        sum += number
            * match &rest[..unit] {
                "ns" => 1e-9,
                "us" | "µs" => 1e-6,
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, secs) in [
            ("24h", 86_400.0),
            ("1h30m", 5_400.0),
            ("1.5h", 5_400.0),
            ("300ms", 0.3),
            ("+2s", 2.0),
        ] {
            let expected = Ban::For(Duration::seconds_f64(secs));
            assert_eq!(Ban::parse(text).expect("a duration"), expected, "{text}");
        }
        assert_eq!(Ban::parse("none").expect("none"), Ban::Lifted);
        assert_eq!(Ban::parse("0").expect("nothing"), Ban::Lifted);
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in [
            "",
            "24",
            "h",
            "-24h",
            "1d",
            "1h-2m",
            "..h",
            "9e9h",
            "99999999h",
            "1 h",
        ] {
            assert!(Ban::parse(text).is_err(), "{text}");
        }
    }
}

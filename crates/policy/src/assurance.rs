//! How surely callers must have proven who they are: `assurance = "aal2 within 5m"`.
//!
//! ```text
//! assurance = level [ "within" amount ]
//! level     = "aal1" | "aal2"
//! amount    = digits ( "s" | "m" | "h" | "d" )
//! ```
//! The level is compared with the token's `aal`, the age with the newest entry of its `amr`
//! (Supabase's form: `[{"method":"totp","timestamp":1800000000}]`). Both are decided from the
//! claims alone, before any statement is sent; this crate has no clock, so the time comes in as a
//! value. Whatever is absent or of another form counts as not proven.

use std::fmt;

use postern_base::Claims;
use postern_base::limits::CLOCK_SKEW_SECS;
use serde_json::{Value, json};

/// Longest age that a rule can name, in seconds: a year.
const WITHIN_SECS_MAX: u64 = 365 * 24 * 60 * 60;
/// The units of an age, the largest first.
const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// The authenticator assurance level, by its name in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Signed in, by whatever means.
    Aal1,
    /// Signed in with two factors.
    Aal2,
}

impl Level {
    /// The name in tokens and policy files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aal1 => "aal1",
            Self::Aal2 => "aal2",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        match word {
            "aal1" => Some(Self::Aal1),
            "aal2" => Some(Self::Aal2),
            _ => None,
        }
    }
}

/// What a rule demands of the caller's sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assurance {
    /// The lowest level that will do.
    pub level: Level,
    /// How long ago the caller may have proven it at most, in seconds; any time when absent.
    pub within_secs: Option<u64>,
}

impl Assurance {
    /// Reads the text of a policy file; the error says what was expected.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<_> = text.split_whitespace().collect();
        let (level, within) = match words.as_slice() {
            [level] => (level, None),
            [level, "within", amount] => (level, Some(*amount)),
            _ => return Err("write `aal2`, or `aal2 within 5m`".into()),
        };
        let level = Level::parse(level)
            .ok_or_else(|| "levels are `aal1` (signed in) and `aal2` (two factors)".to_owned())?;
        Ok(Self {
            level,
            within_secs: within.map(seconds).transpose()?,
        })
    }

    /// What satisfies both: the higher level and the shorter time.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            level: self.level.max(other.level),
            within_secs: match (self.within_secs, other.within_secs) {
                (Some(one), Some(two)) => Some(one.min(two)),
                (one, two) => one.or(two),
            },
        }
    }

    /// Whether verified claims satisfy it at this second; without a time nothing is recent.
    ///
    /// # Errors
    /// Says what is needed and what there is.
    pub fn check(&self, claims: &Claims, now: Option<i64>) -> Result<(), Shortfall> {
        let current = level_of(claims);
        let is_recent = match self.within_secs {
            None => true,
            Some(within) => age(claims, now).is_some_and(|age| age <= within),
        };
        if current.is_some_and(|it| it >= self.level) && is_recent {
            Ok(())
        } else {
            Err(Shortfall {
                required: *self,
                current,
            })
        }
    }
}

impl fmt::Display for Assurance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.level.as_str())?;
        let Some(secs) = self.within_secs else {
            return Ok(());
        };
        // The last unit divides everything.
        let (unit, size) = UNITS
            .into_iter()
            .find(|(_, size)| secs % size == 0)
            .unwrap_or(("s", 1));
        write!(formatter, " within {}{unit}", secs / size)
    }
}

/// A sign-in that is not sure or not recent enough; the caller can mend that (step-up).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// What is demanded.
    pub required: Assurance,
    /// The level that the token has, if it has one.
    pub current: Option<Level>,
}

impl Shortfall {
    /// What a client's program acts on, for the body of the refusal.
    pub fn details(&self) -> Value {
        json!({
            "required": self.required.level.as_str(),
            "within_seconds": self.required.within_secs,
            "current": self.current.map(Level::as_str),
            "challenge": match self.required.level {
                Level::Aal1 => "/auth/v1/token",
                Level::Aal2 => "/auth/v1/factors",
            },
        })
    }

    /// What a person does about it.
    pub fn hint(&self) -> &'static str {
        match self.required.level {
            Level::Aal1 => "Sign in again, then repeat the request with the new token.",
            Level::Aal2 => "Verify a second factor, then repeat the request with the new token.",
        }
    }

    /// The `WWW-Authenticate` header of the refusal (RFC 9470).
    pub fn challenge(&self) -> String {
        let level = self.required.level.as_str();
        let mut text =
            format!("Bearer error=\"insufficient_user_authentication\", acr_values=\"{level}\"");
        if let Some(secs) = self.required.within_secs {
            text.push_str(&format!(", max_age={secs}"));
        }
        text
    }
}

impl fmt::Display for Shortfall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "this needs a sign-in of {}", self.required)
    }
}

fn seconds(amount: &str) -> Result<u64, String> {
    let expected =
        || "write the time as a number and a unit: `30s`, `5m`, `12h` or `7d`".to_owned();
    let (size, digits) = UNITS
        .into_iter()
        .find_map(|(unit, size)| Some((size, amount.strip_suffix(unit)?)))
        .ok_or_else(expected)?;
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return Err(expected());
    }
    let secs = digits
        .parse::<u64>()
        .ok()
        .and_then(|it| it.checked_mul(size));
    match secs {
        Some(secs) if (1..=WITHIN_SECS_MAX).contains(&secs) => Ok(secs),
        _ => Err("the time must be at least a second and at most a year".into()),
    }
}

fn level_of(claims: &Claims) -> Option<Level> {
    Level::parse(claims.as_value().get("aal")?.as_str()?)
}

/// The seconds since the newest proof.
///
/// SECURITY: one entry that cannot be read, or that lies in the future by more than clocks may
/// differ, makes the whole list unreadable: who wrote it means something else by it than we do.
fn age(claims: &Claims, now: Option<i64>) -> Option<u64> {
    let now = now?;
    let entries = claims.as_value().get("amr")?.as_array()?;
    let times: Option<Vec<i64>> = entries
        .iter()
        .map(|it| it.get("timestamp")?.as_i64())
        .collect();
    let newest = times?.into_iter().max()?;
    if newest > now.checked_add(CLOCK_SKEW_SECS)? {
        return None;
    }
    // A clock that is a little ahead makes no proof older than none.
    u64::try_from(now.checked_sub(newest)?.max(0)).ok()
}

#[cfg(test)]
mod tests;

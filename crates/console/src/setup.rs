//! The one-time address at which the first admin is made.
//!
//! SECURITY: drawn at each start, printed where the operator looks, good for half an hour, and
//! for as long as there is no admin at all (attack 79). The next start draws another.

use postern_base::Secret;
use postern_vault::SystemRandom;
use time::{Duration, OffsetDateTime};

/// How long the address is good.
const GOOD_FOR: Duration = Duration::minutes(30);
/// Random bytes in it.
const TOKEN_BYTES: usize = 24;

/// The address's secret part.
pub(crate) struct Setup {
    token: Secret<String>,
    until: OffsetDateTime,
}

impl Setup {
    /// Draws it.
    pub(crate) fn new(now: OffsetDateTime) -> Self {
        Self {
            token: Secret::new(postern_vault::token::<TOKEN_BYTES>(&SystemRandom)),
            until: now + GOOD_FOR,
        }
    }

    /// For whoever prints the address.
    pub(crate) fn token(&self) -> &Secret<String> {
        &self.token
    }

    /// Whether somebody came by the address, in time.
    pub(crate) fn admits(&self, token: &str, now: OffsetDateTime) -> bool {
        let is_same = postern_vault::same(self.token.expose().as_bytes(), token.as_bytes());
        is_same && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_good_for_half_an_hour_and_for_nobody_else() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let setup = Setup::new(now);
        let token = setup.token().expose().clone();

        assert!(setup.admits(&token, now + Duration::minutes(29)));
        assert!(!setup.admits(&token, now + Duration::minutes(30)));
        assert!(!setup.admits("", now));
        assert!(!setup.admits(&format!("{token}x"), now));
    }
}

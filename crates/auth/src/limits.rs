//! How often: pauses between letters, failures of an account.

use time::{Duration, OffsetDateTime};

use crate::identifier::Identifier;
use crate::{AuthService, Context, Result};

impl AuthService {
    /// Whether the next mail to an account may go.
    pub(crate) fn mail_pause_is_over(
        &self,
        last: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> bool {
        let pause = Duration::seconds(self.settings.codes.email_pause_secs);
        last.is_none_or(|last| now - last >= pause)
    }

    /// Counts a failed proof against an account, whether it exists or not.
    pub(crate) async fn note_failure(
        &self,
        _identifier: &Identifier,
        _context: &Context,
    ) -> Result<()> {
        Ok(())
    }
}
